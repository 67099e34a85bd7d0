/** Typed arrays that several workers see. */
import { invalidArgument } from '../errors.js'
import { checkOptions, expectInteger, expectOneOf } from '../options.js'
import { type Between, createMemory, type Memory, memoryOf, releaseMemory } from './memory.js'
import { type Referable, type Reference, reference } from './reference.js'

/** The typed array of each element type. */
export interface SharedArrays {
  float64: Float64Array
  float32: Float32Array
  int8: Int8Array
  uint8: Uint8Array
  int16: Int16Array
  uint16: Uint16Array
  int32: Int32Array
  uint32: Uint32Array
  bigint64: BigInt64Array
  biguint64: BigUint64Array
}

/** `'float64'`, `'int32'`, ...: a typed array's name without "Array". */
export type SharedType = keyof SharedArrays

/** What the elements are in JavaScript. */
export type ElementOf<T extends SharedType> = T extends 'bigint64' | 'biguint64' ? bigint : number

type View = SharedArrays[SharedType]
type ViewConstructor = new (buffer: ArrayBufferLike, offset?: number, length?: number) => View

export const viewConstructors: Readonly<
  Record<SharedType, ViewConstructor & { BYTES_PER_ELEMENT: number }>
> = {
  float64: Float64Array,
  float32: Float32Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  bigint64: BigInt64Array,
  biguint64: BigUint64Array,
}

export const sharedTypes = Object.keys(viewConstructors) as SharedType[]

export interface SharedOptions {
  /**
   * Who may share it. `'processes'` (the default) is for processes and threads alike and needs Linux;
   * `'threads'` is a SharedArrayBuffer and cannot be sent to a process.
   */
  between?: Between | undefined
}

export function checkBetween(name: string, options: SharedOptions | undefined): Between {
  const { between = 'processes' } = checkOptions<SharedOptions>(name, options, ['between'])
  return expectOneOf('between', between, ['threads', 'processes'])
}

/** What revivers hand to a constructor instead of what the public one takes. */
export class Revived {
  readonly memory: Memory
  constructor(memory: Memory) {
    this.memory = memory
  }
}

/**
 * A typed array in memory that tasks in other threads and processes see. Sent to a task (as an
 * argument, in a `partial`, in an initializer's arguments or as a result) it goes by reference:
 * nothing is copied, and what one writes the others read. Views of `array` go by reference as well, and
 * kernels of numcore take `array` as any other typed array.
 *
 * Nobody is kept from writing at the same time: see {@link Lock}, or `Atomics`.
 *
 * The memory is zeroed at first. It is freed with its last user, when the object has been collected or
 * disposed of everywhere; also when a process is killed, because it has no name that could stay behind.
 *
 * @example
 * ```ts
 * import { SharedArray, ThreadPoolExecutor, task } from 'numcore/parallel'
 * const shared = new SharedArray('float64', [1, 2, 3, 4])
 * const pool = new ThreadPoolExecutor({ maxWorkers: 2 })
 * await pool.starmap((array, i) => { array.array[i] *= 10 }, [[shared, 0], [shared, 3]])
 * console.log(shared.array.join(' ')) // 10 2 3 40
 * await pool.close()
 * ```
 */
export class SharedArray<T extends SharedType = 'float64'> implements Referable, Disposable {
  readonly type: T
  readonly array: SharedArrays[T]
  readonly #memory: Memory

  /**
   * @param type Of the elements.
   * @param content Their number, or the elements themselves.
   * @throws ERR_INVALID_ARGUMENT, ERR_OUT_OF_MEMORY, ERR_SHARED_MEMORY where the system has none.
   */
  constructor(type: T, content: number | ArrayLike<ElementOf<T>>, options?: SharedOptions) {
    const between = checkBetween('SharedArray', options)
    this.type = expectOneOf('type', type, sharedTypes) as T
    const View = viewConstructors[this.type]
    if ((content as unknown) instanceof Revived) {
      const { memory } = content as unknown as Revived
      this.#memory = memory
      this.array = new View(memory.buffer) as SharedArrays[T]
      return
    }
    const length = lengthOf(content)
    this.#memory = createMemory(length * View.BYTES_PER_ELEMENT, between)
    this.array = new View(this.#memory.buffer) as SharedArrays[T]
    if (typeof content !== 'number') (this.array as Float64Array).set(content as ArrayLike<number>)
  }

  get length(): number {
    return this.array.length
  }

  /** Frees this thread's part of the memory now; `array` has no elements from here on. Others keep theirs. */
  [Symbol.dispose](): void {
    releaseMemory(this.#memory)
  }

  [reference](): Reference {
    expectPresent(this.#memory, 'SharedArray')
    return { kind: 'SharedArray', memory: this.#memory, details: [this.type], copyable: true }
  }
}

function lengthOf(content: unknown): number {
  if (typeof content === 'number') return expectInteger('length', content, 0)
  if (Array.isArray(content) || (ArrayBuffer.isView(content) && 'length' in content)) {
    return (content as { length: number }).length
  }
  throw invalidArgument('a length or an array of elements', 'content', content)
}

/** Refuses to send what has been disposed of. */
export function expectPresent(memory: Memory, name: string): void {
  if (memoryOf(memory.buffer) !== undefined) return
  throw invalidArgument('one that has not been disposed of', name, memory.buffer)
}
