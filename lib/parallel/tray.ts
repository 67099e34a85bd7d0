// The numbers of a chunk in memory that a pool and one of its workers share: the pool lays them in, the worker puts each
// result in the place of its input, and only their count is sent.
import type { Chunk } from './chunks.js'
import {
  type Address,
  adopt,
  type Between,
  createMemory,
  type Memory,
  openMemory,
  releaseMemory,
} from './memory.js'
import type { Way } from './wire.js'

/** How many numbers are in the tray, and where it is when the other side does not know yet. */
export interface Laid {
  length: number
  memory?: Address | SharedArrayBuffer
}

// A tray is never slower, but for a few numbers not worth its memory. It stays as long as its worker, so that more than
// the most do not wait in memory for ever.
const fewest = 64
const most = 2 ** 20
const smallest = 4096

/** Where a tray can be for such a worker; undefined: nowhere. */
export function betweenOf(way: Way): Between | undefined {
  if (way === 'threads') return 'threads'
  return way === 'distant ranks' ? undefined : 'processes'
}

export class Tray {
  readonly #between: Between | undefined
  #memory: Memory | undefined
  #numbers: Float64Array<ArrayBuffer> = new Float64Array(0)
  #isTold = false

  /** Undefined: there is no memory for it, and it stays empty. */
  constructor(between: Between | undefined) {
    this.#between = between
  }

  /** For the pool. Undefined: not only numbers, or not as many as are worth it; they go as everything else. */
  lay({ values, start, length }: Chunk): Laid | undefined {
    if (length < fewest || length > most || typeof values[start] !== 'number') return undefined
    if (length > this.#numbers.length && !this.#grow(length)) return undefined
    if (values instanceof Float64Array) this.#numbers.set(values.subarray(start, start + length))
    else if (!copyNumbers(values, start, length, this.#numbers)) return undefined
    if (this.#isTold) return { length }
    const { address, buffer } = this.#memory as Memory
    return { length, memory: address ?? (buffer as SharedArrayBuffer) }
  }

  /** For the pool: the worker has answered out of it, so it knows where it is. */
  told(): void {
    this.#isTold = true
  }

  /** For both: what is in it, until the other side is told to write. The worker answers in place. */
  open({ length, memory }: Laid): Float64Array<ArrayBuffer> {
    if (memory !== undefined) {
      this.close()
      this.#use(memory instanceof SharedArrayBuffer ? adopt(memory) : openMemory(memory))
    }
    if (length > this.#numbers.length) {
      throw new RangeError(
        `Expected at most ${this.#numbers.length} numbers in a tray but heard of ${length}`,
      )
    }
    return this.#numbers.subarray(0, length)
  }

  /** Whether these are the first numbers of the tray itself. */
  holds(values: object): boolean {
    return values instanceof Float64Array && values.buffer === this.#numbers.buffer
  }

  close(): void {
    if (this.#memory) releaseMemory(this.#memory)
    this.#memory = undefined
    this.#numbers = new Float64Array(0)
  }

  #use(memory: Memory): void {
    this.#memory = memory
    this.#numbers = new Float64Array(memory.buffer as ArrayBuffer)
  }

  #grow(length: number): boolean {
    this.close()
    this.#isTold = false
    if (this.#between === undefined) return false
    try {
      const size = Math.max(smallest, 2 ** Math.ceil(Math.log2(length)))
      this.#use(createMemory(size * Float64Array.BYTES_PER_ELEMENT, this.#between))
      return true
    } catch {
      // No memory to be had: then without.
      return false
    }
  }
}

/** Whether all were numbers. A plain loop: `every` and `from` are several times slower. */
export function copyNumbers(
  values: readonly unknown[],
  start: number,
  length: number,
  to: Float64Array,
): boolean {
  for (let i = 0; i < length; i++) {
    const value = values[start + i]
    if (typeof value !== 'number') return false
    to[i] = value
  }
  return true
}
