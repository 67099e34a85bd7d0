// Threads versus time: which children to start, in which order to ask them, what the answers come to.
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { FileError, invalidArgument } from '../errors.js'
import { checkOptions, expectInteger, expectOneOf, expectString } from '../options.js'
import { info, maxThreads } from '../threads.js'
import { evaluate } from './evaluate.js'
import { freeBytes, machine } from './machine.js'
import { group, powersOfTwo } from './plan.js'
import { type Report, schema, type TaskReport } from './report.js'
import { type Running, Session } from './session.js'
import { builtIn, type TaskModule } from './tasks/index.js'
import type { Task, TaskOptions } from './tasks/task.js'

export interface MeasureOptions {
  /** Names of tasks: `inverse`, `integral`, `acf`. Default: all of them. */
  tasks?: readonly string[] | undefined
  /** Default: 1, 2, 4, ... and the number a call would get, see `info().threads`. */
  threads?: readonly number[] | undefined
  /** Order of the matrix of `inverse`, default 4000. */
  size?: number | undefined
  /** Bins of `integral`, default 1e8. */
  bins?: number | undefined
  /** A UTF-8 text file for `acf`; default Moby Dick. */
  text?: string | undefined
  /** Timed runs of every point, default 5. A warm-up comes before and is not counted. */
  repeats?: number | undefined
  /** Of the order of the runs and of the bootstrap, default 1. */
  seed?: number | undefined
  /** Seconds that a child may take for its set-up, its warm-up or one run; default 600. */
  timeout?: number | undefined
  /** Seconds below which one evaluation is repeated inside a run, and the time divided; 0.05. */
  shortest?: number | undefined
  /** Ends the run early; what was measured so far is the report then, with `partial: true`. */
  signal?: AbortSignal | undefined
  /** Told after every step: the part that is done, and what is being done. */
  onProgress?: ((fraction: number, note: string) => void) | undefined
  /** Told what the report's `warnings` say, as soon as it is known. */
  onWarning?: ((message: string) => void) | undefined
}

const knownOptions: readonly (keyof MeasureOptions)[] = [
  'tasks',
  'threads',
  'size',
  'bins',
  'text',
  'repeats',
  'seed',
  'timeout',
  'shortest',
  'signal',
  'onProgress',
  'onWarning',
]

export interface Filled {
  tasks: readonly TaskModule[]
  threads: readonly number[]
  task: TaskOptions
  repeats: number
  seed: number
  timeout: number
  shortest: number
  signal: AbortSignal | undefined
  onProgress: (fraction: number, note: string) => void
  onWarning: (message: string) => void
}

/**
 * Measures how the time of each task depends on the number of threads. Every (task, threads) is a
 * fresh child process with `OMP_NUM_THREADS` set; the runs of all of them are interleaved in random
 * order, and only one child works at a time. A child that fails is named in `failures` and ends
 * nothing but its own row. See docs/scaling.md for the method.
 *
 * @throws InvalidArgumentError for a bad option, FileError for a text that cannot be read.
 *
 * @example
 * ```ts
 * import { measure } from 'numcore/scaling'
 * const report = await measure({ tasks: ['integral'], bins: 1e6, threads: [1, 2], repeats: 3 })
 * for (const { threads, seconds } of report.tasks[0].points) console.log(threads, seconds.median)
 * ```
 */
export function measure(options: MeasureOptions = {}): Promise<Report> {
  return measureTasks(options, builtIn)
}

/** {@link measure} with the tasks to choose from: the tests bring some that crash and hang. */
export async function measureTasks(
  given: MeasureOptions,
  known: readonly TaskModule[],
): Promise<Report> {
  const options = fill(given, known)
  const started = new Date()
  const header = machine()
  const warnings: string[] = []
  const warn = (message: string) => {
    warnings.push(message)
    options.onWarning(message)
  }
  warnOfTooMany(options.threads, header.available, warn)
  if (options.tasks.some(({ task }) => task.name === 'acf')) await checkText(options.task.text)

  const reports = options.tasks.map(({ task }) => blank(task))
  const points = options.tasks.flatMap((each) =>
    options.threads.map((n) => planned(each, n, options)),
  )
  const session = new Session(options, points, reports)
  for (const children of groups(points, warn)) await session.run(children)
  for (const report of reports) {
    const own = points.filter(({ task, runs }) => task === report.task && runs.length > 0)
    evaluate(report, own, options.seed)
  }
  return {
    schema,
    started: started.toISOString(),
    elapsedSeconds: (Date.now() - started.getTime()) / 1e3,
    settings: { threads: [...options.threads], repeats: options.repeats, seed: options.seed },
    machine: header,
    tasks: reports,
    warnings,
    ...(options.signal?.aborted ? { partial: true as const } : {}),
  }
}

function fill(given: MeasureOptions, known: readonly TaskModule[]): Filled {
  const options: MeasureOptions = checkOptions('measure', given, knownOptions)
  const { size, bins, text, timeout = 600, shortest = 0.05 } = options
  if (size !== undefined) expectInteger('size', size, 1)
  if (bins !== undefined) expectInteger('bins', bins, 1)
  if (text !== undefined) expectString('text', text)
  expectPositive('timeout', timeout)
  expectPositive('shortest', shortest)
  return {
    tasks: chosen(options.tasks, known),
    threads: threadCounts(options.threads),
    task: { size, bins, text },
    repeats: expectInteger('repeats', options.repeats ?? 5, 1, 10_000),
    seed: expectInteger('seed', options.seed ?? 1, 0, 2 ** 32 - 1),
    timeout,
    shortest,
    signal: options.signal,
    onProgress: options.onProgress ?? (() => {}),
    onWarning: options.onWarning ?? emitWarning,
  }
}

function chosen(names: readonly string[] | undefined, known: readonly TaskModule[]): TaskModule[] {
  if (names === undefined || names.length === 0) return [...known]
  const possible = known.map(({ task }) => task.name)
  const wanted = new Set(names.map((name) => expectOneOf('task', name, possible)))
  return [...wanted].map((name) => known.find(({ task }) => task.name === name) as TaskModule)
}

function threadCounts(given: readonly number[] | undefined): number[] {
  if (given === undefined) return powersOfTwo(info().threads.count)
  if (!Array.isArray(given) || given.length === 0) {
    throw invalidArgument('at least one thread count', 'threads', given)
  }
  const counts = given.map((count) => expectInteger('threads', count, 1, maxThreads))
  return [...new Set(counts)].sort((a, b) => a - b)
}

function expectPositive(name: string, value: number): void {
  // A timer cannot wait for longer than 2^31 ms.
  if (!(value > 0 && value <= 2e6))
    throw invalidArgument('seconds above 0, at most 2e6', name, value)
}

function emitWarning(message: string): void {
  process.emitWarning(message, { type: 'NumcoreWarning', code: 'NUMCORE_SCALING' })
}

function warnOfTooMany(
  threads: readonly number[],
  available: number,
  warn: (message: string) => void,
): void {
  const many = threads.filter((count) => count > available)
  if (many.length === 0) return
  const cpus = available === 1 ? 'the one CPU' : `the ${available} CPUs`
  warn(`${many.join(', ')} threads are more than ${cpus} available: expect no speed from them`)
}

// Before the first child starts, not after it: a wrong name must not cost a minute.
async function checkText(path: string | undefined): Promise<void> {
  if (path === undefined) return
  try {
    await access(path, constants.R_OK)
    if (!(await stat(path)).isDirectory()) return
  } catch (cause) {
    throw new FileError(`Cannot read '${path}': ${(cause as Error).message}`, path, { cause })
  }
  throw new FileError(`Cannot read '${path}': it is a directory`, path)
}

function blank(task: Task): TaskReport {
  return {
    task: task.name,
    title: task.title,
    description: '',
    size: 0,
    unit: task.unit,
    baseline: null,
    points: [],
    failures: [],
  }
}

function planned({ task, module }: TaskModule, threads: number, options: Filled): Running {
  return {
    task: task.name,
    threads,
    bytes: task.bytes(options.task),
    module,
    batch: 1,
    work: 0,
    runs: [],
    bits: new Set(),
    busy: [],
    others: { cpu: 0, seconds: 0 },
    idle: { cpu: 0, seconds: 0 },
    failed: false,
  }
}

// Idle children sleep, unless the environment tells OpenMP to keep its threads spinning: then they
// would take the CPUs from the one that is measured, so each child has the machine for itself.
function groups(points: readonly Running[], warn: (message: string) => void): Running[][] {
  const spinning =
    /^active$/i.test(process.env.OMP_WAIT_POLICY ?? '') || 'GOMP_SPINCOUNT' in process.env
  if (!spinning) return group(points, freeBytes() / 2)
  warn('OMP_WAIT_POLICY or GOMP_SPINCOUNT lets idle threads spin: rows are measured one by one')
  return points.map((point) => [point])
}
