// MPI reduce: the integral of x^(3/2) from 0 to 1, a part on each rank, added up on rank 0 (reduce, Reduce)
import { COMM_WORLD as comm, MAX, SUM, wtime } from 'numcore/mpi'

const { rank, size } = comm
const bins = Number(process.argv[2] ?? 1e8)

const edge = (part: number) => Math.round((part * bins) / size)
comm.barrier()
const start = wtime()
const width = 1 / bins
let sum = 0
for (let i = edge(rank); i < edge(rank + 1); i++) sum += ((i + 0.5) * width) ** 1.5
const part = sum * width
const seconds = wtime() - start

// Lower case: any value, and any function of two values; numbers are added unless it is said otherwise.
const value = comm.reduce(part, { root: 0, op: SUM })
const slowest = comm.reduce(seconds, { root: 0, op: MAX })

// Upper case: arrays, element by element.
const all = new Float64Array(2)
comm.Reduce(Float64Array.of(part, edge(rank + 1) - edge(rank)), all, { root: 0, op: SUM })

if (value !== undefined && slowest !== undefined) {
  console.log(`${size} ranks: ${slowest.toFixed(3)} s`)
  console.log(`reduce: integral value is ${value}, error ${Math.abs(value - 0.4).toExponential(1)}`)
  console.log(`Reduce: integral value is ${all[0]}, of ${all[1]} bins`)
}
