/** The same operation for every matrix of a stack, spread over threads. */
import {
  ConvergenceError,
  invalidArgument,
  type NativeFailure,
  NotFiniteError,
  ShapeError,
  SingularError,
  sentence,
  typeName,
} from '../errors.js'
import type { AsyncOptions, SyncOptions } from '../job.js'
import { allocate, type Reals, typeOf } from '../matrix/elements.js'
import { native } from '../native.js'
import { operation } from './operation.js'
import { type AnyStack, ComplexMatrixStack, MatrixStack } from './stack.js'

type Any = AnyStack<Reals>

/** The stack of the singular or real eigenvalues of a stack. */
type RealStack<S extends Any> = MatrixStack<S['data']>

function expectStack(name: string, value: Any, square: boolean): Any {
  if (!(value instanceof MatrixStack) && !(value instanceof ComplexMatrixStack)) {
    throw invalidArgument('a MatrixStack or ComplexMatrixStack', name, value)
  }
  if (value.data.length !== partsOf(value) * value.count * value.rows * value.columns) {
    throw new ShapeError(`Expected the elements of ${name} but its buffer is detached`)
  }
  if (square && value.rows !== value.columns) {
    throw new ShapeError(
      `Expected square matrices for ${name} but received ${value.rows} x ${value.columns} of type ${typeName(value)}`,
    )
  }
  return value
}

const partsOf = (stack: Any): 1 | 2 => (stack.complex ? 2 : 1)
const elementOf = (stack: Any): string => `${stack.complex ? 'complex ' : ''}${typeOf(stack.data)}`

/** Memory of the precision of the stack, for real numbers. */
const realRoom = (A: Any, length: number) =>
  allocate(typeOf(A.data), length, () => `${length} results`)

/** Memory for numbers of the stack's own type. */
const room = (A: Any, length: number) => realRoom(A, partsOf(A) * length)

/** A stack of the same type. */
const stackLike = (A: Any, count: number, rows: number, columns: number, data: Reals): Any =>
  A.complex
    ? new ComplexMatrixStack(count, rows, columns, data)
    : new MatrixStack(count, rows, columns, data)

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
          where < A.count * A.rows * A.columns || B === undefined
            ? (['A', A, where] as const)
            : (['B', B, where - A.count * A.rows * A.columns] as const)
        const at = partsOf(stack) * index
        const value = Array.from(stack.data.subarray(at, at + partsOf(stack))).find(
          (part) => !Number.isFinite(part),
        )
        const place = placeIn(name, stack, index)
        return new NotFiniteError(sentence('a finite number', place, value), index)
      }
      case 'ERR_SINGULAR':
        return new SingularError(
          `Expected an invertible matrix for A[${m}] but received a singular one of type ${typeName(A)}: ` +
            `elimination found no pivot in row ${pivot}`,
          pivot,
          'ERR_SINGULAR',
        )
      case 'ERR_NOT_POSITIVE_DEFINITE':
        return new SingularError(
          `Expected a positive definite matrix for A[${m}] but received one of type ${typeName(A)} ` +
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
        native.batch(
          native_,
          A.data,
          count,
          n,
          n,
          x,
          undefined,
          undefined,
          A.complex === true,
          control,
        ),
      finish: () => stackLike(A, count, n, n, x),
      translate: translate(A),
    }
  })

const inverses = sameShape('invBatch', 'inv')
const choleskies = sameShape('choleskyBatch', 'cholesky')

/**
 * The inverses of a stack of real or complex matrices, in one call and spread over threads. Real ones up to order 32 by
 * Gauss-Jordan elimination with partial pivoting in loops of our own, the others by LAPACK. The same bits for every number of threads, as for all
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
export function invBatch<S extends AnyStack>(A: S, options?: AsyncOptions): Promise<S> {
  return inverses.run(options, A) as Promise<typeof A>
}

/** {@link invBatch}, computed while the caller waits. */
export function invBatchSync<S extends AnyStack>(A: S, options?: SyncOptions): S {
  return inverses.runSync(options, A) as typeof A
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
export function choleskyBatch<S extends AnyStack>(A: S, options?: AsyncOptions): Promise<S> {
  return choleskies.run(options, A) as Promise<typeof A>
}

/** {@link choleskyBatch}, computed while the caller waits. */
export function choleskyBatchSync<S extends AnyStack>(A: S, options?: SyncOptions): S {
  return choleskies.runSync(options, A) as typeof A
}

const determinants = operation<[Any], object, Reals>('detBatch', [], (_, A) => {
  const { count, rows: n } = expectStack('A', A, true)
  const d = room(A, count)
  return {
    start: (control) =>
      native.batch(
        'det',
        A.data,
        count,
        n,
        n,
        d,
        undefined,
        undefined,
        A.complex === true,
        control,
      ),
    finish: () => d,
    translate: translate(A),
  }
})

/**
 * The determinants of a stack of matrices, pairs re, im of complex ones; 0 for a singular one.
 *
 * @example
 * ```ts
 * import { detBatch, Matrix, MatrixStack } from 'numcore'
 * const A = MatrixStack.from([Matrix.from([[2, 0], [0, 3]]), Matrix.from([[0, 1], [1, 0]])])
 * console.log(await detBatch(A)) // Float64Array(2) [ 6, -1 ]
 * ```
 */
export function detBatch<S extends AnyStack>(A: S, options?: AsyncOptions): Promise<S['data']> {
  return determinants.run(options, A)
}

/** {@link detBatch}, computed while the caller waits. */
export function detBatchSync<S extends AnyStack>(A: S, options?: SyncOptions): S['data'] {
  return determinants.runSync(options, A)
}

const solutions = operation<[Any, Any], object, Any>('solveBatch', [], (_, A, B) => {
  const { count, rows: n } = expectStack('A', A, true)
  expectStack('B', B, false)
  if (B.count !== count || B.rows !== n || elementOf(B) !== elementOf(A)) {
    throw new ShapeError(
      `Expected ${count} matrices of ${n} rows and of ${elementOf(A)} for B but received ` +
        `${B.count} of ${B.rows} x ${B.columns} of ${elementOf(B)} of type ${typeName(B)}`,
    )
  }
  const x = room(A, count * n * B.columns)
  return {
    start: (control) =>
      native.batchSolve(A.data, count, n, B.data, B.columns, x, A.complex === true, control),
    finish: () => stackLike(A, count, n, B.columns, x),
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
export function solveBatch<S extends AnyStack>(A: S, B: S, options?: AsyncOptions): Promise<S> {
  return solutions.run(options, A, B) as Promise<typeof A>
}

/** {@link solveBatch}, computed while the caller waits. */
export function solveBatchSync<S extends AnyStack>(A: S, B: S, options?: SyncOptions): S {
  return solutions.runSync(options, A, B) as typeof A
}

const products = operation<[Any, Any], object, Any>('matmulBatch', [], (_, A, B) => {
  expectStack('A', A, false)
  expectStack('B', B, false)
  const fits = A.count === B.count || A.count === 1 || B.count === 1
  if (!fits || A.columns !== B.rows || elementOf(B) !== elementOf(A)) {
    throw new ShapeError(
      `Expected ${A.count} matrices (or one) of ${A.columns} rows and of ${elementOf(A)} for B but received ` +
        `${B.count} of ${B.rows} x ${B.columns} of ${elementOf(B)} of type ${typeName(B)}`,
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
        A.complex === true,
        control,
      ),
    finish: () => stackLike(A, count, A.rows, B.columns, c),
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
export function matmulBatch<S extends AnyStack>(A: S, B: S, options?: AsyncOptions): Promise<S> {
  return products.run(options, A, B) as Promise<typeof A>
}

/** {@link matmulBatch}, computed while the caller waits. */
export function matmulBatchSync<S extends AnyStack>(A: S, B: S, options?: SyncOptions): S {
  return products.runSync(options, A, B) as typeof A
}

/** Eigenvalues [count, n, 1] of each matrix, rising, and its eigenvectors as columns. */
export interface EighBatch<S extends AnyStack = MatrixStack> {
  values: RealStack<S>
  vectors: S
}

const eigenproblems = operation<[Any], object, EighBatch<Any>>('eighBatch', [], (_, A) => {
  const { count, rows: n } = expectStack('A', A, true)
  const [values, vectors] = [realRoom(A, count * n), room(A, count * n * n)]
  return {
    start: (control) =>
      native.batch(
        'eigh',
        A.data,
        count,
        n,
        n,
        values,
        vectors,
        undefined,
        A.complex === true,
        control,
      ),
    finish: () => ({
      values: new MatrixStack(count, n, 1, values),
      vectors: stackLike(A, count, n, n, vectors),
    }),
    translate: translate(A),
  }
})

/**
 * Eigenvalues and eigenvectors of a stack of symmetric (Hermitian) matrices, of which the lower triangles are read.
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
export function eighBatch<S extends AnyStack>(A: S, options?: AsyncOptions): Promise<EighBatch<S>> {
  return eigenproblems.run(options, A) as Promise<EighBatch<S>>
}

/** {@link eighBatch}, computed while the caller waits. */
export function eighBatchSync<S extends AnyStack>(A: S, options?: SyncOptions): EighBatch<S> {
  return eigenproblems.runSync(options, A) as EighBatch<S>
}

/** A[m] = U[m] diag(S[m]) V[m]^T with k = min(rows, columns): [count, m, k], [count, k, 1], [count, k, n]. */
export interface SvdBatch<S extends AnyStack = MatrixStack> {
  u: S
  s: RealStack<S>
  vt: S
}

const decompositions = operation<[Any], object, SvdBatch<Any>>('svdBatch', [], (_, A) => {
  const { count, rows: m, columns: n } = expectStack('A', A, false)
  const k = Math.min(m, n)
  const [u, s, vt] = [room(A, count * m * k), realRoom(A, count * k), room(A, count * k * n)]
  return {
    start: (control) =>
      native.batch('svd', A.data, count, m, n, u, s, vt, A.complex === true, control),
    finish: () => ({
      u: stackLike(A, count, m, k, u),
      s: new MatrixStack(count, k, 1, s),
      vt: stackLike(A, count, k, n, vt),
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
export function svdBatch<S extends AnyStack>(A: S, options?: AsyncOptions): Promise<SvdBatch<S>> {
  return decompositions.run(options, A) as Promise<SvdBatch<S>>
}

/** {@link svdBatch}, computed while the caller waits. */
export function svdBatchSync<S extends AnyStack>(A: S, options?: SyncOptions): SvdBatch<S> {
  return decompositions.runSync(options, A) as SvdBatch<S>
}
