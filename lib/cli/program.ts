// All commands of `numcore`, in the order in which help lists them. Only the one that was asked for is loaded:
// loading all would take several times as long as a short command works.
import { readFileSync } from 'node:fs'
import type { Command as Program } from 'commander'
import { Command } from './commander.js'

interface CommandModule {
  register(program: Program): void
}

const commands: Readonly<Record<string, () => Promise<CommandModule>>> = {
  info: () => import('./info.js'),
  scaling: () => import('./scaling.js'),
  invert: () => import('./invert.js'),
  integrate: () => import('./integrate.js'),
  wordcount: () => import('./wordcount.js'),
  acf: () => import('./acf.js'),
  zipf: () => import('./zipf.js'),
  plotcount: () => import('./plotcount.js'),
  corpus: () => import('./corpus.js'),
  dynamics: () => import('./dynamics.js'),
  mpirun: () => import('./mpirun.js'),
  build: () => import('./build.js'),
  lesson: () => import('./lesson.js'),
}

/**
 * The program as `argv` (without node and the script) needs it: one command, or all for help and slips. A `silent` one
 * leaves it to another rank to print help and mistakes.
 */
export async function load(argv: readonly string[], silent = false): Promise<Program> {
  const program = new Command('numcore')
    .description('Multithreaded numeric core: threads versus time, inversion, integration, words')
    .version(version())
    .showHelpAfterError('(numcore help COMMAND tells more)')
    .exitOverride()
  // Commands take it over when they are registered.
  if (silent) program.configureOutput({ writeOut() {}, writeErr() {} })
  const [name = ''] = argv
  let wanted = Object.hasOwn(commands, name) ? [commands[name]] : Object.values(commands)
  if (name === '--version' || name === '-V') wanted = []
  for (const module of await Promise.all(wanted.map((each) => each?.()))) module?.register(program)
  // A sub-command exits by itself unless it is told not to.
  for (const command of program.commands) command.exitOverride()
  return program
}

function version(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(file) as { version: string }).version
}
