/** The same operation for every matrix of a stack, spread over threads. */
import {
  ConvergenceError,
  invalidArgument,
  type NativeFailure,
  NotFiniteError,
  ShapeError,
  SingularError,
  sentence,
} from '../errors.js'
import type { AsyncOptions, SyncOptions } from '../job.js'
import { allocate, type Reals, typeOf } from '../matrix/elements.js'
import { native } from '../native.js'
import { operation } from './operation.js'
import { MatrixStack } from './stack.js'

type Any = MatrixStack<Reals>

function expectStack(name: string, value: Any, square: boolean): Any {
  if (!(value instanceof MatrixStack)) throw invalidArgument('a MatrixStack', name, value)
  if (value.data.length !== value.count * value.rows * value.columns) {
    throw new ShapeError(`Expected the elements of ${name} but its buffer is detached`)
  }
  if (square && value.rows !== value.columns) {
    throw new ShapeError(
      `Expected square matrices for ${name} but received ${value.rows} x ${value.columns} of type MatrixStack`,
    )
  }
  return value
}

/** Memory of the precision of the stack. */
const room = (A: Any, length: number) => allocate(typeOf(A.data), length, `${length} results`)

function placeIn(name: string, { rows, columns }: Any, index: number): string {
  const m = Math.floor(index / (rows * columns))
  const rest = index % (rows * columns)
  return `${name}[${m}][${Math.floor(rest / columns)}][${rest % columns}]`
}

/** Failures name the matrix of the stack as well. `where` is explained in native/kernels/linalg/batch.h. */
const translate =
  (A: Any, B?: Any) =>
  (error: NativeFailure): unknown => {
    const { where = 0 } = error
    const m = Math.floor(where / Math.max(1, A.rows))
    const pivot = where % Math.max(1, A.rows)
    switch (error.code) {
      case 'ERR_NOT_FINITE': {
        const [name, stack, index] =
          where < A.data.length || B === undefined
            ? ['A', A, where]
            : ['B', B, where - A.data.length]
        const place = placeIn(name as string, stack as Any, index as number)
        const value = (stack as Any).data[index as number]
        return new NotFiniteError(sentence('a finite number', place, value), index as number)
      }
      case 'ERR_SINGULAR':
        return new SingularError(
          `Expected an invertible matrix for A[${m}] but received a singular one of type MatrixStack: ` +
            `elimination found no pivot in row ${pivot}`,
          pivot,
          'ERR_SINGULAR',
        )
      case 'ERR_NOT_POSITIVE_DEFINITE':
        return new SingularError(
          `Expected a positive definite matrix for A[${m}] but received one of type MatrixStack ` +
            `whose leading minor of order ${pivot + 1} is not positive`,
          pivot,
          'ERR_NOT_POSITIVE_DEFINITE',
        )
      case 'ERR_NO_CONVERGENCE':
        return new ConvergenceError(`${error.message} (A[${m}])`, m)
      default:
        return undefined
    }
  }

/** An operation that makes one stack of matrices of the same shape. */
const sameShape = (name: string, native_: 'inv' | 'cholesky') =>
  operation<[Any], object, Any>(name, [], (_, A) => {
    const { count, rows: n } = expectStack('A', A, true)
    const x = room(A, count * n * n)
    return {
      start: (control) =>
        native.batch(native_, A.data, count, n, n, x, undefined, undefined, control),
      finish: () => new MatrixStack(count, n, n, x),
      translate: translate(A),
    }
  })

const inverses = sameShape('invBatch', 'inv')
const choleskies = sameShape('choleskyBatch', 'cholesky')

/**
 * The inverses of a stack of matrices, in one call and spread over threads. Up to order 32 by Gauss-Jordan elimination
 * with partial pivoting in loops of our own, beyond by LAPACK. The same bits for every number of threads, as for all
 * functions on stacks.
 *
 * @throws ERR_SINGULAR naming the first matrix with a pivot that is exactly zero, ERR_NOT_FINITE, ERR_SHAPE.
 *
 * @example
 * ```ts
 * import { invBatch, Matrix, MatrixStack } from 'numcore'
 * const X = await invBatch(MatrixStack.from([Matrix.from([[2]]), Matrix.from([[4]])]))
 * console.log(X.data) // Float64Array(2) [ 0.5, 0.25 ]
 * ```
 */
export function invBatch<T extends Reals>(
  A: MatrixStack<T>,
  options?: AsyncOptions,
): Promise<MatrixStack<T>> {
  return inverses.run(options, A) as Promise<MatrixStack<T>>
}

/** {@link invBatch}, computed while the caller waits. */
export function invBatchSync<T extends Reals>(
  A: MatrixStack<T>,
  options?: SyncOptions,
): MatrixStack<T> {
  return inverses.runSync(options, A) as MatrixStack<T>
}

/**
 * The Cholesky factors L of a stack of positive definite matrices, of which the lower triangles are read.
 *
 * @throws ERR_NOT_POSITIVE_DEFINITE naming the first matrix that is not, ERR_NOT_FINITE, ERR_SHAPE.
 *
 * @example
 * ```ts
 * import { choleskyBatch, Matrix, MatrixStack } from 'numcore'
 * const L = await choleskyBatch(MatrixStack.from([Matrix.from([[4, 2], [2, 5]])]))
 * console.log(L.at(0).toArray()) // [ [ 2, 0 ], [ 1, 2 ] ]
 * ```
 */
export function choleskyBatch<T extends Reals>(
  A: MatrixStack<T>,
  options?: AsyncOptions,
): Promise<MatrixStack<T>> {
  return choleskies.run(options, A) as Promise<MatrixStack<T>>
}

/** {@link choleskyBatch}, computed while the caller waits. */
export function choleskyBatchSync<T extends Reals>(
  A: MatrixStack<T>,
  options?: SyncOptions,
): MatrixStack<T> {
  return choleskies.runSync(options, A) as MatrixStack<T>
}

const determinants = operation<[Any], object, Reals>('detBatch', [], (_, A) => {
  const { count, rows: n } = expectStack('A', A, true)
  const d = room(A, count)
  return {
    start: (control) => native.batch('det', A.data, count, n, n, d, undefined, undefined, control),
    finish: () => d,
    translate: translate(A),
  }
})

/**
 * The determinants of a stack of matrices; 0 for a singular one.
 *
 * @example
 * ```ts
 * import { detBatch, Matrix, MatrixStack } from 'numcore'
 * const A = MatrixStack.from([Matrix.from([[2, 0], [0, 3]]), Matrix.from([[0, 1], [1, 0]])])
 * console.log(await detBatch(A)) // Float64Array(2) [ 6, -1 ]
 * ```
 */
export function detBatch<T extends Reals>(A: MatrixStack<T>, options?: AsyncOptions): Promise<T> {
  return determinants.run(options, A) as Promise<T>
}

/** {@link detBatch}, computed while the caller waits. */
export function detBatchSync<T extends Reals>(A: MatrixStack<T>, options?: SyncOptions): T {
  return determinants.runSync(options, A) as T
}

const solutions = operation<[Any, Any], object, Any>('solveBatch', [], (_, A, B) => {
  const { count, rows: n } = expectStack('A', A, true)
  expectStack('B', B, false)
  if (B.count !== count || B.rows !== n || typeOf(B.data) !== typeOf(A.data)) {
    throw new ShapeError(
      `Expected ${count} matrices of ${n} rows and of ${typeOf(A.data)} for B but received ` +
        `${B.count} of ${B.rows} x ${B.columns} of type ${B.data.constructor.name}`,
    )
  }
  const x = room(A, B.data.length)
  return {
    start: (control) => native.batchSolve(A.data, count, n, B.data, B.columns, x, control),
    finish: () => new MatrixStack(count, n, B.columns, x),
    translate: translate(A, B),
  }
})

/**
 * The solutions of A[m] X[m] = B[m] for a stack of square matrices and one of right-hand sides, by LU.
 *
 * @throws ERR_SINGULAR naming the first matrix with a pivot that is exactly zero, ERR_NOT_FINITE, ERR_SHAPE.
 *
 * @example
 * ```ts
 * import { Matrix, MatrixStack, solveBatch } from 'numcore'
 * const A = MatrixStack.from([Matrix.from([[2, 0], [0, 4]])])
 * const X = await solveBatch(A, MatrixStack.from([Matrix.from([[2], [8]])]))
 * console.log(X.data) // Float64Array(2) [ 1, 2 ]
 * ```
 */
export function solveBatch<T extends Reals>(
  A: MatrixStack<T>,
  B: MatrixStack<T>,
  options?: AsyncOptions,
): Promise<MatrixStack<T>> {
  return solutions.run(options, A, B) as Promise<MatrixStack<T>>
}

/** {@link solveBatch}, computed while the caller waits. */
export function solveBatchSync<T extends Reals>(
  A: MatrixStack<T>,
  B: MatrixStack<T>,
  options?: SyncOptions,
): MatrixStack<T> {
  return solutions.runSync(options, A, B) as MatrixStack<T>
}

const products = operation<[Any, Any], object, Any>('matmulBatch', [], (_, A, B) => {
  expectStack('A', A, false)
  expectStack('B', B, false)
  const fits = A.count === B.count || A.count === 1 || B.count === 1
  if (!fits || A.columns !== B.rows || typeOf(B.data) !== typeOf(A.data)) {
    throw new ShapeError(
      `Expected ${A.count} matrices (or one) of ${A.columns} rows and of ${typeOf(A.data)} for B but received ` +
        `${B.count} of ${B.rows} x ${B.columns} of type ${B.data.constructor.name}`,
    )
  }
  const count = A.count === 1 ? B.count : A.count
  const c = room(A, count * A.rows * B.columns)
  return {
    start: (control) =>
      native.batchMatmul(
        A.data,
        A.count,
        A.rows,
        A.columns,
        B.data,
        B.count,
        B.rows,
        B.columns,
        c,
        control,
      ),
    finish: () => new MatrixStack(count, A.rows, B.columns, c),
  }
})

/**
 * The products A[m] B[m] of two stacks; a stack of one matrix is used for all of the other.
 *
 * @throws ERR_SHAPE when counts, dimensions or types do not fit.
 *
 * @example
 * ```ts
 * import { Matrix, MatrixStack, matmulBatch } from 'numcore'
 * const A = MatrixStack.from([Matrix.from([[1, 2]]), Matrix.from([[3, 4]])])
 * const C = await matmulBatch(A, MatrixStack.from([Matrix.from([[1], [1]])]))
 * console.log(C.data) // Float64Array(2) [ 3, 7 ]
 * ```
 */
export function matmulBatch<T extends Reals>(
  A: MatrixStack<T>,
  B: MatrixStack<T>,
  options?: AsyncOptions,
): Promise<MatrixStack<T>> {
  return products.run(options, A, B) as Promise<MatrixStack<T>>
}

/** {@link matmulBatch}, computed while the caller waits. */
export function matmulBatchSync<T extends Reals>(
  A: MatrixStack<T>,
  B: MatrixStack<T>,
  options?: SyncOptions,
): MatrixStack<T> {
  return products.runSync(options, A, B) as MatrixStack<T>
}

/** Eigenvalues [count, n, 1] of each matrix, rising, and its eigenvectors as columns. */
export interface EighBatch<T extends Reals = Float64Array> {
  values: MatrixStack<T>
  vectors: MatrixStack<T>
}

const eigenproblems = operation<[Any], object, EighBatch<Reals>>('eighBatch', [], (_, A) => {
  const { count, rows: n } = expectStack('A', A, true)
  const [values, vectors] = [room(A, count * n), room(A, count * n * n)]
  return {
    start: (control) =>
      native.batch('eigh', A.data, count, n, n, values, vectors, undefined, control),
    finish: () => ({
      values: new MatrixStack(count, n, 1, values),
      vectors: new MatrixStack(count, n, n, vectors),
    }),
    translate: translate(A),
  }
})

/**
 * Eigenvalues and eigenvectors of a stack of symmetric matrices, of which the lower triangles are read.
 *
 * @throws ERR_NO_CONVERGENCE, ERR_NOT_FINITE, ERR_SHAPE.
 *
 * @example
 * ```ts
 * import { eighBatch, Matrix, MatrixStack } from 'numcore'
 * const { values } = await eighBatch(MatrixStack.from([Matrix.from([[3, 0], [0, 1]])]))
 * console.log(values.data) // Float64Array(2) [ 1, 3 ]
 * ```
 */
export function eighBatch<T extends Reals>(
  A: MatrixStack<T>,
  options?: AsyncOptions,
): Promise<EighBatch<T>> {
  return eigenproblems.run(options, A) as Promise<EighBatch<T>>
}

/** {@link eighBatch}, computed while the caller waits. */
export function eighBatchSync<T extends Reals>(
  A: MatrixStack<T>,
  options?: SyncOptions,
): EighBatch<T> {
  return eigenproblems.runSync(options, A) as EighBatch<T>
}

/** A[m] = U[m] diag(S[m]) V[m]^T with k = min(rows, columns): [count, m, k], [count, k, 1], [count, k, n]. */
export interface SvdBatch<T extends Reals = Float64Array> {
  u: MatrixStack<T>
  s: MatrixStack<T>
  vt: MatrixStack<T>
}

const decompositions = operation<[Any], object, SvdBatch<Reals>>('svdBatch', [], (_, A) => {
  const { count, rows: m, columns: n } = expectStack('A', A, false)
  const k = Math.min(m, n)
  const [u, s, vt] = [room(A, count * m * k), room(A, count * k), room(A, count * k * n)]
  return {
    start: (control) => native.batch('svd', A.data, count, m, n, u, s, vt, control),
    finish: () => ({
      u: new MatrixStack(count, m, k, u),
      s: new MatrixStack(count, k, 1, s),
      vt: new MatrixStack(count, k, n, vt),
    }),
    translate: translate(A),
  }
})

/**
 * The singular value decompositions of a stack of matrices, thin.
 *
 * @throws ERR_NO_CONVERGENCE, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { Matrix, MatrixStack, svdBatch } from 'numcore'
 * const { s } = await svdBatch(MatrixStack.from([Matrix.from([[0, 2], [1, 0]])]))
 * console.log(s.data) // Float64Array(2) [ 2, 1 ]
 * ```
 */
export function svdBatch<T extends Reals>(
  A: MatrixStack<T>,
  options?: AsyncOptions,
): Promise<SvdBatch<T>> {
  return decompositions.run(options, A) as Promise<SvdBatch<T>>
}

/** {@link svdBatch}, computed while the caller waits. */
export function svdBatchSync<T extends Reals>(
  A: MatrixStack<T>,
  options?: SyncOptions,
): SvdBatch<T> {
  return decompositions.runSync(options, A) as SvdBatch<T>
}
