// The measuring itself: children are started, asked in turns in random order, and ended.

import { threadsOf } from './format.js'
import { mostBytes } from './machine.js'
import type { Filled } from './measure.js'
import { nodeBytes, type Spot } from './plan.js'
import { Interrupted, Probe, ProbeError } from './probe.js'
import type { TaskReport } from './report.js'
import { randomNumbers, shuffled } from './statistics.js'

/** A point while it is measured. */
export interface Running extends Spot {
  module: string
  probe?: Probe
  batch: number
  work: number
  runs: number[]
  bits: Set<string>
  busy: number[]
  others: { cpu: number; seconds: number }
  idle: { cpu: number; seconds: number }
  failed: boolean
}

// Milliseconds between one child's answer and the next one's question: libgomp's threads spin for a
// few milliseconds after a parallel region before they sleep, and must not do so on another's time.
const settle = 20

/** The children that live together: started, asked in turns, ended. */
export class Session {
  readonly #options: Filled
  readonly #reports: readonly TaskReport[]
  readonly #random: () => number
  readonly #steps: number
  #done = 0

  constructor(options: Filled, points: readonly Running[], reports: readonly TaskReport[]) {
    this.#options = options
    this.#reports = reports
    this.#random = randomNumbers(options.seed)
    this.#steps = points.length * (options.repeats + 2)
  }

  async run(points: readonly Running[]): Promise<void> {
    const { repeats, signal } = this.#options
    if (signal?.aborted) return
    try {
      for (const point of points) await this.#attempt(point, () => this.#start(point))
      for (let round = 1; round <= repeats && !signal?.aborted; ++round) {
        for (const point of shuffled(points, this.#random)) {
          await this.#attempt(point, () => this.#time(point, round))
        }
      }
      // Nobody else was there whom it could have disturbed.
      if (points.length === 1)
        for (const { idle } of points) Object.assign(idle, { cpu: 0, seconds: 0 })
    } finally {
      await Promise.all(points.map(({ probe }) => probe?.end()))
    }
  }

  // One failing child is a line in the report, not the end of it.
  async #attempt(point: Running, step: () => Promise<void>): Promise<void> {
    const { signal } = this.#options
    if (point.failed || signal?.aborted) return
    try {
      await step()
    } catch (error) {
      // Ctrl-C goes to the children as well, and one may die of it before we hear of it ourselves.
      if (!(error instanceof Interrupted)) await pause(50)
      if (signal?.aborted) return
      if (!(error instanceof ProbeError)) throw error
      point.failed = true
      const { stage, message } = error
      this.#reportOf(point.task).failures.push({ threads: point.threads, stage, message })
      await point.probe?.end()
    }
  }

  async #start(point: Running): Promise<void> {
    const { threads } = point
    const { task, timeout, signal, shortest } = this.#options
    this.#step(point, 'set-up', 0)
    const most = mostBytes()
    if (point.bytes + nodeBytes > most) {
      const message = `needs about ${gigabytes(point.bytes)} of memory, ${gigabytes(most)} are free`
      throw new ProbeError('set-up', message)
    }
    point.probe = new Probe({ threads, timeout, signal })
    const set = await point.probe.setUp(point.module, task)
    if (set.threads !== threads) {
      throw new ProbeError('set-up', `the child got ${set.threads} threads, not ${threads}`)
    }
    Object.assign(this.#reportOf(point.task), { size: set.size, description: set.description })
    point.work = set.work
    this.#step(point, 'warm-up')
    point.batch = (await point.probe.warmUp(shortest)).batch
    this.#done += 1
  }

  async #time(point: Running, round: number): Promise<void> {
    this.#step(point, `run ${round} of ${this.#options.repeats}`, 0)
    // The threads of the child before spin for a moment before they sleep.
    await pause(settle)
    const answer = await (point.probe as Probe).run()
    point.runs.push(answer.seconds)
    point.bits.add(answer.bits)
    point.busy.push(answer.busy)
    point.others.cpu += answer.others
    point.others.seconds += answer.seconds * point.batch
    point.idle.cpu += answer.idle.cpu
    point.idle.seconds += answer.idle.seconds
    this.#done += 1
  }

  #reportOf(task: string): TaskReport {
    return this.#reports.find((report) => report.task === task) as TaskReport
  }

  #step({ task, threads }: Running, what: string, finished = 1): void {
    this.#done += finished
    this.#options.onProgress(this.#done / this.#steps, `${task}, ${threadsOf(threads)}, ${what}`)
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GB`
