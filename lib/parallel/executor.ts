/** What all executors have in common: options, tasks, iterators, the end. */
import { invalidArgument } from '../errors.js'
import { checkAsync } from '../job.js'
import { native } from '../native.js'
import { checkOptions, expectInteger, expectString } from '../options.js'
import { maxThreads } from '../threads.js'
import { Call, type CallEvents } from './call.js'
import { chunkSizes, type Inputs, lengthOf } from './chunks.js'
import { Crew } from './crew.js'
import { PoolClosedError, ReentryError } from './errors.js'
import type { ErrorClass } from './failure.js'
import { collect, iterate } from './gather.js'
import type { NewHost } from './host.js'
import type { TaskFunction } from './task.js'
import type { Way } from './wire.js'
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

export const executorKeys = [
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

export const mostWorkers = 1024
// Workers of workers of workers: a program that starts itself over and over looks like that.
const deepest = 2

/** What executors differ in. @internal */
export interface Kind {
  name: string
  way: Way
  newHost: NewHost
  /** How many workers there are; undefined: as many are started as are asked for. */
  workers?: number
}

/** A pool of workers that run tasks. */
export abstract class Executor implements AsyncDisposable {
  readonly maxWorkers: number
  readonly #crew: Crew
  readonly #name: string
  readonly #maxTasks: number
  readonly #maps = new Set<{ promise: Promise<unknown>; fail: (error: unknown) => void }>()
  readonly #iterators = new Set<{ finish(): void; fail(error: unknown): void }>()
  #closed = false

  /** @internal */
  protected constructor(
    { name, way, newHost, workers }: Kind,
    options: ExecutorOptions | undefined,
  ) {
    this.#name = name
    const given = checkOptions<ExecutorOptions>(name, options, executorKeys)
    refuseReentry(name)
    const { available } = native.info()
    const { initArgs = [], errorClasses = [], env = {}, initializer, heapLimit } = given
    const wanted = given.maxWorkers ?? workers ?? available
    this.maxWorkers = expectInteger('maxWorkers', wanted, 1, workers ?? mostWorkers)
    if (!Array.isArray(initArgs)) throw invalidArgument('an array', 'initArgs', initArgs)
    if (!Array.isArray(errorClasses))
      throw invalidArgument('an array', 'errorClasses', errorClasses)
    if (env === null || typeof env !== 'object') throw invalidArgument('an object', 'env', env)
    for (const [key, value] of Object.entries(env)) expectString(`env.${key}`, value)
    // Of workers that are there already, this process does not know what CPUs they have.
    const share =
      workers === undefined ? Math.max(1, Math.floor(available / this.maxWorkers)) : undefined
    const threads = given.threadsPerWorker ?? share
    const { maxTasksPerWorker } = given
    this.#maxTasks =
      maxTasksPerWorker === undefined
        ? Number.POSITIVE_INFINITY
        : expectInteger('maxTasksPerWorker', maxTasksPerWorker, 1)
    this.#crew = new Crew(way, {
      maxWorkers: this.maxWorkers,
      maxTasksPerWorker: this.#maxTasks,
      threadsPerWorker:
        threads === undefined
          ? undefined
          : expectInteger('threadsPerWorker', threads, 1, maxThreads),
      newHost,
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
   * @param inputs Any iterable, also asynchronous: it is read no further than the workers need. An array
   *   is read when a worker is free, so leave it as it is until the results are there.
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
    const entry = collect(
      (events) => this.#newCall(task, spread, inputs, options, options.chunkSize, events),
      lengthOf(inputs),
    )
    this.#maps.add(entry)
    const forget = () => this.#maps.delete(entry)
    entry.promise.then(forget, forget)
    return entry.promise
  }

  #iterate(
    task: unknown,
    inputs: Inputs<unknown>,
    options: IterateOptions,
    ordered: boolean,
  ): AsyncIterableIterator<unknown> {
    const { chunkSize = 1 } = options
    const { call, results } = iterate(
      (events) => this.#newCall(task, false, inputs, options, chunkSize, events),
      {
        ordered,
        isClosed: () => this.#closed,
        over: () => this.#iterators.delete(call),
      },
    )
    this.#iterators.add(call)
    call.start()
    return results
  }
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

/** @internal */
export function refuseReentry(name: string): void {
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
