import assert from 'node:assert/strict'
import { fitAmdahl, fitGustafson, fitUsl, type Timing } from 'numcore/scaling'
import { assertFails } from '../support/assertions.js'
import { internal } from './internal.js'

const near = (actual: number | null | undefined, expected: number, tolerance: number) =>
  assert.ok(
    typeof actual === 'number' && Math.abs(actual - expected) <= tolerance,
    `${actual} is not near ${expected}`,
  )

/** Time of p threads by the universal scalability law, for one second of work. */
const usl = (sigma: number, kappa: number) => (p: number) =>
  (1 + sigma * (p - 1) + kappa * p * (p - 1)) / p

const noisyRuns = async (seed: number) => {
  const { randomNumbers } = await internal('statistics')
  const random = randomNumbers(seed)
  // Normal by Box and Muller, so that the noise is known.
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return (seconds: number, noise: number, count = 9) =>
    Array.from({ length: count }, () => seconds * Math.exp(noise * normal()))
}

describe('scaling fits', () => {
  const exact = (time: (p: number) => number, counts: readonly number[]): Timing[] =>
    counts.map((threads) => ({ threads, seconds: time(threads) }))

  it('Amdahl by hand: 10 s, 6 s, 4 s on 1, 2, 4 threads are a serial fifth', () => {
    const { serialFraction, maxSpeedup, error } = fitAmdahl(exact((p) => 2 + 8 / p, [1, 2, 4]))
    near(serialFraction.median, 0.2, 1e-12)
    near(maxSpeedup, 5, 1e-10)
    near(error, 0, 1e-12)
  })

  it('Amdahl: from any smallest thread count; no serial part, and nothing but one', () => {
    near(fitAmdahl(exact((p) => 3 * (0.1 + 0.9 / p), [2, 6, 12])).serialFraction.median, 0.1, 1e-12)
    const ideal = fitAmdahl(exact((p) => 1 / p, [1, 2, 4, 8]))
    near(ideal.serialFraction.median, 0, 1e-12)
    // Faster than ideal is no negative serial part.
    const better = fitAmdahl(exact((p) => 1 / p ** 1.2, [1, 2, 4]))
    assert.deepEqual([better.serialFraction.median, better.maxSpeedup], [0, null])
    // Slower with every thread is all serial, not more than all.
    const worse = fitAmdahl(exact((p) => p, [1, 2, 4]))
    assert.deepEqual([worse.serialFraction.median, worse.maxSpeedup], [1, 1])
  })

  it('Amdahl: recovered from noisy curves; the interval holds the truth about 95 times in 100', async () => {
    const runs = await noisyRuns(11)
    const trials = 150
    let held = 0
    for (let trial = 0; trial < trials; ++trial) {
      const points = [1, 2, 4, 8].map((threads) => ({
        threads,
        seconds: runs(0.05 + 0.95 / threads, 0.02, 15),
      }))
      const { serialFraction } = fitAmdahl(points, { resamples: 300, seed: trial })
      near(serialFraction.median, 0.05, 0.02)
      if (serialFraction.low <= 0.05 && 0.05 <= serialFraction.high) held += 1
    }
    // Binomial with 150 trials: 95 % are 142, and five deviations are 13. The bootstrap of a median errs a little.
    assert.ok(held >= 127, `${held} of ${trials}`)
  })

  it('USL: sigma, kappa and the best thread count, exactly from an exact curve', () => {
    const { sigma, kappa, bestThreads, bestSpeedup, error } = fitUsl(
      exact(usl(0.05, 0.001), [1, 2, 4, 8, 16, 32]),
    )
    near(sigma.median, 0.05, 1e-9)
    near(kappa.median, 0.001, 1e-10)
    // sqrt(0.95 / 0.001) = 30.82...
    near(bestThreads.median, Math.sqrt(950), 1e-4)
    near(bestSpeedup, 1 / usl(0.05, 0.001)(Math.sqrt(950)), 1e-6)
    near(error, 0, 1e-10)
  })

  it('USL: recovered from noisy curves, intervals around the truth', async () => {
    const runs = await noisyRuns(5)
    const trials = 60
    let [heldSigma, heldKappa, heldBest] = [0, 0, 0]
    for (let trial = 0; trial < trials; ++trial) {
      const points = [1, 2, 4, 8, 16, 32].map((threads) => ({
        threads,
        seconds: runs(usl(0.03, 0.002)(threads), 0.02, 15),
      }))
      const { sigma, kappa, bestThreads } = fitUsl(points, { resamples: 300, seed: trial })
      near(sigma.median, 0.03, 0.02)
      near(kappa.median, 0.002, 5e-4)
      near(bestThreads.median, Math.sqrt(0.97 / 0.002), 3)
      if (sigma.low <= 0.03 && 0.03 <= sigma.high) heldSigma += 1
      if (kappa.low <= 0.002 && 0.002 <= kappa.high) heldKappa += 1
      const best = Math.sqrt(0.97 / 0.002)
      if ((bestThreads.low ?? 0) <= best && best <= (bestThreads.high ?? Infinity)) heldBest += 1
    }
    for (const held of [heldSigma, heldKappa, heldBest]) assert.ok(held >= 49, `${held} of ${trials}`)
  })

  it('USL: without coherence cost there is no best thread count; with contention only it is Amdahl', () => {
    const points = exact(usl(0.1, 0), [1, 2, 4, 8])
    const { sigma, kappa, bestThreads, bestSpeedup } = fitUsl(points)
    near(sigma.median, 0.1, 1e-9)
    near(kappa.median, 0, 1e-12)
    near(fitAmdahl(points).serialFraction.median, sigma.median, 1e-9)
    // Rounding may leave a kappa of 1e-17: the best thread count is none, or absurdly large.
    assert.ok(bestThreads.median === null ? bestSpeedup === null : bestThreads.median > 1e6)
    // Fewer is best when every further thread only harms.
    near(fitUsl(exact((p) => p, [1, 2, 3, 4])).bestThreads.median ?? 1, 1, 1e-9)
  })

  it('Gustafson by hand: four times the work in 1.25 times the time', () => {
    const { serialFraction, error } = fitGustafson([
      { threads: 1, work: 1, seconds: 2 },
      { threads: 4, work: 4, seconds: 2.5 },
    ])
    // S = 4 / 1.25 = 3.2 = 4 - 3 s.
    near(serialFraction.median, 0.8 / 3, 1e-12)
    near(error, 0, 1e-12)
  })

  it('one time a point: the interval comes from the misses, or is everything there is', () => {
    const two = fitAmdahl(exact((p) => 2 + 8 / p, [1, 2]))
    assert.deepEqual([two.serialFraction.low, two.serialFraction.high], [0, 1])
    const crooked = [10, 5.8, 4.2, 2.9].map((seconds, i) => ({ threads: 2 ** i, seconds }))
    const { median, low, high } = fitAmdahl(crooked).serialFraction
    assert.ok(low < median && median < high)
  })

  it('the same seed gives the same interval', async () => {
    const runs = await noisyRuns(3)
    const points = [1, 2, 4].map((threads) => ({ threads, seconds: runs(1 / threads, 0.1) }))
    assert.deepEqual(fitAmdahl(points, { seed: 4 }), fitAmdahl(points, { seed: 4 }))
  })

  it('what cannot be fitted is refused with the reason', async () => {
    const code = 'ERR_INVALID_ARGUMENT'
    const point = { threads: 1, seconds: 1 }
    await assertFails(async () => fitAmdahl([point]), code, /at least 2 different thread counts/)
    await assertFails(async () => fitAmdahl([point, point]), code, /at least 2 different/)
    const three = exact((p) => 1 / p, [1, 2, 4])
    await assertFails(async () => fitUsl(three), code, /at least 4 different thread counts/)
    for (const seconds of [0, -1, Number.NaN, [], [1, 0]]) {
      await assertFails(async () => fitAmdahl([point, { threads: 2, seconds }]), code, /seconds/)
    }
    await assertFails(async () => fitAmdahl([point, { threads: 1.5, seconds: 1 }]), code, /threads/)
    await assertFails(async () => fitGustafson([point, { threads: 2, seconds: 1, work: 0 }]), code, /work/)
    await assertFails(async () => fitAmdahl(three, { resample: 3 } as object), code, /"resamples"/)
  })
})
