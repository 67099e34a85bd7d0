// What a measurement comes to: the data that `--json` prints, the files hold and the figures draw.
// Later versions add fields; a field that is here keeps its meaning. docs/scaling.md describes them.
import type { AmdahlFit, GustafsonFit, UslFit } from './fits.js'
import type { Noise } from './noise.js'
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
  /** The reference kernel, round by round, and whether the machine was too noisy to say anything. */
  noise: Noise
  /** What the machine can do at most, measured in the same run. */
  roofs: Roof[]
  tasks: TaskReport[]
  /** What the caller should know: more threads than CPUs, idle threads that spin. */
  warnings: string[]
  /** Set when the run was ended early; everything in the report was measured all the same. */
  partial?: true
}

/** What the caller chose, defaults filled in. */
export interface Settings {
  /** Of the process; with `ranks`, of each rank. */
  threads: number[]
  /** Numbers of ranks under mpirun; null: without MPI. */
  ranks: number[] | null
  /** The MPI of the ranks, as its launcher calls itself: `Open MPI 4.1.4`. */
  mpi: string | null
  /** A fresh process for every row, or one that is told the thread count before each run. */
  mode: 'process' | 'in-process'
  /** The same work for every thread count, or work that grows with it. */
  scaling: 'strong' | 'weak'
  /** Timed runs of each row; null: until the intervals are narrow. */
  repeats: number | null
  /** Half the width of a 95 % interval, relative to the median, that is narrow enough. */
  precision: number
  /** Seconds for all of it; null: no limit was set. */
  budget: number | null
  /** Of the order of the rounds and of the bootstrap. */
  seed: number
}

/** All that is needed to measure the same again. What the system does not tell is null. */
export interface Machine {
  cpu: string
  /** CPUs of the machine. */
  cpus: number
  /** Physical cores of the machine, and CPUs that each shows: 2 with SMT. */
  cores: number | null
  threadsPerCore: number | null
  /** Ids of the CPUs that this process may run on. */
  affinity: number[]
  /** CPUs' worth of time that the cgroup grants; null: no limit. */
  cgroupQuota: number | null
  /** min(affinity, quota rounded up). */
  available: number
  numaNodes: number | null
  /** Of the first CPU: what it is specified for, the most it may reach, and now. */
  megahertz: { base: number | null; max: number | null; now: number | null }
  governor: string | null
  boost: boolean | null
  /** Of the first CPU, as the system writes them: `L2 1024K`. */
  caches: string[]
  /** Runs on a virtual machine: frequencies and neighbours are the host's. */
  virtual: boolean
  memoryBytes: number
  /** Load average of the last minute when the measuring began: above 0.5, somebody else was busy. */
  load: number
  system: string
  node: string
  numcore: string
  openblas: { version: string; config: string; coreType: string; coreTypeSource: string; threadingLayer: string }
  /** OMP_*, GOMP_* and OPENBLAS_* variables of the parent; the children get all but OMP_NUM_THREADS. */
  variables: { name: string; value: string; hasSay: boolean; note: string }[]
  /** Whether energy and cycles could be read; else why not. */
  counters: { energy: string; cycles: string }
}

/** One of the machine's rates: `flops` (matrix products), `bytes` (memory copy), `roots` (square roots). */
export interface Roof {
  name: RoofName
  points: { threads: number; perSecond: Interval }[]
}
export type RoofName = 'flops' | 'bytes' | 'roots'

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
  fits: Fits
  /** By name and rising thread count. */
  peers: Peer[]
  failures: Failure[]
  /** Peers that were asked for and could not take part, with the reason. */
  missing: { name: string; reason: string }[]
  /** What came out and what limits it, in words: sentences, the first of them the outcome. */
  verdict: string[]
}

export interface Fits {
  /** From two thread counts on, for strong scaling. */
  amdahl: AmdahlFit | null
  /** From four thread counts on. */
  usl: UslFit | null
  /** From two thread counts on, for weak scaling. */
  gustafson: GustafsonFit | null
}

/** One task with one thread count. */
export interface Point {
  /** Of all ranks together. */
  threads: number
  /** MPI ranks that share the threads evenly; null: one process without MPI. */
  ranks: number | null
  /** As `size` of the task, which grows with the threads in weak scaling. */
  size: number
  /** Per evaluation. `low` and `high`: 95 % bootstrap interval of the median; `runs` in time order. */
  seconds: Seconds
  /** Work per time relative to the baseline, with its 95 % bootstrap interval. */
  speedup: Interval
  /** speed-up / (threads / baseline); 1 is ideal. */
  efficiency: number
  /** Serial fraction after Karp and Flatt; null for the baseline itself and for weak scaling. */
  karpFlatt: number | null
  /** Work per second at the median, in `unit` of the task. */
  rate: number
  /** The highest rate that this machine allows with so many threads, in `unit`; null: not known. */
  roof: number | null
  /** rate / roof. */
  ofRoof: number | null
  /** Which of the machine's rates the roof is, or `own` for a roof that the task brought. */
  roofName: RoofName | 'own' | null
  /** Floating-point operations a byte of memory traffic, where the task tells both. */
  intensity: number | null
  /** Floating-point operations of one evaluation, where the task tells them. */
  flops: number | null
  /** Evaluations inside one timed run; more than 1 where one alone is too short to time. */
  batch: number
  /** Runs that were left out because the reference kernel of their round was off. */
  dropped: number
  /**
   * CPUs' worth of time: `busy` used while timed, `idle` used while it waited beside others for its
   * turn (should be 0), `others` used by other programs while this one was timed (should be 0 too).
   */
  cpu: { busy: number; idle: number; others: number }
  /** First 16 hex digits of the SHA-256 of the result's bytes; `varies` when runs disagreed; null: no result. */
  bits: string | null
  /** How wrong the result is, by the measure named; null where the task has none. */
  error: { name: string; value: number } | null
  /** Of one evaluation, of the whole processor; null where it cannot be read. */
  joules: number | null
  /** Processor cycles and instructions of one evaluation, all threads; null where they cannot be read. */
  cycles: { cycles: number; instructions: number } | null
}

export type Seconds = Interval & { min: number; runs: number[] }

/** Another implementation of the same task, measured in the same run. */
export interface Peer {
  name: string
  /** Version, BLAS and thread count as the peer's own process reports them. */
  version: string
  blas: string
  reportedThreads: number | null
  /** The thread count that it was given. */
  threads: number
  seconds: Seconds
  /** Time of the peer over ours at the same thread count: above 1, the peer is slower. */
  ratio: Interval | null
}

/** A thread count that could not be measured to the end. */
export interface Failure {
  threads: number
  ranks: number | null
  /** `numcore`, or the name of a peer. */
  who: string
  stage: 'set-up' | 'warm-up' | 'run'
  message: string
}

/** True when every thread count gave the same bytes; undefined when there is nothing to compare. */
export function sameBits(task: TaskReport): boolean | undefined {
  // Work that grows gives another result.
  const points = task.points.filter(({ bits, size }) => bits !== null && size === task.size)
  const [first, ...rest] = points
  if (first === undefined) return undefined
  if (points.some(({ bits }) => bits === 'varies')) return false
  return rest.length === 0 ? undefined : rest.every(({ bits }) => bits === first.bits)
}
