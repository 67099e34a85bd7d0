/**
 * NumPy's array files, versions 1 to 3.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { open } from 'node:fs/promises'
import { endianness } from 'node:os'
import { fileURLToPath } from 'node:url'
import { FileError, FormatError, invalidArgument, ShapeError } from './errors.js'
import { allocate, dense, forTiles, Matrix, type MatrixLike, type Reals, typeOf } from './matrix.js'
import { writeWhole } from './output.js'

/** An array of any number of dimensions, as a .npy file holds it; `data` is always row-major. */
export interface NpyArray {
  /** Length along each axis; `[]` is a single number. */
  shape: number[]
  data: Reals
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] // \x93NUMPY
const littleEndianHost = endianness() === 'LE'

interface Header {
  descr: string
  fortranOrder: boolean
  shape: number[]
  /** Where the elements begin. */
  start: number
}

function fault(what: string): FormatError {
  return new FormatError(`Expected a .npy file of version 1 to 3 but ${what}`)
}

/** Bytes of magic, version and header length, and then of the header itself. */
function headerSize(bytes: Uint8Array): { prefix: number; length: number; version: number } {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) {
    throw fault('the first bytes are not those of one')
  }
  const version = bytes[6] as number
  if (version < 1 || version > 3) throw fault(`its version is ${version}.${bytes[7]}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (version === 1) return { prefix: 10, length: view.getUint16(8, true), version }
  if (bytes.length < 12) throw fault('it ends within its header')
  return { prefix: 12, length: view.getUint32(8, true), version }
}

// The header is a Python dictionary literal with three fixed keys; anything else is no .npy file.
function parseHeader(bytes: Uint8Array): Header {
  const { prefix, length, version } = headerSize(bytes)
  if (bytes.length < prefix + length) throw fault('it ends within its header')
  const encoding = version === 3 ? 'utf-8' : 'latin1'
  const text = new TextDecoder(encoding).decode(bytes.subarray(prefix, prefix + length))
  const descr = /(['"])descr\1\s*:\s*(?:(['"])(.*?)\2|(\[.*?\]))/.exec(text)
  const order = /(['"])fortran_order\1\s*:\s*(True|False)/.exec(text)
  const shape = /(['"])shape\1\s*:\s*\(([\d\s,L]*)\)/.exec(text)
  if (descr === null || order === null || shape === null) {
    throw fault('its header lacks descr, fortran_order or shape')
  }
  const lengths = (shape[2] as string).split(',').map((each) => each.trim().replace(/L$/, ''))
  return {
    descr: descr[3] ?? (descr[4] as string),
    fortranOrder: order[2] === 'True',
    shape: lengths.filter((each) => each !== '').map(Number),
    start: prefix + length,
  }
}

function elementType({ descr }: Header): { type: 'float64' | 'float32'; swap: boolean } {
  const match = /^([<>=|])f([48])$/.exec(descr)
  if (match === null) {
    throw new FormatError(
      `Expected dtype f4 or f8 for the .npy file but received ${JSON.stringify(descr)}; ` +
        "convert it first, for instance with numpy's array.astype('f8')",
    )
  }
  const little = match[1] === '<' || ((match[1] === '=' || match[1] === '|') && littleEndianHost)
  return { type: match[2] === '8' ? 'float64' : 'float32', swap: little !== littleEndianHost }
}

function elementCount({ shape }: Header): number {
  const count = shape.reduce((product, length) => product * length, 1)
  if (!Number.isSafeInteger(count)) throw fault(`its shape (${shape.join(', ')}) is absurd`)
  return count
}

function bytesOf(data: Reals): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

function finishDecoding(header: Header, data: Reals, swap: boolean): NpyArray {
  if (swap) {
    if (data instanceof Float64Array) bytesOf(data).swap64()
    else bytesOf(data).swap32()
  }
  const { shape } = header
  if (header.fortranOrder && shape.length > 1) return { shape, data: toRowMajor(data, shape) }
  return { shape, data }
}

/** Column-major to row-major, for any number of axes. */
function toRowMajor(data: Reals, shape: readonly number[]): Reals {
  const result = allocate(typeOf(data), data.length, 'the array in row-major order')
  if (shape.length === 2) {
    const [rows = 0, columns = 0] = shape
    forTiles(columns, rows, (j, i) => {
      result[i * columns + j] = data[j * rows + i] as number
    })
    return result
  }
  const index = shape.map(() => 0)
  const strides: number[] = []
  shape.reduce((stride, length) => {
    strides.push(stride)
    return stride * length
  }, 1)
  for (let place = 0; place < result.length; place++) {
    result[place] = data[
      index.reduce((sum, at, axis) => sum + at * (strides[axis] as number), 0)
    ] as number
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1
      if ((index[axis] as number) < (shape[axis] as number)) break
      index[axis] = 0
    }
  }
  return result
}

/**
 * Reads the bytes of a .npy file: f4 and f8 of either byte order, C and Fortran order, any shape.
 *
 * @throws ERR_FORMAT when it is not such a file, naming the dtype when that is the reason.
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
  const { type, swap } = elementType(header)
  const count = elementCount(header)
  const size = count * (type === 'float64' ? 8 : 4)
  checkLength(bytes.length - header.start, size)
  const data = allocate(type, count, 'the array of the .npy file')
  bytesOf(data).set(bytes.subarray(header.start))
  return finishDecoding(header, data, swap)
}

function checkLength(present: number, needed: number): void {
  if (present === needed) return
  throw fault(`it has ${present} bytes of elements where its header promises ${needed}`)
}

/** The bytes of a version 1.0 .npy file of the matrix: little-endian, C order. */
export function encodeNpy(matrix: MatrixLike): Uint8Array {
  const { rows, columns, data } = dense('matrix', matrix)
  const descr = typeOf(data) === 'float64' ? '<f8' : '<f4'
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`
  // Elements begin at a multiple of 64 so that the file can be mapped; the header ends in a newline.
  const start = Math.ceil((10 + text.length + 1) / 64) * 64
  const bytes = Buffer.alloc(start + data.byteLength, ' ')
  bytes.set(magic)
  bytes.set([1, 0], 6)
  bytes.writeUInt16LE(start - 10, 8)
  bytes.write(text, 10, 'latin1')
  bytes[start - 1] = 0x0a
  const elements = bytes.subarray(start)
  elements.set(bytesOf(data))
  if (!littleEndianHost) {
    if (descr === '<f8') elements.swap64()
    else elements.swap32()
  }
  return bytes
}

/**
 * Reads a two-dimensional array from a .npy file.
 *
 * @throws ERR_FILE when it cannot be read, ERR_FORMAT when it is not a .npy file of f4 or f8, ERR_SHAPE
 *   when it does not have two dimensions.
 *
 * @example
 * ```ts
 * import { Matrix, readNpy, writeNpy } from 'numcore'
 * await writeNpy('A.npy', Matrix.identity(3))
 * const A = await readNpy('A.npy')
 * console.log(A.rows) // 3
 * ```
 */
export async function readNpy(path: string | URL): Promise<Matrix<Reals>> {
  const { shape, data } = await readNpyArray(path)
  if (shape.length !== 2) {
    throw new ShapeError(
      `Expected two dimensions for the array in ${String(path)} but received ${shape.length}: ` +
        `(${shape.join(', ')}) of type ${data.constructor.name}`,
    )
  }
  const [rows = 0, columns = 0] = shape
  return new Matrix(rows, columns, data)
}

/** Reads an array of any shape from a .npy file, straight into the memory that it will have. */
export async function readNpyArray(path: string | URL): Promise<NpyArray> {
  if (typeof path !== 'string' && !(path instanceof URL)) {
    throw invalidArgument('a path', 'path', path)
  }
  try {
    await using file = await open(path)
    const stat = await file.stat()
    if (stat.isDirectory()) throw new Error('it is a directory')
    const start = Buffer.alloc(12)
    const { bytesRead } = await file.read(start, 0, 12, 0)
    const { prefix, length } = headerSize(start.subarray(0, bytesRead))
    // A corrupt length must not become an allocation of 4 GB.
    if (prefix + length > stat.size) throw fault('it ends within its header')
    const head = Buffer.alloc(prefix + length)
    await file.read(head, 0, head.length, 0)
    const header = parseHeader(head)
    const { type, swap } = elementType(header)
    const count = elementCount(header)
    checkLength(stat.size - header.start, count * (type === 'float64' ? 8 : 4))
    const data = allocate(type, count, `the array in ${String(path)}`)
    const target = bytesOf(data)
    // One read of Linux moves at most 2 GiB.
    for (let done = 0; done < target.length;) {
      const step = Math.min(target.length - done, 2 ** 30)
      const read = await file.read(target, done, step, header.start + done)
      if (read.bytesRead === 0) throw fault('it became shorter while it was read')
      done += read.bytesRead
    }
    return finishDecoding(header, data, swap)
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw new FileError(`Could not read ${String(path)}: ${error.message}`, String(path), {
        cause: error,
      })
    }
    if (error instanceof FormatError) {
      throw new FormatError(`${error.message} (${String(path)})`, { cause: error })
    }
    if (error instanceof Error && error.message === 'it is a directory') {
      throw new FileError(`Could not read ${String(path)}: it is a directory`, String(path))
    }
    throw error
  }
}

/** Writes the matrix as a .npy file, whole or not at all. */
export async function writeNpy(path: string | URL, matrix: MatrixLike): Promise<void> {
  const file = path instanceof URL ? fileURLToPath(path) : path
  await writeWhole(file, encodeNpy(matrix))
}
