/** Texts as numbers: words as ids, and how often each occurs. */
import { constants } from 'node:buffer'
import { invalidArgument, ShapeError } from './errors.js'
import {
  type AsyncOptions,
  asyncKeys,
  type Control,
  checkAsync,
  run,
  runSync,
  type SyncOptions,
  syncKeys,
} from './job.js'
import { type NativeReading, type NativeText, native } from './native.js'
import { checkOptions } from './options.js'
import {
  expectSource,
  fits,
  isSmall,
  isSmallSync,
  type TextSource,
  translator,
} from './text-source.js'
import { isChunks, readChunks } from './text-stream.js'
import { resolveThreads } from './threads.js'

/**
 * A text that comes bit by bit: any async iterable of bytes in UTF-8, such as a Node or web stream.
 * Words, characters and line ends may be divided between chunks.
 */
export type TextStream = AsyncIterable<Uint8Array>

// Set inside the class, which keeps its constructor and the native arrays out of the public face.
let textFrom: (made: NativeText) => Text
let nativeOf: (text: Text) => NativeText
let isTextValue: (value: unknown) => value is Text

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
    isTextValue = (value): value is Text =>
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

/** @internal */
export const isText = (value: unknown): value is Text => isTextValue(value)

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
  if (isChunks(source)) return readStream(source, checked, true)
  return textFrom(await readNative(source, false, checked))
}

/** {@link readText}, computed while the caller waits. */
export function readTextSync(source: TextSource, options?: SyncOptions): Text {
  const checked = checkOptions<SyncOptions>('readTextSync', options, syncKeys)
  return textFrom(readNativeSync(source, false, checked))
}

async function readNative(
  source: TextSource,
  sentences: boolean,
  options: AsyncOptions,
): Promise<NativeText> {
  const { from, translate } = expectSource(source)
  checkAsync(options)
  const small = await isSmall(from)
  const start = (control: Control) => native.readText(from, small, sentences, control)
  return withIds(await run<NativeReading>(start, options, { translate }), options)
}

// The ids of a long text are written by the compute threads, straight to where they stay.
async function withIds(
  reading: NativeReading,
  { threads, signal }: AsyncOptions,
): Promise<NativeText> {
  const { waiting } = reading
  if (waiting === undefined) return reading
  const ids = placeFor(reading.length)
  await run((control: Control) => native.takeIds(waiting, ids, control), { threads, signal })
  return { ...reading, ids }
}

// Nothing need be cleared that is written to at once.
function placeFor(length: number): Uint32Array {
  const bytes = length * Uint32Array.BYTES_PER_ELEMENT
  if (bytes > constants.MAX_LENGTH) return new Uint32Array(length)
  return new Uint32Array(Buffer.allocUnsafeSlow(bytes).buffer)
}

function readNativeSync(source: TextSource, sentences: boolean, options: SyncOptions): NativeText {
  const { from, translate } = expectSource(source)
  const small = isSmallSync(from)
  const start = (control: Control) => native.readText(from, small, sentences, control)
  const reading = runSync<NativeReading>(start, options, { translate })
  const { waiting } = reading
  if (waiting === undefined) return reading
  const ids = placeFor(reading.length)
  runSync((control: Control) => native.takeIds(waiting, ids, control), options)
  return { ...reading, ids }
}

/** @internal A text and the first token of each of its sentences. */
export async function readWithStarts(source: TextSource, options: AsyncOptions) {
  const made = await readNative(source, true, options)
  return { text: textFrom(made), starts: made.starts as Uint32Array }
}

/** @internal */
export function readWithStartsSync(source: TextSource, options: SyncOptions) {
  const made = readNativeSync(source, true, options)
  return { text: textFrom(made), starts: made.starts as Uint32Array }
}

/** @internal A stream's text. Chunks have no length to tell progress by; without `keepIds` there are no ids. */
export async function readStream(
  source: TextStream,
  { threads, signal }: AsyncOptions,
  keepIds: boolean,
): Promise<Text> {
  const translate = translator('the stream')
  const read = async (bytes: Uint8Array) => {
    const start = (control: Control) => native.readText(bytes, fits(bytes), false, control)
    const reading = await run<NativeReading>(
      start,
      { threads, signal },
      { translate: (error) => error },
    )
    return withIds(reading, { threads, signal })
  }
  const made = await readChunks(source, read, keepIds).catch((error: unknown) => {
    throw translate(error)
  })
  return textFrom(made)
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
  expectSources(sources)
  checkAsync(checked)
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

/**
 * {@link readTexts}, computed while the caller waits: one text after another, each on all threads.
 */
export function readTextsSync(sources: readonly TextSource[], options?: SyncOptions): Text[] {
  const checked = checkOptions<SyncOptions>('readTextsSync', options, syncKeys)
  expectSources(sources)
  return sources.map((source) => readTextSync(source, checked))
}

function expectSources(sources: unknown): void {
  if (!Array.isArray(sources)) throw invalidArgument('an array of texts', 'sources', sources)
}

/** @internal What another function was given as its text; reading takes `share` of its progress. */
export async function toText(
  text: Text | TextSource | TextStream,
  { threads, signal, onProgress }: AsyncOptions,
  share: number,
): Promise<Text> {
  if (isText(text)) return text
  checkAsync({ signal, onProgress })
  const report = onProgress && ((fraction: number) => onProgress(fraction * share))
  return readText(text, { threads, signal, onProgress: report })
}

/** @internal */
export function toTextSync(text: Text | TextSource, { threads }: SyncOptions): Text {
  return isText(text) ? text : readTextSync(text, { threads })
}
