// How much time is left. A budget that the caller set is kept; the one that is there by default only ends the adding
// of further rounds, so that a big problem is measured all the same.

/** How long one answer may take. */
export interface Patience {
  seconds: number
  /** Of a child that took longer. */
  words: string
  /** It was the budget that was too short, not the child that was too slow. */
  late: boolean
}

export class Clock {
  readonly #began = performance.now()
  readonly #budget: number | null
  readonly #soft: number
  /** Seconds since the beginning at which what is being done has to be over. */
  #end: number
  #softEnd: number

  constructor(budget: number | null, soft: number) {
    this.#budget = budget
    // Children have to be ended and intervals computed as well.
    this.#soft = budget === null ? soft : budget - Math.min(5, 0.1 * budget)
    this.#softEnd = this.#soft
    this.#end = budget === null ? Number.POSITIVE_INFINITY : this.#soft
  }

  get elapsed(): number {
    return (performance.now() - this.#began) / 1e3
  }

  /** Seconds of the budget that are left for what is being done. */
  get left(): number {
    return this.#end - this.elapsed
  }

  /** Seconds in which rounds may still be added. */
  get spare(): number {
    return Math.min(this.left, this.#softEnd - this.elapsed)
  }

  get spent(): string {
    return `was not measured: the budget of ${this.#budget} s was spent`
  }

  /** Gives what follows a part of the time that is left. */
  share(part: number): void {
    const { elapsed } = this
    this.#softEnd = elapsed + Math.max(0, this.#soft - elapsed) * part
    if (this.#budget !== null) this.#end = this.#softEnd
  }

  /** How long an answer may take: `timeout`, or what is left but for a reserve. */
  patience(timeout: number, reserve = 0): Patience {
    const left = this.left - (reserve < Number.POSITIVE_INFINITY ? reserve : 0)
    return left < timeout
      ? { seconds: Math.max(0, left), words: this.spent, late: true }
      : { seconds: timeout, words: `gave no answer within ${timeout} s`, late: false }
  }
}
