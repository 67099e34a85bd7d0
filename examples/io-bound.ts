// I/O-bound: eight tasks that only wait, one after another, by both executors, and by promises alone
import { ProcessPoolExecutor, ThreadPoolExecutor } from 'numcore/parallel'

const milliseconds = Number(process.argv[2] ?? 250)

// Stands for a download or a disk access.
const wait = (time: number) => new Promise<void>((resolve) => setTimeout(resolve, time))
const tasks = Array.from({ length: 8 }, () => milliseconds)

console.time('one after another  ')
for (const time of tasks) await wait(time)
console.timeEnd('one after another  ')

// One thread is enough: while it waits, the event loop does something else.
console.time('promises           ')
await Promise.all(tasks.map(wait))
console.timeEnd('promises           ')

console.time('ThreadPoolExecutor ')
{
  await using pool = new ThreadPoolExecutor({ maxWorkers: 4 })
  await pool.map(wait, tasks)
}
console.timeEnd('ThreadPoolExecutor ')

console.time('ProcessPoolExecutor')
{
  await using pool = new ProcessPoolExecutor({ maxWorkers: 4 })
  await pool.map(wait, tasks)
}
console.timeEnd('ProcessPoolExecutor')
