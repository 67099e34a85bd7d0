/**
 * Every error that numcore throws or rejects with, in one table. Each class derives from
 * {@link NumcoreError} and has a `code`, so that programs can test for it without reading sentences.
 */

/** The codes and what they mean. */
export const errorCodes = {
  ERR_INVALID_ARGUMENT: 'an argument or option is of the wrong type, out of range, or unknown',
  ERR_SHAPE: 'the dimensions do not fit the operation, or the data do not fit the dimensions',
  ERR_NOT_FINITE: 'NaN or infinity where a finite number is needed',
  ERR_SINGULAR: 'the matrix has no inverse',
  ERR_NOT_POSITIVE_DEFINITE: 'the matrix was declared positive definite and is not',
  ERR_NO_CONVERGENCE: 'an iteration did not come to an end within its steps',
  ERR_PARSE: 'an expression does not follow the grammar',
  ERR_INVALID_UTF8: 'a text is not valid UTF-8',
  ERR_FORMAT: 'a file is not in the format it should have',
  ERR_FILE: 'a file could not be read or written',
  ERR_OUT_OF_MEMORY: 'there is not enough memory for the result or the work space',
  ERR_TASK: 'a task cannot be sent to a worker or found by it',
  ERR_REENTRY: 'a worker started the program again that started the worker',
  ERR_BROKEN_WORKER: 'the worker of a task ended before the task did',
  ERR_BROKEN_POOL: 'the workers of a pool cannot be started',
  ERR_POOL_CLOSED: 'the pool takes no more tasks, or was terminated',
  ERR_TIMEOUT: 'what was waited for did not come in time',
  ERR_SHARED_MEMORY: 'shared memory could not be made, opened or sent',
  ERR_LOCK: 'a lock is released by who does not hold it, or waited for by who does',
  ERR_BROKEN_BARRIER: 'a barrier was aborted, reset, or left by one who waited for too long',
  ERR_NATIVE_LOAD: 'the native add-on could not be loaded',
  ERR_NO_MPI: 'there is no MPI library, or not the one that belongs to the launcher',
  ERR_NO_SCALAPACK: 'there is no ScaLAPACK library for the MPI that is used',
  ERR_MPI: 'an MPI routine failed',
  ERR_INTERNAL: 'a fault of numcore itself: please report it',
} as const

export type ErrorCode = keyof typeof errorCodes

/** Base of all errors of numcore. */
export class NumcoreError extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

export class InvalidArgumentError extends NumcoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_INVALID_ARGUMENT', message, options)
  }
}

export class ShapeError extends NumcoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_SHAPE', message, options)
  }
}

/** `index` is the place in the data: an index into the array, or row x columns + column. */
export class NotFiniteError extends NumcoreError {
  readonly index: number
  constructor(message: string, index: number) {
    super('ERR_NOT_FINITE', message)
    this.index = index
  }
}

/** `pivot` is the 0-based row or column at which elimination found nothing to divide by. */
export class SingularError extends NumcoreError {
  readonly pivot: number
  constructor(message: string, pivot: number, code: 'ERR_SINGULAR' | 'ERR_NOT_POSITIVE_DEFINITE') {
    super(code, message)
    this.pivot = pivot
  }
}

/** An eigenvalue or singular value iteration failed; `index` is the 0-based place at which it gave up. */
export class ConvergenceError extends NumcoreError {
  readonly index: number
  constructor(message: string, index: number) {
    super('ERR_NO_CONVERGENCE', message)
    this.index = index
  }
}

/** `column` counts from 1, in the UTF-16 units of `source`. */
export class ParseError extends NumcoreError {
  readonly source: string
  readonly column: number
  constructor(message: string, source: string, column: number) {
    super('ERR_PARSE', message)
    this.source = source
    this.column = column
  }
}

/** `offset` is the first byte that cannot belong to valid UTF-8, counted from 0. */
export class EncodingError extends NumcoreError {
  readonly offset: number
  constructor(message: string, offset: number) {
    super('ERR_INVALID_UTF8', message)
    this.offset = offset
  }
}

export class FormatError extends NumcoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_FORMAT', message, options)
  }
}

export class FileError extends NumcoreError {
  readonly path: string
  constructor(message: string, path: string, options?: ErrorOptions) {
    super('ERR_FILE', message, options)
    this.path = path
  }
}

export class OutOfMemoryError extends NumcoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_OUT_OF_MEMORY', message, options)
  }
}

export class NativeLoadError extends NumcoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_NATIVE_LOAD', message, options)
  }
}

export class NoMpiError extends NumcoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_NO_MPI', message, options)
  }
}

export class NoScalapackError extends NumcoreError {
  constructor(message: string, options?: ErrorOptions) {
    super('ERR_NO_SCALAPACK', message, options)
  }
}

/**
 * An MPI routine failed. `errorClass` is the standard's name, such as `'ERR_TRUNCATE'`; `errorCode` and
 * `errorString` are the implementation's own.
 */
export class MpiError extends NumcoreError {
  readonly routine: string
  readonly errorCode: number
  readonly errorClass: string
  readonly errorString: string
  constructor(routine: string, errorCode: number, errorClass: string, errorString: string) {
    super('ERR_MPI', `${routine}: ${errorString} (${errorClass}, code ${errorCode})`)
    this.routine = routine
    this.errorCode = errorCode
    this.errorClass = errorClass
    this.errorString = errorString
  }
}

const longestShown = 60

/** How a value appears in a message: short, unmistakable, never running user code. */
export function show(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.length > longestShown ? `${value.slice(0, longestShown)}…` : value
    return JSON.stringify(text)
  }
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'symbol') return 'a symbol'
  if (typeof value === 'function') return 'a function'
  if (Object.is(value, -0)) return '-0'
  if (value === null || typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (ArrayBuffer.isView(value) && 'length' in value) return `an array of ${String(value.length)}`
  return 'an object'
}

/** The type a message names: the class for objects, `typeof` for the rest. */
export function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return typeof value
  const prototype: unknown = Object.getPrototypeOf(value)
  const name: unknown =
    typeof prototype === 'object' && prototype !== null && 'constructor' in prototype
      ? (prototype.constructor as { name?: unknown } | undefined)?.name
      : undefined
  return typeof name === 'string' && name !== '' ? name : 'object'
}

/** The one sentence: `Expected <what> for <name> but received <value> of type <type>`. */
export function sentence(what: string, name: string, value: unknown): string {
  return `Expected ${what} for ${name} but received ${show(value)} of type ${typeName(value)}`
}

export function invalidArgument(what: string, name: string, value: unknown): InvalidArgumentError {
  return new InvalidArgumentError(sentence(what, name, value))
}

/** What the add-on puts on the errors it makes; a family gives them their class and sentence. */
export interface NativeFailure extends Error {
  code: ErrorCode | 'ABORT'
  /** A pivot, byte offset, column or index, when the failure has a place. */
  where?: number
}

export function isNativeFailure(error: unknown): error is NativeFailure {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}

/** The part of the translation that is the same for every family. */
export function fromNative(error: unknown): unknown {
  if (!isNativeFailure(error) || error instanceof NumcoreError) return error
  if (error.code === 'ERR_OUT_OF_MEMORY') return new OutOfMemoryError(error.message)
  if (Object.hasOwn(errorCodes, error.code)) {
    return new NumcoreError(error.code as ErrorCode, error.message, { cause: error })
  }
  return error
}
