/** Reductions of arrays, element by element: all ranks of a communicator call them, in the same order. */
import { invalidArgument, ShapeError } from '../errors.js'
import type { NativeArea, TypedArray } from '../native/mpi.js'
import { checkOptions } from '../options.js'
import { ArrayCollectives } from './array-collectives.js'
import {
  type Area,
  areaOf,
  type BufferLike,
  IN_PLACE,
  type InPlace,
  nothing,
  sharedAreaOf,
} from './buffer.js'
import { type RootOptions, rootOf } from './message-options.js'
import { expectOp, type Op, SUM } from './op.js'
import { type Call, type Optional, perform, prepared, started, words } from './prepared.js'
import type { Request } from './request.js'
import { mpi } from './runtime.js'

export interface ReduceOptions extends RootOptions {
  /** How elements are combined. Default `SUM`. */
  op?: Op | undefined
}

export interface AllreduceOptions {
  /** How elements are combined. Default `SUM`. */
  op?: Op | undefined
}

const reduceKeys = ['op', 'root'] as const

/** The two arrays of a reduction: as many elements, of the same type, however they lie. */
function reduction(
  sendbuf: BufferLike | InPlace,
  recvbuf: Optional<BufferLike>,
): [from: NativeArea, to: NativeArea, count: number, type: number] {
  const to = recvbuf === null || recvbuf === undefined ? nothing : areaOf('recvbuf', recvbuf)
  if (sendbuf === IN_PLACE) return [true, ...words(to)]
  const from = areaOf('sendbuf', sendbuf)
  if (to !== nothing && (to.count !== from.count || to.type !== from.type)) {
    const name = (area: Area) => (area.data as TypedArray).constructor.name
    throw new ShapeError(
      `Expected ${from.count} elements of type ${name(from)} for recvbuf but received ${to.count} elements of type ` +
        name(to),
    )
  }
  return [from.data, to.data, from.count, from.type.index]
}

function opOf(name: string, options: AllreduceOptions | undefined): number {
  for (const key in options) if (key !== 'op') checkOptions(name, options, ['op'])
  return expectOp(options?.op ?? SUM).index
}

/** @internal */
export abstract class ArrayReductions extends ArrayCollectives {
  #reduce(
    name: string,
    sendbuf: BufferLike | InPlace,
    recvbuf: Optional<BufferLike>,
    options: ReduceOptions | undefined,
  ): Call {
    const root = rootOf(name, options, this.size, reduceKeys)
    const op = expectOp(options?.op ?? SUM).index
    const isRoot = this.rank === root
    if (isRoot && (recvbuf === null || recvbuf === undefined)) {
      throw invalidArgument('a buffer on the root', 'recvbuf', recvbuf)
    }
    const areas = reduction(sendbuf, isRoot ? recvbuf : undefined)
    return prepared(mpi.reduce, this.handle, ...areas, op, root)
  }

  /**
   * Element by element the sum (or another operation) of all ranks' arrays, on the root. There `IN_PLACE` for `sendbuf`
   * takes its part from `recvbuf`.
   */
  Reduce(
    sendbuf: BufferLike | InPlace,
    recvbuf?: Optional<BufferLike>,
    options?: ReduceOptions,
  ): void {
    perform(this.#reduce('Reduce', sendbuf, recvbuf, options))
  }

  /** {@link Reduce} that is awaited. */
  Ireduce(
    sendbuf: BufferLike | InPlace,
    recvbuf?: Optional<BufferLike>,
    options?: ReduceOptions,
  ): Request<void> {
    return started(this.#reduce('Ireduce', sendbuf, recvbuf, options))
  }

  #reduceAll(
    native: typeof mpi.allreduce,
    name: string,
    sendbuf: BufferLike | InPlace,
    recvbuf: BufferLike,
    options: AllreduceOptions | undefined,
  ): Call {
    const op = opOf(name, options)
    const areas = reduction(sendbuf, recvbuf)
    if (areas[1] === null) throw invalidArgument('a buffer', 'recvbuf', recvbuf)
    return prepared(native, this.handle, ...areas, op)
  }

  /** {@link Reduce} on every rank. */
  Allreduce(sendbuf: BufferLike | InPlace, recvbuf: BufferLike, options?: AllreduceOptions): void {
    perform(this.#reduceAll(mpi.allreduce, 'Allreduce', sendbuf, recvbuf, options))
  }

  /** {@link Allreduce} that is awaited. */
  Iallreduce(
    sendbuf: BufferLike | InPlace,
    recvbuf: BufferLike,
    options?: AllreduceOptions,
  ): Request<void> {
    return started(this.#reduceAll(mpi.allreduce, 'Iallreduce', sendbuf, recvbuf, options))
  }

  /** On rank i the combination of ranks 0 to i. */
  Scan(sendbuf: BufferLike | InPlace, recvbuf: BufferLike, options?: AllreduceOptions): void {
    perform(this.#reduceAll(mpi.scan, 'Scan', sendbuf, recvbuf, options))
  }

  /** {@link Scan} that is awaited. */
  Iscan(
    sendbuf: BufferLike | InPlace,
    recvbuf: BufferLike,
    options?: AllreduceOptions,
  ): Request<void> {
    return started(this.#reduceAll(mpi.scan, 'Iscan', sendbuf, recvbuf, options))
  }

  /** On rank i the combination of ranks 0 to i - 1; on rank 0 `recvbuf` stays as it was. */
  Exscan(sendbuf: BufferLike | InPlace, recvbuf: BufferLike, options?: AllreduceOptions): void {
    perform(this.#reduceAll(mpi.exscan, 'Exscan', sendbuf, recvbuf, options))
  }

  /** {@link Exscan} that is awaited. */
  Iexscan(
    sendbuf: BufferLike | InPlace,
    recvbuf: BufferLike,
    options?: AllreduceOptions,
  ): Request<void> {
    return started(this.#reduceAll(mpi.exscan, 'Iexscan', sendbuf, recvbuf, options))
  }

  #reduceScatter(
    name: string,
    sendbuf: BufferLike,
    recvbuf: BufferLike,
    options: AllreduceOptions | undefined,
  ): Call {
    const op = opOf(name, options)
    const [from, count, type] = words(sharedAreaOf('sendbuf', sendbuf, this.size))
    const to = areaOf('recvbuf', recvbuf)
    if (to.count !== count) {
      throw invalidArgument(`${count} elements, a rank's part,`, 'recvbuf', to.data)
    }
    return prepared(mpi.reduceScatterBlock, this.handle, from, to.data, count, type, op)
  }

  /** {@link Reduce}, of which each rank gets an equal part. */
  ReduceScatterBlock(sendbuf: BufferLike, recvbuf: BufferLike, options?: AllreduceOptions): void {
    perform(this.#reduceScatter('ReduceScatterBlock', sendbuf, recvbuf, options))
  }

  /** {@link ReduceScatterBlock} that is awaited. */
  IreduceScatterBlock(
    sendbuf: BufferLike,
    recvbuf: BufferLike,
    options?: AllreduceOptions,
  ): Request<void> {
    return started(this.#reduceScatter('IreduceScatterBlock', sendbuf, recvbuf, options))
  }
}
