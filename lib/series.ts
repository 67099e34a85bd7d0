/** Autocorrelation and cross-correlation of real series, and what chance would make of them. */
import {
  fromNative,
  InvalidArgumentError,
  invalidArgument,
  isNativeFailure,
  NotFiniteError,
  sentence,
  ShapeError,
} from './errors.js'
import {
  type AsyncOptions,
  asyncKeys,
  type Control,
  run,
  runSync,
  type SyncOptions,
  syncKeys,
} from './job.js'
import { type NativeAcfInfo, type NativeSeriesOptions, native } from './native.js'
import { checkOptions, expectBoolean, expectFinite, expectInteger, expectOneOf } from './options.js'

/** `'direct'`: by the definition, O(n lags). `'fft'`: by transforms, O(n log n). `'auto'`: the faster. */
export type CorrelationMethod = 'auto' | 'direct' | 'fft'

/**
 * What to do with NaN: `'raise'` refuses it, and infinity; `'none'` reckons with it, so that every
 * result is NaN; `'drop'` takes it out and closes the gap; `'conservative'` leaves out the products in
 * which it takes part.
 */
export type Missing = 'none' | 'raise' | 'conservative' | 'drop'

export interface CcfOptions {
  /** The last lag; less than the length of the series. Default `min(floor(10 log10(n)), n - 1)`. */
  lags?: number | undefined
  /** Divide the sum of lag t by its n - t terms instead of by n. Default false; for `ccf` true. */
  adjusted?: boolean | undefined
  /** Take the mean away first. Default true. */
  demean?: boolean | undefined
  /** Default `'auto'`: chosen by n and lags alone, so that the same call always gives the same bits. */
  method?: CorrelationMethod | undefined
}

export interface AcfOptions extends CcfOptions {
  /** Default `'raise'`. */
  missing?: Missing | undefined
}

export interface AcfInfoOptions extends AcfOptions {
  /** The probability with which the interval is to hold the true value, between 0 and 1. Default 0.95. */
  confidence?: number | undefined
}

export interface LjungBoxOptions extends AcfOptions {
  /** Degrees of freedom that a model fitted to the series has used up, as p + q of an ARMA. Default 0. */
  modelDegrees?: number | undefined
}

/** Element t - 1 is about the lags 1 to t together. */
export interface LjungBox {
  /** n (n + 2) sum of r[k]^2 / (n - k). */
  statistic: Float64Array
  /** The probability of as much or more in a series without correlation; NaN where no degrees of freedom are left. */
  p: Float64Array
}

/** What {@link acfInfo} gives. */
export interface AcfInfo {
  /** What {@link acf} gives. */
  values: Float64Array
  /** The ends of the interval around each value, by Bartlett's formula. */
  confidence: { level: number; low: Float64Array; high: Float64Array }
  ljungBox: LjungBox
}

const ccfKeys = ['lags', 'adjusted', 'demean', 'method'] as const
const seriesKeys = [...ccfKeys, 'missing'] as const
const infoKeys = [...seriesKeys, 'confidence'] as const
const testKeys = [...seriesKeys, 'modelDegrees'] as const
const methods = ['auto', 'direct', 'fft'] as const
const missings = ['none', 'raise', 'conservative', 'drop'] as const

function expectSeries(name: string, x: unknown): Float64Array {
  if (!(x instanceof Float64Array)) throw invalidArgument('a Float64Array', name, x)
  if (x.length === 0) throw invalidArgument('at least one value', name, x)
  return x
}

function fill(
  x: Float64Array,
  options: AcfOptions,
  { adjusted = false, lags = Math.floor(10 * Math.log10(x.length)), least = 0 } = {},
): NativeSeriesOptions {
  const most = x.length - 1
  return {
    lags: expectInteger('lags', options.lags ?? Math.max(least, Math.min(lags, most)), least, most),
    adjusted: expectBoolean('adjusted', options.adjusted ?? adjusted),
    demean: expectBoolean('demean', options.demean ?? true),
    method: expectOneOf('method', options.method ?? 'auto', methods),
    missing: expectOneOf('missing', options.missing ?? 'raise', missings),
  }
}

function translating(x: Float64Array, y = x) {
  return (error: unknown): unknown => {
    if (!isNativeFailure(error)) return error
    const { code, where = -1 } = error
    if (code === 'ERR_NOT_FINITE') {
      // The first series is looked through first.
      const [name, bad] = Number.isFinite(x[where]) ? ['y', y] : ['x', x]
      return new NotFiniteError(sentence('a finite number', `${name}[${where}]`, bad[where]), where)
    }
    if (code === 'ERR_INVALID_ARGUMENT') return new InvalidArgumentError(error.message)
    return fromNative(error)
  }
}

function startSeries(kind: 'acf' | 'autocovariance', x: Float64Array, options: AcfOptions) {
  expectSeries('x', x)
  const filled = fill(x, options)
  const start = (control: Control) => native.series(kind, x, x, filled, control)
  return { start, translate: translating(x) }
}

/**
 * Autocorrelation of a real series: `c[t] / c[0]` for t = 0 to `lags`, where c[t] is the sum of
 * (x[i] - mean) (x[i + t] - mean), divided by n (or by n - t when `adjusted`). This is
 * `statsmodels.tsa.stattools.acf(x, adjusted, nlags)`, defaults included, except that NaN is an error
 * unless `missing` says what to do with it.
 *
 * Directly, O(n lags), with compensated sums of fixed order; or by transforms, O(n log n), with an error
 * of a few eps at every lag. Each gives the same bits for every number of threads.
 *
 * @param x The series. Read while the call runs; not to be changed until it has ended.
 * @throws ERR_NOT_FINITE naming the first NaN or infinity, ERR_INVALID_ARGUMENT for an empty series,
 *   for too many lags, and for a constant series (whose correlation would be 0/0).
 *
 * @example
 * ```ts
 * import { acf } from 'numcore'
 * console.log(await acf(Float64Array.of(1, 2, 3, 4), { lags: 2 })) // Float64Array(3) [ 1, 0.25, -0.3 ]
 * ```
 */
export async function acf(
  x: Float64Array,
  options?: AcfOptions & AsyncOptions,
): Promise<Float64Array> {
  const keys = [...seriesKeys, ...asyncKeys]
  const checked = checkOptions<AcfOptions & AsyncOptions>('acf', options, keys)
  const { start, translate } = startSeries('acf', x, checked)
  return run<Float64Array>(start, checked, { translate })
}

/** {@link acf}, computed while the caller waits. */
export function acfSync(x: Float64Array, options?: AcfOptions & SyncOptions): Float64Array {
  const keys = [...seriesKeys, ...syncKeys]
  const checked = checkOptions<AcfOptions & SyncOptions>('acfSync', options, keys)
  const { start, translate } = startSeries('acf', x, checked)
  return runSync<Float64Array>(start, checked, { translate })
}

/**
 * Autocovariance: the c[t] of {@link acf}, not divided by c[0]; `statsmodels.tsa.stattools.acovf` up to
 * lag `lags`. That of a constant series is 0.
 *
 * @example
 * ```ts
 * import { autocovariance } from 'numcore'
 * console.log(await autocovariance(Float64Array.of(1, 2, 3, 4), { lags: 1 }))
 * // Float64Array(2) [ 1.25, 0.3125 ]
 * ```
 */
export async function autocovariance(
  x: Float64Array,
  options?: AcfOptions & AsyncOptions,
): Promise<Float64Array> {
  const keys = [...seriesKeys, ...asyncKeys]
  const checked = checkOptions<AcfOptions & AsyncOptions>('autocovariance', options, keys)
  const { start, translate } = startSeries('autocovariance', x, checked)
  return run<Float64Array>(start, checked, { translate })
}

/** {@link autocovariance}, computed while the caller waits. */
export function autocovarianceSync(
  x: Float64Array,
  options?: AcfOptions & SyncOptions,
): Float64Array {
  const keys = [...seriesKeys, ...syncKeys]
  const checked = checkOptions<AcfOptions & SyncOptions>('autocovarianceSync', options, keys)
  const { start, translate } = startSeries('autocovariance', x, checked)
  return runSync<Float64Array>(start, checked, { translate })
}

function startCcf(x: Float64Array, y: Float64Array, options: CcfOptions) {
  expectSeries('x', x)
  expectSeries('y', y)
  if (y.length !== x.length) {
    throw new ShapeError(
      `Expected ${x.length} values for y, as many as x has, but received ${y.length} of type Float64Array`,
    )
  }
  const filled = fill(x, options, { adjusted: true })
  const start = (control: Control) => native.series('ccf', x, y, filled, control)
  return { start, translate: translating(x, y) }
}

/**
 * Cross-correlation: for t = 0 to `lags` the sum of (x[i + t] - mean of x) (y[i] - mean of y), divided by
 * n - t (by n with `adjusted: false`) and by both standard deviations: how x follows y, t steps later.
 * This is `statsmodels.tsa.stattools.ccf(x, y, adjusted)`, of which it gives the first lags + 1 values.
 *
 * @throws ERR_SHAPE for series of different lengths, and what {@link acf} throws.
 *
 * @example
 * ```ts
 * import { ccf } from 'numcore'
 * const y = Float64Array.of(1, -1, 1, -1)
 * console.log(await ccf(y.map((value) => -value), y, { lags: 2 })) // Float64Array(3) [ -1, 1, -1 ]
 * ```
 */
export async function ccf(
  x: Float64Array,
  y: Float64Array,
  options?: CcfOptions & AsyncOptions,
): Promise<Float64Array> {
  const keys = [...ccfKeys, ...asyncKeys]
  const checked = checkOptions<CcfOptions & AsyncOptions>('ccf', options, keys)
  const { start, translate } = startCcf(x, y, checked)
  return run<Float64Array>(start, checked, { translate })
}

/** {@link ccf}, computed while the caller waits. */
export function ccfSync(
  x: Float64Array,
  y: Float64Array,
  options?: CcfOptions & SyncOptions,
): Float64Array {
  const keys = [...ccfKeys, ...syncKeys]
  const checked = checkOptions<CcfOptions & SyncOptions>('ccfSync', options, keys)
  const { start, translate } = startCcf(x, y, checked)
  return runSync<Float64Array>(start, checked, { translate })
}

function startInfo(x: Float64Array, options: AcfInfoOptions) {
  expectSeries('x', x)
  const level = expectFinite('confidence', options.confidence ?? 0.95)
  if (!(level > 0 && level < 1)) {
    throw invalidArgument('a probability between 0 and 1', 'confidence', options.confidence)
  }
  const filled = fill(x, options)
  const start = (control: Control) => native.acfInfo(x, filled, level, 0, control)
  const finish = ({ values, widths, statistic, p }: NativeAcfInfo): AcfInfo => ({
    values,
    confidence: {
      level,
      low: values.map((value, t) => value - (widths[t] as number)),
      high: values.map((value, t) => value + (widths[t] as number)),
    },
    ljungBox: { statistic, p },
  })
  return { start, finish, translate: translating(x) }
}

/**
 * {@link acf} with what it needs to be judged: the interval around each value by Bartlett's formula,
 * and the Ljung-Box test of all lags up to each. statsmodels' `acf(x, alpha=1 - confidence, qstat=True)`.
 *
 * @example
 * ```ts
 * import { acfInfo } from 'numcore'
 * const { values, confidence, ljungBox } = await acfInfo(Float64Array.of(1, 2, 3, 4), { lags: 2 })
 * console.log(values[1], confidence.high[1], ljungBox.p[0]) // 0.25 1.229981992270027 0.4795001221869535
 * ```
 */
export async function acfInfo(
  x: Float64Array,
  options?: AcfInfoOptions & AsyncOptions,
): Promise<AcfInfo> {
  const keys = [...infoKeys, ...asyncKeys]
  const checked = checkOptions<AcfInfoOptions & AsyncOptions>('acfInfo', options, keys)
  const { start, finish, translate } = startInfo(x, checked)
  return finish(await run<NativeAcfInfo>(start, checked, { translate }))
}

/** {@link acfInfo}, computed while the caller waits. */
export function acfInfoSync(x: Float64Array, options?: AcfInfoOptions & SyncOptions): AcfInfo {
  const keys = [...infoKeys, ...syncKeys]
  const checked = checkOptions<AcfInfoOptions & SyncOptions>('acfInfoSync', options, keys)
  const { start, finish, translate } = startInfo(x, checked)
  return finish(runSync<NativeAcfInfo>(start, checked, { translate }))
}

function startTest(x: Float64Array, options: LjungBoxOptions) {
  expectSeries('x', x)
  const fitted = expectInteger('modelDegrees', options.modelDegrees ?? 0)
  if (x.length < 2) throw invalidArgument('at least two values', 'x', x)
  const filled = fill(x, options, { lags: Math.min(10, Math.floor(x.length / 5)), least: 1 })
  const start = (control: Control) => native.acfInfo(x, filled, 0.95, fitted, control)
  return { start, translate: translating(x) }
}

/**
 * The Ljung-Box test: is there any correlation among the lags 1 to t? For each t up to `lags`, default
 * min(10, floor(n/5)) and at least 1. statsmodels' `acorr_ljungbox(x, lags, model_df=modelDegrees)`.
 * The probability is that of the chi-square distribution with t - modelDegrees degrees of freedom.
 *
 * @example
 * ```ts
 * import { ljungBox } from 'numcore'
 * const { statistic, p } = await ljungBox(Float64Array.of(1, 2, 3, 4), { lags: 1 })
 * console.log(statistic[0], p[0]) // 0.5 0.4795001221869535
 * ```
 */
export async function ljungBox(
  x: Float64Array,
  options?: LjungBoxOptions & AsyncOptions,
): Promise<LjungBox> {
  const keys = [...testKeys, ...asyncKeys]
  const checked = checkOptions<LjungBoxOptions & AsyncOptions>('ljungBox', options, keys)
  const { start, translate } = startTest(x, checked)
  const { statistic, p } = await run<NativeAcfInfo>(start, checked, { translate })
  return { statistic, p }
}

/** {@link ljungBox}, computed while the caller waits. */
export function ljungBoxSync(x: Float64Array, options?: LjungBoxOptions & SyncOptions): LjungBox {
  const keys = [...testKeys, ...syncKeys]
  const checked = checkOptions<LjungBoxOptions & SyncOptions>('ljungBoxSync', options, keys)
  const { start, translate } = startTest(x, checked)
  const { statistic, p } = runSync<NativeAcfInfo>(start, checked, { translate })
  return { statistic, p }
}
