/** Products of vectors with each other, and the Kronecker product. */
import type { Complex, ComplexMatrix } from '../complex-matrix.js'
import { ShapeError } from '../errors.js'
import type { AsyncOptions, SyncOptions } from '../job.js'
import type { Matrix } from '../matrix.js'
import type { Reals } from '../matrix/elements.js'
import { native } from '../native.js'
import { expectBoolean } from '../options.js'
import {
  type AnyMatrix,
  asColumn,
  expectVector,
  type Prepared,
  prepare,
  type ResultOf,
  roomLike,
  spread,
  unify,
  type Vector,
  type WiderParts,
  wrap,
} from './operands.js'
import { operation } from './operation.js'

type Either = Matrix<Reals> | ComplexMatrix<Reals>

export interface PairsOptions {
  /** The elements of x and y are pairs re, im. Default false. */
  complex?: boolean | undefined
}

export interface DotOptions extends PairsOptions {
  /** Takes the conjugate of x, as the inner product of complex vectors has it (NumPy's `vdot`). Default false. */
  conjugate?: boolean | undefined
}

function asColumns(x: Vector, y: Vector, complex: boolean): [Prepared, Prepared] {
  const column = (name: string, v: Vector) => {
    // An odd number of elements is half a pair too few.
    const count = complex ? Math.ceil((v?.length ?? 0) / 2) : v?.length
    return asColumn(name, expectVector(name, v, count, complex), complex)
  }
  return unify(column('x', x), column('y', y))
}

const dotOperation = operation<[Vector, Vector], DotOptions, number | Complex>(
  'dot',
  ['complex', 'conjugate'],
  (options, x, y) => {
    const complex = expectBoolean('complex', options.complex ?? false)
    const conjugate = expectBoolean('conjugate', options.conjugate ?? false)
    const [a, b] = asColumns(x, y, complex)
    if (a.rows !== b.rows) {
      throw new ShapeError(
        `Expected ${x.length} elements for y, as many as x has, but received ${y.length} of type ${y.constructor.name}`,
      )
    }
    return {
      start: (control) => native.dot(a.data, b.data, complex, conjugate, control),
      finish: (sum: number | Complex) => sum,
    }
  },
)

/**
 * The sum of x_i y_i. With `complex` the elements are pairs and the sum is `{ re, im }`; `conjugate` takes the
 * conjugate of x. Summed by BLAS in fixed pieces: the same bits for every number of threads.
 *
 * @throws ERR_SHAPE when the lengths differ.
 *
 * @example
 * ```ts
 * import { dot } from 'numcore'
 * console.log(await dot(Float64Array.of(1, 2, 3), Float64Array.of(4, 5, 6))) // 32
 * ```
 */
export function dot(
  x: Vector,
  y: Vector,
  options: DotOptions & { complex: true } & AsyncOptions,
): Promise<Complex>
export function dot(
  x: Vector,
  y: Vector,
  options?: DotOptions & { complex?: false | undefined } & AsyncOptions,
): Promise<number>
export function dot(
  x: Vector,
  y: Vector,
  options?: DotOptions & AsyncOptions,
): Promise<number | Complex> {
  return dotOperation.run(options, x, y)
}

/** {@link dot}, computed while the caller waits. */
export function dotSync(
  x: Vector,
  y: Vector,
  options: DotOptions & { complex: true } & SyncOptions,
): Complex
export function dotSync(
  x: Vector,
  y: Vector,
  options?: DotOptions & { complex?: false | undefined } & SyncOptions,
): number
export function dotSync(
  x: Vector,
  y: Vector,
  options?: DotOptions & SyncOptions,
): number | Complex {
  return dotOperation.runSync(options, x, y)
}

const outerOperation = operation<[Vector, Vector], DotOptions, Either>(
  'outer',
  ['complex', 'conjugate'],
  (options, x, y) => {
    const complex = expectBoolean('complex', options.complex ?? false)
    const conjugate = expectBoolean('conjugate', options.conjugate ?? false)
    const [a, b] = asColumns(x, y, complex)
    const c = roomLike(a, a.rows * b.rows, `a ${a.rows} x ${b.rows} outer product`)
    return {
      start: (control) => native.outer(a.data, b.data, c, complex, conjugate, control),
      finish: () => wrap(a.rows, b.rows, c, complex),
    }
  },
)

/**
 * The outer product: element (i, j) is x_i y_j; with `complex` the elements are pairs, and `conjugate` takes
 * conj(y_j).
 *
 * @example
 * ```ts
 * import { outer } from 'numcore'
 * const C = await outer(Float64Array.of(1, 2), Float64Array.of(3, 4, 5))
 * console.log(C.toArray()) // [ [ 3, 4, 5 ], [ 6, 8, 10 ] ]
 * ```
 */
export function outer<X extends Vector, Y extends Vector>(
  x: X,
  y: Y,
  options: DotOptions & { complex: true } & AsyncOptions,
): Promise<ComplexMatrix<WiderParts<X, Y>>>
export function outer<X extends Vector, Y extends Vector>(
  x: X,
  y: Y,
  options?: DotOptions & { complex?: false | undefined } & AsyncOptions,
): Promise<Matrix<WiderParts<X, Y>>>
export function outer(x: Vector, y: Vector, options?: DotOptions & AsyncOptions): Promise<Either> {
  return outerOperation.run(options, x, y)
}

/** {@link outer}, computed while the caller waits. */
export function outerSync<X extends Vector, Y extends Vector>(
  x: X,
  y: Y,
  options: DotOptions & { complex: true } & SyncOptions,
): ComplexMatrix<WiderParts<X, Y>>
export function outerSync<X extends Vector, Y extends Vector>(
  x: X,
  y: Y,
  options?: DotOptions & { complex?: false | undefined } & SyncOptions,
): Matrix<WiderParts<X, Y>>
export function outerSync(x: Vector, y: Vector, options?: DotOptions & SyncOptions): Either {
  return outerOperation.runSync(options, x, y)
}

const kronOperation = operation<[AnyMatrix, AnyMatrix], object, Either>('kron', [], (_, A, B) => {
  const [a, b] = unify(prepare('A', A), prepare('B', B))
  const [rows, columns] = [a.rows * b.rows, a.columns * b.columns]
  const c = roomLike(a, rows * columns, `a ${rows} x ${columns} Kronecker product`)
  return {
    start: (control) => native.kron(...spread(a), ...spread(b), c, a.complex, control),
    finish: () => wrap(rows, columns, c, a.complex),
  }
})

/**
 * The Kronecker product: every element of A times all of B.
 *
 * @example
 * ```ts
 * import { kron, Matrix } from 'numcore'
 * const K = await kron(Matrix.from([[1, 2]]), Matrix.from([[1, 0], [0, 1]]))
 * console.log(K.toArray()) // [ [ 1, 0, 2, 0 ], [ 0, 1, 0, 2 ] ]
 * ```
 */
export function kron<A extends AnyMatrix, B extends AnyMatrix>(
  A: A,
  B: B,
  options?: AsyncOptions,
): Promise<ResultOf<A, B>> {
  return kronOperation.run(options, A, B) as Promise<ResultOf<A, B>>
}

/** {@link kron}, computed while the caller waits. */
export function kronSync<A extends AnyMatrix, B extends AnyMatrix>(
  A: A,
  B: B,
  options?: SyncOptions,
): ResultOf<A, B> {
  return kronOperation.runSync(options, A, B) as ResultOf<A, B>
}
