/** What functions accept as a matrix, and how they come to the elements as their kernels need them. */
import { invalidArgument, ShapeError } from '../errors.js'
import { expectInteger } from '../options.js'
import { allocate, isReals, type Reals, typeOf } from './elements.js'
import { copyRowMajor, type Strided } from './strided.js'

/** Dense and row-major: element (i, j) is `data[i * columns + j]`, and there are no others. A `Matrix`, or one that
 * lost its class on the way between workers. */
export interface DenseLike<T extends Reals = Reals> {
  readonly rows: number
  readonly columns: number
  readonly data: T
  /** Only complex matrices, which are something else, have it. */
  readonly complex?: undefined
}

/** What every function that takes a matrix accepts: a `Matrix`, a `MatrixView`, or either after it lost its class. */
export type MatrixLike<T extends Reals = Reals> = DenseLike<T> | Strided<T>

/**
 * Refuses what is no dense matrix, and one whose data were transferred away or do not fit. For what a function writes
 * to; what it reads goes through {@link dense} or {@link operand}, which take views too.
 */
export function checkMatrix<T extends Reals>(name: string, value: DenseLike<T>): DenseLike<T> {
  if (value === null || typeof value !== 'object' || !isReals(value.data) || value.complex) {
    throw invalidArgument(`a ${value?.complex ? 'real ' : ''}Matrix${hint(value)}`, name, value)
  }
  if (hasElements(value, 1)) return value
  const rows = expectInteger(`${name}.rows`, value.rows)
  const columns = expectInteger(`${name}.columns`, value.columns)
  if (value.data.length !== rows * columns) {
    const why =
      value.data.buffer.byteLength === 0 && rows * columns > 0 ? ' (its buffer is detached)' : ''
    throw new ShapeError(
      `Expected ${rows * columns} elements for ${name}.data of a ${rows} x ${columns} matrix ` +
        `but received ${value.data.length}${why} of type ${value.data.constructor.name}`,
    )
  }
  return value
}

/** All is well, which is what is true of nearly every matrix: found out before any message is put together. */
export function hasElements(
  { rows, columns, data }: { rows: number; columns: number; data: Reals },
  parts: 1 | 2,
): boolean {
  return (
    Number.isInteger(rows) &&
    Number.isInteger(columns) &&
    rows >= 0 &&
    columns >= 0 &&
    data.length === parts * rows * columns
  )
}

function hint(value: unknown): string {
  if (Array.isArray(value)) return ' (Matrix.from makes one of nested arrays)'
  return isStrided(value) ? ' (clone() makes one of a view)' : ''
}

export function isStrided(value: unknown): value is Strided {
  return (
    typeof value === 'object' &&
    value !== null &&
    'elements' in value &&
    isReals(value.elements) &&
    'rowStride' in value &&
    !('complex' in value && value.complex)
  )
}

/** Refuses strides that lead out of the array. */
export function checkStrided<T extends Reals>(name: string, view: Strided<T>): Strided<T> {
  const { elements, rows, columns, offset, rowStride, columnStride } = view
  if (!isReals(elements)) {
    throw invalidArgument('a Float64Array or Float32Array', `${name}.elements`, elements)
  }
  expectInteger(`${name}.rows`, rows)
  expectInteger(`${name}.columns`, columns)
  expectInteger(`${name}.offset`, offset)
  expectInteger(`${name}.rowStride`, rowStride, Number.MIN_SAFE_INTEGER)
  expectInteger(`${name}.columnStride`, columnStride, Number.MIN_SAFE_INTEGER)
  if (rows === 0 || columns === 0) return view
  const down = (rows - 1) * rowStride
  const across = (columns - 1) * columnStride
  const first = offset + Math.min(0, down) + Math.min(0, across)
  const last = offset + Math.max(0, down) + Math.max(0, across)
  if (first < 0 || last >= elements.length) {
    const why = elements.buffer.byteLength === 0 ? ' (its buffer is detached)' : ''
    throw new ShapeError(
      `Expected elements ${first} to ${last} for ${name}, a view of ${rows} x ${columns}, ` +
        `but received ${elements.length} elements${why} of type ${elements.constructor.name}`,
    )
  }
  return view
}

/** Rows, columns and strides of any matrix; nothing is copied. */
export function stridedOf<T extends Reals>(name: string, value: MatrixLike<T>): Strided<T> {
  if (isStrided(value)) return checkStrided(name, value as Strided<T>)
  const { rows, columns, data } = checkMatrix(name, value as DenseLike<T>)
  return { rows, columns, elements: data, offset: 0, rowStride: columns, columnStride: 1 }
}

/**
 * The matrix dense and row-major, for kernels that need it so. A `Matrix` comes as it is, a view without a copy where
 * its elements lie so anyway (some rows of a matrix), and any other view as a copy of rows x columns elements.
 */
export function dense<T extends Reals>(name: string, value: MatrixLike<T>): DenseLike<T> {
  if (!isStrided(value)) return checkMatrix(name, value as DenseLike<T>)
  const view = checkStrided(name, value as Strided<T>)
  const { rows, columns, elements, offset, rowStride, columnStride } = view
  if ((columnStride === 1 || columns === 1) && (rowStride === columns || rows === 1)) {
    return { rows, columns, data: elements.subarray(offset, offset + rows * columns) as T }
  }
  return { rows, columns, data: denseCopy(view) }
}

/** The elements in an array of their own, row by row. */
export function denseCopy<T extends Reals>(view: Strided<T>): T {
  const { rows, columns, elements } = view
  const name = `a dense copy of a ${rows} x ${columns} view`
  const data = allocate(typeOf(elements), rows * columns, name) as T
  copyRowMajor(view, data)
  return data
}

/** A matrix as BLAS and LAPACK take it. */
export interface Operand<T extends Reals = Reals> {
  rows: number
  columns: number
  /** From the first element on: element (i, j) is `data[i * leading + j]`, or `data[j * leading + i]` if transposed. */
  data: T
  /** Distance between two rows (of the transpose, if transposed); at least 1 and at least their length. */
  leading: number
  transposed: boolean
}

/**
 * The matrix for a kernel that takes a leading dimension and a transpose flag: rows, blocks, transposes and blocks
 * of transposes come without a copy; any other view is copied as {@link dense} does.
 */
export function operand<T extends Reals>(name: string, value: MatrixLike<T>): Operand<T> {
  const view = stridedOf(name, value)
  const { rows, columns, elements, offset, rowStride, columnStride } = view
  const place = leadingOf(rows, columns, rowStride, columnStride)
  if (place !== undefined) return { rows, columns, data: elements.subarray(offset) as T, ...place }
  const copy = denseCopy(view)
  return { rows, columns, data: copy, leading: Math.max(1, columns), transposed: false }
}

/** Leading dimension and transpose flag for strides that can be had so. */
export function leadingOf(
  rows: number,
  columns: number,
  rowStride: number,
  columnStride: number,
): { leading: number; transposed: boolean } | undefined {
  // A single row or column has no distance to the next one.
  if (columnStride === 1 || columns <= 1) {
    const leading = rows <= 1 ? Math.max(1, columns) : rowStride
    if (leading >= Math.max(1, columns)) return { leading, transposed: false }
  }
  if (rowStride === 1 || rows <= 1) {
    const leading = columns <= 1 ? Math.max(1, rows) : columnStride
    if (leading >= Math.max(1, rows)) return { leading, transposed: true }
  }
  return undefined
}

/** @throws ERR_INVALID_ARGUMENT for a block that is not within a matrix of that size. */
export function checkBlock(
  of: { rows: number; columns: number },
  row: number,
  column: number,
  rows: number,
  columns: number,
): void {
  expectInteger('row', row, 0, of.rows)
  expectInteger('column', column, 0, of.columns)
  expectInteger('rows', rows, 0, of.rows - row)
  expectInteger('columns', columns, 0, of.columns - column)
}

/** Refuses dimensions that are not those wanted. */
export function checkShape(
  name: string,
  value: { readonly rows: number; readonly columns: number },
  rows: number,
  columns: number,
): void {
  if (value.rows === rows && value.columns === columns) return
  throw new ShapeError(
    `Expected a ${rows} x ${columns} matrix for ${name} but received ` +
      `${value.rows} x ${value.columns} of type ${value.constructor.name}`,
  )
}
