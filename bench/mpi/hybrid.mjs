// What bench/mpi_hybrid.mjs runs on every rank: its share of some work, with the threads that it is given.
//   mpirun -np R hybrid.mjs
import { COMM_WORLD as comm, wtime } from 'numcore/mpi'
import { getThreads, integrate, inv, Matrix } from 'numcore'
import { median } from '../peers.mjs'

const { rank, size } = comm
const inverses = 8
const bins = 4e8
const A = Matrix.random(1000, 1000, { seed: 1, symmetric: true })

const tasks = {
  /** Inverses, dealt out to the ranks. */
  async inverse() {
    for (let i = rank; i < inverses; i += size) await inv(A)
  },
  /** Each rank its part of the interval, and the sum on all. */
  async integral() {
    const { value } = await integrate('x**(3/2)', rank / size, (rank + 1) / size, {
      bins: bins / size,
    })
    return comm.allreduce(value)
  },
}

for (const [name, run] of Object.entries(tasks)) {
  const seconds = []
  for (let round = 0; round <= 5; round++) {
    comm.Barrier()
    const start = wtime()
    await run()
    comm.Barrier()
    // The first one warms up.
    if (round > 0) seconds.push(wtime() - start)
  }
  if (rank === 0) {
    console.log(JSON.stringify({ name, threads: getThreads(), seconds: median(seconds) }))
  }
}
