/** Sentences of a text, as the time axis of word correlations. */
import { readFile } from 'node:fs/promises'
import { EncodingError, FileError, invalidArgument } from './errors.js'
import type { AsyncOptions } from './job.js'
import type { Text } from './text.js'
import { readText, type TextSource } from './text.js'

/** A text and where its sentences begin: made by {@link readSentences}. */
export interface Sentences {
  readonly text: Text
  /** The first token of each sentence, rising; sentence s has the tokens starts[s] to starts[s + 1] - 1. */
  readonly starts: Uint32Array
}

// A sentence ends at . ! ? or the ellipsis character, one or several, with the quotes and brackets that close
// after them, when white space or the end follows; and at an empty line, so that headings stand alone.
const sentenceEnd =
  /[.!?\u2026]+["'\u201d\u2019)\]}\u00bb]*(?=\s|$)|(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)/g

/**
 * Reads a text and where its sentences begin. A sentence ends at one or more of `. ! ? …`, together with
 * the quotes and brackets that close after them, when white space or the end of the text follows; and
 * at an empty line. A sentence without words is none. Abbreviations ("Mr. Darcy") are not known: they
 * end a sentence, as in most counts of this kind.
 *
 * Unlike {@link readText} this makes a JavaScript string of the text on its way.
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
  const content = await contentOf(source)
  // A word of its own after each sentence, made of characters that no text has in this order.
  const mark = '\x01\x02\x01'
  if (content.includes(mark)) throw invalidArgument('a text without \\x01\\x02\\x01', 'source', '')
  const marked = content.replace(sentenceEnd, (end) => `${end} ${mark} `)
  // The text is read twice: each time is half of the way.
  const { onProgress, ...rest } = options ?? {}
  const half = (from: number) =>
    onProgress && ((fraction: number) => onProgress(from + fraction / 2))
  const text = await readText({ text: content }, { ...rest, onProgress: half(0) })
  const withMarks = await readText({ text: marked }, { ...rest, onProgress: half(0.5) })
  const markId = withMarks.vocabulary.indexOf(mark)
  const starts: number[] = []
  let token = 0
  let begins = true
  for (const id of withMarks.ids) {
    if (id === markId) {
      begins = true
    } else {
      if (begins) starts.push(token)
      begins = false
      token++
    }
  }
  return { text, starts: Uint32Array.from(starts) }
}

async function contentOf(source: TextSource): Promise<string> {
  if (source !== null && typeof source === 'object' && 'text' in source) {
    if (typeof source.text === 'string') return source.text
    throw invalidArgument('a string', 'text', source.text)
  }
  if (typeof source !== 'string' && !(source instanceof URL) && !(source instanceof Uint8Array)) {
    throw invalidArgument('a path, URL, Uint8Array or { text: string }', 'source', source)
  }
  const bytes =
    source instanceof Uint8Array
      ? source
      : await readFile(source).catch((cause: unknown) => {
          const reason = cause instanceof Error ? cause.message : String(cause)
          throw new FileError(`Cannot read '${source}': ${reason}`, String(source), { cause })
        })
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    // Says where.
    await readText(bytes)
    throw new EncodingError('Expected UTF-8 for the text', -1)
  }
}
