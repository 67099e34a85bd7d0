// Numerical integral of x^(3/2) from 0 to 1, divided among processes
import { ProcessPoolExecutor } from 'numcore/parallel'

const bins = Number(process.argv[2] ?? 1e8)
const workers = Number(process.argv[3] ?? 4)

function midpointSum(first: number, last: number, width: number): number {
  let sum = 0
  for (let i = first; i < last; i++) sum += ((i + 0.5) * width) ** 1.5
  return sum * width
}

const edge = (worker: number) => Math.round((worker * bins) / workers)
const ranges = Array.from({ length: workers }, (_, i): [number, number, number] => [
  edge(i),
  edge(i + 1),
  1 / bins,
])

console.time(`${workers} processes`)
await using pool = new ProcessPoolExecutor({ maxWorkers: workers })
const parts = await pool.starmap(midpointSum, ranges)
const value = parts.reduce((sum, part) => sum + part, 0)
console.timeEnd(`${workers} processes`)
console.log(`Integral value is ${value}, error ${Math.abs(value - 0.4).toExponential(1)}`)
