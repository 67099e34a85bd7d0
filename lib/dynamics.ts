/** Dynamic correlations of words: how a word's recurrence fades with the distance in sentences. */
import { invalidArgument } from './errors.js'
import { type AsyncOptions, asyncKeys } from './job.js'
import { type Curve, type Fit, fitCurve } from './least-squares.js'
import { checkOptions, expectInteger } from './options.js'
import { readSentences, type Sentences } from './sentences.js'
import type { TextSource } from './text.js'

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
 * BIC = N ln(rss / N) + k ln N, with N = timesteps and k = 3 or 1 parameters.
 *
 * After Ogura, Amano and Kondo, "Measuring Dynamic Correlations of Words in Written Texts with an
 * Autocorrelation Function", JDAIP 7(2), 2019, doi 10.4236/jdaip.2019.72004. The paper's exact
 * parametrisation was not at hand; these are its two models in their plain form.
 *
 * @param source What {@link readText} takes, or what {@link readSentences} gave. It needs at least
 *   ten sentences.
 * @returns Most important first.
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
  const most = expectInteger('words', checked.words ?? 50, 1)
  const minLength = expectInteger('minLength', checked.minLength ?? 1, 0)
  const wanted = expectInteger('timesteps', checked.timesteps ?? 100, 3)
  const { threads, signal, onProgress } = checked
  const { text, starts } = isSentences(source)
    ? source
    : await readSentences(source, { threads, signal })
  if (starts.length < 10) {
    throw invalidArgument('a text of at least 10 sentences', 'source', starts.length)
  }
  const timesteps = Math.min(wanted, Math.floor(starts.length / 2))
  const { vocabulary, counts, ids } = text

  const chosen = Array.from(counts.keys())
    .filter((id) => minLength <= 1 || [...(vocabulary[id] as string)].length >= minLength)
    .sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b)
    .slice(0, most)
  const places = sentencesOf(ids, starts, chosen)
  const result: WordDynamics[] = []
  for (const [i, id] of chosen.entries()) {
    signal?.throwIfAborted()
    const where = places[i] as number[]
    const acf = sentenceAcf(where, starts.length, timesteps)
    result.push({
      word: vocabulary[id] as string,
      sentences: where.length,
      acf,
      ...fitDynamics(acf),
    })
    onProgress?.((i + 1) / chosen.length)
    // A fit takes a millisecond or so: others get their turn in between.
    await new Promise(setImmediate)
  }
  return result.sort((a, b) => b.importance - a.importance)
}

const isSentences = (source: unknown): source is Sentences =>
  typeof source === 'object' && source !== null && 'starts' in source

// For each of the words, the sentences in which it stands.
function sentencesOf(ids: Uint32Array, starts: Uint32Array, words: readonly number[]): number[][] {
  const rows = new Map(words.map((id): [number, number[]] => [id, []]))
  for (let s = 0; s < starts.length; s++) {
    const end = starts[s + 1] ?? ids.length
    for (let i = starts[s] as number; i < end; i++) {
      const row = rows.get(ids[i] as number)
      if (row !== undefined && row.at(-1) !== s) row.push(s)
    }
  }
  return [...rows.values()]
}

/** Phi(t) for t = 0 to `timesteps` of a word that stands in the sentences `where` (rising) of `n`. */
export function sentenceAcf(where: readonly number[], n: number, timesteps: number): Float64Array {
  const pairs = new Float64Array(timesteps + 1)
  for (let i = 0; i < where.length; i++) {
    for (let j = i; j < where.length; j++) {
      const t = (where[j] as number) - (where[i] as number)
      if (t > timesteps) break
      pairs[t] = (pairs[t] as number) + 1
    }
  }
  return pairs.map((count, t) => count / (n - t) / (where.length / n))
}

// Searched in a = logit alpha, b = ln tau, c = ln beta, which keeps all three where they have a meaning.
const stretched: Curve = (t, [a = 0, b = 0, c = 0], slope) => {
  const alpha = 1 / (1 + Math.exp(-a))
  const beta = Math.exp(c)
  const logarithm = Math.log(t) - b
  const power = Math.exp(beta * logarithm)
  const decay = Math.exp(-power)
  const fading = power > 700 ? 0 : alpha * decay * power * beta
  slope[0] = (decay - 1) * alpha * (1 - alpha)
  slope[1] = fading
  slope[2] = -fading * logarithm
  return alpha * decay + 1 - alpha
}

/** Both models fitted to an autocorrelation whose first value is 1. */
export function fitDynamics(acf: Float64Array): Pick<WordDynamics, 'kww' | 'step' | 'importance'> {
  const y = acf.subarray(1)
  const t = Float64Array.from(y, (_, i) => i + 1)
  const level = y.reduce((sum, each) => sum + each, 0) / y.length
  const rss = y.reduce((sum, each) => sum + (each - level) ** 2, 0)
  const tail = y.subarray(y.length >> 1)
  const end = tail.reduce((sum, each) => sum + each, 0) / tail.length
  const alpha = Math.min(0.999, Math.max(0.001, 1 - end))
  let best: Fit | undefined
  // The surface has more than one hollow: the best of several starts.
  for (const tau of [0.5, 3, 20]) {
    for (const beta of [0.4, 1]) {
      const start = [Math.log(alpha / (1 - alpha)), Math.log(tau), Math.log(beta)]
      const fit = fitCurve(stretched, t, y, start)
      if (best === undefined || fit.rss < best.rss) best = fit
    }
  }
  const { parameters: [a = 0, b = 0, c = 0] = [], rss: kwwRss = 0 } = best ?? {}
  const kww = {
    alpha: 1 / (1 + Math.exp(-a)),
    tau: Math.exp(b),
    beta: Math.exp(c),
    rss: kwwRss,
    bic: bic(kwwRss, y.length, 3),
  }
  const step = { level, rss, bic: bic(rss, y.length, 1) }
  return { kww, step, importance: step.bic - kww.bic }
}

// What is less than rounding counts as rounding: the logarithm of 0 would rank a word by nothing.
const bic = (rss: number, n: number, parameters: number) =>
  n * Math.log(Math.max(rss / n, 1e-30)) + parameters * Math.log(n)
