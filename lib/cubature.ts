/** Integrals over boxes of several dimensions. */
import { invalidArgument, isNativeFailure, NotFiniteError, ShapeError } from './errors.js'
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
import {
  type NativeNames,
  type NativeQuasiResult,
  type NativeQuasiSettings,
  native,
} from './native.js'
import { checkOptions, expectInteger } from './options.js'
import { genzMalik } from './quad/genz-malik.js'
import type { Status } from './quad/adaptive.js'
import { conditionOf, defaultTolerance, fillTolerance, type Tolerance } from './quad/outcome.js'
import {
  evaluator,
  evaluatorLater,
  expectIntegrand,
  follow,
  followLater,
  type ManyIntegrand,
  type ManyPointIntegrand,
  type ManyVectorIntegrand,
  type Steps,
} from './quad/steps.js'
import { uniform } from './random.js'

export type { ManyIntegrand, ManyPointIntegrand, ManyVectorIntegrand } from './quad/steps.js'

export interface BoxOptions {
  /** Accept an error of this size. Default 1.49e-8; `qmc` 0. */
  absTolerance?: number | undefined
  /** Accept an error of this part of the value; the larger of the two counts. Default 1.49e-8; `qmc` 1e-4. */
  relTolerance?: number | undefined
  /** Stop when one more step would take more evaluations. Default 1e6. */
  maxEvaluations?: number | undefined
  /** f is a function of one Float64Array for each dimension and returns as many values. Default false. */
  vectorized?: boolean | undefined
  /** Constants that the expression names. */
  params?: Params | undefined
}

export interface QmcOptions extends BoxOptions {
  /** Of the random shifts, 0 to 2^32 - 1. Default 0: the same call gives the same value. */
  seed?: number | undefined
}

export interface BoxIntegral {
  value: number
  /**
   * How far `value` may be from the integral. `cubature`: the difference of the rules of degree 7 and 5, an estimate from
   * above for a smooth f. `qmc`: three standard errors of 16 randomly shifted estimates, within which the integral is
   * in about 99 of 100 cases.
   */
  error: number
  evaluations: number
  /** About the integral of |f|, from the same points. */
  l1: number
  /** `l1 / |value|`. */
  condition: number
  /** Whether `error` is within the tolerance. */
  converged: boolean
  status: Status
}

const boxKeys = ['absTolerance', 'relTolerance', 'maxEvaluations', 'vectorized', 'params'] as const
const qmcKeys = [...boxKeys, 'seed'] as const
const axes = ['x', 'y', 'z', 'w']
const mostCubature = 4
/** As many as native/kernels/quadrature/sobol.h has. */
const mostDimensions = 21
/** Shifted copies of the points, whose spread is the error. */
const copies = 16

interface Filled {
  lower: number[]
  upper: number[]
  tolerance: Tolerance
  most: number
  names: NativeNames
  vectorized: boolean
  aliases: number
}

function expectEnds(name: string, ends: unknown): number[] {
  if (!Array.isArray(ends)) throw invalidArgument('an array of numbers', name, ends)
  ends.forEach((end: unknown, i) => {
    if (typeof end === 'number' && Number.isFinite(end)) return
    throw invalidArgument('a finite number', `${name}[${i}]`, end)
  })
  return ends as number[]
}

function fill(
  f: ManyIntegrand,
  lower: readonly number[],
  upper: readonly number[],
  options: BoxOptions,
  [fewest, most]: readonly [number, number],
  tolerance: Tolerance,
): Filled {
  expectIntegrand('f', f, options)
  const low = expectEnds('lower', lower)
  const high = expectEnds('upper', upper)
  if (low.length !== high.length) {
    throw new ShapeError(
      `Expected as many ends for upper as for lower, ${low.length}, but received ${high.length}`,
    )
  }
  const far = low.findIndex((end, i) => !Number.isFinite((high[i] as number) - end))
  if (far >= 0) {
    throw invalidArgument(
      `a number at a finite distance from lower[${far}]`,
      `upper[${far}]`,
      high[far],
    )
  }
  const n = low.length
  if (n < fewest || n > most) {
    const range = `from ${fewest} to ${most} dimensions`
    throw invalidArgument(`${range} (quad is for one, qmc for many)`, 'lower', low)
  }
  const numbered = low.map((_, i) => `x${i + 1}`)
  const short = n <= axes.length ? axes.slice(0, n) : []
  return {
    lower: low,
    upper: high,
    tolerance: fillTolerance(options, tolerance),
    most: expectInteger('maxEvaluations', options.maxEvaluations ?? 1_000_000, 1),
    names: fillNames([...numbered, ...short], options.params),
    vectorized: options.vectorized ?? false,
    aliases: typeof f === 'string' && short.length > 0 ? 2 : 1,
  }
}

/** x is x1: an expression gets the arrays twice. */
function* named<T>(steps: Steps<T>, { aliases }: Filled): Steps<T> {
  let step = steps.next()
  while (!step.done) {
    const points = step.value
    step = steps.next(yield aliases === 2 ? [...points, ...points] : points)
  }
  return step.value
}

interface Result {
  value: number
  error: number
  l1: number
  evaluations: number
  status: Status
}

const nothing: Result = { value: 0, error: 0, l1: 0, evaluations: 0, status: 'converged' }

/** Ends in order, or nothing when the box has no inside. */
function boxOf({ lower, upper }: Filled): { low: number[]; high: number[] } | undefined {
  const low = lower.map((end, i) => Math.min(end, upper[i] as number))
  const high = lower.map((end, i) => Math.max(end, upper[i] as number))
  return low.some((end, i) => end === high[i]) ? undefined : { low, high }
}

/** Ends that are the wrong way round change the sign. */
function oriented(result: Result, { lower, upper }: Filled): Result {
  const turned = lower.filter((end, i) => end > (upper[i] as number)).length
  return turned % 2 === 0 ? result : { ...result, value: 0 - result.value }
}

/** Nothing when the box has no inside. */
function settingsOf(filled: Filled, seed: number): NativeQuasiSettings | undefined {
  const box = boxOf(filled)
  if (box === undefined) return undefined
  const { tolerance, most } = filled
  const random = uniform(seed)
  const shifts = Uint32Array.from({ length: copies * box.low.length }, () => random() * 2 ** 32)
  const ends = { low: Float64Array.from(box.low), high: Float64Array.from(box.high) }
  return { ...ends, shifts, ...tolerance, most }
}

function outcome({ converged, ...result }: NativeQuasiResult, filled: Filled): Result {
  return oriented({ ...result, status: converged ? 'converged' : 'limit' }, filled)
}

/** Quasi-Monte Carlo on values that JavaScript computes. */
function* quasi(filled: Filled, settings: NativeQuasiSettings | undefined): Steps<Result> {
  if (settings === undefined) return nothing
  const session = native.qmcSession(settings)
  const dimensions = settings.low.length
  for (;;) {
    const points = native.qmcPoints(session, dimensions)
    if (points[0]?.length === 0) return outcome(native.qmcResult(session), filled)
    const values = yield points
    runSync<void>(
      (control) => native.qmcGive(session, values, control),
      { threads: 1 },
      { translate },
    )
  }
}

/** The add-on's failures as the errors of numcore; `source` is the expression, if there is one. */
const translate = (error: unknown, source = ''): unknown =>
  isNativeFailure(error) && error.code === 'ERR_NOT_FINITE'
    ? new NotFiniteError(error.message, -1)
    : translateParse(source)(error)

function finish({ value, error, evaluations, l1, status }: Result): BoxIntegral {
  const condition = conditionOf(value, l1)
  return { value, error, evaluations, l1, condition, converged: status === 'converged', status }
}

function* cubatureSteps(filled: Filled): Steps<Result> {
  const box = boxOf(filled)
  if (box === undefined) return nothing
  const result = yield* named(genzMalik(box.low, box.high, filled.tolerance, filled.most), filled)
  return oriented(result, filled)
}

const forCubature = [[2, mostCubature], defaultTolerance] as const
const forQmc = [[1, mostDimensions], { absTolerance: 0, relTolerance: 1e-4 }] as const

function expectSeed(seed: number | undefined): number {
  return expectInteger('seed', seed ?? 0, 0, 2 ** 32 - 1)
}

/**
 * The integral of f over a box of 2 to 4 dimensions, to a wanted accuracy: adaptive, by the rule of Genz and Malik, which
 * is exact to degree 7. The boxes with the largest errors are halved along the axis where f is roughest, up to 32 at
 * once.
 *
 * f is an expression in `x`, `y`, `z`, `w` or `x1` ... `x4`, a function of as many numbers, or with `vectorized` one of as
 * many Float64Arrays. `lower` and `upper` are the ends along each axis, all finite. One step takes 17, 33 or 57
 * points a box. Ends and edges are not evaluated. A function runs on the event loop, which has its turns.
 *
 * ```ts
 * import { cubature } from 'numcore'
 * const { value, converged } = await cubature('exp(-x*x-y*y)', [-5, -5], [5, 5])
 * console.log(value.toFixed(6), converged) // 3.141593 true
 * ```
 *
 * @throws {ParseError} `ERR_PARSE`, pointing at the column.
 * @throws {NotFiniteError} `ERR_NOT_FINITE` where f is NaN or infinite, with the point.
 * @throws {ShapeError} `ERR_SHAPE` when `lower` and `upper` differ in length.
 * @throws {InvalidArgumentError} `ERR_INVALID_ARGUMENT` for more dimensions (see {@link qmc}) or an unknown option.
 */
export async function cubature(
  f: ManyVectorIntegrand,
  lower: readonly number[],
  upper: readonly number[],
  options: BoxOptions & AsyncOptions & { vectorized: true },
): Promise<BoxIntegral>
export async function cubature(
  f: string | ManyPointIntegrand,
  lower: readonly number[],
  upper: readonly number[],
  options?: BoxOptions & AsyncOptions,
): Promise<BoxIntegral>
export async function cubature(
  f: ManyIntegrand,
  lower: readonly number[],
  upper: readonly number[],
  options?: BoxOptions & AsyncOptions,
): Promise<BoxIntegral> {
  const given = checkOptions('cubature', options, [...boxKeys, ...asyncKeys])
  const filled = fill(f, lower, upper, given, ...forCubature)
  const evaluate = await evaluatorLater(f, filled, given)
  return finish(await followLater(cubatureSteps(filled), evaluate, given, filled.most))
}

/** {@link cubature} that keeps the caller waiting; the same bits. */
export function cubatureSync(
  f: (...x: Float64Array[]) => ArrayLike<number>,
  lower: readonly number[],
  upper: readonly number[],
  options: BoxOptions & SyncOptions & { vectorized: true },
): BoxIntegral
export function cubatureSync(
  f: string | ManyPointIntegrand,
  lower: readonly number[],
  upper: readonly number[],
  options?: BoxOptions & SyncOptions,
): BoxIntegral
export function cubatureSync(
  f: ManyIntegrand,
  lower: readonly number[],
  upper: readonly number[],
  options?: BoxOptions & SyncOptions,
): BoxIntegral {
  const given = checkOptions('cubatureSync', options, [...boxKeys, ...syncKeys])
  const filled = fill(f, lower, upper, given, ...forCubature)
  return finish(follow(cubatureSteps(filled), evaluator(f, filled, given)))
}

/**
 * The integral of f over a box of 1 to 21 dimensions by quasi-Monte Carlo: Sobol's points, 16 copies of them, each
 * shifted at random, so that the spread of the 16 estimates is an honest error. The number of points is doubled
 * until three standard errors are within the tolerance. The error falls nearly as 1/points for a smooth f.
 *
 * f is an expression in `x1` ... `x21` (and `x`, `y`, `z`, `w` up to four dimensions), or a function as for
 * {@link cubature}. The same `seed` gives the same bits.
 *
 * ```ts
 * import { qmc } from 'numcore'
 * const { value, error } = await qmc('x1*x2*x3*x4*x5*x6', [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1])
 * console.log(Math.abs(value - 1 / 64) < error) // true
 * ```
 *
 * @throws {ParseError} `ERR_PARSE`, pointing at the column.
 * @throws {NotFiniteError} `ERR_NOT_FINITE` where f is NaN or infinite, with the point.
 * @throws {ShapeError} `ERR_SHAPE` when `lower` and `upper` differ in length.
 * @throws {InvalidArgumentError} `ERR_INVALID_ARGUMENT` for more dimensions or an unknown option.
 */
export async function qmc(
  f: ManyVectorIntegrand,
  lower: readonly number[],
  upper: readonly number[],
  options: QmcOptions & AsyncOptions & { vectorized: true },
): Promise<BoxIntegral>
export async function qmc(
  f: string | ManyPointIntegrand,
  lower: readonly number[],
  upper: readonly number[],
  options?: QmcOptions & AsyncOptions,
): Promise<BoxIntegral>
export async function qmc(
  f: ManyIntegrand,
  lower: readonly number[],
  upper: readonly number[],
  options?: QmcOptions & AsyncOptions,
): Promise<BoxIntegral> {
  const given = checkOptions('qmc', options, [...qmcKeys, ...asyncKeys])
  const filled = fill(f, lower, upper, given, ...forQmc)
  const settings = settingsOf(filled, expectSeed(given.seed))
  if (typeof f === 'string' && settings !== undefined) {
    const translating = { translate: (error: unknown) => translate(error, f) }
    const start = (control: Control) => native.qmc(f, filled.names, settings, control)
    return finish(outcome(await run<NativeQuasiResult>(start, given, translating), filled))
  }
  const evaluate = await evaluatorLater(f, filled, given)
  return finish(await followLater(quasi(filled, settings), evaluate, given, filled.most))
}

/** {@link qmc} that keeps the caller waiting; the same bits. */
export function qmcSync(
  f: (...x: Float64Array[]) => ArrayLike<number>,
  lower: readonly number[],
  upper: readonly number[],
  options: QmcOptions & SyncOptions & { vectorized: true },
): BoxIntegral
export function qmcSync(
  f: string | ManyPointIntegrand,
  lower: readonly number[],
  upper: readonly number[],
  options?: QmcOptions & SyncOptions,
): BoxIntegral
export function qmcSync(
  f: ManyIntegrand,
  lower: readonly number[],
  upper: readonly number[],
  options?: QmcOptions & SyncOptions,
): BoxIntegral {
  const given = checkOptions('qmcSync', options, [...qmcKeys, ...syncKeys])
  const filled = fill(f, lower, upper, given, ...forQmc)
  const settings = settingsOf(filled, expectSeed(given.seed))
  if (typeof f === 'string' && settings !== undefined) {
    const translating = { translate: (error: unknown) => translate(error, f) }
    const start = (control: Control) => native.qmc(f, filled.names, settings, control)
    return finish(outcome(runSync<NativeQuasiResult>(start, given, translating), filled))
  }
  return finish(follow(quasi(filled, settings), evaluator(f, filled, given)))
}
