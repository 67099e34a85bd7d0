// The statistics of a few repeated timings, and of how well threads were used. Plain functions on
// numbers: nothing here knows where the numbers come from. Timings are skewed (a neighbour only ever
// makes them longer), so everything rests on the median and on resampling, not on mean and deviation.

/** A value with the ends of its 95 % interval. */
export interface Interval {
  median: number
  low: number
  high: number
}

/**
 * The middle value; the mean of the two middle ones when there is an even number of them.
 *
 * @throws RangeError for an empty list.
 *
 * @example
 * ```ts
 * import { median } from 'numcore/scaling'
 * console.log(median([3, 1, 10, 2])) // 2.5
 * ```
 */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/**
 * The `q`-quantile, 0 <= q <= 1, by linear interpolation between the two nearest order statistics:
 * type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American Statistician
 * 50 (1996), which is also R's and NumPy's default.
 *
 * @throws RangeError for an empty list or a `q` outside 0 to 1.
 *
 * @example
 * ```ts
 * import { quantile } from 'numcore/scaling'
 * console.log(quantile([1, 2, 3, 4], 0.25)) // 1.75
 * ```
 */
export function quantile(values: readonly number[], q: number): number {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`Expected 0 <= q <= 1 but received ${q}`)
  return ofSorted(sorted(values), q)
}

/**
 * First quartile, third quartile and the distance between them.
 *
 * @example
 * ```ts
 * import { quartiles } from 'numcore/scaling'
 * console.log(quartiles([1, 2, 3, 4, 5])) // { first: 2, third: 4, range: 2 }
 * ```
 */
export function quartiles(values: readonly number[]): {
  first: number
  third: number
  range: number
} {
  const order = sorted(values)
  const first = ofSorted(order, 0.25)
  const third = ofSorted(order, 0.75)
  return { first, third, range: third - first }
}

/**
 * Median absolute deviation: the median distance from the median. Times 1.4826 it estimates the
 * standard deviation of normally distributed values, but half of them may be wild without harm.
 *
 * @example
 * ```ts
 * import { mad } from 'numcore/scaling'
 * console.log(mad([1, 1, 2, 2, 4, 6, 9])) // 1
 * ```
 */
export function mad(values: readonly number[]): number {
  const middle = median(values)
  return median(values.map((value) => Math.abs(value - middle)))
}

/**
 * Speed-up of `seconds` over `base`: how many times faster.
 *
 * @example
 * ```ts
 * import { speedup } from 'numcore/scaling'
 * console.log(speedup(12, 4)) // 3
 * ```
 */
export function speedup(base: number, seconds: number): number {
  return base / seconds
}

/**
 * Efficiency: the part of `threads` times the speed that was reached; 1 is ideal.
 *
 * @example
 * ```ts
 * import { efficiency } from 'numcore/scaling'
 * console.log(efficiency(3, 4)) // 0.75
 * ```
 */
export function efficiency(speedup: number, threads: number): number {
  return speedup / threads
}

/**
 * The serial fraction that the measured speed-up betrays: e = (1/S - 1/p) / (1 - 1/p). When it stays
 * the same as `threads` grows, a serial part limits the program; when it grows, overhead does;
 * negative means faster than ideal (more cache, usually). Undefined for one thread: NaN.
 *
 * Karp and Flatt, "Measuring parallel processor performance", Communications of the ACM 33 (1990).
 *
 * @example
 * ```ts
 * import { karpFlatt } from 'numcore/scaling'
 * console.log(karpFlatt(1.6, 2)) // 0.25
 * ```
 */
export function karpFlatt(speedup: number, threads: number): number {
  return threads === 1 ? Number.NaN : (1 / speedup - 1 / threads) / (1 - 1 / threads)
}

export interface BootstrapOptions {
  /** Resamples, default 4000. */
  resamples?: number | undefined
  /** Of the random numbers, default 1: the same data give the same interval. */
  seed?: number | undefined
  /** Part of the resamples inside the interval, default 0.95. */
  confidence?: number | undefined
}

/**
 * The median with its percentile bootstrap interval: draw as many values with replacement, take the
 * median, do that `resamples` times, and cut off 2.5 % at both ends. With five values the interval is
 * about the whole range, which is as much as five values can tell.
 *
 * Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
 *
 * @example
 * ```ts
 * import { bootstrapMedian } from 'numcore/scaling'
 * console.log(bootstrapMedian([5, 5, 5])) // { median: 5, low: 5, high: 5 }
 * ```
 */
export function bootstrapMedian(
  values: readonly number[],
  options: BootstrapOptions = {},
): Interval {
  return bootstrap(median(values), (draw) => median(draw(values)), options)
}

/**
 * median(`base`) / median(`values`) with its bootstrap interval, both lists resampled: the speed-up
 * of `values` over `base` and how sure it is. An interval that holds 1 is "no difference".
 *
 * @example
 * ```ts
 * import { bootstrapRatio } from 'numcore/scaling'
 * console.log(bootstrapRatio([8, 8, 8], [2, 2, 2])) // { median: 4, low: 4, high: 4 }
 * ```
 */
export function bootstrapRatio(
  base: readonly number[],
  values: readonly number[],
  options: BootstrapOptions = {},
): Interval {
  const ratio = median(base) / median(values)
  return bootstrap(ratio, (draw) => median(draw(base)) / median(draw(values)), options)
}

type Draw = (values: readonly number[]) => number[]

function bootstrap(
  estimate: number,
  statistic: (draw: Draw) => number,
  { resamples = 4000, seed = 1, confidence = 0.95 }: BootstrapOptions,
): Interval {
  const random = randomNumbers(seed)
  const draw: Draw = (values) =>
    Array.from(values, () => values[Math.floor(random() * values.length)] as number)
  const drawn = Array.from({ length: resamples }, () => statistic(draw)).sort((a, b) => a - b)
  const tail = (1 - confidence) / 2
  return {
    median: estimate,
    low: ofSorted(drawn, tail),
    high: ofSorted(drawn, 1 - tail),
  }
}

/**
 * Uniform random numbers in [0, 1) that depend on the seed alone: the order of a run and its
 * intervals can be repeated. Not for numerics; that is what `Matrix.random` is for.
 *
 * Mulberry32 by Tommy Ettinger (public domain).
 */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** A copy in random order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items]
  for (let i = result.length - 1; i > 0; --i) {
    const j = Math.floor(random() * (i + 1))
    ;[result[i], result[j]] = [result[j] as T, result[i] as T]
  }
  return result
}

function sorted(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('Expected at least one value but received none')
  return [...values].sort((a, b) => a - b)
}

function ofSorted(order: readonly number[], q: number): number {
  const place = q * (order.length - 1)
  const below = Math.floor(place)
  const low = order[below] as number
  const high = order[Math.ceil(place)] as number
  return low + (high - low) * (place - below)
}

/** Half the width of an interval relative to its middle: 0.02 is "known to 2 %". */
export function relativeWidth({ median: middle, low, high }: Interval): number {
  return (high - low) / 2 / middle
}
