/** A text that comes in chunks: read part by part, so that it may be larger than the memory. */
import { isNativeFailure } from './errors.js'
import type { NativeText } from './native.js'

export type Chunks = AsyncIterable<Uint8Array>

export const isChunks = (source: unknown): source is Chunks =>
  typeof source === 'object' &&
  source !== null &&
  !(source instanceof Uint8Array) &&
  Symbol.asyncIterator in source

// Large enough for the kernel to be the larger part of the work, small enough not to matter.
const partBytes = 8 << 20

// ASCII separators: the white space and delimiters at which words end. No byte of a longer character is one.
const separators = new Uint8Array(128)
for (const c of '\t\n\v\f\r\x1c\x1d\x1e\x1f .,;:?$@^<>#%`!*-=()[]{}/"\'') {
  separators[c.charCodeAt(0)] = 1
}

function lastSeparator(bytes: Uint8Array): number {
  let at = bytes.length - 1
  while (at >= 0 && separators[bytes[at] as number] !== 1) at--
  return at
}

/** The parts of a stream: whole words each, and the byte at which each begins. */
async function* parts(chunks: Chunks): AsyncGenerator<{ bytes: Uint8Array; offset: number }> {
  let waiting: Uint8Array[] = []
  let size = 0
  let offset = 0
  for await (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) {
      throw new TypeError(`Expected chunks of type Uint8Array but received ${typeof chunk}`)
    }
    // A copy: who yields chunks may use the same buffer for the next.
    waiting.push(Uint8Array.from(chunk))
    size += chunk.length
    if (size < partBytes) continue
    // Where a word ends is asked of the newest chunk only, so that a word of many chunks is looked at once.
    const end = lastSeparator(chunk)
    if (end < 0) continue
    const bytes = Buffer.concat(waiting, size)
    const cut = size - chunk.length + end
    yield { bytes: bytes.subarray(0, cut), offset }
    offset += cut
    waiting = [Uint8Array.from(bytes.subarray(cut))]
    size -= cut
  }
  if (size > 0) yield { bytes: Buffer.concat(waiting, size), offset }
}

/**
 * Reads the chunks with `read`, and numbers the words as if the text had been read whole. Without
 * `keepIds` there are no ids: then memory depends on the vocabulary only.
 */
export async function readChunks(
  chunks: Chunks,
  read: (bytes: Uint8Array) => Promise<NativeText>,
  keepIds: boolean,
): Promise<NativeText> {
  const known = new Map<string, number>()
  const counts: number[] = []
  const ids: Uint32Array[] = []
  let length = 0
  for await (const { bytes, offset } of parts(chunks)) {
    const part = await read(bytes).catch((error: unknown) => {
      if (isNativeFailure(error) && error.where !== undefined) error.where += offset
      throw error
    })
    const words = wordsOf(part)
    const ours = Uint32Array.from(words, (word, i) => {
      let id = known.get(word)
      if (id === undefined) {
        id = known.size
        known.set(word, id)
        counts.push(0)
      }
      counts[id] = (counts[id] as number) + (part.counts[i] as number)
      return id
    })
    if (!keepIds) continue
    const { ids: tokens } = part
    for (let i = 0; i < tokens.length; i++) tokens[i] = ours[tokens[i] as number] as number
    ids.push(tokens)
    length += tokens.length
  }
  const all = new Uint32Array(length)
  let at = 0
  for (const tokens of ids) {
    all.set(tokens, at)
    at += tokens.length
  }
  return { ids: all, counts: Uint32Array.from(counts), ...arenaOf([...known.keys()]) }
}

// Of a part there are few enough words for one string.
function wordsOf({ arena }: NativeText): string[] {
  if (arena.length === 0) return []
  const bytes = Buffer.from(arena.buffer, arena.byteOffset, arena.byteLength - 1)
  return bytes.toString('utf8').split('\n')
}

function arenaOf(words: readonly string[]) {
  const begins = new Uint32Array(words.length + 1)
  let end = 0
  words.forEach((word, i) => {
    end += Buffer.byteLength(word) + 1
    begins[i + 1] = end
  })
  const arena = Buffer.alloc(end)
  words.forEach((word, i) => {
    arena.write(`${word}\n`, begins[i] as number)
  })
  return { arena: new Uint8Array(arena.buffer, arena.byteOffset, end), begins }
}
