/** Numerical integration of an expression that is compiled at run time. */
import { fromNative, invalidArgument, isNativeFailure, NotFiniteError } from './errors.js'
import { fillNames, type Params, translateParse } from './expression.js'
import {
  type AsyncOptions,
  asyncKeys,
  type Control,
  run,
  runSync,
  type SyncOptions,
  syncKeys,
} from './job.js'
import { type NativeGrid, type NativeIntegral, type NativeNames, native } from './native.js'
import { checkOptions, expectFinite, expectInteger, expectOneOf } from './options.js'
import {
  conditionOf,
  defaultTolerance,
  fillTolerance,
  isWithin,
  type Tolerance,
} from './quad/outcome.js'
import {
  evaluator,
  evaluatorLater,
  expectIntegrand,
  follow,
  followLater,
  type Integrand,
  type PointIntegrand,
  type Steps,
  type VectorIntegrand,
} from './quad/steps.js'

export const rules = ['midpoint', 'trapezoid', 'simpson', 'gauss'] as const

/**
 * How an integral is approximated on `bins` equal parts, each of width h:
 * - `midpoint`: the middle of each; error about h^2/24 of f''. It never evaluates the ends.
 * - `trapezoid`: the ends of each, `bins` + 1 points; h^2/12. For a periodic f over whole periods, or one that
 *   falls to 0 smoothly at both ends, it converges faster than any power of h.
 * - `simpson`: ends and middle of each, 2 `bins` + 1 points; h^4/2880 of the fourth derivative.
 * - `gauss`: the nodes of the Gauss-Legendre rule of `order` in each; h^(2 `order`), the fewest points for a
 *   smooth f. It never evaluates the ends.
 */
export type Rule = (typeof rules)[number]

export interface IntegrateOptions {
  /**
   * The number of equal parts that the range is cut into, 1 to 2^53 (2^53 / `order` for `gauss`, 2^52 for
   * `simpson`). Default 1e6, with `gauss` 1e6 / `order`: some milliseconds of work, and with the midpoint rule
   * about twelve correct digits of a smooth integrand, since the error falls with the square of the number.
   */
  bins?: number | undefined
  /** Default `'midpoint'`. */
  rule?: Rule | undefined
  /** The nodes in each bin, for the rule `gauss` only: 1 to 1000, default 10. */
  order?: number | undefined
  /** Constants that the expression names: `{ a: 2, b: 3 }` for `a*exp(-b*x)`. */
  params?: Params | undefined
  /**
   * The error that is good enough, for `converged`: the larger of `absTolerance` and `relTolerance` times |value|. Both
   * 1.49e-8 by default, as for `quad`. They do not change what is computed; `bins` does.
   */
  absTolerance?: number | undefined
  relTolerance?: number | undefined
  /**
   * f is a function of a whole Float64Array of points and returns as many values (in the asynchronous form a promise of
   * them will do). Default false: a function is called point by point.
   */
  vectorized?: boolean | undefined
}

export interface Integral {
  value: number
  /**
   * An estimate, from above, of how far `value` is from the integral, taken from what was evaluated:
   * - `midpoint` and `trapezoid`: h (sum |d| / 4 + 4 max |d|) with the second differences d of the values. About
   *   six and three times the true error where f' is monotone.
   * - `simpson`: h (sum |d| / 6 + 2 max |d|) with the fourth differences; about thirty times.
   * - `gauss`: h (sum |g| + 2 max |g| + ...) with g how far the polynomials of neighbouring bins miss each other
   *   at their common end: as h^`order`, where the true error is as h^(2 `order`).
   *
   * and the rounding of the value. It holds for jumps and kinks, and for ends where f is infinite up to about
   * x^(-3/4) (rules that do not evaluate the ends). No estimate sees what lies between all points: a narrow
   * peak, or oscillations faster than the bins. Infinity with fewer than 3 bins (`trapezoid` and `simpson` 2,
   * `gauss` from order 3 on: 1), where nothing can be compared.
   */
  error: number
  /** How often the integrand was evaluated; 0 when `a` is `b`. */
  evaluations: number
  /** The integral of |f| by the same rule, summed as carefully. Not negative. */
  l1: number
  /**
   * `l1 / |value|`: how many times larger rounding errors of f are in `value` than in f, so that log10 of it digits are
   * lost to cancellation. 1 for f of one sign, Infinity when only `value` is 0.
   */
  condition: number
  /** Whether `error` is within the tolerance; false when it is Infinity. */
  converged: boolean
  rule: Rule
  /** The threads that had work. */
  threads: number
}

/** @internal */
export const integrateKeys = [
  'bins',
  'rule',
  'order',
  'params',
  'absTolerance',
  'relTolerance',
  'vectorized',
] as const
const defaultPoints = 1_000_000
const mostPoints = 2 ** 53
const defaultOrder = 10
const mostOrder = 1000

/** @internal */
export interface Filled {
  f: Integrand
  a: number
  b: number
  bins: number
  rule: Rule
  order: number
  tolerance: Tolerance
  names: NativeNames
  vectorized: boolean
}

function fillOrder(rule: Rule, order: number | undefined): number {
  if (order === undefined) return rule === 'gauss' ? defaultOrder : 1
  if (rule !== 'gauss') throw invalidArgument('rule "gauss" with an order', 'rule', rule)
  return expectInteger('order', order, 1, mostOrder)
}

/** Points in a bin, for the limits of `bins`. */
function pointsInBin(rule: Rule, order: number): number {
  return rule === 'simpson' ? 2 : order
}

/** @internal */
export function fill(f: Integrand, a: number, b: number, options: IntegrateOptions): Filled {
  expectIntegrand('expression', f, options)
  expectFinite('a', a)
  expectFinite('b', b)
  const rule = expectOneOf('rule', options.rule ?? 'midpoint', rules)
  const order = fillOrder(rule, options.order)
  const defaultBins = Math.ceil(defaultPoints / order)
  const mostBins = Math.floor(mostPoints / pointsInBin(rule, order))
  const bins = expectInteger('bins', options.bins ?? defaultBins, 1, mostBins)
  if (!Number.isFinite(b - a)) {
    throw invalidArgument('a number at a finite distance from a', 'b', b)
  }
  const names = fillNames(['x'], options.params)
  const tolerance = fillTolerance(options, defaultTolerance)
  return { f, a, b, bins, rule, order, tolerance, names, vectorized: options.vectorized ?? false }
}

function start({ f, names, a, b, bins, rule, order }: Filled & { f: string }) {
  return (control: Control) => native.integrate(f, names, a, b, bins, rule, order, control)
}

/** A function is asked for so many values at a time, point by point: others want their turn. */
const batch = 256

/** A rule that is given the values of its integrand. @internal */
export function gridOf({ a, b, bins, rule, order }: Filled): NativeGrid {
  return native.gridSession(Math.min(a, b), Math.max(a, b), bins, rule, order)
}

/** Asks for all values that a rule wants. @internal */
export function* askValues(session: NativeGrid, { f, vectorized }: Filled): Steps<void> {
  const settings = { translate: translate(f) }
  for (;;) {
    const points = native.gridPoints(session)
    const count = points.length
    if (count === 0) return
    let values: Float64Array
    if (vectorized) {
      values = yield [points]
    } else {
      values = new Float64Array(count)
      for (let i = 0; i < count; i += batch) values.set(yield [points.subarray(i, i + batch)], i)
    }
    runSync<void>((control) => native.gridGive(session, values, control), { threads: 1 }, settings)
  }
}

/** What a rule makes of its values; nothing of none where the ends are one. @internal */
export function finishGrid(session: NativeGrid | undefined, { f, a, b }: Filled): NativeIntegral {
  if (session === undefined) return { value: 0, error: 0, l1: 0, evaluations: 0, threads: 1 }
  const finishing = (control: Control) => native.gridFinish(session, control)
  const settings = { translate: translate(f) }
  const result = runSync<NativeIntegral>(finishing, { threads: 1 }, settings)
  return a < b ? result : { ...result, value: 0 - result.value }
}

/** The rule on values that JavaScript computes. */
function* ask(filled: Filled): Steps<NativeIntegral> {
  if (filled.a === filled.b) return finishGrid(undefined, filled)
  const session = gridOf(filled)
  yield* askValues(session, filled)
  return finishGrid(session, filled)
}

/** @internal */
export function isExpression(filled: Filled): filled is Filled & { f: string } {
  return typeof filled.f === 'string'
}

/** @internal */
export function translate(f: Integrand) {
  const parse = translateParse(typeof f === 'string' ? f : '')
  return (error: unknown): unknown => {
    if (!isNativeFailure(error)) return error
    if (error.code === 'ERR_PARSE') return parse(error)
    if (error.code === 'ERR_NOT_FINITE') return new NotFiniteError(error.message, error.where ?? -1)
    return fromNative(error)
  }
}

/** @internal */
export function finish(
  { rule, tolerance }: Filled,
  { value, error, l1, evaluations, threads }: NativeIntegral,
): Integral {
  const condition = conditionOf(value, l1)
  const converged = isWithin(tolerance, value, error)
  return { value, error, evaluations, l1, condition, converged, rule, threads }
}

/**
 * The integral of f from `a` to `b`, an expression of `x` or a function, by a rule on a fixed grid. For an integral to a wanted
 * accuracy with few points, or to infinity, see {@link quad}.
 *
 * The expression is compiled when it is called, to operations on blocks of points; no JavaScript runs
 * per point. It may hold numbers, `x`, `pi`, `e`, `+ - * /`, `**` or `^` (to the right, and tighter than a
 * sign before: `-x**2` is `-(x**2)`), brackets, and the functions sqrt exp log log10 log2 sin cos tan
 * asin acos atan sinh cosh tanh abs floor ceil, pow of two arguments, min and max of two or more. Each
 * means what it means in JavaScript's `Math`, to 1.1 units in the last place; powers that are whole or
 * half, to 25, are products and a square root, whose rounding errors add up. They differ from `**` in two
 * more ways: `(-Infinity)**0.5` is NaN, and a negative power below 2.3e-308 may be 0. Other names are those
 * of `params`.
 *
 * A function is called on the event loop, point by point or with `vectorized` for some thousand points at once; the
 * event loop has its turn every eight milliseconds. Its rules, sums and errors are those of an expression.
 *
 * Every result says how far it can be trusted: `error`, `l1` and `condition`, and whether the error is within the
 * tolerance (`converged`). Nothing is thrown for a bad one. Sums are compensated, and the result has the same bits for every number of threads and from
 * {@link integrateSync}. Time is proportional to `bins`; memory is not. `a > b` gives the exact negative.
 *
 * ```ts
 * import { integrate } from 'numcore'
 * const { value } = await integrate('x**(3/2)', 0, 1, { bins: 1e6 })
 * console.log(value.toFixed(12)) // 0.400000000000
 *
 * const sine = await integrate('sin(x)', 0, Math.PI, { rule: 'gauss', order: 5, bins: 10 })
 * console.log(sine.value.toFixed(14), sine.evaluations) // 2.00000000000000 50
 *
 * const wave = await integrate('cos(x)', 0, 3 * Math.PI, { bins: 1e5 })
 * console.log(wave.l1.toFixed(6), wave.condition > 1e8, wave.converged) // 6.000000 true true
 * ```
 *
 * @throws {ParseError} `ERR_PARSE`, pointing at the column.
 * @throws {NotFiniteError} `ERR_NOT_FINITE` when the integrand is NaN or infinite at an evaluated point:
 *   the lowest such point, and its `index` counted from the lower end; index -1 when only the sum
 *   overflows.
 * @throws {InvalidArgumentError} `ERR_INVALID_ARGUMENT` for an end that is not finite, `bins` that are not
 *   whole, an unknown option.
 */
export async function integrate(
  f: VectorIntegrand,
  a: number,
  b: number,
  options: IntegrateOptions & AsyncOptions & { vectorized: true },
): Promise<Integral>
export async function integrate(
  f: string | PointIntegrand,
  a: number,
  b: number,
  options?: IntegrateOptions & AsyncOptions,
): Promise<Integral>
export async function integrate(
  f: Integrand,
  a: number,
  b: number,
  options?: IntegrateOptions & AsyncOptions,
): Promise<Integral> {
  const given = checkOptions('integrate', options, [...integrateKeys, ...asyncKeys])
  const filled = fill(f, a, b, given)
  if (!isExpression(filled)) {
    const evaluate = await evaluatorLater(f, filled, given)
    return finish(
      filled,
      await followLater(ask(filled), evaluate, given, filled.bins * filled.order),
    )
  }
  const settings = { translate: translate(f) }
  return finish(filled, await run<NativeIntegral>(start(filled), given, settings))
}

/** {@link integrate} that keeps the caller waiting; the same bits. */
export function integrateSync(
  f: (x: Float64Array) => ArrayLike<number>,
  a: number,
  b: number,
  options: IntegrateOptions & SyncOptions & { vectorized: true },
): Integral
export function integrateSync(
  f: string | PointIntegrand,
  a: number,
  b: number,
  options?: IntegrateOptions & SyncOptions,
): Integral
export function integrateSync(
  f: Integrand,
  a: number,
  b: number,
  options?: IntegrateOptions & SyncOptions,
): Integral {
  const given = checkOptions('integrateSync', options, [...integrateKeys, ...syncKeys])
  const filled = fill(f, a, b, given)
  if (!isExpression(filled)) return finish(filled, follow(ask(filled), evaluator(f, filled, given)))
  const settings = { translate: translate(f) }
  return finish(filled, runSync<NativeIntegral>(start(filled), given, settings))
}
