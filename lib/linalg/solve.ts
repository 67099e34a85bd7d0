/** Linear systems: the factorisation is chosen for the caller. */
import type { AsyncOptions, Control, SyncOptions } from '../job.js'
import { native } from '../native.js'
import { expectOneOf } from '../options.js'
import { type AnyMatrix, prepare, square, type Vector } from './operands.js'
import { operation } from './operation.js'
import { rightSide, type SolutionOf } from './right-side.js'

const methods = ['cholesky', 'ldlt', 'bunch-kaufman', 'lu'] as const
const assumptions = ['auto', 'general', 'symmetric', 'hermitian', 'positive-definite'] as const

export interface SolveOptions {
  /**
   * What is known of A. `'auto'` looks: Hermitian to the last bit or not, then positive definite or not. `'symmetric'`
   * (of a complex A: A = A^T), `'hermitian'` and `'positive-definite'` read the lower triangle only.
   */
  assume?: (typeof assumptions)[number] | undefined
}

/** What {@link solveInfo} tells beside the solution. */
export interface SolveInfo<X> {
  x: X
  /**
   * `'cholesky'` (positive definite), `'ldlt'` (symmetric, our own tiles), `'bunch-kaufman'` (symmetric, LAPACK) or
   * `'lu'`.
   */
  method: (typeof methods)[number]
  /** Estimate of 1 / (||A||_1 ||A^-1||_1): its digits are the digits that are lost. */
  rcond: number
  /**
   * The normwise backward error ||B - A X||_1 / ((||A||_1 ||X||_1 + ||B||_1) n eps): how much A and B would have to be
   * changed to make X exact, in units of n eps. Below 0.1 is as good as the arithmetic allows.
   */
  residual: number
  /** Numbers of positive, negative and zero eigenvalues; null where the method does not tell. */
  inertia: { positive: number; negative: number; zero: number } | null
  /** True when the first result did not pass the check and was refined or computed again. */
  repaired: boolean
}

/** With `inform` the report is what solveInfo tells, in the order of native/addon/solve.cc. */
function planSolve(A: AnyMatrix, B: AnyMatrix | Vector, options: SolveOptions, inform: boolean) {
  const assume = expectOneOf('assume', options.assume ?? 'auto', assumptions)
  const { a, b, x, result } = rightSide(square(prepare('A', A)), B)
  return {
    start: (control: Control, report: Float64Array) =>
      native.solve(
        a.data,
        a.rows,
        a.columns,
        a.leading,
        a.transposed,
        b.data,
        b.rows,
        b.columns,
        b.leading,
        b.transposed,
        x,
        a.complex,
        assumptions.indexOf(assume),
        inform ? report : undefined,
        control,
      ),
    reads: [a, b],
    result,
  }
}

const solveOperation = operation<[AnyMatrix, AnyMatrix | Vector], SolveOptions, unknown>(
  'solve',
  ['assume'],
  (options, A, B) => {
    const { start, reads, result } = planSolve(A, B, options, false)
    return { start, reads, finish: result }
  },
)

/**
 * The solution X of A X = B: one right-hand side (an array) or many (the columns of a matrix). The way depends on A, as
 * `inv`'s does: Cholesky for a symmetric positive definite one, n^3/3 operations; L D L^T for a symmetric one, as many;
 * LU for any other, 2/3 n^3. Never more work than the inverse, and a smaller error.
 *
 * The L D L^T of a real symmetric matrix is our own, with a result that is checked (and refined or repeated by LAPACK
 * where needed) and the same bits for every number of threads in the factors; the other routes and the triangular solves
 * rest on threaded LAPACK and BLAS and do not promise that.
 *
 * @param A n x n, real or complex, of any strides.
 * @param B n numbers (pairs where A is complex) or n x k.
 * @throws ERR_SINGULAR naming the pivot, ERR_NOT_POSITIVE_DEFINITE when `assume` said so and it is not, ERR_SHAPE,
 *   ERR_NOT_FINITE naming the first NaN or infinity of A or B.
 *
 * @example
 * ```ts
 * import { solve, Matrix } from 'numcore'
 * const A = Matrix.from([[2, 1], [1, 3]])
 * console.log((await solve(A, Float64Array.of(3, 5))).map((x) => +x.toFixed(12))) // Float64Array(2) [ 0.8, 1.4 ]
 * ```
 */
export function solve<A extends AnyMatrix, B extends AnyMatrix | Vector>(
  A: A,
  B: B,
  options?: SolveOptions & AsyncOptions,
): Promise<SolutionOf<A, B>> {
  return solveOperation.run(options, A, B) as Promise<SolutionOf<A, B>>
}

/** {@link solve}, computed while the caller waits. */
export function solveSync<A extends AnyMatrix, B extends AnyMatrix | Vector>(
  A: A,
  B: B,
  options?: SolveOptions & SyncOptions,
): SolutionOf<A, B> {
  return solveOperation.runSync(options, A, B) as SolutionOf<A, B>
}

const infoOperation = operation<[AnyMatrix, AnyMatrix | Vector], SolveOptions, SolveInfo<unknown>>(
  'solveInfo',
  ['assume'],
  (options, A, B) => {
    const { start, reads, result } = planSolve(A, B, options, true)
    return {
      start,
      reads,
      finish: (_, report) => {
        const [
          method = 0,
          rcond = 0,
          residual = 0,
          positive = 0,
          negative = 0,
          zero = 0,
          inertiaKnown = 0,
          repaired = 0,
        ] = report
        return {
          x: result(),
          method: methods[method] as (typeof methods)[number],
          rcond,
          residual,
          inertia: inertiaKnown === 1 ? { positive, negative, zero } : null,
          repaired: repaired === 1,
        }
      },
    }
  },
)

/**
 * {@link solve} with what is known about the solution: how it was computed, how well conditioned A is, how good the
 * result is, and the signs of A's eigenvalues. The condition costs some more solves, O(n^2).
 *
 * @example
 * ```ts
 * import { solveInfo, Matrix } from 'numcore'
 * const { inertia, residual } = await solveInfo(Matrix.from([[0, 1], [1, 0]]), Float64Array.of(1, 2))
 * console.log(inertia, residual) // { positive: 1, negative: 1, zero: 0 } 0
 * ```
 */
export function solveInfo<A extends AnyMatrix, B extends AnyMatrix | Vector>(
  A: A,
  B: B,
  options?: SolveOptions & AsyncOptions,
): Promise<SolveInfo<SolutionOf<A, B>>> {
  return infoOperation.run(options, A, B) as Promise<SolveInfo<SolutionOf<A, B>>>
}

/** {@link solveInfo}, computed while the caller waits. */
export function solveInfoSync<A extends AnyMatrix, B extends AnyMatrix | Vector>(
  A: A,
  B: B,
  options?: SolveOptions & SyncOptions,
): SolveInfo<SolutionOf<A, B>> {
  return infoOperation.runSync(options, A, B) as SolveInfo<SolutionOf<A, B>>
}
