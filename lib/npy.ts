/** NumPy's array files, versions 1 to 3: `.npy`. */
import { type AnyComplex, ComplexMatrix, isComplex } from './complex-matrix.js'
import { FormatError, invalidArgument, ShapeError } from './errors.js'
import { pathOf, readFully, reading } from './formats/files.js'
import {
  bodyOf,
  fault,
  headerSize,
  type NpyArray,
  npyPieces,
  parseHeader,
} from './formats/npy-format.js'
import { dense, Matrix, type MatrixLike, type Reals, typeOf } from './matrix.js'
import { isComplexType, isReals } from './matrix/elements.js'
import { denseComplex } from './matrix/complex-operand.js'
import { checkOptions, expectBoolean } from './options.js'
import { writeWhole } from './output.js'

export type { NpyArray } from './formats/npy-format.js'

/** What is written as an array: a matrix with two axes, a typed array with one, a {@link NpyArray} with its own. */
export type ArraySource = MatrixLike | AnyComplex | Reals | NpyArray

export interface ReadMatrixOptions {
  /** Gives a {@link ComplexMatrix}, of real files too. Default false: complex files are an error. */
  complex?: boolean | undefined
}

/**
 * Reads the bytes of a .npy file: floating-point and complex numbers of single and double precision, integers and
 * booleans (as doubles), of either byte order, C and Fortran order, any shape.
 *
 * @throws ERR_FORMAT when it is not such a file, naming the dtype when that is the reason, and for integers above 2^53.
 *
 * @example
 * ```ts
 * import { decodeNpy, encodeNpy, Matrix } from 'numcore'
 * const { shape, data } = decodeNpy(encodeNpy(Matrix.from([[1, 2, 3]])))
 * console.log(shape, data[2]) // [ 1, 3 ] 3
 * ```
 */
export function decodeNpy(bytes: Uint8Array): NpyArray {
  if (!(bytes instanceof Uint8Array)) throw invalidArgument('a Uint8Array', 'bytes', bytes)
  const header = parseHeader(bytes)
  const body = bodyOf(header, bytes.length - header.start)
  body.bytes.set(bytes.subarray(header.start))
  return body.finish()
}

/** What is to be written, as an array; nothing is copied unless it is a view that is not dense. */
export function arrayOf(name: string, source: ArraySource): NpyArray {
  if (isReals(source)) return { shape: [source.length], data: source, type: typeOf(source) }
  if (isComplex(source)) {
    const { rows, columns, data } = denseComplex(name, source)
    const type = typeOf(data) === 'float64' ? 'complex128' : 'complex64'
    return { shape: [rows, columns], data, type }
  }
  if (typeof source === 'object' && source !== null && 'shape' in source) {
    return checkArray(name, source)
  }
  const { rows, columns, data } = dense(name, source)
  return { shape: [rows, columns], data, type: typeOf(data) }
}

function checkArray(name: string, { shape, data, type }: NpyArray): NpyArray {
  if (!isReals(data)) throw invalidArgument('a Float64Array or Float32Array', `${name}.data`, data)
  const parts = typeOf(data)
  const complex = parts === 'float64' ? 'complex128' : 'complex64'
  if (type !== parts && type !== complex) {
    throw invalidArgument(`"${parts}" or "${complex}"`, `${name}.type`, type)
  }
  if (!Array.isArray(shape) || !shape.every((length) => Number.isInteger(length) && length >= 0)) {
    throw invalidArgument('an array of lengths', `${name}.shape`, shape)
  }
  const length = shape.reduce((product, each) => product * each, isComplexType(type) ? 2 : 1)
  if (length !== data.length) {
    throw new ShapeError(
      `Expected ${length} elements for ${name}.data of shape (${shape.join(', ')}) and type ${type} ` +
        `but received ${data.length} of type ${data.constructor.name}`,
    )
  }
  return { shape, data, type }
}

/**
 * The bytes of a version 1.0 .npy file: little-endian, C order. A matrix has two axes, a typed array one.
 *
 * @throws ERR_SHAPE when the data do not fit the dimensions.
 */
export function encodeNpy(source: ArraySource): Uint8Array {
  return Buffer.concat([...npyPieces(arrayOf('source', source))])
}

/** The matrix in an array of two axes. */
export function matrixOf(array: NpyArray, complex: boolean, where: string) {
  const { shape, data, type } = array
  if (shape.length !== 2) {
    throw new ShapeError(
      `Expected two dimensions for the array in ${where} but received ${shape.length}: ` +
        `(${shape.join(', ')}) of type ${data.constructor.name}`,
    )
  }
  const [rows = 0, columns = 0] = shape
  if (isComplexType(type)) {
    if (complex) return new ComplexMatrix(rows, columns, data)
    throw new FormatError(
      `Expected real numbers in ${where} but received complex ones; { complex: true } reads them`,
    )
  }
  const matrix = new Matrix(rows, columns, data)
  return complex ? ComplexMatrix.from(matrix) : matrix
}

/**
 * Reads a two-dimensional array from a .npy file.
 *
 * @throws ERR_FILE when it cannot be read, ERR_FORMAT when it is not a .npy file of numbers, ERR_SHAPE when it does
 *   not have two dimensions.
 *
 * @example
 * ```ts
 * import { Matrix, readNpy, writeNpy } from 'numcore'
 * await writeNpy('A.npy', Matrix.identity(3))
 * const A = await readNpy('A.npy')
 * console.log(A.rows) // 3
 * ```
 */
export async function readNpy(
  path: string | URL,
  options?: { complex?: false | undefined },
): Promise<Matrix<Reals>>
export async function readNpy(
  path: string | URL,
  options: { complex: true },
): Promise<ComplexMatrix<Reals>>
export async function readNpy(
  path: string | URL,
  options?: ReadMatrixOptions,
): Promise<Matrix<Reals> | ComplexMatrix<Reals>> {
  const { complex = false } = checkOptions<ReadMatrixOptions>('readNpy', options, ['complex'])
  expectBoolean('complex', complex)
  return matrixOf(await readNpyArray(path), complex, String(path))
}

/** Reads an array of any shape from a .npy file, straight into the memory that it will have. */
export async function readNpyArray(path: string | URL): Promise<NpyArray> {
  return reading(path, async (file, size) => {
    const first = Buffer.alloc(12)
    const { bytesRead } = await file.read(first, 0, 12, 0)
    const { prefix, length } = headerSize(first.subarray(0, bytesRead))
    // A corrupt length must not become an allocation of 4 GB.
    if (prefix + length > size) throw fault('it ends within its header')
    const head = Buffer.alloc(prefix + length)
    await readFully(file, head, 0)
    const header = parseHeader(head)
    const body = bodyOf(header, size - header.start)
    if (!(await readFully(file, body.bytes, header.start))) {
      throw fault('it became shorter while it was read')
    }
    return body.finish()
  })
}

/**
 * Writes a matrix, typed array or array as a .npy file, whole or not at all. The elements are read while it is being
 * written, and are not to be changed until then.
 */
export async function writeNpy(path: string | URL, source: ArraySource): Promise<void> {
  const file = pathOf(path)
  await writeWhole(file, npyPieces(arrayOf('source', source)))
}
