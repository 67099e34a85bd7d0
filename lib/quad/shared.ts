/**
 * A rule on a fixed grid that several processes share. Its points are in chunks; each process evaluates some of them, and one
 * adds what came of all, in their order: the operations of one process, so the same bits. Not public.
 */
import { type AsyncOptions, run, runSync } from '../job.js'
import { type NativeGrid, type NativeParts, native } from '../native.js'
import {
  askValues,
  fill,
  type Filled,
  finish,
  finishGrid,
  gridOf,
  type Integral,
  type IntegrateOptions,
  isExpression,
  translate,
} from '../quadrature.js'
import { type EvaluateLater, evaluatorLater, followLater, type Integrand } from './steps.js'

export class SharedRule {
  readonly #filled: Filled
  /** Evaluates a function's values. */
  readonly #asking: NativeGrid | undefined
  #evaluate: EvaluateLater | undefined
  /** Adds. */
  readonly #adding: NativeGrid | undefined
  /** Pieces of some ten thousand points. */
  readonly chunks: number

  /** Arguments and errors as of `integrate`. */
  constructor(f: Integrand, a: number, b: number, options: IntegrateOptions) {
    this.#filled = fill(f, a, b, options)
    if (a !== b) {
      this.#adding = gridOf(this.#filled)
      this.#asking = isExpression(this.#filled) ? undefined : gridOf(this.#filled)
    }
    this.chunks = this.#adding === undefined ? 0 : native.gridChunks(this.#adding)
  }

  /** Evaluates the integrand in the chunks from `first` to before `last`. */
  async evaluate(first: number, last: number, options: AsyncOptions): Promise<NativeParts> {
    const filled = this.#filled
    if (isExpression(filled)) {
      const { f, names, a, b, bins, rule, order } = filled
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      return run<NativeParts>(
        (control) =>
          native.integrateParts(f, names, low, high, bins, rule, order, first, last, control),
        options,
        { translate: translate(f) },
      )
    }
    const session = this.#asking
    if (session === undefined) return { bytes: new Uint8Array(0), threads: 0 }
    this.#evaluate ??= await evaluatorLater(filled.f, filled, options)
    native.gridSelect(session, first, last)
    const points = (filled.bins * filled.order * (last - first)) / this.chunks
    await followLater(askValues(session, filled), this.#evaluate, options, points)
    return { bytes: native.gridParts(session), threads: first < last ? 1 : 0 }
  }

  /** Adds the parts of the chunks that follow those added so far. */
  take(parts: Uint8Array): void {
    const session = this.#adding
    if (session === undefined) return
    runSync<void>((control) => native.gridTake(session, parts, control), { threads: 1 })
  }

  /** The integral, when all have been taken. `threads` have worked on it. */
  finish(threads: number): Integral {
    return finish(this.#filled, { ...finishGrid(this.#adding, this.#filled), threads })
  }
}
