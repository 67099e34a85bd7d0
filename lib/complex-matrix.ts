/** Dense complex matrices: a typed array of pairs re, im, re, im, ... in row-major order; and views of them. */
import type { InspectOptions } from 'node:util'
import { invalidArgument } from './errors.js'
import { type MatrixLike, MatrixView, type ViewOptions } from './matrix.js'
import {
  type AnyComplex,
  checkComplex,
  type ComplexLike,
  type ComplexStrided,
  complexStridedOf,
  copyOfPairs,
  partOf,
} from './matrix/complex-operand.js'
import {
  type ComplexType,
  complexTypes,
  type Reals,
  resultType,
  typeOf,
} from './matrix/elements.js'
import { checkBlock, checkShape, stridedOf } from './matrix/operand.js'
import { inspectMatrix, shortNumber } from './matrix/print.js'
import {
  allocateMatrix,
  type Complex,
  complexElements,
  type ComplexSource,
  type ComplexValue,
  expectComplex,
} from './matrix/source.js'
import { checkOptions, expectBoolean, expectInteger, expectOneOf } from './options.js'

export { type AnyComplex, type ComplexLike, isComplex } from './matrix/complex-operand.js'
export type { Complex, ComplexSource, ComplexValue } from './matrix/source.js'

export interface CreateComplexOptions {
  /** Element type. Default `'complex128'`. */
  type?: ComplexType | undefined
}

/** Where the numbers of a {@link ComplexMatrixView} lie in its array. */
export interface ComplexViewOptions extends ViewOptions {
  /** The conjugates of the numbers there. Default false. */
  conjugated?: boolean | undefined
}

/** What {@link ComplexMatrix} and {@link ComplexMatrixView} have in common. */
abstract class ComplexGrid<T extends Reals> {
  abstract readonly rows: number
  abstract readonly columns: number
  readonly complex = true

  /** All numbers as a view; nothing is copied. */
  abstract view(): ComplexMatrixView<T>

  /** Element type. */
  get type(): ComplexType {
    return typeOf(this.view().elements) === 'float64' ? 'complex128' : 'complex64'
  }

  /** @throws ERR_INVALID_ARGUMENT outside of the matrix. */
  get(row: number, column: number): Complex {
    const { elements, conjugated, at } = this.#place(row, column)
    const im = elements[at + 1] as number
    return { re: elements[at] as number, im: conjugated ? -im : im }
  }

  set(row: number, column: number, value: ComplexValue): void {
    const [re, im] = expectComplex('value', value)
    const { elements, conjugated, at } = this.#place(row, column)
    elements[at] = re
    elements[at + 1] = conjugated ? -im : im
  }

  /** A column, as a view of one column. */
  column(column: number): ComplexMatrixView<T> {
    expectInteger('column', column, 0, this.columns - 1)
    return this.block(0, column, this.rows, 1)
  }

  /** `rows` x `columns` numbers from (row, column) on, as a view; to the last row and column unless told. */
  block(
    row: number,
    column: number,
    rows = this.rows - row,
    columns = this.columns - column,
  ): ComplexMatrixView<T> {
    checkBlock(this, row, column, rows, columns)
    const { elements, offset, rowStride, columnStride, conjugated } = this.view()
    const first = offset + row * rowStride + column * columnStride
    const place = { offset: first, rowStride, columnStride, conjugated }
    return new ComplexMatrixView(rows, columns, elements, place)
  }

  /** The transpose, as a view: number (i, j) of it is number (j, i). `transpose().clone()` is a copy. */
  transpose(): ComplexMatrixView<T> {
    const { elements, offset, rowStride, columnStride, conjugated } = this.view()
    const place = { offset, rowStride: columnStride, columnStride: rowStride, conjugated }
    return new ComplexMatrixView(this.columns, this.rows, elements, place)
  }

  /** The complex conjugate, as a view: writing a number to it writes the conjugate to this matrix. */
  conj(): ComplexMatrixView<T> {
    const { elements, offset, rowStride, columnStride, conjugated } = this.view()
    const place = { offset, rowStride, columnStride, conjugated: !conjugated }
    return new ComplexMatrixView(this.rows, this.columns, elements, place)
  }

  /** The conjugate transpose, as a view. */
  adjoint(): ComplexMatrixView<T> {
    return this.transpose().conj()
  }

  /** The real parts, as a view: writing to it writes to this matrix. */
  real(): MatrixView<T> {
    return MatrixView.from(partOf(this.view(), 0))
  }

  /** The imaginary parts, as a view; of a conjugate, whose imaginary parts are nowhere to be seen, as a copy. */
  imag(): MatrixView<T> {
    const view = this.view()
    const parts = MatrixView.from(partOf(view, 1))
    return view.conjugated ? parts.map((im) => -im).view() : parts
  }

  /** A dense matrix of its own with the same numbers. */
  clone(): ComplexMatrix<T> {
    return new ComplexMatrix(this.rows, this.columns, copyOfPairs(this.view()))
  }

  /** A dense matrix of its own with the parts rounded, or widened, to the type. */
  asType(type: 'complex128'): ComplexMatrix
  asType(type: 'complex64'): ComplexMatrix<Float32Array>
  asType(type: ComplexType): ComplexMatrix<Reals>
  asType(type: ComplexType): ComplexMatrix<Reals> {
    return ComplexMatrix.from(this.view(), { type })
  }

  /** Sets every element to the value. */
  fill(value: ComplexValue): this {
    const [re, im] = expectComplex('value', value)
    const view = this.view()
    view.real().fill(re)
    MatrixView.from(partOf(view, 1)).fill(view.conjugated ? -im : im)
    return this
  }

  /**
   * Takes over the numbers of another matrix, real or complex, of the same dimensions; rounded to this one's type.
   *
   * @throws ERR_SHAPE when the dimensions differ.
   */
  assign(source: AnyComplex | MatrixLike): this {
    checkShape('source', source, this.rows, this.columns)
    // A copy: in one buffer a number could be overwritten before it is read.
    const { re, im } = partsOf(ComplexMatrix.from(source))
    const view = this.view()
    view.real().assign(re)
    MatrixView.from(partOf(view, 1)).assign(view.conjugated ? im.map((each) => -each) : im)
    return this
  }

  /** A new dense matrix of `f(value, row, column)`. */
  map(f: (value: Complex, row: number, column: number) => ComplexValue): ComplexMatrix<T> {
    if (typeof f !== 'function') throw invalidArgument('a function', 'f', f)
    const result = this.clone()
    for (const [i, j, value] of this.entries()) result.set(i, j, f(value, i, j))
    return result
  }

  /** True when dimensions, type and all elements are the same (NaN equals NaN, 0 equals -0). */
  equals(other: AnyComplex): boolean {
    const { elements } = complexStridedOf('other', other)
    const [a, b] = [partsOf(this.view()), partsOf(ComplexMatrix.from(other))]
    return (
      typeOf(this.view().elements) === typeOf(elements) && a.re.equals(b.re) && a.im.equals(b.im)
    )
  }

  /** Nested arrays of pairs [re, im], one a row. */
  toArray(): [re: number, im: number][][] {
    return Array.from({ length: this.rows }, (_, i) =>
      Array.from({ length: this.columns }, (__, j) => {
        const { re, im } = this.get(i, j)
        return [re, im]
      }),
    )
  }

  /** The elements row by row. */
  *values(): IterableIterator<Complex> {
    for (const [, , value] of this.entries()) yield value
  }

  /** `[row, column, value]` row by row. */
  *entries(): IterableIterator<[number, number, Complex]> {
    for (let i = 0; i < this.rows; i++) {
      for (let j = 0; j < this.columns; j++) yield [i, j, this.get(i, j)]
    }
  }

  [Symbol.iterator](): IterableIterator<Complex> {
    return this.values()
  }

  /** What `console.log` prints: dimensions, type, and the elements to six digits; the corners of a large matrix. */
  [Symbol.for('nodejs.util.inspect.custom')](depth: number, options: InspectOptions): string {
    return inspectMatrix(this.constructor.name, this.type, this, depth, options, (i, j) => {
      const { re, im } = this.get(i, j)
      const imaginary = shortNumber(im)
      return `${shortNumber(re)}${imaginary.startsWith('-') ? '' : '+'}${imaginary}i`
    })
  }

  #place(row: number, column: number) {
    expectInteger('row', row, 0, this.rows - 1)
    expectInteger('column', column, 0, this.columns - 1)
    const { elements, offset, rowStride, columnStride, conjugated } = this.view()
    return { elements, conjugated, at: offset + row * rowStride + column * columnStride }
  }
}

/** Both parts; those of a conjugate are copies. */
const partsOf = <T extends Reals>(Z: ComplexGrid<T>) => ({ re: Z.real(), im: Z.imag() })

/**
 * A window on the numbers of a complex matrix, or on any Float64Array or Float32Array that has pairs re, im at regular
 * distances: number (i, j) is `elements[k]` and `elements[k + 1]` with k = `offset + i * rowStride + j * columnStride`, or
 * the conjugate of that. Nothing is copied, so writing to the one is writing to the other. Every function of numcore
 * that reads a complex matrix takes a view.
 *
 * @example
 * ```ts
 * import { ComplexMatrix, matmul } from 'numcore'
 * const Z = ComplexMatrix.from([[[0, 1], 2], [3, 4]])
 * Z.block(1, 0).fill(0)
 * console.log((await matmul(Z.adjoint(), Z)).toArray()) // [ [ [ 1, 0 ], [ 0, -2 ] ], [ [ 0, 2 ], [ 4, 0 ] ] ]
 * ```
 */
export class ComplexMatrixView<T extends Reals = Float64Array>
  extends ComplexGrid<T>
  implements ComplexStrided<T>
{
  readonly rows: number
  readonly columns: number
  readonly elements: T
  readonly offset: number
  readonly rowStride: number
  readonly columnStride: number
  readonly conjugated: boolean

  /**
   * Strides and offset count elements of the array, of which a number is two. Defaults: those of a dense matrix.
   *
   * @throws ERR_SHAPE when the strides lead out of the array.
   */
  constructor(rows: number, columns: number, elements: T, options?: ComplexViewOptions) {
    super()
    const { offset, rowStride, columnStride, conjugated } = checkOptions<ComplexViewOptions>(
      'ComplexMatrixView',
      options,
      ['offset', 'rowStride', 'columnStride', 'conjugated'],
    )
    this.rows = rows
    this.columns = columns
    this.elements = elements
    this.offset = offset ?? 0
    this.rowStride = rowStride ?? 2 * columns
    this.columnStride = columnStride ?? 2
    this.conjugated = expectBoolean('conjugated', conjugated ?? false)
    complexStridedOf('view', this)
  }

  view(): ComplexMatrixView<T> {
    return this
  }

  /** A row, as a view of one row. */
  row(row: number): ComplexMatrixView<T> {
    expectInteger('row', row, 0, this.rows - 1)
    return this.block(row, 0, 1, this.columns)
  }
}

/**
 * A dense matrix of complex numbers, row-major, as NumPy's complex128 (pairs of doubles) or complex64 (pairs of
 * floats): number (i, j) is `data[2 * (i * columns + j)] + i data[2 * (i * columns + j) + 1]`. Indices count from 0.
 * The constructor takes the array as it is, without copying.
 *
 * @example
 * ```ts
 * import { ComplexMatrix } from 'numcore'
 * const Z = ComplexMatrix.from([[[1, 2], [0, -1]], [{ re: 3, im: 0 }, 4]])
 * console.log(Z.get(0, 1)) // { re: 0, im: -1 }
 * console.log(Z.imag().toArray()) // [ [ 2, -1 ], [ 0, 0 ] ]
 * console.log(Z.adjoint().toArray()[1]) // [ [ 0, 1 ], [ 4, -0 ] ]
 * Z.transpose().set(1, 0, 5) // a view: this is Z's element (0, 1)
 * console.log(Z.get(0, 1)) // { re: 5, im: 0 }
 * ```
 */
export class ComplexMatrix<T extends Reals = Float64Array>
  extends ComplexGrid<T>
  implements ComplexLike<T>
{
  readonly rows: number
  readonly columns: number
  readonly data: T

  constructor(rows: number, columns: number, data: T) {
    super()
    this.rows = rows
    this.columns = columns
    this.data = data
    checkComplex('data', this)
  }

  /** A matrix of zeros. */
  static zeros(rows: number, columns: number): ComplexMatrix
  static zeros(
    rows: number,
    columns: number,
    options: { type: 'complex64' },
  ): ComplexMatrix<Float32Array>
  static zeros(rows: number, columns: number, options?: CreateComplexOptions): ComplexMatrix<Reals>
  static zeros(
    rows: number,
    columns: number,
    options?: CreateComplexOptions,
  ): ComplexMatrix<Reals> {
    return new ComplexMatrix(
      rows,
      columns,
      allocateMatrix(rows, columns, checkType('zeros', options)),
    )
  }

  /** The identity of order n. */
  static identity(n: number): ComplexMatrix
  static identity(n: number, options: { type: 'complex64' }): ComplexMatrix<Float32Array>
  static identity(n: number, options?: CreateComplexOptions): ComplexMatrix<Reals>
  static identity(n: number, options?: CreateComplexOptions): ComplexMatrix<Reals> {
    const result = new ComplexMatrix(n, n, allocateMatrix(n, n, checkType('identity', options)))
    result.real().diagonal().fill(1)
    return result
  }

  /**
   * Copies nested arrays, one a row, of pairs [re, im], objects { re, im } or real numbers; or a real or complex
   * matrix of this library or another (see {@link Matrix.from}), which keeps its precision unless `type` says otherwise.
   */
  static from<T extends Reals>(source: AnyComplex<T> | MatrixLike<T>): ComplexMatrix<T>
  static from(source: readonly ArrayLike<ComplexValue>[]): ComplexMatrix
  static from(source: ComplexSource, options: { type: 'complex64' }): ComplexMatrix<Float32Array>
  static from(source: ComplexSource, options: { type: 'complex128' }): ComplexMatrix
  static from(source: ComplexSource, options?: CreateComplexOptions): ComplexMatrix<Reals>
  static from(source: ComplexSource, options?: CreateComplexOptions): ComplexMatrix<Reals> {
    const name = 'ComplexMatrix.from'
    const { type } = checkOptions<CreateComplexOptions>(name, options, ['type'])
    if (type !== undefined) expectOneOf('type', type, complexTypes)
    const { rows, columns, data } = complexElements('source', source, type)
    return new ComplexMatrix(rows, columns, data)
  }

  /** re + i im, of two real matrices of the same dimensions; widened to the larger of their types. */
  static fromParts<T extends Reals>(re: MatrixLike<T>, im: MatrixLike<T>): ComplexMatrix<T>
  static fromParts(re: MatrixLike, im: MatrixLike): ComplexMatrix<Reals>
  static fromParts(re: MatrixLike, im: MatrixLike): ComplexMatrix<Reals> {
    const [a, b] = [stridedOf('re', re), stridedOf('im', im)]
    const type = resultType(typeOf(a.elements), typeOf(b.elements), 'complex64')
    const result = ComplexMatrix.zeros(a.rows, a.columns, { type: type as ComplexType })
    result.real().assign(re)
    result.imag().assign(im)
    return result
  }

  view(): ComplexMatrixView<T> {
    return new ComplexMatrixView(this.rows, this.columns, this.data)
  }

  /** The pairs of a row as a typed array: a window on `data`, not a copy. */
  row(row: number): T {
    expectInteger('row', row, 0, this.rows - 1)
    return this.data.subarray(2 * row * this.columns, 2 * (row + 1) * this.columns) as T
  }

  // The two of the base class would make a view for every element.
  override get(row: number, column: number): Complex {
    const k = this.#index(row, column)
    return { re: this.data[k] as number, im: this.data[k + 1] as number }
  }

  override set(row: number, column: number, value: ComplexValue): void {
    const k = this.#index(row, column)
    const [re, im] = expectComplex('value', value)
    this.data[k] = re
    this.data[k + 1] = im
  }

  #index(row: number, column: number): number {
    expectInteger('row', row, 0, this.rows - 1)
    expectInteger('column', column, 0, this.columns - 1)
    return 2 * (row * this.columns + column)
  }
}

function checkType(method: string, options: CreateComplexOptions | undefined): ComplexType {
  const name = `ComplexMatrix.${method}`
  const { type = 'complex128' } = checkOptions<CreateComplexOptions>(name, options, ['type'])
  return expectOneOf('type', type, complexTypes)
}
