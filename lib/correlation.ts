/** Correlations of words in a text. Those of real series are in series.ts. */
import {
  fromNative,
  InvalidArgumentError,
  invalidArgument,
  isNativeFailure,
  sentence,
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
import { allocate, Matrix } from './matrix.js'
import { native } from './native.js'
import { checkOptions, expectInteger, expectOneOf } from './options.js'
import {
  type Axis,
  isSentences,
  type Sentences,
  type TextUnit,
  toAxis,
  toAxisSync,
} from './sentences.js'
import { nativeText, type Text } from './text.js'
import type { TextSource } from './text-source.js'

/** What {@link wordAcf} correlates: a source is read first, as the unit needs it. */
export type CorrelatedText = Text | Sentences | TextSource

export interface WordAcfOptions {
  /** Number of lags, t = 0 to timesteps - 1. Default 100. */
  timesteps?: number | undefined
  /**
   * What the distance t is counted in. Default `'word'`. With `'sentence'` a position is a sentence (as
   * {@link readSentences} finds them) and m is 1 where it has the word, once or more often: the time
   * axis of Ogura, Amano and Kondo, doi 10.4236/jdaip.2019.72004.
   */
  unit?: TextUnit | undefined
  /**
   * The first position that may start a pair, from 0. Default 0. The lesson's program starts at 1: with
   * `first: 1` its very first token never counts as a starting point, and the numbers are the program's.
   */
  first?: number | undefined
}

/** What {@link wordAcf} gives. Matrices have one row a word and one column a timestep. */
export interface WordAcf {
  words: readonly string[]
  timesteps: number
  unit: TextUnit
  first: number
  /** Pairs of the word with itself t positions later: whole numbers, exact. */
  counts: Matrix
  /** `counts` over the word's `occurrences`. */
  values: Matrix
  /** How often each word occurs in the text; by sentence: in how many it is. */
  occurrences: Float64Array
}

const wordKeys = ['timesteps', 'unit', 'first'] as const
const units = ['word', 'sentence'] as const
// Lags are 32-bit in the add-on: a text has fewer tokens than this.
const mostLags = 2 ** 32 - 1

function fillWords(words: string | readonly string[], options: WordAcfOptions) {
  const list = typeof words === 'string' ? [words] : words
  if (!Array.isArray(list) || list.length === 0) {
    throw invalidArgument('a word or an array of at least one', 'words', words)
  }
  list.forEach((word: unknown, i) => {
    if (typeof word !== 'string') throw invalidArgument('a string', `words[${i}]`, word)
  })
  const timesteps = expectInteger('timesteps', options.timesteps ?? 100, 1, mostLags)
  const first = expectInteger('first', options.first ?? 0)
  const unit = expectOneOf('unit', options.unit ?? 'word', units)
  return { words: [...(list as readonly string[])], timesteps, unit, first }
}

function startWords(
  { text, starts }: Axis,
  { words, timesteps, unit, first }: ReturnType<typeof fillWords>,
) {
  const what = `${words.length} x ${timesteps} correlations`
  const matrix = () => {
    const data = allocate('float64', words.length * timesteps, what) as Float64Array
    return new Matrix(words.length, timesteps, data)
  }
  const result: WordAcf = {
    words,
    timesteps,
    unit,
    first,
    counts: matrix(),
    values: matrix(),
    occurrences: new Float64Array(words.length),
  }
  const { ids, arena, begins } = nativeText(text)
  const start = (control: Control) =>
    native.wordAcf(
      ids,
      starts,
      arena,
      begins,
      words,
      timesteps,
      first,
      result.counts.data,
      result.values.data,
      result.occurrences,
      control,
    )
  const translate = (error: unknown): unknown => {
    if (!isNativeFailure(error) || error.code !== 'ERR_INVALID_ARGUMENT') return fromNative(error)
    if (error.where === undefined) return new InvalidArgumentError(error.message)
    const word = words[error.where] ?? ''
    const hint = word === word.toLowerCase() ? '' : ' (the words of a text are lower-case)'
    return new InvalidArgumentError(
      sentence('a word that occurs in the text', `words[${error.where}]`, word) + hint,
    )
  }
  return { result, start, translate }
}

/**
 * Autocorrelation of words. With m[i] = 1 where token i is the word (or, with `unit: 'sentence'`, where
 * sentence i has it) and 0 elsewhere, over n positions: `counts[t]` = sum of m[i] m[i + t] for i = first to n - t - 1, and `values[t]` = counts[t] / sum of m:
 * the chance that the word stands t positions after itself. Lags beyond the text are 0.
 *
 * All words and lags in one pass: O(tokens + pairs closer than `timesteps`), for frequent words
 * O(n timesteps / 64). Integers, so the same for every number of threads.
 *
 * @param text A {@link Text}, what {@link readSentences} gave, or what {@link readText} takes. By sentence
 *   not a {@link Text}, which does not know its sentences.
 * @param words One or more, spelt as in `text.vocabulary`: lower-case.
 * @throws ERR_INVALID_ARGUMENT naming a word that does not occur (its correlation would be 0/0), and
 *   what {@link readText} throws.
 *
 * @example
 * ```ts
 * import { wordAcf } from 'numcore'
 * const { counts, values } = await wordAcf({ text: 'a b a b a' }, 'a', { timesteps: 4 })
 * console.log(counts.toArray(), values.get(0, 2)) // [ [ 3, 0, 2, 0 ] ] 0.6666666666666666
 *
 * const text = { text: 'The whale. The sea. A whale, a whale! The end.' }
 * const bySentence = await wordAcf(text, 'whale', { unit: 'sentence', timesteps: 3 })
 * console.log(bySentence.counts.toArray()) // [ [ 2, 0, 1 ] ]
 * ```
 */
export async function wordAcf(
  text: CorrelatedText,
  words: string | readonly string[],
  options?: WordAcfOptions & AsyncOptions,
): Promise<WordAcf> {
  return correlate('wordAcf', text, words, options)
}

/** {@link wordAcf}, computed while the caller waits. */
export function wordAcfSync(
  text: CorrelatedText,
  words: string | readonly string[],
  options?: WordAcfOptions & SyncOptions,
): WordAcf {
  return correlateSync('wordAcfSync', text, words, options)
}

async function correlate(
  name: string,
  text: CorrelatedText,
  words: string | readonly string[],
  options: (WordAcfOptions & AsyncOptions) | undefined,
): Promise<WordAcf> {
  const keys = [...wordKeys, ...asyncKeys]
  const checked = checkOptions<WordAcfOptions & AsyncOptions>(name, options, keys)
  const filled = fillWords(words, checked)
  const read = await toAxis(text, filled.unit, checked, 0.9)
  const { threads, signal, onProgress } = checked
  const wasRead = read.text !== text && !isSentences(text)
  const report = onProgress && wasRead ? (f: number) => onProgress(0.9 + 0.1 * f) : onProgress
  const { result, start, translate } = startWords(read, filled)
  await run(start, { threads, signal, onProgress: report }, { translate })
  return result
}

function correlateSync(
  name: string,
  text: CorrelatedText,
  words: string | readonly string[],
  options: (WordAcfOptions & SyncOptions) | undefined,
): WordAcf {
  const keys = [...wordKeys, ...syncKeys]
  const checked = checkOptions<WordAcfOptions & SyncOptions>(name, options, keys)
  const filled = fillWords(words, checked)
  const { result, start, translate } = startWords(toAxisSync(text, filled.unit, checked), filled)
  runSync(start, checked, { translate })
  return result
}

/**
 * The mean of {@link wordAcf}'s values over the words, one number a timestep: added up one after
 * another in the order of `words`, then divided by their number, as the lesson's program does.
 *
 * @example
 * ```ts
 * import { averageWordAcf } from 'numcore'
 * console.log(await averageWordAcf({ text: 'a b a b a' }, ['a', 'b'], { timesteps: 3 }))
 * // Float64Array(3) [ 1, 0, 0.5833333333333333 ]
 * ```
 */
export async function averageWordAcf(
  text: CorrelatedText,
  words: string | readonly string[],
  options?: WordAcfOptions & AsyncOptions,
): Promise<Float64Array> {
  return averageRows((await correlate('averageWordAcf', text, words, options)).values)
}

/** {@link averageWordAcf}, computed while the caller waits. */
export function averageWordAcfSync(
  text: CorrelatedText,
  words: string | readonly string[],
  options?: WordAcfOptions & SyncOptions,
): Float64Array {
  return averageRows(correlateSync('averageWordAcfSync', text, words, options).values)
}

/** @internal The mean of {@link averageWordAcf}, for rows that were computed in several places. */
export function averageRows(values: Matrix): Float64Array {
  const mean = new Float64Array(values.columns)
  for (let row = 0; row < values.rows; row++) {
    values.row(row).forEach((value, t) => {
      mean[t] = (mean[t] as number) + value
    })
  }
  return mean.map((sum) => sum / values.rows)
}
