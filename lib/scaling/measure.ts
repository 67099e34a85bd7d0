// Threads versus time: which children to start, in which order to ask them, what the answers come to.
import { Clock } from './clock.js'
import { whyNoCycles } from './cycles.js'
import { evaluate, relativeWidths } from './evaluate.js'
import { layoutOf } from './format.js'
import { freeBytes, machine } from './machine.js'
import { judge, offRounds } from './noise.js'
import { peerRows } from './peers/index.js'
import { group } from './plan.js'
import { type Report, schema, type TaskReport } from './report.js'
import { evaluateRoofs } from './roofs/evaluate.js'
import { type Row, taskRow } from './rows.js'
import { Session } from './session.js'
import { mpiName } from './mpi-name.js'
import { type Filled as Chosen, fill, type MeasureOptions } from './settings.js'
import type { Task } from './tasks/task.js'
import { verdict } from './verdict.js'

/** Seconds after which no round is added when no budget is set. */
const patience = 120

export interface Filled extends Chosen {
  /** Threads of the reference kernel. */
  referenceThreads: number
  /** Every row has the machine for itself: no roofs, no reference kernel beside it. */
  alone: boolean
  /** Count cycles after the rounds. */
  cycles: boolean
  warn: (message: string) => void
}

/**
 * Measures how the time of each task depends on the number of threads. Every (task, threads) is a
 * fresh child process with `OMP_NUM_THREADS` set; the runs of all of them, of the peers and of the machine's own
 * rates are interleaved in random order, and only one child works at a time. A child that fails is named in
 * `failures` and ends nothing but its own row. See docs/scaling.md for the method.
 *
 * Aborting `signal` does not reject: the promise resolves with what was measured, and `partial: true`.
 *
 * @throws InvalidArgumentError for a bad option and for more threads than CPUs without `oversubscribe`, FileError
 *   for a text or a module that cannot be read.
 *
 * @example
 * ```ts
 * import { measure } from 'numcore/scaling'
 * const report = await measure({ tasks: ['integral'], bins: 1e6, threads: [1], repeats: 3, roofs: false })
 * for (const { threads, seconds } of report.tasks[0].points) console.log(threads, seconds.median)
 * ```
 */
export async function measure(given: MeasureOptions = {}): Promise<Report> {
  const chosen = await fill(given)
  const started = new Date()
  const clock = new Clock(chosen.budget, patience)
  const cycles = whyNoCycles()
  const header = machine(cycles)
  const warnings: string[] = []
  const options: Filled = {
    ...chosen,
    referenceThreads: Math.min(most(chosen), header.available),
    alone: spins(),
    cycles: cycles === '',
    warn: (message) => {
      warnings.push(message)
      chosen.onWarning(message)
    },
  }
  warnOf(options, header.available)

  const reports = options.tasks.map(({ task }) => blank(task))
  const rows: Row[] = options.tasks.flatMap((each) => options.layouts.map((layout) => taskRow(each, layout, options)))
  await using peers = await peerRows(options, reports)
  rows.push(...peers.rows)
  const session = new Session(options, clock, rows, reports)
  const groups = options.alone ? rows.map((row) => [row]) : group(rows, freeBytes() / 2)
  let left = rows.length
  for (const together of groups) {
    await session.run(together, together.length / left)
    left -= together.length
  }

  const { reference } = session
  const dropped = offRounds(reference)
  const roofs = evaluateRoofs(session.roofs, dropped, options.seed)
  for (const report of reports) evaluate(report, rows, { roofs, dropped, options, available: header.available })
  const noise = judge(reference, relativeWidths(reports))
  const report: Report = {
    schema,
    started: started.toISOString(),
    elapsedSeconds: clock.elapsed,
    settings: {
      threads: [...options.threads],
      ranks: options.ranks === null ? null : [...options.ranks],
      mpi: options.ranks === null ? null : mpiName(),
      mode: options.inProcess ? 'in-process' : 'process',
      scaling: options.weak ? 'weak' : 'strong',
      repeats: options.repeats,
      precision: options.precision,
      budget: options.budget,
      seed: options.seed,
    },
    machine: header,
    noise,
    roofs,
    tasks: reports,
    warnings,
    ...(options.signal?.aborted ? { partial: true as const } : {}),
  }
  for (const task of reports) task.verdict = verdict(task, report)
  return report
}

const most = ({ layouts }: Chosen) => Math.max(...layouts.map(({ threads }) => threads))

function warnOf({ layouts, ranks, tooLarge, alone, warn }: Filled, available: number): void {
  const many = layouts.filter(({ threads }) => threads > available)
  const names = many.map((layout) => (ranks === null ? layout.threads : layoutOf(layout))).join(', ')
  const cpus = available === 1 ? 'the one CPU' : `the ${available} CPUs`
  if (many.length > 0) {
    warn(`${names}${ranks === null ? ' threads' : ''} are more than ${cpus} available: this shows the loss`)
  }
  if (tooLarge.length > 0) {
    warn(`${tooLarge.join(', ')} would be more than ${cpus} available: left out (--oversubscribe measures the loss)`)
  }
  if (alone) {
    warn(
      'OMP_WAIT_POLICY or GOMP_SPINCOUNT lets idle threads spin: rows are measured one by one, without roofs and reference kernel',
    )
  }
}

// Idle children sleep, unless the environment tells OpenMP to keep its threads spinning: then they
// would take the CPUs from the one that is measured, so each child has the machine for itself.
const spins = () =>
  /^active$/i.test(process.env.OMP_WAIT_POLICY ?? '') || 'GOMP_SPINCOUNT' in process.env

function blank(task: Task): TaskReport {
  return {
    task: task.name,
    title: task.title,
    description: '',
    size: 0,
    unit: task.unit,
    baseline: null,
    points: [],
    fits: { amdahl: null, usl: null, gustafson: null },
    peers: [],
    failures: [],
    missing: [],
    verdict: [],
  }
}
