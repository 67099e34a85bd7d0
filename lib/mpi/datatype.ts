/** Datatypes: what the elements of a buffer are, and how they lie in it. */
import { invalidArgument } from '../errors.js'
import type { NativeType, TypedArray } from '../native/mpi.js'
import { expectInteger } from '../options.js'
import { mpi, started } from './runtime.js'

const largest = 2 ** 31 - 1

function integers(name: string, values: readonly number[]): Int32Array {
  if (!Array.isArray(values)) throw invalidArgument('an array of integers', name, values)
  return Int32Array.from(values, (value, i) => expectInteger(`${name}[${i}]`, value, 0, largest))
}

/**
 * A type of elements. Buffers have theirs from the class of the array; give one where elements have gaps between
 * them, as the columns of a matrix have.
 *
 * @example
 * ```ts
 * import { COMM_SELF as comm, DOUBLE } from 'numcore/mpi'
 * const rows = 3, columns = 4
 * const matrix = Float64Array.from({ length: rows * columns }, (_, i) => i)
 * const column = DOUBLE.vector(rows, 1, columns)
 * const request = comm.Isend({ data: matrix, offset: 2, count: 1, type: column }, { dest: 0 })
 * const received = new Float64Array(rows)
 * comm.Recv(received, { source: 0 })
 * await request
 * console.log([...received]) // [ 2, 6, 10 ]
 * ```
 */
export class Datatype {
  /** Bytes of data in an element, without gaps. */
  readonly size: number
  /** Bytes from the start of an element to the start of the next. */
  readonly extent: number
  readonly #index: number
  #freed = false

  /** @internal */
  constructor(type: NativeType) {
    this.size = type.size
    this.extent = type.extent
    this.#index = type.index
  }

  /** @internal */
  get index(): number {
    if (this.#freed) throw invalidArgument('a datatype that has not been freed', 'type', this)
    return this.#index
  }

  /** `count` elements one after another. */
  contiguous(count: number): Datatype {
    return new Datatype(mpi.typeContiguous(expectInteger('count', count, 0, largest), this.index))
  }

  /** `count` blocks of `blockLength` elements, whose starts are `stride` elements apart. */
  vector(count: number, blockLength: number, stride: number): Datatype {
    return new Datatype(
      mpi.typeVector(
        expectInteger('count', count, 0, largest),
        expectInteger('blockLength', blockLength, 0, largest),
        expectInteger('stride', stride, 0, largest),
        this.index,
      ),
    )
  }

  /** Blocks of `blockLengths` elements that start at `displacements`, in elements. */
  indexed(blockLengths: readonly number[], displacements: readonly number[]): Datatype {
    const lengths = integers('blockLengths', blockLengths)
    const places = integers('displacements', displacements)
    if (places.length !== lengths.length) {
      throw invalidArgument(`${lengths.length} numbers`, 'displacements', displacements)
    }
    return new Datatype(mpi.typeIndexed(lengths.length, lengths, places, this.index))
  }

  /** A block of `subsizes` at `starts` of an array of `sizes`, in row-major order. Its extent is the whole array's. */
  subarray(
    sizes: readonly number[],
    subsizes: readonly number[],
    starts: readonly number[],
  ): Datatype {
    const all = [
      integers('sizes', sizes),
      integers('subsizes', subsizes),
      integers('starts', starts),
    ] as const
    if (all.some(({ length }) => length !== sizes.length)) {
      throw invalidArgument(
        `${sizes.length} numbers`,
        all[1].length === sizes.length ? 'starts' : 'subsizes',
        all[1].length === sizes.length ? starts : subsizes,
      )
    }
    return new Datatype(mpi.typeSubarray(sizes.length, ...all, this.index))
  }

  /** The same with another distance between elements, in bytes: so columns can lie side by side. */
  resized(extent: number): Datatype {
    return new Datatype(mpi.typeResized(expectInteger('extent', extent, 0), this.index))
  }

  /** Gives it back. Transfers that are under way end as if it were still there. */
  free(): void {
    if (this.#freed) return
    mpi.typeFree(this.#index)
    this.#freed = true
  }

  [Symbol.dispose](): void {
    this.free()
  }
}

const predefined = (name: string) => new Datatype(started.types[name] as NativeType)

export const BYTE = predefined('BYTE')
export const INT8 = predefined('INT8')
export const UINT8 = predefined('UINT8')
export const INT16 = predefined('INT16')
export const UINT16 = predefined('UINT16')
export const INT32 = predefined('INT32')
export const UINT32 = predefined('UINT32')
export const INT64 = predefined('INT64')
export const UINT64 = predefined('UINT64')
export const FLOAT = predefined('FLOAT')
export const DOUBLE = predefined('DOUBLE')
/** Two floats: real and imaginary part. */
export const COMPLEX = predefined('COMPLEX')
/** Two doubles: real and imaginary part. */
export const DOUBLE_COMPLEX = predefined('DOUBLE_COMPLEX')
/** Two 32-bit integers: a value and its place, for MAXLOC and MINLOC. */
export const TWO_INT = predefined('TWO_INT')

/** The type of an array's elements, by the name of its class. */
const byClass = new Map<string, Datatype>([
  ['Int8Array', INT8],
  ['Uint8Array', UINT8],
  ['Uint8ClampedArray', UINT8],
  ['Int16Array', INT16],
  ['Uint16Array', UINT16],
  ['Int32Array', INT32],
  ['Uint32Array', UINT32],
  ['Float32Array', FLOAT],
  ['Float64Array', DOUBLE],
  ['BigInt64Array', INT64],
  ['BigUint64Array', UINT64],
])

// The class itself is found faster than its name, and most programs use one class after the other.
const byConstructor = new Map<unknown, Datatype>()
let lastConstructor: unknown
let lastType: Datatype = BYTE

export function typeOfArray(data: TypedArray): Datatype {
  if (data.constructor === lastConstructor) return lastType
  const known = byConstructor.get(data.constructor)
  if (known !== undefined) {
    lastConstructor = data.constructor
    lastType = known
    return known
  }
  // A subclass (Buffer, say), or an array of another realm: the tag is the class that it really is.
  const type = byClass.get(data[Symbol.toStringTag])
  if (type === undefined) throw invalidArgument('a typed array', 'buffer', data)
  byConstructor.set(data.constructor, type)
  return type
}
