// Inverses over ranks (ScaLAPACK) and on one process, in turns: medians in milliseconds, one line of JSON a kind.
// numcore mpirun -np 2 bench/distributed.mjs N [BLOCK] [THREADS of each rank] [REPEATS]
import { inv } from 'numcore'
import { COMM_WORLD as comm, distributed } from 'numcore/mpi'

const [n = 1000, block = 64, threads = 1, repeats = 3] = process.argv.slice(2).map(Number)

/** A number from 0 to 1 for each place, the same on all ranks. */
function hash(i, j) {
  let z = Math.imul(i * 4099 + j + 1, 0x9e3779b1)
  z = Math.imul(z ^ (z >>> 15), 0x85ebca6b)
  return ((z ^ (z >>> 13)) >>> 0) / 2 ** 32
}
const symmetric = (i, j) => hash(Math.min(i, j), Math.max(i, j))
const kinds = {
  general: hash,
  symmetric,
  definite: (i, j) => symmetric(i, j) + (i === j ? n : 0),
}
const median = (times) => Math.round(times.toSorted((a, b) => a - b)[times.length >> 1])

for (const [kind, f] of Object.entries(kinds)) {
  const A = distributed.BlockCyclicMatrix.from(comm, n, n, f, { block })
  const whole = await A.gather()
  const shared = []
  const alone = []
  let info
  for (let i = 0; i < repeats; i++) {
    comm.barrier()
    let start = performance.now()
    info = await distributed.invInfo(comm, A, { threads })
    comm.barrier()
    shared.push(performance.now() - start)
    if (whole !== undefined) {
      start = performance.now()
      await inv(whole, { threads: threads * comm.size })
      alone.push(performance.now() - start)
    }
    // Awaited, so that nobody spins while the one process computes.
    await comm.ibarrier()
  }
  if (comm.rank > 0) continue
  const { method, residual } = info
  const [ranks, times] = [comm.size, { shared: median(shared), alone: median(alone) }]
  console.log(JSON.stringify({ kind, n, ranks, threads, block, method, residual, ...times }))
}
