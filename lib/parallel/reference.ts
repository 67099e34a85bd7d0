// What is passed to tasks by reference: each such class says how it is made again on the other side.
import type { Memory } from './memory.js'

/** On an object: what its class needs to make it again around the same memory. */
export const reference = Symbol.for('numcore.reference')

export interface Reference {
  kind: string
  memory: Memory
  /** Plain data. */
  details: readonly unknown[]
}

export interface Referable {
  [reference](): Reference
}

type Reviver = (memory: Memory, details: readonly unknown[]) => object

const revivers = new Map<string, Reviver>()

export function registerReviver(kind: string, revive: Reviver): void {
  revivers.set(kind, revive)
}

export function revive(kind: string, memory: Memory, details: readonly unknown[]): object {
  const make = revivers.get(kind)
  if (make === undefined) throw new Error(`Expected a known kind of reference but received ${kind}`)
  return make(memory, details)
}

export function isReferable(value: object): value is Referable {
  return reference in value
}
