// The checks of one MPI program. All ranks run all of them, in order, because most are collective; the first that fails
// on any rank ends the job with its name, so that nobody waits for a rank that has given up.
import { COMM_SELF, COMM_WORLD, type Comm } from 'numcore/mpi'

interface Check {
  name: string
  run(comm: Comm): unknown
  onEach: boolean
}

const checks: Check[] = []

/** A check that runs on COMM_WORLD. */
export function check(name: string, run: (comm: Comm) => unknown): void {
  checks.push({ name, run, onEach: false })
}

/** A check that runs on COMM_WORLD, on COMM_SELF and on a copy of COMM_WORLD. */
export function checkEach(name: string, run: (comm: Comm) => unknown): void {
  checks.push({ name, run, onEach: true })
}

export async function runChecks(): Promise<void> {
  const copy = COMM_WORLD.dup()
  for (const { name, run, onEach } of checks) {
    for (const comm of onEach ? [COMM_WORLD, COMM_SELF, copy] : [COMM_WORLD]) {
      try {
        await run(comm)
        // A message that nobody received would be found by a later check.
        const left = comm.iprobe()
        if (left !== undefined) throw new Error(`left a message of ${left.bytes} bytes behind`)
      } catch (error) {
        throw new Error(`check "${name}" failed on rank ${COMM_WORLD.rank}`, { cause: error })
      }
      COMM_WORLD.barrier()
    }
    if (COMM_WORLD.rank === 0) console.log(`ok ${name}`)
  }
  copy.free()
  if (COMM_WORLD.rank === 0) console.log(`${checks.length} checks passed`)
}
