/**
 * How a message of a lower-case function begins, and what it tells of the messages that go beside it:
 *
 *     0 kind   1 version   2 class of an array   4 number of parts (u32)   8 a number, or a length (f64)
 *
 * With parts there follow the number by which they find their receiver and the length of each, as f64; then the body.
 */
import { FormatError } from '../errors.js'

/** Of the format. Ranks with different versions of numcore do not understand each other. */
const version = 2
export const kinds = [
  'undefined',
  'null',
  'true',
  'false',
  'number',
  'latin1',
  'utf16',
  'plain',
  'array',
  'clone',
] as const
export type Kind = (typeof kinds)[number]
const codeOf = Object.fromEntries(kinds.map((kind, i) => [kind, i])) as Record<Kind, number>

export const headBytes = 16

/** The first message for a value, in memory that may be longer. @internal */
export class Head {
  readonly bytes: Uint8Array
  #view: DataView | undefined
  #text: Buffer | undefined
  /** In bytes. */
  length: number

  constructor(bytes: Uint8Array, length = bytes.length) {
    this.bytes = bytes
    this.length = length
  }

  /** Numbers of it. */
  get view(): DataView {
    if (this.#view === undefined) {
      const { buffer, byteOffset, byteLength } = this.bytes
      this.#view = new DataView(buffer, byteOffset, byteLength)
    }
    return this.#view
  }

  /** Strings of it. */
  get text(): Buffer {
    if (this.#text === undefined) {
      const { buffer, byteOffset, byteLength } = this.bytes
      this.#text = Buffer.from(buffer, byteOffset, byteLength)
    }
    return this.#text
  }

  get kind(): Kind | undefined {
    return kinds[this.bytes[0] as number]
  }

  start(kind: Kind, length: number, parts = 0, number = 0, classNumber = 0): void {
    const { view } = this
    view.setUint8(0, codeOf[kind])
    view.setUint8(1, version)
    view.setUint16(2, classNumber, true)
    view.setUint32(4, parts, true)
    view.setFloat64(8, number, true)
    this.length = length
  }

  /** Tells the length of a part. */
  setPart(part: number, bytes: number): void {
    this.view.setFloat64(headBytes + 8 * (part + 1), bytes, true)
  }

  /** Writes the number by which the parts find their receiver. */
  setSequence(sequence: number): void {
    this.view.setFloat64(headBytes, sequence, true)
  }

  /** What follows beside it. @throws FormatError for what no lower-case function sent. */
  get beside(): Beside {
    const { view } = this
    if (this.length < headBytes || view.getUint8(1) !== version) {
      throw new FormatError(
        'Expected a message of a lower-case function of this version of numcore but received another: upper-case ' +
          'and lower-case functions do not understand each other',
      )
    }
    const count = view.getUint32(4, true)
    if (count === 0) return nothingBeside
    const lengths = Array.from({ length: count }, (_, i) =>
      view.getFloat64(headBytes + 8 * (i + 1), true),
    )
    return { sequence: view.getFloat64(headBytes, true), lengths }
  }

  /** On its own, in memory that nobody else uses. */
  copy(): Head {
    return new Head(this.bytes.slice(0, this.length))
  }
}

export interface Beside {
  sequence: number
  lengths: readonly number[]
}

const nothingBeside: Beside = { sequence: 0, lengths: [] }

/** Where the body starts: behind the head, the number of the parts and the length of each. */
export function bodyAt(parts: number): number {
  return parts === 0 ? headBytes : headBytes + 8 * (parts + 1)
}

/** A message: what is sent first, and what is sent beside it. @internal */
export interface Packet<B extends ArrayBufferLike = ArrayBufferLike> {
  head: Head
  parts: readonly Uint8Array<B>[]
}

export const noParts: readonly Uint8Array<ArrayBuffer>[] = []
