// `numcore scaling`: threads versus time.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'
import { FileError } from '../errors.js'
import { prepareFolder, writeWhole } from '../output.js'
import { type Report, renderHtml, renderSvg, renderText, toCsv } from '../scaling/index.js'
import { type MeasureOptions, measureTasks } from '../scaling/measure.js'
import { builtIn, type TaskModule } from '../scaling/tasks/index.js'
import { failureText } from '../scaling/words.js'
import { maxThreads } from '../threads.js'
import { wholeNumber } from './arguments.js'
import { InvalidArgumentError, Option } from './commander.js'
import { type Progress, progressBar } from './progress.js'

interface Options extends Omit<MeasureOptions, 'tasks' | 'signal' | 'onProgress' | 'onWarning'> {
  out?: string
  json?: boolean
  module?: string[]
}

async function scaling(tasks: string[], options: Options): Promise<void> {
  const { out, json, module = [], ...choices } = options
  const known = [...builtIn, ...(await Promise.all(module.map(load)))]
  const wanted = tasks.length > 0 ? tasks : undefined
  if (out !== undefined) await prepareFolder(out)

  // Only when the measuring begins: warnings come before and want the line for themselves.
  let bar: Progress | undefined
  const stop = untilSignal()
  const report = await measureTasks(
    {
      ...choices,
      tasks: wanted ?? builtIn.map(({ task }) => task.name),
      signal: stop.signal,
      onProgress: (fraction, note) => {
        bar ??= progressBar('scaling')
        bar.update(fraction, note)
      },
      onWarning: (message) => console.error(`numcore: ${message}`),
    },
    known,
  ).finally(() => bar?.stop())

  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : renderText(report))
  for (const task of report.tasks) {
    for (const failure of task.failures) {
      console.error(`numcore: ${task.task}: ${failureText(failure)}`)
    }
  }
  if (out !== undefined) await leave(out, report)
  if (out !== undefined && !json)
    console.log(`\nThe page with the figures: ${join(out, 'index.html')}`)
  stop.done()
  const failed = report.tasks.some(({ failures }) => failures.length > 0)
  process.exitCode = stop.exitCode() ?? (failed ? 1 : 0)
}

async function leave(folder: string, report: Report): Promise<void> {
  await writeWhole(join(folder, 'scaling.json'), `${JSON.stringify(report, null, 2)}\n`)
  await writeWhole(join(folder, 'scaling.csv'), toCsv(report))
  await writeWhole(join(folder, 'scaling.svg'), renderSvg(report))
  await writeWhole(join(folder, 'index.html'), renderHtml(report))
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

async function load(path: string): Promise<TaskModule> {
  const address = pathToFileURL(path).href
  try {
    const { task } = (await import(address)) as { task?: TaskModule['task'] }
    if (typeof task?.setup === 'function') return { task, module: address }
  } catch (cause) {
    throw new FileError(`Cannot load '${path}': ${(cause as Error).message}`, path, { cause })
  }
  throw new FileError(`Cannot use '${path}': it exports no task`, path)
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

export function register(program: Command): void {
  const names = builtIn.map(({ task }) => task.name).join(', ')
  program
    .command('scaling')
    .description('threads versus time: how much faster more threads make the kernels')
    .argument('[TASK...]', `of ${names} (default: all)`)
    .option(
      '--threads <LIST>',
      'thread counts, as 1,2,4 (default: 1, 2, 4, ... up to the CPUs)',
      threadList,
    )
    .option('--size <N>', 'order of the matrix of inverse (default: 4000)', wholeNumber(1, 1e6))
    .option('--bins <N>', 'bins of integral (default: 1e8)', wholeNumber(1))
    .option('--text <FILE>', 'UTF-8 text for acf (default: Moby Dick)')
    .option('--repeats <R>', 'timed runs of each row (default: 5)', wholeNumber(1, 10_000))
    .option('--seed <N>', 'of the order of the runs (default: 1)', wholeNumber(0, 2 ** 32 - 1))
    .option('--timeout <SECONDS>', 'for one run of a child (default: 600)', seconds)
    .option('--out <DIR>', 'leave scaling.json, .csv, .svg and index.html there')
    .option('--json', 'one JSON document on stdout and nothing else')
    // For the tests, until tasks of one's own are a feature.
    .addOption(
      new Option('--module <FILE>')
        .hideHelp()
        .argParser((path, paths: string[] = []) => [...paths, path]),
    )
    .action(scaling)
}
