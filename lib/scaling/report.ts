// What a measurement comes to: the data that `--json` prints, the files hold and the figures draw.
// Later versions add fields (fits, peers, roof, verdict); a field that is here keeps its meaning.
import type { Interval } from './statistics.js'

export const schema = 'numcore-scaling/1'

/** One run of the harness. */
export interface Report {
  schema: typeof schema
  /** When the measuring began, ISO 8601 in UTC. */
  started: string
  /** How long all of it took, set-up included. */
  elapsedSeconds: number
  settings: Settings
  machine: Machine
  tasks: TaskReport[]
  /** What the caller should know: more threads than CPUs, idle threads that spin. */
  warnings: string[]
  /** Set when the run was ended early; everything in the report was measured all the same. */
  partial?: true
}

/** What the caller chose, defaults filled in. */
export interface Settings {
  threads: number[]
  repeats: number
  /** Of the order of the rounds and of the bootstrap. */
  seed: number
}

/** All that is needed to measure the same again. */
export interface Machine {
  cpu: string
  /** CPUs of the machine. */
  cpus: number
  /** Ids of those that this process may run on. */
  affinity: number[]
  /** CPUs' worth of time that the cgroup grants; null: no limit. */
  cgroupQuota: number | null
  /** min(affinity, quota rounded up). */
  available: number
  memoryBytes: number
  /** Load average of the last minute when the measuring began: above 0.5, somebody else was busy. */
  load: number
  system: string
  node: string
  numcore: string
  openblas: { version: string; config: string; coreType: string; threadingLayer: string }
  /** OMP_*, GOMP_* and OPENBLAS_* variables of the parent; the children get all but OMP_NUM_THREADS. */
  variables: { name: string; value: string; hasSay: boolean; note: string }[]
}

export interface TaskReport {
  task: string
  title: string
  description: string
  size: number
  /** Of `rate`: `Gflop/s`. */
  unit: string
  /** The thread count that speed-ups refer to: the smallest that was measured. null: none was. */
  baseline: number | null
  /** By rising thread count. */
  points: Point[]
  failures: Failure[]
}

/** One task with one thread count. */
export interface Point {
  threads: number
  /** Per evaluation. `low` and `high`: 95 % bootstrap interval of the median; `runs` in time order. */
  seconds: Interval & { min: number; runs: number[] }
  /** Relative to the baseline, with its 95 % bootstrap interval. */
  speedup: Interval
  /** speed-up / (threads / baseline); 1 is ideal. */
  efficiency: number
  /** Serial fraction after Karp and Flatt; null for the baseline itself. */
  karpFlatt: number | null
  /** Work per second at the median, in `unit` of the task. */
  rate: number
  /** Evaluations inside one timed run; more than 1 where one alone is too short to time. */
  batch: number
  /**
   * CPUs' worth of time: `busy` used while timed, `idle` used while it waited beside others for its
   * turn (should be 0), `others` used by other programs while this one was timed (should be 0 too).
   */
  cpu: { busy: number; idle: number; others: number }
  /** First 16 hex digits of the SHA-256 of the result's bytes; `varies` when runs disagreed. */
  bits: string
}

/** A thread count that could not be measured to the end. */
export interface Failure {
  threads: number
  stage: 'set-up' | 'warm-up' | 'run'
  message: string
}

/** True when every thread count gave the same bytes; undefined when there is nothing to compare. */
export function sameBits(task: TaskReport): boolean | undefined {
  const [first, ...rest] = task.points
  if (first === undefined) return undefined
  if (first.bits === 'varies') return false
  return rest.length === 0 ? undefined : rest.every(({ bits }) => bits === first.bits)
}
