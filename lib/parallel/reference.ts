// What is passed to tasks by reference: each such class says how it is made again on the other side.
import type { Memory } from './memory.js'

/** On an object: what its class needs to make it again around the same memory. */
export const reference = Symbol.for('numcore.reference')

export interface Reference {
  kind: string
  memory: Memory
  /** Plain data. */
  details: readonly unknown[]
  /** A copy is of use where the memory cannot be shared. */
  copyable?: true
}

export interface Referable {
  [reference](): Reference
}

export function isReferable(value: object): value is Referable {
  return reference in value
}
