// Peers in the same run: those that are installed here take part, the others are named.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Report, TaskReport } from 'numcore/scaling'
import { command } from './internal.js'

const sizes = ['--size', '40', '--bins', '1e4', '--points', '4096', '--text']
const options = ['--threads', '1', '--repeats', '2', '--no-roofs', '--json']

function scaling(args: readonly string[], cwd: string, environment: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'scaling', ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 800_000,
    cwd,
    env: { ...process.env, ...environment },
  })
  assert.ok(stdout.startsWith('{'), `${status}: ${stderr}`)
  return { status, stderr, tasks: (JSON.parse(stdout) as Report).tasks }
}

const measured = (tasks: readonly TaskReport[], peer: string) =>
  tasks.filter(({ peers }) => peers.some(({ name }) => name === peer)).map(({ task }) => task)
const without = (tasks: readonly TaskReport[], peer: string) =>
  tasks.flatMap(({ missing }) => missing.filter(({ name }) => name === peer))

describe('scaling peers', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-peers-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const offers: [string, RegExp, string[]][] = [
    ['numpy', /^NumPy \d/, ['inverse', 'matmul', 'solve', 'eigh', 'svd', 'integral', 'acf', 'fft']],
    ['scipy', /^SciPy \d/, ['inverse', 'solve', 'eigh', 'svd', 'fft']],
    ['numba', /^Numba \d/, ['integral', 'acf']],
    ['octave', /^Octave \d/, ['inverse', 'matmul', 'solve', 'eigh', 'svd', 'integral', 'fft']],
    ['python', /^Python 3/, ['integral', 'wordcount']],
  ]
  for (const [peer, version, expected] of offers) {
    it(`${peer}: its tasks, its version, its threads, a ratio with an interval`, function () {
      const text = createRequire(import.meta.url).resolve('numcore/package.json')
      const { tasks, stderr } = scaling(['--peers', peer, ...sizes, text, ...options], folder)
      const [absent] = without(tasks, peer)
      if (absent !== undefined) {
        console.log(`      (skipped: ${peer} ${absent.reason})`)
        return this.skip()
      }
      assert.equal(stderr, '')
      assert.deepEqual(measured(tasks, peer), expected)
      for (const { peers, points } of tasks) {
        for (const each of peers) {
          assert.match(each.version, version)
          assert.ok(each.reportedThreads === 1, `${each.reportedThreads} threads`)
          assert.equal(each.seconds.runs.length, 2)
          const { ratio, seconds } = each
          assert.ok(ratio && ratio.low <= ratio.median && ratio.median <= ratio.high)
          // Two runs: the median is their mean, and the ratio that of the medians.
          const ours = points[0]?.seconds.median ?? 0
          assert.ok(Math.abs(ratio.median / (seconds.median / ours) - 1) < 1e-9)
        }
      }
      if (peer === 'numpy') assert.notEqual(tasks[0]?.peers[0]?.blas, '')
    })
  }

  it('ml-matrix: found where the command is given, left out where it is not', () => {
    const args = ['inverse', '--peers', 'ml-matrix', ...sizes, '/dev/null', ...options]
    const [absent] = without(scaling(args, folder).tasks, 'ml-matrix')
    assert.match(absent?.reason ?? '', /npm install ml-matrix/)
    const modules = dirname(dirname(createRequire(import.meta.url).resolve('ml-matrix')))
    symlinkSync(modules.slice(0, modules.indexOf('node_modules') + 12), join(folder, 'node_modules'))
    const { tasks } = scaling(args, folder)
    assert.match(tasks[0]?.peers[0]?.version ?? '', /^ml-matrix \d+\.\d+/)
  })

  it('a peer that would take too long is left out, with its own estimate', () => {
    const modules = dirname(dirname(createRequire(import.meta.url).resolve('ml-matrix')))
    symlinkSync(modules.slice(0, modules.indexOf('node_modules') + 12), join(folder, 'node_modules'))
    // 72 Gflop in plain JavaScript on one thread take longer than three seconds anywhere.
    const { tasks } = scaling(
      ['inverse', '--size', '3000', '--peers', 'ml-matrix', '--timeout', '3', ...options],
      folder,
    )
    assert.match(without(tasks, 'ml-matrix')[0]?.reason ?? '', /would take about .* s a run/)
  })

  it('a peer that is not installed is left out by name, and the run is none the worse', () => {
    const { tasks, status } = scaling(
      ['integral', '--peers', 'octave', '--bins', '1000', ...options],
      folder,
      { PATH: folder },
    )
    assert.equal(status, 0)
    assert.deepEqual(without(tasks, 'octave'), [{ name: 'octave', reason: 'is not installed' }])
    assert.equal(tasks[0]?.points.length, 1)
  })
})
