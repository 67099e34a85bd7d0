/** Integrals over boxes of several dimensions. */
import { invalidArgument, ShapeError } from './errors.js'
import { fillNames, type Params } from './expression.js'
import { type AsyncOptions, asyncKeys, type SyncOptions, syncKeys } from './job.js'
import type { NativeNames } from './native.js'
import { checkOptions, expectInteger } from './options.js'
import { genzMalik } from './quad/genz-malik.js'
import type { Goal, Status } from './quad/adaptive.js'
import { mostDimensions, Sobol } from './quad/sobol.js'
import {
  evaluator,
  evaluatorLater,
  expectIntegrand,
  expectTolerance,
  follow,
  followLater,
  type ManyIntegrand,
  type ManyPointIntegrand,
  type ManyVectorIntegrand,
  notFinite,
  type Steps,
} from './quad/steps.js'

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
const copies = 16
/** Points of each copy to begin with; doubled while the error is too large. */
const firstPoints = 256
/** Points of all copies in one batch. */
const batchPoints = 1 << 15

interface Filled {
  lower: number[]
  upper: number[]
  goal: Goal
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
  tolerance: readonly [number, number],
): Filled {
  expectIntegrand('f', f, options)
  const low = expectEnds('lower', lower)
  const high = expectEnds('upper', upper)
  if (low.length !== high.length) {
    throw new ShapeError(
      `Expected as many ends for upper as for lower, ${low.length}, but received ${high.length}`,
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
    goal: {
      absTolerance: expectTolerance('absTolerance', options.absTolerance ?? tolerance[0]),
      relTolerance: expectTolerance('relTolerance', options.relTolerance ?? tolerance[1]),
      limit: 0,
    },
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

/** Ends that are the wrong way round change the sign. */
function* oriented(
  filled: Filled,
  box: (low: number[], high: number[]) => Steps<Result>,
): Steps<Result> {
  const { lower, upper } = filled
  const low = lower.map((end, i) => Math.min(end, upper[i] as number))
  const high = lower.map((end, i) => Math.max(end, upper[i] as number))
  if (low.some((end, i) => end === high[i])) {
    return { value: 0, error: 0, l1: 0, evaluations: 0, status: 'converged' }
  }
  const turned = lower.filter((end, i) => end > (upper[i] as number)).length
  const result = yield* named(box(low, high), filled)
  return turned % 2 === 0 ? result : { ...result, value: 0 - result.value }
}

function* quasi(
  low: number[],
  high: number[],
  { goal, most }: Filled,
  seed: number,
): Steps<Result> {
  const points = new Sobol(low.length, copies, seed)
  const volume = low.reduce((product, end, i) => product * ((high[i] as number) - end), 1)
  const sums = new Float64Array(copies)
  let sumOfAbs = 0
  let count = 0
  for (let target = firstPoints; ; target *= 2) {
    while (count < target) {
      const batch = Math.min(target - count, batchPoints / copies)
      const place = points.next(batch).map((unit, i) => {
        const from = low[i] as number
        const width = (high[i] as number) - from
        return unit.map((u) => from + width * u)
      })
      const values = yield place
      values.forEach((value, k) => {
        if (!Number.isFinite(value)) {
          const where = place.map((coordinate) => coordinate[k]).join(', ')
          throw notFinite(`(${where})`, value)
        }
        const copy = Math.floor(k / batch)
        sums[copy] = (sums[copy] as number) + value
        sumOfAbs += Math.abs(value)
      })
      count += batch
    }
    const means = sums.map((sum) => (sum / count) * volume)
    const value = means.reduce((sum, mean) => sum + mean, 0) / copies
    const spread = means.reduce((sum, mean) => sum + (mean - value) ** 2, 0)
    const error = 3 * Math.sqrt(spread / (copies * (copies - 1)))
    const converged = error <= Math.max(goal.absTolerance, goal.relTolerance * Math.abs(value))
    const evaluations = copies * count
    if (converged || 2 * evaluations > most) {
      const l1 = (sumOfAbs / evaluations) * volume
      return { value, error, l1, evaluations, status: converged ? 'converged' : 'limit' }
    }
  }
}

function finish({ value, error, evaluations, l1, status }: Result): BoxIntegral {
  const size = Math.abs(value)
  const condition = size === 0 ? (l1 === 0 ? 1 : Number.POSITIVE_INFINITY) : Math.max(1, l1 / size)
  return { value, error, evaluations, l1, condition, converged: status === 'converged', status }
}

const cubatureSteps = (filled: Filled) =>
  oriented(filled, (low, high) => genzMalik(low, high, filled.goal, filled.most))

const qmcSteps = (filled: Filled, seed: number) =>
  oriented(filled, (low, high) => quasi(low, high, filled, seed))

const forCubature = [[2, mostCubature], [1.49e-8, 1.49e-8]] as const // prettier-ignore
const forQmc = [[1, mostDimensions], [0, 1e-4]] as const // prettier-ignore

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
  const seed = expectSeed(given.seed)
  const evaluate = await evaluatorLater(f, filled, given)
  return finish(await followLater(qmcSteps(filled, seed), evaluate, given, filled.most))
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
  const seed = expectSeed(given.seed)
  return finish(follow(qmcSteps(filled, seed), evaluator(f, filled, given)))
}
