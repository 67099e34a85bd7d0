// The measuring itself: children are started, asked in turns in random order, and ended.
import type { Clock } from './clock.js'
import { countCycles } from './cycles.js'
import { layoutOf, threadsOf } from './format.js'
import { mostBytes } from './machine.js'
import type { Filled } from './measure.js'
import { fewest, offRounds } from './noise.js'
import { nodeBytes } from './plan.js'
import { Interrupted, Probe, ProbeError } from './probe.js'
import type { RoofName, TaskReport } from './report.js'
import { referenceTask, roofTask } from './roofs/index.js'
import { innerRow, roofsNeeded, type Row } from './rows.js'
import { bootstrapMedian, randomNumbers, relativeWidth, shuffled } from './statistics.js'

// Milliseconds between one child's answer and the next one's question: libgomp's threads spin for a
// few milliseconds after a parallel region before they sleep, and must not do so on another's time.
const settle = 20
/** Rounds after which the intervals are as narrow as they will get. */
const mostRounds = 100

/** Rows that live together are measured together; the reference kernel is beside them in every round. */
export class Session {
  readonly #options: Filled
  readonly #clock: Clock
  readonly #reports: readonly TaskReport[]
  readonly #random: () => number
  readonly #reference: Row
  readonly #roofs = new Map<string, Row>()
  /** Mean of the two times that the reference kernel took in each round. */
  readonly reference: number[] = []
  #steps: number
  #done = 0
  #told = 0

  constructor(options: Filled, clock: Clock, rows: readonly Row[], reports: readonly TaskReport[]) {
    this.#options = options
    this.#clock = clock
    this.#reports = reports
    this.#random = randomNumbers(options.seed)
    this.#steps = rows.length * (2 + (options.repeats ?? fewest))
    this.#reference = innerRow('reference', referenceTask, options.referenceThreads)
  }

  get roofs(): Row[] {
    return [...this.#roofs.values()]
  }

  /** `share` is the part of the time that is left which these rows may take. */
  async run(rows: readonly Row[], share: number): Promise<void> {
    const { signal } = this.#options
    if (signal?.aborted) return
    this.#clock.share(share)
    // Of a budget, the one half is for runs that count.
    const half = this.#clock.left / 2
    const all = [...rows]
    try {
      for (const row of rows) await this.#attempt(row, all, () => this.#start(row, all, half))
      for (const row of this.#inner(rows)) {
        all.push(row)
        await this.#attempt(row, all, () => this.#start(row, all, half / 2))
      }
      await this.#spareTheSlow(all)
      const live = all.filter(({ failed, role }) => !failed && role !== 'reference')
      // Nothing but roofs is nothing to measure.
      if (live.some(({ role }) => role !== 'roof')) await this.#rounds(live, all)
      for (const row of live) {
        if (row.role === 'task') await this.#attempt(row, all, () => this.#count(row))
      }
      // Nobody else was there whom it could have disturbed.
      if (all.length === 1) Object.assign(all[0]?.idle ?? {}, { cpu: 0, seconds: 0 })
      for (const row of live) if (row.runs.length === 0) this.#unmeasured(row)
    } finally {
      await Promise.all([...new Set(all.map(({ probe }) => probe))].map((probe) => probe?.end()))
      for (const row of all) delete row.probe
    }
  }

  // Where the budget is not enough for three rounds of everything, the slowest peers go first.
  async #spareTheSlow(all: readonly Row[]): Promise<void> {
    const wanted = Math.min(3, this.#options.repeats ?? 3)
    const peers = all.filter(({ role, failed }) => role === 'peer' && !failed)
    peers.sort((a, b) => b.lasts - a.lasts)
    for (const peer of peers) {
      const live = all.filter(({ failed }) => !failed)
      const round = live.reduce((sum, { lasts }) => sum + lasts, 0)
      if (wanted * round <= this.#clock.left) return
      const seconds = peer.lasts.toPrecision(2)
      const message = `takes ${seconds} s a run with ${threadsOf(peer.threads)}, too much for the budget`
      await this.#fail(peer, all, new ProbeError('warm-up', message, 'absent'))
    }
  }

  // The time was over before its turn came, or in the middle of it.
  #unmeasured(row: Row): void {
    if (this.#options.signal?.aborted) return
    const told = this.#reportOf(row)?.failures.some(
      ({ who, threads, ranks }) => who === row.who && threads === row.threads && ranks === row.ranks,
    )
    if (!told) this.#tell(row, 'run', this.#clock.spent, row.role === 'peer')
  }

  // The roofs that these rows ask for, and the reference kernel.
  #inner(rows: readonly Row[]): Row[] {
    const { layouts, roofs, alone } = this.#options
    if (alone) return []
    const threads = [...new Set(layouts.map((each) => each.threads))]
    const row = (name: RoofName, count: number) => {
      const key = `${name} ${count}`
      const known = this.#roofs.get(key) ?? innerRow('roof', roofTask(name), count)
      this.#roofs.set(key, known)
      return known
    }
    const wanted = roofs ? roofsNeeded(rows.filter(({ failed }) => !failed)) : []
    this.#reference.failed = false
    return [...wanted.flatMap((name) => threads.map((count) => row(name, count))), this.#reference]
  }

  async #rounds(rows: readonly Row[], all: readonly Row[]): Promise<void> {
    const { repeats, signal } = this.#options
    const end = this.#clock.elapsed + this.#clock.spare
    const most = repeats ?? mostRounds
    for (let round = 1; round <= most && !signal?.aborted && this.#clock.left > 0; ++round) {
      const open = rows.filter((row) => !row.failed && (repeats !== null || !this.#narrow(row)))
      const due = open.filter((row) => this.#affordable(row, round, end))
      if (due.every(({ role }) => role === 'roof')) break
      const number = this.reference.length
      const before = await this.#refer(all)
      for (const row of shuffled(due, this.#random)) {
        await this.#attempt(row, all, () => this.#time(row, round, number))
      }
      const after = await this.#refer(all)
      this.reference.push(((before ?? 0) + (after ?? before ?? 0)) / 2)
    }
  }

  // Enough is known of it: its interval is narrow, by the runs of the rounds that count.
  #narrow({ runs }: Row): boolean {
    const dropped = offRounds(this.reference)
    const kept = runs.filter(({ round }) => !dropped[round]).map(({ seconds }) => seconds)
    if (kept.length < fewest) return false
    const interval = bootstrapMedian(kept, { resamples: 400 })
    return relativeWidth(interval) <= this.#options.precision
  }

  // A run is not begun when it would not end in time. The first rounds only have to fit into a budget that was set.
  #affordable({ lasts }: Row, round: number, end: number): boolean {
    if (lasts > this.#clock.left) return false
    const must = round <= (this.#options.repeats ?? fewest)
    return must || this.#clock.elapsed + lasts <= end
  }

  async #refer(all: readonly Row[]): Promise<number | undefined> {
    const row = this.#reference
    if (row.failed || row.probe === undefined) return undefined
    let seconds: number | undefined
    await this.#attempt(row, all, async () => {
      seconds = (await this.#ask(row, 'run')).seconds
    })
    return seconds
  }

  // One failing child is a line in the report, not the end of it.
  async #attempt(row: Row, all: readonly Row[], step: () => Promise<void>): Promise<void> {
    const { signal } = this.#options
    if (row.failed || signal?.aborted) return
    try {
      await step()
    } catch (error) {
      if (signal?.aborted || error instanceof Interrupted) return
      if (!(error instanceof ProbeError)) throw error
      await this.#fail(row, all, error)
    }
  }

  async #fail(
    row: Row,
    all: readonly Row[],
    { stage, message, kind }: ProbeError,
  ): Promise<void> {
    row.failed = true
    // What was measured before the budget was spent is no failure.
    if (kind !== 'late' || row.runs.length === 0) {
      this.#tell(row, stage, message, kind === 'absent' || (kind === 'late' && row.role === 'peer'))
    }
    const sharing = all.filter((each) => each !== row && each.probe && each.probe === row.probe)
    const others = sharing.filter(({ failed }) => !failed)
    const lost = kind === 'lost' || kind === 'late'
    if (!lost && others.length > 0) return
    await row.probe?.end()
    for (const other of others) {
      other.failed = true
      if (kind === 'late' && other.runs.length > 0) continue
      this.#tell(other, stage, `its process was lost with ${layoutOf(row)}`, false)
    }
  }

  #reportOf({ task }: Row): TaskReport | undefined {
    return this.#reports.find((each) => each.task === task)
  }

  #tell(row: Row, stage: ProbeError['stage'], message: string, absent: boolean): void {
    const { threads, ranks, who, role } = row
    const report = this.#reportOf(row)
    if (report === undefined) {
      // Roofs and the reference kernel are ours: without them columns stay empty, and a warning says why.
      if (message === this.#clock.spent) return
      const name = role === 'roof' ? `roof ${who}` : 'reference kernel'
      this.#options.warn(`the ${name} with ${threadsOf(threads)} failed at the ${stage}: ${message}`)
    } else if (!absent) report.failures.push({ threads, ranks, who, stage, message })
    else if (!report.missing.some(({ name }) => name === who)) {
      report.missing.push({ name: who, reason: message })
    }
  }

  async #start(row: Row, all: readonly Row[], reserve: number): Promise<void> {
    const { threads, role } = row
    const { timeout, signal, shortest } = this.#options
    this.#step(row, 'set-up', 0)
    const most = mostBytes()
    if (row.bytes + nodeBytes > most) {
      const message = `needs about ${gigabytes(row.bytes)} of memory, ${gigabytes(most)} are free`
      throw new ProbeError('set-up', message)
    }
    if (this.#clock.left < reserve) throw new ProbeError('set-up', this.#clock.spent, 'late')
    const running = all.find((each) => each.process === row.process && each.probe !== undefined)
    row.probe = running?.probe ?? new Probe(row.launch, signal)
    const { module, task, setting, input } = row
    const question = { type: 'set-up', module, task, setting, input } as const
    const patience = this.#clock.patience(timeout, reserve)
    const set = await row.probe.setUp(question, patience)
    if (role === 'peer') this.#checkEstimate(set.estimate)
    else if (set.threads !== threads) {
      throw new ProbeError('set-up', `the child got ${set.threads} threads, not ${threads}`, 'lost')
    }
    Object.assign(row, {
      size: set.size,
      work: set.work ?? 0,
      needs: set.needs,
      roof: set.roof,
      unit: set.unit,
      version: set.version ?? '',
      blas: set.blas ?? '',
      reported: set.threads,
    })
    if (role === 'task') {
      const report = this.#reportOf(row) as TaskReport
      // Of the smallest thread count: for work that grows, the others are larger.
      if (report.size === 0) Object.assign(report, { size: set.size, description: set.description })
      report.unit = set.unit ?? report.unit
    }
    this.#step(row, 'warm-up')
    row.batch = await this.#warmUp(row, shortest, reserve)
    this.#done += 1
  }

  #checkEstimate(seconds = 0): void {
    const most = Math.min(this.#options.timeout, Math.max(0, this.#clock.spare) / 10)
    if (seconds <= most) return
    throw new ProbeError('set-up', `would take about ${seconds.toPrecision(2)} s a run`, 'absent')
  }

  // Pages are touched, caches and branch predictors filled, threads started: none of that is counted.
  // A run that is too short to time is repeated inside one measurement, here we find how often.
  async #warmUp(row: Row, shortest: number, reserve: number): Promise<number> {
    const time = async (batch: number) => {
      row.batch = batch
      return (await this.#ask(row, 'warm-up', reserve)).seconds
    }
    let batch = 1
    let seconds = await time(batch)
    // Of so long a run what comes once is a small part.
    if (seconds >= 10 * shortest) return batch
    seconds = await time(batch)
    while (seconds < shortest) {
      batch = Math.max(batch * 2, Math.ceil((0.5 * batch * shortest) / Math.max(seconds, 1e-9)))
      seconds = await time(batch)
    }
    return batch > 1 ? Math.ceil((1.1 * batch * shortest) / seconds) : batch
  }

  async #ask(row: Row, stage: 'warm-up' | 'run', reserve = 0) {
    // The threads of the child before spin for a moment before they sleep.
    await pause(settle)
    const began = performance.now()
    const patience = this.#clock.patience(this.#options.timeout, reserve)
    const answer = await (row.probe as Probe).run(row.threads, row.batch, stage, patience)
    row.lasts = (performance.now() - began + settle) / 1e3
    if (answer.error !== undefined) row.error = answer.error
    return answer
  }

  async #time(row: Row, round: number, number: number): Promise<void> {
    const { repeats } = this.#options
    this.#step(row, repeats === null ? `run ${round}` : `run ${round} of ${repeats}`, 0)
    const answer = await this.#ask(row, 'run')
    const { batch, idle, others } = row
    row.runs.push({ round: number, seconds: answer.seconds / batch })
    if (answer.bits !== undefined) row.bits.add(answer.bits)
    if (answer.busy !== undefined) row.busy.push(answer.busy)
    if (answer.joules !== undefined) row.joules.push(answer.joules / batch)
    others.cpu += answer.others ?? 0
    others.seconds += answer.seconds
    idle.cpu += answer.idle?.cpu ?? 0
    idle.seconds += answer.idle?.seconds ?? 0
    this.#done += 1
  }

  async #count(row: Row): Promise<void> {
    const pid = row.probe?.pid
    // Of a job, perf would count the launcher.
    if (!this.#options.cycles || row.ranks !== null) return
    if (pid === undefined || row.lasts > this.#clock.left) return
    const counted = await countCycles(pid, () => this.#ask(row, 'run'))
    if (counted === undefined) return
    const { cycles, instructions } = counted
    row.cycles = { cycles: cycles / row.batch, instructions: instructions / row.batch }
  }

  #step(row: Row, what: string, finished = 1): void {
    const { task, who, role } = row
    this.#done += finished
    this.#steps = Math.max(this.#steps, this.#done + 1)
    const name = role === 'task' ? task : role === 'peer' ? `${task} by ${who}` : `roof of ${who}`
    this.#told = Math.max(this.#told, Math.min(1, this.#done / this.#steps))
    if (role !== 'reference') this.#options.onProgress(this.#told, `${name}, ${layoutOf(row)}, ${what}`)
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GB`
