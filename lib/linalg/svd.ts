/** Singular values, and what rests on them: least squares, pseudoinverse, rank. */
import { invalidArgument } from '../errors.js'
import type { AsyncOptions, Control, SyncOptions } from '../job.js'
import { type Reals, typeOf } from '../matrix/elements.js'
import { native } from '../native.js'
import { expectBoolean } from '../options.js'
import type { Factor } from './factors.js'
import {
  type AnyMatrix,
  type Prepared,
  prepare,
  type ResultOf,
  realRoomLike,
  roomLike,
  spread,
  type Vector,
  type WiderParts,
  wrap,
} from './operands.js'
import { operation } from './operation.js'
import { rightSide, type SolutionOf } from './right-side.js'

export interface SvdOptions {
  /** Square U and V. Default false: as many columns as there are singular values. */
  full?: boolean | undefined
}

/** A = U diag(s) V^H. */
export interface Svd<M> {
  /** m x k, orthonormal columns. */
  u: M
  /** The k = min(m, n) singular values, falling. */
  s: WiderParts<M>
  /** V^H, k x n: its rows are the right singular vectors, conjugate. */
  vt: M
}

const svdOperation = operation<[AnyMatrix], SvdOptions, Svd<Factor>>(
  'svd',
  ['full'],
  (options, A) => {
    const full = expectBoolean('full', options.full ?? false)
    const a = prepare('A', A)
    const [m, n] = [a.rows, a.columns]
    const k = Math.min(m, n)
    const [left, right] = full ? [m, n] : [k, k]
    const what = `the singular vectors of a ${m} x ${n} matrix`
    const u = roomLike(a, m * left, what)
    const vt = roomLike(a, right * n, what)
    const s = realRoomLike(a, k, 'singular values')
    return {
      start: (control) => native.svd(...spread(a), full, u, s, vt, a.complex, control),
      finish: () => ({
        u: wrap(m, left, u, a.complex),
        s: s as never,
        vt: wrap(right, n, vt, a.complex),
      }),
      reads: [a],
    }
  },
)

/**
 * The singular value decomposition A = U diag(s) V^H of any matrix. LAPACK's gesdd (divide and conquer) on threaded BLAS:
 * the same bits for every number of threads are not promised.
 *
 * @throws ERR_NO_CONVERGENCE, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { svd, Matrix } from 'numcore'
 * const { u, s, vt } = await svd(Matrix.from([[3, 0], [0, -4], [0, 0]]))
 * console.log(s, u.rows, u.columns, vt.rows) // Float64Array(2) [ 4, 3 ] 3 2 2
 * ```
 */
export function svd<A extends AnyMatrix>(
  A: A,
  options?: SvdOptions & AsyncOptions,
): Promise<Svd<ResultOf<A>>> {
  return svdOperation.run(options, A) as Promise<Svd<ResultOf<A>>>
}

/** {@link svd}, computed while the caller waits. */
export function svdSync<A extends AnyMatrix>(
  A: A,
  options?: SvdOptions & SyncOptions,
): Svd<ResultOf<A>> {
  return svdOperation.runSync(options, A) as Svd<ResultOf<A>>
}

/** A task for the singular values, whatever is then made of them. */
export function planSingularValues<R>(A: AnyMatrix, make: (s: Reals, a: Prepared) => R) {
  const a = prepare('A', A)
  const s = realRoomLike(a, Math.min(a.rows, a.columns), 'singular values')
  return {
    start: (control: Control) =>
      native.svd(...spread(a), false, undefined, s, undefined, a.complex, control),
    finish: () => make(s, a),
    reads: [a],
  }
}

const svdvalsOperation = operation<[AnyMatrix], object, Reals>('svdvals', [], (_, A) =>
  planSingularValues(A, (s) => s),
)

/**
 * The singular values alone, falling. See {@link svd}.
 *
 * @example
 * ```ts
 * import { svdvals, Matrix } from 'numcore'
 * console.log(await svdvals(Matrix.from([[0, 2], [-1, 0]]))) // Float64Array(2) [ 2, 1 ]
 * ```
 */
export function svdvals<A extends AnyMatrix>(A: A, options?: AsyncOptions): Promise<WiderParts<A>> {
  return svdvalsOperation.run(options, A) as Promise<WiderParts<A>>
}

/** {@link svdvals}, computed while the caller waits. */
export function svdvalsSync<A extends AnyMatrix>(A: A, options?: SyncOptions): WiderParts<A> {
  return svdvalsOperation.runSync(options, A) as WiderParts<A>
}

export interface RankOptions {
  /** Singular values up to this count as zero. Default: max(m, n) eps times the largest. */
  tolerance?: number | undefined
}

const rankOperation = operation<[AnyMatrix], RankOptions, number>(
  'matrixRank',
  ['tolerance'],
  ({ tolerance }, A) => {
    if (tolerance !== undefined) expectTolerance('tolerance', tolerance)
    return planSingularValues(A, (s, a) => {
      const bound = tolerance ?? Math.max(a.rows, a.columns) * epsilonOf(a) * (s[0] ?? 0)
      return s.filter((value) => value > bound).length
    })
  },
)

/**
 * The rank: how many singular values are not zero to working precision, as NumPy counts them.
 *
 * @example
 * ```ts
 * import { matrixRank, Matrix } from 'numcore'
 * console.log(await matrixRank(Matrix.from([[1, 2], [2, 4]]))) // 1
 * ```
 */
export function matrixRank(A: AnyMatrix, options?: RankOptions & AsyncOptions): Promise<number> {
  return rankOperation.run(options, A)
}

/** {@link matrixRank}, computed while the caller waits. */
export function matrixRankSync(A: AnyMatrix, options?: RankOptions & SyncOptions): number {
  return rankOperation.runSync(options, A)
}

function epsilonOf({ data }: Prepared): number {
  return typeOf(data) === 'float64' ? Number.EPSILON : 2 ** -23
}

function expectTolerance(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value
  throw invalidArgument('a number of at least 0', name, value)
}

export interface RcondOptions {
  /** Singular values up to this times the largest count as zero. Default: max(m, n) eps. */
  rcond?: number | undefined
}

const rcondFor = ({ rcond }: RcondOptions, a: Prepared) =>
  rcond === undefined ? Math.max(a.rows, a.columns) * epsilonOf(a) : expectTolerance('rcond', rcond)

const pinvOperation = operation<[AnyMatrix], RcondOptions, Factor>(
  'pinv',
  ['rcond'],
  (options, A) => {
    const a = prepare('A', A)
    const rcond = rcondFor(options, a)
    const x = roomLike(
      a,
      a.columns * a.rows,
      `the pseudoinverse of a ${a.rows} x ${a.columns} matrix`,
    )
    return {
      start: (control) => native.pinv(...spread(a), x, rcond, a.complex, control),
      finish: () => wrap(a.columns, a.rows, x, a.complex),
      reads: [a],
    }
  },
)

/**
 * The Moore-Penrose pseudoinverse, n x m, by singular values.
 *
 * @throws ERR_NO_CONVERGENCE, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { pinv, Matrix } from 'numcore'
 * const X = await pinv(Matrix.from([[1, 0], [0, 2], [0, 0]]))
 * console.log(X.toArray()) // [ [ 1, 0, 0 ], [ 0, 0.5, 0 ] ]
 * ```
 */
export function pinv<A extends AnyMatrix>(
  A: A,
  options?: RcondOptions & AsyncOptions,
): Promise<ResultOf<A>> {
  return pinvOperation.run(options, A) as Promise<ResultOf<A>>
}

/** {@link pinv}, computed while the caller waits. */
export function pinvSync<A extends AnyMatrix>(
  A: A,
  options?: RcondOptions & SyncOptions,
): ResultOf<A> {
  return pinvOperation.runSync(options, A) as ResultOf<A>
}

/** What {@link lstsq} gives. */
export interface Lstsq<X, T> {
  /** The solution of least norm among those of least squares. */
  x: X
  /** The sum of squares of B - A X for each column of B. */
  residuals: T
  rank: number
  /** Of A, falling. */
  singularValues: T
}

const lstsqOperation = operation<
  [AnyMatrix, AnyMatrix | Vector],
  RcondOptions,
  Lstsq<unknown, Reals>
>('lstsq', ['rcond'], (options, A, B) => {
  const { a, b, x, result } = rightSide(prepare('A', A), B)
  const rcond = rcondFor(options, a)
  const residuals = realRoomLike(a, b.columns, 'residuals')
  const singularValues = realRoomLike(a, Math.min(a.rows, a.columns), 'singular values')
  return {
    start: (control) =>
      native.lstsq(
        ...spread(a),
        ...spread(b),
        x,
        residuals,
        singularValues,
        a.complex,
        rcond,
        control,
      ),
    finish: (rank: number) => ({ x: result(), residuals, rank, singularValues }),
    reads: [a, b],
  }
})

/**
 * Least squares: the X that makes ||B - A X|| smallest, for an A of any shape and rank. LAPACK's gelsd.
 *
 * @param A m x n.
 * @param B m numbers (pairs where A is complex) or m x k.
 * @throws ERR_NO_CONVERGENCE, ERR_SHAPE, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { lstsq, Matrix } from 'numcore'
 * // The line through (0, 1), (1, 3), (2, 5).
 * const { x, rank } = await lstsq(Matrix.from([[0, 1], [1, 1], [2, 1]]), Float64Array.of(1, 3, 5))
 * console.log(x.map((each) => +each.toFixed(9)), rank) // Float64Array(2) [ 2, 1 ] 2
 * ```
 */
export function lstsq<A extends AnyMatrix, B extends AnyMatrix | Vector>(
  A: A,
  B: B,
  options?: RcondOptions & AsyncOptions,
): Promise<Lstsq<SolutionOf<A, B>, WiderParts<A, B>>> {
  return lstsqOperation.run(options, A, B) as Promise<Lstsq<SolutionOf<A, B>, WiderParts<A, B>>>
}

/** {@link lstsq}, computed while the caller waits. */
export function lstsqSync<A extends AnyMatrix, B extends AnyMatrix | Vector>(
  A: A,
  B: B,
  options?: RcondOptions & SyncOptions,
): Lstsq<SolutionOf<A, B>, WiderParts<A, B>> {
  return lstsqOperation.runSync(options, A, B) as Lstsq<SolutionOf<A, B>, WiderParts<A, B>>
}
