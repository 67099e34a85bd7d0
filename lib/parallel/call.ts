// One map, imap or submit: reads its inputs as far as the workers need them, and passes on what comes back.
import { checkAsync } from '../job.js'
import { type Chunk, ChunkReader, type Inputs, lengthOf } from './chunks.js'
import type { Crew, Job } from './crew.js'
import type { Defined } from './definitions.js'
import { PoolClosedError, TimeoutError } from './errors.js'
import type { Copies, Values } from './wire.js'

export interface CallSettings {
  defined: Defined
  spread: boolean
  /** Chunks that may be under way, or done and not yet taken. */
  ahead: number
  timeout: number
  signal: AbortSignal | undefined
  onProgress: ((fraction: number) => void) | undefined
}

/** What a chunk gave, to be taken before the call returns: the worker may write over it afterwards. With an error, the results are those of the inputs before the one that failed. */
export interface Outcome {
  results: Values
  error?: { thrown: unknown }
}

export interface CallEvents {
  /** `at`: its first input, counted from 0. */
  chunk(index: number, at: number, outcome: Outcome): void
  /** Nothing more will come; with an error, of the call itself: aborted, too late, inputs that threw. */
  end(error?: { thrown: unknown }): void
}

export class Call<T> {
  readonly #crew: Crew
  readonly #settings: CallSettings
  readonly #events: CallEvents
  readonly #reader: ChunkReader<T>
  readonly #total: number | undefined
  readonly #jobs = new Set<Job>()
  readonly #copies: Copies = new Map()
  #chunks = 0
  #read = 0
  #taken = 0
  #ready = 0
  #reading = false
  #exhausted = false
  #ended = false
  #timer: NodeJS.Timeout | undefined

  constructor(
    crew: Crew,
    inputs: Inputs<T>,
    sizes: Generator<number, never>,
    settings: CallSettings,
    events: CallEvents,
  ) {
    checkAsync(settings)
    this.#crew = crew
    this.#settings = settings
    this.#events = events
    this.#reader = new ChunkReader(inputs, sizes)
    this.#total = lengthOf(inputs)
  }

  /** Inputs that have been read so far. */
  get read(): number {
    return this.#read
  }

  start(): void {
    const { signal, timeout } = this.#settings
    if (signal?.aborted) return this.fail(signal.reason)
    signal?.addEventListener('abort', this.#abort, { once: true })
    if (timeout < 2 ** 31) {
      const late = () => this.fail(new TimeoutError(`The tasks were not done within ${timeout} ms`))
      this.#timer = setTimeout(late, timeout)
    }
    void this.#feed()
  }

  /** The consumer has taken a chunk: one more may begin. */
  taken(): void {
    this.#taken++
    void this.#feed()
  }

  /** Begins no more chunks; those that run are waited for. */
  finish(): void {
    if (this.#exhausted || this.#ended) return
    this.#reader.stop()
    this.#exhausted = true
    if (this.#jobs.size === 0) this.#end({ thrown: closed() })
  }

  /** Stops everything at once and tells nobody. */
  stop(): void {
    if (this.#ended) return
    this.#ended = true
    this.#reader.stop()
    clearTimeout(this.#timer)
    this.#settings.signal?.removeEventListener('abort', this.#abort)
    for (const job of this.#jobs) this.#crew.drop(job)
    this.#jobs.clear()
  }

  fail(thrown: unknown): void {
    this.#end({ thrown })
  }

  readonly #abort = () => this.fail(this.#settings.signal?.reason)

  #end(error?: { thrown: unknown }): void {
    if (this.#ended) return
    this.stop()
    this.#events.end(error)
  }

  async #feed(): Promise<void> {
    // One reader at a time: asynchronous inputs may be asked for the next one only after the last has come.
    if (this.#reading) return
    this.#reading = true
    try {
      while (!this.#exhausted && !this.#ended) {
        if (this.#chunks - this.#taken >= this.#settings.ahead) break
        const chunk = this.#reader.isAsync ? await this.#reader.readAsync() : this.#reader.read()
        if (this.#ended) break
        if (chunk.length === 0) this.#exhausted = true
        else this.#send(chunk)
      }
      if (this.#exhausted && this.#jobs.size === 0) this.#end()
    } catch (error) {
      // What the inputs threw.
      this.fail(error)
    } finally {
      this.#reading = false
    }
  }

  #send(chunk: Chunk): void {
    const index = this.#chunks++
    const at = this.#read
    this.#read += chunk.length
    const { defined, spread } = this.#settings
    const job: Job = {
      defined,
      spread,
      chunk,
      copies: this.#copies,
      done: (results) => this.#chunk(job, index, at, { results }),
      failed: (thrown, results) => this.#chunk(job, index, at, { results, error: { thrown } }),
    }
    this.#jobs.add(job)
    this.#crew.enqueue(job)
  }

  #chunk(job: Job, index: number, at: number, outcome: Outcome): void {
    if (!this.#jobs.delete(job) || this.#ended) return
    this.#ready += outcome.results.length
    this.#tell()
    if (this.#ended) return
    this.#events.chunk(index, at, outcome)
    if (this.#exhausted && this.#jobs.size === 0) this.#end()
  }

  #tell(): void {
    const { onProgress } = this.#settings
    if (onProgress === undefined || this.#total === undefined) return
    try {
      onProgress(this.#ready / this.#total)
    } catch (error) {
      this.fail(error)
    }
  }
}

export const closed = () => new PoolClosedError('The pool was closed before all inputs were read')
