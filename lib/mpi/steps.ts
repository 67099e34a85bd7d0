/** Operations of several steps, and those that begin again. */
import { asleep, join, leave, lookAgain, type Source } from './progress.js'
import { Request } from './request.js'
import { mpi } from './runtime.js'
import type { Status } from './status.js'

/**
 * An operation as a program: it yields what it waits for (a request of the add-on, or that it has to look again) and
 * returns its value. So one text serves those who wait and those who await. @internal
 */
export type Steps<T> = Generator<number, T, undefined>

/** Runs the program while the caller waits. @internal */
export function runSteps<T>(steps: Steps<T>): T {
  return new SteppedRequest(steps).wait()
}

/** @internal */
export class SteppedRequest<T> extends Request<T> {
  readonly #steps: Steps<T>
  readonly #source: (Source & { forget(waker: () => void): boolean }) | undefined
  readonly #statusOf: Status | undefined
  readonly #wake = () => {
    join(this)
    this.#resume()
  }

  /** With a source it is asleep until that wakes it. `status` is what the steps fill in. */
  constructor(
    steps: Steps<T>,
    status?: Status,
    source?: Source & { forget(waker: () => void): boolean },
  ) {
    super(lookAgain)
    this.#steps = steps
    this.#statusOf = status
    this.#source = source
    if (source !== undefined) {
      this.slot = asleep
    } else {
      join(this)
      this.#resume()
    }
  }

  override get hasOneStep(): boolean {
    return false
  }

  get wake(): () => void {
    return this.#wake
  }

  override get status(): Status {
    return this.#statusOf ?? super.status
  }

  override poll(): boolean {
    if (this.done) return true
    if (this.slot === asleep) this.#source?.match()
    else if (this.slot === lookAgain) this.#resume()
    else return super.poll()
    return this.done
  }

  override spin(microseconds: number): boolean {
    if (this.done || this.slot >= 0) return super.spin(microseconds)
    // Looking is slower than testing: about as many looks as the time allows.
    for (let looks = 0; looks < microseconds && !this.poll(); looks++);
    return this.done
  }

  override slotEnded(code: number): void {
    if (code !== 0) super.slotEnded(code)
    else this.#resume()
  }

  #resume(): void {
    try {
      for (;;) {
        const step = this.#steps.next()
        if (step.done) return this.settle(step.value)
        this.slot = step.value
        if (this.slot < 0 || !mpi.test(this.slot)) return
      }
    } catch (error) {
      this.fail(error)
    }
  }

  protected override settle(value: T): void {
    leave(this)
    // The slot is not in the table of owners: it was a step's, and has gone.
    this.slot = lookAgain
    super.settle(value)
  }

  protected override fail(error: unknown): void {
    leave(this)
    this.slot = lookAgain
    super.fail(error)
  }

  /** Only what still waits for its message can be cancelled. */
  override cancel(): void {
    if (this.done || this.slot !== asleep || !this.#source?.forget(this.#wake)) return
    this.status.cancelled = true
    this.settle(undefined as T)
  }
}

/**
 * A transfer that is described once and started often: `start()`, then await or wait, then again.
 *
 * @example
 * ```ts
 * import { COMM_SELF as comm } from 'numcore/mpi'
 * const [out, into] = [new Float64Array(1), new Float64Array(1)]
 * const sending = comm.SendInit(out, { dest: 0 })
 * const receiving = comm.RecvInit(into, { source: 0 })
 * for (let round = 1; round <= 3; round++) {
 *   out[0] = round
 *   receiving.start()
 *   sending.start()
 *   await Promise.all([sending, receiving])
 * }
 * for (const each of [sending, receiving]) each.free()
 * console.log(into[0]) // 3
 * ```
 */
export class PersistentRequest extends Request<void> {
  #freed = false

  /** @internal */
  constructor(slot: number, held: unknown) {
    super(slot, held)
    // Nothing has been started.
    this.done = true
  }

  /** Begins the transfer. The one before must have ended. */
  start(): this {
    if (!this.done || this.#freed) {
      throw new TypeError(
        `Expected a request that ${this.#freed ? 'has not been freed' : 'has ended'} for start but it ` +
          `${this.#freed ? 'has' : 'is still under way'}`,
      )
    }
    mpi.start(this.slot)
    this.reopen()
    return this
  }

  /** Gives it back; waits for the transfer that is under way. */
  free(): void {
    if (this.#freed) return
    if (!this.done) this.wait()
    this.#freed = true
    mpi.requestFree(this.slot)
  }

  [Symbol.dispose](): void {
    this.free()
  }
}
