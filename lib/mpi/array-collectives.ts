/** Collective operations on arrays: all ranks of a communicator call them, in the same order. */
import { invalidArgument, ShapeError } from '../errors.js'
import { checkOptions } from '../options.js'
import {
  type Area,
  areaOf,
  type BufferLike,
  IN_PLACE,
  inPlace,
  type InPlace,
  inPlaceVector,
  noVector,
  nothing,
  sharedAreaOf,
  type VectorArea,
  vectorOf,
  type VectorPart,
} from './buffer.js'
import { type RootOptions, rootOf } from './message-options.js'
import { expectOp, type Op, SUM } from './op.js'
import { PointToPoint } from './point-to-point.js'
import { Request } from './request.js'
import { mpi } from './runtime.js'
import type { TypedArray } from '../native/mpi.js'

export interface ReduceOptions extends RootOptions {
  /** How elements are combined. Default `SUM`. */
  op?: Op | undefined
}

export interface AllreduceOptions {
  /** How elements are combined. Default `SUM`. */
  op?: Op | undefined
}

type Optional<T> = T | null | undefined

const reduceKeys = ['op', 'root'] as const

/** Starts an operation, or performs it: what the add-on's functions do with their last argument. */
type Call = (start: boolean) => number | undefined

/** @internal */
export abstract class ArrayCollectives extends PointToPoint {
  /**
   * The blocking routine, always: MPI does not let it meet the other ranks' non-blocking one, so it may not depend on what
   * this rank has under way.
   */
  #run(call: Call, _held: unknown): void {
    call(false)
  }

  #start(call: Call, held: unknown): Request<void> {
    return new Request(call(true) as number, held)
  }

  /** Waits until all ranks are here. */
  barrier(): void {
    this.#run((start) => mpi.barrier(this.handle, start), undefined)
  }

  /** {@link barrier} that is awaited. */
  ibarrier(): Request<void> {
    return this.#start((start) => mpi.barrier(this.handle, start), undefined)
  }

  /** {@link barrier}; it moves no data, so both spellings are the same. */
  Barrier(): void {
    this.barrier()
  }

  Ibarrier(): Request<void> {
    return this.ibarrier()
  }

  #bcast(name: string, buffer: BufferLike, options: RootOptions | undefined): [Call, unknown] {
    const root = rootOf(name, options, this.size)
    const { data, count, type } = areaOf('buffer', buffer)
    return [(start) => mpi.bcast(this.handle, data, count, type.index, root, start), data]
  }

  /** The root's array for all: each rank gives one of the same length. */
  Bcast(buffer: BufferLike, options?: RootOptions): void {
    this.#run(...this.#bcast('Bcast', buffer, options))
  }

  /** {@link Bcast} that is awaited. */
  Ibcast(buffer: BufferLike, options?: RootOptions): Request<void> {
    return this.#start(...this.#bcast('Ibcast', buffer, options))
  }

  /** The buffer that matters on the root only. */
  #atRoot(name: string, given: Optional<BufferLike>, root: number): Area {
    if (this.rank !== root) return nothing
    if (given === null || given === undefined)
      throw invalidArgument('a buffer on the root', name, given)
    return sharedAreaOf(name, given, this.size)
  }

  #vectorAtRoot(name: string, given: Optional<VectorPart>, root: number): VectorArea {
    if (this.rank !== root) return noVector
    if (given === null || given === undefined)
      throw invalidArgument('a buffer on the root', name, given)
    return vectorOf(name, given, this.size)
  }

  #gather(
    name: string,
    sendbuf: BufferLike | InPlace,
    recvbuf: Optional<BufferLike>,
    options: RootOptions | undefined,
  ): [Call, unknown] {
    const root = rootOf(name, options, this.size)
    const from = sendbuf === IN_PLACE ? inPlace : areaOf('sendbuf', sendbuf)
    const to = this.#atRoot('recvbuf', recvbuf, root)
    const f = from.type.index
    const t = to.type.index
    return [
      (start) =>
        mpi.gather(this.handle, from.data, from.count, f, to.data, to.count, t, root, start),
      [from, to],
    ]
  }

  /** All ranks' arrays, one after another, on the root; they are of one length. `recvbuf` matters there only. */
  Gather(
    sendbuf: BufferLike | InPlace,
    recvbuf?: Optional<BufferLike>,
    options?: RootOptions,
  ): void {
    this.#run(...this.#gather('Gather', sendbuf, recvbuf, options))
  }

  /** {@link Gather} that is awaited. */
  Igather(
    sendbuf: BufferLike | InPlace,
    recvbuf?: Optional<BufferLike>,
    options?: RootOptions,
  ): Request<void> {
    return this.#start(...this.#gather('Igather', sendbuf, recvbuf, options))
  }

  #scatter(
    name: string,
    sendbuf: Optional<BufferLike>,
    recvbuf: BufferLike | InPlace,
    options: RootOptions | undefined,
  ): [Call, unknown] {
    const root = rootOf(name, options, this.size)
    const from = this.#atRoot('sendbuf', sendbuf, root)
    const to = recvbuf === IN_PLACE ? inPlace : areaOf('recvbuf', recvbuf)
    const f = from.type.index
    const t = to.type.index
    return [
      (start) =>
        mpi.scatter(this.handle, from.data, from.count, f, to.data, to.count, t, root, start),
      [from, to],
    ]
  }

  /** An equal part of the root's array for each rank. `sendbuf` matters there only. */
  Scatter(
    sendbuf: Optional<BufferLike>,
    recvbuf: BufferLike | InPlace,
    options?: RootOptions,
  ): void {
    this.#run(...this.#scatter('Scatter', sendbuf, recvbuf, options))
  }

  /** {@link Scatter} that is awaited. */
  Iscatter(
    sendbuf: Optional<BufferLike>,
    recvbuf: BufferLike | InPlace,
    options?: RootOptions,
  ): Request<void> {
    return this.#start(...this.#scatter('Iscatter', sendbuf, recvbuf, options))
  }

  #gatherv(
    name: string,
    sendbuf: BufferLike | InPlace,
    recvbuf: Optional<VectorPart>,
    options: RootOptions | undefined,
  ): [Call, unknown] {
    const root = rootOf(name, options, this.size)
    const from = sendbuf === IN_PLACE ? inPlace : areaOf('sendbuf', sendbuf)
    const { data, counts, places, type } = this.#vectorAtRoot('recvbuf', recvbuf, root)
    const f = from.type.index
    return [
      (start) =>
        mpi.gatherv(
          this.handle,
          from.data,
          from.count,
          f,
          data,
          counts,
          places,
          type.index,
          root,
          start,
        ),
      [from, data, counts, places],
    ]
  }

  /** {@link Gather} of arrays of different lengths: `recvbuf` tells how many elements each rank gives, and where they go. */
  Gatherv(
    sendbuf: BufferLike | InPlace,
    recvbuf?: Optional<VectorPart>,
    options?: RootOptions,
  ): void {
    this.#run(...this.#gatherv('Gatherv', sendbuf, recvbuf, options))
  }

  /** {@link Gatherv} that is awaited. */
  Igatherv(
    sendbuf: BufferLike | InPlace,
    recvbuf?: Optional<VectorPart>,
    options?: RootOptions,
  ): Request<void> {
    return this.#start(...this.#gatherv('Igatherv', sendbuf, recvbuf, options))
  }

  #scatterv(
    name: string,
    sendbuf: Optional<VectorPart>,
    recvbuf: BufferLike | InPlace,
    options: RootOptions | undefined,
  ): [Call, unknown] {
    const root = rootOf(name, options, this.size)
    const { data, counts, places, type } = this.#vectorAtRoot('sendbuf', sendbuf, root)
    const to = recvbuf === IN_PLACE ? inPlace : areaOf('recvbuf', recvbuf)
    const t = to.type.index
    return [
      (start) =>
        mpi.scatterv(
          this.handle,
          data,
          counts,
          places,
          type.index,
          to.data,
          to.count,
          t,
          root,
          start,
        ),
      [to, data, counts, places],
    ]
  }

  /** {@link Scatter} of parts of different lengths. */
  Scatterv(
    sendbuf: Optional<VectorPart>,
    recvbuf: BufferLike | InPlace,
    options?: RootOptions,
  ): void {
    this.#run(...this.#scatterv('Scatterv', sendbuf, recvbuf, options))
  }

  /** {@link Scatterv} that is awaited. */
  Iscatterv(
    sendbuf: Optional<VectorPart>,
    recvbuf: BufferLike | InPlace,
    options?: RootOptions,
  ): Request<void> {
    return this.#start(...this.#scatterv('Iscatterv', sendbuf, recvbuf, options))
  }

  #pair(
    native: typeof mpi.allgather,
    sendbuf: BufferLike | InPlace,
    recvbuf: BufferLike,
    isShared: boolean,
  ): [Call, unknown] {
    const read = isShared ? sharedAreaOf : areaOf
    const from = sendbuf === IN_PLACE ? inPlace : read('sendbuf', sendbuf, this.size)
    const to = sharedAreaOf('recvbuf', recvbuf, this.size)
    const f = from.type.index
    const t = to.type.index
    return [
      (start) => native(this.handle, from.data, from.count, f, to.data, to.count, t, start),
      [from, to],
    ]
  }

  /** {@link Gather} on every rank. */
  Allgather(sendbuf: BufferLike | InPlace, recvbuf: BufferLike): void {
    this.#run(...this.#pair(mpi.allgather, sendbuf, recvbuf, false))
  }

  /** {@link Allgather} that is awaited. */
  Iallgather(sendbuf: BufferLike | InPlace, recvbuf: BufferLike): Request<void> {
    return this.#start(...this.#pair(mpi.allgather, sendbuf, recvbuf, false))
  }

  /** Part j of rank i's array becomes part i of rank j's. */
  Alltoall(sendbuf: BufferLike | InPlace, recvbuf: BufferLike): void {
    this.#run(...this.#pair(mpi.alltoall, sendbuf, recvbuf, true))
  }

  /** {@link Alltoall} that is awaited. */
  Ialltoall(sendbuf: BufferLike | InPlace, recvbuf: BufferLike): Request<void> {
    return this.#start(...this.#pair(mpi.alltoall, sendbuf, recvbuf, true))
  }

  #allgatherv(sendbuf: BufferLike | InPlace, recvbuf: VectorPart): [Call, unknown] {
    const from = sendbuf === IN_PLACE ? inPlace : areaOf('sendbuf', sendbuf)
    const { data, counts, places, type } = vectorOf('recvbuf', recvbuf, this.size)
    const f = from.type.index
    return [
      (start) =>
        mpi.allgatherv(
          this.handle,
          from.data,
          from.count,
          f,
          data,
          counts,
          places,
          type.index,
          start,
        ),
      [from, data, counts, places],
    ]
  }

  /** {@link Gatherv} on every rank. */
  Allgatherv(sendbuf: BufferLike | InPlace, recvbuf: VectorPart): void {
    this.#run(...this.#allgatherv(sendbuf, recvbuf))
  }

  /** {@link Allgatherv} that is awaited. */
  Iallgatherv(sendbuf: BufferLike | InPlace, recvbuf: VectorPart): Request<void> {
    return this.#start(...this.#allgatherv(sendbuf, recvbuf))
  }

  #alltoallv(sendbuf: VectorPart | InPlace, recvbuf: VectorPart): [Call, unknown] {
    const from = sendbuf === IN_PLACE ? inPlaceVector : vectorOf('sendbuf', sendbuf, this.size)
    const to = vectorOf('recvbuf', recvbuf, this.size)
    return [
      (start) =>
        mpi.alltoallv(
          this.handle,
          from.data,
          from.counts,
          from.places,
          from.type.index,
          to.data,
          to.counts,
          to.places,
          to.type.index,
          start,
        ),
      [from, to],
    ]
  }

  /** {@link Alltoall} of parts of different lengths. */
  Alltoallv(sendbuf: VectorPart | InPlace, recvbuf: VectorPart): void {
    this.#run(...this.#alltoallv(sendbuf, recvbuf))
  }

  /** {@link Alltoallv} that is awaited. */
  Ialltoallv(sendbuf: VectorPart | InPlace, recvbuf: VectorPart): Request<void> {
    return this.#start(...this.#alltoallv(sendbuf, recvbuf))
  }

  /** The two arrays of a reduction: as many elements, of the same type, however they lie. */
  #reduction(
    sendbuf: BufferLike | InPlace,
    recvbuf: Optional<BufferLike>,
  ): Area & { to: Area['data'] } {
    const to = recvbuf === null || recvbuf === undefined ? nothing : areaOf('recvbuf', recvbuf)
    if (sendbuf === IN_PLACE) return { data: true, to: to.data, count: to.count, type: to.type }
    const from = areaOf('sendbuf', sendbuf)
    if (to !== nothing && (to.count !== from.count || to.type !== from.type)) {
      const name = (area: Area) => (area.data as TypedArray).constructor.name
      throw new ShapeError(
        `Expected ${from.count} elements of type ${name(from)} for recvbuf but received ${to.count} elements of type ` +
          name(to),
      )
    }
    return { data: from.data, to: to.data, count: from.count, type: from.type }
  }

  #reduce(
    name: string,
    sendbuf: BufferLike | InPlace,
    recvbuf: Optional<BufferLike>,
    options: ReduceOptions | undefined,
  ): [Call, unknown] {
    const root = rootOf(name, options, this.size, reduceKeys)
    const op = expectOp(options?.op ?? SUM)
    const isRoot = this.rank === root
    if (isRoot && (recvbuf === null || recvbuf === undefined)) {
      throw invalidArgument('a buffer on the root', 'recvbuf', recvbuf)
    }
    const { data, to, count, type } = this.#reduction(sendbuf, isRoot ? recvbuf : undefined)
    const opIndex = op.index
    return [
      (start) => mpi.reduce(this.handle, data, to, count, type.index, opIndex, root, start),
      [data, to, op],
    ]
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
    this.#run(...this.#reduce('Reduce', sendbuf, recvbuf, options))
  }

  /** {@link Reduce} that is awaited. */
  Ireduce(
    sendbuf: BufferLike | InPlace,
    recvbuf?: Optional<BufferLike>,
    options?: ReduceOptions,
  ): Request<void> {
    return this.#start(...this.#reduce('Ireduce', sendbuf, recvbuf, options))
  }

  #reduceAll(
    native: typeof mpi.allreduce,
    name: string,
    sendbuf: BufferLike | InPlace,
    recvbuf: BufferLike,
    options: AllreduceOptions | undefined,
  ): [Call, unknown] {
    for (const key in options) if (key !== 'op') checkOptions(name, options, ['op'])
    const op = expectOp(options?.op ?? SUM)
    const { data, to, count, type } = this.#reduction(sendbuf, recvbuf)
    if (to === null) throw invalidArgument('a buffer', 'recvbuf', recvbuf)
    const opIndex = op.index
    return [
      (start) => native(this.handle, data, to, count, type.index, opIndex, start),
      [data, to, op],
    ]
  }

  /** {@link Reduce} on every rank. */
  Allreduce(sendbuf: BufferLike | InPlace, recvbuf: BufferLike, options?: AllreduceOptions): void {
    this.#run(...this.#reduceAll(mpi.allreduce, 'Allreduce', sendbuf, recvbuf, options))
  }

  /** {@link Allreduce} that is awaited. */
  Iallreduce(
    sendbuf: BufferLike | InPlace,
    recvbuf: BufferLike,
    options?: AllreduceOptions,
  ): Request<void> {
    return this.#start(...this.#reduceAll(mpi.allreduce, 'Iallreduce', sendbuf, recvbuf, options))
  }

  /** On rank i the combination of ranks 0 to i. */
  Scan(sendbuf: BufferLike | InPlace, recvbuf: BufferLike, options?: AllreduceOptions): void {
    this.#run(...this.#reduceAll(mpi.scan, 'Scan', sendbuf, recvbuf, options))
  }

  /** {@link Scan} that is awaited. */
  Iscan(
    sendbuf: BufferLike | InPlace,
    recvbuf: BufferLike,
    options?: AllreduceOptions,
  ): Request<void> {
    return this.#start(...this.#reduceAll(mpi.scan, 'Iscan', sendbuf, recvbuf, options))
  }

  /** On rank i the combination of ranks 0 to i - 1; on rank 0 `recvbuf` stays as it was. */
  Exscan(sendbuf: BufferLike | InPlace, recvbuf: BufferLike, options?: AllreduceOptions): void {
    this.#run(...this.#reduceAll(mpi.exscan, 'Exscan', sendbuf, recvbuf, options))
  }

  /** {@link Exscan} that is awaited. */
  Iexscan(
    sendbuf: BufferLike | InPlace,
    recvbuf: BufferLike,
    options?: AllreduceOptions,
  ): Request<void> {
    return this.#start(...this.#reduceAll(mpi.exscan, 'Iexscan', sendbuf, recvbuf, options))
  }

  #reduceScatter(
    name: string,
    sendbuf: BufferLike,
    recvbuf: BufferLike,
    options: AllreduceOptions | undefined,
  ): [Call, unknown] {
    for (const key in options) if (key !== 'op') checkOptions(name, options, ['op'])
    const op = expectOp(options?.op ?? SUM)
    const from = sharedAreaOf('sendbuf', sendbuf, this.size)
    const to = areaOf('recvbuf', recvbuf)
    if (to.count !== from.count) {
      throw invalidArgument(`${from.count} elements, a rank's part,`, 'recvbuf', to.data)
    }
    const { data, count, type } = from
    return [
      (start) =>
        mpi.reduceScatterBlock(this.handle, data, to.data, count, type.index, op.index, start),
      [data, to, op],
    ]
  }

  /** {@link Reduce}, of which each rank gets an equal part. */
  ReduceScatterBlock(sendbuf: BufferLike, recvbuf: BufferLike, options?: AllreduceOptions): void {
    this.#run(...this.#reduceScatter('ReduceScatterBlock', sendbuf, recvbuf, options))
  }

  /** {@link ReduceScatterBlock} that is awaited. */
  IreduceScatterBlock(
    sendbuf: BufferLike,
    recvbuf: BufferLike,
    options?: AllreduceOptions,
  ): Request<void> {
    return this.#start(...this.#reduceScatter('IreduceScatterBlock', sendbuf, recvbuf, options))
  }
}
