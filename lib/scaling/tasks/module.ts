// A module of the caller's as a task: it exports `run`, and whatever else of UserModule it likes.
import { basename } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { FileError, InvalidArgumentError } from '../../errors.js'
import type { TaskModule } from './index.js'
import { bytesOf, type Needs, type Prepared, type Task } from './task.js'

/** Work of one `run`: what the rate counts, and what the roof is computed from. */
export type UserWork = Needs | { amount: number; unit: string }

/** By what factor the work is to be larger than with the smallest thread count: 1 except for weak scaling. */
export interface Growth {
  grow: number
}

/** What a module given to `--module` or `modules` may export. */
export interface UserModule {
  /** One evaluation with that many threads: this is timed. What it returns is hashed. */
  run(threads: number, growth: Growth): unknown
  /** Everything that is not to be timed; called once in each process, before `run`. */
  setup?(threads: number, growth: Growth): unknown
  /** Work of one run. Without it the rate is runs per second, and there is no roof. */
  work?: UserWork | ((threads: number, growth: Growth) => UserWork | Promise<UserWork>)
  /** The most that is possible, in the same unit a second: a number, or a function that measures it. */
  roof?: number | ((threads: number, growth: Growth) => number | Promise<number>)
  /** One word; default the name of the file. */
  name?: string
  title?: string
  description?: string
  size?: number
  /** How wrong a result is. */
  error?(result: unknown): number
}

/** Loads a module to know its name, and that it is one. The process that runs it loads its own. */
export async function loadModule(path: string): Promise<TaskModule> {
  const address = pathToFileURL(path).href
  let found: UserModule | { task: Task }
  try {
    found = (await import(address)) as UserModule | { task: Task }
  } catch (cause) {
    throw new FileError(`Cannot load '${path}': ${(cause as Error).message}`, path, { cause })
  }
  if ('task' in found && typeof found.task?.setup === 'function') {
    return { task: found.task, module: address, onRanks: address }
  }
  if ('run' in found && typeof found.run === 'function') return { task: adapt(found, address), module: address, onRanks: address }
  throw new FileError(`Cannot use '${path}': it exports no function run`, path)
}

/** The task in a module that was imported from `address`. */
export function taskOf(module: unknown, address: string): Task {
  const found = module as UserModule | { task: Task }
  return 'task' in found ? found.task : adapt(found, address)
}

function adapt(module: UserModule, address: string): Task {
  const file = basename(fileURLToPath(address)).replace(/\.[^.]*$/, '')
  const name = module.name ?? file
  return {
    name,
    title: module.title ?? name,
    unit: 'runs/s',
    bytes: () => 0,
    async setup({ threads: all, ranks, grow }) {
      const threads = ranks?.threads ?? all
      const growth = { grow }
      await module.setup?.(threads, growth)
      const work = typeof module.work === 'function' ? await module.work(threads, growth) : module.work
      const { amount, unit, needs } = measureOf(work, name)
      const roof = typeof module.roof === 'function' ? await module.roof(threads, growth) : module.roof
      const { factor, shown } = scaled(unit)
      const { error } = module
      return {
        size: module.size ?? 0,
        description: module.description ?? `run() of ${file}`,
        work: amount * factor,
        unit: shown,
        needs,
        roof: roof === undefined ? undefined : roof * factor,
        run: async () => module.run(threads, growth),
        bits: bytesOfResult,
        ...(error ? { error: (result: unknown) => ({ name: 'error', value: error(result) }) } : {}),
      } satisfies Prepared
    },
  }
}

function measureOf(work: UserWork | undefined, name: string) {
  if (work === undefined) return { amount: 1, unit: 'runs', needs: undefined }
  const all = 'amount' in work ? [work.amount] : [work.flops, work.bytes, work.roots]
  const given = all.filter((each) => each !== undefined)
  if (given.length === 0 || given.some((each) => !(each > 0 && each < Number.POSITIVE_INFINITY))) {
    const known = '{ flops }, { bytes }, { roots } or { amount, unit }, above 0'
    throw new InvalidArgumentError(`Expected ${known} for work of ${name} but received ${JSON.stringify(work)} of type object`)
  }
  if ('amount' in work) return { amount: work.amount, unit: work.unit, needs: undefined }
  const { flops, bytes, roots } = work
  const needs = work as Needs
  if (flops !== undefined) return { amount: flops, unit: 'flop', needs }
  if (bytes !== undefined) return { amount: bytes, unit: 'B', needs }
  return { amount: roots as number, unit: 'roots', needs }
}

function scaled(unit: string): { factor: number; shown: string } {
  if (unit === 'flop' || unit === 'B') return { factor: 1e-9, shown: `G${unit}/s` }
  return unit === 'roots' ? { factor: 1e-9, shown: 'Groots/s' } : { factor: 1, shown: `${unit}/s` }
}

// Whatever a run returns, as bytes: arrays as they are, what has an array as its data by that, the rest as text.
function bytesOfResult(result: unknown): Uint8Array | undefined {
  if (result === undefined) return undefined
  if (ArrayBuffer.isView(result)) return bytesOf(result)
  if (typeof result === 'number') return bytesOf(Float64Array.of(result))
  if (typeof result === 'object' && result !== null && 'data' in result && ArrayBuffer.isView(result.data)) {
    return bytesOf(result.data)
  }
  return Buffer.from(typeof result === 'string' ? result : (JSON.stringify(result) ?? String(result)))
}
