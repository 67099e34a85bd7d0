// Pool.starmap: functions of two arguments, in the three ways of the lesson
import { isMain, Pool, ProcessPoolExecutor } from 'numcore/parallel'

export const powerN = (x: number, n: number) => x ** n

// It uses more than its own code, so the workers load this module to find it.
export const adapter = (pair: [number, number]) => powerN(...pair)

if (isMain) {
  const pairs = Array.from({ length: 20 }, (_, x): [number, number] => [x, 2])
  {
    await using pool = new Pool(4)
    console.log('starmap:', (await pool.starmap(powerN, pairs)).join(' '))
  }
  await using pool = new ProcessPoolExecutor({ maxWorkers: 4 })
  console.log('adapter:', (await pool.map(adapter, pairs)).join(' '))

  const evens = [0, 2, 4, 6, 8]
  const odds = [1, 3, 5, 7, 9]
  const zipped = evens.map((even, i): [number, number] => [even, odds[i] as number])
  console.log('two lists:', (await pool.starmap(powerN, zipped)).join(' '))
}
