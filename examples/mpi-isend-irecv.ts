// MPI without waiting: the messages of mpi-send-recv, started by isend and irecv (Isend, Irecv) and awaited
import { COMM_WORLD as comm, wtime } from 'numcore/mpi'

const { rank, size } = comm
const count = Number(process.argv[2] ?? 1e6)
const milliseconds = (since: number) => `${((wtime() - since) * 1e3).toFixed(2)} ms`

comm.barrier()
const greeted = wtime()
if (rank !== 0) {
  const request = comm.isend(`Hello World, I'm rank ${rank}`, { dest: 0, tag: 0 })
  await request // or request.wait(), as in the lesson: then nothing else of the program goes on
} else {
  const messages: string[] = []
  for (let sender = 1; sender < size; sender++) {
    messages.push(await comm.irecv({ source: sender, tag: 0 }))
  }
  const took = milliseconds(greeted)
  for (const message of messages) console.log(message)
  console.log(`isend, irecv: ${size - 1} greetings in ${took}`)
}

// All receives at once: whoever is ready first is served first.
const numbers = new Float64Array(count).fill(rank)
const rows = Array.from({ length: rank === 0 ? size - 1 : 0 }, () => new Float64Array(count))
comm.barrier()
const counted = wtime()
if (rank !== 0) {
  await comm.Isend(numbers, { dest: 0, tag: 1 })
} else {
  await Promise.all(rows.map((row, i) => comm.Irecv(row, { source: i + 1, tag: 1 })))
  console.log(`Isend, Irecv: ${size - 1} x ${count} numbers in ${milliseconds(counted)}`)
  const sum = rows.reduce((all, row) => all + (row[count - 1] as number), 0)
  console.log(`the last numbers add up to ${sum}`)
}
