/** Functions of square matrices. */
import type { Complex } from '../complex-matrix.js'
import { invalidArgument } from '../errors.js'
import type { AsyncOptions, SyncOptions } from '../job.js'
import { native } from '../native.js'
import type { DetOf, Factor } from './factors.js'
import {
  type AnyMatrix,
  prepare,
  type ResultOf,
  roomLike,
  spread,
  square,
  wrap,
} from './operands.js'
import { operation } from './operation.js'

const matrixFunction = (name: 'expm' | 'sqrtm') =>
  operation<[AnyMatrix], object, Factor>(name, [], (_, A) => {
    const a = square(prepare('A', A))
    const n = a.rows
    const x = roomLike(a, n * n, `a function of a ${n} x ${n} matrix`)
    return {
      start: (control) => native.matrixFunction(...spread(a), name, x, a.complex, control),
      finish: () => wrap(n, n, x, a.complex),
      reads: [a],
      translate: (error: { code?: string }) =>
        error.code === 'ERR_INVALID_ARGUMENT'
          ? invalidArgument(
              'a matrix with a real square root (ComplexMatrix.from(A) has a complex one)',
              'A',
              A,
            )
          : undefined,
    }
  })
const [exponential, root] = [matrixFunction('expm'), matrixFunction('sqrtm')]

/**
 * The matrix exponential I + A + A^2/2 + A^3/6 + ... Scaling and squaring with Pade approximants up to degree 13 (Higham
 * 2005): up to 8 products of matrices and one solve, and one product more for every doubling of a large norm.
 *
 * @throws ERR_SHAPE, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { expm, Matrix } from 'numcore'
 * console.log((await expm(Matrix.from([[0, 1], [0, 0]]))).toArray()) // [ [ 1, 1 ], [ 0, 1 ] ]
 * ```
 */
export function expm<A extends AnyMatrix>(A: A, options?: AsyncOptions): Promise<ResultOf<A>> {
  return exponential.run(options, A) as Promise<ResultOf<A>>
}

/** {@link expm}, computed while the caller waits. */
export function expmSync<A extends AnyMatrix>(A: A, options?: SyncOptions): ResultOf<A> {
  return exponential.runSync(options, A) as ResultOf<A>
}

/**
 * The principal square root X, X X = A, whose eigenvalues have no negative real part. By the Schur form (Bjorck and
 * Hammarling 1983), about 30 n^3 operations.
 *
 * @throws ERR_INVALID_ARGUMENT for a real A whose root is not real (it has negative eigenvalues): pass
 *   `ComplexMatrix.from(A)`. ERR_SINGULAR for a singular A that has no root. ERR_SHAPE, ERR_NOT_FINITE,
 *   ERR_NO_CONVERGENCE.
 *
 * @example
 * ```ts
 * import { sqrtm, Matrix } from 'numcore'
 * const X = await sqrtm(Matrix.from([[4, 0], [0, 9]]))
 * console.log(X.toArray()) // [ [ 2, 0 ], [ 0, 3 ] ]
 * ```
 */
export function sqrtm<A extends AnyMatrix>(A: A, options?: AsyncOptions): Promise<ResultOf<A>> {
  return root.run(options, A) as Promise<ResultOf<A>>
}

/** {@link sqrtm}, computed while the caller waits. */
export function sqrtmSync<A extends AnyMatrix>(A: A, options?: SyncOptions): ResultOf<A> {
  return root.runSync(options, A) as ResultOf<A>
}

/**
 * The sum of the diagonal of any matrix, square or not. O(n), at once.
 *
 * @example
 * ```ts
 * import { Matrix, trace } from 'numcore'
 * console.log(trace(Matrix.from([[1, 2], [3, 4]]))) // 5
 * ```
 */
export function trace<A extends AnyMatrix>(A: A): DetOf<ResultOf<A>> {
  const { data, rows, columns, leading, complex } = prepare('A', A)
  const sum: Complex = { re: 0, im: 0 }
  const parts = complex ? 2 : 1
  for (let i = 0; i < Math.min(rows, columns); i++) {
    sum.re += data[parts * i * (leading + 1)] as number
    if (complex) sum.im += data[2 * i * (leading + 1) + 1] as number
  }
  return (complex ? sum : sum.re) as DetOf<ResultOf<A>>
}
