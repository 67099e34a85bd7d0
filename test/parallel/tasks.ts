// Tasks that need a module, and what the tests have in common.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { getThreads, info } from 'numcore'
import {
  type Executor,
  type ExecutorOptions,
  ProcessPoolExecutor,
  ThreadPoolExecutor,
} from 'numcore/parallel'

export class PaymentError extends TypeError {
  readonly amount: number
  constructor(message: string, amount: number, options?: ErrorOptions) {
    super(message, options)
    this.name = 'PaymentError'
    this.amount = amount
  }
}

export function pay(amount: number): never {
  throw Object.assign(
    new PaymentError(`cannot pay ${amount}`, amount, { cause: new RangeError('too much') }),
    { code: 'E_PAY' },
  )
}

export const threadsHere = () => ({ count: getThreads(), source: info().threads.source })

export const notExported = 5
const hidden = 7
const usesModule = (x: number) => x + hidden
/** A function of this module that it does not export. */
export const secret = () => usesModule
/** A closure. */
export const adder = (by: number) => (x: number) => x + by

export const kinds: readonly [string, (options?: ExecutorOptions) => Executor][] = [
  ['ThreadPoolExecutor', (options) => new ThreadPoolExecutor(options)],
  ['ProcessPoolExecutor', (options) => new ProcessPoolExecutor(options)],
]

/** Processes that this one has started and that have not been buried. */
export function children(pid: number | 'self' = 'self'): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      return text.trim() === '' ? [] : text.trim().split(' ').map(Number)
    } catch {
      return []
    }
  })
}

/** Segments of shared memory that this process has open or mapped. */
export function segments(): { open: number; mapped: number } {
  const open = readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('/memfd:numcore')
    } catch {
      return false
    }
  }).length
  const maps = readFileSync('/proc/self/maps', 'utf8')
  return { open, mapped: maps.split('\n').filter((line) => line.includes('memfd:numcore')).length }
}

export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}
