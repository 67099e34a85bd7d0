/** What the add-on of numcore/mpi offers: native/mpi. Handles are indices; -1 stands for none. */

/** Binary interfaces of MPI: Open MPI 3 to 5; MPICH and what shares its interface (Intel MPI, MVAPICH, Cray MPICH). */
export type MpiFlavour = 'openmpi' | 'mpich'

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array

/** Memory: true is MPI_IN_PLACE, null is none. */
export type NativeArea = TypedArray | true | null

export interface NativeType {
  index: number
  /** Bytes of data in an element. */
  size: number
  /** Bytes from one element to the next. */
  extent: number
}

export interface NativeMpiInfo {
  /** 0 single, 1 funneled, 2 serialized, 3 multiple. */
  provided: number
  version: string
  library: string
  host: string
  tagLimit: number
  constants: Readonly<Record<string, number>>
  errorClasses: Readonly<Record<string, number>>
  types: Readonly<Record<string, NativeType>>
  ops: Readonly<Record<string, number>>
  /** Source, tag, bytes, cancelled: of the last receive, probe or completion. */
  status: Float64Array
  /** What the next transfer is to do: lib/mpi/transfer.ts. */
  frame: Float64Array
}

type Slot = number
/** The index of a request when started, else nothing. */
type Started = Slot | undefined

export interface NativeMpi {
  init(
    level: number,
    makeError: (routine: string, code: number, family: number, sentence: string) => Error,
  ): NativeMpiInfo
  setScratch(memory: Uint8Array): void
  /** For tests: more elements than this travel as those beyond 2^31 do. */
  setMostElements(count: number): void
  finalize(): void
  finalized(): boolean
  abort(comm: number, code: number): void
  yieldCore(): void
  /** Asks for large pages in memory that is going to be filled. */
  useLargePages(memory: TypedArray): void
  wtime(): number
  wtick(): number

  typeContiguous(count: number, type: number): NativeType
  typeVector(count: number, blockLength: number, stride: number, type: number): NativeType
  typeIndexed(count: number, lengths: Int32Array, places: Int32Array, type: number): NativeType
  typeSubarray(
    dimensions: number,
    sizes: Int32Array,
    subsizes: Int32Array,
    starts: Int32Array,
    type: number,
  ): NativeType
  typeResized(extent: number, type: number): NativeType
  typeFree(type: number): void

  opCreate(apply: (from: TypedArray, to: TypedArray) => void, commutes: boolean): number
  opFree(op: number): void
  reduceLocal(from: TypedArray, to: TypedArray, count: number, type: number, op: number): void

  /** These take everything but the memory from the frame: lib/mpi/transfer.ts. */
  send(data: NativeArea): void
  isend(data: NativeArea): Slot
  sendInit(data: NativeArea): Slot
  recv(data: NativeArea): void
  irecv(data: NativeArea): Slot
  recvInit(data: NativeArea): Slot
  sendrecv(
    comm: number,
    sent: NativeArea,
    sentCount: number,
    sentType: number,
    dest: number,
    sendtag: number,
    received: NativeArea,
    count: number,
    type: number,
    source: number,
    recvtag: number,
  ): void
  probe(comm: number, source: number, tag: number): void
  iprobe(comm: number, source: number, tag: number): boolean
  mprobe(comm: number, source: number, tag: number): number
  improbe(comm: number, source: number, tag: number): number
  mrecv(message: number, data: NativeArea, count: number, type: number): void
  imrecv(message: number, data: NativeArea, count: number, type: number): Slot
  /** Bytes in the scratch memory, or -1 - message for one that does not fit. */
  receiveObject(comm: number, source: number, tag: number): number
  /** The same, or undefined when there is no message. */
  pollObject(comm: number, source: number, tag: number): number | undefined

  wait(request: Slot): void
  test(request: Slot): boolean
  spin(request: Slot, microseconds: number): boolean
  testSome(
    requests: Int32Array,
    count: number,
    done: Int32Array,
    statuses: Float64Array,
    codes: Int32Array,
  ): number
  cancel(request: Slot): void
  start(request: Slot): void
  requestFree(request: Slot): void
  raiseCode(code: number): never

  barrier(comm: number, start: boolean): Started
  bcast(
    comm: number,
    data: NativeArea,
    count: number,
    type: number,
    root: number,
    start: boolean,
  ): Started
  gather: RootedPair
  scatter: RootedPair
  allgather: Pair
  alltoall: Pair
  gatherv(
    comm: number,
    sent: NativeArea,
    sentCount: number,
    sentType: number,
    received: NativeArea,
    counts: Int32Array | null,
    places: Int32Array | null,
    type: number,
    root: number,
    start: boolean,
  ): Started
  scatterv(
    comm: number,
    sent: NativeArea,
    counts: Int32Array | null,
    places: Int32Array | null,
    sentType: number,
    received: NativeArea,
    count: number,
    type: number,
    root: number,
    start: boolean,
  ): Started
  allgatherv(
    comm: number,
    sent: NativeArea,
    sentCount: number,
    sentType: number,
    received: NativeArea,
    counts: Int32Array | null,
    places: Int32Array | null,
    type: number,
    start: boolean,
  ): Started
  alltoallv(
    comm: number,
    sent: NativeArea,
    sentCounts: Int32Array | null,
    sentPlaces: Int32Array | null,
    sentType: number,
    received: NativeArea,
    counts: Int32Array | null,
    places: Int32Array | null,
    type: number,
    start: boolean,
  ): Started
  reduce(
    comm: number,
    from: NativeArea,
    to: NativeArea,
    count: number,
    type: number,
    op: number,
    root: number,
    start: boolean,
  ): Started
  allreduce: Reduction
  scan: Reduction
  exscan: Reduction
  reduceScatterBlock: Reduction
  reduceScatter(
    comm: number,
    from: NativeArea,
    to: NativeArea,
    counts: Int32Array,
    type: number,
    op: number,
    start: boolean,
  ): Started

  commSize(comm: number): number
  commRank(comm: number): number
  commDup(comm: number): number
  commSplit(comm: number, color: number, key: number): number
  commSplitShared(comm: number, key: number): number
  commCreate(comm: number, group: number): number
  commCreateGroup(comm: number, group: number, tag: number): number
  commCompare(comm: number, other: number): number
  commSetName(comm: number, name: string): void
  commGetName(comm: number): string
  commFree(comm: number): void
  dimensions(ranks: number, dims: Int32Array): void
  cartCreate(comm: number, dims: Int32Array, periods: Int32Array, reorder: boolean): number
  cartCoords(comm: number, rank: number, out: Int32Array): void
  cartRank(comm: number, coords: Int32Array): number
  cartShift(comm: number, direction: number, steps: number, out: Int32Array): void
  cartSub(comm: number, kept: Int32Array): number

  commGroup(comm: number): number
  groupPick(group: number, ranks: Int32Array, excluded: boolean): number
  groupUnion(group: number, other: number): number
  groupIntersection(group: number, other: number): number
  groupDifference(group: number, other: number): number
  groupSize(group: number): number
  groupRank(group: number): number
  groupCompare(group: number, other: number): number
  groupTranslate(group: number, ranks: Int32Array, other: number, out: Int32Array): void
  groupFree(group: number): void

  winAllocate(
    bytes: number,
    unit: number,
    comm: number,
    shared: boolean,
  ): { index: number; memory: ArrayBuffer }
  winCreate(data: TypedArray, unit: number, comm: number): { index: number }
  winShared(window: number, rank: number): ArrayBuffer
  winFree(window: number): void
  winFence(window: number, assertions: number): void
  winLock(window: number, kind: number, rank: number, assertions: number): void
  winUnlock(window: number, rank: number): void
  winFlush(window: number, rank: number): void
  winSync(window: number): void
  winPut: Access
  winGet: Access
  winAccumulate(
    window: number,
    data: TypedArray,
    count: number,
    type: number,
    target: number,
    at: number,
    op: number,
  ): void
  winGetAccumulate(
    window: number,
    data: TypedArray,
    count: number,
    type: number,
    target: number,
    at: number,
    op: number,
    result: TypedArray,
  ): void
  winCompareAndSwap(
    window: number,
    data: TypedArray,
    count: 1,
    type: number,
    target: number,
    at: number,
    expected: TypedArray,
    result: TypedArray,
  ): void

  fileOpen(comm: number, path: string, mode: number): number
  fileClose(file: number): void
  fileTransfer(
    file: number,
    offset: number,
    data: NativeArea,
    count: number,
    type: number,
    writing: boolean,
    collective: boolean,
  ): void
  fileStart(
    file: number,
    offset: number,
    data: NativeArea,
    count: number,
    type: number,
    writing: boolean,
  ): Slot
  fileView(file: number, displacement: number, elementType: number, fileType: number): void
  fileSize(file: number): number
  fileResize(file: number, bytes: number): void
  fileSync(file: number): void
  fileDelete(path: string): void

  /** Why the library cannot be used; undefined when it can. */
  scalapackOpen(file: string): string | undefined
  scalapackFiles(): { scalapack: string; blas: string }
  /** Whether another thread is at work with the other ranks. */
  computing(): boolean
  inverse: InverseOfParts
}

/** What `inverse` reports, the same on all ranks. */
export interface NativeInversion {
  /** In the order of `Verdict` in native/mpi/inverse.h. */
  verdict: number
  where: number
  value: number
  cholesky: boolean
  rcond: number
  residual: number
}

/** A part of null stands for memory that could not be had. Without `done` the caller waits. */
type InverseOfParts = (
  comm: number,
  part: Float64Array | Float32Array | null,
  order: number,
  block: number,
  gridRows: number,
  gridColumns: number,
  assume: number,
  threads: number,
  single: boolean,
  done: ((report: NativeInversion | undefined, error?: unknown) => void) | undefined,
) => NativeInversion | undefined

type Pair = (
  comm: number,
  sent: NativeArea,
  sentCount: number,
  sentType: number,
  received: NativeArea,
  count: number,
  type: number,
  start: boolean,
) => Started

type RootedPair = (
  comm: number,
  sent: NativeArea,
  sentCount: number,
  sentType: number,
  received: NativeArea,
  count: number,
  type: number,
  root: number,
  start: boolean,
) => Started

type Reduction = (
  comm: number,
  from: NativeArea,
  to: NativeArea,
  count: number,
  type: number,
  op: number,
  start: boolean,
) => Started

type Access = (
  window: number,
  data: TypedArray,
  count: number,
  type: number,
  target: number,
  at: number,
) => void
