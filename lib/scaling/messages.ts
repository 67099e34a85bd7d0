// What parent and child of a measurement say to each other. One question, one answer, in turns. Children that are
// not Node (peers) get the same as lines of JSON on standard input and answer on standard output.
import type { Needs, Setting } from './tasks/task.js'

export type ToChild =
  /** `module` for Node: where the task is. `task` for peers: its name. */
  | { type: 'set-up'; module: string; task: string; setting: Setting; input: PeerInput }
  | { type: 'run'; threads: number; batch: number }

/** What peers need of a task and cannot make themselves. */
export interface PeerInput {
  /** For `acf`: a file of 32-bit word ids, and the ids of the words whose correlation is asked for. */
  ids?: string
  wanted?: number[]
  /** For `wordcount`: the book. */
  text?: string
}

export type FromChild = Set | Ran | { type: 'absent' | 'failed'; message: string }

export interface Set {
  type: 'set'
  /** Threads as the child counts them: what the thread count came to. */
  threads: number
  size: number
  description?: string
  work?: number
  unit?: string
  needs?: Needs
  roof?: number
  /** Of peers, as they tell it: `NumPy 1.24.2`, `OpenBLAS 0.3.21 Haswell`. */
  version?: string
  blas?: string
  /** What a peer that is far from `size` would take for one run, in seconds: its own estimate. */
  estimate?: number
}

export interface Ran {
  type: 'ran'
  /** Of the whole batch. */
  seconds: number
  bits?: string
  error?: { name: string; value: number }
  /** CPUs' worth of time used while timed. */
  busy?: number
  /** CPU seconds that other programs used meanwhile. */
  others?: number
  /** CPU seconds used, and seconds passed, since the answer before. */
  idle?: { cpu: number; seconds: number }
  /** Joules of the whole processor package during the batch. */
  joules?: number
}
