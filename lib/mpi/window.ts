/** Windows: memory that other ranks read and write without this one's help. */
import { invalidArgument, ShapeError } from '../errors.js'
import type { TypedArray } from '../native/mpi.js'
import { checkOptions, expectInteger } from '../options.js'
import { areaOf, type BufferLike } from './buffer.js'
import type { Comm } from './comm.js'
import { typeOfArray } from './datatype.js'
import { expectRank } from './message-options.js'
import { expectOp, type Op, SUM } from './op.js'
import { constant, mpi } from './runtime.js'

/** A class of typed arrays, such as `Float64Array`. */
export interface ArrayClass<T extends TypedArray> {
  readonly BYTES_PER_ELEMENT: number
  readonly name: string
  new (length: number): T
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): T
}

export interface AccessOptions {
  /** Whose memory. */
  target: number
  /** Where it starts there, in elements of the window. Default 0. */
  offset?: number | undefined
}

export interface AccumulateOptions extends AccessOptions {
  /** What becomes of the two values; one of MPI's operations. Default `SUM`. */
  op?: Op | undefined
}

const accessKeys = ['target', 'offset'] as const
const accumulateKeys = ['target', 'offset', 'op'] as const

/**
 * Memory of each rank that the others reach: between two fences with `put`, `get` and `accumulate`, or as plain arrays
 * when the ranks are on one machine ({@link Window.allocateShared}). Making and freeing one is collective.
 *
 * @example
 * ```ts
 * import { COMM_WORLD as comm, Window } from 'numcore/mpi'
 * const window = Window.allocateShared(comm.splitType('shared'), Float64Array, 4)
 * window.fence()
 * window.array[0] = comm.rank
 * window.fence()
 * console.log(window.shared(0)[0]) // 0
 * window.free()
 * ```
 */
export class Window<T extends TypedArray = Float64Array> {
  #index: number
  readonly #type: ArrayClass<T>
  readonly #array: T
  /** What MPI still reads or fills, until the access has ended. */
  #lent: unknown[] = []

  private constructor(index: number, type: ArrayClass<T>, array: T) {
    this.#index = index
    this.#type = type
    this.#array = array
  }

  static #allocate<T extends TypedArray>(
    comm: Comm,
    type: ArrayClass<T>,
    length: number,
    shared: boolean,
  ): Window<T> {
    const unit = type.BYTES_PER_ELEMENT
    const bytes = expectInteger('length', length, 0, Number.MAX_SAFE_INTEGER / unit) * unit
    const { index, memory } = mpi.winAllocate(bytes, unit, comm.handle, shared)
    const window = new Window(index, type, new type(memory, 0, length))
    // MPI leaves in it what was there before.
    new Uint8Array(memory).fill(0)
    comm.barrier()
    return window
  }

  /**
   * `length` elements, zero at first, on each rank of one machine, which all of them can use as arrays:
   * {@link shared}. Lengths may differ, and be 0.
   */
  static allocateShared<T extends TypedArray>(
    comm: Comm,
    type: ArrayClass<T>,
    length: number,
  ): Window<T> {
    return Window.#allocate(comm, type, length, true)
  }

  /** `length` elements of new memory, zero at first, on each rank. */
  static allocate<T extends TypedArray>(
    comm: Comm,
    type: ArrayClass<T>,
    length: number,
  ): Window<T> {
    return Window.#allocate(comm, type, length, false)
  }

  /** An array that is there already. Open MPI cannot do this everywhere (ERR_WIN); `allocate` always works. */
  static create<T extends TypedArray>(comm: Comm, array: T): Window<T> {
    typeOfArray(array)
    const { index } = mpi.winCreate(array, array.BYTES_PER_ELEMENT, comm.handle)
    return new Window(index, array.constructor as unknown as ArrayClass<T>, array)
  }

  /** @internal */
  get index(): number {
    if (this.#index < 0) throw invalidArgument('a window that has not been freed', 'window', this)
    return this.#index
  }

  /** This rank's memory. Empty when the window has been freed. */
  get array(): T {
    return this.#array
  }

  /** The memory of another rank of this machine; only of {@link allocateShared}. */
  shared(rank: number): T {
    return new this.#type(mpi.winShared(this.index, expectRank('rank', rank)))
  }

  /** Ends what was begun since the last one, on all ranks. Collective. */
  fence(): void {
    mpi.winFence(this.index, 0)
    this.#lent = []
  }

  /** Gives back the memory; arrays over it become empty. Collective. */
  free(): void {
    if (this.#index < 0) return
    const index = this.#index
    this.#index = -1
    mpi.winFree(index)
    this.#lent = []
  }

  [Symbol.dispose](): void {
    this.free()
  }

  /** Lets this rank alone reach another's memory, without a fence, until {@link unlock}. */
  lock(rank: number, options?: { shared?: boolean | undefined }): void {
    const { shared = false } = checkOptions<{ shared?: boolean | undefined }>('lock', options, [
      'shared',
    ])
    const kind = constant(shared ? 'LOCK_SHARED' : 'LOCK_EXCLUSIVE')
    mpi.winLock(this.index, kind, this.#target(rank), 0)
  }

  /** Ends what was begun since {@link lock}. */
  unlock(rank: number): void {
    mpi.winUnlock(this.index, this.#target(rank))
    this.#lent = []
  }

  /** Shared locks of all ranks' memory. */
  lockAll(): void {
    mpi.winLock(this.index, constant('LOCK_SHARED'), -1, 0)
  }

  unlockAll(): void {
    mpi.winUnlock(this.index, -1)
    this.#lent = []
  }

  /** Ends what was begun with one rank, or with all, and keeps the lock. */
  flush(rank?: number): void {
    mpi.winFlush(this.index, rank === undefined ? -1 : this.#target(rank))
  }

  /** Makes what this rank wrote into its own array visible, and sees what others wrote. */
  sync(): void {
    mpi.winSync(this.index)
  }

  #target(rank: number): number {
    return expectInteger('rank', rank, 0, 2 ** 31 - 1)
  }

  #access<O extends AccessOptions>(
    name: string,
    options: O,
    keys: readonly string[] = accessKeys,
  ): [target: number, offset: number] {
    checkOptions(name, options, keys)
    return [expectRank('target', options?.target), expectInteger('offset', options.offset ?? 0)]
  }

  /** Writes into another rank's memory. Leave the array alone until the next fence. */
  put(buffer: BufferLike, options: AccessOptions): void {
    const at = this.#access('put', options)
    const { data, count, type } = areaOf('buffer', buffer)
    this.#lent.push(data)
    mpi.winPut(this.index, data as TypedArray, count, type.index, ...at)
  }

  /** Reads from another rank's memory; the array is filled at the next fence. */
  get(buffer: BufferLike, options: AccessOptions): void {
    const at = this.#access('get', options)
    const { data, count, type } = areaOf('buffer', buffer)
    this.#lent.push(data)
    mpi.winGet(this.index, data as TypedArray, count, type.index, ...at)
  }

  /** Combines into another rank's memory; several ranks may do so at once. */
  accumulate(buffer: BufferLike, options: AccumulateOptions): void {
    const at = this.#access('accumulate', options, accumulateKeys)
    const { data, count, type } = areaOf('buffer', buffer)
    const op = expectOp(options.op ?? SUM)
    this.#lent.push(data)
    mpi.winAccumulate(this.index, data as TypedArray, count, type.index, ...at, op.index)
  }

  /** {@link accumulate} that also tells what was there: into `result`. One step for everybody else. */
  getAccumulate(buffer: T, result: T, options: AccumulateOptions): void {
    const at = this.#access('getAccumulate', options, accumulateKeys)
    const { data, count, type } = areaOf('buffer', buffer)
    if (result.length !== count) {
      throw new ShapeError(
        `Expected ${count} elements for result but received ${result.length} of type ${result.constructor.name}`,
      )
    }
    const op = expectOp(options.op ?? SUM)
    this.#lent.push(data, result)
    mpi.winGetAccumulate(this.index, data as TypedArray, count, type.index, ...at, op.index, result)
  }

  /** Puts `value[0]` where `expected[0]` is; `result[0]` becomes what was there. Of integers. */
  compareAndSwap(value: T, expected: T, result: T, options: AccessOptions): void {
    const at = this.#access('compareAndSwap', options)
    const type = typeOfArray(value)
    this.#lent.push(value, expected, result)
    mpi.winCompareAndSwap(this.index, value, 1, type.index, ...at, expected, result)
  }
}
