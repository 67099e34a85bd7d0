/** Texts as numbers: words as ids, and how often each occurs. */
import { type Stats, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import {
  EncodingError,
  FileError,
  fromNative,
  InvalidArgumentError,
  invalidArgument,
  isNativeFailure,
  ShapeError,
} from './errors.js'
import {
  type AsyncOptions,
  asyncKeys,
  type Control,
  run,
  runSync,
  type SyncOptions,
  syncKeys,
} from './job.js'
import { type NativeText, native } from './native.js'
import { checkOptions, expectInteger } from './options.js'
import { isChunks, readChunks } from './text-stream.js'
import { resolveThreads } from './threads.js'

/**
 * Where a text comes from. A string is a **path**, as everywhere in Node, and so is a `file:` URL;
 * a Uint8Array or Buffer is the text itself in UTF-8 (not to be changed while the call runs), and
 * `{ text }` is the text itself as a string.
 */
export type TextSource = string | URL | Uint8Array | { readonly text: string }

/**
 * A text that comes bit by bit: any async iterable of bytes in UTF-8, such as a Node or web stream.
 * Words, characters and line ends may be divided between chunks.
 */
export type TextStream = AsyncIterable<Uint8Array>

/** One line of a word count. */
export interface WordCount {
  word: string
  count: number
  /** `count / total * 100`, where total counts the words kept. */
  percentage: number
}

export interface WordCountOptions {
  /** Shorter words are dropped; in characters (Unicode code points). Default 1. */
  minLength?: number | undefined
}

// Set inside the class, which keeps its constructor and the native arrays out of the public face.
let textFrom: (made: NativeText) => Text
let nativeOf: (text: Text) => NativeText
let isText: (value: unknown) => value is Text

/**
 * A text as numbers, made by {@link readText}. Words are lower-cased, and numbered from 0 in the order
 * in which they first appear. Treat the arrays as read-only.
 */
export class Text {
  /** Number of tokens (running words). */
  readonly length: number
  /** The id of every token, in reading order. */
  readonly ids: Uint32Array
  /** How often the word with this id occurs. */
  readonly counts: Uint32Array
  readonly #native: NativeText
  #vocabulary: readonly string[] | undefined

  private constructor(made: NativeText) {
    this.length = made.ids.length
    this.ids = made.ids
    this.counts = made.counts
    this.#native = made
  }

  /** The words by id. Made when first asked for. */
  get vocabulary(): readonly string[] {
    this.#vocabulary ??= Object.freeze(decode(this.#native))
    return this.#vocabulary
  }

  static {
    textFrom = (made) => new Text(made)
    nativeOf = (text) => text.#native
    isText = (value): value is Text =>
      typeof value === 'object' && value !== null && #native in value
  }
}

// A string has a largest length, so a large arena is decoded in parts, cut where words end.
const decodeBytes = 1 << 26

function decode({ arena, begins }: NativeText): string[] {
  const bytes = Buffer.from(arena.buffer, arena.byteOffset, arena.byteLength)
  const words: string[] = []
  for (let id = 0; id + 1 < begins.length;) {
    const start = begins[id] as number
    let end = id + 1
    if (arena.length - start <= decodeBytes) end = begins.length - 1
    else while ((begins[end] as number) - start < decodeBytes) end++
    // toString keeps a byte order mark, unlike TextDecoder's default.
    const part = bytes.toString('utf8', start, (begins[end] as number) - 1).split('\n')
    for (const word of part) words.push(word)
    id = end
  }
  return words
}

/** @internal The text's arrays for another family's call, or an error when they are gone. */
export function nativeText(text: Text): NativeText {
  const made = nativeOf(text)
  if (made.ids.length !== text.length || made.counts.length + 1 !== made.begins.length) {
    throw new ShapeError(
      'Expected the arrays of a text for text but received detached ones of type Text',
    )
  }
  return made
}

interface Source {
  /** A path or the bytes. */
  from: string | Uint8Array
  translate: (error: unknown) => unknown
}

function expectSource(source: TextSource): Source {
  if (typeof source === 'string' || source instanceof URL) return fromPath(source)
  const name = 'the text'
  if (source instanceof Uint8Array) return { from: source, translate: translator(name) }
  if (source !== null && typeof source === 'object' && typeof source.text === 'string') {
    checkOptions('text', source, ['text'])
    if (/\p{Surrogate}/u.test(source.text)) {
      throw invalidArgument('a string without lone surrogates', 'text', source.text)
    }
    return { from: Buffer.from(source.text), translate: translator(name) }
  }
  throw invalidArgument('a path, URL, Uint8Array or { text: string }', 'source', source)
}

function fromPath(source: string | URL): Source {
  let path: string
  try {
    path = typeof source === 'string' ? source : fileURLToPath(source)
  } catch (cause) {
    throw new InvalidArgumentError(
      `Expected a file: URL for source but received ${String(source)}`,
      {
        cause,
      },
    )
  }
  if (path === '' || path.includes('\0')) {
    throw invalidArgument('a path, not empty and without NUL,', 'source', path)
  }
  return { from: path, translate: translator(`'${path}'`, path) }
}

function translator(name: string, path = '') {
  return (error: unknown): unknown => {
    if (!isNativeFailure(error)) return error
    switch (error.code) {
      case 'ERR_INVALID_UTF8':
        return new EncodingError(
          `Expected UTF-8 for ${name} but received an invalid byte sequence at offset ${error.where}`,
          error.where ?? -1,
        )
      case 'ERR_FILE':
        return new FileError(error.message, path, { cause: error })
      case 'ERR_INVALID_ARGUMENT':
        return new InvalidArgumentError(error.message)
      default:
        return fromNative(error)
    }
  }
}

/**
 * Reads a text and splits it into words: at Unicode white space and at these 26 characters,
 * ``. , ; : ? $ @ ^ < > # % ` ! * - = ( ) [ ] { } / " '`` . Words are lower-cased as Unicode has it (final
 * sigma included); a byte order mark stays part of the first word. A file is read and split on the
 * compute thread, and never becomes a JavaScript string. A text without words is no error.
 *
 * A {@link TextStream} is read part by part and need never be in memory as a whole.
 *
 * Cost: O(bytes); memory: 4 bytes a token, and the distinct words and their table (once a thread); of a
 * file only the pieces being worked on. Texts of up to 8 GiB, streams of any length up to 2^32 tokens.
 *
 * @throws ERR_FILE when the file cannot be read, ERR_INVALID_UTF8 with the `offset` of the first bad
 *   byte, ERR_INVALID_ARGUMENT, ERR_OUT_OF_MEMORY.
 *
 * @example
 * ```ts
 * import { readText } from 'numcore'
 * const text = await readText({ text: 'To be, or not to be' })
 * console.log(text.length, text.vocabulary) // 6 [ 'to', 'be', 'or', 'not' ]
 * console.log(text.ids) // Uint32Array(6) [ 0, 1, 2, 3, 0, 1 ]
 * ```
 */
export async function readText(
  source: TextSource | TextStream,
  options?: AsyncOptions,
): Promise<Text> {
  const checked = checkOptions<AsyncOptions>('readText', options, asyncKeys)
  if (isChunks(source)) return textFrom(await readStream(source, checked, true))
  const { from, translate } = expectSource(source)
  const small = typeof from === 'string' ? isSmall(await stat(from).catch(noStats)) : fits(from)
  const start = (control: Control) => native.readText(from, small, control)
  return textFrom(await run<NativeText>(start, checked, { translate }))
}

/** {@link readText}, computed while the caller waits. */
export function readTextSync(source: TextSource, options?: SyncOptions): Text {
  const checked = checkOptions<SyncOptions>('readTextSync', options, syncKeys)
  const { from, translate } = expectSource(source)
  const small = typeof from === 'string' ? isSmall(statsOf(from)) : fits(from)
  const start = (control: Control) => native.readText(from, small, control)
  return textFrom(runSync(start, checked, { translate }))
}

// Chunks have no length to tell progress by.
function readStream(
  source: TextStream,
  { threads, signal }: AsyncOptions,
  keepIds: boolean,
): Promise<NativeText> {
  const translate = translator('the stream')
  const read = (bytes: Uint8Array) =>
    run<NativeText>(
      (control: Control) => native.readText(bytes, fits(bytes), control),
      { threads, signal },
      { translate: (error) => error },
    )
  return readChunks(source, read, keepIds).catch((error: unknown) => {
    throw translate(error)
  })
}

/**
 * Reads several texts at once, as many beside each other as there are threads: each on one thread, which
 * is quicker than one after another on all. The texts in the order of the sources.
 *
 * @throws As {@link readText} does; the first to fail stops the others.
 *
 * @example
 * ```ts
 * import { readTexts } from 'numcore'
 * const [a, b] = await readTexts([{ text: 'one two' }, { text: 'three' }])
 * console.log(a?.length, b?.length) // 2 1
 * ```
 */
export async function readTexts(
  sources: readonly TextSource[],
  options?: AsyncOptions,
): Promise<Text[]> {
  const checked = checkOptions<AsyncOptions>('readTexts', options, asyncKeys)
  if (!Array.isArray(sources)) throw invalidArgument('an array of texts', 'sources', sources)
  const { signal, onProgress } = checked
  const beside = Math.min(sources.length, resolveThreads(checked.threads))
  const texts: Text[] = []
  const stop = new AbortController()
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal])
  let next = 0
  let done = 0
  const worker = async () => {
    while (next < sources.length) {
      const i = next++
      texts[i] = await readText(sources[i] as TextSource, { threads: 1, signal: both })
      onProgress?.(++done / sources.length)
    }
  }
  await Promise.all(Array.from({ length: beside }, worker)).catch((error: unknown) => {
    stop.abort(error)
    throw error
  })
  return texts
}

// Up to here one thread is as quick as many. A small text need not wait for a large matrix; and a pipe, whose writer
// may take its time, must not make large matrices wait.
const smallBytes = 256 * 1024
const fits = (bytes: Uint8Array) => bytes.length <= smallBytes
const isSmall = (stats: Stats | undefined) => !stats?.isFile() || stats.size <= smallBytes
// Whatever is wrong with the file, reading it will say.
const noStats = () => undefined
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** @internal What another function was given as its text; reading takes `share` of its progress. */
export async function toText(
  text: Text | TextSource | TextStream,
  { threads, signal, onProgress }: AsyncOptions,
  share: number,
): Promise<Text> {
  if (isText(text)) return text
  const report = onProgress && ((fraction: number) => onProgress(fraction * share))
  return readText(text, { threads, signal, onProgress: report })
}

/** @internal */
export function toTextSync(text: Text | TextSource, { threads }: SyncOptions): Text {
  return isText(text) ? text : readTextSync(text, { threads })
}

const wordCountKeys = ['minLength'] as const

function expectMinLength({ minLength = 1 }: WordCountOptions): number {
  return expectInteger('minLength', minLength, 0)
}

function startOrder(text: Text, minLength: number) {
  return (control: Control) => {
    const { arena, begins, counts } = nativeText(text)
    return native.wordOrder(arena, begins, counts, minLength, control)
  }
}

function records(text: Text, order: Uint32Array): WordCount[] {
  const { vocabulary, counts } = text
  let total = 0
  for (const id of order) total += counts[id] as number
  return Array.from(order, (id) => {
    const count = counts[id] as number
    return { word: vocabulary[id] as string, count, percentage: (count / total) * 100 }
  })
}

/**
 * Counts the words of a text: most frequent first, words of equal count in the order of their first
 * appearance. A text without words gives `[]`.
 *
 * Cost: O(v log v) for v distinct words, after {@link readText} for anything but a {@link Text}.
 *
 * @throws As {@link readText} does.
 *
 * @example
 * ```ts
 * import { wordCount } from 'numcore'
 * const [first] = await wordCount({ text: 'To be, or not to be' }, { minLength: 3 })
 * console.log(first) // { word: 'not', count: 1, percentage: 100 }
 * ```
 */
export async function wordCount(
  text: Text | TextSource | TextStream,
  options?: WordCountOptions & AsyncOptions,
): Promise<WordCount[]> {
  const checked = checkOptions<WordCountOptions & AsyncOptions>('wordCount', options, [
    ...wordCountKeys,
    ...asyncKeys,
  ])
  const minLength = expectMinLength(checked)
  // Of a stream the counts are enough: then memory depends on the vocabulary only.
  const read = isChunks(text)
    ? textFrom(await readStream(text, checked, false))
    : await toText(text, checked, 1)
  const { threads, signal } = checked
  return records(read, await run<Uint32Array>(startOrder(read, minLength), { threads, signal }))
}

/** {@link wordCount}, computed while the caller waits. */
export function wordCountSync(
  text: Text | TextSource,
  options?: WordCountOptions & SyncOptions,
): WordCount[] {
  const checked = checkOptions<WordCountOptions & SyncOptions>('wordCountSync', options, [
    ...wordCountKeys,
    ...syncKeys,
  ])
  const minLength = expectMinLength(checked)
  const read = toTextSync(text, checked)
  return records(read, runSync<Uint32Array>(startOrder(read, minLength), checked))
}
