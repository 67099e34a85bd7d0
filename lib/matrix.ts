/** Dense matrices, and views of their rows, columns, blocks, transposes and diagonals. */
import type { InspectOptions } from 'node:util'
import { invalidArgument, ShapeError, sentence } from './errors.js'
import { type Reals, type RealType, realTypes, typeOf } from './matrix/elements.js'
import {
  type NdarrayLike,
  type ShapedLike,
  sharedElements,
  type StdlibNdarrayLike,
} from './matrix/foreign.js'
import {
  checkBlock,
  checkMatrix,
  checkShape,
  checkStrided,
  type DenseLike,
  denseCopy,
  type MatrixLike,
  stridedOf,
} from './matrix/operand.js'
import { inspectMatrix, shortNumber } from './matrix/print.js'
import { allocateMatrix, realElements, type RealSource } from './matrix/source.js'
import {
  assignElements,
  at,
  entriesOf,
  forTiles,
  sameElements,
  type Strided,
  valuesOf,
} from './matrix/strided.js'
import { checkOptions, expectBoolean, expectInteger, expectOneOf } from './options.js'
import { uniform } from './random.js'

export { allocate, type Reals, type RealType, typeOf } from './matrix/elements.js'
export {
  checkMatrix,
  type DenseLike,
  dense,
  type MatrixLike,
  type Operand,
  operand,
} from './matrix/operand.js'
export { forTiles, type Strided } from './matrix/strided.js'

export interface CreateOptions {
  /** Element type. Default `'float64'`. */
  type?: RealType | undefined
}

export interface RandomOptions extends CreateOptions {
  /** 0 to 2^32 - 1. The same seed gives the same matrix on every machine. Default 0. */
  seed?: number | undefined
  /** Gives `R .* R^T`, the elementwise product of a uniform R with its transpose. Default false. */
  symmetric?: boolean | undefined
}

/** Where the elements of a {@link MatrixView} lie in its array. */
export interface ViewOptions {
  /** Index of element (0, 0). Default 0. */
  offset?: number | undefined
  /** Distance from a row to the next, in elements; may be negative. Default: the number of columns. */
  rowStride?: number | undefined
  /** Distance from a column to the next. Default 1. */
  columnStride?: number | undefined
}

/** What {@link Matrix} and {@link MatrixView} have in common. */
abstract class Grid<T extends Reals> {
  abstract readonly rows: number
  abstract readonly columns: number

  /** All elements as a view; nothing is copied. */
  abstract view(): MatrixView<T>

  /** Element type. */
  get type(): RealType {
    return typeOf(this.view().elements)
  }

  /** @throws ERR_INVALID_ARGUMENT outside of the matrix. */
  get(row: number, column: number): number {
    const { elements } = this.view()
    return elements[this.#index(row, column)] as number
  }

  set(row: number, column: number, value: number): void {
    const { elements } = this.view()
    elements[this.#index(row, column)] = value
  }

  /** A column, as a view of one column. */
  column(column: number): MatrixView<T> {
    expectInteger('column', column, 0, this.columns - 1)
    return this.block(0, column, this.rows, 1)
  }

  /** `rows` x `columns` elements from (row, column) on, as a view; to the last row and column unless told. */
  block(
    row: number,
    column: number,
    rows = this.rows - row,
    columns = this.columns - column,
  ): MatrixView<T> {
    checkBlock(this, row, column, rows, columns)
    const { elements, offset, rowStride, columnStride } = this.view()
    const first = offset + row * rowStride + column * columnStride
    return new MatrixView(rows, columns, elements, { offset: first, rowStride, columnStride })
  }

  /** The transpose, as a view: element (i, j) of it is element (j, i). `transpose().clone()` is a copy. */
  transpose(): MatrixView<T> {
    const { elements, offset, rowStride, columnStride } = this.view()
    return new MatrixView(this.columns, this.rows, elements, {
      offset,
      rowStride: columnStride,
      columnStride: rowStride,
    })
  }

  /** A diagonal, as a view of one column: the main one, the k-th above it, or for negative k below it. */
  diagonal(k = 0): MatrixView<T> {
    expectInteger('k', k, -this.rows, this.columns)
    const { elements, offset, rowStride, columnStride } = this.view()
    const length =
      k < 0 ? Math.min(this.rows + k, this.columns) : Math.min(this.rows, this.columns - k)
    return new MatrixView(length, 1, elements, {
      offset: offset + (k < 0 ? -k * rowStride : k * columnStride),
      rowStride: rowStride + columnStride,
    })
  }

  /** A dense matrix of its own with the same elements. */
  clone(): Matrix<T> {
    return new Matrix(this.rows, this.columns, denseCopy(this.view()))
  }

  /** A dense matrix of its own with the elements rounded, or widened, to the type. */
  asType(type: 'float64'): Matrix
  asType(type: 'float32'): Matrix<Float32Array>
  asType(type: RealType): Matrix<Reals>
  asType(type: RealType): Matrix<Reals> {
    expectOneOf('type', type, realTypes)
    const result = new Matrix(
      this.rows,
      this.columns,
      allocateMatrix(this.rows, this.columns, type),
    )
    return result.assign(this.view() as MatrixView<Reals>)
  }

  /** Sets every element to the value. */
  fill(value: number): this {
    const view = this.view()
    const { rows, columns, elements, offset, rowStride, columnStride } = view
    forTiles(rows, columns, (i, j) => {
      elements[offset + i * rowStride + j * columnStride] = value
    })
    return this
  }

  /**
   * Takes over the elements of another matrix of the same dimensions; values are rounded to this one's type.
   *
   * @throws ERR_SHAPE when the dimensions differ.
   */
  assign(source: MatrixLike): this {
    const target = this.view()
    const given = stridedOf('source', source)
    checkShape('source', source, this.rows, this.columns)
    // In one buffer an element could be overwritten before it is read.
    const shared = given.elements.buffer === target.elements.buffer
    assignElements(
      target,
      shared ? new Matrix(given.rows, given.columns, denseCopy(given)).view() : given,
    )
    return this
  }

  /** A new dense matrix of `f(value, row, column)`. */
  map(f: (value: number, row: number, column: number) => number): Matrix<T> {
    if (typeof f !== 'function') throw invalidArgument('a function', 'f', f)
    const result = this.clone()
    const { data, columns } = result
    for (let k = 0; k < data.length; k++) {
      data[k] = f(data[k] as number, Math.floor(k / columns), k % columns)
    }
    return result
  }

  /** True when dimensions, type and all elements are the same (NaN equals NaN, 0 equals -0). */
  equals(other: MatrixLike): boolean {
    const a = this.view()
    const b = stridedOf('other', other)
    return (
      a.rows === b.rows &&
      a.columns === b.columns &&
      typeOf(a.elements) === typeOf(b.elements) &&
      sameElements(a, b)
    )
  }

  /** Nested arrays, one a row. */
  toArray(): number[][] {
    const view = this.view()
    return Array.from({ length: this.rows }, (_, i) =>
      Array.from({ length: this.columns }, (__, j) => at(view, i, j)),
    )
  }

  /** The elements row by row, as `Float64Array.from` and the spread operator take them. */
  values(): IterableIterator<number> {
    return valuesOf(this.view())
  }

  /** `[row, column, value]` row by row. */
  entries(): IterableIterator<[number, number, number]> {
    return entriesOf(this.view())
  }

  [Symbol.iterator](): IterableIterator<number> {
    return this.values()
  }

  /** What `console.log` prints: dimensions, type, and the elements to six digits; the corners of a large matrix. */
  [Symbol.for('nodejs.util.inspect.custom')](depth: number, options: InspectOptions): string {
    const view = this.view()
    return inspectMatrix(this.constructor.name, this.type, view, depth, options, (i, j) =>
      shortNumber(at(view, i, j)),
    )
  }

  #index(row: number, column: number): number {
    expectInteger('row', row, 0, this.rows - 1)
    expectInteger('column', column, 0, this.columns - 1)
    const { offset, rowStride, columnStride } = this.view()
    return offset + row * rowStride + column * columnStride
  }
}

/**
 * A window on the elements of a matrix, or on any Float64Array or Float32Array that has them at regular distances:
 * element (i, j) is `elements[offset + i * rowStride + j * columnStride]`. Nothing is copied, so writing to the one
 * is writing to the other. Views of matrices come from `row`, `column`, `block`, `transpose` and `diagonal`; making
 * one costs the same whatever its size. Every function of numcore that reads a matrix takes a view.
 *
 * @example
 * ```ts
 * import { Matrix, MatrixView } from 'numcore'
 * const A = Matrix.from([[1, 2, 3], [4, 5, 6]])
 * A.block(0, 1, 2, 2).fill(0)
 * console.log(A.transpose().toArray()) // [ [ 1, 4 ], [ 0, 0 ], [ 0, 0 ] ]
 * const odd = new MatrixView(1, 2, Float64Array.of(1, 2, 3), { columnStride: 2 })
 * console.log([...odd]) // [ 1, 3 ]
 * ```
 */
export class MatrixView<T extends Reals = Float64Array> extends Grid<T> implements Strided<T> {
  readonly rows: number
  readonly columns: number
  readonly elements: T
  readonly offset: number
  readonly rowStride: number
  readonly columnStride: number

  /** @throws ERR_SHAPE when the strides lead out of the array. */
  constructor(rows: number, columns: number, elements: T, options?: ViewOptions) {
    super()
    const { offset, rowStride, columnStride } = checkOptions<ViewOptions>('MatrixView', options, [
      'offset',
      'rowStride',
      'columnStride',
    ])
    this.rows = rows
    this.columns = columns
    this.elements = elements
    this.offset = offset ?? 0
    this.rowStride = rowStride ?? columns
    this.columnStride = columnStride ?? 1
    checkStrided('view', this)
  }

  /**
   * A view of the elements of a matrix, of a scijs `ndarray` or of an `@stdlib/ndarray` of floating-point numbers: they
   * are shared, not copied.
   */
  static from<T extends Reals>(source: MatrixLike<T>): MatrixView<T>
  static from(source: NdarrayLike | StdlibNdarrayLike | ShapedLike): MatrixView<Reals>
  static from(
    source: MatrixLike | NdarrayLike | StdlibNdarrayLike | ShapedLike,
  ): MatrixView<Reals> {
    const { rows, columns, elements, ...place } = sharedElements('source', source)
    return new MatrixView<Reals>(rows, columns, elements, place)
  }

  view(): MatrixView<T> {
    return this
  }

  /** A row, as a view of one row. */
  row(row: number): MatrixView<T> {
    expectInteger('row', row, 0, this.rows - 1)
    return this.block(row, 0, 1, this.columns)
  }
}

/**
 * A dense matrix of doubles (or floats), row-major: element (i, j) is `data[i * columns + j]`.
 * Indices count from 0. The constructor takes the array as it is, without copying.
 *
 * @example
 * ```ts
 * import { Matrix } from 'numcore'
 * const A = Matrix.from([[2, 1], [1, 3]])
 * console.log(A.get(1, 0), A.rows, A.columns) // 1 2 2
 * ```
 */
export class Matrix<T extends Reals = Float64Array> extends Grid<T> implements DenseLike<T> {
  readonly rows: number
  readonly columns: number
  readonly data: T

  constructor(rows: number, columns: number, data: T) {
    super()
    this.rows = rows
    this.columns = columns
    this.data = data
    checkMatrix('data', this)
  }

  /** A matrix of zeros. */
  static zeros(rows: number, columns: number): Matrix
  static zeros(rows: number, columns: number, options: { type: 'float32' }): Matrix<Float32Array>
  static zeros(rows: number, columns: number, options?: CreateOptions): Matrix<Reals>
  static zeros(rows: number, columns: number, options?: CreateOptions): Matrix<Reals> {
    const type = checkType('Matrix.zeros', options, ['type'])
    return new Matrix(rows, columns, allocateMatrix(rows, columns, type))
  }

  /** The identity of order n. */
  static identity(n: number): Matrix
  static identity(n: number, options: { type: 'float32' }): Matrix<Float32Array>
  static identity(n: number, options?: CreateOptions): Matrix<Reals>
  static identity(n: number, options?: CreateOptions): Matrix<Reals> {
    const type = checkType('Matrix.identity', options, ['type'])
    const data = allocateMatrix(n, n, type)
    for (let i = 0; i < n; i++) data[i * n + i] = 1
    return new Matrix(n, n, data)
  }

  /**
   * Copies nested arrays, one a row; a matrix, view or array of numcore; or a two-dimensional array of scijs `ndarray`,
   * `@stdlib/ndarray`, `ml-matrix` or `mathjs`, which keep their precision unless `type` says otherwise.
   *
   * @throws ERR_SHAPE for rows of different lengths and for arrays that do not have two dimensions,
   *   ERR_INVALID_ARGUMENT for elements that are no numbers.
   */
  static from<T extends Reals>(source: MatrixLike<T>): Matrix<T>
  static from(source: readonly ArrayLike<number>[]): Matrix
  static from(source: RealSource, options: { type: 'float64' }): Matrix
  static from(source: RealSource, options: { type: 'float32' }): Matrix<Float32Array>
  static from(source: RealSource, options?: CreateOptions): Matrix<Reals>
  static from(source: RealSource, options?: CreateOptions): Matrix<Reals> {
    const { type } = checkOptions<CreateOptions>('Matrix.from', options, ['type'])
    if (type !== undefined) expectOneOf('type', type, realTypes)
    const { rows, columns, data } = realElements('source', source, type)
    return new Matrix(rows, columns, data)
  }

  /**
   * Uniform random numbers from [0, 1). With `symmetric` the lesson's matrix `R .* R^T`: symmetric,
   * indefinite, all elements in [0, 1).
   */
  static random(
    rows: number,
    columns: number,
    options?: RandomOptions & { type?: 'float64' },
  ): Matrix
  static random(
    rows: number,
    columns: number,
    options: RandomOptions & { type: 'float32' },
  ): Matrix<Float32Array>
  static random(rows: number, columns: number, options?: RandomOptions): Matrix<Reals>
  static random(rows: number, columns: number, options?: RandomOptions): Matrix<Reals> {
    const type = checkType('Matrix.random', options, ['type', 'seed', 'symmetric'])
    const seed = expectInteger('seed', options?.seed ?? 0, 0, 2 ** 32 - 1)
    const symmetric = expectBoolean('symmetric', options?.symmetric ?? false)
    if (symmetric && rows !== columns) {
      throw new ShapeError(
        sentence(`${rows}, as many as rows,`, 'columns of a symmetric matrix', columns),
      )
    }
    const data = allocateMatrix(rows, columns, type)
    const next = uniform(seed)
    for (let i = 0; i < data.length; i++) data[i] = next()
    if (symmetric) multiplyByTranspose(data, rows)
    return new Matrix(rows, columns, data)
  }

  view(): MatrixView<T> {
    return new MatrixView(this.rows, this.columns, this.data)
  }

  /** The elements of a row as a typed array: a window on `data`, not a copy. */
  row(row: number): T {
    expectInteger('row', row, 0, this.rows - 1)
    return this.data.subarray(row * this.columns, (row + 1) * this.columns) as T
  }

  // The two of the base class would make a view for every element.
  override get(row: number, column: number): number {
    return this.data[this.#index(row, column)] as number
  }

  override set(row: number, column: number, value: number): void {
    this.data[this.#index(row, column)] = value
  }

  #index(row: number, column: number): number {
    expectInteger('row', row, 0, this.rows - 1)
    expectInteger('column', column, 0, this.columns - 1)
    return row * this.columns + column
  }
}

function checkType(
  name: string,
  options: CreateOptions | undefined,
  keys: readonly string[],
): RealType {
  const { type = 'float64' } = checkOptions<CreateOptions>(name, options, keys)
  return expectOneOf('type', type, realTypes)
}

function multiplyByTranspose(data: Reals, n: number): void {
  forTiles(n, n, (i, j) => {
    if (j > i) return
    const product = (data[i * n + j] as number) * (data[j * n + i] as number)
    data[i * n + j] = product
    data[j * n + i] = product
  })
}
