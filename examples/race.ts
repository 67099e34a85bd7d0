// Race condition: four workers add to one counter without asking each other, and additions get lost
import { Barrier, ProcessPoolExecutor, SharedValue, ThreadPoolExecutor } from 'numcore/parallel'

const n = Number(process.argv[2] ?? 10_000_000)
const workers = 4

function increment(counter: SharedValue<'int32'>, start: Barrier, times: number): void {
  start.waitSync()
  // Reads, adds, writes: what another worker wrote in between is overwritten.
  for (let i = 0; i < times; i++) counter.value += 1
}

for (const Executor of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  await using pool = new Executor({ maxWorkers: workers })
  const counter = new SharedValue('int32')
  const start = new Barrier(workers)
  const shares = Array.from({ length: workers }, (): Parameters<typeof increment> => [
    counter,
    start,
    n,
  ])
  await pool.starmap(increment, shares)
  const expected = workers * n
  const lost = expected - counter.value
  const percent = ((100 * lost) / expected).toFixed(1)
  console.log(
    `${Executor.name}: expected ${expected}, counted ${counter.value}, lost ${lost} (${percent} %)`,
  )
}
