/**
 * Matrices of other libraries, known by their form: none of these libraries is imported. Where their elements lie in
 * a typed array of floating-point numbers, strides and offset are taken over; else elements are read one by one.
 */
import { invalidArgument, ShapeError, typeName } from '../errors.js'
import { type ElementType, isReals } from './elements.js'
import { checkStrided, type MatrixLike, stridedOf } from './operand.js'
import type { Strided } from './strided.js'

/** An array as scijs `ndarray` makes it. */
export interface NdarrayLike {
  readonly data: unknown
  readonly shape: ArrayLike<number>
  readonly stride: ArrayLike<number>
  readonly offset: number
  get(...index: number[]): unknown
}

/** An array as `@stdlib/ndarray` makes it. */
export interface StdlibNdarrayLike {
  readonly data: unknown
  readonly shape: ArrayLike<number>
  readonly strides: ArrayLike<number>
  readonly offset: number
  get(...index: number[]): unknown
}

/** A matrix of `ml-matrix`, or one of its views. */
export interface MlMatrixLike {
  readonly rows: number
  readonly columns: number
  get(row: number, column: number): number
  to2DArray(): number[][]
}

/** A dense or sparse matrix of `mathjs`. */
export interface MathjsMatrixLike {
  storage(): string
  size(): number[]
  toArray(): unknown
}

/** An array of a `.npy` file. */
export interface ShapedLike {
  readonly shape: readonly number[]
  readonly data: Float64Array | Float32Array
  readonly type: ElementType
}

/** Two-dimensional arrays of other libraries that `Matrix.from` and `ComplexMatrix.from` copy. */
export type ForeignMatrix =
  NdarrayLike | StdlibNdarrayLike | MlMatrixLike | MathjsMatrixLike | ShapedLike

/** Where the elements are: real, or the two parts of complex numbers, in a typed array; or behind a function. */
export type Source =
  | { kind: 'real'; re: Strided }
  | { kind: 'complex'; re: Strided; im: Strided }
  | { kind: 'other'; rows: number; columns: number; read: (i: number, j: number) => unknown }

type Fields = Record<string, unknown>

const isFunction = (value: unknown) => typeof value === 'function'
const isList = (value: unknown): value is ArrayLike<number> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)

/** The elements of a matrix of another library; undefined when it is of none that is known. */
export function readForeign(name: string, value: unknown): Source | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Fields
  if (isList(fields['shape'])) {
    if (isReals(fields['data']) && typeof fields['type'] === 'string') {
      return shaped(name, value as ShapedLike)
    }
    const strides = fields['stride'] ?? fields['strides']
    if (isList(strides) && isFunction(fields['get'])) {
      return ndarray(name, value as NdarrayLike, strides)
    }
  }
  if (fields['klass'] === 'Matrix' && isFunction(fields['get'])) {
    const { rows, columns } = value as MlMatrixLike
    return { kind: 'other', rows, columns, read: (i, j) => (value as MlMatrixLike).get(i, j) }
  }
  if (fields['isMatrix'] === true && isFunction(fields['size']) && isFunction(fields['toArray'])) {
    return mathjs(name, value as MathjsMatrixLike)
  }
  return undefined
}

function twoDimensions(name: string, value: object, shape: ArrayLike<number>): [number, number] {
  if (shape.length === 2) return [shape[0] as number, shape[1] as number]
  throw new ShapeError(
    `Expected two dimensions for ${name} but received ${shape.length}: ` +
      `(${Array.from(shape).join(', ')}) of type ${typeName(value)}`,
  )
}

function shaped(name: string, value: ShapedLike): Source {
  const [rows, columns] = twoDimensions(name, value, value.shape)
  const complex = value.type === 'complex128' || value.type === 'complex64'
  return fromStrides(name, value.data, complex, rows, columns, {
    offset: 0,
    down: columns,
    across: 1,
  })
}

/** Strides and offset in numbers, which are two elements where they are complex. */
function fromStrides(
  name: string,
  elements: Float64Array | Float32Array,
  complex: boolean,
  rows: number,
  columns: number,
  { offset, down, across }: { offset: number; down: number; across: number },
): Source {
  const step = complex ? 2 : 1
  const re = checkStrided(name, {
    rows,
    columns,
    elements,
    offset: step * offset,
    rowStride: step * down,
    columnStride: step * across,
  })
  if (!complex) return { kind: 'real', re }
  return { kind: 'complex', re, im: checkStrided(name, { ...re, offset: re.offset + 1 }) }
}

function ndarray(name: string, value: NdarrayLike, strides: ArrayLike<number>): Source {
  const [rows, columns] = twoDimensions(name, value, value.shape)
  const { data, offset } = value
  const [down = 0, across = 0] = Array.from(strides)
  const place = { offset, down, across }
  if (isReals(data)) return fromStrides(name, data, false, rows, columns, place)
  const pairs = complexPairs(data)
  if (pairs !== undefined) return fromStrides(name, pairs, true, rows, columns, place)
  return { kind: 'other', rows, columns, read: (i, j) => value.get(i, j) }
}

/** The parts behind a Complex128Array or Complex64Array of @stdlib. */
function complexPairs(data: unknown): Float64Array | Float32Array | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { buffer, byteOffset, length, BYTES_PER_ELEMENT: size } = data as Float64Array
  const name = typeName(data)
  if (!(buffer instanceof ArrayBuffer)) return undefined
  if (name === 'Complex128Array' && size === 16) {
    return new Float64Array(buffer, byteOffset, 2 * length)
  }
  if (name === 'Complex64Array' && size === 8) {
    return new Float32Array(buffer, byteOffset, 2 * length)
  }
  return undefined
}

function mathjs(name: string, value: MathjsMatrixLike): Source {
  const [rows, columns] = twoDimensions(name, value, value.size())
  const nested = value.toArray() as unknown[][]
  return { kind: 'other', rows, columns, read: (i, j) => nested[i]?.[j] }
}

/** Elements that a view can share. */
export function sharedElements(name: string, value: unknown): Strided {
  const source = readForeign(name, value)
  if (source?.kind === 'real') return source.re
  if (source === undefined) return stridedOf(name, value as MatrixLike)
  throw invalidArgument('an array of real floating-point numbers', name, value)
}
