/** Threads: how many a job gets and why, and what the machine and the libraries say of themselves. */
import { readFileSync } from 'node:fs'
import os from 'node:os'
import { isMainThread } from 'node:worker_threads'
import { native } from './native.js'
import { expectInteger } from './options.js'

// Asked once: it reads files of /proc and /sys, and every call of every kernel compares with it.
const atLoad = native.info()

/** Above this a thread count is taken for a mistake and refused. */
export const maxThreads: number = atLoad.maxThreads

/** What decided the thread count. */
export type ThreadSource =
  'threadsPerWorker' | 'setThreads' | 'OMP_NUM_THREADS' | 'cgroup quota' | 'affinity'

/** An environment variable that is set, and whether it changes anything here. */
export interface Variable {
  name: string
  value: string
  hasSay: boolean
  note: string
}

/** What {@link info} returns. */
export interface Info {
  numcore: string
  node: string
  platform: string
  openblas: {
    version: string
    config: string
    /** The kernels in use, by the name of the processor they were written for. */
    coreType: string
    /** Who chose them; "numcore" where OpenBLAS does not know the processor and would take very old ones. */
    coreTypeSource: 'OpenBLAS' | 'OPENBLAS_CORETYPE' | 'numcore'
    threadingLayer: 'OpenMP' | 'pthreads' | 'none'
  }
  /** Date of the OpenMP specification the add-on was compiled against, e.g. "201511" (4.5). */
  openmp: string
  threads: { count: number; source: ThreadSource }
  cpuModel: string
  /** CPUs of the machine. */
  cpus: number
  /** Ids of the CPUs that this process may run on. */
  affinity: number[]
  /** CPUs' worth of time that the cgroup grants, or null when it sets no limit. */
  cgroupQuota: number | null
  /** min(affinity, quota rounded up), at least 1. */
  available: number
  /** OMP_*, GOMP_*, OPENBLAS_* and GOTO_* variables that are set. */
  variables: Variable[]
  /** Jobs of this process that wait and that run at this moment. */
  queue: { queued: number; running: number }
}

// What libgomp reads at load and what it then changes. OMP_NUM_THREADS is not among them, because
// every parallel region of numcore passes its own number.
const libgompVariables: Record<string, string> = {
  OMP_PROC_BIND: 'binds the threads to places',
  OMP_PLACES: 'the places that threads are bound to',
  OMP_WAIT_POLICY: 'whether idle threads spin or sleep',
  OMP_THREAD_LIMIT: 'caps the threads of the whole process',
  OMP_DYNAMIC: 'lets OpenMP use fewer threads than asked for',
  OMP_STACKSIZE: 'stack of each OpenMP thread',
  OMP_DISPLAY_ENV: 'prints the settings at load',
  GOMP_SPINCOUNT: 'how long idle threads spin',
  GOMP_CPU_AFFINITY: 'binds the threads to CPUs',
  GOMP_STACKSIZE: 'stack of each OpenMP thread',
  OPENBLAS_CORETYPE: "overrides OpenBLAS's choice of kernels",
  OPENBLAS_VERBOSE: 'lets OpenBLAS print warnings',
}

/** The first number of an OMP_NUM_THREADS list, or undefined when it is no integer from 1 to 1024. */
function parseOmpNumThreads(value: string): number | undefined {
  const first = (value.split(',')[0] ?? '').trim()
  const count = /^\+?\d+$/.test(first) ? Number(first) : 0
  return count >= 1 && count <= maxThreads ? count : undefined
}

function describe(name: string, value: string, source: ThreadSource): Variable {
  if (name === 'OMP_NUM_THREADS') {
    if (parseOmpNumThreads(value) === undefined) {
      const note = `passed over: not an integer from 1 to ${maxThreads}`
      return { name, value, hasSay: false, note }
    }
    return source === 'OMP_NUM_THREADS'
      ? { name, value, hasSay: true, note: 'decides the thread count' }
      : { name, value, hasSay: false, note: `overruled by ${source}, or set after the start` }
  }
  const note = libgompVariables[name]
  if (note !== undefined) return { name, value, hasSay: true, note }
  const blas = name.startsWith('OPENBLAS_') || name.startsWith('GOTO_')
  return {
    name,
    value,
    hasSay: false,
    note: blas ? 'no say: numcore passes its own number' : 'no say',
  }
}

function readCpuModel(): string {
  const model = os.cpus()[0]?.model
  if (model !== undefined && model !== '' && model !== 'unknown') return model
  try {
    return /^model name\s*:\s*(.+)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown'
  } catch {
    return 'unknown'
  }
}

/**
 * What numcore runs on and with: versions, threads and what decided their number, the CPUs it may
 * use, and every variable of OpenMP and OpenBLAS that is set, with whether it has a say.
 *
 * @example
 * ```ts
 * import { info } from 'numcore'
 * const { threads } = info()
 * console.log(`${threads.count} threads, decided by ${threads.source}`)
 * ```
 */
export function info(): Info {
  const facts = native.info()
  const threads: Info['threads'] =
    grantedThreads === undefined
      ? (facts.threads as Info['threads'])
      : { count: grantedThreads, source: 'threadsPerWorker' }
  const variables = Object.entries(process.env)
    .filter(([name]) => /^(OMP|GOMP|OPENBLAS|GOTO)_/.test(name))
    .map(([name, value]) => describe(name, value ?? '', threads.source))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return {
    numcore: facts.version,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    openblas: {
      version: facts.openblas.version,
      config: facts.openblas.config,
      coreType: facts.openblas.coreType,
      coreTypeSource: facts.openblas.coreTypeSource as Info['openblas']['coreTypeSource'],
      threadingLayer: facts.openblas.threadingLayer as Info['openblas']['threadingLayer'],
    },
    openmp: facts.openmp,
    threads,
    cpuModel: readCpuModel(),
    cpus: facts.online,
    affinity: facts.affinity,
    cgroupQuota: facts.quota,
    available: facts.available,
    variables,
    queue: facts.queue,
  }
}

// What a pool granted this thread worker; the add-on's own number is the whole process's. Worker processes have theirs
// in OMP_NUM_THREADS.
const granted = (globalThis as Record<symbol, unknown>)[Symbol.for('numcore.threads')]

const grantedThreads = typeof granted === 'number' ? granted : undefined

/** The number of threads that a call gets when it does not say: see `info().threads` for why. */
export function getThreads(): number {
  return grantedThreads ?? native.defaultThreads()
}

/**
 * Sets the number of threads for every later call, in this process and all its workers.
 *
 * @param count 1 to 1024, or `'default'` to give the decision back to the environment.
 *
 * @example
 * ```ts
 * import { getThreads, setThreads } from 'numcore'
 * setThreads(2)
 * console.log(getThreads()) // 2
 * setThreads('default')
 * ```
 */
export function setThreads(count: number | 'default'): void {
  const threads = count === 'default' ? 0 : expectInteger('count', count, 1, maxThreads)
  native.setDefaultThreads(threads)
  if (threads > 0) warnIfTooMany(threads)
}

let warned = false

// Obeyed all the same: whoever asks for eight threads on two CPUs may want to see what happens.
function warnIfTooMany(threads: number): void {
  const { available } = atLoad
  if (warned || threads <= available) return
  warned = true
  process.emitWarning(
    `${threads} threads were asked for but only ${available} CPUs are available; this is slower, not faster`,
    { type: 'NumcoreWarning', code: 'NUMCORE_OVERSUBSCRIBED' },
  )
}

/** The count for one call: what it asked for, else the default. */
export function resolveThreads(asked: number | undefined): number {
  const threads = asked ?? getThreads()
  warnIfTooMany(threads)
  return threads
}

// Once a process: a worker's environment is a copy of the main thread's.
const omp = isMainThread ? process.env.OMP_NUM_THREADS : undefined
if (omp !== undefined && omp !== '' && parseOmpNumThreads(omp) === undefined) {
  process.emitWarning(
    `OMP_NUM_THREADS is ${JSON.stringify(omp)}, not an integer from 1 to ${maxThreads}; it is passed over`,
    { type: 'NumcoreWarning', code: 'NUMCORE_OMP_NUM_THREADS' },
  )
}
