/** Collective operations on arrays: all ranks of a communicator call them, in the same order. */
import { invalidArgument } from '../errors.js'
import type { NativeArea } from '../native/mpi.js'
import {
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
import { PointToPoint } from './point-to-point.js'
import {
  type Call,
  type Optional,
  perform,
  prepared,
  started,
  type Words,
  words,
} from './prepared.js'
import type { Request } from './request.js'
import { mpi } from './runtime.js'

/** {@link Words} of a buffer with a part for each rank. */
type VectorWords = [
  data: NativeArea,
  counts: Int32Array | null,
  places: Int32Array | null,
  type: number,
]

const vectorWords = ({ data, counts, places, type }: VectorArea): VectorWords => [
  data,
  counts,
  places,
  type.index,
]
const own = (name: string, given: BufferLike | InPlace): Words =>
  words(given === IN_PLACE ? inPlace : areaOf(name, given))

/** @internal */
export abstract class ArrayCollectives extends PointToPoint {
  /** A buffer with an equal part for each rank. */
  #shared(name: string, given: BufferLike | InPlace): Words {
    return words(given === IN_PLACE ? inPlace : sharedAreaOf(name, given, this.size))
  }

  /** A buffer that matters on the root only; `none` elsewhere. */
  #atRoot<T, W>(
    name: string,
    given: Optional<T>,
    root: number,
    read: (name: string, given: T, ranks: number) => W,
    none: W,
  ): W {
    if (this.rank !== root) return none
    if (given === null || given === undefined)
      throw invalidArgument('a buffer on the root', name, given)
    return read(name, given, this.size)
  }

  #sharedAtRoot(name: string, given: Optional<BufferLike>, root: number): Words {
    return words(this.#atRoot(name, given, root, sharedAreaOf, nothing))
  }

  #vectorAtRoot(name: string, given: Optional<VectorPart>, root: number): VectorWords {
    return vectorWords(this.#atRoot(name, given, root, vectorOf, noVector))
  }

  #barrier(): Call {
    return prepared(mpi.barrier, this.handle)
  }

  /** Waits until all ranks are here. */
  barrier(): void {
    perform(this.#barrier())
  }

  /** {@link barrier} that is awaited. */
  ibarrier(): Request<void> {
    return started(this.#barrier())
  }

  /** {@link barrier}; it moves no data, so both spellings are the same. */
  Barrier(): void {
    this.barrier()
  }

  Ibarrier(): Request<void> {
    return this.ibarrier()
  }

  #bcast(name: string, buffer: BufferLike, options: RootOptions | undefined): Call {
    const root = rootOf(name, options, this.size)
    return prepared(mpi.bcast, this.handle, ...words(areaOf('buffer', buffer)), root)
  }

  /** The root's array for all: each rank gives one of the same length. */
  Bcast(buffer: BufferLike, options?: RootOptions): void {
    perform(this.#bcast('Bcast', buffer, options))
  }

  /** {@link Bcast} that is awaited. */
  Ibcast(buffer: BufferLike, options?: RootOptions): Request<void> {
    return started(this.#bcast('Ibcast', buffer, options))
  }

  #gather(
    name: string,
    sendbuf: BufferLike | InPlace,
    recvbuf: Optional<BufferLike>,
    options: RootOptions | undefined,
  ): Call {
    const root = rootOf(name, options, this.size)
    const from = own('sendbuf', sendbuf)
    const to = this.#sharedAtRoot('recvbuf', recvbuf, root)
    return prepared(mpi.gather, this.handle, ...from, ...to, root)
  }

  /** All ranks' arrays, one after another, on the root; they are of one length. `recvbuf` matters there only. */
  Gather(
    sendbuf: BufferLike | InPlace,
    recvbuf?: Optional<BufferLike>,
    options?: RootOptions,
  ): void {
    perform(this.#gather('Gather', sendbuf, recvbuf, options))
  }

  /** {@link Gather} that is awaited. */
  Igather(
    sendbuf: BufferLike | InPlace,
    recvbuf?: Optional<BufferLike>,
    options?: RootOptions,
  ): Request<void> {
    return started(this.#gather('Igather', sendbuf, recvbuf, options))
  }

  #scatter(
    name: string,
    sendbuf: Optional<BufferLike>,
    recvbuf: BufferLike | InPlace,
    options: RootOptions | undefined,
  ): Call {
    const root = rootOf(name, options, this.size)
    const from = this.#sharedAtRoot('sendbuf', sendbuf, root)
    return prepared(mpi.scatter, this.handle, ...from, ...own('recvbuf', recvbuf), root)
  }

  /** An equal part of the root's array for each rank. `sendbuf` matters there only. */
  Scatter(
    sendbuf: Optional<BufferLike>,
    recvbuf: BufferLike | InPlace,
    options?: RootOptions,
  ): void {
    perform(this.#scatter('Scatter', sendbuf, recvbuf, options))
  }

  /** {@link Scatter} that is awaited. */
  Iscatter(
    sendbuf: Optional<BufferLike>,
    recvbuf: BufferLike | InPlace,
    options?: RootOptions,
  ): Request<void> {
    return started(this.#scatter('Iscatter', sendbuf, recvbuf, options))
  }

  #gatherv(
    name: string,
    sendbuf: BufferLike | InPlace,
    recvbuf: Optional<VectorPart>,
    options: RootOptions | undefined,
  ): Call {
    const root = rootOf(name, options, this.size)
    const from = own('sendbuf', sendbuf)
    const to = this.#vectorAtRoot('recvbuf', recvbuf, root)
    return prepared(mpi.gatherv, this.handle, ...from, ...to, root)
  }

  /** {@link Gather} of arrays of different lengths: `recvbuf` tells how many elements each rank gives, and where they go. */
  Gatherv(
    sendbuf: BufferLike | InPlace,
    recvbuf?: Optional<VectorPart>,
    options?: RootOptions,
  ): void {
    perform(this.#gatherv('Gatherv', sendbuf, recvbuf, options))
  }

  /** {@link Gatherv} that is awaited. */
  Igatherv(
    sendbuf: BufferLike | InPlace,
    recvbuf?: Optional<VectorPart>,
    options?: RootOptions,
  ): Request<void> {
    return started(this.#gatherv('Igatherv', sendbuf, recvbuf, options))
  }

  #scatterv(
    name: string,
    sendbuf: Optional<VectorPart>,
    recvbuf: BufferLike | InPlace,
    options: RootOptions | undefined,
  ): Call {
    const root = rootOf(name, options, this.size)
    const from = this.#vectorAtRoot('sendbuf', sendbuf, root)
    return prepared(mpi.scatterv, this.handle, ...from, ...own('recvbuf', recvbuf), root)
  }

  /** {@link Scatter} of parts of different lengths. */
  Scatterv(
    sendbuf: Optional<VectorPart>,
    recvbuf: BufferLike | InPlace,
    options?: RootOptions,
  ): void {
    perform(this.#scatterv('Scatterv', sendbuf, recvbuf, options))
  }

  /** {@link Scatterv} that is awaited. */
  Iscatterv(
    sendbuf: Optional<VectorPart>,
    recvbuf: BufferLike | InPlace,
    options?: RootOptions,
  ): Request<void> {
    return started(this.#scatterv('Iscatterv', sendbuf, recvbuf, options))
  }

  #allgather(sendbuf: BufferLike | InPlace, recvbuf: BufferLike): Call {
    const from = own('sendbuf', sendbuf)
    return prepared(mpi.allgather, this.handle, ...from, ...this.#shared('recvbuf', recvbuf))
  }

  /** {@link Gather} on every rank. */
  Allgather(sendbuf: BufferLike | InPlace, recvbuf: BufferLike): void {
    perform(this.#allgather(sendbuf, recvbuf))
  }

  /** {@link Allgather} that is awaited. */
  Iallgather(sendbuf: BufferLike | InPlace, recvbuf: BufferLike): Request<void> {
    return started(this.#allgather(sendbuf, recvbuf))
  }

  #alltoall(sendbuf: BufferLike | InPlace, recvbuf: BufferLike): Call {
    const from = this.#shared('sendbuf', sendbuf)
    return prepared(mpi.alltoall, this.handle, ...from, ...this.#shared('recvbuf', recvbuf))
  }

  /** Part j of rank i's array becomes part i of rank j's. */
  Alltoall(sendbuf: BufferLike | InPlace, recvbuf: BufferLike): void {
    perform(this.#alltoall(sendbuf, recvbuf))
  }

  /** {@link Alltoall} that is awaited. */
  Ialltoall(sendbuf: BufferLike | InPlace, recvbuf: BufferLike): Request<void> {
    return started(this.#alltoall(sendbuf, recvbuf))
  }

  #allgatherv(sendbuf: BufferLike | InPlace, recvbuf: VectorPart): Call {
    const from = own('sendbuf', sendbuf)
    const to = vectorWords(vectorOf('recvbuf', recvbuf, this.size))
    return prepared(mpi.allgatherv, this.handle, ...from, ...to)
  }

  /** {@link Gatherv} on every rank. */
  Allgatherv(sendbuf: BufferLike | InPlace, recvbuf: VectorPart): void {
    perform(this.#allgatherv(sendbuf, recvbuf))
  }

  /** {@link Allgatherv} that is awaited. */
  Iallgatherv(sendbuf: BufferLike | InPlace, recvbuf: VectorPart): Request<void> {
    return started(this.#allgatherv(sendbuf, recvbuf))
  }

  #alltoallv(sendbuf: VectorPart | InPlace, recvbuf: VectorPart): Call {
    const from = sendbuf === IN_PLACE ? inPlaceVector : vectorOf('sendbuf', sendbuf, this.size)
    const to = vectorOf('recvbuf', recvbuf, this.size)
    return prepared(mpi.alltoallv, this.handle, ...vectorWords(from), ...vectorWords(to))
  }

  /** {@link Alltoall} of parts of different lengths. */
  Alltoallv(sendbuf: VectorPart | InPlace, recvbuf: VectorPart): void {
    perform(this.#alltoallv(sendbuf, recvbuf))
  }

  /** {@link Alltoallv} that is awaited. */
  Ialltoallv(sendbuf: VectorPart | InPlace, recvbuf: VectorPart): Request<void> {
    return started(this.#alltoallv(sendbuf, recvbuf))
  }
}
