/** Executors: pools of threads or processes that run tasks. */
import { invalidArgument } from '../errors.js'
import { checkAsync } from '../job.js'
import { native } from '../native.js'
import { checkOptions, expectInteger, expectString } from '../options.js'
import { maxThreads } from '../threads.js'
import { Call, type CallEvents, closed } from './call.js'
import { chunkSizes, type Inputs } from './chunks.js'
import { Crew } from './crew.js'
import { PoolClosedError, ReentryError } from './errors.js'
import type { ErrorClass } from './failure.js'
import type { TaskFunction } from './task.js'
import type { Values, Way } from './wire.js'
import { expectTimeout } from './words.js'
import { workerState } from './worker-state.js'

export interface ExecutorOptions {
  /** Workers at most; they are started as tasks need them. Default: the CPUs available to this process. */
  maxWorkers?: number | undefined
  /** Runs in each worker before its first task. When it throws, the pool is broken. */
  initializer?: TaskFunction | undefined
  initArgs?: readonly unknown[] | undefined
  /** A worker is replaced when it has run so many tasks. Default: never. */
  maxTasksPerWorker?: number | undefined
  /**
   * Threads of each call of numcore and of OpenMP inside a worker. Default: CPUs / maxWorkers, at least 1,
   * so that the workers together ask for no more than there are.
   */
  threadsPerWorker?: number | undefined
  /** MiB for the JavaScript heap of each worker; one that needs more ends. Default: Node's own limit. */
  heapLimit?: number | undefined
  /** Variables added to the environment of the workers. */
  env?: Readonly<Record<string, string>> | undefined
  /** Classes of errors of your own: what a task throws arrives as one of these where the names agree. */
  errorClasses?: readonly ErrorClass[] | undefined
}

export interface ApplyOptions {
  /** Aborting takes the task out of the queue, or ends the worker that runs it (another takes its place). */
  signal?: AbortSignal | undefined
  /** Milliseconds from now; then the same happens and the promise rejects with a TimeoutError. */
  timeout?: number | undefined
}

export interface IterateOptions extends ApplyOptions {
  /** Inputs that are sent together. */
  chunkSize?: number | undefined
}

export interface MapOptions extends IterateOptions {
  /** The part that is done, after each chunk; where the number of inputs is known beforehand. */
  onProgress?: ((fraction: number) => void) | undefined
}

const executorKeys = [
  'maxWorkers',
  'initializer',
  'initArgs',
  'maxTasksPerWorker',
  'threadsPerWorker',
  'heapLimit',
  'env',
  'errorClasses',
] as const
const applyKeys = ['signal', 'timeout'] as const
const iterateKeys = [...applyKeys, 'chunkSize'] as const
const mapKeys = [...iterateKeys, 'onProgress'] as const

const mostWorkers = 1024
// Workers of workers of workers: a program that starts itself over and over looks like that.
const deepest = 2

/** What the three kinds of executors have in common. */
export abstract class Executor implements AsyncDisposable {
  readonly maxWorkers: number
  readonly #crew: Crew
  readonly #name: string
  readonly #maxTasks: number
  readonly #maps = new Set<{ promise: Promise<unknown>; fail: (error: unknown) => void }>()
  readonly #iterators = new Set<{ finish(): void; fail(error: unknown): void }>()
  #closed = false

  /** @internal */
  protected constructor(way: Way, name: string, options: ExecutorOptions | undefined) {
    this.#name = name
    const given = checkOptions<ExecutorOptions>(name, options, executorKeys)
    refuseReentry(name)
    const { available } = native.info()
    const { initArgs = [], errorClasses = [], env = {}, initializer, heapLimit } = given
    this.maxWorkers = expectInteger('maxWorkers', given.maxWorkers ?? available, 1, mostWorkers)
    if (!Array.isArray(initArgs)) throw invalidArgument('an array', 'initArgs', initArgs)
    if (!Array.isArray(errorClasses))
      throw invalidArgument('an array', 'errorClasses', errorClasses)
    if (env === null || typeof env !== 'object') throw invalidArgument('an object', 'env', env)
    for (const [key, value] of Object.entries(env)) expectString(`env.${key}`, value)
    const threads = given.threadsPerWorker ?? Math.max(1, Math.floor(available / this.maxWorkers))
    const { maxTasksPerWorker } = given
    this.#maxTasks =
      maxTasksPerWorker === undefined
        ? Number.POSITIVE_INFINITY
        : expectInteger('maxTasksPerWorker', maxTasksPerWorker, 1)
    this.#crew = new Crew(way, {
      maxWorkers: this.maxWorkers,
      maxTasksPerWorker: this.#maxTasks,
      threadsPerWorker: expectInteger('threadsPerWorker', threads, 1, maxThreads),
      heapLimit: heapLimit === undefined ? undefined : expectInteger('heapLimit', heapLimit, 1),
      env,
      errorClasses,
      initializer,
      initArgs,
    })
  }

  /** Workers that there are at this moment, those at work, and the chunks that wait for one. */
  get load(): { workers: number; busy: number; queued: number } {
    return this.#crew.load
  }

  /**
   * Calls the task with these arguments in a worker.
   *
   * @returns What the task gives. Rejects with what it throws, with a BrokenWorkerError when its worker
   *   ends, and with a TaskError when task, arguments or result cannot be sent.
   */
  submit<A extends unknown[], R>(
    task: TaskFunction<(...parameters: A) => R>,
    ...parameters: A
  ): Promise<Awaited<R>> {
    return this.apply(task, parameters)
  }

  /** {@link submit} with a signal or a timeout. */
  async apply<A extends unknown[], R>(
    task: TaskFunction<(...parameters: A) => R>,
    parameters: Readonly<A>,
    options?: ApplyOptions,
  ): Promise<Awaited<R>> {
    const checked = checkOptions<ApplyOptions>('apply', options, applyKeys)
    if (!Array.isArray(parameters)) throw invalidArgument('an array', 'parameters', parameters)
    const [result] = await this.#collect(task, true, [parameters], checked)
    return result as Awaited<R>
  }

  /**
   * Calls the task with each input, in parallel, and gives the results in the order of the inputs. The
   * first failure rejects, and what has not begun is dropped.
   *
   * @param inputs Any iterable, also asynchronous: it is read no further than the workers need.
   * @param options `chunkSize` is by default CPython's, length / (4 workers) rounded up; for inputs of
   *   unknown length 1, and longer and longer.
   */
  async map<A, R>(
    task: TaskFunction<(input: A) => R>,
    inputs: Inputs<A>,
    options?: MapOptions,
  ): Promise<Awaited<R>[]> {
    const checked = checkOptions<MapOptions>('map', options, mapKeys)
    return (await this.#collect(task, false, inputs, checked)) as Awaited<R>[]
  }

  /** {@link map} for a task of several parameters: each input is the array of its arguments. */
  async starmap<A extends unknown[], R>(
    task: TaskFunction<(...parameters: A) => R>,
    inputs: Inputs<Readonly<A>>,
    options?: MapOptions,
  ): Promise<Awaited<R>[]> {
    const checked = checkOptions<MapOptions>('starmap', options, mapKeys)
    return (await this.#collect(task, true, inputs, checked)) as Awaited<R>[]
  }

  /**
   * {@link map} as an iterator that gives each result, in the order of the inputs, when it is there. Inputs
   * are read as results are taken, so neither need fit into memory. Begins at once; leaving the loop
   * stops it.
   *
   * @param options `chunkSize` is by default 1.
   */
  imap<A, R>(
    task: TaskFunction<(input: A) => R>,
    inputs: Inputs<A>,
    options?: IterateOptions,
  ): AsyncIterableIterator<Awaited<R>> {
    const checked = checkOptions<IterateOptions>('imap', options, iterateKeys)
    return this.#iterate(task, inputs, checked, true) as AsyncIterableIterator<Awaited<R>>
  }

  /** {@link imap} with each result as soon as it is there, whatever the order. */
  imapUnordered<A, R>(
    task: TaskFunction<(input: A) => R>,
    inputs: Inputs<A>,
    options?: IterateOptions,
  ): AsyncIterableIterator<Awaited<R>> {
    const checked = checkOptions<IterateOptions>('imapUnordered', options, iterateKeys)
    return this.#iterate(task, inputs, checked, false) as AsyncIterableIterator<Awaited<R>>
  }

  /**
   * Takes no more tasks, waits for those that it has, and ends the workers. An iterator of `imap` begins no
   * more chunks: it gives what is under way, and then a PoolClosedError.
   */
  async close(): Promise<void> {
    this.#closed = true
    for (const call of this.#iterators) call.finish()
    await Promise.allSettled([...this.#maps].map(({ promise }) => promise))
    await this.#crew.close()
  }

  /** As {@link close}; with `cancel` true tasks that have not begun are dropped, as `terminate` does. */
  async shutdown(options?: { cancel?: boolean | undefined }): Promise<void> {
    const { cancel = false } = checkOptions<{ cancel?: boolean | undefined }>('shutdown', options, [
      'cancel',
    ])
    return cancel ? this.terminate() : this.close()
  }

  /** Ends all workers at once; tasks that wait or run fail with a PoolClosedError. */
  async terminate(): Promise<void> {
    this.#closed = true
    const ended = this.#crew.terminate()
    const error = new PoolClosedError('The pool was terminated')
    for (const call of this.#iterators) call.fail(error)
    for (const call of this.#maps) call.fail(error)
    await ended
  }

  /** {@link close}: `await using` waits for the tasks. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #expectOpen(): void {
    if (this.#closed) throw new PoolClosedError(`The ${this.#name} takes no more tasks`)
  }

  #newCall(
    task: unknown,
    spread: boolean,
    inputs: Inputs<unknown>,
    options: MapOptions,
    chunkSize: number | undefined,
    events: CallEvents,
  ): Call<unknown> {
    this.#expectOpen()
    expectInputs(inputs)
    checkAsync(options)
    const { signal, timeout, onProgress } = options
    const size = chunkSize === undefined ? undefined : expectInteger('chunkSize', chunkSize, 1)
    return new Call(
      this.#crew,
      inputs,
      chunkSizes(inputs, this.maxWorkers, size, this.#maxTasks),
      {
        defined: this.#crew.define(task as TaskFunction),
        spread,
        // One chunk at work and one that waits, for each worker.
        ahead: 2 * this.maxWorkers,
        timeout: expectTimeout(timeout),
        signal,
        onProgress,
      },
      events,
    )
  }

  #collect(
    task: unknown,
    spread: boolean,
    inputs: Inputs<unknown>,
    options: MapOptions,
  ): Promise<unknown[]> {
    const chunks: Values[] = []
    let call: Call<unknown> | undefined
    const promise = new Promise<unknown[]>((resolve, reject) => {
      call = this.#newCall(task, spread, inputs, options, options.chunkSize, {
        chunk: (index, { results, error }) => {
          if (error) {
            call?.stop()
            reject(error.thrown as Error)
            return
          }
          chunks[index] = results
          call?.taken()
        },
        end: (error) => (error ? reject(error.thrown as Error) : resolve(joined(chunks))),
      })
      call.start()
    })
    const entry = { promise, fail: (error: unknown) => call?.fail(error) }
    this.#maps.add(entry)
    const forget = () => this.#maps.delete(entry)
    promise.then(forget, forget)
    return promise
  }

  #iterate(
    task: unknown,
    inputs: Inputs<unknown>,
    options: IterateOptions,
    ordered: boolean,
  ): AsyncIterableIterator<unknown> {
    const ready = new Map<number, Values>()
    let failure: { at: number; thrown: unknown } | undefined
    let ended = false
    let wake: (() => void) | undefined
    let arrived = 0
    const call = this.#newCall(task, false, inputs, options, options.chunkSize ?? 1, {
      chunk: (index, { results, error }) => {
        const place = ordered ? index : arrived++
        ready.set(place, results)
        // In order, what comes before the failure is still wanted.
        if (error && (failure === undefined || place < failure.at)) {
          failure = { at: place, thrown: error.thrown }
        }
        wake?.()
      },
      end: (error) => {
        ended = true
        if (error && failure === undefined) failure = { at: -1, thrown: error.thrown }
        this.#iterators.delete(call)
        wake?.()
      },
    })
    this.#iterators.add(call)
    call.start()
    const isClosed = () => this.#closed
    const stop = () => {
      call.stop()
      this.#iterators.delete(call)
    }
    return (async function* () {
      try {
        for (let place = 0; ; place++) {
          while (!ready.has(place)) {
            if (failure?.at === -1) throw failure.thrown
            if (ended && isClosed() && failure === undefined) throw closed()
            if (ended) return
            await new Promise<void>((resolve) => {
              wake = resolve
            })
          }
          const results = ready.get(place) as Values
          ready.delete(place)
          // Before they are given out: the next chunk runs while the program looks at these.
          if (failure?.at !== place) call.taken()
          yield* results
          if (failure?.at === place) throw failure.thrown
        }
      } finally {
        stop()
      }
    })()
  }
}

// Array.flat looks at every element whether it is an array.
function joined(chunks: readonly Values[]): unknown[] {
  const all: unknown[] = []
  for (const chunk of chunks) for (let i = 0; i < chunk.length; i++) all.push(chunk[i])
  return all
}

function expectInputs(inputs: unknown): void {
  if (
    typeof inputs === 'object' &&
    inputs !== null &&
    (Symbol.iterator in inputs || Symbol.asyncIterator in inputs)
  ) {
    return
  }
  throw invalidArgument('an iterable', 'inputs', inputs)
}

function refuseReentry(name: string): void {
  const state = workerState()
  if (state === undefined) return
  if (state.loading > 0 || state.running === 0) {
    throw new ReentryError(
      `A worker loaded a module that starts a ${name} while it is loaded. Workers load the module of a task, here ` +
        'probably the main program, to find the function. Put what only the program should do behind ' +
        "if (isMain) { ... }, with isMain from 'numcore/parallel', or move the task to a module of its own",
    )
  }
  if (state.depth >= deepest) {
    throw new ReentryError(
      `Expected no ${name} inside the worker of a worker: pools may be nested ${deepest} deep, and deeper ones are ` +
        'most often a program that starts itself over and over',
    )
  }
}

/**
 * Runs tasks in threads of this process (node:worker_threads). For computation as well: each thread has
 * a JavaScript engine of its own, and they run at the same time.
 *
 * Starting a worker takes about a third of what a process takes, SharedArrayBuffers are shared, and `move` gives
 * memory away without copying. In return a crash of native code ends the whole program.
 *
 * @example
 * ```ts
 * import { ThreadPoolExecutor } from 'numcore/parallel'
 * const pool = new ThreadPoolExecutor({ maxWorkers: 2 })
 * console.log(await pool.map((x) => x ** 2, [1, 2, 3])) // [ 1, 4, 9 ]
 * console.log(await pool.submit((x, n) => x ** n, 2, 10)) // 1024
 * await pool.close()
 * ```
 */
export class ThreadPoolExecutor extends Executor {
  constructor(options?: ExecutorOptions) {
    super('threads', 'ThreadPoolExecutor', options)
  }
}

/**
 * Runs tasks in processes (node:child_process), each with memory of its own: what happens in one, even
 * its death, does not touch the others.
 *
 * @example
 * ```ts
 * import { ProcessPoolExecutor } from 'numcore/parallel'
 * const pool = new ProcessPoolExecutor({ maxWorkers: 2 })
 * for await (const square of pool.imap((x) => x ** 2, [1, 2, 3])) console.log(square)
 * const { pid } = process
 * console.log(await pool.submit((parent) => process.pid !== parent, pid)) // true
 * await pool.close()
 * ```
 */
export class ProcessPoolExecutor extends Executor {
  constructor(options?: ExecutorOptions) {
    super('processes', 'ProcessPoolExecutor', options)
  }
}

/**
 * Python's `multiprocessing.Pool`: a {@link ProcessPoolExecutor} that is given the number of its workers,
 * and whose end does not wait: leaving the block ends the workers at once.
 *
 * @example
 * ```ts
 * import { Pool } from 'numcore/parallel'
 * const pool = new Pool(2)
 * const powers = await pool.starmap((x, n) => x ** n, [[2, 3], [3, 2]])
 * console.log(powers) // [ 8, 9 ]
 * await pool.close()
 * ```
 */
export class Pool extends Executor {
  constructor(processes?: number, options?: Omit<ExecutorOptions, 'maxWorkers'>) {
    const given = checkOptions<ExecutorOptions>('Pool', options, executorKeys.slice(1))
    super('processes', 'Pool', {
      ...given,
      maxWorkers:
        processes === undefined ? undefined : expectInteger('processes', processes, 1, mostWorkers),
    })
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate()
  }
}
