// Which MPI starts the ranks, as its launcher tells.
import { spawnSync } from 'node:child_process'
import { mpiCommand } from '../mpi/launch.js'

/** `Open MPI 4.1.4`. */
export function mpiName(): string {
  const { command, mpi } = mpiCommand({ ranks: 1 })
  const { stdout } = spawnSync(command, ['--version'], { encoding: 'utf8', timeout: 20_000 })
  // The first line of Open MPI's, and the second of MPICH's.
  const version = /\d+\.\d+(\.\d+)?\S*/.exec(stdout ?? '')?.[0] ?? ''
  return `${mpi === 'openmpi' ? 'Open MPI' : 'MPICH'} ${version}`.trim()
}
