// MPI point to point: every rank sends rank 0 a greeting (send, recv), then numbers (Send, Recv)
import { COMM_WORLD as comm, wtime } from 'numcore/mpi'

const { rank, size } = comm
const count = Number(process.argv[2] ?? 1e6)
const milliseconds = (since: number) => `${((wtime() - since) * 1e3).toFixed(2)} ms`

// Lower case: any value.
comm.barrier()
const greeted = wtime()
if (rank !== 0) {
  comm.send(`Hello World, I'm rank ${rank}`, { dest: 0, tag: 0 })
} else {
  const messages: string[] = []
  for (let sender = 1; sender < size; sender++) {
    messages.push(comm.recv({ source: sender, tag: 0 }))
  }
  const took = milliseconds(greeted)
  for (const message of messages) console.log(message)
  console.log(`send, recv: ${size - 1} greetings in ${took}`)
}

// Upper case: a typed array, from where it lies into one that is there already.
const numbers = new Float64Array(count).fill(rank)
comm.barrier()
const counted = wtime()
if (rank !== 0) {
  comm.Send(numbers, { dest: 0, tag: 1 })
} else {
  let sum = 0
  for (let sender = 1; sender < size; sender++) {
    comm.Recv(numbers, { source: sender, tag: 1 })
    sum += numbers[count - 1] as number
  }
  console.log(`Send, Recv: ${size - 1} x ${count} numbers in ${milliseconds(counted)}`)
  console.log(`the last numbers add up to ${sum}`)
}
