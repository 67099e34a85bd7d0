// One command on the ranks of an MPI job: they share its work, and look from outside like one process, which reads the same,
// writes the same bytes, and says what it has to say once. Without a launcher there is one rank, and nothing of MPI is loaded.
import { InvalidArgumentError } from '../errors.js'
import type { Comm } from '../mpi/comm.js'
import { failureOf, ReportedError } from './failure.js'

export interface Ranks {
  /** Undefined in a process of its own. */
  readonly comm: Comm | undefined
  readonly rank: number
  readonly size: number
  /** Whether this is the rank that speaks and writes. */
  readonly isRoot: boolean
  /** Runs a step on every rank. Where it fails on any it fails on all, with what the lowest has to say. */
  together<T>(step: () => T | Promise<T>): Promise<T>
  /** Runs a step on rank 0 alone. All get its result, or fail as it did. */
  atRoot<T>(step: () => T | Promise<T>): Promise<T>
}

const alone: Ranks = {
  comm: undefined,
  rank: 0,
  size: 1,
  isRoot: true,
  together: async (step) => step(),
  atRoot: async (step) => step(),
}

let joined: Ranks = alone

/** The ranks that work on this command. */
export const theRanks = (): Ranks => joined

/** Commands that have work for several; the others run as often as they are started, each for itself. */
const shared = ['acf', 'corpus', 'integrate']

type Agreement = typeof import('../mpi/agree.js')

function ranksOf(comm: Comm, { agree, agreeAtRoot }: Agreement): Ranks {
  const report = (error: unknown): never => {
    throw new ReportedError(failureOf(error))
  }
  return {
    comm,
    rank: comm.rank,
    size: comm.size,
    isRoot: comm.rank === 0,
    together: (step) => agree(comm, step).catch(report),
    atRoot: (step) => agreeAtRoot(comm, step).catch(report),
  }
}

/** Milliseconds that the others wait for the one who says what is wrong: a launcher may end all with the first. */
const patience = 2000

/**
 * Joins the other ranks when a launcher has started several of a command that has work for them.
 *
 * @throws ERR_NO_MPI, one message for each machine, when MPI cannot be used as the launcher needs it.
 */
export async function joinRanks(words: readonly string[]): Promise<Ranks> {
  const { OMPI_COMM_WORLD_SIZE, PMI_SIZE, SLURM_STEP_NUM_TASKS } = process.env
  const several = Number(OMPI_COMM_WORLD_SIZE ?? PMI_SIZE ?? SLURM_STEP_NUM_TASKS) > 1
  if (!several || !shared.includes(words[0] ?? '')) return alone
  const { launcherOf } = await import('../mpi/launcher.js')
  const launcher = launcherOf(process.env)
  if (launcher === undefined || launcher.size === 1) return alone
  try {
    const { COMM_WORLD } = await import('../mpi/index.js')
    joined = ranksOf(COMM_WORLD, await import('../mpi/agree.js'))
  } catch (error) {
    if (launcher.localRank === 0) throw error
    await new Promise((resolve) => setTimeout(resolve, patience))
    throw new ReportedError({ code: failureOf(error).code, text: '' })
  }
  const first = await joined.atRoot(() => words)
  await joined.together(() => {
    if (words.join('\0') === first.join('\0')) return
    throw new InvalidArgumentError('Expected the same arguments on all ranks')
  })
  return joined
}

/**
 * Ends a command, well or with an error that all ranks have agreed on: only rank 0 has an exit code to tell, so that
 * launchers make the least noise about it. After any other error MPI aborts the job.
 */
export async function leaveRanks(): Promise<void> {
  if (joined.comm === undefined) return
  const { finalize } = await import('../mpi/index.js')
  finalize()
  if (!joined.isRoot) process.exitCode = 0
}
