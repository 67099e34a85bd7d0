/** Stacks of matrices of one shape: what NumPy has as an array of three dimensions. */
import { type AnyComplex, ComplexMatrix } from '../complex-matrix.js'
import { invalidArgument, ShapeError } from '../errors.js'
import { Matrix, type MatrixLike } from '../matrix.js'
import {
  allocate,
  type ComplexType,
  isReals,
  partType,
  type Reals,
  type RealType,
  typeOf,
} from '../matrix/elements.js'
import { denseComplex } from '../matrix/complex-operand.js'
import { dense } from '../matrix/operand.js'
import { expectInteger } from '../options.js'

/** What {@link MatrixStack} and {@link ComplexMatrixStack} have in common. */
abstract class Stack<T extends Reals, M> {
  readonly count: number
  readonly rows: number
  readonly columns: number
  readonly data: T
  readonly #parts: 1 | 2

  constructor(count: number, rows: number, columns: number, data: T, parts: 1 | 2) {
    this.count = expectInteger('count', count)
    this.rows = expectInteger('rows', rows)
    this.columns = expectInteger('columns', columns)
    if (!isReals(data)) throw invalidArgument('a Float64Array or Float32Array', 'data', data)
    const length = parts * count * rows * columns
    if (data.length !== length) {
      throw new ShapeError(
        `Expected ${length} elements for data of ${count} matrices of ${rows} x ${columns} ` +
          `but received ${data.length} of type ${data.constructor.name}`,
      )
    }
    this.data = data
    this.#parts = parts
  }

  protected abstract wrap(data: T): M

  /** Matrix m of the stack: a window on `data`, not a copy. */
  at(m: number): M {
    expectInteger('m', m, 0, this.count - 1)
    const area = this.#parts * this.rows * this.columns
    return this.wrap(this.data.subarray(m * area, (m + 1) * area) as T)
  }

  /** The matrices one by one, as {@link at} gives them. */
  *[Symbol.iterator](): IterableIterator<M> {
    for (let m = 0; m < this.count; m++) yield this.at(m)
  }
}

interface Dense<T extends Reals> {
  readonly rows: number
  readonly columns: number
  readonly data: T
}

/** The elements of all, one after the other. */
function joined<T extends Reals, M>(
  matrices: readonly M[],
  parts: 1 | 2,
  take: (name: string, matrix: M) => Dense<T>,
): Dense<T> & { count: number } {
  if (!Array.isArray(matrices)) throw invalidArgument('an array of matrices', 'matrices', matrices)
  const given = matrices.map((each, i) => take(`matrices[${i}]`, each))
  const none = { rows: 0, columns: 0, data: new Float64Array(0) as T }
  const { rows, columns, data: first } = given[0] ?? none
  const area = parts * rows * columns
  const what = () => `${given.length} matrices of ${rows} x ${columns}`
  const data = allocate(typeOf(first), given.length * area, what) as T
  given.forEach((each, i) => {
    if (each.rows !== rows || each.columns !== columns || typeOf(each.data) !== typeOf(first)) {
      throw new ShapeError(
        `Expected a ${rows} x ${columns} matrix of ${typeOf(first)} for matrices[${i}] but received ` +
          `${each.rows} x ${each.columns} of type ${each.data.constructor.name}`,
      )
    }
    data.set(each.data, i * area)
  })
  return { count: given.length, rows, columns, data }
}

/**
 * `count` real matrices of `rows` x `columns`, one after the other in one array: element (i, j) of matrix m is
 * `data[(m * rows + i) * columns + j]`. The constructor takes the array as it is, without copying.
 *
 * @example
 * ```ts
 * import { Matrix, MatrixStack } from 'numcore'
 * const S = MatrixStack.from([Matrix.identity(2), Matrix.from([[1, 2], [3, 4]])])
 * console.log(S.count, S.at(1).toArray()) // 2 [ [ 1, 2 ], [ 3, 4 ] ]
 * ```
 */
export class MatrixStack<T extends Reals = Float64Array> extends Stack<T, Matrix<T>> {
  /** Only complex stacks, which are something else, have it. */
  declare readonly complex?: undefined

  constructor(count: number, rows: number, columns: number, data: T) {
    super(count, rows, columns, data, 1)
  }

  /** A stack of zeros. */
  static zeros(count: number, rows: number, columns: number): MatrixStack
  static zeros(
    count: number,
    rows: number,
    columns: number,
    type: 'float32',
  ): MatrixStack<Float32Array>
  static zeros(count: number, rows: number, columns: number, type?: RealType): MatrixStack<Reals>
  static zeros(
    count: number,
    rows: number,
    columns: number,
    type: RealType = 'float64',
  ): MatrixStack<Reals> {
    const what = `${count} matrices of ${rows} x ${columns}`
    return new MatrixStack(count, rows, columns, allocate(type, count * rows * columns, what))
  }

  /** Copies matrices or views of one shape and type. */
  static from<T extends Reals>(matrices: readonly MatrixLike<T>[]): MatrixStack<T> {
    const { count, rows, columns, data } = joined(matrices, 1, dense<T>)
    return new MatrixStack(count, rows, columns, data)
  }

  protected wrap(data: T): Matrix<T> {
    return new Matrix(this.rows, this.columns, data)
  }
}

/**
 * `count` complex matrices of `rows` x `columns`, one after the other in one array of pairs re, im: number (i, j) of matrix
 * m begins at `data[2 * ((m * rows + i) * columns + j)]`. The constructor takes the array as it is, without copying.
 *
 * @example
 * ```ts
 * import { ComplexMatrix, ComplexMatrixStack, invBatch } from 'numcore'
 * const S = ComplexMatrixStack.from([ComplexMatrix.from([[[0, 2]]]), ComplexMatrix.from([[4]])])
 * console.log((await invBatch(S)).at(0).toArray()) // [ [ [ 0, -0.5 ] ] ]
 * ```
 */
export class ComplexMatrixStack<T extends Reals = Float64Array> extends Stack<T, ComplexMatrix<T>> {
  readonly complex = true

  constructor(count: number, rows: number, columns: number, data: T) {
    super(count, rows, columns, data, 2)
  }

  /** A stack of zeros. */
  static zeros(count: number, rows: number, columns: number): ComplexMatrixStack
  static zeros(
    count: number,
    rows: number,
    columns: number,
    type: 'complex64',
  ): ComplexMatrixStack<Float32Array>
  static zeros(
    count: number,
    rows: number,
    columns: number,
    type?: ComplexType,
  ): ComplexMatrixStack<Reals>
  static zeros(
    count: number,
    rows: number,
    columns: number,
    type: ComplexType = 'complex128',
  ): ComplexMatrixStack<Reals> {
    const what = `${count} matrices of ${rows} x ${columns}`
    const data = allocate(partType(type), 2 * count * rows * columns, what)
    return new ComplexMatrixStack(count, rows, columns, data)
  }

  /** Copies complex matrices or views of one shape and type. */
  static from<T extends Reals>(matrices: readonly AnyComplex<T>[]): ComplexMatrixStack<T> {
    const { count, rows, columns, data } = joined(matrices, 2, denseComplex<T>)
    return new ComplexMatrixStack(count, rows, columns, data)
  }

  protected wrap(data: T): ComplexMatrix<T> {
    return new ComplexMatrix(this.rows, this.columns, data)
  }
}

/** A stack of real or of complex matrices. */
export type AnyStack<T extends Reals = Reals> = MatrixStack<T> | ComplexMatrixStack<T>
