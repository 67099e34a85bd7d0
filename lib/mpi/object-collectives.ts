/**
 * Collective operations on values. Each is a small program of messages on the hidden communicator, under a tag of its own:
 * so several can be under way, and messages tell their length themselves.
 */
import { invalidArgument } from '../errors.js'
import { checkOptions } from '../options.js'
import { ArrayReductions } from './array-reductions.js'
import { copyOf, decode, encode } from './codec.js'
import { all, keep } from './comm-core.js'
import { type RootOptions, rootOf } from './message-options.js'
import { type Combine, combineOf, type Op } from './op.js'
import type { Request } from './request.js'
import { SteppedRequest, type Steps } from './steps.js'

export interface ObjectReduceOptions<T> extends RootOptions {
  /** An operation, or a function of two values of which the first is from the lower ranks. Default `SUM`. */
  op?: Op | Combine<T> | undefined
}

export type ObjectAllreduceOptions<T> = Omit<ObjectReduceOptions<T>, 'root'>

const rootedKeys = ['op', 'root'] as const
const opKeys = ['op'] as const

/** @internal */
export abstract class ObjectCollectives extends ArrayReductions {
  /** The root's value for all. */
  bcast<T>(value: T, options?: RootOptions): T {
    return this.ibcast(value, options).wait()
  }

  /** {@link bcast} that is awaited. */
  ibcast<T>(value: T, options?: RootOptions): Request<T> {
    const root = rootOf('bcast', options, this.size)
    return new SteppedRequest(this.#bcast(value, root, this.nextTag()))
  }

  /** A binomial tree: who has the value sends it on to twice as many in every round. */
  *#bcast<T>(value: T, root: number, tag: number): Steps<T> {
    const { size } = this
    const place = (this.rank - root + size) % size
    let result = value
    let packet = place === 0 && size > 1 ? keep(encode(value)) : undefined
    let round = 1
    while (round < size && (place & round) === 0) round *= 2
    if (place !== 0) {
      packet = yield* this.receiveHidden((place - round + root) % size, tag)
      result = decode(packet.head, packet.parts as Uint8Array<ArrayBuffer>[]) as T
    }
    const sends: number[] = []
    for (let step = round / 2; step >= 1; step /= 2) {
      if (packet === undefined || place + step >= size) continue
      sends.push(
        ...this.startHidden(
          { head: packet.head.copy(), parts: packet.parts },
          (place + step + root) % size,
          tag,
        ),
      )
    }
    yield* all(sends)
    return result
  }

  /** All ranks' values in the order of the ranks, on the root; undefined elsewhere. */
  gather<T>(value: T, options?: RootOptions): T[] | undefined {
    return this.igather(value, options).wait()
  }

  /** {@link gather} that is awaited. */
  igather<T>(value: T, options?: RootOptions): Request<T[] | undefined> {
    const root = rootOf('gather', options, this.size)
    return new SteppedRequest(this.#gather(value, root, this.nextTag()))
  }

  *#gather<T>(value: T, root: number, tag: number): Steps<T[] | undefined> {
    if (this.rank !== root) {
      yield* all(this.startHidden(keep(encode(value)), root, tag))
      return undefined
    }
    const result: T[] = []
    for (let source = 0; source < this.size; source++) {
      result.push(source === root ? copyOf(value) : yield* this.#receive<T>(source, tag))
    }
    return result
  }

  *#receive<T>(source: number, tag: number): Steps<T> {
    const { head, parts } = yield* this.receiveHidden(source, tag)
    return decode(head, parts) as T
  }

  /** To each rank the value at its place in the root's list. */
  scatter<T>(values: readonly T[] | null | undefined, options?: RootOptions): T {
    return this.iscatter(values, options).wait()
  }

  /** {@link scatter} that is awaited. */
  iscatter<T>(values: readonly T[] | null | undefined, options?: RootOptions): Request<T> {
    const root = rootOf('scatter', options, this.size)
    if (this.rank === root) this.#expectList(values)
    return new SteppedRequest(this.#scatter(values as readonly T[], root, this.nextTag()))
  }

  #expectList(values: unknown): void {
    if (Array.isArray(values) && values.length === this.size) return
    throw invalidArgument(`an array of ${this.size} values, one for each rank,`, 'values', values)
  }

  *#scatter<T>(values: readonly T[], root: number, tag: number): Steps<T> {
    if (this.rank !== root) return yield* this.#receive<T>(root, tag)
    const sends = values.flatMap((value, dest) =>
      dest === root ? [] : this.startHidden(keep(encode(value)), dest, tag),
    )
    const own = copyOf(values[root] as T)
    yield* all(sends)
    return own
  }

  /** {@link gather} on every rank. */
  allgather<T>(value: T): T[] {
    return this.iallgather(value).wait()
  }

  /** {@link allgather} that is awaited. */
  iallgather<T>(value: T): Request<T[]> {
    return new SteppedRequest(this.#allgather(value, this.nextTag()))
  }

  /** A ring: in every round each rank hands on what it got in the one before. */
  *#allgather<T>(value: T, tag: number): Steps<T[]> {
    const { rank, size } = this
    const result = Array.from<T>({ length: size })
    let packet = keep(encode(value))
    result[rank] = copyOf(value)
    for (let round = 1; round < size; round++) {
      const sends = this.startHidden(packet, (rank + 1) % size, tag)
      const next = yield* this.receiveHidden((rank - 1 + size) % size, tag)
      yield* all(sends)
      result[(rank - round + size) % size] = decode(next.head, next.parts) as T
      packet = next
    }
    return result
  }

  /** Value j of rank i's list becomes value i of rank j's. */
  alltoall<T>(values: readonly T[]): T[] {
    return this.ialltoall(values).wait()
  }

  /** {@link alltoall} that is awaited. */
  ialltoall<T>(values: readonly T[]): Request<T[]> {
    this.#expectList(values)
    return new SteppedRequest(this.#alltoall(values, this.nextTag()))
  }

  *#alltoall<T>(values: readonly T[], tag: number): Steps<T[]> {
    const { rank, size } = this
    const result = Array.from<T>({ length: size })
    result[rank] = copyOf(values[rank] as T)
    for (let round = 1; round < size; round++) {
      const dest = (rank + round) % size
      const source = (rank - round + size) % size
      const sends = this.startHidden(keep(encode(values[dest])), dest, tag)
      result[source] = yield* this.#receive<T>(source, tag)
      yield* all(sends)
    }
    return result
  }

  /**
   * All ranks' values combined into one, in the order of the ranks, on the root; undefined elsewhere. MPI's operations take
   * numbers, BigInts and typed arrays element by element; a function takes whatever you send.
   */
  reduce<T>(value: T, options?: ObjectReduceOptions<T>): T | undefined {
    return this.ireduce(value, options).wait()
  }

  /** {@link reduce} that is awaited. */
  ireduce<T>(value: T, options?: ObjectReduceOptions<T>): Request<T | undefined> {
    const root = rootOf('reduce', options, this.size, rootedKeys)
    const combine = combineOf<T>(options?.op)
    return new SteppedRequest(this.#reduce(value, combine, root, this.nextTag()))
  }

  /** A binomial tree to rank 0, whose neighbours combine: the order of the ranks is kept. Then to the root. */
  *#reduce<T>(value: T, combine: Combine<T>, root: number, tag: number): Steps<T | undefined> {
    const { rank, size } = this
    let result = copyOf(value)
    for (let step = 1; step < size; step *= 2) {
      if ((rank & step) !== 0) {
        yield* all(this.startHidden(keep(encode(result)), rank - step, tag))
        break
      }
      if (rank + step < size) result = combine(result, yield* this.#receive<T>(rank + step, tag))
    }
    if (root !== 0 && rank === 0) yield* all(this.startHidden(keep(encode(result)), root, tag))
    if (rank !== root) return undefined
    return root === 0 ? result : yield* this.#receive<T>(0, tag)
  }

  /** {@link reduce} on every rank, the same value on all. */
  allreduce<T>(value: T, options?: ObjectAllreduceOptions<T>): T {
    return this.iallreduce(value, options).wait()
  }

  /** {@link allreduce} that is awaited. */
  iallreduce<T>(value: T, options?: ObjectAllreduceOptions<T>): Request<T> {
    checkOptions('allreduce', options, opKeys)
    return new SteppedRequest(this.#allreduce(value, combineOf<T>(options?.op), this.nextTag()))
  }

  *#allreduce<T>(value: T, combine: Combine<T>, tag: number): Steps<T> {
    const result = yield* this.#reduce(value, combine, 0, tag)
    return yield* this.#bcast(result as T, 0, tag)
  }

  /** On rank i the values of ranks 0 to i, combined in order. */
  scan<T>(value: T, options?: ObjectAllreduceOptions<T>): T {
    return this.iscan(value, options).wait()
  }

  /** {@link scan} that is awaited. */
  iscan<T>(value: T, options?: ObjectAllreduceOptions<T>): Request<T> {
    checkOptions('scan', options, opKeys)
    return new SteppedRequest(this.#scan(value, combineOf<T>(options?.op), this.nextTag()))
  }

  /** In round k each rank adds, in front of what it has, what the rank 2^k below has. */
  *#scan<T>(value: T, combine: Combine<T>, tag: number): Steps<T> {
    let result = copyOf(value)
    for (let step = 1; step < this.size; step *= 2) {
      const { rank, size } = this
      const sends =
        rank + step < size ? this.startHidden(keep(encode(result)), rank + step, tag) : []
      if (rank >= step) result = combine(yield* this.#receive<T>(rank - step, tag), result)
      yield* all(sends)
    }
    return result
  }

  /** On rank i the values of ranks 0 to i - 1, combined in order; undefined on rank 0. */
  exscan<T>(value: T, options?: ObjectAllreduceOptions<T>): T | undefined {
    return this.iexscan(value, options).wait()
  }

  /** {@link exscan} that is awaited. */
  iexscan<T>(value: T, options?: ObjectAllreduceOptions<T>): Request<T | undefined> {
    checkOptions('exscan', options, opKeys)
    return new SteppedRequest(this.#exscan(value, combineOf<T>(options?.op), this.nextTag()))
  }

  *#exscan<T>(value: T, combine: Combine<T>, tag: number): Steps<T | undefined> {
    const { rank, size } = this
    const result = yield* this.#scan(value, combine, tag)
    const sends = rank + 1 < size ? this.startHidden(keep(encode(result)), rank + 1, tag) : []
    const before = rank > 0 ? yield* this.#receive<T>(rank - 1, tag) : undefined
    yield* all(sends)
    return before
  }
}
