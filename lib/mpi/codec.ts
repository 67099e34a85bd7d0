/**
 * Values as bytes and back: what the lower-case functions send. A message is a head of 16 bytes, the lengths of what is
 * sent beside it, and a body:
 *
 *     0 kind   1 version   2 class of an array   4 number of parts (u32)   8 a number, or a length (f64)
 *
 * Small plain data are JSON, which is the fastest way there is; what JSON would change (undefined, NaN, -0, Map, Date,
 * cycles, one object in two places, ...) goes through V8's structured clone. The memory of typed arrays goes beside the
 * message from where it lies to where it will be, without a copy, when it is at least `threshold` bytes.
 */
import v8 from 'node:v8'
import { FormatError, typeName } from '../errors.js'
import { expectInteger } from '../options.js'
import { isPlain } from './plain.js'

/** Of the format below. Ranks with different versions of numcore do not understand each other. */
const version = 1
const kinds = [
  'undefined',
  'null',
  'true',
  'false',
  'number',
  'latin1',
  'utf16',
  'json',
  'array',
  'clone',
] as const
type Kind = (typeof kinds)[number]
const codeOf = Object.fromEntries(kinds.map((kind, i) => [kind, i])) as Record<Kind, number>

const headBytes = 16

/** Buffers of this many bytes or more are sent beside the message. */
export const threshold: number = expectInteger(
  'NUMCORE_MPI_THRESHOLD',
  Number(process.env.NUMCORE_MPI_THRESHOLD ?? 65_536),
  1,
)

type View = NodeJS.ArrayBufferView
type Build = (buffer: ArrayBuffer, offset: number, length: number) => unknown

/** Classes of arrays in the order of their numbers; the last ones have no elements of a type. */
const arrays: readonly { name: string; size: number; build: Build }[] = [
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

function classOf(view: View | ArrayBuffer): number {
  if (Buffer.isBuffer(view)) return classNumbers.get('Buffer') as number
  return classNumbers.get(view[Symbol.toStringTag]) as number
}

/** A message: what is sent first, and what is sent beside it. @internal */
export interface Packet<B extends ArrayBufferLike = ArrayBufferLike> {
  head: Uint8Array
  parts: readonly Uint8Array<B>[]
}

const noParts: readonly Uint8Array[] = []

/** Where small messages are written before they are sent. Whoever keeps one copies it. */
const desk = new Uint8Array(threshold + 1024)
const deskView = new DataView(desk.buffer)
// The same memory; a Buffer can write strings. Its `slice` copies nothing, so nobody else gets one.
const deskText = Buffer.from(desk.buffer)

function startHead(view: DataView, kind: Kind, parts: number, classNumber: number): void {
  view.setUint8(0, codeOf[kind])
  view.setUint8(1, version)
  view.setUint16(2, classNumber, true)
  view.setUint32(4, parts, true)
}

/** A message that needs nothing but its head and, behind it, bytes that are there already. */
function short(kind: Kind, bodyBytes: number, number = 0): Packet {
  startHead(deskView, kind, 0, 0)
  deskView.setFloat64(8, number, true)
  return { head: desk.subarray(0, headBytes + bodyBytes), parts: noParts }
}

function encodeString(kind: 'json' | 'latin1' | 'utf16', text: string): Packet {
  const encoding = kind === 'json' ? 'utf8' : kind === 'utf16' ? 'utf16le' : 'latin1'
  const most = text.length * (kind === 'json' ? 3 : kind === 'utf16' ? 2 : 1)
  if (headBytes + most <= desk.length) {
    return short(kind, deskText.write(text, headBytes, encoding))
  }
  const bytes = Buffer.byteLength(text, encoding)
  const head = new Uint8Array(headBytes + bytes)
  startHead(new DataView(head.buffer), kind, 0, 0)
  Buffer.from(head.buffer).write(text, headBytes, encoding)
  return { head, parts: noParts }
}

/** Behind the head: by which number the parts go, and the length of each. */
function lengthsBytes(parts: number): number {
  return parts === 0 ? 0 : 8 * (parts + 1)
}

function encodeArray(value: View | ArrayBuffer): Packet {
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value)
  const beside = bytes.length >= threshold
  startHead(deskView, 'array', beside ? 1 : 0, classOf(value))
  deskView.setFloat64(8, bytes.length, true)
  if (beside) {
    deskView.setFloat64(headBytes + 8, bytes.length, true)
    return { head: desk.subarray(0, headBytes + lengthsBytes(1)), parts: [bytes] }
  }
  desk.set(bytes, headBytes)
  return { head: desk.subarray(0, headBytes + bytes.length), parts: noParts }
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
function encodeClone(value: unknown): Packet {
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
  const table = headBytes + lengthsBytes(parts.length)
  const streamAt = table + 16 + 16 * buffers.length
  const insideAt = align(streamAt + stream.length)
  const total = inside.reduce((sum, { length }) => sum + align(length), insideAt)
  const head = new Uint8Array(total)
  const view = new DataView(head.buffer)
  startHead(view, 'clone', parts.length, 0)
  parts.forEach(({ length }, i) => view.setFloat64(headBytes + 8 * (i + 1), length, true))
  view.setFloat64(table, buffers.length, true)
  view.setFloat64(table + 8, stream.length, true)
  buffers.forEach(({ base, bytes }, i) => {
    view.setFloat64(table + 16 + 16 * i, base, true)
    view.setFloat64(table + 24 + 16 * i, bytes.length, true)
  })
  head.set(stream, streamAt)
  let at = insideAt
  for (const bytes of inside) {
    head.set(bytes, at)
    at += align(bytes.length)
  }
  return { head, parts }
}

/**
 * The message for a value. Its head may lie in memory that the next message uses: send it, or copy it. @internal
 *
 * @throws DataCloneError for what cannot be cloned.
 */
export function encode(value: unknown): Packet {
  switch (typeof value) {
    case 'undefined':
      return short('undefined', 0)
    case 'boolean':
      return short(value ? 'true' : 'false', 0)
    case 'number':
      return short('number', 0, value)
    case 'string':
      // oxlint-disable-next-line no-control-regex
      return encodeString(/[^\x00-\xff]/.test(value) ? 'utf16' : 'latin1', value)
    case 'object':
      if (value === null) return short('null', 0)
      if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
        return encodeArray(value as View | ArrayBuffer)
      }
      if (isPlain(value)) return encodeString('json', JSON.stringify(value))
      break
    default:
  }
  return encodeClone(value)
}

/** Writes the number by which the parts of a message find their receiver. @internal */
export function setSequence(head: Uint8Array, sequence: number): void {
  new DataView(head.buffer, head.byteOffset).setFloat64(headBytes, sequence, true)
}

/** What follows beside a message. @internal */
export function partsOf(head: Uint8Array): { sequence: number; lengths: readonly number[] } {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  if (view.byteLength < headBytes || view.getUint8(1) !== version) {
    throw new FormatError(
      'Expected a message of a lower-case function of this version of numcore but received another: upper-case ' +
        'and lower-case functions do not understand each other',
    )
  }
  const count = view.getUint32(4, true)
  if (count === 0) return none
  const lengths = Array.from({ length: count }, (_, i) =>
    view.getFloat64(headBytes + 8 * (i + 1), true),
  )
  return { sequence: view.getFloat64(headBytes, true), lengths }
}

const none: ReturnType<typeof partsOf> = { sequence: 0, lengths: [] }

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

function own(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer
}

function decodeClone(
  head: Uint8Array,
  view: DataView,
  parts: readonly Uint8Array<ArrayBuffer>[],
): unknown {
  const table = headBytes + lengthsBytes(parts.length)
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
    const memory = own(head.subarray(at, at + length))
    at += align(length)
    return { base, memory }
  })
  const decloner = new Decloner(head.subarray(streamAt, streamAt + streamBytes), buffers)
  decloner.readHeader()
  return decloner.readValue()
}

/** The value of a message. Nothing of the head's memory is used by it. @internal */
export function decode(head: Uint8Array, parts: readonly Uint8Array<ArrayBuffer>[]): unknown {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const body = () => Buffer.from(head.buffer, head.byteOffset + headBytes, head.length - headBytes)
  switch (kinds[view.getUint8(0)]) {
    case 'undefined':
      return undefined
    case 'null':
      return null
    case 'true':
      return true
    case 'false':
      return false
    case 'number':
      return view.getFloat64(8, true)
    case 'latin1':
      return body().toString('latin1')
    case 'utf16':
      return body().toString('utf16le')
    case 'json':
      return JSON.parse(body().toString('utf8'))
    case 'array': {
      const { build, size } = arrays[view.getUint16(2, true)] as (typeof arrays)[number]
      const bytes = view.getFloat64(8, true)
      const memory = parts[0]?.buffer ?? own(head.subarray(headBytes, headBytes + bytes))
      return build(memory, 0, bytes / size)
    }
    case 'clone':
      return decodeClone(head, view, parts)
    default:
      throw new FormatError('A message is damaged')
  }
}

/** A copy that is independent of the original, as it would arrive at another rank. @internal */
export function copyOf<T>(value: T): T {
  const { head, parts } = encode(value)
  return decode(
    head,
    parts.map((each) => new Uint8Array(own(each))),
  ) as T
}
