// MPI broadcast: rank 0 tells all others a message (bcast), then numbers (Bcast)
import { COMM_WORLD as comm, wtime } from 'numcore/mpi'

const { rank, size } = comm
const count = Number(process.argv[2] ?? 1e6)
const milliseconds = (since: number) => `${((wtime() - since) * 1e3).toFixed(2)} ms`

const sent = rank === 0 ? 'Hello World from rank 0' : undefined
comm.barrier()
const greeted = wtime()
const message = comm.bcast(sent, { root: 0 })
const greetingTook = milliseconds(greeted)
if (rank !== 0) console.log(`rank ${rank} received message: ${message}`)

const numbers = new Float64Array(count).fill(rank === 0 ? Math.PI : 0)
comm.barrier()
const counted = wtime()
comm.Bcast(numbers, { root: 0 })
const numbersTook = milliseconds(counted)

const all = comm.allreduce(numbers.at(-1) === Math.PI ? 1 : 0)
if (rank === 0) {
  console.log(`bcast: a greeting in ${greetingTook}`)
  console.log(`Bcast: ${count} numbers in ${numbersTook}, ${all} of ${size} ranks have pi`)
}
