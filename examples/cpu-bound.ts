// CPU-bound: eight tasks that only compute, one after another, by promises (no help), and by both executors
import { ProcessPoolExecutor, ThreadPoolExecutor } from 'numcore/parallel'

const limit = Number(process.argv[2] ?? 400_000)

function countPrimes(below: number): number {
  let count = 0
  for (let n = 2; n < below; n++) {
    let prime = true
    for (let d = 2; d * d <= n && prime; d++) prime = n % d !== 0
    if (prime) count++
  }
  return count
}
const tasks = Array.from({ length: 8 }, () => limit)

console.time('one after another  ')
for (const each of tasks) countPrimes(each)
console.timeEnd('one after another  ')

// A promise does not make anything run beside anything: it only says what to do afterwards.
console.time('promises           ')
await Promise.all(tasks.map(async (each) => countPrimes(each)))
console.timeEnd('promises           ')

console.time('ThreadPoolExecutor ')
{
  await using pool = new ThreadPoolExecutor()
  await pool.map(countPrimes, tasks)
}
console.timeEnd('ThreadPoolExecutor ')

console.time('ProcessPoolExecutor')
{
  await using pool = new ProcessPoolExecutor()
  const counts = await pool.map(countPrimes, tasks)
  console.log(`${counts[0]} primes below ${limit}`)
}
console.timeEnd('ProcessPoolExecutor')
