// `numcore mpirun`: starts a program on several ranks with the launcher that the machine has.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Command } from 'commander'
import { InvalidArgumentError } from '../errors.js'
import { mpiCommand } from '../mpi/launch.js'

interface Request {
  ranks: number
  threads: number | undefined
  launcherArgs: string[]
  program: string[]
}

const script = /\.[cm]?[jt]s$/

function wholeNumber(name: string, text: string | undefined): number {
  const value = Number(text)
  if (text !== undefined && Number.isInteger(value) && value >= 1) return value
  throw new InvalidArgumentError(
    `Expected a whole number of at least 1 behind ${name} but received ${text ?? 'nothing'}`,
  )
}

/** Splits what is for us, for the launcher, and for the program, which begins with a script's name or behind `--`. */
export function readArguments(words: readonly string[]): Request {
  const request: Request = { ranks: 1, threads: undefined, launcherArgs: [], program: [] }
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    if (/^(-n|-np|--np)$/.test(word)) request.ranks = wholeNumber(word, words[++i])
    else if (word === '--threads') request.threads = wholeNumber(word, words[++i])
    else if (word === '--') {
      request.program = words.slice(i + 1)
      break
    } else if (script.test(word)) {
      request.program = [process.execPath, ...words.slice(i)]
      break
    } else request.launcherArgs.push(word)
  }
  if (request.program.length === 0) {
    throw new InvalidArgumentError(
      'Expected a program: a script (.js, .mjs, .cjs or .ts), or any command behind --',
    )
  }
  return request
}

async function mpirun(words: string[]): Promise<void> {
  const { ranks, threads, launcherArgs, program } = readArguments(words)
  const { command, args, env } = mpiCommand({ ranks, threads, launcherArgs })
  const child = spawn(command, [...args, ...program], { env, stdio: 'inherit' })
  // A terminal sends Ctrl-C to the launcher as well; its end is ours. Another signal is passed on.
  const ignore = () => {}
  const passOn = (signal: NodeJS.Signals) => child.kill(signal)
  process.on('SIGINT', ignore).on('SIGTERM', passOn).on('SIGHUP', passOn)
  try {
    process.exitCode = await new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', (code, signal) =>
        resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
      )
    })
  } finally {
    process.off('SIGINT', ignore).off('SIGTERM', passOn).off('SIGHUP', passOn)
  }
}

export function register(program: Command): void {
  program
    .command('mpirun')
    .description('starts an MPI program on several ranks: numcore mpirun -np 4 app.mjs ...')
    .usage('[-np N] [--threads T] [options of the launcher] SCRIPT [ARGS...]')
    .argument('<words...>', 'ranks, options of the launcher, the program and its arguments')
    .allowUnknownOption()
    .action(mpirun)
}
