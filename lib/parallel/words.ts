// Waiting for words of shared memory to change: between threads by Atomics, between processes by futexes. Locks,
// semaphores and barriers are algorithms on such words and need not know which.
import { run } from '../job.js'
import { native } from '../native.js'
import type { NativeWait } from '../native/shared.js'
import { expectFinite } from '../options.js'
import { invalidArgument } from '../errors.js'
import { TimeoutError } from './errors.js'
import type { Memory } from './memory.js'

export interface WaitSyncOptions {
  /** Milliseconds; Infinity, the default, waits for as long as it takes. */
  timeout?: number | undefined
}

export interface WaitOptions extends WaitSyncOptions {
  /** Aborting stops the waiting; the promise rejects with its reason. */
  signal?: AbortSignal | undefined
}

/**
 * What one attempt gives: done with a value, or the value of the word that has to change before
 * another attempt makes sense. `slept` counts the sleeps that ended without a change.
 */
export type Attempt<T> = (slept: number) => { value: T } | { sleepOn: number }

// Long enough to cost nothing, short enough that an owner who died is noticed soon, and that a worker that is
// terminated while it waits notices that.
const slice = 50

export class Words {
  readonly memory: Memory
  readonly array: Int32Array
  readonly #what: string

  constructor(memory: Memory, what: string) {
    this.memory = memory
    this.array = new Int32Array(memory.buffer)
    this.#what = what
  }

  wake(index: number, count: number): void {
    if (this.memory.address === undefined) Atomics.notify(this.array, index, count)
    else native.futexWake(this.array, index, Math.min(count, 2 ** 31 - 1))
  }

  /** Attempts until one succeeds, on the calling thread. */
  waitSync<T>(index: number, attempt: Attempt<T>, timeout: number): T {
    const end = performance.now() + timeout
    for (let slept = 0; ;) {
      const outcome = attempt(slept)
      if ('value' in outcome) return outcome.value
      const left = end - performance.now()
      if (left <= 0) throw this.#late(timeout)
      slept = this.#sleep(index, outcome.sleepOn, Math.min(left, slice)) ? slept + 1 : 0
    }
  }

  /** Attempts until one succeeds, while the event loop goes on. */
  async wait<T>(
    index: number,
    attempt: Attempt<T>,
    timeout: number,
    signal: AbortSignal | undefined,
    end = performance.now() + timeout,
  ): Promise<T> {
    for (let slept = 0; ;) {
      signal?.throwIfAborted()
      const outcome = attempt(slept)
      if ('value' in outcome) return outcome.value
      const left = end - performance.now()
      if (left <= 0) throw this.#late(timeout)
      const pause = Math.min(left, slice)
      slept = (await this.#sleepAsync(index, outcome.sleepOn, pause, signal)) ? slept + 1 : 0
    }
  }

  // True when the time was up.
  #sleep(index: number, expected: number, milliseconds: number): boolean {
    if (this.memory.address === undefined) {
      return Atomics.wait(this.array, index, expected, milliseconds) === 'timed-out'
    }
    return native.futexWait(this.array, index, expected, milliseconds) === 'timed-out'
  }

  async #sleepAsync(
    index: number,
    expected: number,
    milliseconds: number,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    if (this.memory.address !== undefined) {
      const outcome = await run<NativeWait>(
        (control) => native.futexWaitAsync(this.array, index, expected, milliseconds, control),
        { threads: 1, signal },
      )
      return outcome === 'timed-out'
    }
    const { async, value } = waitAsync(this.array, index, expected, milliseconds)
    if (!async) return value === 'timed-out'
    // What Atomics waits for does not keep the event loop alive; a timer does.
    const awake = setTimeout(() => {}, milliseconds + 1)
    try {
      return (await untilAborted(value, signal)) === 'timed-out'
    } finally {
      clearTimeout(awake)
    }
  }

  #late(timeout: number): TimeoutError {
    return new TimeoutError(`The ${this.#what} did not come within ${timeout} ms`)
  }
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

type Waited = 'ok' | 'not-equal' | 'timed-out'
type WaitAsync = (
  array: Int32Array,
  index: number,
  expected: number,
  milliseconds: number,
) => { async: false; value: Waited } | { async: true; value: Promise<Waited> }

// Part of ES2024, and of every Node that numcore runs on.
const { waitAsync } = Atomics as unknown as { waitAsync: WaitAsync }

export function expectTimeout(timeout: unknown): number {
  if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  if (expectFinite('timeout', timeout) >= 0) return timeout as number
  throw invalidArgument('milliseconds of at least 0', 'timeout', timeout)
}

/** Lets the asynchronous callers of one thread in one after another, so that only the first of them waits outside. */
export class Turns {
  #waiting: (() => void)[] = []
  #taken = false

  get taken(): boolean {
    return this.#taken
  }

  async take(timeout: number, signal: AbortSignal | undefined, late: () => Error): Promise<void> {
    if (!this.#taken) {
      this.#taken = true
      return
    }
    let timer: NodeJS.Timeout | undefined
    let abort: (() => void) | undefined
    let enter: (() => void) | undefined
    try {
      await new Promise<void>((resolve, reject) => {
        enter = resolve
        this.#waiting.push(resolve)
        if (timeout < 2 ** 31) timer = setTimeout(() => reject(late()), timeout)
        abort = () => reject(signal?.reason as Error)
        signal?.addEventListener('abort', abort, { once: true })
      })
    } catch (error) {
      const place = this.#waiting.indexOf(enter as () => void)
      // Not among those who wait: the turn came in the same moment, and goes to the next.
      if (place >= 0) this.#waiting.splice(place, 1)
      else this.pass()
      throw error
    } finally {
      clearTimeout(timer)
      if (abort) signal?.removeEventListener('abort', abort)
    }
  }

  pass(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#taken = false
  }
}
