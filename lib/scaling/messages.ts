// What parent and child of a measurement say to each other. One question, one answer, in turns.
import type { TaskOptions } from './tasks/task.js'

export type ToChild =
  | { type: 'set-up'; module: string; options: TaskOptions }
  | { type: 'warm-up'; shortest: number }
  | { type: 'run' }

export type FromChild =
  | { type: 'set'; threads: number; size: number; description: string; work: number }
  | { type: 'ready'; batch: number }
  | {
      type: 'ran'
      seconds: number
      bits: string
      /** CPUs' worth of time used while timed. */
      busy: number
      /** CPU seconds that other programs used meanwhile. */
      others: number
      /** CPU seconds used, and seconds passed, since the answer before. */
      idle: { cpu: number; seconds: number }
    }
  | { type: 'failed'; message: string }
