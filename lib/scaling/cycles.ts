// Cycles and instructions of one run, by `perf`, where it is installed and allowed. It is attached to the child for
// a run of its own, so that no timed run has it beside it.
import { spawn, spawnSync } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

const events = 'cycles,instructions'

export interface Cycles {
  cycles: number
  instructions: number
}

/** Why cycles cannot be counted here; empty when they can. */
export function whyNoCycles(): string {
  const { error, stderr, status } = spawnSync('perf', ['stat', '-x', ',', '-e', events, 'true'], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { ...process.env, LC_ALL: 'C' },
  })
  if (error) return 'perf is not installed'
  if (/not supported/.test(stderr)) return 'the processor’s counters are not to be had (a virtual machine?)'
  if (status !== 0 || parseCycles(stderr) === undefined) return 'perf is not allowed (kernel.perf_event_paranoid)'
  return ''
}

/** The two numbers in what `perf stat -x ,` writes; undefined when one is missing. */
export function parseCycles(text: string): Cycles | undefined {
  const count = (name: string) => {
    const line = text.split('\n').find((each) => each.split(',')[2]?.startsWith(name))
    const value = Number(line?.split(',')[0] || Number.NaN)
    return Number.isFinite(value) ? value : undefined
  }
  const [cycles, instructions] = [count('cycles'), count('instructions')]
  return cycles === undefined || instructions === undefined ? undefined : { cycles, instructions }
}

/** Counts what process `pid`, its threads and programs use while `work` runs; undefined when perf fails. */
export async function countCycles(pid: number, work: () => Promise<unknown>): Promise<Cycles | undefined> {
  const perf = spawn(
    'perf',
    // Disabled until it is told, over descriptors 3 and 4: attaching takes a while.
    ['stat', '-x', ',', '-e', events, '-D', '-1', '--control', 'fd:3,4', '-p', String(pid)],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } },
  )
  let told = ''
  perf.stderr?.setEncoding('utf8').on('data', (text: string) => {
    told += text
  })
  const ended = new Promise<void>((resolve) => {
    perf.once('error', () => resolve())
    perf.once('close', () => resolve())
  })
  const orders = perf.stdio[3] as Writable
  const answers = perf.stdio[4] as Readable
  orders.on('error', () => {})
  const order = async (word: string) => {
    const heard = new Promise<void>((resolve) => answers.once('data', () => resolve()))
    orders.write(`${word}\n`)
    await Promise.race([heard, ended, pause(5000)])
  }
  try {
    await order('enable')
    await work()
    await order('disable')
  } finally {
    perf.kill('SIGINT')
    const late = setTimeout(() => perf.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(late)
  }
  return parseCycles(told)
}

const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds).unref())
