/** Sentences of a text, as the time axis of word correlations. */
import { InvalidArgumentError, ShapeError } from './errors.js'
import { type AsyncOptions, asyncKeys, checkAsync, type SyncOptions, syncKeys } from './job.js'
import { checkOptions } from './options.js'
import {
  isText,
  readWithStarts,
  readWithStartsSync,
  type Text,
  type TextStream,
  toText,
  toTextSync,
} from './text.js'
import type { TextSource } from './text-source.js'

/** A text and where its sentences begin: made by {@link readSentences}. */
export interface Sentences {
  readonly text: Text
  /** The first token of each sentence, rising; sentence s has the tokens starts[s] to starts[s + 1] - 1. */
  readonly starts: Uint32Array
}

/** What a distance in a text is counted in. */
export type TextUnit = 'word' | 'sentence'

/**
 * Reads a text and where its sentences begin. A sentence ends at one or more of `. ! ? …`, together with
 * the quotes and brackets that close after them (`" ' ) ] } ” ’ »`), when white space or the end of the
 * text follows; and at an empty line. A sentence without words is none. Abbreviations ("Mr. Darcy") are
 * not known: they end a sentence, as in most counts of this kind.
 *
 * One pass, as {@link readText}, which it costs an eighth more than; memory: 4 bytes a sentence beside it.
 *
 * @throws As {@link readText} does.
 *
 * @example
 * ```ts
 * import { readSentences } from 'numcore'
 * const { text, starts } = await readSentences({ text: 'It was. Was it? It was 3.5!' })
 * console.log(text.length, starts) // 8 Uint32Array(3) [ 0, 2, 4 ]
 * ```
 */
export async function readSentences(
  source: TextSource,
  options?: AsyncOptions,
): Promise<Sentences> {
  const checked = checkOptions<AsyncOptions>('readSentences', options, asyncKeys)
  return readWithStarts(source, checked)
}

/** {@link readSentences}, computed while the caller waits. */
export function readSentencesSync(source: TextSource, options?: SyncOptions): Sentences {
  const checked = checkOptions<SyncOptions>('readSentencesSync', options, syncKeys)
  return readWithStartsSync(source, checked)
}

/** @internal A text and, for the unit 'sentence', where its sentences begin; else `starts` is empty. */
export interface Axis {
  text: Text
  starts: Uint32Array
}

/** @internal */
export const isSentences = (source: unknown): source is Sentences =>
  typeof source === 'object' &&
  source !== null &&
  'starts' in source &&
  source.starts instanceof Uint32Array &&
  'text' in source &&
  isText(source.text)

const noStarts = new Uint32Array(0)

// What has been read already, or undefined for a source.
function axisOf(given: Text | Sentences | TextSource | TextStream, unit: TextUnit) {
  if (isSentences(given)) {
    if (unit === 'word') return { text: given.text, starts: noStarts }
    if (given.starts.length === 0 && given.text.length > 0) {
      throw new ShapeError(
        'Expected the arrays of a text for starts but received detached ones of type Uint32Array',
      )
    }
    return { text: given.text, starts: given.starts }
  }
  if (!isText(given)) return undefined
  if (unit === 'word') return { text: given, starts: noStarts }
  throw new InvalidArgumentError(
    "Expected a text with sentences (see readSentences) or its source for unit 'sentence' but received a Text",
  )
}

/** @internal What a function was given as its text; reading takes `share` of its progress. */
export async function toAxis(
  given: Text | Sentences | TextSource,
  unit: TextUnit,
  { threads, signal, onProgress }: AsyncOptions,
  share: number,
): Promise<Axis> {
  checkAsync({ signal, onProgress })
  const known = axisOf(given, unit)
  if (known !== undefined) return known
  const source = given as TextSource
  const report = onProgress && ((fraction: number) => onProgress(fraction * share))
  const options = { threads, signal, onProgress: report }
  if (unit === 'sentence') return readSentences(source, options)
  return { text: await toText(source, options, 1), starts: noStarts }
}

/** @internal */
export function toAxisSync(
  given: Text | Sentences | TextSource,
  unit: TextUnit,
  { threads }: SyncOptions,
): Axis {
  const known = axisOf(given, unit)
  if (known !== undefined) return known
  const source = given as TextSource
  if (unit === 'sentence') return readSentencesSync(source, { threads })
  return { text: toTextSync(source, { threads }), starts: noStarts }
}
