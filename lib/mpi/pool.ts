/**
 * numcore/mpi/pool: the executor whose workers are the other ranks. It does not load MPI itself: the modules of tasks, which
 * may import this one, are loaded in threads, and MPI belongs to one thread of a process.
 */
import { BrokenPoolError } from '../parallel/errors.js'
import { Executor, type ExecutorOptions, type Kind, refuseReentry } from '../parallel/executor.js'
import { processes } from '../parallel/pools.js'
import type { NewHost } from '../parallel/host.js'
import { launcherOf } from './launcher.js'

/** The ranks that work for this one. @internal */
export interface Staff {
  way: 'ranks' | 'distant ranks'
  count: number
  newHost: NewHost
}

const name = 'MPIPoolExecutor'

let staff: Staff | undefined
/** The executor that has them. */
let owner: MPIPoolExecutor | undefined

/** From here on this process is rank 0 of a job whose other ranks are workers. @internal */
export function employ(ranks: Staff): void {
  staff = ranks
}

function kind(): Kind {
  const launcher = launcherOf(process.env)
  const size = launcher?.size ?? 1
  if (size === 1) return processes(name)
  refuseReentry(name)
  if (staff === undefined) {
    throw new BrokenPoolError(
      `Expected workers for the ${name} but the ranks of this job run programs of their own (this is rank ` +
        `${launcher?.rank} of ${size}): start it by numcore mpirun -np ${size} --pool PROGRAM, or by mpirun -np ${size} node ` +
        '--import numcore/mpi/workers PROGRAM. Then rank 0 runs the program, and the others work for it',
    )
  }
  const { way, count, newHost } = staff
  return { name, way, newHost, workers: count }
}

function claim(pool: MPIPoolExecutor): void {
  if (staff === undefined) return
  if (owner !== undefined) {
    throw new BrokenPoolError(
      `Expected one ${name} at a time: the ranks are the workers of another one until that is closed`,
    )
  }
  owner = pool
}

/**
 * Runs tasks on the other ranks of the job, as `mpi4py.futures`: rank 0 is the program, ranks 1 to N - 1 are its workers, on
 * one machine or on many. Tasks, calls, errors and the end are those of every executor of `numcore/parallel`.
 *
 *     numcore mpirun -np 4 --pool app.mjs
 *     mpirun -np 4 node --import numcore/mpi/workers app.mjs        or mpiexec, srun
 *
 * On one rank, without a launcher as well, the workers are processes of this machine: the program is the same.
 *
 * Shared arrays are passed by reference when all ranks see the memory of rank 0, and by value when they do not. Tasks run in a
 * thread of their rank, so that one that hangs, exits or runs out of memory ends by itself; native code that crashes ends the
 * rank, and a rank that dies ends the job. MPI belongs to the pool: a task cannot use it.
 *
 * @throws BrokenPoolError when the other ranks are no workers, or those of another pool.
 *
 * @example
 * ```ts
 * import { MPIPoolExecutor } from 'numcore/mpi/pool'
 * const pool = new MPIPoolExecutor()
 * console.log(await pool.map((x) => x * x, [1, 2, 3])) // [ 1, 4, 9 ]
 * await pool.close()
 * ```
 */
export class MPIPoolExecutor extends Executor {
  constructor(options?: ExecutorOptions) {
    super(kind(), options)
    claim(this)
  }

  override async close(): Promise<void> {
    await super.close()
    this.#release()
  }

  override async terminate(): Promise<void> {
    await super.terminate()
    this.#release()
  }

  #release(): void {
    if (owner === this) owner = undefined
  }
}
