// Race condition, solved by locking: one worker at a time reads, adds and writes
import {
  isMain,
  Lock,
  ProcessPoolExecutor,
  SharedValue,
  ThreadPoolExecutor,
} from 'numcore/parallel'

const n = Number(process.argv[2] ?? 100_000)
const workers = 4

// The compiler makes more of `using` than this code, so workers look for the function in this module.
export function increment(lock: Lock, counter: SharedValue<'int32'>, times: number): void {
  for (let i = 0; i < times; i++) {
    using guard = lock.acquireSync()
    // Only when a worker was killed in the middle.
    if (guard.ownerDied) throw new Error('the counter may be wrong')
    counter.value += 1
  }
}

async function demonstrate(Executor: typeof ThreadPoolExecutor | typeof ProcessPoolExecutor) {
  await using pool = new Executor({ maxWorkers: workers })
  const counter = new SharedValue('int32')
  const lock = new Lock()
  const shares = Array.from({ length: workers }, (): Parameters<typeof increment> => [
    lock,
    counter,
    n,
  ])
  const start = performance.now()
  await pool.starmap(increment, shares)
  const milliseconds = Math.round(performance.now() - start)
  console.log(
    `${Executor.name}: expected ${workers * n}, counted ${counter.value}, ${milliseconds} ms`,
  )
}

if (isMain) {
  await demonstrate(ThreadPoolExecutor)
  await demonstrate(ProcessPoolExecutor)
}
