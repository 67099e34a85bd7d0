/** How MPI programs are started. Nothing here loads MPI, so a program that starts others is no rank itself. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { NoMpiError } from '../errors.js'
import { checkOptions, expectBoolean, expectInteger, expectOneOf } from '../options.js'
import type { MpiFlavour } from '../native/mpi.js'
import { withoutJob } from './launcher.js'

export interface MpiCommandOptions {
  /** How many ranks. */
  ranks: number
  /** Which MPI. Default: that of `NUMCORE_MPI`, else the first that is found. */
  mpi?: MpiFlavour | undefined
  /** Threads of each rank, as `OMP_NUM_THREADS`. Default: that variable, else the CPUs over the ranks, at least 1. */
  threads?: number | undefined
  /** Rank 0 hands out work and the others do it, see `MPIPoolExecutor`: the CPUs are theirs. Default false. */
  pool?: boolean | undefined
  /** Further arguments for the launcher. Those about binding decide about it alone. */
  launcherArgs?: readonly string[] | undefined
  /** The environment. Default: that of this process. */
  env?: NodeJS.ProcessEnv | undefined
}

/** What to start: `spawn(command, [...args, program, ...], { env })`. */
export interface MpiCommand {
  command: string
  args: string[]
  env: NodeJS.ProcessEnv
  mpi: MpiFlavour | undefined
}

const optionKeys = ['ranks', 'mpi', 'threads', 'pool', 'launcherArgs', 'env'] as const

/** Each MPI's own names first: `mpirun` may be anybody's. */
const launchers: readonly { name: string; mpi: MpiFlavour | undefined }[] = [
  { name: 'mpirun.openmpi', mpi: 'openmpi' },
  { name: 'orterun', mpi: 'openmpi' },
  { name: 'mpirun.mpich', mpi: 'mpich' },
  { name: 'mpiexec.hydra', mpi: 'mpich' },
  { name: 'mpirun', mpi: undefined },
  { name: 'mpiexec', mpi: undefined },
]

function which(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file))
}

/** What a launcher of a common name says that it is. */
function askVersion(file: string): MpiFlavour | undefined {
  const { stdout = '' } = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 20_000 })
  if (/Open ?MPI|OpenRTE|PRRTE/i.test(stdout ?? '')) return 'openmpi'
  return /HYDRA|Intel\(R\) MPI|MVAPICH|MPICH/i.test(stdout ?? '') ? 'mpich' : undefined
}

interface Found {
  file: string
  mpi: MpiFlavour
}

/** The launchers of this machine, one for each MPI, the preferred first. */
export function findLaunchers(env: NodeJS.ProcessEnv = process.env): Found[] {
  const wanted = env.NUMCORE_MPI?.trim() ?? ''
  // A library outside of the usual places has its launcher beside it.
  const own = wanted.includes('/') ? join(dirname(dirname(wanted)), 'bin') + delimiter : ''
  const path = own + (env.PATH ?? '')
  const found: Found[] = []
  for (const { name, mpi } of launchers) {
    const file = which(name, path)
    if (file === undefined) continue
    const flavour = mpi ?? askVersion(file)
    if (flavour !== undefined && !found.some((each) => each.mpi === flavour)) {
      found.push({ file, mpi: flavour })
    }
  }
  return found
}

function choose(asked: MpiFlavour | undefined, env: NodeJS.ProcessEnv): Found {
  const wanted = env.NUMCORE_MPI?.trim() ?? ''
  const flavour = asked ?? (wanted === 'openmpi' || wanted === 'mpich' ? wanted : undefined)
  const found = findLaunchers(env)
  const chosen = found.find((each) => flavour === undefined || each.mpi === flavour)
  if (chosen !== undefined) return chosen
  const names = launchers.map(({ name }) => name).join(', ')
  throw new NoMpiError(
    `Could not find the launcher of ${flavour ?? 'any MPI'} on the PATH (looked for ${names}). On Debian and Ubuntu: ` +
      'apt-get install openmpi-bin, or mpich. On a cluster: load its MPI module, or start the program with srun',
  )
}

/** Whether the caller says himself which CPUs a rank may use. */
function isBound(args: readonly string[]): boolean {
  return args.some((each) =>
    /^--?(bind-to|map-by|rank-by|rankfile|rf|cpu-set|cpu-list|cpus-per-proc|cpus-per-rank|bynode|byslot|ppn|npernode|npersocket)/.test(
      each,
    ),
  )
}

/** Whether ranks may go to other machines, whose CPUs nobody has counted. */
function isRemote(args: readonly string[]): boolean {
  return args.some((each) =>
    /^--?(host|hosts|H|hostfile|machinefile|f|default-hostfile)$/.test(each),
  )
}

/**
 * The command that starts a program on some ranks of this machine: the launcher that is here, as many threads for each rank
 * as there are CPUs for it, and what is needed when there are more ranks than CPUs (they take turns instead of
 * spinning). Open MPI wants to be told that root may do this; that is done when this process is root's.
 *
 * @throws ERR_NO_MPI when there is no launcher.
 *
 * @example
 * ```ts
 * import { mpiCommand } from 'numcore/mpi/launch'
 * const { args } = mpiCommand({ ranks: 3 })
 * console.log(args.slice(0, 2)) // [ '-np', '3' ]
 * ```
 */
export function mpiCommand(options: MpiCommandOptions): MpiCommand {
  checkOptions('mpiCommand', options, optionKeys)
  const ranks = expectInteger('ranks', options.ranks, 1)
  const { launcherArgs = [], env: given = process.env, mpi: asked } = options
  const computing = expectBoolean('pool', options.pool ?? false) ? Math.max(1, ranks - 1) : ranks
  if (asked !== undefined) expectOneOf('mpi', asked, ['openmpi', 'mpich'])
  // A rank that starts a job of its own must not hand on where its own job is.
  const env: NodeJS.ProcessEnv = withoutJob(given)
  for (const [name, value] of Object.entries(given)) {
    // What the user set for the launcher is his.
    if (
      /^(OMPI_MCA_(?!orte_|ess|pmix|shmem_RUNTIME|initial_wdir)|OMPI_ALLOW|PRTE_MCA_|HYDRA_)/.test(
        name,
      )
    ) {
      env[name] = value
    }
  }
  const { file, mpi } = choose(asked, given)
  if (!(env.NUMCORE_MPI ?? '').includes('/')) env.NUMCORE_MPI = mpi

  const cpus = availableParallelism()
  const bound = isBound(launcherArgs)
  const remote = isRemote(launcherArgs)
  const args = ['-np', String(ranks)]
  if (options.threads !== undefined) {
    env.OMP_NUM_THREADS = String(expectInteger('threads', options.threads, 1, 1024))
  } else if (env.OMP_NUM_THREADS === undefined && !bound && !remote) {
    env.OMP_NUM_THREADS = String(Math.max(1, Math.floor(cpus / computing)))
  }
  if (mpi === 'openmpi') {
    if (process.getuid?.() === 0) {
      env.OMPI_ALLOW_RUN_AS_ROOT = '1'
      env.OMPI_ALLOW_RUN_AS_ROOT_CONFIRM = '1'
    }
    // Bound to one core, a rank's threads would share it.
    if (!bound) args.push('--bind-to', 'none')
    if (!remote && ranks > cpus) args.push('--oversubscribe')
  }
  if (!remote && ranks > cpus) {
    env.OMPI_MCA_mpi_yield_when_idle ??= '1'
    env.MPIR_CVAR_POLLS_BEFORE_YIELD ??= '1'
  }
  return { command: file, args: [...args, ...launcherArgs], env, mpi }
}
