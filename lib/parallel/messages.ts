// What the program and its workers say to each other.
import type { EncodedValue } from './failure.js'
import type { TaskPlace } from './task.js'
import type { Laid } from './tray.js'
import type { Items, Packed, Way } from './wire.js'

/** The inputs of a chunk, or its results. */
export type Content = Items | { laid: Laid }

/** What a worker is told when it is started, by workerData or the first message. */
export interface Start {
  type: 'start'
  id: number
  depth: number
  mark: string
  /** From the program to here. */
  way: Way
  /** The parent process; the worker does not outlive it. */
  parent: number
  /** Threads for each call of numcore; processes have it in OMP_NUM_THREADS. Undefined: it is for a rank to say. */
  threads: number | undefined
  initializer?: { place: TaskPlace; args: Packed }
}

export type ToWorker =
  | Start
  /** What `run` means by `key` from here on. */
  | { type: 'define'; key: number; place: TaskPlace; bound: Packed }
  | { type: 'forget'; key: number }
  /** Calls the function with each item, or (`spread`) with each item's elements. */
  | { type: 'run'; key: number; spread: boolean; items: Content }
  /** What was lent with a result has been taken. */
  | { type: 'received' }
  | { type: 'end' }

export type FromWorker =
  | { type: 'ready' }
  | { type: 'not-ready'; error: EncodedValue }
  /** Results of the items in order, all of them unless there is an error. `lent`: say when they are received. */
  | { type: 'ran'; results: Content; lent: boolean; error?: EncodedValue }
