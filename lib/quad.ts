/** Adaptive integration to a wanted accuracy, over finite and infinite ranges. */
import { invalidArgument } from './errors.js'
import { fillNames, type Params } from './expression.js'
import { type AsyncOptions, asyncKeys, type SyncOptions, syncKeys } from './job.js'
import type { NativeNames } from './native.js'
import { checkOptions, expectInteger, expectOneOf } from './options.js'
import { adaptive, type Goal, type Outcome, rangeOf, type Status } from './quad/adaptive.js'
import { accepted, conditionOf, defaultTolerance, fillTolerance } from './quad/outcome.js'
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
import { tanhSinh } from './quad/tanh-sinh.js'

export type { Integrand, PointIntegrand, VectorIntegrand } from './quad/steps.js'

const methods = ['auto', 'gauss-kronrod', 'tanh-sinh'] as const

export interface QuadOptions {
  /** Accept an error of this size. Default 1.49e-8, as SciPy's `quad`. */
  absTolerance?: number | undefined
  /** Accept an error of this part of the value; the larger of the two counts. Default 1.49e-8. */
  relTolerance?: number | undefined
  /**
   * Places within the range where f jumps, has a kink or a peak or is infinite: each becomes an end of intervals and
   * is not evaluated. Any order.
   */
  points?: readonly number[] | undefined
  /** The largest number of intervals, for Gauss-Kronrod. Default 50 (and the intervals between `points`). */
  limit?: number | undefined
  /**
   * - `gauss-kronrod`: intervals are halved where the error is largest (21 points, 15 on infinite ranges), and
   *   sequences that converge slowly are extrapolated: QUADPACK's QAGS, QAGP and QAGI.
   * - `tanh-sinh`: double exponential, for a smooth f with singular ends, such as x^(-0.9) at 0; and to full precision.
   * - `auto`, the default: Gauss-Kronrod, and tanh-sinh between the points when that does not reach the tolerance; the
   *   one with the smaller error is taken.
   */
  method?: (typeof methods)[number] | undefined
  /**
   * f is a function of a whole Float64Array of points and returns as many values (in the asynchronous form a promise of
   * them will do). Default false: a function is called point by point.
   */
  vectorized?: boolean | undefined
  /** Constants that the expression names: `{ a: 2, b: 3 }` for `a*exp(-b*x)`. */
  params?: Params | undefined
}

export interface Quad {
  value: number
  /** An estimate, from above, of how far `value` is from the integral. */
  error: number
  /** How often the integrand was evaluated. */
  evaluations: number
  /** The integral of |f|. */
  l1: number
  /** `l1 / |value|`: digits are lost to cancellation when it is large. 1 for f of one sign. */
  condition: number
  /** Whether `error` is within the tolerance. */
  converged: boolean
  /**
   * Why it ended: `converged`; `limit` of intervals; `roundoff` stands in the way of the tolerance; `singularity`, an
   * interval that is too small to halve; `no-convergence` of the extrapolation or of tanh-sinh; `divergent`, perhaps.
   */
  status: Status
  method: 'gauss-kronrod' | 'tanh-sinh'
}

const quadKeys = [
  'absTolerance',
  'relTolerance',
  'points',
  'limit',
  'method',
  'vectorized',
  'params',
] as const
const defaultLimit = 50
const mostIntervals = 1_000_000

/** Each interval after the first takes two rules of 21 points, as it comes from halving another. */
const mostEvaluations = ({ goal }: Filled) => 21 * (2 * goal.limit - 1)

interface Filled {
  f: Integrand
  /** low < high, and the sign of the whole. */
  low: number
  high: number
  sign: 1 | -1
  /** Within the range, rising, no two alike. */
  points: number[]
  goal: Goal
  method: (typeof methods)[number]
  vectorized: boolean
  names: NativeNames
}

function expectEnd(name: string, value: unknown): number {
  if (typeof value === 'number' && !Number.isNaN(value)) return value
  throw invalidArgument('a number or an infinity', name, value)
}

function fillPoints(points: unknown, low: number, high: number): number[] {
  if (points === undefined) return []
  if (!Array.isArray(points)) throw invalidArgument('an array of numbers', 'points', points)
  points.forEach((x: unknown, i) => {
    if (typeof x !== 'number' || !(x >= low && x <= high) || !Number.isFinite(x)) {
      throw invalidArgument(`a finite number from ${low} to ${high}`, `points[${i}]`, x)
    }
  })
  const inside = (points as number[]).filter((x) => x > low && x < high)
  return [...new Set(inside)].sort((p, q) => p - q)
}

function fill(f: Integrand, a: number, b: number, options: QuadOptions): Filled {
  expectIntegrand('f', f, options)
  expectEnd('a', a)
  expectEnd('b', b)
  const [low, high] = a <= b ? [a, b] : [b, a]
  if (Number.isFinite(a) && Number.isFinite(b) && !Number.isFinite(b - a)) {
    throw invalidArgument('a number at a finite distance from a', 'b', b)
  }
  const points = fillPoints(options.points, low, high)
  return {
    f,
    low,
    high,
    sign: a <= b ? 1 : -1,
    points,
    goal: {
      ...fillTolerance(options, defaultTolerance),
      limit: expectInteger(
        'limit',
        options.limit ?? defaultLimit + points.length,
        1,
        mostIntervals,
      ),
    },
    method: expectOneOf('method', options.method ?? 'auto', methods),
    vectorized: options.vectorized ?? false,
    names: fillNames(['x'], options.params),
  }
}

type Result = Outcome & { method: Quad['method'] }

/** Sums of what several ranges give; each has its share of the tolerance. */
function* pieces(
  ends: readonly number[],
  goal: Goal,
  each: (a: number, b: number, goal: Goal) => Steps<Outcome>,
): Steps<Outcome> {
  const count = ends.length - 1
  const share = { ...goal, absTolerance: goal.absTolerance / count }
  const total: Outcome = { value: 0, error: 0, l1: 0, evaluations: 0, status: 'converged' }
  for (let i = 0; i < count; i++) {
    const part = yield* each(ends[i] as number, ends[i + 1] as number, share)
    total.value += part.value
    total.error += part.error
    total.l1 += part.l1
    total.evaluations += part.evaluations
    if (part.status !== 'converged') total.status = part.status
    if (part.atEnd === true) total.atEnd = true
  }
  if (total.error <= accepted(goal, total.value)) total.status = 'converged'
  else if (total.status === 'converged') total.status = 'roundoff'
  return total
}

function gaussKronrod({ low, high, points, goal }: Filled): Steps<Outcome> {
  const line = !Number.isFinite(low) && !Number.isFinite(high)
  if (!line || points.length === 0) return adaptive(rangeOf(low, high, points), goal)
  // A point on the whole line cuts it in two.
  const cut = points[Math.floor(points.length / 2)] as number
  return pieces([low, cut, high], goal, (a, b, share) => {
    const inside = points.filter((x) => x > a && x < b)
    return adaptive(rangeOf(a, b, inside), share)
  })
}

function* choose(filled: Filled): Steps<Result> {
  const { low, high, points, goal, method } = filled
  const exponential = () => pieces([low, ...points, high], goal, tanhSinh)
  if (method === 'tanh-sinh') return { ...(yield* exponential()), method }
  const first = yield* gaussKronrod(filled)
  // Where the trouble is not at an end, tanh-sinh would have it too.
  if (method === 'gauss-kronrod' || first.status === 'converged' || first.atEnd !== true) {
    return { ...first, method: 'gauss-kronrod' }
  }
  const second = yield* exponential()
  const evaluations = first.evaluations + second.evaluations
  return second.error < first.error
    ? { ...second, evaluations, method: 'tanh-sinh' }
    : { ...first, evaluations, method: 'gauss-kronrod' }
}

const nothing: Quad = {
  value: 0,
  error: 0,
  evaluations: 0,
  l1: 0,
  condition: 1,
  converged: true,
  status: 'converged',
  method: 'gauss-kronrod',
}

function finish({ sign }: Filled, result: Result): Quad {
  const { value, error, evaluations, l1, status, method } = result
  return {
    value: sign < 0 ? 0 - value : value,
    error,
    evaluations,
    l1,
    condition: conditionOf(value, l1),
    converged: status === 'converged',
    status,
    method,
  }
}

/**
 * The integral of f from `a` to `b`, either of which may be infinite, as accurately as asked for. f is an expression of
 * `x` as {@link integrate} takes it, a function of a number, or with `vectorized` one of a Float64Array.
 *
 * With `auto` the method is QUADPACK's (adaptive Gauss-Kronrod with extrapolation), and tanh-sinh where that does not
 * reach the tolerance. `error` is an estimate from above that holds for what quadrature can see; a peak that no point
 * hits stays unseen, so name it in `points`. A result that is not as accurate as asked for has `converged: false` and
 * says why in `status`; nothing is thrown.
 *
 * A function runs on the event loop, which gets its turn every eight milliseconds, when `signal` is heeded too.
 * Expressions are evaluated in compiled batches; cheap batches on the spot, since handing them over takes longer.
 * Time is proportional to `evaluations`; the same bits from {@link quadSync} and for every number of threads.
 *
 * ```ts
 * import { quad } from 'numcore'
 * const bell = await quad('exp(-x*x)', -Infinity, Infinity)
 * console.log((bell.value - Math.sqrt(Math.PI)).toFixed(12), bell.converged) // 0.000000000000 true
 *
 * const log = await quad((x) => Math.log(x), 0, 1)
 * console.log(log.value.toFixed(10), log.method) // -1.0000000000 gauss-kronrod
 * ```
 *
 * @throws {ParseError} `ERR_PARSE`, pointing at the column.
 * @throws {NotFiniteError} `ERR_NOT_FINITE` where f is NaN or infinite, with the point. The ends and `points` are not
 *   evaluated, unless rounding puts a point there.
 * @throws {InvalidArgumentError} `ERR_INVALID_ARGUMENT` for an unknown option, or one out of range.
 */
export async function quad(
  f: VectorIntegrand,
  a: number,
  b: number,
  options: QuadOptions & AsyncOptions & { vectorized: true },
): Promise<Quad>
export async function quad(
  f: string | PointIntegrand,
  a: number,
  b: number,
  options?: QuadOptions & AsyncOptions,
): Promise<Quad>
export async function quad(
  f: Integrand,
  a: number,
  b: number,
  options?: QuadOptions & AsyncOptions,
): Promise<Quad> {
  const given = checkOptions('quad', options, [...quadKeys, ...asyncKeys])
  const filled = fill(f, a, b, given)
  const evaluate = await evaluatorLater(f, filled, given)
  if (a === b) return { ...nothing }
  return finish(filled, await followLater(choose(filled), evaluate, given, mostEvaluations(filled)))
}

/** {@link quad} that keeps the caller waiting; the same bits. */
export function quadSync(
  f: (x: Float64Array) => ArrayLike<number>,
  a: number,
  b: number,
  options: QuadOptions & SyncOptions & { vectorized: true },
): Quad
export function quadSync(
  f: string | PointIntegrand,
  a: number,
  b: number,
  options?: QuadOptions & SyncOptions,
): Quad
export function quadSync(
  f: Integrand,
  a: number,
  b: number,
  options?: QuadOptions & SyncOptions,
): Quad {
  const given = checkOptions('quadSync', options, [...quadKeys, ...syncKeys])
  const filled = fill(f, a, b, given)
  const evaluate = evaluator(f, filled, given)
  if (a === b) return { ...nothing }
  return finish(filled, follow(choose(filled), evaluate))
}
