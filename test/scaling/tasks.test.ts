// What tasks say of their own results: right ones are a few roundings off, wrong ones are seen to be wrong.
import assert from 'node:assert/strict'
import type { Eigh, Matrix, Svd } from 'numcore'
import { internal } from './internal.js'

const n = 50
const setting = { size: n, threads: 1, grow: 1 }
const negate = (x: Float64Array, at: number) => {
  x[at] = -(x[at] as number)
}
const scale = (x: Float64Array) => x.forEach((value, i) => (x[i] = value * (1 + 1e-6)))

describe('scaling tasks', () => {
  it('eigh: all values and vectors, and an error that sees what is wrong', async () => {
    const { task } = await internal('tasks/eigh')
    const { run, error, bits, work, size } = await task.setup(setting)
    const fresh = async () => (await run()) as Eigh<Matrix>
    const miss = (result: unknown) => error?.(result).value ?? Number.NaN
    assert.equal(size, n)
    assert.equal(work, ((10 / 3) * n ** 3) / 1e9)
    const right = await fresh()
    assert.equal(bits(right)?.byteLength, 8 * (n + n * n))
    assert.ok(miss(right) < 5, String(miss(right)))
    for (const spoil of [
      ({ values }: Eigh<Matrix>) => values.reverse(),
      ({ values }: Eigh<Matrix>) => negate(values, n - 1),
      ({ vectors }: Eigh<Matrix>) => negate(vectors.data, 7 * n + 3),
      // Still eigenvectors, but not of length 1; and none at all.
      ({ vectors }: Eigh<Matrix>) => scale(vectors.data),
      ({ vectors }: Eigh<Matrix>) => vectors.data.fill(0),
      ({ values }: Eigh<Matrix>) => values.fill(Number.NaN, 4, 5),
    ]) {
      const wrong = await fresh()
      spoil(wrong)
      assert.ok(!(miss(wrong) < 1e3), `${spoil}: ${miss(wrong)}`)
    }
  })

  it('svd: all values and both sides, and an error that sees what is wrong', async () => {
    const { task } = await internal('tasks/svd')
    const { run, error, bits, work, size } = await task.setup(setting)
    const fresh = async () => (await run()) as Svd<Matrix>
    const miss = (result: unknown) => error?.(result).value ?? Number.NaN
    assert.equal(size, n)
    assert.equal(work, ((20 / 3) * n ** 3) / 1e9)
    const right = await fresh()
    assert.equal(bits(right)?.byteLength, 8 * (n + 2 * n * n))
    assert.ok(miss(right) < 5, String(miss(right)))
    for (const spoil of [
      ({ s }: Svd<Matrix>) => s.reverse(),
      ({ s }: Svd<Matrix>) => negate(s, 0),
      ({ u }: Svd<Matrix>) => negate(u.data, 7 * n + 3),
      ({ vt }: Svd<Matrix>) => negate(vt.data, 7 * n + 3),
      ({ u }: Svd<Matrix>) => scale(u.data),
      ({ vt }: Svd<Matrix>) => vt.data.fill(0),
      ({ s }: Svd<Matrix>) => s.fill(Number.NaN, 4, 5),
    ]) {
      const wrong = await fresh()
      spoil(wrong)
      assert.ok(!(miss(wrong) < 1e3), `${spoil}: ${miss(wrong)}`)
    }
  })
})
