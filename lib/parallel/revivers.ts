// Makes again what came by reference. Loaded when something has come: most workers never see such a thing.
import { Barrier } from './barrier.js'
import { Lock } from './lock.js'
import type { Memory } from './memory.js'
import { Semaphore } from './semaphore.js'
import { Revived, SharedArray } from './shared-array.js'
import { SharedValue } from './shared-value.js'

// The constructors take this in the place of what they take from others.
const around = (memory: Memory) => new Revived(memory) as never

const makers: Readonly<Record<string, (memory: Memory, details: readonly unknown[]) => object>> = {
  Barrier: (memory) => new Barrier(around(memory)),
  Lock: (memory) => new Lock(around(memory)),
  Semaphore: (memory) => new Semaphore(around(memory)),
  SharedArray: (memory, [type]) => new SharedArray(type as 'float64', around(memory)),
  SharedValue: (memory, [type]) => new SharedValue(type as 'float64', around(memory)),
}

/** @param details What the class put into its {@link Reference}. */
export function revive(kind: string, memory: Memory, details: readonly unknown[]): object {
  const make = makers[kind]
  if (make === undefined) throw new Error(`Expected a known kind of reference but received ${kind}`)
  return make(memory, details)
}
