// A program of the caller's, as a task: one evaluation is one run of it, from its start to its end. The process that
// runs this has OMP_NUM_THREADS set, and the program inherits it.
import { spawn } from 'node:child_process'
import { mpiCommand } from '../../mpi/launch.js'
import type { Setting, Task } from './task.js'

const longestTail = 2000

export const task: Task = {
  name: 'command',
  title: 'Command',
  unit: 'runs/s',

  bytes: () => 0,

  async setup({ command = '', threads, ranks, grow }) {
    const words = command
      .replaceAll('{threads}', String(ranks?.threads ?? threads))
      .replaceAll('{ranks}', String(ranks?.count ?? 1))
    const start: Start =
      ranks === undefined
        ? { program: '/bin/sh', args: ['-c', words], env: process.env }
        : onRanks(words, ranks)
    return {
      size: 0,
      description: command,
      // Weak scaling is the command's own affair: it is told the threads and does so many times the work.
      work: grow,
      run: () => runOnce(start),
      // Ranks print when they get to it.
      bits: (output) => (ranks === undefined ? (output as Buffer) : undefined),
    }
  },
}

interface Start {
  program: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
}

function onRanks(words: string, { count, threads }: NonNullable<Setting['ranks']>): Start {
  const { command, args, env } = mpiCommand({ ranks: count, threads })
  return { program: command, args: [...args, '/bin/sh', '-c', words], env }
}

/** Of several commands: named by the program and its first words, as `python3-my.py`. */
export function commandName(command: string, taken: ReadonlySet<string>): string {
  const words = command.replace(/[^\w.{}-]+/g, '-').replace(/^-+|-+$/g, '')
  const name = words.slice(0, 40) || 'command'
  for (let i = 1; ; ++i) {
    const unique = i === 1 ? name : `${name}-${i}`
    if (!taken.has(unique)) return unique
  }
}

export const usesThreads = ({ command = '' }: Pick<Setting, 'command'>) => command.includes('{threads}')

/** Resolves to the program's output; rejects with what it said last when it fails. */
function runOnce({ program, args, env }: Start): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const output: Buffer[] = []
    let tail = ''
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-longestTail)
    })
    child.once('error', (error) => reject(new Error(`could not be started: ${error.message}`)))
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(Buffer.concat(output))
      const last = tail.split('\n').findLast((line) => line.trim() !== '') ?? ''
      const end = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`
      reject(new Error(last === '' ? end : `${end}: ${last.trim().slice(0, 200)}`))
    })
  })
}
