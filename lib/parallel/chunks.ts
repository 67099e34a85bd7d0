// How inputs are cut into chunks for the workers.
import type { Values } from './wire.js'

export type Inputs<T> = Iterable<T> | AsyncIterable<T>

/** Inputs that are sent together: `length` of the values, from `start` on. */
export interface Chunk {
  values: readonly unknown[] | Float64Array
  start: number
  length: number
}

/** They alone. Numbers are copied, because they may be moved. */
export function itemsOf({ values, start, length }: Chunk): Values {
  if (values instanceof Float64Array)
    return new Float64Array(values.subarray(start, start + length))
  return length === values.length ? values : values.slice(start, start + length)
}

/**
 * The chunk size of CPython's `Pool.map`: about four chunks a worker
 * (Lib/multiprocessing/pool.py, `_map_async`).
 */
export function defaultChunkSize(length: number, workers: number): number {
  return Math.max(1, Math.ceil(length / (workers * 4)))
}

/** The number of inputs where it can be known without reading them. */
export function lengthOf(inputs: Inputs<unknown>): number | undefined {
  if (Array.isArray(inputs) || (ArrayBuffer.isView(inputs) && 'length' in inputs)) {
    return (inputs as { length: number }).length
  }
  if (inputs instanceof Set || inputs instanceof Map) return inputs.size
  return undefined
}

// Chunks of lazy inputs become longer, so that many tiny tasks are not sent one by one and the first ones
// are not waited for; after so many chunks a worker, twice as long.
const chunksBeforeLonger = 4
const longest = 4096

/** Sizes of one chunk after another. */
export function* chunkSizes(
  inputs: Inputs<unknown>,
  workers: number,
  chunkSize: number | undefined,
  most: number,
): Generator<number, never> {
  const length = lengthOf(inputs)
  if (chunkSize !== undefined) for (;;) yield chunkSize
  if (length !== undefined) for (;;) yield Math.min(defaultChunkSize(length, workers), most)
  // Whoever produces inputs slowly would leave the workers waiting for a chunk to be full.
  if (Symbol.asyncIterator in inputs) for (;;) yield 1
  for (let size = 1; ; size = Math.min(2 * size, longest)) {
    for (let i = 0; i < chunksBeforeLonger * workers; i++) yield Math.min(size, most)
  }
}

/** Reads inputs chunk by chunk, no further than it is asked. */
export class ChunkReader<T> {
  readonly #iterator: Iterator<T> | AsyncIterator<T>
  readonly #sizes: Generator<number, never>
  readonly #isAsync: boolean
  // An iterator makes an object for each element.
  readonly #array: readonly T[] | Float64Array | undefined
  #at = 0
  #done = false

  constructor(inputs: Inputs<T>, sizes: Generator<number, never>) {
    if (Array.isArray(inputs) || inputs instanceof Float64Array) this.#array = inputs
    this.#isAsync = Symbol.asyncIterator in inputs
    this.#iterator = this.#isAsync
      ? (inputs as AsyncIterable<T>)[Symbol.asyncIterator]()
      : (inputs as Iterable<T>)[Symbol.iterator]()
    this.#sizes = sizes
  }

  get isAsync(): boolean {
    return this.#isAsync
  }

  /** The next chunk; empty at the end. */
  read(): Chunk {
    const values: T[] = []
    if (this.#done) return chunkOf(values)
    const size = this.#sizes.next().value
    if (this.#array) {
      const start = this.#at
      const length = Math.max(0, Math.min(size, this.#array.length - start))
      this.#at += length
      return { values: this.#array, start, length }
    }
    while (values.length < size) {
      const next = (this.#iterator as Iterator<T>).next()
      if (next.done) {
        this.#done = true
        break
      }
      values.push(next.value)
    }
    return chunkOf(values)
  }

  async readAsync(): Promise<Chunk> {
    if (!this.#isAsync) return this.read()
    const values: T[] = []
    if (this.#done) return chunkOf(values)
    const size = this.#sizes.next().value
    while (values.length < size) {
      const next = await (this.#iterator as AsyncIterator<T>).next()
      if (next.done) {
        this.#done = true
        break
      }
      values.push(next.value)
    }
    return chunkOf(values)
  }

  /** Tells the inputs that no more are wanted, so that a generator's `finally` runs. */
  stop(): void {
    if (this.#done) return
    this.#done = true
    try {
      const told = this.#iterator.return?.()
      // Whatever it says, nobody listens any more.
      if (told instanceof Promise) told.catch(() => {})
    } catch {}
  }
}

const chunkOf = (values: readonly unknown[]): Chunk => ({ values, start: 0, length: values.length })
