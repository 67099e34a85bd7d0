// Models of how time depends on threads, fitted to measured times. All of them are linear in what is fitted once
// they are written for p T(p), the processor time that p threads take together, so that the best fit has a closed
// form and thousands of resamples cost nothing. Relative errors count: a time is known to so many per cent.
import { invalidArgument } from '../errors.js'
import { checkOptions, expectInteger } from '../options.js'
import { type Interval, median, quantile, randomNumbers } from './statistics.js'

/** The times of one thread count: the single runs, or one number. */
export interface Timing {
  threads: number
  /** Seconds, above 0. */
  seconds: number | readonly number[]
  /** Work of one run relative to the others; 1 by default, the thread count for weak scaling. */
  work?: number
}

export interface FitOptions {
  /** Bootstrap resamples, default 2000. */
  resamples?: number | undefined
  /** Of the resampling, default 1. */
  seed?: number | undefined
}

/** Amdahl's law, S(p) = 1 / (f + (1 - f) / p). */
export interface AmdahlFit {
  /** f: the part of the work that one thread has to do alone. */
  serialFraction: Interval
  /** 1 / f, which no number of threads exceeds; null where f is 0: no limit is seen. */
  maxSpeedup: number | null
  /** Root mean square of the relative differences between model and medians. */
  error: number
}

/** The universal scalability law, S(p) = p / (1 + sigma (p - 1) + kappa p (p - 1)). */
export interface UslFit {
  /** Contention: the part that waits in line. */
  sigma: Interval
  /** Coherence: what every pair of threads costs. */
  kappa: Interval
  /** Where the model is fastest, sqrt((1 - sigma) / kappa); null: more threads are always faster. */
  bestThreads: { median: number | null; low: number | null; high: number | null }
  /** Speed-up of the model at the best thread count, over one thread of the model; null without one. */
  bestSpeedup: number | null
  error: number
}

/** Gustafson's law for work that grows with the threads, S(p) = p + (1 - p) s. */
export interface GustafsonFit {
  /** s: the part of the time of one thread that does not grow with the work. */
  serialFraction: Interval
  error: number
}

const fitKeys = ['resamples', 'seed'] as const

/**
 * Fits Amdahl's law to times measured with at least two thread counts.
 *
 * The interval is a bootstrap of the single runs (2000 resamples, 95 %); where each thread count has one time
 * only, of the residuals; and the whole range, 0 to 1, where there are two such times and nothing to learn from.
 *
 * G. M. Amdahl, AFIPS spring joint computer conference (1967). O(resamples * runs).
 *
 * @throws InvalidArgumentError for fewer than two thread counts and for times that are not above 0.
 *
 * @example
 * ```ts
 * import { fitAmdahl } from 'numcore/scaling'
 * const { serialFraction, maxSpeedup } = fitAmdahl([
 *   { threads: 1, seconds: [10, 10, 10] },
 *   { threads: 2, seconds: [6, 6, 6] },
 *   { threads: 4, seconds: [4, 4, 4] },
 * ])
 * console.log(serialFraction.median.toFixed(3), maxSpeedup?.toFixed(1)) // 0.200 5.0
 * ```
 */
export function fitAmdahl(points: readonly Timing[], options: FitOptions = {}): AmdahlFit {
  const data = checked('fitAmdahl', points, 2)
  const basis = data.map(({ threads }) => [1, threads - 1])
  const fraction = ([all = 0, serial = 0]: number[]) => (all > 0 ? Math.min(1, serial / all) : 1)
  const { best, draws, error } = resampled('fitAmdahl', data, basis, options)
  const f = fraction(best)
  return {
    serialFraction: draws === undefined ? { median: f, low: 0, high: 1 } : interval(f, draws.map(fraction)),
    maxSpeedup: f > 0 ? 1 / f : null,
    error,
  }
}

/**
 * Fits the universal scalability law to times measured with at least four thread counts: with fewer its two
 * parameters and the time of one thread can be anything. Contention and coherence are not allowed below 0.
 *
 * N. J. Gunther, Guerrilla Capacity Planning (2007), chapters 4 to 6. O(resamples * runs).
 *
 * @throws InvalidArgumentError for fewer than four thread counts and for times that are not above 0.
 *
 * @example
 * ```ts
 * import { fitUsl } from 'numcore/scaling'
 * const time = (p) => (1 + 0.05 * (p - 1) + 0.01 * p * (p - 1)) / p
 * const points = [1, 2, 4, 8, 16].map((threads) => ({ threads, seconds: time(threads) }))
 * const { sigma, kappa, bestThreads } = fitUsl(points)
 * console.log(sigma.median.toFixed(3), kappa.median.toFixed(3), bestThreads.median?.toFixed(1)) // 0.050 0.010 9.7
 * ```
 */
export function fitUsl(points: readonly Timing[], options: FitOptions = {}): UslFit {
  const data = checked('fitUsl', points, 4)
  const basis = data.map(({ threads: p }) => [1, p - 1, p * (p - 1)])
  const { best, draws = [], error } = resampled('fitUsl', data, basis, options)
  const law = ([one = 0, wait = 0, pairs = 0]: number[]) => ({ sigma: wait / one, kappa: pairs / one })
  // Beyond sigma = 1 every further thread harms: the best number is one.
  const peak = ({ sigma, kappa }: ReturnType<typeof law>) =>
    kappa > 0 ? Math.max(1, Math.sqrt(Math.max(0, 1 - sigma) / kappa)) : Number.POSITIVE_INFINITY
  const { sigma, kappa } = law(best)
  const laws = draws.map(law)
  const peaks = laws.map(peak)
  const finite = (value: number) => (Number.isFinite(value) ? value : null)
  const most = finite(peak({ sigma, kappa }))
  return {
    sigma: interval(sigma, laws.map((each) => each.sigma)),
    kappa: interval(kappa, laws.map((each) => each.kappa)),
    // By order statistics: infinities may be among them, and have no mean.
    bestThreads: { median: most, low: finite(atRank(peaks, 0.025)), high: finite(atRank(peaks, 0.975)) },
    bestSpeedup: most === null ? null : most / (1 + sigma * (most - 1) + kappa * most * (most - 1)),
    error,
  }
}

/**
 * Fits Gustafson's law to times of work that grows with the thread count: `work` of each point tells how much.
 *
 * J. L. Gustafson, "Reevaluating Amdahl's law", CACM 31 (1988). O(resamples * runs).
 *
 * @throws InvalidArgumentError for fewer than two thread counts and for times that are not above 0.
 *
 * @example
 * ```ts
 * import { fitGustafson } from 'numcore/scaling'
 * const { serialFraction } = fitGustafson([
 *   { threads: 1, work: 1, seconds: [2, 2, 2] },
 *   { threads: 4, work: 4, seconds: [2.5, 2.5, 2.5] },
 * ])
 * console.log(serialFraction.median.toFixed(3)) // 0.267
 * ```
 */
export function fitGustafson(points: readonly Timing[], options: FitOptions = {}): GustafsonFit {
  const data = checked('fitGustafson', points, 2)
  const [first] = data as [Data, ...Data[]]
  const scaled = (times: readonly number[]) =>
    data.map(({ work }, i) => ((work / first.work) * (times[0] as number)) / (times[i] as number))
  const counts = data.map(({ threads }) => threads / first.threads)
  const fraction = (times: readonly number[]) => {
    let [above, below] = [0, 0]
    scaled(times).forEach((speedup, i) => {
      const p = counts[i] as number
      above += ((p - 1) * (p - speedup)) / speedup ** 2
      below += (p - 1) ** 2 / speedup ** 2
    })
    return Math.min(1, Math.max(0, above / below))
  }
  const times = data.map(({ runs }) => median(runs))
  const s = fraction(times)
  const misses = scaled(times).map((speedup, i) => {
    const p = counts[i] as number
    return (p + (1 - p) * s) / speedup - 1
  })
  const { random, resamples } = draw('fitGustafson', options)
  const single = data.every(({ runs }) => runs.length === 1)
  const draws = Array.from({ length: resamples }, () => fraction(data.map(({ runs }) => redrawn(runs, random))))
  return {
    serialFraction: single ? { median: s, low: 0, high: 1 } : interval(s, draws),
    error: rootMeanSquare(misses),
  }
}

interface Data {
  threads: number
  work: number
  runs: readonly number[]
}

function checked(name: string, points: readonly Timing[], least: number): Data[] {
  if (!Array.isArray(points)) throw invalidArgument('an array of points', name, points)
  const data = points.map(({ threads, seconds, work = 1 }: Timing): Data => {
    const runs = typeof seconds === 'number' ? [seconds] : [...seconds]
    if (runs.length === 0) throw invalidArgument('at least one time', `seconds of ${threads} threads`, seconds)
    for (const run of runs) {
      if (!(run > 0 && run < Number.POSITIVE_INFINITY)) throw invalidArgument('seconds above 0', 'seconds', run)
    }
    if (!(work > 0 && work < Number.POSITIVE_INFINITY)) throw invalidArgument('a number above 0', 'work', work)
    return { threads: expectInteger('threads', threads, 1), work, runs }
  })
  const counts = new Set(data.map(({ threads }) => threads)).size
  if (counts < least) {
    throw invalidArgument(`at least ${least} different thread counts`, `points of ${name}`, counts)
  }
  return data.sort((a, b) => a.threads - b.threads)
}

function draw(name: string, given: FitOptions) {
  const options: FitOptions = checkOptions(name, given, fitKeys)
  return {
    resamples: expectInteger('resamples', options.resamples ?? 2000, 1),
    random: randomNumbers(expectInteger('seed', options.seed ?? 1, 0, 2 ** 32 - 1)),
  }
}

// The best fit of p T(p) / work, and those of resampled data; none where there is nothing to resample.
function resampled(name: string, data: readonly Data[], basis: readonly number[][], given: FitOptions) {
  const { random, resamples } = draw(name, given)
  const scale = data.map(({ threads, work }) => threads / work)
  const fit = (times: readonly number[]) => nonNegativeFit(basis, times)
  const times = data.map(({ runs }, i) => median(runs) * (scale[i] as number))
  const best = fit(times)
  const model = basis.map((row) => dot(row, best))
  const misses = times.map((time, i) => time / (model[i] as number) - 1)
  const error = rootMeanSquare(misses)
  if (data.some(({ runs }) => runs.length > 1)) {
    const draws = Array.from({ length: resamples }, () =>
      fit(data.map(({ runs }, i) => redrawn(runs, random) * (scale[i] as number))),
    )
    return { best, draws, error }
  }
  const spare = data.length - (basis[0] as number[]).length
  if (spare <= 0) return { best, error }
  // As many misses were made small by fitting as there are parameters.
  const wide = Math.sqrt(data.length / spare)
  const draws = Array.from({ length: resamples }, () =>
    fit(model.map((value) => value * Math.max(1e-3, 1 + wide * (pick(misses, random) as number)))),
  )
  return { best, draws, error }
}

const pick = <T>(values: readonly T[], random: () => number) => values[Math.floor(random() * values.length)]

const redrawn = (runs: readonly number[], random: () => number) =>
  median(Array.from(runs, () => pick(runs, random) as number))

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, each, i) => sum + each * (b[i] ?? 0), 0)

const rootMeanSquare = (values: readonly number[]) =>
  Math.sqrt(values.reduce((sum, each) => sum + each * each, 0) / values.length)

const interval = (estimate: number, draws: readonly number[]): Interval => ({
  median: estimate,
  low: quantile(draws, 0.025),
  high: quantile(draws, 0.975),
})

function atRank(values: readonly number[], q: number): number {
  const order = [...values].sort((a, b) => a - b)
  return order[Math.min(order.length - 1, Math.floor(q * order.length))] as number
}

// Least squares of relative errors with no coefficient below 0. With three of them at most, every set of those
// that may differ from 0 can be tried; the best that has no negative one is the solution.
function nonNegativeFit(basis: readonly number[][], times: readonly number[]): number[] {
  const size = (basis[0] as number[]).length
  let best: { coefficients: number[]; rest: number } | undefined
  for (let set = 1; set < 1 << size; ++set) {
    const used = Array.from({ length: size }, (_, i) => i).filter((i) => (set >> i) & 1)
    const rows = basis.map((row, i) => used.map((j) => (row[j] as number) / (times[i] as number)))
    const found = leastSquares(rows)
    if (found === undefined || found.some((each) => !(each >= 0))) continue
    const rest = rows.reduce((sum, row) => sum + (dot(row, found) - 1) ** 2, 0)
    if (best !== undefined && rest >= best.rest) continue
    const coefficients = Array.from({ length: size }, () => 0)
    used.forEach((j, i) => (coefficients[j] = found[i] as number))
    best = { coefficients, rest }
  }
  return (best as { coefficients: number[] }).coefficients
}

// Minimises |rows x - 1| by the normal equations: at most three unknowns, all columns about equally long.
function leastSquares(rows: readonly number[][]): number[] | undefined {
  const size = (rows[0] as number[]).length
  const matrix = Array.from({ length: size }, (_, i) => [
    ...Array.from({ length: size }, (_, j) =>
      rows.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), 0),
    ),
    rows.reduce((sum, row) => sum + (row[i] as number), 0),
  ])
  for (let k = 0; k < size; ++k) {
    const pivot = matrix[k] as number[]
    if (!(Math.abs(pivot[k] as number) > 1e-14 * Math.abs((matrix[0] as number[])[0] as number))) return undefined
    for (let i = 0; i < size; ++i) {
      if (i === k) continue
      const row = matrix[i] as number[]
      const factor = (row[k] as number) / (pivot[k] as number)
      for (let j = k; j <= size; ++j) row[j] = (row[j] as number) - factor * (pivot[j] as number)
    }
  }
  return matrix.map((row, i) => (row[size] as number) / (row[i] as number))
}
