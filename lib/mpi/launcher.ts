/** Who started this process, and with which MPI: read from the environment, before any MPI is loaded. */
import type { MpiFlavour } from '../native/mpi.js'

export interface Launcher {
  /** Its name as a message shows it. */
  name: string
  /** The only MPI that understands it; undefined when several do. */
  flavour: MpiFlavour | undefined
  /** How many ranks it started. */
  size: number
  rank: number
  /** The number among those on this machine; the rank where the launcher does not say. */
  localRank: number
}

type Environment = Readonly<Record<string, string | undefined>>

/** The launcher of this process; undefined when it was started as a program of its own. */
export function launcherOf(environment: Environment): Launcher | undefined {
  const number = (name: string) => Number(environment[name] ?? Number.NaN)
  const made = (
    name: string,
    flavour: MpiFlavour | undefined,
    size: number,
    rank: number,
    local: number,
  ) => {
    if (!Number.isInteger(size) || !Number.isInteger(rank)) return undefined
    return { name, flavour, size, rank, localRank: Number.isInteger(local) ? local : rank }
  }
  // An Open MPI job inside a Slurm step has both kinds of variables, and Open MPI's count.
  const openmpi = made(
    "Open MPI's mpirun",
    'openmpi',
    number('OMPI_COMM_WORLD_SIZE'),
    number('OMPI_COMM_WORLD_RANK'),
    number('OMPI_COMM_WORLD_LOCAL_RANK'),
  )
  if (openmpi !== undefined) return openmpi
  // Hydra is the launcher of MPICH, Intel MPI and MVAPICH. Slurm's own PMI names its ranks in the same way, but any MPI
  // may be behind it.
  const isHydra =
    environment.HYDI_CONTROL_FD !== undefined || environment.SLURM_STEP_NUM_TASKS === undefined
  const hydra = made(
    "MPICH's mpirun",
    isHydra ? 'mpich' : undefined,
    number('PMI_SIZE'),
    number('PMI_RANK'),
    number('MPI_LOCALRANKID'),
  )
  if (hydra !== undefined) return hydra
  return made(
    'srun',
    undefined,
    number('SLURM_STEP_NUM_TASKS'),
    number('SLURM_PROCID'),
    number('SLURM_LOCALID'),
  )
}

/** Variables by which a launcher's child finds its job; a process that is not a rank must not inherit them. */
const jobVariables = /^(OMPI_|PMIX_|PMI_|PRTE_|HYDI_|HYDRA_|MPI_LOCAL)/

/** The environment for a child process that is to run on its own, though it is started by a rank. */
export function withoutJob(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !jobVariables.test(entry[0]),
    ),
  )
}
