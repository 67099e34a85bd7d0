/** Communicators: who talks to whom. */
import { invalidArgument } from '../errors.js'
import { checkOptions, expectBoolean, expectInteger, expectString } from '../options.js'
import { UNDEFINED } from './comm-core.js'
import { type Comparison, comparison, Group } from './group.js'
import { expectRank } from './message-options.js'
import { ObjectCollectives } from './object-collectives.js'
import { mpi } from './runtime.js'

export interface SplitOptions {
  /** Ranks of one color come together; `UNDEFINED` is in none. */
  color: number
  /** The order in the new communicator: by key, then by rank in the old. Default: as in the old. */
  key?: number | undefined
}

export interface CartesianOptions {
  /** Ranks along each dimension. A 0 is chosen so that all have work: see {@link dimensions}. */
  dims: readonly number[]
  /** Whether a dimension's last rank is the neighbour of its first. Default: none is. */
  periods?: readonly boolean[] | undefined
  /** Whether ranks may be numbered anew, as suits the machine. Default false. */
  reorder?: boolean | undefined
}

/**
 * A set of ranks that send each other messages, apart from those of all other communicators. Making and freeing one is
 * collective: all ranks of the old one do it, in the same order.
 *
 * Lower-case functions move values, upper-case ones arrays from where they lie; functions with `i` or `I` in front start
 * what the others do, and return a {@link Request}.
 *
 * @example
 * ```ts
 * import { COMM_WORLD as comm } from 'numcore/mpi'
 * const half = comm.split({ color: comm.rank % 2 })
 * console.log(half.size) // 1
 * half.free()
 * ```
 */
export class Comm extends ObjectCollectives {
  static #of(handle: number): Comm | undefined {
    return handle < 0 ? undefined : new Comm(handle)
  }

  /** The name that MPI's own messages call it by. */
  get name(): string {
    return mpi.commGetName(this.handle)
  }

  set name(value: string) {
    mpi.commSetName(this.handle, expectString('name', value))
  }

  /** The same ranks, and messages of their own. */
  dup(): Comm {
    return new Comm(mpi.commDup(this.handle))
  }

  /** Those of the same color together; undefined for `UNDEFINED`. */
  split(options: SplitOptions): Comm | undefined {
    checkOptions('split', options, ['color', 'key'])
    const { color, key = this.rank } = options
    expectRank('color', color)
    if (color !== UNDEFINED) expectInteger('color', color, 0, 2 ** 31 - 1)
    return Comm.#of(mpi.commSplit(this.handle, color, expectRank('key', key)))
  }

  /** `'shared'`: those on one machine together, which can share memory. */
  splitType(type: 'shared', options?: { key?: number | undefined }): Comm {
    if (type !== 'shared') throw invalidArgument('"shared"', 'type', type)
    const { key = this.rank } = checkOptions<{ key?: number | undefined }>('splitType', options, [
      'key',
    ])
    return new Comm(mpi.commSplitShared(this.handle, expectRank('key', key)))
  }

  /** The ranks of a group; undefined for those that are not in it. All ranks of this communicator call it. */
  create(group: Group): Comm | undefined {
    return Comm.#of(mpi.commCreate(this.handle, group.index))
  }

  /** The ranks of a group, and only they call it. */
  createGroup(group: Group, options?: { tag?: number | undefined }): Comm | undefined {
    const { tag = 0 } = checkOptions<{ tag?: number | undefined }>('createGroup', options, ['tag'])
    return Comm.#of(mpi.commCreateGroup(this.handle, group.index, expectInteger('tag', tag)))
  }

  /** Its ranks as a set. */
  group(): Group {
    return new Group(mpi.commGroup(this.handle))
  }

  /** `'congruent'`: the same ranks in the same order, and other messages. */
  compare(other: Comm): Comparison {
    return comparison(mpi.commCompare(this.handle, other.handle))
  }

  /** The ranks in a grid; undefined for those that it has no room for. */
  cartesian(options: CartesianOptions): Cartesian | undefined {
    checkOptions('cartesian', options, ['dims', 'periods', 'reorder'])
    const dims = dimensions(this.size, options.dims)
    const { periods = [], reorder = false } = options
    if (periods.length !== 0 && periods.length !== dims.length) {
      throw invalidArgument(`${dims.length} booleans`, 'periods', periods)
    }
    const handle = mpi.cartCreate(
      this.handle,
      Int32Array.from(dims),
      Int32Array.from(dims, (_, i) => Number(expectBoolean(`periods[${i}]`, periods[i] ?? false))),
      expectBoolean('reorder', reorder),
    )
    return handle < 0 ? undefined : new Cartesian(handle, dims)
  }

  /** Ends the whole job at once, with this exit code. */
  abort(code = 1): never {
    mpi.abort(this.handle, expectInteger('code', code, 0, 255))
    throw new Error('MPI_Abort came back')
  }
}

/**
 * A communicator whose ranks have places in a grid.
 *
 * @example
 * ```ts
 * import { COMM_WORLD as comm } from 'numcore/mpi'
 * const ring = comm.cartesian({ dims: [comm.size], periods: [true] })
 * const { source, dest } = ring.shift(0)
 * console.log(ring.sendrecv(comm.rank, { dest, source }) === (comm.rank - 1 + comm.size) % comm.size) // true
 * ```
 */
export class Cartesian extends Comm {
  readonly dims: readonly number[]

  /** @internal */
  constructor(handle: number, dims: readonly number[]) {
    super(handle)
    this.dims = dims
  }

  /** The place of a rank, by default this one. */
  coords(rank: number = this.rank): number[] {
    const out = new Int32Array(this.dims.length)
    mpi.cartCoords(this.handle, expectRank('rank', rank), out)
    return [...out]
  }

  /** The rank at a place; beyond the ends only where a dimension is periodic. */
  rankAt(coords: readonly number[]): number {
    if (coords.length !== this.dims.length) {
      throw invalidArgument(`${this.dims.length} coordinates`, 'coords', coords)
    }
    return mpi.cartRank(
      this.handle,
      Int32Array.from(coords, (each, i) => expectRank(`coords[${i}]`, each)),
    )
  }

  /** Whom to send to and receive from when all pass something `steps` places along; `PROC_NULL` at the ends. */
  shift(dimension: number, steps = 1): { source: number; dest: number } {
    const out = new Int32Array(2)
    const along = expectInteger('dimension', dimension, 0, this.dims.length - 1)
    mpi.cartShift(this.handle, along, expectRank('steps', steps), out)
    return { source: out[0] as number, dest: out[1] as number }
  }

  /** The rows, columns or planes: ranks that agree in the dimensions that are not kept. */
  sub(kept: readonly boolean[]): Cartesian {
    if (kept.length !== this.dims.length) {
      throw invalidArgument(`${this.dims.length} booleans`, 'kept', kept)
    }
    const flags = Int32Array.from(kept, (each, i) => Number(expectBoolean(`kept[${i}]`, each)))
    const dims = this.dims.filter((_, i) => kept[i])
    return new Cartesian(mpi.cartSub(this.handle, flags), dims)
  }
}

/**
 * Ranks along each dimension of a grid, as even as possible; numbers other than 0 stay.
 *
 * @example
 * ```ts
 * import { dimensions } from 'numcore/mpi'
 * console.log(dimensions(12, [0, 0]), dimensions(12, [2, 0, 0])) // [ 4, 3 ] [ 2, 3, 2 ]
 * ```
 */
export function dimensions(ranks: number, dims: readonly number[]): number[] {
  if (!Array.isArray(dims) || dims.length === 0) {
    throw invalidArgument('an array of at least one number', 'dims', dims)
  }
  const out = Int32Array.from(dims, (each, i) => expectInteger(`dims[${i}]`, each, 0, 2 ** 31 - 1))
  if (out.includes(0)) mpi.dimensions(expectInteger('ranks', ranks, 1, 2 ** 31 - 1), out)
  return [...out]
}

/** All ranks of the job. */
export const COMM_WORLD = new Comm(0)
/** This rank alone. */
export const COMM_SELF = new Comm(1)
// They are MPI's own, and stay until it ends.
for (const comm of [COMM_WORLD, COMM_SELF]) {
  comm.free = () => {
    throw invalidArgument('a communicator of your own', 'comm', comm)
  }
}
