/** Values as V8's structured clone, whose typed arrays are views of buffers that are sent as they are. */
import v8 from 'node:v8'
import { FormatError, typeName } from '../errors.js'
import { expectInteger } from '../options.js'
import { bodyAt, Head, type Packet } from './head.js'

/** Buffers of this many bytes or more are sent beside the message. */
export const threshold: number = expectInteger(
  'NUMCORE_MPI_THRESHOLD',
  Number(process.env.NUMCORE_MPI_THRESHOLD ?? 65_536),
  1,
)

type View = NodeJS.ArrayBufferView
type Build = (buffer: ArrayBuffer, offset: number, length: number) => unknown

/** Classes of arrays in the order of their numbers; the last ones have no elements of a type. */
export const arrays: readonly { name: string; size: number; build: Build }[] = [
  { name: 'Int8Array', size: 1, build: (b, o, n) => new Int8Array(b, o, n) },
  { name: 'Uint8Array', size: 1, build: (b, o, n) => new Uint8Array(b, o, n) },
  { name: 'Uint8ClampedArray', size: 1, build: (b, o, n) => new Uint8ClampedArray(b, o, n) },
  { name: 'Int16Array', size: 2, build: (b, o, n) => new Int16Array(b, o, n) },
  { name: 'Uint16Array', size: 2, build: (b, o, n) => new Uint16Array(b, o, n) },
  { name: 'Int32Array', size: 4, build: (b, o, n) => new Int32Array(b, o, n) },
  { name: 'Uint32Array', size: 4, build: (b, o, n) => new Uint32Array(b, o, n) },
  { name: 'Float32Array', size: 4, build: (b, o, n) => new Float32Array(b, o, n) },
  { name: 'Float64Array', size: 8, build: (b, o, n) => new Float64Array(b, o, n) },
  { name: 'BigInt64Array', size: 8, build: (b, o, n) => new BigInt64Array(b, o, n) },
  { name: 'BigUint64Array', size: 8, build: (b, o, n) => new BigUint64Array(b, o, n) },
  { name: 'DataView', size: 1, build: (b, o, n) => new DataView(b, o, n) },
  { name: 'Buffer', size: 1, build: (b, o, n) => Buffer.from(b, o, n) },
  { name: 'ArrayBuffer', size: 1, build: (b) => b },
]
const classNumbers = new Map(arrays.map(({ name }, i) => [name, i]))

export function classOf(view: View | ArrayBuffer): number {
  if (Buffer.isBuffer(view)) return classNumbers.get('Buffer') as number
  const name = view[Symbol.toStringTag]
  const found = classNumbers.get(name)
  if (found === undefined)
    throw new TypeError(`Expected an array of a type that MPI has but received ${name}`)
  return found
}

/** A copy in memory of its own. */
export function own(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer
}

/** The part of an ArrayBuffer that views of it look at, however many they are. */
interface Range {
  buffer: ArrayBufferLike
  from: number
  to: number
}

/** V8's serializer, which writes of each view only where it is in which buffer. */
class Cloner extends v8.Serializer {
  readonly ranges: Range[] = []
  readonly #numbers = new Map<ArrayBufferLike, number>()

  constructor() {
    super()
    // Not in the type declarations, but documented.
    const self = this as unknown as { _setTreatArrayBufferViewsAsHostObjects(on: boolean): void }
    // oxlint-disable-next-line no-underscore-dangle
    self._setTreatArrayBufferViewsAsHostObjects(true)
  }

  /** Called by V8. */
  _writeHostObject(view: View): void {
    if (!ArrayBuffer.isView(view)) {
      throw new DOMException(`${typeName(view)} could not be cloned`, 'DataCloneError')
    }
    let number = this.#numbers.get(view.buffer)
    const from = view.byteOffset
    const to = from + view.byteLength
    const range = number === undefined ? undefined : this.ranges[number]
    if (range === undefined) {
      number = this.ranges.length
      this.#numbers.set(view.buffer, number)
      this.ranges.push({ buffer: view.buffer, from, to })
    } else {
      range.from = Math.min(range.from, from)
      range.to = Math.max(range.to, to)
    }
    this.writeUint32(classOf(view))
    this.writeUint32(number as number)
    this.writeDouble(from)
    this.writeDouble(view.byteLength)
  }

  /** Called by V8. */
  _getDataCloneError = (message: string) => new DOMException(message, 'DataCloneError')
}

const align = (bytes: number) => Math.ceil(bytes / 8) * 8

/** head | lengths of parts | number of buffers, length of the stream, (base, length)* | stream | small buffers */
/** @throws DataCloneError for what cannot be cloned. @internal */
export function encodeClone(value: unknown): Packet {
  const cloner = new Cloner()
  cloner.writeHeader()
  cloner.writeValue(value)
  const stream = cloner.releaseBuffer()
  const buffers = cloner.ranges.map(({ buffer, from, to }) => {
    // A view's place in its buffer is a multiple of its elements' size, and has to stay one.
    const base = from - (from % 8)
    return { base, bytes: new Uint8Array(buffer, base, to - base) }
  })
  const parts = buffers.map(({ bytes }) => bytes).filter(({ length }) => length >= threshold)
  const inside = buffers.map(({ bytes }) => bytes).filter(({ length }) => length < threshold)
  const table = bodyAt(parts.length)
  const streamAt = table + 16 + 16 * buffers.length
  const insideAt = align(streamAt + stream.length)
  const total = inside.reduce((sum, { length }) => sum + align(length), insideAt)
  const head = new Head(new Uint8Array(total))
  const { bytes: body, view } = head
  head.start('clone', total, parts.length)
  parts.forEach(({ length }, i) => head.setPart(i, length))
  view.setFloat64(table, buffers.length, true)
  view.setFloat64(table + 8, stream.length, true)
  buffers.forEach(({ base, bytes }, i) => {
    view.setFloat64(table + 16 + 16 * i, base, true)
    view.setFloat64(table + 24 + 16 * i, bytes.length, true)
  })
  body.set(stream, streamAt)
  let at = insideAt
  for (const bytes of inside) {
    body.set(bytes, at)
    at += align(bytes.length)
  }
  return { head, parts }
}

class Decloner extends v8.Deserializer {
  readonly #buffers: readonly { base: number; memory: ArrayBuffer }[]

  constructor(stream: Uint8Array, buffers: readonly { base: number; memory: ArrayBuffer }[]) {
    super(stream)
    this.#buffers = buffers
  }

  /** Called by V8. */
  _readHostObject(): unknown {
    const array = arrays[this.readUint32()]
    const found = this.#buffers[this.readUint32()]
    const from = this.readDouble()
    const bytes = this.readDouble()
    if (array === undefined || found === undefined) throw new FormatError('A message is damaged')
    return array.build(found.memory, from - found.base, bytes / array.size)
  }
}

/** @internal */
export function decodeClone(
  { bytes, view }: Head,
  parts: readonly Uint8Array<ArrayBuffer>[],
): unknown {
  const table = bodyAt(parts.length)
  const count = view.getFloat64(table, true)
  const streamBytes = view.getFloat64(table + 8, true)
  const streamAt = table + 16 + 16 * count
  let at = align(streamAt + streamBytes)
  let part = 0
  const buffers = Array.from({ length: count }, (_, i) => {
    const base = view.getFloat64(table + 16 + 16 * i, true)
    const length = view.getFloat64(table + 24 + 16 * i, true)
    if (length >= threshold)
      return { base, memory: (parts[part++] as Uint8Array<ArrayBuffer>).buffer }
    const memory = own(bytes.subarray(at, at + length))
    at += align(length)
    return { base, memory }
  })
  const decloner = new Decloner(bytes.subarray(streamAt, streamAt + streamBytes), buffers)
  decloner.readHeader()
  return decloner.readValue()
}
