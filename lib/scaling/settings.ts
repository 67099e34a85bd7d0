// What can be asked of a measurement, checked and filled in.
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { FileError, InvalidArgumentError, invalidArgument } from '../errors.js'
import { checkOptions, expectBoolean, expectInteger, expectOneOf, expectString } from '../options.js'
import { info, maxThreads } from '../threads.js'
import { type PeerName, peerNames } from './peers/index.js'
import { layoutOf } from './format.js'
import { powersOfTwo } from './plan.js'
import type { Layout } from './rows.js'
import { commandName, task as commandTask, usesThreads } from './tasks/command.js'
import { builtIn, type TaskModule } from './tasks/index.js'
import { loadModule } from './tasks/module.js'
import type { TaskOptions } from './tasks/task.js'

export interface MeasureOptions extends TaskOptions {
  /** Names of tasks that come with numcore. Default: all, or none when modules or commands are given. */
  tasks?: readonly string[] | undefined
  /** Paths of modules that export `run(threads)`, see {@link UserModule}. */
  modules?: readonly string[] | undefined
  /** Commands for a shell, each run with OMP_NUM_THREADS set; `{threads}` in it is replaced by the number. */
  commands?: readonly string[] | undefined
  /** Other implementations to measure beside ours: `numpy`, `scipy`, `numba`, `octave`, `ml-matrix`. */
  peers?: readonly string[] | undefined
  /** Default: 1, 2, 4, ... and the number a call would get, see `info().threads`. */
  threads?: readonly number[] | undefined
  /**
   * Under mpirun: numbers of ranks, each of which is measured with each of `threads`, then the threads of a rank (default
   * 1). Combinations that need more CPUs than there are are left out and named, unless `oversubscribe` is set.
   */
  ranks?: readonly number[] | undefined
  /** Allows more threads than CPUs. */
  oversubscribe?: boolean | undefined
  /** One process a task that is told the thread count before each run, instead of one for each row. */
  inProcess?: boolean | undefined
  /** Work that grows with the thread count (weak scaling) instead of staying the same (strong). */
  weak?: boolean | undefined
  /** Timed runs of every row. Default: at least 5, and more until `precision` or the budget is reached. */
  repeats?: number | undefined
  /** Half a 95 % interval relative to its median, which is narrow enough; default 0.01. */
  precision?: number | undefined
  /** Seconds for all of it, kept strictly. Default: none, and no round is added after two minutes. */
  budget?: number | undefined
  /** Of the order of the runs and of the bootstrap, default 1. */
  seed?: number | undefined
  /** Seconds that a child may take for its set-up, its warm-up or one run; default 600. */
  timeout?: number | undefined
  /** Seconds below which one evaluation is repeated inside a run, and the time divided; 0.05. */
  shortest?: number | undefined
  /** Measures the machine's own rates beside the tasks, for "percent of the roof"; default true. */
  roofs?: boolean | undefined
  /** Ends the run early; what was measured so far is the report then, with `partial: true`. */
  signal?: AbortSignal | undefined
  /** Told after every step: the part that is done, and what is being done. */
  onProgress?: ((fraction: number, note: string) => void) | undefined
  /** Told what the report's `warnings` say, as soon as it is known. */
  onWarning?: ((message: string) => void) | undefined
}

const knownOptions: readonly (keyof MeasureOptions)[] = [
  'tasks',
  'modules',
  'commands',
  'peers',
  'threads',
  'ranks',
  'oversubscribe',
  'inProcess',
  'weak',
  'size',
  'bins',
  'points',
  'text',
  'repeats',
  'precision',
  'budget',
  'seed',
  'timeout',
  'shortest',
  'roofs',
  'signal',
  'onProgress',
  'onWarning',
]

export interface Filled {
  tasks: readonly TaskModule[]
  peers: readonly PeerName[]
  /** Numbers of ranks under mpirun; null: without MPI. */
  ranks: readonly number[] | null
  /** Of the process; with `ranks`, of each rank. */
  threads: readonly number[]
  /** What is measured, by rising thread count of all ranks together. */
  layouts: readonly Layout[]
  /** Of the combinations of ranks and threads, those that need too many CPUs. */
  tooLarge: readonly string[]
  task: TaskOptions
  inProcess: boolean
  weak: boolean
  repeats: number | null
  precision: number
  budget: number | null
  seed: number
  timeout: number
  shortest: number
  roofs: boolean
  signal: AbortSignal | undefined
  onProgress: (fraction: number, note: string) => void
  onWarning: (message: string) => void
}

export async function fill(given: MeasureOptions): Promise<Filled> {
  const options: MeasureOptions = checkOptions('measure', given, knownOptions)
  const { size, bins, points, text, budget, repeats, weak = false, inProcess = false } = options
  if (size !== undefined) expectInteger('size', size, 1)
  if (bins !== undefined) expectInteger('bins', bins, 1)
  if (points !== undefined) expectInteger('points', points, 1)
  if (text !== undefined) expectString('text', text)
  if (budget !== undefined) expectSeconds('budget', budget)
  const precision = options.precision ?? 0.01
  if (!(precision > 0 && precision < 1)) throw invalidArgument('a number between 0 and 1', 'precision', precision)
  const filled: Filled = {
    tasks: await chosen(options),
    peers: [...new Set(texts('peers', options.peers))].map((name) => expectOneOf('peers', name, peerNames)),
    ...layoutsOf(options),
    task: { size, bins, points, text },
    inProcess: expectBoolean('inProcess', inProcess),
    weak: expectBoolean('weak', weak),
    repeats: repeats === undefined ? null : expectInteger('repeats', repeats, 1, 10_000),
    precision,
    budget: budget ?? null,
    seed: expectInteger('seed', options.seed ?? 1, 0, 2 ** 32 - 1),
    timeout: expectSeconds('timeout', options.timeout ?? 600),
    shortest: expectSeconds('shortest', options.shortest ?? 0.05),
    roofs: expectBoolean('roofs', options.roofs ?? true),
    signal: options.signal,
    onProgress: options.onProgress ?? (() => {}),
    onWarning: options.onWarning ?? emitWarning,
  }
  checkTogether(filled)
  checkRanks(filled)
  if (filled.tasks.some(({ task }) => task.name === 'acf' || task.name === 'wordcount')) await checkText(text)
  return filled
}

async function chosen(options: MeasureOptions): Promise<TaskModule[]> {
  const modules = await Promise.all(texts('modules', options.modules).map(loadModule))
  const taken = new Set<string>()
  const commands = texts('commands', options.commands).map((command): TaskModule => {
    if (command.trim() === '') throw invalidArgument('a command', 'commands', command)
    const name = commandName(command, taken)
    taken.add(name)
    const module = new URL('./tasks/command.js', import.meta.url).href
    return { task: { ...commandTask, name, title: command }, module, command }
  })
  const own = [...modules, ...commands]
  const names = texts('tasks', options.tasks)
  if (names.length === 0 && own.length === 0) {
    return builtIn.filter(({ onRanks }) => options.ranks === undefined || onRanks !== undefined)
  }
  // A module's task stands for one of ours of the same name.
  const all = new Map([...builtIn, ...own].map((each) => [each.task.name, each]))
  const wanted = names.map((name) => expectOneOf('task', name, [...all.keys()]))
  const chosen = new Set([...wanted, ...own.map(({ task }) => task.name)])
  return [...chosen].map((name) => all.get(name) as TaskModule)
}

function texts(name: string, given: readonly string[] | undefined): string[] {
  if (given === undefined) return []
  if (!Array.isArray(given)) throw invalidArgument('an array of strings', name, given)
  return given.map((each) => expectString(name, each))
}

function threadCounts(given: readonly number[] | undefined, oversubscribe: boolean): number[] {
  const { threads, available } = info()
  const counts = given === undefined ? powersOfTwo(threads.count) : given
  if (!Array.isArray(counts) || counts.length === 0) {
    throw invalidArgument('at least one thread count', 'threads', given)
  }
  for (const count of counts) expectInteger('threads', count, 1, maxThreads)
  const most = Math.max(...counts)
  if (most > available && !oversubscribe) {
    const why = given === undefined ? ` (${threads.source} asks for as many)` : ''
    const hint = 'oversubscribe (--oversubscribe) measures the loss'
    throw new InvalidArgumentError(
      `Expected at most ${available}, the CPUs available, for threads but received ${most} of type number${why}; ${hint}`,
    )
  }
  return [...new Set<number>(counts)].sort((a, b) => a - b)
}

function layoutsOf(options: MeasureOptions): Pick<Filled, 'ranks' | 'threads' | 'layouts' | 'tooLarge'> {
  const oversubscribe = expectBoolean('oversubscribe', options.oversubscribe ?? false)
  if (options.ranks === undefined) {
    const threads = threadCounts(options.threads, oversubscribe)
    return { ranks: null, threads, layouts: threads.map((count) => ({ threads: count, ranks: null })), tooLarge: [] }
  }
  if (!Array.isArray(options.ranks) || options.ranks.length === 0) {
    throw invalidArgument('at least one number of ranks', 'ranks', options.ranks)
  }
  for (const count of options.ranks) expectInteger('ranks', count, 1, maxThreads)
  const ranks = [...new Set<number>(options.ranks)].sort((a, b) => a - b)
  const threads = threadCounts(options.threads ?? [1], true)
  const { available } = info()
  const all = ranks.flatMap((count) => threads.map((each) => ({ ranks: count, threads: count * each })))
  const fits = (layout: Layout) => oversubscribe || layout.threads <= available
  const layouts = all.filter(fits).sort((a, b) => a.threads - b.threads || a.ranks - b.ranks)
  // One that is in no combination was asked for in vain.
  const wrong =
    ranks.find((count) => !layouts.some((each) => each.ranks === count)) ??
    threads.find((count) => !layouts.some((each) => each.threads / each.ranks === count))
  if (wrong !== undefined) {
    throw new InvalidArgumentError(
      `Expected ranks times threads to be at most ${available}, the CPUs available, but received ${ranks.join(',')} ranks ` +
        `and ${threads.join(',')} threads, and nothing with ${wrong} fits; oversubscribe (--oversubscribe) measures the loss`,
    )
  }
  return { ranks, threads, layouts, tooLarge: all.filter((each) => !fits(each)).map(layoutOf) }
}

function checkRanks({ tasks, ranks, inProcess, peers }: Filled): void {
  if (ranks === null) return
  const wrong = tasks.find(({ onRanks, command }) => onRanks === undefined && command === undefined)
  if (wrong !== undefined) {
    const known = builtIn.filter(({ onRanks }) => onRanks !== undefined).map(({ task }) => task.name)
    throw new InvalidArgumentError(
      `Expected ${known.join(', ')}, a module or a command beside ranks but received the task '${wrong.task.name}', which is for one process`,
    )
  }
  if (Symbol.for('numcore.mpi') in globalThis) {
    throw new InvalidArgumentError(
      'Expected no MPI in the process that starts the ranks but numcore/mpi has been imported: a module for ranks imports it ' +
        "where it runs, by await import('numcore/mpi') in its setup or run",
    )
  }
  if (inProcess) throw new InvalidArgumentError('Expected no inProcess beside ranks: a job has the ranks that it was started with')
  if (peers.length > 0) throw new InvalidArgumentError('Expected no peers beside ranks: they are programs of one process')
}

function checkTogether({ tasks, inProcess, weak, peers }: Filled): void {
  for (const { task, command } of tasks) {
    if (command === undefined) continue
    if (inProcess) throw new InvalidArgumentError(`Expected no command beside inProcess, but '${task.title}' is one: a program is its own process`)
    if (weak && !usesThreads({ command })) {
      throw new InvalidArgumentError(`Expected {threads} in the command '${task.title}': for weak scaling it has to know how much to do`)
    }
  }
  if (weak && peers.length > 0) throw new InvalidArgumentError('Expected no peers beside weak: they are compared on the same work')
}

function expectSeconds(name: string, value: number): number {
  // A timer cannot wait for longer than 2^31 ms.
  if (typeof value === 'number' && value > 0 && value <= 2e6) return value
  throw invalidArgument('seconds above 0, at most 2e6', name, value)
}

function emitWarning(message: string): void {
  process.emitWarning(message, { type: 'NumcoreWarning', code: 'NUMCORE_SCALING' })
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
