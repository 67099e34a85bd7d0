/**
 * numcore/parallel: pools of threads and processes in the words of Python's `concurrent.futures` and
 * `multiprocessing`, memory that workers share, and locks. docs/parallel.md is the guide.
 */
export { Barrier } from './barrier.js'
export type { Inputs } from './chunks.js'
export * from './errors.js'
export {
  type ApplyOptions,
  Executor,
  type ExecutorOptions,
  type IterateOptions,
  type MapOptions,
} from './executor.js'
export type { ErrorClass } from './failure.js'
export { Lock, LockGuard } from './lock.js'
export type { Between } from './memory.js'
export { Pool, ProcessPoolExecutor, ThreadPoolExecutor } from './pools.js'
export { Semaphore } from './semaphore.js'
export {
  type ElementOf,
  SharedArray,
  type SharedArrays,
  type SharedOptions,
  type SharedType,
} from './shared-array.js'
export { SharedValue } from './shared-value.js'
export { Partial, partial, Task, type TaskFunction, task } from './task.js'
export { move } from './wire.js'
export { isMain, workerId } from './worker-state.js'
export type { WaitOptions, WaitSyncOptions } from './words.js'
