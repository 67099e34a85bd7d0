/**
 * Values as messages and back: what the lower-case functions send. Numbers, strings and small plain data have forms of
 * their own; what those do not know (Map, Date, cycles, one object in two places, ...) goes through V8's structured
 * clone. The memory of typed arrays goes beside the message from where it lies to where it will be, without a copy,
 * when it is at least `threshold` bytes.
 */
import { FormatError } from '../errors.js'
import { arrays, classOf, decodeClone, encodeClone, own, threshold } from './clone.js'
import { bodyAt, Head, headBytes, type Kind, noParts, type Packet } from './head.js'
import { readPlain, writePlain } from './plain.js'

/** Where small messages are written before they are sent. Whoever keeps one copies it. */
const desk = new Head(new Uint8Array(Math.max(threshold, 65_536) + 1024))
const onDesk: Packet = { head: desk, parts: noParts }

/** A message that needs nothing but its head and, behind it, bytes that are there already. */
function short(kind: Kind, bodyBytes: number, number = 0): Packet {
  desk.start(kind, headBytes + bodyBytes, 0, number)
  return onDesk
}

function encodeString(text: string): Packet {
  // oxlint-disable-next-line no-control-regex
  const [kind, encoding, size] = /[^\x00-\xff]/.test(text)
    ? (['utf16', 'utf16le', 2] as const)
    : (['latin1', 'latin1', 1] as const)
  const bytes = size * text.length
  const fits = headBytes + bytes <= desk.bytes.length
  const head = fits ? desk : new Head(new Uint8Array(headBytes + bytes))
  head.start(kind, headBytes + bytes)
  head.text.write(text, headBytes, encoding)
  return { head, parts: noParts }
}

function encodeArray(value: NodeJS.ArrayBufferView | ArrayBuffer): Packet {
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value)
  const { length } = bytes
  if (length >= threshold) {
    desk.start('array', bodyAt(1), 1, length, classOf(value))
    desk.setPart(0, length)
    return { head: desk, parts: [bytes] }
  }
  desk.start('array', headBytes + length, 0, length, classOf(value))
  desk.bytes.set(bytes, headBytes)
  return onDesk
}

function encodeObject(value: object): Packet {
  if (ArrayBuffer.isView(value)) return encodeArray(value as NodeJS.ArrayBufferView)
  const end = writePlain(desk, value)
  if (end > 0) return short('plain', end - headBytes)
  return value instanceof ArrayBuffer ? encodeArray(value) : encodeClone(value)
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
      return encodeString(value)
    case 'object':
      return value === null ? short('null', 0) : encodeObject(value)
    default:
      return encodeClone(value)
  }
}

/** The value of a message. Nothing of the head's memory is used by it. @internal */
export function decode(head: Head, parts: readonly Uint8Array<ArrayBuffer>[]): unknown {
  switch (head.kind) {
    case 'undefined':
      return undefined
    case 'null':
      return null
    case 'true':
      return true
    case 'false':
      return false
    case 'number':
      return head.view.getFloat64(8, true)
    case 'latin1':
      return head.text.toString('latin1', headBytes, head.length)
    case 'utf16':
      return head.text.toString('utf16le', headBytes, head.length)
    case 'plain':
      return readPlain(head)
    case 'array': {
      const { build, size } = arrays[head.view.getUint16(2, true)] as (typeof arrays)[number]
      const bytes = head.view.getFloat64(8, true)
      const memory = parts[0]?.buffer ?? own(head.bytes.subarray(headBytes, headBytes + bytes))
      return build(memory, 0, bytes / size)
    }
    case 'clone':
      return decodeClone(head, parts)
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
