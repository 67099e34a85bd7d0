/** From a promise to a job of the compute queue and back; the TypeScript half of native/addon/job.cc. */
import { fromNative, invalidArgument, isNativeFailure } from './errors.js'
import { expectInteger } from './options.js'
import { maxThreads, resolveThreads } from './threads.js'

/** What every asynchronous function of numcore takes as its last argument, beside its own options. */
export interface AsyncOptions {
  /** Threads for this call, 1 to 1024. Default: see `info().threads`. */
  threads?: number | undefined
  /** Aborting removes a waiting job and stops a running one; the promise rejects with its reason. */
  signal?: AbortSignal | undefined
  /** Called now and then, on the event loop, with the part that is done: rising, and 1 at the end. */
  onProgress?: ((fraction: number) => void) | undefined
}

/** What every synchronous twin takes. */
export interface SyncOptions {
  threads?: number | undefined
}

export const asyncKeys = ['threads', 'signal', 'onProgress'] as const
export const syncKeys = ['threads'] as const

/** What a job of the queue tells and how wide it is. */
interface Handles {
  threads: number
  done: (error: unknown, value?: unknown) => void
  progress?: (fraction: number) => void
}

/**
 * What the add-on reads, see `submit` in native/addon/job.h: a number of threads alone asks for the value at once, and
 * costs no object and no look into it.
 */
export type Control = number | Handles

const sharedReport = new Float64Array(16)

/**
 * Where the add-on writes what else there is to tell, as numbers. One array serves all synchronous calls, which read it
 * before the next begins.
 */
export function reportFor(control: Control): Float64Array {
  return typeof control === 'number' ? sharedReport : new Float64Array(sharedReport.length)
}

/** How a family turns the add-on's failures into its own errors. */
export type Translate = (error: unknown) => unknown

function checkThreads(threads: number | undefined): number {
  return resolveThreads(
    threads === undefined ? undefined : expectInteger('threads', threads, 1, maxThreads),
  )
}

/** Refuses a signal or a callback that is none. */
export function checkAsync({ signal, onProgress }: AsyncOptions): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidArgument('an AbortSignal', 'signal', signal)
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidArgument('a function', 'onProgress', onProgress)
  }
}

/**
 * Starts a job and promises its value. With `brief`, for some ten microseconds of work at the most, it is
 * computed at once, where it is called: to hand it to another thread and back would keep the event loop
 * for longer than that. With `lendsOutput` the caller's own buffer is being written, so
 * an abort settles the promise only when the job has let go of it; else it settles at once.
 */
export function run<T>(
  start: (control: Control) => unknown,
  options: AsyncOptions,
  {
    translate = fromNative,
    lendsOutput = false,
    brief = false,
  }: { translate?: Translate; lendsOutput?: boolean; brief?: boolean } = {},
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    checkAsync(options)
    const { signal, onProgress } = options
    const threads = checkThreads(options.threads)
    signal?.throwIfAborted()
    if (brief) {
      const value = runSync<T>(start, { threads }, { translate })
      onProgress?.(1)
      resolve(value)
      return
    }

    let settled = false
    const settle = (action: () => void) => {
      if (settled) return
      settled = true
      signal?.removeEventListener('abort', abort)
      action()
    }
    const control: Handles = {
      threads,
      done(error, value) {
        // A job that ends well has told 1 before its promise settles, however short it was.
        if (error === null) control.progress?.(1)
        settle(() => {
          if (error === null) resolve(value as T)
          else if (isNativeFailure(error) && error.code === 'ABORT') reject(signal?.reason)
          else reject(translate(error))
        })
      },
    }
    if (onProgress !== undefined) {
      let told = 0
      control.progress = (fraction) => {
        // Two compute threads may pass on theirs in either order; 1 comes again at the end.
        if (settled || fraction <= told) return
        told = fraction
        try {
          onProgress(fraction)
        } catch (error) {
          settle(() => reject(error))
          cancel()
        }
      }
    }
    const abort = () => {
      cancel()
      if (!lendsOutput) settle(() => reject(signal?.reason))
    }
    const cancel = start(control) as () => void
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** Computes on the calling thread's time: same queue, same bits. */
export function runSync<T>(
  start: (control: Control) => unknown,
  options: SyncOptions,
  { translate = fromNative }: { translate?: Translate } = {},
): T {
  const threads = checkThreads(options.threads)
  try {
    return start(threads) as T
  } catch (error) {
    throw translate(error)
  }
}
