/** Groups: ordered sets of processes. */
import { invalidArgument } from '../errors.js'
import { expectRank } from './message-options.js'
import { constant, mpi } from './runtime.js'

/** How two groups or communicators compare. */
export type Comparison = 'ident' | 'congruent' | 'similar' | 'unequal'

const comparisons = new Map<number, Comparison>(
  (['ident', 'congruent', 'similar', 'unequal'] as const).map((name) => [
    constant(name.toUpperCase()),
    name,
  ]),
)

/** @internal */
export function comparison(code: number): Comparison {
  return comparisons.get(code) as Comparison
}

function ranksOf(ranks: readonly number[]): Int32Array {
  if (!Array.isArray(ranks)) throw invalidArgument('an array of ranks', 'ranks', ranks)
  return Int32Array.from(ranks, (rank, i) => expectRank(`ranks[${i}]`, rank))
}

/**
 * A set of processes in an order, from `comm.group()`; {@link Comm.create} makes a communicator of one.
 *
 * @example
 * ```ts
 * import { COMM_WORLD as comm } from 'numcore/mpi'
 * const all = comm.group()
 * const first = all.include([0])
 * console.log(first.size, all.exclude([0]).size === comm.size - 1) // 1 true
 * ```
 */
export class Group {
  #index: number

  /** @internal */
  constructor(index: number) {
    this.#index = index
  }

  /** @internal */
  get index(): number {
    if (this.#index < 0) throw invalidArgument('a group that has not been freed', 'group', this)
    return this.#index
  }

  get size(): number {
    return mpi.groupSize(this.index)
  }

  /** This process's number in the group; undefined when it is not in it. */
  get rank(): number | undefined {
    const rank = mpi.groupRank(this.index)
    return rank === constant('UNDEFINED') ? undefined : rank
  }

  /** These ranks, in this order. */
  include(ranks: readonly number[]): Group {
    return new Group(mpi.groupPick(this.index, ranksOf(ranks), false))
  }

  /** All but these ranks. */
  exclude(ranks: readonly number[]): Group {
    return new Group(mpi.groupPick(this.index, ranksOf(ranks), true))
  }

  union(other: Group): Group {
    return new Group(mpi.groupUnion(this.index, other.index))
  }

  intersection(other: Group): Group {
    return new Group(mpi.groupIntersection(this.index, other.index))
  }

  difference(other: Group): Group {
    return new Group(mpi.groupDifference(this.index, other.index))
  }

  compare(other: Group): Comparison {
    return comparison(mpi.groupCompare(this.index, other.index))
  }

  /** The numbers that these ranks have in another group; undefined for those that are not in it. */
  translate(ranks: readonly number[], other: Group): (number | undefined)[] {
    const out = new Int32Array(ranks.length)
    mpi.groupTranslate(this.index, ranksOf(ranks), other.index, out)
    return Array.from(out, (rank) => (rank === constant('UNDEFINED') ? undefined : rank))
  }

  free(): void {
    if (this.#index < 0) return
    mpi.groupFree(this.#index)
    this.#index = -1
  }

  [Symbol.dispose](): void {
    this.free()
  }
}
