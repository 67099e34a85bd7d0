// `numcore scaling`: threads versus time.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { FileError } from '../errors.js'
import { prepareFolder, writeWhole } from '../output.js'
import {
  compare,
  type MeasureOptions,
  measure,
  type Report,
  renderComparison,
  report as render,
} from '../scaling/index.js'
import { peerNames } from '../scaling/peers/index.js'
import { renderPanels } from '../scaling/svg.js'
import { builtIn } from '../scaling/tasks/index.js'
import { failureText } from '../scaling/words.js'
import { maxThreads } from '../threads.js'
import { wholeNumber } from './arguments.js'
import { InvalidArgumentError } from './commander.js'
import { type Progress, progressBar } from './progress.js'

type Measuring = Omit<
  MeasureOptions,
  'tasks' | 'modules' | 'commands' | 'signal' | 'onProgress' | 'onWarning'
>

interface Options extends Measuring {
  module?: string[]
  command?: string[]
  out?: string
  json?: boolean
  compare?: string[]
}

/** Exit code of a run on a machine that was too noisy to say anything. */
const tooNoisy = 3

async function scaling(tasks: string[], options: Options, command: Command): Promise<void> {
  const { out, json, module = [], command: commands = [], compare: files, ...choices } = options
  if (files !== undefined) return await comparing([...files, ...tasks], json === true, command)
  if (out !== undefined) await prepareFolder(out)

  // Only when the measuring begins: warnings come before and want the line for themselves.
  let bar: Progress | undefined
  const stop = untilSignal()
  const report = await measure({
    ...choices,
    tasks,
    modules: module,
    commands,
    signal: stop.signal,
    onProgress: (fraction, note) => {
      bar ??= progressBar('scaling')
      bar.update(fraction, note)
    },
    onWarning: (message) => console.error(`numcore: ${message}`),
  }).finally(() => bar?.stop())

  process.stdout.write(render(report, json ? 'json' : 'text'))
  for (const task of report.tasks) {
    for (const failure of task.failures) {
      console.error(`numcore: ${task.task}: ${failureText(failure)}`)
    }
  }
  for (const reason of report.noise.reasons)
    console.error(`numcore: too noisy to say anything: ${reason}`)
  if (out !== undefined) await leave(out, report)
  if (out !== undefined && !json)
    console.log(`\nThe page with the figures: ${join(out, 'index.html')}`)
  stop.done()
  const failed = report.tasks.some(({ failures }) => failures.length > 0)
  const verdict = failed ? 1 : report.noise.reasons.length > 0 ? tooNoisy : 0
  process.exitCode = stop.exitCode() ?? verdict
}

async function leave(folder: string, report: Report): Promise<void> {
  const files = {
    'scaling.json': render(report, 'json'),
    'scaling.csv': render(report, 'csv'),
    'scaling.md': render(report, 'markdown'),
    'scaling.svg': render(report, 'svg'),
    'roofline.svg': render(report, 'roofline'),
    'index.html': render(report, 'html'),
  }
  for (const [name, text] of Object.entries(files)) await writeWhole(join(folder, name), text)
  const plots = renderPanels(report)
  if (plots.length > 0) await prepareFolder(join(folder, 'plots'))
  for (const { name, svg } of plots) await writeWhole(join(folder, 'plots', `${name}.svg`), svg)
}

async function comparing(files: readonly string[], json: boolean, command: Command): Promise<void> {
  const [old, now, ...more] = files
  if (old === undefined || now === undefined || more.length > 0) {
    command.error(
      `error: --compare takes two files, OLD.json and NEW.json, and received ${files.length}`,
    )
  }
  const comparison = compare(await read(old), await read(now))
  process.stdout.write(
    json ? `${JSON.stringify(comparison, null, 2)}\n` : renderComparison(comparison),
  )
}

async function read(path: string): Promise<Report> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Report
  } catch (cause) {
    throw new FileError(`Cannot read '${path}': ${(cause as Error).message}`, path, { cause })
  }
}

// The first Ctrl-C ends the measuring and what is measured is told; the second ends us at once.
function untilSignal() {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
  const names = Object.keys(codes) as (keyof typeof codes)[]
  const controller = new AbortController()
  let code: number | undefined
  const hear = (name: NodeJS.Signals) => {
    code = codes[name as keyof typeof codes]
    done()
    controller.abort()
  }
  const done = () => {
    for (const name of names) process.off(name, hear)
  }
  for (const name of names) process.on(name, hear)
  return { signal: controller.signal, exitCode: () => code, done }
}

function threadList(text: string): number[] {
  const parse = wholeNumber(1, maxThreads)
  return text.split(',').map((part) => parse(part))
}

function seconds(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value > 0 && value <= 2e6) return value
  throw new InvalidArgumentError('Expected seconds above 0.')
}

function betweenZeroAndOne(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value > 0 && value < 1) return value
  throw new InvalidArgumentError('Expected a number between 0 and 1.')
}

function peerList(text: string): string[] {
  if (text === 'all') return [...peerNames]
  const names = text.split(',').map((name) => name.trim())
  const wrong = names.find((name) => !(peerNames as readonly string[]).includes(name))
  if (wrong === undefined) return names
  throw new InvalidArgumentError(`Expected some of ${peerNames.join(', ')}, or all.`)
}

const another = (value: string, values: string[] = []) => [...values, value]

export function register(program: Command): void {
  const names = builtIn.map(({ task }) => task.name).join(', ')
  program
    .command('scaling')
    .description('threads versus time: how much faster more threads make a computation')
    .argument('[TASK...]', `of ${names} (default: all)`)
    .option(
      '--command <COMMAND>',
      'measure a program, OMP_NUM_THREADS set; {threads} is replaced',
      another,
    )
    .option('--module <FILE>', 'measure a module that exports run(threads)', another)
    .option(
      '--threads <LIST>',
      'thread counts, as 1,2,4 (default: 1, 2, 4, ... up to the CPUs)',
      threadList,
    )
    .option(
      '--ranks <LIST>',
      'under mpirun, as 1,2: each with each of --threads, then threads of a rank (default: 1)',
      threadList,
    )
    .option('--oversubscribe', 'allow more threads than CPUs, and show the loss')
    .option('--in-process', 'one process a task, told the thread count before each run')
    .option('--weak', 'work that grows with the threads')
    .option('--peers <LIST>', `measure beside ours: ${peerNames.join(',')}, or all`, peerList)
    .option(
      '--size <N>',
      'order of the matrices (default: 4000; of eigh and svd: 1500)',
      wholeNumber(1, 1e6),
    )
    .option('--bins <N>', 'bins of integral (default: 1e8)', wholeNumber(1))
    .option(
      '--points <N>',
      'length of the transform of fft (default: 2^22)',
      wholeNumber(1, 2 ** 31),
    )
    .option('--text <FILE>', 'UTF-8 text for acf and wordcount (default: Moby Dick)')
    .option('--repeats <R>', 'timed runs of each row (default: at least 5)', wholeNumber(1, 10_000))
    .option(
      '--precision <P>',
      'half an interval over its median that is narrow enough (default: 0.01)',
      betweenZeroAndOne,
    )
    .option('--budget <SECONDS>', 'for all of it, kept strictly', seconds)
    .option('--seed <N>', 'of the order of the runs (default: 1)', wholeNumber(0, 2 ** 32 - 1))
    .option('--timeout <SECONDS>', 'for one run of a child (default: 600)', seconds)
    .option('--no-roofs', "do not measure the machine's own rates")
    .option('--out <DIR>', 'leave JSON, CSV, Markdown, figures and index.html there')
    .option('--json', 'one JSON document on stdout and nothing else')
    .option('--compare <FILES...>', 'OLD.json NEW.json: what got faster, slower or stayed')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 a row failed, 2 wrong arguments, 3 too noisy to say anything, 130 ended by Ctrl-C.',
    )
    .action(scaling)
}
