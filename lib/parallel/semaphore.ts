/** A number of permits between threads and processes. */
import { checkOptions, expectInteger } from '../options.js'
import { TimeoutError } from './errors.js'
import { createMemory, releaseMemory } from './memory.js'
import { type Referable, type Reference, reference } from './reference.js'
import { checkBetween, expectPresent, Revived, type SharedOptions } from './shared-array.js'
import {
  type Attempt,
  expectTimeout,
  Turns,
  type WaitOptions,
  type WaitSyncOptions,
  Words,
} from './words.js'

const permits = 0
const sleepers = 1
const most = 2 ** 31 - 1

/**
 * A semaphore: `acquire` takes one of its permits and waits while there is none, `release` gives some
 * back. Permits have no owner: any thread may release, and those of a process that is killed stay
 * taken. Sent to tasks by reference, as {@link SharedArray} is.
 *
 * @example
 * ```ts
 * import { Semaphore } from 'numcore/parallel'
 * const twoAtATime = new Semaphore(2)
 * await twoAtATime.acquire()
 * await twoAtATime.acquire()
 * console.log(twoAtATime.tryAcquire()) // false
 * twoAtATime.release()
 * console.log(twoAtATime.value) // 1
 * ```
 */
export class Semaphore implements Referable, Disposable {
  readonly #words: Words
  readonly #turns = new Turns()

  /** @param value Permits at first, default 1. */
  constructor(value = 1, options?: SharedOptions) {
    const given = value as unknown
    if (given instanceof Revived) {
      this.#words = new Words(given.memory, 'semaphore')
      return
    }
    const between = checkBetween('Semaphore', options)
    const first = expectInteger('value', value, 0, most)
    this.#words = new Words(createMemory(8, between), 'semaphore')
    this.#words.array[permits] = first
  }

  /** Permits that are free at this moment. */
  get value(): number {
    return Atomics.load(this.#words.array, permits)
  }

  /** Takes a permit if there is one. */
  tryAcquire(): boolean {
    const { array } = this.#words
    for (;;) {
      const free = Atomics.load(array, permits)
      if (free <= 0) return false
      if (Atomics.compareExchange(array, permits, free, free - 1) === free) return true
    }
  }

  /**
   * Waits on the calling thread.
   *
   * @throws ERR_TIMEOUT
   */
  acquireSync(options?: WaitSyncOptions): void {
    if (this.tryAcquire()) return
    const { timeout } = checkOptions<WaitSyncOptions>('acquireSync', options, ['timeout'])
    const limit = expectTimeout(timeout)
    this.#asleep(1)
    try {
      this.#words.waitSync(permits, this.#attempt, limit)
    } finally {
      this.#asleep(-1)
    }
  }

  /**
   * Waits while the event loop goes on.
   *
   * @throws ERR_TIMEOUT; rejects with the signal's reason when it aborts.
   */
  async acquire(options?: WaitOptions): Promise<void> {
    const { timeout, signal } = checkOptions<WaitOptions>('acquire', options, ['timeout', 'signal'])
    const limit = expectTimeout(timeout)
    signal?.throwIfAborted()
    if (!this.#turns.taken && this.tryAcquire()) return
    const end = performance.now() + limit
    const late = () => new TimeoutError(`The semaphore did not come within ${limit} ms`)
    await this.#turns.take(limit, signal, late)
    this.#asleep(1)
    try {
      await this.#words.wait(permits, this.#attempt, limit, signal, end)
    } finally {
      this.#asleep(-1)
      this.#turns.pass()
    }
  }

  /**
   * Gives `count` permits back, default 1.
   *
   * @throws ERR_INVALID_ARGUMENT when there would be more than 2^31 - 1.
   */
  release(count = 1): void {
    const { array } = this.#words
    for (;;) {
      const free = Atomics.load(array, permits)
      expectInteger('count', count, 1, most - free)
      if (Atomics.compareExchange(array, permits, free, free + count) === free) break
    }
    if (Atomics.load(array, sleepers) > 0) this.#words.wake(permits, count)
  }

  readonly #attempt: Attempt<true> = () => (this.tryAcquire() ? { value: true } : { sleepOn: 0 })

  // Counted before the first look and after the last, so that a release in between sees them.
  #asleep(change: number): void {
    Atomics.add(this.#words.array, sleepers, change)
  }

  /** Frees this thread's part of the memory now; the semaphore is of no use here from then on. */
  [Symbol.dispose](): void {
    releaseMemory(this.#words.memory)
  }

  [reference](): Reference {
    expectPresent(this.#words.memory, 'Semaphore')
    return { kind: 'Semaphore', memory: this.#words.memory, details: [] }
  }
}
