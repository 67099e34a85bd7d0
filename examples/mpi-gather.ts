// MPI gather: all ranks send rank 0 a message (gather), then numbers of which it makes one array (Gather)
import { COMM_WORLD as comm, wtime } from 'numcore/mpi'

const { rank, size } = comm
const count = Number(process.argv[2] ?? 1e6)
const milliseconds = (since: number) => `${((wtime() - since) * 1e3).toFixed(2)} ms`

comm.barrier()
const greeted = wtime()
const messages = comm.gather(`Hello World, I'm rank ${rank}`, { root: 0 })
const greetingsTook = milliseconds(greeted)
// Only the root has them; on the others the result is undefined.
for (const message of messages ?? []) console.log(message)

const mine = new Float64Array(count).fill(rank)
const all = rank === 0 ? new Float64Array(size * count) : undefined
comm.barrier()
const counted = wtime()
comm.Gather(mine, all, { root: 0 })
const numbersTook = milliseconds(counted)

if (all !== undefined) {
  const ordered = all.every((value, i) => value === Math.floor(i / count))
  console.log(`gather: ${size} greetings in ${greetingsTook}`)
  console.log(`Gather: ${size} x ${count} numbers in ${numbersTook}, in order: ${ordered}`)
}
