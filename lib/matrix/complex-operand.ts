/** What functions accept as a complex matrix: operand.ts for numbers that are pairs of elements. */
import { invalidArgument, ShapeError } from '../errors.js'
import { expectInteger } from '../options.js'
import { allocate, isReals, type Reals, typeOf } from './elements.js'
import { checkStrided, hasElements } from './operand.js'
import { forTiles, type Strided } from './strided.js'

/** A `ComplexMatrix`, or one that lost its class on the way between workers. */
export interface ComplexLike<T extends Reals = Reals> {
  readonly rows: number
  readonly columns: number
  /** `2 * rows * columns` elements: number (i, j) begins at `2 * (i * columns + j)`. */
  readonly data: T
  readonly complex: true
}

/**
 * A `ComplexMatrixView`, or one that lost its class: number (i, j) is `elements[k]` and `elements[k + 1]` with
 * k = `offset + i * rowStride + j * columnStride`, or the conjugate of that.
 */
export interface ComplexStrided<T extends Reals = Reals> {
  readonly rows: number
  readonly columns: number
  readonly elements: T
  readonly offset: number
  readonly rowStride: number
  readonly columnStride: number
  readonly conjugated: boolean
  readonly complex: true
}

/** What every function that takes a complex matrix accepts. */
export type AnyComplex<T extends Reals = Reals> = ComplexLike<T> | ComplexStrided<T>

export function isComplex(value: unknown): value is AnyComplex {
  return typeof value === 'object' && value !== null && 'complex' in value && value.complex === true
}

export function isComplexStrided(value: AnyComplex): value is ComplexStrided {
  return 'elements' in value
}

/** Refuses what is no dense complex matrix, and one whose data were transferred away or do not fit. */
export function checkComplex<T extends Reals>(name: string, value: ComplexLike<T>): ComplexLike<T> {
  if (!isComplex(value) || !isReals(value.data)) {
    throw invalidArgument('a ComplexMatrix (ComplexMatrix.from makes one)', name, value)
  }
  if (hasElements(value, 2)) return value
  const { data } = value
  const rows = expectInteger(`${name}.rows`, value.rows)
  const columns = expectInteger(`${name}.columns`, value.columns)
  const detached = data.buffer.byteLength === 0 && rows * columns > 0
  throw new ShapeError(
    `Expected ${2 * rows * columns} elements for ${name}.data of a ${rows} x ${columns} complex matrix ` +
      `but received ${data.length}${detached ? ' (its buffer is detached)' : ''} of type ${data.constructor.name}`,
  )
}

/** Where the numbers of any complex matrix lie; nothing is copied. */
export function complexStridedOf<T extends Reals>(
  name: string,
  value: AnyComplex<T>,
): ComplexStrided<T> {
  if (isComplex(value) && isComplexStrided(value)) {
    const view = value as ComplexStrided<T>
    // Both parts lie within the array when the imaginary ones do, and the first real one.
    checkStrided(name, partOf(view, 1))
    checkStrided(name, partOf(view, 0))
    return view
  }
  const { rows, columns, data } = checkComplex(name, value as ComplexLike<T>)
  return {
    rows,
    columns,
    elements: data,
    offset: 0,
    rowStride: 2 * columns,
    columnStride: 2,
    conjugated: false,
    complex: true,
  }
}

/** The matrix dense and row-major: as it is, or as a window on its elements where they lie so, else as a copy. */
export function denseComplex<T extends Reals>(name: string, value: AnyComplex<T>): ComplexLike<T> {
  if (!isComplex(value) || !isComplexStrided(value)) {
    return checkComplex(name, value as ComplexLike<T>)
  }
  const view = complexStridedOf<T>(name, value as ComplexStrided<T>)
  const { rows, columns, elements, offset, rowStride, columnStride, conjugated } = view
  const straight =
    (columnStride === 2 || columns === 1) && (rowStride === 2 * columns || rows === 1)
  const data =
    straight && !conjugated
      ? (elements.subarray(offset, offset + 2 * rows * columns) as T)
      : copyOfPairs(view)
  return { rows, columns, data, complex: true }
}

/** The numbers in an array of their own, row by row. */
export function copyOfPairs<T extends Reals>(view: ComplexStrided<T>): T {
  const { rows, columns, elements, offset, rowStride, columnStride, conjugated } = view
  const what = () => `a dense copy of a ${rows} x ${columns} view`
  const data = allocate(typeOf(elements), 2 * rows * columns, what) as T
  const sign = conjugated ? -1 : 1
  forTiles(rows, columns, (i, j) => {
    const from = offset + i * rowStride + j * columnStride
    const to = 2 * (i * columns + j)
    data[to] = elements[from] as number
    data[to + 1] = sign * (elements[from + 1] as number)
  })
  return data
}

/** The real (0) or imaginary (1) parts, the latter without regard to `conjugated`. */
export function partOf<T extends Reals>(z: AnyComplex<T>, which: 0 | 1): Strided<T> {
  if (isComplexStrided(z)) {
    const { rows, columns, elements, offset, rowStride, columnStride } = z as ComplexStrided<T>
    return { rows, columns, elements, offset: offset + which, rowStride, columnStride }
  }
  const { rows, columns, data } = z as ComplexLike<T>
  return { rows, columns, elements: data, offset: which, rowStride: 2 * columns, columnStride: 2 }
}
