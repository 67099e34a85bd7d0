/**
 * The parts of NumPy's array files, versions 1 to 3.
 * Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { endianness } from 'node:os'
import { FormatError, invalidArgument } from '../errors.js'
import {
  allocate,
  type ElementType,
  isComplexType,
  partType,
  type Reals,
} from '../matrix/elements.js'
import { assignElements } from '../matrix/strided.js'

/** An array of any number of dimensions; `data` is always row-major. */
export interface NpyArray {
  /** Length along each axis; `[]` is a single number. */
  shape: number[]
  /** The elements, those of complex numbers in pairs re, im. */
  data: Reals
  /** What the elements are; integers and booleans are read as `'float64'`. */
  type: ElementType
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] // \x93NUMPY
const littleEndianHost = endianness() === 'LE'

export interface NpyHeader {
  descr: string
  fortranOrder: boolean
  shape: number[]
  /** Where the elements begin. */
  start: number
}

export function fault(what: string): FormatError {
  return new FormatError(`Expected a .npy file of version 1 to 3 but ${what}`)
}

/** Bytes of magic, version and header length, and then of the header itself. The first 12 bytes tell. */
export function headerSize(bytes: Uint8Array): { prefix: number; length: number; version: number } {
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
export function parseHeader(bytes: Uint8Array): NpyHeader {
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

const floats: Record<string, ElementType> = {
  f4: 'float32',
  f8: 'float64',
  c8: 'complex64',
  c16: 'complex128',
}

type Integers =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array

const integers: Record<string, new (buffer: ArrayBuffer) => Integers> = {
  b1: Uint8Array,
  i1: Int8Array,
  i2: Int16Array,
  i4: Int32Array,
  i8: BigInt64Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  u8: BigUint64Array,
}

/** Takes the bytes of the elements, and makes an array of them. */
export interface NpyBody {
  /** To be filled with the bytes of the file behind the header: as many as it promises. */
  bytes: Uint8Array
  finish(): NpyArray
}

/**
 * Memory for the elements, straight where they will stay unless they are integers.
 *
 * @param present Bytes behind the header. What a header promises must not be allocated before it is compared.
 */
export function bodyOf({ descr, shape, fortranOrder }: NpyHeader, present: number): NpyBody {
  const match = /^([<>=|])([fcbiu]\d+)$/.exec(descr)
  const kind = match?.[2] ?? ''
  const type = floats[kind]
  const Integer = integers[kind]
  if (match === null || (type === undefined && Integer === undefined)) {
    throw new FormatError(
      `Expected numbers of dtype f4, f8, c8, c16, i1 to i8, u1 to u8 or b1 in the .npy file but received ` +
        `${JSON.stringify(descr)}; convert it first, for instance with numpy's array.astype('f8')`,
    )
  }
  const count = shape.reduce((product, length) => product * length, 1)
  const size = Number(kind.slice(1))
  if (!Number.isSafeInteger(count * size)) throw fault(`its shape (${shape.join(', ')}) is absurd`)
  if (present !== count * size) {
    throw fault(`it has ${present} bytes of elements where its header promises ${count * size}`)
  }
  const little = match[1] === '<' || (match[1] !== '>' && littleEndianHost)
  const swap = little !== littleEndianHost
  const finish = (data: Reals, of: ElementType): NpyArray => {
    const width = isComplexType(of) ? 2 : 1
    const ordered = fortranOrder && shape.length > 1 ? toRowMajor(data, shape, width) : data
    return { shape, data: ordered, type: of }
  }
  const what = 'the array of the .npy file'
  if (type !== undefined) {
    const data = allocate(partType(type), isComplexType(type) ? 2 * count : count, what)
    const bytes = bytesOf(data)
    return {
      bytes,
      finish: () => {
        if (swap) swapBytes(bytes, data.BYTES_PER_ELEMENT)
        return finish(data, type)
      },
    }
  }
  const data = allocate('float64', count, what)
  const bytes = Buffer.from(new ArrayBuffer(count * size))
  return {
    bytes,
    finish: () => {
      if (swap) swapBytes(bytes, size)
      const values = new (Integer as NonNullable<typeof Integer>)(bytes.buffer as ArrayBuffer)
      for (let k = 0; k < count; k++) data[k] = exactly(values[k] as number | bigint)
      return finish(data, 'float64')
    },
  }
}

function exactly(value: number | bigint): number {
  const number = Number(value)
  if (typeof value === 'number' || Number.isSafeInteger(number)) return number
  throw new FormatError(
    `Expected integers up to 2^53, which a double holds exactly, in the .npy file but received ${value}`,
  )
}

function swapBytes(bytes: Buffer, size: number): void {
  if (size === 8) bytes.swap64()
  else if (size === 4) bytes.swap32()
  else if (size === 2) bytes.swap16()
}

function bytesOf(data: Reals): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
}

/** Column-major to row-major, for any number of axes; `width` elements make a number. */
function toRowMajor(data: Reals, shape: readonly number[], width: 1 | 2): Reals {
  const type = data instanceof Float64Array ? 'float64' : 'float32'
  const result = allocate(type, data.length, 'the array in row-major order')
  if (shape.length === 2) {
    const [rows = 0, columns = 0] = shape
    for (let part = 0; part < width; part++) {
      const common = { rows, columns, offset: part }
      assignElements(
        { ...common, elements: result, rowStride: width * columns, columnStride: width },
        { ...common, elements: data, rowStride: width, columnStride: width * rows },
      )
    }
    return result
  }
  // Distance between neighbours along each axis, in numbers.
  const strides: number[] = []
  shape.reduce((stride, length) => {
    strides.push(stride)
    return stride * length
  }, 1)
  const index = shape.map(() => 0)
  let from = 0
  for (let to = 0; to < result.length; to += width) {
    result[to] = data[width * from] as number
    if (width === 2) result[to + 1] = data[width * from + 1] as number
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const at = (index[axis] as number) + 1
      from += strides[axis] as number
      index[axis] = at
      if (at < (shape[axis] as number)) break
      from -= at * (strides[axis] as number)
      index[axis] = 0
    }
  }
  return result
}

const descriptions: Record<ElementType, string> = {
  float32: '<f4',
  float64: '<f8',
  complex64: '<c8',
  complex128: '<c16',
}

/** The bytes of a version 1.0 file in pieces: its header, and its elements in little-endian C order. */
export function* npyPieces({
  shape,
  data,
  type,
}: NpyArray): Generator<Uint8Array, void, undefined> {
  const axes = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`
  const text = `{'descr': '${descriptions[type]}', 'fortran_order': False, 'shape': ${axes}, }`
  // Elements begin at a multiple of 64 so that the file can be mapped; the header ends in a newline.
  const start = Math.ceil((10 + text.length + 1) / 64) * 64
  if (start > 2 ** 16) throw invalidArgument('fewer dimensions', 'shape', shape)
  const header = Buffer.alloc(start, ' ')
  header.set(magic)
  header.set([1, 0], 6)
  header.writeUInt16LE(start - 10, 8)
  header.write(text, 10, 'latin1')
  header[start - 1] = 0x0a
  yield header
  const bytes = bytesOf(data)
  for (let at = 0; at < bytes.length; at += piece) {
    const part = bytes.subarray(at, at + piece)
    if (littleEndianHost) {
      yield part
    } else {
      const swapped = Buffer.from(part)
      swapBytes(swapped, data.BYTES_PER_ELEMENT)
      yield swapped
    }
  }
}

const piece = 2 ** 22
