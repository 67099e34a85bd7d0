/** How often each word of a text occurs. */
import {
  type AsyncOptions,
  asyncKeys,
  type Control,
  run,
  runSync,
  type SyncOptions,
  syncKeys,
} from './job.js'
import { native } from './native.js'
import { checkOptions, expectInteger } from './options.js'
import { nativeText, readStream, type Text, type TextStream, toText, toTextSync } from './text.js'
import type { TextSource } from './text-source.js'
import { isChunks } from './text-stream.js'

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
    ? await readStream(text, checked, false)
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
