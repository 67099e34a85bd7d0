// Race condition, solved by duplicating: each worker counts for itself, and the counts are added in the end
import { ProcessPoolExecutor, ThreadPoolExecutor } from 'numcore/parallel'

const n = Number(process.argv[2] ?? 1_000_000)
const workers = 4

function increment(times: number): number {
  let counter = 0
  for (let i = 0; i < times; i++) counter += 1
  return counter
}

for (const Executor of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  await using pool = new Executor({ maxWorkers: workers })
  const start = performance.now()
  const counts = await pool.map(
    increment,
    Array.from({ length: workers }, () => n),
  )
  const milliseconds = Math.round(performance.now() - start)
  const total = counts.reduce((sum, each) => sum + each, 0)
  console.log(`${Executor.name}: expected ${workers * n}, counted ${total}, ${milliseconds} ms`)
}
