// How a command ends that failed: with which exit code, and what is said about it.
import { inspect } from 'node:util'
import { NumcoreError } from '../errors.js'
import { CommanderError } from './commander.js'

export interface Failure {
  /** 1 the work failed, 2 the arguments were wrong; 0 for help and the like, which end a command in the same way. */
  code: number
  /** Empty when it has been said. */
  text: string
}

/** A failure that has been put into words already, by whoever saw it. */
export class ReportedError extends Error {
  readonly failure: Failure
  constructor(failure: Failure) {
    super(failure.text)
    this.failure = failure
  }
}

export function failureOf(error: unknown): Failure {
  if (error instanceof ReportedError) return error.failure
  // Commander has printed its message already; help and version are not failures.
  if (error instanceof CommanderError) return { code: error.exitCode === 0 ? 0 : 2, text: '' }
  if (error instanceof NumcoreError) {
    const isArgument = error.code === 'ERR_INVALID_ARGUMENT' || error.code === 'ERR_PARSE'
    return { code: isArgument ? 2 : 1, text: `numcore: ${error.message}` }
  }
  return { code: 1, text: inspect(error) }
}
