// The measurements of bench/mpi.mjs with numcore/mpi: numcore mpirun -np 2 osu.mjs latency bandwidth ...
import { COMM_WORLD as comm, Request, wtime } from 'numcore/mpi'
import { median } from '../peers.mjs'

const batches = 21
const window = 64
const megabyte = 1 << 20
const large = 16_000_000

const { rank } = comm
const other = 1 - rank
const sent = new Float64Array(large / 8).fill(1)
const received = new Float64Array(large / 8).fill(1)
const to = { dest: other, tag: 1 }
const from = { source: other, tag: 1 }

/** Rank 0 gives and takes, the other way round on rank 1. */
const turns = (give, take) =>
  rank === 0
    ? () => {
        give()
        take()
      }
    : () => {
        take()
        give()
      }

function latency() {
  const [out, into] = [sent.subarray(0, 1), received.subarray(0, 1)]
  return turns(
    () => comm.Send(out, to),
    () => comm.Recv(into, from),
  )
}

function awaited() {
  const [out, into] = [sent.subarray(0, 1), received.subarray(0, 1)]
  return rank === 0
    ? async () => {
        await comm.Isend(out, to)
        await comm.Irecv(into, from)
      }
    : async () => {
        await comm.Irecv(into, from)
        await comm.Isend(out, to)
      }
}

function bandwidth() {
  const [out, into] = [sent.subarray(0, megabyte / 8), received.subarray(0, megabyte / 8)]
  const answer = [sent.subarray(0, 1), received.subarray(0, 1)]
  const all = (start) => Request.waitAll(Array.from({ length: window }, start))
  return rank === 0
    ? () => {
        all(() => comm.Isend(out, to))
        comm.Recv(answer[1], { source: other, tag: 2 })
      }
    : () => {
        all(() => comm.Irecv(into, from))
        comm.Send(answer[0], { dest: other, tag: 2 })
      }
}

function object() {
  let count = 0
  return turns(
    () => comm.send({ a: ++count, b: 3.14, c: [1, 2, 3] }, to),
    () => comm.recv(from),
  )
}

const array = () =>
  turns(
    () => comm.send(sent, to),
    () => comm.recv(from),
  )

function allreduce() {
  const [out, into] = [sent.subarray(0, megabyte / 8), received.subarray(0, megabyte / 8)]
  return () => comm.Allreduce(out, into)
}

function bcast() {
  const buffer = sent.subarray(0, megabyte / 8)
  return () => comm.Bcast(buffer)
}

function rounds(once, iterations, ways) {
  const seconds = []
  // Two to warm up.
  for (let batch = -2; batch < batches; batch++) {
    comm.Barrier()
    const start = wtime()
    for (let i = 0; i < iterations; i++) once()
    if (batch >= 0) seconds.push((wtime() - start) / iterations / ways)
  }
  return median(seconds)
}

async function awaitedRounds(once, iterations, ways) {
  const seconds = []
  for (let batch = -2; batch < batches; batch++) {
    comm.Barrier()
    const start = wtime()
    for (let i = 0; i < iterations; i++) await once()
    if (batch >= 0) seconds.push((wtime() - start) / iterations / ways)
  }
  return median(seconds)
}

function collective(once, iterations) {
  const seconds = []
  for (let batch = -2; batch < batches; batch++) {
    let sum = 0
    for (let i = 0; i < iterations; i++) {
      comm.Barrier()
      const start = wtime()
      once()
      sum += wtime() - start
    }
    const everywhere = comm.allreduce(sum)
    if (batch >= 0) seconds.push(everywhere / 2 / iterations)
  }
  return median(seconds)
}

const measured = {
  latency: () => rounds(latency(), 1000, 2),
  awaited: () => awaitedRounds(awaited(), 1000, 2),
  bandwidth: () => rounds(bandwidth(), 5, window),
  object: () => rounds(object(), 1000, 2),
  array: () => rounds(array(), 3, 2),
  allreduce: () => collective(allreduce(), 20),
  bcast: () => collective(bcast(), 20),
}

for (const name of process.argv.slice(2)) {
  const seconds = await measured[name]()
  if (rank === 0) console.log(JSON.stringify({ name, seconds }))
}
