/** Starts MPI: importing numcore/mpi is MPI_Init. */
import { fstatSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import { InvalidArgumentError, MpiError, NoMpiError, OutOfMemoryError } from '../errors.js'
import { loadMpi, native as core } from '../native.js'
import { expectOneOf } from '../options.js'
import { watchEnd } from './ending.js'
import { expectConnection, expectJob, openMpi } from './library.js'

const levels = ['single', 'funneled', 'serialized', 'multiple'] as const

/** How many threads of the process may call MPI, as MPI names it. numcore itself calls it from one. */
export type ThreadLevel = (typeof levels)[number]

function levelAsked(): number {
  const given = process.env.NUMCORE_MPI_THREADS
  return given === undefined
    ? levels.indexOf('multiple')
    : levels.indexOf(expectOneOf('NUMCORE_MPI_THREADS', given, levels))
}

// UCX, below MPICH and many an Open MPI, puts a handler of its own over V8's when it is loaded; an access outside of a
// WebAssembly memory would then end the process instead of throwing.
process.env.UCX_ERROR_SIGNALS ??= ''
// It also hooks the calls for memory, probably while V8's threads are inside of them: with three ranks of MPICH 4.0.2, 9 of
// 240 programs crashed at their start, and none of 240 without.
process.env.UCX_MEM_EVENTS ??= 'n'

const chosen = openMpi(process.env, core)
expectConnection(chosen, process.env, (file) => {
  try {
    return fstatSync(file).isSocket()
  } catch {
    return false
  }
})

/** The add-on, fitting the library that was chosen. */
export const mpi = loadMpi(chosen.flavour)

const classNames = new Map<number, string>()

function initialize() {
  try {
    return mpi.init(levelAsked(), (routine, code, family, sentence) => {
      // No routine: the add-on itself refused, before MPI saw anything.
      if (routine === '') return new InvalidArgumentError(sentence)
      if (routine === 'memory') return new OutOfMemoryError(sentence)
      return new MpiError(routine, code, classNames.get(family) ?? 'ERR_UNKNOWN', sentence)
    })
  } catch (error) {
    if (isMainThread) throw error
    throw new NoMpiError(
      `${(error as Error).message}. Tasks of a pool run in other threads: a module that is loaded for them takes ` +
        'MPIPoolExecutor from numcore/mpi/pool, which does not load MPI',
    )
  }
}

const info = initialize()
// Who starts jobs asks for it: a process that is a rank itself cannot.
;(globalThis as Record<symbol, unknown>)[Symbol.for('numcore.mpi')] = true
for (const [name, value] of Object.entries(info.errorClasses)) classNames.set(value, name)

/** What the add-on told when it started MPI. */
export const started = info
/** Source, tag, bytes and cancelled of the last receive, probe or completion. */
export const lastStatus = info.status

const world = 0
const size = mpi.commSize(world)
const rank = mpi.commRank(world)
watchEnd(mpi, rank, size, info.host)
expectJob(chosen, size, process.env)

/** A value of MPI's that differs between implementations. */
export function constant(name: string): number {
  const value = info.constants[name]
  if (value === undefined) throw new Error(`numcore/mpi: no constant ${name}`)
  return value
}

export interface MpiInfo {
  /** Which binary interface: `'openmpi'` or `'mpich'`. */
  flavour: 'openmpi' | 'mpich'
  /** The shared library, as the dynamic loader was asked for it. */
  file: string
  /** What the library says of itself. */
  library: string
  /** The version of the standard, such as `'3.1'`. */
  version: string
  threadLevel: ThreadLevel
  host: string
  /** The largest tag. */
  tagLimit: number
  /** What started the ranks; undefined for a program of its own. */
  launcher: string | undefined
}

/** Which MPI is at work. */
export function mpiInfo(): MpiInfo {
  return {
    flavour: chosen.flavour,
    file: chosen.file,
    // MPICH tells how it was configured as well.
    library: (info.library.split('\n', 1)[0] as string).replace(/\s+/g, ' ').trim(),
    version: info.version,
    threadLevel: levels[info.provided] as ThreadLevel,
    host: info.host,
    tagLimit: info.tagLimit,
    launcher: chosen.launcher?.name,
  }
}

/** Seconds since a moment in the past, by MPI's clock. */
export const wtime = (): number => mpi.wtime()
/** The seconds between two ticks of MPI's clock. */
export const wtick = (): number => mpi.wtick()
/** Ends MPI before the program ends; a clean end of the program does it anyway. */
export const finalize = (): void => mpi.finalize()
/** Whether MPI has ended. */
export const isFinalized = (): boolean => mpi.finalized()
/** The name of this machine, as MPI knows it. */
export const processorName = (): string => info.host
