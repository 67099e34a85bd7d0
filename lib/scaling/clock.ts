// How much time is left. A budget that the caller set is kept; the one that is there by default only ends the adding
// of further rounds, so that a big problem is measured all the same.
import type { Patience } from './probe.js'

export class Clock {
  readonly #began = performance.now()
  readonly #budget: number | null
  readonly #soft: number

  constructor(budget: number | null, soft: number) {
    this.#budget = budget
    this.#soft = budget ?? soft
  }

  get elapsed(): number {
    return (performance.now() - this.#began) / 1e3
  }

  /** Seconds until everything has to be over. */
  get left(): number {
    return (this.#budget ?? Number.POSITIVE_INFINITY) - this.elapsed
  }

  /** Seconds in which rounds may still be added. */
  get spare(): number {
    return this.#soft - this.elapsed
  }

  /** How long an answer may take: `timeout`, or what is left of the budget. */
  patience(timeout: number): Patience {
    const { left } = this
    return left < timeout
      ? { seconds: Math.max(0, left), words: `before the budget of ${this.#budget} s was spent` }
      : { seconds: timeout, words: `within ${timeout} s` }
  }
}
