// `numcore mpirun`: starts a program on several ranks with the launcher that the machine has.
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { runChild } from './child.js'
import { InvalidArgumentError } from '../errors.js'
import { mpiCommand } from '../mpi/launch.js'

interface Request {
  ranks: number
  threads: number | undefined
  pool: boolean
  launcherArgs: string[]
  program: string[]
}

/** What makes all ranks but the first workers of a pool. */
const workers = new URL('../mpi/workers.js', import.meta.url).href
const script = /\.[cm]?[jt]s$/
/** This program itself, by the name that users know. */
const ourselves = fileURLToPath(new URL('./main.js', import.meta.url))

function wholeNumber(name: string, text: string | undefined): number {
  const value = Number(text)
  if (text !== undefined && Number.isInteger(value) && value >= 1) return value
  throw new InvalidArgumentError(
    `Expected a whole number of at least 1 behind ${name} but received ${text ?? 'nothing'}`,
  )
}

/** Splits what is for us, for the launcher, and for the program, which begins with a script's name, with `numcore`, or behind `--`. */
export function readArguments(words: readonly string[]): Request {
  const request: Request = {
    ranks: 1,
    threads: undefined,
    pool: false,
    launcherArgs: [],
    program: [],
  }
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    if (/^(-n|-np|--np)$/.test(word)) request.ranks = wholeNumber(word, words[++i])
    else if (word === '--threads') request.threads = wholeNumber(word, words[++i])
    else if (word === '--pool') request.pool = true
    else if (word === '--') {
      request.program = words.slice(i + 1)
      break
    } else if (word === 'numcore') {
      request.program = [process.execPath, ourselves, ...words.slice(i + 1)]
      break
    } else if (script.test(word)) {
      request.program = [
        process.execPath,
        ...(request.pool ? ['--import', workers] : []),
        ...words.slice(i),
      ]
      break
    } else request.launcherArgs.push(word)
  }
  if (request.program.length === 0) {
    throw new InvalidArgumentError(
      'Expected a program: a script (.js, .mjs, .cjs or .ts), numcore and a command of it, or any command behind --',
    )
  }
  if (request.pool && request.program[1] !== '--import') {
    throw new InvalidArgumentError(
      'Expected a script (.js, .mjs, .cjs or .ts) for --pool; another command takes --import numcore/mpi/workers itself',
    )
  }
  return request
}

async function mpirun(words: string[]): Promise<void> {
  const { ranks, threads, pool, launcherArgs, program } = readArguments(words)
  const { command, args, env } = mpiCommand({ ranks, threads, pool, launcherArgs })
  process.exitCode = await runChild(command, [...args, ...program], env)
}

export function register(program: Command): void {
  program
    .command('mpirun')
    .description('starts an MPI program on several ranks: numcore mpirun -np 4 app.mjs ...')
    .usage('[-np N] [--threads T] [--pool] [options of the launcher] SCRIPT|numcore [ARGS...]')
    .argument('<words...>', 'ranks, options of the launcher, the program and its arguments')
    .allowUnknownOption()
    .action(mpirun)
}
