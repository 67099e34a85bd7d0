/** A point that several threads or processes pass together. */
import { checkOptions, expectInteger } from '../options.js'
import { BrokenBarrierError } from './errors.js'
import { createMemory, releaseMemory } from './memory.js'
import { type Referable, type Reference, reference } from './reference.js'
import { checkBetween, expectPresent, Revived, type SharedOptions } from './shared-array.js'
import {
  type Attempt,
  expectTimeout,
  type WaitOptions,
  type WaitSyncOptions,
  Words,
} from './words.js'

// One word holds everything, so that every step is one exchange: how many have arrived, whether the barrier is broken,
// and the generation, which is one more after each passing and two more after a reset.
const state = 0
const parties = 1
const brokenBit = 1 << 12
const generation = 1 << 13
const most = (1 << 12) - 1
const arrivedIn = (word: number) => word & most
const generationOf = (word: number) => word >>> 13
const next = (word: number, steps: number) => ((generationOf(word) + steps) * generation) | 0

/**
 * A barrier for `parties` waiters: each waits until all have arrived, then all go on, and the barrier is
 * ready for the next time. When one gives up (timeout, abort, `abort()`) it is broken, and everybody
 * who waits or comes later gets a {@link BrokenBarrierError} until `reset()`. Sent to tasks by
 * reference, as {@link SharedArray} is.
 *
 * There have to be as many workers as parties, or some wait for tasks that cannot begin. A process that
 * is killed before it arrives is waited for: use a timeout where that can happen.
 *
 * @example
 * ```ts
 * import { Barrier, ThreadPoolExecutor } from 'numcore/parallel'
 * const barrier = new Barrier(2)
 * const pool = new ThreadPoolExecutor({ maxWorkers: 2 })
 * const places = await pool.map((barrier) => barrier.waitSync(), [barrier, barrier], { chunkSize: 1 })
 * console.log(places.sort()) // [ 0, 1 ]
 * await pool.close()
 * ```
 */
export class Barrier implements Referable, Disposable {
  readonly #words: Words

  /** @param parties 1 to 4095. */
  constructor(partiesCount: number, options?: SharedOptions) {
    const given = partiesCount as unknown
    if (given instanceof Revived) {
      this.#words = new Words(given.memory, 'barrier')
      return
    }
    const between = checkBetween('Barrier', options)
    const count = expectInteger('parties', partiesCount, 1, most)
    this.#words = new Words(createMemory(8, between), 'barrier')
    this.#words.array[parties] = count
  }

  get parties(): number {
    return this.#words.array[parties] as number
  }

  /** How many wait at this moment. */
  get waiting(): number {
    return arrivedIn(this.#load())
  }

  get broken(): boolean {
    return (this.#load() & brokenBit) !== 0
  }

  /**
   * Waits on the calling thread.
   *
   * @returns How many had arrived before: 0 for the first, `parties - 1` for the last.
   * @throws ERR_BROKEN_BARRIER; ERR_TIMEOUT to the one whose time is up.
   */
  waitSync(options?: WaitSyncOptions): number {
    const { timeout } = checkOptions<WaitSyncOptions>('waitSync', options, ['timeout'])
    const limit = expectTimeout(timeout)
    const { place, word } = this.#arrive()
    try {
      this.#words.waitSync(state, this.#passed(word), limit)
    } catch (error) {
      this.#breakUnlessPassed(word, error)
    }
    return place
  }

  /** {@link waitSync} while the event loop goes on; rejects with the signal's reason when it aborts. */
  async wait(options?: WaitOptions): Promise<number> {
    const { timeout, signal } = checkOptions<WaitOptions>('wait', options, ['timeout', 'signal'])
    const limit = expectTimeout(timeout)
    signal?.throwIfAborted()
    const { place, word } = this.#arrive()
    try {
      await this.#words.wait(state, this.#passed(word), limit, signal)
    } catch (error) {
      this.#breakUnlessPassed(word, error)
    }
    return place
  }

  /** Breaks the barrier: all who wait, and all who come until it is reset, get an error. */
  abort(): void {
    this.#change((word) => word | brokenBit)
  }

  /** Makes the barrier as new; who waits gets an error. */
  reset(): void {
    this.#change((word) => next(word, 2))
  }

  #load(): number {
    return Atomics.load(this.#words.array, state)
  }

  #change(to: (word: number) => number): void {
    const { array } = this.#words
    for (;;) {
      const word = Atomics.load(array, state)
      if (Atomics.compareExchange(array, state, word, to(word)) === word) break
    }
    this.#words.wake(state, most)
  }

  #arrive(): { place: number; word: number } {
    const { array } = this.#words
    for (;;) {
      const word = Atomics.load(array, state)
      if (word & brokenBit) throw new BrokenBarrierError('The barrier is broken')
      const place = arrivedIn(word)
      const last = place + 1 === this.parties
      const after = last ? next(word, 1) : word + 1
      if (Atomics.compareExchange(array, state, word, after) !== word) continue
      if (last) this.#words.wake(state, most)
      return { place, word }
    }
  }

  #passed(arrivedAt: number): Attempt<true> {
    const mine = generationOf(arrivedAt)
    return () => {
      const word = this.#load()
      const steps = (generationOf(word) - mine) & (2 ** 19 - 1)
      if (steps === 1) return { value: true }
      if (steps > 1) throw new BrokenBarrierError('The barrier was reset')
      if (word & brokenBit) throw new BrokenBarrierError('The barrier was broken')
      return { sleepOn: word }
    }
  }

  // Who gives up breaks the barrier for the others, unless they all passed in that moment.
  #breakUnlessPassed(arrivedAt: number, error: unknown): void {
    const { array } = this.#words
    for (;;) {
      const word = Atomics.load(array, state)
      if (generationOf(word) !== generationOf(arrivedAt)) {
        if (generationOf(word) === generationOf(next(arrivedAt, 1))) return
        throw error
      }
      if (Atomics.compareExchange(array, state, word, word | brokenBit) === word) break
    }
    this.#words.wake(state, most)
    throw error
  }

  /** Frees this thread's part of the memory now; the barrier is of no use here from then on. */
  [Symbol.dispose](): void {
    releaseMemory(this.#words.memory)
  }

  [reference](): Reference {
    expectPresent(this.#words.memory, 'Barrier')
    return { kind: 'Barrier', memory: this.#words.memory, details: [] }
  }
}
