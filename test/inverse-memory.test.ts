import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'

/** Resident pages can be counted anew, so that the peak is that of the inversion alone. */
function canMeasure(): boolean {
  try {
    accessSync('/proc/self/clear_refs', constants.W_OK)
    return true
  } catch {
    return false
  }
}

const n = 3000
const matrixBytes = n * n * 8

/** By how many bytes the resident memory of a process rises at most while it inverts. */
function peak(kind: string, mode: string): number {
  const script = `
    import { readFileSync, writeFileSync } from 'node:fs'
    import { invInfoSync, invSync, Matrix } from 'numcore'
    const bytes = (name) => 1024 * parseInt(readFileSync('/proc/self/status', 'utf8').split(name + ':')[1])
    const n = ${n}
    const A = Matrix.random(n, n, { seed: 1, symmetric: '${kind}' !== 'general' })
    if ('${kind}' === 'bunch-kaufman') {
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i < n / 2 === j < n / 2) A.set(i, j, 0)
    }
    if ('${kind}' === 'cholesky') for (let i = 0; i < n; i++) A.set(i, i, n)
    const out = '${mode}' === 'out' ? Matrix.random(n, n, { seed: 2 }) : undefined
    invSync(Matrix.random(300, 300, { seed: 3 }), { threads: 2 }) // threads and libraries are there
    const before = bytes('VmRSS')
    writeFileSync('/proc/self/clear_refs', '5')
    const { method } = invInfoSync(A, { threads: 2, out, overwrite: '${mode}' === 'overwrite' })
    console.log(method, bytes('VmHWM') - before)`
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', script],
    { encoding: 'utf8', timeout: 600_000 },
  )
  assert.equal(status, 0, stderr)
  const [method, rise] = stdout.trim().split(' ')
  assert.equal(method, kind === 'general' ? 'lu' : kind)
  return Number(rise)
}

describe('memory of an inversion', () => {
  for (const kind of ['ldlt', 'cholesky', 'bunch-kaufman', 'general']) {
    for (const mode of ['new', 'out', 'overwrite']) {
      it(`argument, result and a tenth of them at most: ${kind}, ${mode}`, function () {
        if (!canMeasure()) {
          console.log('      the peak cannot be measured without /proc/self/clear_refs: skipped')
          this.skip()
        }
        const own = mode === 'new' ? matrixBytes : 0
        const rise = peak(kind, mode)
        assert.ok(rise <= own + 0.1 * 2 * matrixBytes, `${rise / matrixBytes} matrices`)
      })
    }
  }
})
