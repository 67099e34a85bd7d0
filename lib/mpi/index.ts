/**
 * MPI: the one that the machine has, from the launcher that it comes with. Importing this module starts it
 * (MPI_Init_thread), a clean end of the program ends it.
 *
 * `NUMCORE_MPI` chooses the library (`openmpi`, `mpich` or a path); without it that of the launcher is taken, or the first
 * that is installed. `NUMCORE_MPI_THREADS` is the level of thread support that is asked for, default `multiple`.
 */
export { MpiError, NoMpiError } from '../errors.js'
export type { MpiFlavour } from '../native/mpi.js'
export {
  type BufferData,
  type BufferLike,
  type BufferPart,
  IN_PLACE,
  type InPlace,
  type VectorPart,
} from './buffer.js'
export type { AllreduceOptions, ReduceOptions } from './array-reductions.js'
export {
  Cartesian,
  type CartesianOptions,
  Comm,
  COMM_SELF,
  COMM_WORLD,
  dimensions,
  type SplitOptions,
} from './comm.js'
export { ANY_SOURCE, ANY_TAG, PROC_NULL, UNDEFINED } from './comm-core.js'
export {
  BYTE,
  COMPLEX,
  Datatype,
  DOUBLE,
  DOUBLE_COMPLEX,
  FLOAT,
  INT16,
  INT32,
  INT64,
  INT8,
  TWO_INT,
  UINT16,
  UINT32,
  UINT64,
  UINT8,
} from './datatype.js'
export * as distributed from './distributed/index.js'
export { File, type FileMode, type ViewOptions } from './file.js'
export { type Comparison, Group } from './group.js'
export { Message } from './message.js'
export type {
  AwaitedRecvOptions,
  ProbeOptions,
  RecvOptions,
  RootOptions,
  SendOptions,
  SendrecvOptions,
} from './message-options.js'
export type { ObjectAllreduceOptions, ObjectReduceOptions } from './object-collectives.js'
export {
  BAND,
  BOR,
  BXOR,
  type Combine,
  LAND,
  LOR,
  LXOR,
  MAX,
  MAXLOC,
  MIN,
  MINLOC,
  NO_OP,
  Op,
  type OpOptions,
  PROD,
  REPLACE,
  SUM,
} from './op.js'
export { MPIPoolExecutor } from './pool.js'
export { progress } from './progress.js'
export { Request, type Tested } from './request.js'
export {
  finalize,
  isFinalized,
  type MpiInfo,
  mpiInfo,
  processorName,
  type ThreadLevel,
  wtick,
  wtime,
} from './runtime.js'
export { Status } from './status.js'
export { PersistentRequest } from './steps.js'
export { type AccessOptions, type AccumulateOptions, type ArrayClass, Window } from './window.js'
