/** Linear systems whose matrix has a structure that is told: triangular, banded, tridiagonal. */
import { invalidArgument, ShapeError } from '../errors.js'
import type { AsyncOptions, SyncOptions } from '../job.js'
import { native } from '../native.js'
import { expectBoolean, expectInteger } from '../options.js'
import {
  type AnyMatrix,
  asColumn,
  expectVector,
  prepare,
  spread,
  square,
  transposed,
  unify,
  type Vector,
} from './operands.js'
import { operation } from './operation.js'
import { rightSide, type SolutionOf } from './right-side.js'

export interface TriangularOptions {
  /** A is lower triangular, otherwise upper; the other triangle is not read. Default true. */
  lower?: boolean | undefined
  /** Solves A^T X = B. Default false. */
  transpose?: boolean | undefined
  /** Solves A^H X = B. Default false. */
  adjoint?: boolean | undefined
  /** Takes the diagonal for ones without reading it. Default false. */
  unitDiagonal?: boolean | undefined
}

const triangularOperation = operation<[AnyMatrix, AnyMatrix | Vector], TriangularOptions, unknown>(
  'solveTriangular',
  ['lower', 'transpose', 'adjoint', 'unitDiagonal'],
  (options, A, B) => {
    const lower = expectBoolean('lower', options.lower ?? true)
    const transpose = expectBoolean('transpose', options.transpose ?? false)
    const adjoint = expectBoolean('adjoint', options.adjoint ?? false)
    const unit = expectBoolean('unitDiagonal', options.unitDiagonal ?? false)
    if (transpose && adjoint) throw invalidArgument('false beside transpose', 'adjoint', true)
    const { a, b, x, result } = rightSide(square(prepare('A', A)), B)
    const how = transpose || (adjoint && !a.complex) ? 'T' : adjoint ? 'C' : 'N'
    return {
      start: (control) =>
        native.solveTriangular(...spread(a), ...spread(b), x, a.complex, lower, how, unit, control),
      finish: result,
      reads: [a, b],
    }
  },
)

/**
 * The solution of A X = B for a triangular A: n^2 operations a right-hand side. BLAS's trsm.
 *
 * @throws ERR_SINGULAR for a zero on the diagonal, ERR_SHAPE, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { solveTriangular, Matrix } from 'numcore'
 * const L = Matrix.from([[2, 0], [1, 4]])
 * console.log(await solveTriangular(L, Float64Array.of(2, 9))) // Float64Array(2) [ 1, 2 ]
 * ```
 */
export function solveTriangular<A extends AnyMatrix, B extends AnyMatrix | Vector>(
  A: A,
  B: B,
  options?: TriangularOptions & AsyncOptions,
): Promise<SolutionOf<A, B>> {
  return triangularOperation.run(options, A, B) as Promise<SolutionOf<A, B>>
}

/** {@link solveTriangular}, computed while the caller waits. */
export function solveTriangularSync<A extends AnyMatrix, B extends AnyMatrix | Vector>(
  A: A,
  B: B,
  options?: TriangularOptions & SyncOptions,
): SolutionOf<A, B> {
  return triangularOperation.runSync(options, A, B) as SolutionOf<A, B>
}

export interface BandedOptions {
  /** Diagonals below the main one. */
  below: number
  /** Diagonals above the main one. */
  above: number
}

const bandedOperation = operation<[AnyMatrix, AnyMatrix | Vector], BandedOptions, unknown>(
  'solveBanded',
  ['below', 'above'],
  (options, bands, B) => {
    const below = expectInteger('below', options.below)
    const above = expectInteger('above', options.above)
    const given = prepare('bands', bands)
    if (given.rows !== below + above + 1) {
      throw new ShapeError(
        `Expected ${below + above + 1} rows for bands, one a diagonal, ` +
          `but received ${given.rows} x ${given.columns} of type ${given.type}`,
      )
    }
    const n = given.columns
    const { a, b, x, result } = rightSide(given, B, n, n)
    return {
      start: (control) =>
        native.solveBanded(...spread(a), ...spread(b), x, a.complex, below, above, control),
      finish: result,
      reads: [a, b],
    }
  },
)

/**
 * The solution of A X = B for a banded A, given by its diagonals as SciPy's `solve_banded` has them: element (i, j) is
 * `bands[above + i - j][j]`, so the topmost diagonal comes first and begins with `above` numbers that are not used.
 * O(n (below + above)^2) operations, LAPACK's gbsv.
 *
 * @throws ERR_SINGULAR naming the pivot, ERR_SHAPE, ERR_NOT_FINITE (the unused corners have to be finite too).
 *
 * @example
 * ```ts
 * import { solveBanded, Matrix } from 'numcore'
 * const bands = Matrix.from([[0, 1, 1], [4, 4, 4], [1, 1, 0]])
 * const x = await solveBanded(bands, Float64Array.of(5, 6, 5), { below: 1, above: 1 })
 * console.log(x) // Float64Array(3) [ 1, 1, 1 ]
 * ```
 */
export function solveBanded<A extends AnyMatrix, B extends AnyMatrix | Vector>(
  bands: A,
  B: B,
  options: BandedOptions & AsyncOptions,
): Promise<SolutionOf<A, B>> {
  return bandedOperation.run(options, bands, B) as Promise<SolutionOf<A, B>>
}

/** {@link solveBanded}, computed while the caller waits. */
export function solveBandedSync<A extends AnyMatrix, B extends AnyMatrix | Vector>(
  bands: A,
  B: B,
  options: BandedOptions & SyncOptions,
): SolutionOf<A, B> {
  return bandedOperation.runSync(options, bands, B) as SolutionOf<A, B>
}

const tridiagonalOperation = operation<
  [Vector, Vector, Vector, AnyMatrix | Vector],
  object,
  unknown
>('solveTridiagonal', [], (_, below, diagonal, above, B) => {
  const n = diagonal?.length
  const column = (name: string, v: Vector, length: number) =>
    asColumn(name, expectVector(name, v, length, false), false)
  const middle = column('diagonal', diagonal, n)
  const sides = Math.max(0, n - 1)
  const { a, b, x, result } = rightSide(middle, B, n, n)
  // All three in the type that the widest of them and B need.
  const same = (v: Parameters<typeof unify>[0]) => unify(v, a)[0]
  const [low, high] = [column('below', below, sides), column('above', above, sides)].map(same)
  const [l, h] = [low, high] as [NonNullable<typeof low>, NonNullable<typeof high>]
  if (l.data.constructor !== a.data.constructor || h.data.constructor !== a.data.constructor) {
    throw invalidArgument(
      `a ${a.data.constructor.name}, as diagonal and B are,`,
      'below, above',
      below,
    )
  }
  return {
    start: (control) =>
      native.solveTridiagonal(l.data, a.data, h.data, ...spread(b), x, a.complex, control),
    finish: result,
    reads: [transposed(l), transposed(a), transposed(h), b],
  }
})

/**
 * The solution of A X = B for a tridiagonal A of order n, given by its diagonals of n - 1, n and n - 1 numbers. Gaussian
 * elimination with partial pivoting, O(n): LAPACK's gtsv.
 *
 * @throws ERR_SINGULAR naming the pivot, ERR_SHAPE, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { solveTridiagonal } from 'numcore'
 * const side = Float64Array.of(-1, -1)
 * const x = await solveTridiagonal(side, Float64Array.of(2, 2, 2), side, Float64Array.of(0, 0, 4))
 * console.log(x.map(Math.round)) // Float64Array(3) [ 1, 2, 3 ]
 * ```
 */
export function solveTridiagonal<V extends Vector, B extends AnyMatrix | Vector>(
  below: V,
  diagonal: V,
  above: V,
  B: B,
  options?: AsyncOptions,
): Promise<SolutionOf<V, B>> {
  return tridiagonalOperation.run(options, below, diagonal, above, B) as Promise<SolutionOf<V, B>>
}

/** {@link solveTridiagonal}, computed while the caller waits. */
export function solveTridiagonalSync<V extends Vector, B extends AnyMatrix | Vector>(
  below: V,
  diagonal: V,
  above: V,
  B: B,
  options?: SyncOptions,
): SolutionOf<V, B> {
  return tridiagonalOperation.runSync(options, below, diagonal, above, B) as SolutionOf<V, B>
}
