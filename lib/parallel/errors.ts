/** Errors of executors, shared memory and locks. */
import { NumcoreError } from '../errors.js'

/** A function or a value that cannot be sent to a worker, or that a worker does not find. */
export class TaskError extends NumcoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_TASK', message, options)
  }
}

/** A worker started the program again that started the worker. */
export class ReentryError extends NumcoreError {
  constructor(message: string) {
    super('ERR_REENTRY', message)
  }
}

/**
 * The worker of a task ended before the task did. `signal` names what killed a process ("SIGKILL"),
 * `exitCode` is what it (or the thread) exited with; one of them is null.
 */
export class BrokenWorkerError extends NumcoreError {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  constructor(
    message: string,
    exitCode: number | null,
    signal: NodeJS.Signals | null,
    options?: ErrorOptions,
  ) {
    super('ERR_BROKEN_WORKER', message, options)
    this.exitCode = exitCode
    this.signal = signal
  }
}

/** Workers cannot be started, for the reason in `cause`; every task of the pool fails with it. */
export class BrokenPoolError extends NumcoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_BROKEN_POOL', message, options)
  }
}

/** The pool takes no more tasks, or was terminated before the task was done. */
export class PoolClosedError extends NumcoreError {
  constructor(message: string) {
    super('ERR_POOL_CLOSED', message)
  }
}

/** What was waited for did not come in time. */
export class TimeoutError extends NumcoreError {
  constructor(message: string) {
    super('ERR_TIMEOUT', message)
  }
}

/** Shared memory could not be made, opened or sent. */
export class SharedMemoryError extends NumcoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_SHARED_MEMORY', message, options)
  }
}

/** A lock is released by who does not hold it, or waited for by who does. */
export class LockError extends NumcoreError {
  constructor(message: string) {
    super('ERR_LOCK', message)
  }
}

/** A barrier was aborted, reset, or left by one who waited for too long. */
export class BrokenBarrierError extends NumcoreError {
  constructor(message: string) {
    super('ERR_BROKEN_BARRIER', message)
  }
}
