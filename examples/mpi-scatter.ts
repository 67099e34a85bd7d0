// MPI scatter: rank 0 has a message for each rank (scatter), then an array of which each gets a part (Scatter)
import { COMM_WORLD as comm, wtime } from 'numcore/mpi'

const { rank, size } = comm
const count = Number(process.argv[2] ?? 1e6)
const milliseconds = (since: number) => `${((wtime() - since) * 1e3).toFixed(2)} ms`

const messages =
  rank === 0
    ? Array.from({ length: size }, (_, to) => `Hello World from rank 0 to rank ${to}`)
    : undefined
comm.barrier()
const greeted = wtime()
const message = comm.scatter(messages, { root: 0 })
const greetingsTook = milliseconds(greeted)
console.log(`rank ${rank} received message: ${message}`)

const all =
  rank === 0
    ? Float64Array.from({ length: size * count }, (_, i) => Math.floor(i / count))
    : undefined
const mine = new Float64Array(count)
comm.barrier()
const counted = wtime()
comm.Scatter(all, mine, { root: 0 })
const numbersTook = milliseconds(counted)

const right = comm.reduce(mine.every((value) => value === rank) ? 1 : 0, { root: 0 })
if (rank === 0) {
  console.log(`scatter: ${size} greetings in ${greetingsTook}`)
  console.log(
    `Scatter: ${size} x ${count} numbers in ${numbersTook}, ${right} of ${size} ranks have theirs`,
  )
}
