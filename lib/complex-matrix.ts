/** Dense complex matrices: a typed array of pairs re, im, re, im, ... in row-major order. */
import type { InspectOptions } from 'node:util'
import { invalidArgument } from './errors.js'
import { type MatrixLike, MatrixView } from './matrix.js'
import {
  type ComplexType,
  complexTypes,
  type Reals,
  resultType,
  typeOf,
} from './matrix/elements.js'
import { checkComplex, type ComplexLike, partOf, stridedOf } from './matrix/operand.js'
import { inspectMatrix, shortNumber } from './matrix/print.js'
import {
  allocateMatrix,
  type Complex,
  complexElements,
  type ComplexSource,
  type ComplexValue,
  expectComplex,
} from './matrix/source.js'
import { forTiles } from './matrix/strided.js'
import { checkOptions, expectInteger, expectOneOf } from './options.js'

export { type ComplexLike, isComplex } from './matrix/operand.js'
export type { Complex, ComplexSource, ComplexValue } from './matrix/source.js'

export interface CreateComplexOptions {
  /** Element type. Default `'complex128'`. */
  type?: ComplexType | undefined
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
 * ```
 */
export class ComplexMatrix<T extends Reals = Float64Array> implements ComplexLike<T> {
  readonly rows: number
  readonly columns: number
  readonly data: T
  readonly complex = true

  constructor(rows: number, columns: number, data: T) {
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
  static from<T extends Reals>(source: ComplexLike<T> | MatrixLike<T>): ComplexMatrix<T>
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

  /** Element type. */
  get type(): ComplexType {
    return typeOf(this.data) === 'float64' ? 'complex128' : 'complex64'
  }

  get(row: number, column: number): Complex {
    const k = this.#index(row, column)
    return { re: this.data[k] as number, im: this.data[k + 1] as number }
  }

  set(row: number, column: number, value: ComplexValue): void {
    const k = this.#index(row, column)
    const [re, im] = expectComplex('value', value)
    this.data[k] = re
    this.data[k + 1] = im
  }

  /** The pairs of a row as a typed array: a window on `data`, not a copy. */
  row(row: number): T {
    expectInteger('row', row, 0, this.rows - 1)
    return this.data.subarray(2 * row * this.columns, 2 * (row + 1) * this.columns) as T
  }

  /** The real parts, as a view: writing to it writes to this matrix. */
  real(): MatrixView<T> {
    return MatrixView.from(partOf(this, 0))
  }

  /** The imaginary parts, as a view. */
  imag(): MatrixView<T> {
    return MatrixView.from(partOf(this, 1))
  }

  /** The complex conjugate, as a copy. */
  conj(): ComplexMatrix<T> {
    const result = this.clone()
    const { data } = result
    for (let k = 1; k < data.length; k += 2) data[k] = -(data[k] as number)
    return result
  }

  /** The transpose, as a copy. */
  transpose(): ComplexMatrix<T> {
    return this.#transposed(1)
  }

  /** The conjugate transpose, as a copy. */
  adjoint(): ComplexMatrix<T> {
    return this.#transposed(-1)
  }

  /** A copy of its own. */
  clone(): ComplexMatrix<T> {
    const data = allocateMatrix(this.rows, this.columns, this.type) as T
    data.set(this.data)
    return new ComplexMatrix(this.rows, this.columns, data)
  }

  /** A copy with the parts rounded, or widened, to the type. */
  asType(type: 'complex128'): ComplexMatrix
  asType(type: 'complex64'): ComplexMatrix<Float32Array>
  asType(type: ComplexType): ComplexMatrix<Reals>
  asType(type: ComplexType): ComplexMatrix<Reals> {
    return ComplexMatrix.from(this, { type })
  }

  /** Sets every element to the value. */
  fill(value: ComplexValue): this {
    const [re, im] = expectComplex('value', value)
    this.real().fill(re)
    this.imag().fill(im)
    return this
  }

  /** A new matrix of `f(value, row, column)`. */
  map(f: (value: Complex, row: number, column: number) => ComplexValue): ComplexMatrix<T> {
    if (typeof f !== 'function') throw invalidArgument('a function', 'f', f)
    const result = this.clone()
    for (const [i, j, value] of this.entries()) result.set(i, j, f(value, i, j))
    return result
  }

  /** True when dimensions, type and all elements are the same (NaN equals NaN, 0 equals -0). */
  equals(other: ComplexLike): boolean {
    const { rows, columns, data } = checkComplex('other', other)
    return (
      this.rows === rows &&
      this.columns === columns &&
      typeOf(this.data) === typeOf(data) &&
      this.real().equals(partOf(other, 0)) &&
      this.imag().equals(partOf(other, 1))
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

  #transposed(sign: 1 | -1): ComplexMatrix<T> {
    const { rows, columns, data } = this
    const result = allocateMatrix(columns, rows, this.type) as T
    forTiles(rows, columns, (i, j) => {
      const from = 2 * (i * columns + j)
      const to = 2 * (j * rows + i)
      result[to] = data[from] as number
      result[to + 1] = sign * (data[from + 1] as number)
    })
    return new ComplexMatrix(columns, rows, result)
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
