/** Requests: operations that have been started. */
import {
  isBusy,
  look,
  mayEndAtOnce,
  noteEnd,
  type Pending,
  takeSteps,
  waitFor,
  watch,
} from './progress.js'
import { mpi } from './runtime.js'
import { Status } from './status.js'

/** What {@link Request.test} tells. */
export type Tested<T> =
  { done: false; value?: undefined; status?: undefined } | { done: true; value: T; status: Status }

interface Waiter<T> {
  promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

/** Requests in flight by the add-on's number: they hold the buffers that MPI works on, whoever forgets them. */
const owners: (Request<unknown> | undefined)[] = []

function errorOf(code: number): unknown {
  try {
    return mpi.raiseCode(code)
  } catch (error) {
    return error
  }
}

/**
 * An operation that has been started: await it, wait for it, or test it. Leave its buffer alone until it has ended. A
 * request that nobody awaits does not keep the program alive; it goes on while others are waited for.
 *
 * @example
 * ```ts
 * import { COMM_SELF as comm } from 'numcore/mpi'
 * const request = comm.irecv({ source: 0, tag: 1 })
 * console.log(request.test().done) // false
 * comm.isend({ a: 7 }, { dest: 0, tag: 1 })
 * console.log(await request) // { a: 7 }
 * console.log(request.status.tag, request.wait()) // 1 { a: 7 }
 * ```
 */
export class Request<T = void> implements PromiseLike<T>, Pending {
  /** @internal */
  slot: number
  /** True when it has ended, well or badly. */
  done = false
  /** @internal */
  get hasOneStep(): boolean {
    return true
  }
  /** @internal */
  get bytes(): number {
    return ArrayBuffer.isView(this.held) ? this.held.byteLength : 0
  }
  #value: T | undefined
  #error: unknown
  #failed = false
  #waiter: Waiter<T> | undefined
  #status: Status | undefined
  #signal: { signal: AbortSignal; abort: () => void } | undefined
  readonly #finish: (() => T) | undefined
  // Held, so that it lives as long as MPI works on it.
  protected readonly held: unknown

  /** @internal */
  constructor(slot: number, held?: unknown, finish?: () => T) {
    this.slot = slot
    this.held = held
    this.#finish = finish
    if (slot >= 0) owners[slot] = this as Request<unknown>
  }

  /** @internal */
  poll(): boolean {
    if (this.done) return true
    try {
      if (!mpi.test(this.slot)) return false
    } catch (error) {
      this.fail(error)
      return true
    }
    this.slotEnded(0)
    return this.done
  }

  /** @internal */
  slotEnded(code: number): void {
    const failure = code === 0 ? undefined : errorOf(code)
    if (failure !== undefined) this.fail(failure)
    else this.#end()
  }

  /** @internal */
  spin(microseconds: number): boolean {
    if (this.done) return true
    if (this.slot < 0) return this.poll()
    try {
      if (!mpi.spin(this.slot, microseconds)) return false
    } catch (error) {
      this.fail(error)
      return true
    }
    this.slotEnded(0)
    return this.done
  }

  #end(): void {
    this.noteStatus()
    try {
      this.settle(this.#finish === undefined ? (undefined as T) : this.#finish())
    } catch (error) {
      this.fail(error)
    }
  }

  /** What is known of the message, for {@link status}. @internal */
  protected noteStatus(): void {
    this.#status ??= new Status()
    this.#status.take()
  }

  protected settle(value: T): void {
    this.#value = value
    this.#close()
  }

  protected fail(error: unknown): void {
    this.#error = error
    this.#failed = true
    this.#close()
  }

  #close(): void {
    this.done = true
    if (this.#waiter !== undefined) noteEnd(this)
    if (this.slot >= 0) owners[this.slot] = undefined
    if (this.#signal !== undefined) {
      const { signal, abort } = this.#signal
      signal.removeEventListener('abort', abort)
      if (signal.aborted && this.status.cancelled) {
        this.#failed = true
        this.#error = signal.reason
      }
    }
  }

  /** A persistent request begins again. @internal */
  protected reopen(): void {
    this.done = false
    this.#failed = false
    this.#waiter = undefined
    owners[this.slot] = this as Request<unknown>
  }

  /** Of the message that was received; of a send nothing that means anything. Complete when the request is. */
  get status(): Status {
    this.#status ??= new Status()
    return this.#status
  }

  /** Whether it has ended, and with what. Never waits. @throws what the operation failed with. */
  test(): Tested<T> {
    if (!this.poll()) return { done: false }
    return { done: true, value: this.#result(), status: this.status }
  }

  /** Waits until it has ended, and gives its value. Nothing else of the program runs meanwhile. */
  wait(status?: Status): T {
    if (!this.done) {
      if (this.slot >= 0 && !isBusy()) this.#block()
      else waitFor(this)
    }
    if (status !== undefined) Object.assign(status, this.status)
    return this.#result()
  }

  #block(): void {
    try {
      mpi.wait(this.slot)
    } catch (error) {
      this.fail(error)
      return
    }
    this.slotEnded(0)
  }

  #result(): T {
    if (this.#failed) throw this.#error
    return this.#value as T
  }

  /** Awaiting it keeps the program alive, and lets the event loop go on. */
  // oxlint-disable-next-line unicorn/no-thenable
  then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (this.#waiter === undefined && mayEndAtOnce() && look(this)) {
      const now = this.#failed ? Promise.reject<T>(this.#error) : Promise.resolve(this.#value as T)
      return now.then(fulfilled, rejected)
    }
    return this.#promise().then(fulfilled, rejected)
  }

  #promise(): Promise<T> {
    if (this.#waiter === undefined) {
      const waiter = {} as Waiter<T>
      waiter.promise = new Promise<T>((resolve, reject) => {
        waiter.resolve = resolve
        waiter.reject = reject
      })
      this.#waiter = waiter
      watch(this)
    }
    return this.#waiter.promise
  }

  /** @internal */
  tell(): void {
    if (this.#failed) this.#waiter?.reject(this.#error)
    else this.#waiter?.resolve(this.#value as T)
  }

  /** Asks MPI to forget a receive. It ends all the same, with `status.cancelled` or, if it was too late, its message. */
  cancel(): void {
    if (!this.done && this.slot >= 0) mpi.cancel(this.slot)
  }

  /** Cancels when the signal is aborted; who awaits gets its reason. @internal */
  cancelOn(signal: AbortSignal | undefined): this {
    if (signal === undefined) return this
    const abort = () => this.cancel()
    this.#signal = { signal, abort }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    return this
  }

  /** Waits for all of them; their values in the same order. */
  static waitAll<T extends readonly Request<unknown>[]>(
    requests: T,
  ): { -readonly [K in keyof T]: T[K] extends Request<infer V> ? V : never } {
    return requests.map((each) => each.wait()) as never
  }

  /** Waits for one of them; its place in the list and its value. */
  static waitAny<T>(requests: readonly Request<T>[]): { index: number; value: T } {
    if (requests.length === 0) throw new RangeError('Expected at least one request to wait for')
    for (;;) {
      const index = requests.findIndex((each) => each.poll())
      const found = requests[index]
      if (found !== undefined) return { index, value: found.wait() }
      takeSteps()
    }
  }

  /** Whether all have ended. */
  static testAll(requests: readonly Request<unknown>[]): boolean {
    return requests.every((each) => each.poll())
  }
}
