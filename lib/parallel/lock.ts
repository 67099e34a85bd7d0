/** Mutual exclusion between threads and processes. */
import { native } from '../native.js'
import { checkOptions } from '../options.js'
import { LockError, TimeoutError } from './errors.js'
import { createMemory, type Memory, releaseMemory } from './memory.js'
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

// Two words. The first is 0, or the id of the thread that holds the lock, with the sign bit when others may be asleep
// (Drepper, "Futexes are tricky", 2011, with the owner in the word as the kernel's robust futexes have it); the
// second is when that thread started, because ids are given again.
const owner = 0
const started = 1
const sleepers = -(2 ** 31)
const idOf = (word: number) => word & ~sleepers

// Asking the kernel takes a hundred times as long as a short critical section lasts.
const spins = 100

/** Proof that a lock is held; disposing of it, or `release()`, gives the lock back. */
export class LockGuard implements Disposable {
  /**
   * True when the one before ended, or was killed, without releasing: what the lock protects may be
   * half-written.
   */
  readonly ownerDied: boolean
  #release: (() => void) | undefined

  /** @internal */
  constructor(ownerDied: boolean, release: () => void) {
    this.ownerDied = ownerDied
    this.#release = release
  }

  /** Once; a second call does nothing. */
  release(): void {
    const release = this.#release
    this.#release = undefined
    release?.()
  }

  [Symbol.dispose](): void {
    this.release()
  }
}

/**
 * A lock that one thread of one process holds at a time: whoever else asks waits. It is sent to tasks by
 * reference, as {@link SharedArray} is.
 *
 * An owner that ends, or is killed, without releasing is not waited for for ever: the next one gets the
 * lock within about 50 ms, with `ownerDied: true` on its guard.
 *
 * It is not re-entrant: `acquireSync` in a thread that holds the lock throws, since the wait could not
 * end. Two asynchronous callers in one thread exclude each other like any others.
 *
 * @example
 * ```ts
 * import { Lock, ProcessPoolExecutor, SharedValue } from 'numcore/parallel'
 * const lock = new Lock()
 * const counter = new SharedValue('int32')
 * const pool = new ProcessPoolExecutor({ maxWorkers: 2 })
 * await pool.starmap((lock, counter) => {
 *   for (let i = 0; i < 1000; i++) {
 *     const guard = lock.acquireSync()
 *     counter.value += 1
 *     guard.release()
 *   }
 * }, [[lock, counter], [lock, counter]])
 * console.log(counter.value) // 2000
 * await pool.close()
 * ```
 */
export class Lock implements Referable, Disposable {
  readonly #words: Words
  readonly #turns = new Turns()
  // The two words are asked for a million times a second; a field of a field costs.
  readonly #array: Int32Array

  constructor(options?: SharedOptions) {
    const revived = (options as unknown) instanceof Revived
    const memory = revived
      ? (options as unknown as Revived).memory
      : createMemory(8, checkBetween('Lock', options))
    this.#words = new Words(memory, 'lock')
    this.#array = this.#words.array
  }

  /** Whether somebody holds it at this moment. */
  get locked(): boolean {
    return Atomics.load(this.#array, owner) !== 0
  }

  /** The lock if it is free, else undefined. */
  tryAcquire(): LockGuard | undefined {
    const [id, start] = self()
    if (Atomics.compareExchange(this.#array, owner, 0, id) !== 0) return undefined
    return this.#guard(start, false)
  }

  /**
   * Waits on the calling thread.
   *
   * @throws ERR_TIMEOUT, ERR_LOCK when this thread holds the lock already.
   */
  acquireSync(options?: WaitSyncOptions): LockGuard {
    const [id, start] = self()
    if (Atomics.compareExchange(this.#array, owner, 0, id) === 0) return this.#guard(start, false)
    const { timeout } = checkOptions<WaitSyncOptions>('acquireSync', options, ['timeout'])
    const limit = expectTimeout(timeout)
    if (idOf(Atomics.load(this.#array, owner)) === id) {
      throw new LockError(
        'Expected a lock that this thread does not hold: waiting for it would never end',
      )
    }
    for (let i = 0; i < spins; i++) {
      if (Atomics.load(this.#array, owner) !== 0) continue
      if (Atomics.compareExchange(this.#array, owner, 0, id) === 0) return this.#guard(start, false)
    }
    return this.#guard(start, this.#words.waitSync(owner, this.#attempt(id), limit))
  }

  /**
   * Waits while the event loop goes on. The guard is to be released by the same thread.
   *
   * @throws ERR_TIMEOUT; rejects with the signal's reason when it aborts.
   */
  async acquire(options?: WaitOptions): Promise<LockGuard> {
    const { timeout, signal } = checkOptions<WaitOptions>('acquire', options, ['timeout', 'signal'])
    const limit = expectTimeout(timeout)
    signal?.throwIfAborted()
    const [id, start] = self()
    if (!this.#turns.taken && Atomics.compareExchange(this.#array, owner, 0, id) === 0) {
      return this.#guard(start, false)
    }
    const late = () => new TimeoutError(`The lock did not come within ${limit} ms`)
    const end = performance.now() + limit
    await this.#turns.take(limit, signal, late)
    try {
      const died = await this.#words.wait(owner, this.#attempt(id), limit, signal, end)
      return this.#guard(start, died)
    } finally {
      this.#turns.pass()
    }
  }

  // One attempt of a thread that may have slept. True when the owner before died.
  #attempt(id: number): Attempt<boolean> {
    const array = this.#array
    let suspect: { word: number; start: number } | undefined
    return (slept) => {
      for (;;) {
        const word = Atomics.load(array, owner)
        if (word === 0) {
          // Others may be asleep still, so whoever slept leaves word that there are some.
          if (Atomics.compareExchange(array, owner, 0, id | sleepers) === 0) return { value: false }
          continue
        }
        if (slept > 0 && idOf(word) !== id) {
          const start = Atomics.load(array, started)
          const gone = !native.threadLives(idOf(word), 0)
          // Somebody has that id, but perhaps not the owner: the two words do not change together, so only what was
          // seen twice, a sleep apart, counts.
          const other = !gone && start !== 0 && !native.threadLives(idOf(word), start)
          if (gone || (other && suspect?.word === word && suspect.start === start)) {
            if (Atomics.compareExchange(array, owner, word, id | sleepers) === word) {
              return { value: true }
            }
            continue
          }
          suspect = other ? { word, start } : undefined
        }
        if (word < 0) return { sleepOn: word }
        if (Atomics.compareExchange(array, owner, word, word | sleepers) === word) {
          return { sleepOn: word | sleepers }
        }
      }
    }
  }

  #guard(start: number, ownerDied: boolean): LockGuard {
    Atomics.store(this.#array, started, start)
    return new LockGuard(ownerDied, () => this.#release())
  }

  #release(): void {
    if (idOf(Atomics.load(this.#array, owner)) !== self()[0]) {
      throw new LockError('Expected the lock to be released by the thread that holds it')
    }
    Atomics.store(this.#array, started, 0)
    if (Atomics.exchange(this.#array, owner, 0) < 0) this.#words.wake(owner, 1)
  }

  /** Frees this thread's part of the memory now; the lock is of no use here from then on. */
  [Symbol.dispose](): void {
    releaseMemory(this.#words.memory)
  }

  [reference](): Reference {
    const memory: Memory = this.#words.memory
    expectPresent(memory, 'Lock')
    return { kind: 'Lock', memory, details: [] }
  }
}

let name: [number, number] | undefined

/** Id and start of this thread, asked for once. */
function self(): [number, number] {
  name ??= native.thisThread()
  return name
}
