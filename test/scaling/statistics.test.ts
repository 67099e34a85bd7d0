import assert from 'node:assert/strict'
import {
  bootstrapMedian,
  bootstrapRatio,
  efficiency,
  karpFlatt,
  mad,
  median,
  quantile,
  quartiles,
  speedup,
} from 'numcore/scaling'
import { internal } from './internal.js'

const near = (actual: number, expected: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not near ${expected}`)

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k)

describe('scaling statistics', () => {
  it('median: the middle value, or the mean of the two middle ones', () => {
    assert.equal(median([7]), 7)
    assert.equal(median([3, 1, 10]), 3)
    assert.equal(median([3, 1, 10, 2]), 2.5)
    // Numbers, not text: sorted as text, 10 comes before 9.
    assert.equal(median([9, 10, 11]), 10)
    assert.throws(() => median([]), RangeError)
  })

  it('median leaves its argument as it was', () => {
    const values = [3, 1, 2]
    median(values)
    assert.deepEqual(values, [3, 1, 2])
  })

  it('quantile: the values of R quantile(1:10) and quantile(c(15, 20, 35, 40, 50), .4)', () => {
    const values = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    const found = [0, 0.25, 0.5, 0.75, 1].map((q) => quantile(values, q))
    assert.deepEqual(found, [1, 3.25, 5.5, 7.75, 10])
    near(quantile([15, 20, 35, 40, 50], 0.4), 29)
    assert.throws(() => quantile([1], 1.1), RangeError)
    assert.throws(() => quantile([1], Number.NaN), RangeError)
  })

  it('quartiles and median absolute deviation', () => {
    assert.deepEqual(quartiles([5, 4, 3, 2, 1]), { first: 2, third: 4, range: 2 })
    // Distances from 2 are 1 1 0 0 2 4 7.
    assert.equal(mad([1, 1, 2, 2, 4, 6, 9]), 1)
    assert.equal(mad([4]), 0)
  })

  it('speed-up and efficiency', () => {
    assert.equal(speedup(12, 4), 3)
    assert.equal(efficiency(3, 4), 0.75)
  })

  it('Karp-Flatt by hand: (1/3 - 1/4) / (1 - 1/4) = 1/9', () => {
    near(karpFlatt(3, 4), 1 / 9)
    assert.equal(karpFlatt(8, 8), 0)
    assert.equal(karpFlatt(1, 8), 1)
    assert.ok(karpFlatt(8.5, 8) < 0)
    assert.ok(Number.isNaN(karpFlatt(1, 1)))
  })

  it("Karp-Flatt gives back the serial fraction of Amdahl's law for every thread count", () => {
    for (const fraction of [0, 0.01, 0.25, 1]) {
      for (const p of [2, 3, 8, 64])
        near(karpFlatt(1 / (fraction + (1 - fraction) / p), p), fraction)
    }
  })

  it('bootstrap interval of the median: the order statistics of the exact distribution', () => {
    // A resample's median is at most the k-th value when at least half of its n draws are:
    // a binomial tail, so that for odd n the ends of the interval are known exactly.
    for (const n of [5, 11, 25, 41]) {
      const atMost = (k: number) => {
        let sum = 0
        for (let j = (n + 1) / 2; j <= n; ++j) {
          sum += choose(n, j) * (k / n) ** j * (1 - k / n) ** (n - j)
        }
        return sum
      }
      const rank = (q: number) =>
        Array.from({ length: n }, (_, i) => i + 1).find((k) => atMost(k) >= q)
      const values = Array.from({ length: n }, (_, i) => i + 1)
      const { low, high, median: middle } = bootstrapMedian(values, { resamples: 40_000 })
      assert.equal(middle, (n + 1) / 2)
      assert.equal(low, rank(0.025), `n = ${n}`)
      assert.equal(high, rank(0.975), `n = ${n}`)
    }
  })

  it('bootstrap: the interval holds the true median about 95 times in 100', async () => {
    const { randomNumbers } = await internal('statistics')
    const random = randomNumbers(42)
    const trials = 600
    let held = 0
    for (let trial = 0; trial < trials; ++trial) {
      // Skewed as timings are: exponential, true median ln 2.
      const values = Array.from({ length: 21 }, () => -Math.log(1 - random()))
      const { low, high } = bootstrapMedian(values, { resamples: 500, seed: trial })
      if (low <= Math.LN2 && Math.LN2 <= high) held += 1
    }
    assert.ok(held / trials > 0.91 && held / trials < 0.985, `${held} of ${trials}`)
  })

  it('bootstrap interval of a ratio: around the true one, 1 inside when there is no difference', async () => {
    const { randomNumbers } = await internal('statistics')
    const random = randomNumbers(7)
    const noisy = (seconds: number) =>
      Array.from({ length: 25 }, () => seconds * (1 + 0.1 * random()))
    const ratio = bootstrapRatio(noisy(4), noisy(2))
    assert.ok(ratio.low < ratio.median && ratio.median < ratio.high)
    assert.ok(ratio.low > 1.9 && ratio.low < 2 && ratio.high > 2 && ratio.high < 2.1)
    const none = bootstrapRatio(noisy(3), noisy(3))
    assert.ok(none.low < 1 && none.high > 1)
  })

  it('bootstrap: the same seed gives the same interval, constants give a point', () => {
    const values = [1, 4, 2, 8, 5, 7]
    assert.deepEqual(bootstrapMedian(values, { seed: 3 }), bootstrapMedian(values, { seed: 3 }))
    assert.deepEqual(bootstrapMedian([5, 5, 5]), { median: 5, low: 5, high: 5 })
    assert.deepEqual(bootstrapRatio([8, 8], [2, 2]), { median: 4, low: 4, high: 4 })
  })

  it('shuffled: a permutation that depends on the seed, every order about as often', async () => {
    const { randomNumbers, shuffled } = await internal('statistics')
    const random = randomNumbers(1)
    const counts = new Map<string, number>()
    for (let i = 0; i < 6000; ++i) {
      const order = shuffled(['a', 'b', 'c'], random).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    assert.equal(counts.size, 6)
    // 1000 expected, standard deviation 29.
    for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 150, String(count))
  })
})
