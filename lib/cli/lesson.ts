// `numcore lesson`: lists and runs the examples and exercises of the lesson, dist/examples/*.js. Each runs as a program
// of its own, as a reader would start it; those named mpi-* run under mpirun.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { runChild } from './child.js'
import { InvalidArgumentError } from '../errors.js'
import { mpiCommand } from '../mpi/launch.js'
import { expectOneOf } from '../options.js'
import { wholeNumber } from './arguments.js'

const folder = fileURLToPath(new URL('../examples', import.meta.url))
const sources = fileURLToPath(new URL('../../examples', import.meta.url))

interface Options {
  ranks?: number
  json?: boolean
}

/** Names in the order of the alphabet. */
export function lessonNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.slice(0, -'.js'.length))
    .sort()
}

/** What an example is about: the first line of its source, which is a comment. */
function titleOf(name: string): string {
  const [first = ''] = readFileSync(join(sources, `${name}.ts`), 'utf8').split('\n', 1)
  return first.replace(/^\/\/ ?/, '')
}

function list(options: Options): void {
  const rows = lessonNames().map((name) => ({ name, title: titleOf(name) }))
  if (options.json) {
    console.log(JSON.stringify(rows, null, 2))
    return
  }
  const width = Math.max(...rows.map(({ name }) => name.length))
  for (const { name, title } of rows) console.log(`${name.padEnd(width)}  ${title}`)
}

interface Launch {
  command: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
}

function launch(name: string, ranks: number | undefined): Launch {
  if (!name.startsWith('mpi-')) {
    if (ranks !== undefined) {
      throw new InvalidArgumentError(`Expected no --ranks for ${name}: it is no MPI example`)
    }
    return { command: process.execPath, args: [], env: process.env }
  }
  const { command, args, env } = mpiCommand({ ranks: ranks ?? 4 })
  return { command, args: [...args, process.execPath], env }
}

async function lesson(name: string | undefined, rest: string[], options: Options): Promise<void> {
  if (name === undefined) return list(options)
  expectOneOf('the name of the example', name, lessonNames())
  const { command, args, env } = launch(name, options.ranks)
  process.exitCode = await runChild(command, [...args, join(folder, `${name}.js`), ...rest], env)
}

export function register(program: Command): void {
  program
    .command('lesson')
    .description('runs an example or exercise of the lesson; without NAME lists them')
    .argument('[NAME]', 'as the list names it')
    .argument('[ARGS...]', 'what the example itself takes; options behind --')
    .option('--ranks <N>', 'MPI processes of an mpi-* example (default: 4)', wholeNumber(1, 1024))
    .option('--json', 'the list as one JSON document')
    .action(lesson)
}
