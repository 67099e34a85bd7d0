/** Dynamic correlations of words: how a word's recurrence fades with the distance in sentences. */
import { invalidArgument } from './errors.js'
import {
  type AsyncOptions,
  asyncKeys,
  type Control,
  run,
  runSync,
  type SyncOptions,
  syncKeys,
} from './job.js'
import { type NativeDynamics, native } from './native.js'
import { checkOptions, expectInteger } from './options.js'
import { type Axis, isSentences, type Sentences, toAxis, toAxisSync } from './sentences.js'
import { nativeText } from './text.js'
import type { TextSource } from './text-source.js'

export interface DynamicsOptions {
  /** How many of the most frequent words. Default 50. */
  words?: number | undefined
  /** Largest lag, in sentences. Default 100, less in a short text. */
  timesteps?: number | undefined
  /** Shorter words are passed over; in characters. Default 1. */
  minLength?: number | undefined
}

/** One word: its autocorrelation by sentence and the two models fitted to it. */
export interface WordDynamics {
  word: string
  /** In how many sentences it stands. */
  sentences: number
  /** Phi(t) for t = 0 to timesteps. */
  acf: Float64Array
  /** Stretched exponential: Phi(t) = alpha exp(-(t / tau)^beta) + 1 - alpha. */
  kww: { alpha: number; tau: number; beta: number; rss: number; bic: number }
  /** Step down: Phi(0) = 1, Phi(t) = level for t > 0: what words at random places give. */
  step: { level: number; rss: number; bic: number }
  /** step.bic - kww.bic: above 0 when the word's recurrence really fades (type I in the paper). */
  importance: number
}

const keys = ['words', 'timesteps', 'minLength'] as const

/**
 * For the most frequent words of a text: the autocorrelation by sentence, fits of the
 * Kohlrausch-Williams-Watts and of the step-down model, and a ranking by how much better the first one
 * is. Words that belong to a topic come in bursts and rank high; function words rank low.
 *
 * With m[s] = 1 where sentence s has the word and 0 elsewhere, over n sentences of which K have it:
 * Phi(t) = (sum of m[s] m[s + t] / (n - t)) / (K / n), so that Phi(0) = 1 and a word at random places
 * has Phi(t) = K / n. Both models are 1 at t = 0 and are fitted to t = 1 to timesteps by least squares
 * (Levenberg and Marquardt); alpha is kept between 0 and 1, tau and beta above 0.
 * BIC = N ln(rss / N) + k ln N, with N = timesteps and k = 3 or 1 parameters. Everything is computed off
 * the event loop, words beside each other on all threads, with the same bits whatever their number.
 *
 * After Ogura, Amano and Kondo, "Measuring Dynamic Correlations of Words in Written Texts with an
 * Autocorrelation Function", JDAIP 7(2), 2019, doi 10.4236/jdaip.2019.72004. The paper's exact
 * parametrisation was not at hand; these are its two models in their plain form.
 *
 * @param source What {@link readText} takes, or what {@link readSentences} gave. It needs at least
 *   ten sentences.
 * @returns Most important first.
 * @throws ERR_INVALID_ARGUMENT for a text of fewer than ten sentences, and what {@link readText} throws.
 *
 * @example
 * ```ts
 * import { wordDynamics } from 'numcore'
 * const text = 'The whale came. '.repeat(9) + 'The sea lay still. '.repeat(40)
 * const [first] = await wordDynamics({ text }, { words: 3, timesteps: 10 })
 * console.log(first?.acf.length) // 11
 * ```
 */
export async function wordDynamics(
  source: TextSource | Sentences,
  options?: DynamicsOptions & AsyncOptions,
): Promise<WordDynamics[]> {
  const checked = checkOptions<DynamicsOptions & AsyncOptions>('wordDynamics', options, [
    ...keys,
    ...asyncKeys,
  ])
  const filled = fill(checked)
  const axis = await toAxis(source, 'sentence', checked, 0.5)
  const { threads, signal, onProgress } = checked
  const given = isSentences(source)
  const report = onProgress && !given ? (f: number) => onProgress(0.5 + 0.5 * f) : onProgress
  const start = prepare(axis, filled)
  const found = await run<NativeDynamics[]>(start, { threads, signal, onProgress: report })
  return rank(axis, found)
}

/** {@link wordDynamics}, computed while the caller waits. */
export function wordDynamicsSync(
  source: TextSource | Sentences,
  options?: DynamicsOptions & SyncOptions,
): WordDynamics[] {
  const checked = checkOptions<DynamicsOptions & SyncOptions>('wordDynamicsSync', options, [
    ...keys,
    ...syncKeys,
  ])
  const filled = fill(checked)
  const axis = toAxisSync(source, 'sentence', checked)
  return rank(axis, runSync<NativeDynamics[]>(prepare(axis, filled), checked))
}

function fill({ words = 50, timesteps = 100, minLength = 1 }: DynamicsOptions) {
  return {
    words: expectInteger('words', words, 1),
    timesteps: expectInteger('timesteps', timesteps, 3),
    minLength: expectInteger('minLength', minLength, 0),
  }
}

function prepare({ text, starts }: Axis, { words, timesteps, minLength }: ReturnType<typeof fill>) {
  if (starts.length < 10) {
    throw invalidArgument('a text of at least 10 sentences', 'source', starts.length)
  }
  const lags = Math.min(timesteps, Math.floor(starts.length / 2))
  const { ids, arena, begins, counts } = nativeText(text)
  return (control: Control) =>
    native.wordDynamics(ids, starts, arena, begins, counts, words, minLength, lags, control)
}

function rank({ text }: Axis, found: readonly NativeDynamics[]): WordDynamics[] {
  const { vocabulary } = text
  return found
    .map(({ id, sentences, acf, kww, step }) => {
      const importance = step.bic - kww.bic
      return { word: vocabulary[id] as string, sentences, acf, kww, step, importance }
    })
    .sort((a, b) => b.importance - a.importance)
}

/** @internal Both models fitted to an autocorrelation whose first value is 1. */
export function fitDynamics(acf: Float64Array): Pick<WordDynamics, 'kww' | 'step' | 'importance'> {
  const start = (control: Control) => native.fitDynamics(acf, control)
  const { kww, step } = runSync<Pick<NativeDynamics, 'kww' | 'step'>>(start, {})
  return { kww, step, importance: step.bic - kww.bic }
}
