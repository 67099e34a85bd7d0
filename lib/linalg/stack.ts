/** Stacks of matrices of one shape: what NumPy has as an array of three dimensions. */
import { invalidArgument, ShapeError } from '../errors.js'
import { Matrix, type MatrixLike } from '../matrix.js'
import { allocate, isReals, type Reals, type RealType, typeOf } from '../matrix/elements.js'
import { dense } from '../matrix/operand.js'
import { expectInteger } from '../options.js'

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
export class MatrixStack<T extends Reals = Float64Array> {
  readonly count: number
  readonly rows: number
  readonly columns: number
  readonly data: T

  constructor(count: number, rows: number, columns: number, data: T) {
    this.count = expectInteger('count', count)
    this.rows = expectInteger('rows', rows)
    this.columns = expectInteger('columns', columns)
    if (!isReals(data)) throw invalidArgument('a Float64Array or Float32Array', 'data', data)
    if (data.length !== count * rows * columns) {
      throw new ShapeError(
        `Expected ${count * rows * columns} elements for data of ${count} matrices of ${rows} x ${columns} ` +
          `but received ${data.length} of type ${data.constructor.name}`,
      )
    }
    this.data = data
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
    if (!Array.isArray(matrices))
      throw invalidArgument('an array of matrices', 'matrices', matrices)
    const given = matrices.map((each, i) => dense<T>(`matrices[${i}]`, each))
    const { rows, columns, data } = given[0] ?? {
      rows: 0,
      columns: 0,
      data: new Float64Array(0) as T,
    }
    const stack = MatrixStack.zeros(given.length, rows, columns, typeOf(data)) as MatrixStack<T>
    given.forEach((each, i) => {
      if (each.rows !== rows || each.columns !== columns || typeOf(each.data) !== typeOf(data)) {
        throw new ShapeError(
          `Expected a ${rows} x ${columns} matrix of ${typeOf(data)} for matrices[${i}] but received ` +
            `${each.rows} x ${each.columns} of type ${each.data.constructor.name}`,
        )
      }
      stack.data.set(each.data, i * rows * columns)
    })
    return stack
  }

  /** Matrix m of the stack: a window on `data`, not a copy. */
  at(m: number): Matrix<T> {
    expectInteger('m', m, 0, this.count - 1)
    const area = this.rows * this.columns
    return new Matrix(this.rows, this.columns, this.data.subarray(m * area, (m + 1) * area) as T)
  }

  /** The matrices one by one, as {@link at} gives them. */
  *[Symbol.iterator](): IterableIterator<Matrix<T>> {
    for (let m = 0; m < this.count; m++) yield this.at(m)
  }
}
