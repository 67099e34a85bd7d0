// The lesson's autocorrelation, the words of Moby Dick divided among processes; partial has sent the text.
import { fileURLToPath } from 'node:url'
import { readText, wordCount } from '../../dist/index.js'
import { partial, ProcessPoolExecutor } from '../../dist/parallel/index.js'

function wordAcf(text, steps, word) {
  const mask = text.map((each) => (each === word ? 1 : 0))
  const occurrences = mask.reduce((sum, each) => sum + each, 0)
  const acf = new Float64Array(steps)
  for (let t = 0; t < steps; t++) {
    let pairs = 0
    for (let i = 1; i < mask.length - t; i++) pairs += mask[i] * mask[i + t]
    acf[t] = pairs / occurrences
  }
  return acf
}

export const name = 'autocorrelation-pool'
export const title = 'Autocorrelation of 16 words on a Pool'
export const size = 16
export const work = { amount: 16, unit: 'words' }

let pool
let task
let numbers
export async function setup(workers) {
  const text = await readText(
    fileURLToPath(new URL('../../dist/data/moby-dick.txt', import.meta.url)),
  )
  const words = (await wordCount(text)).slice(0, 16).map(({ word }) => word)
  numbers = words.map((word) => text.vocabulary.indexOf(word))
  task = partial(wordAcf, text.ids, 100)
  pool = new ProcessPoolExecutor({ maxWorkers: workers })
}
export const run = () => pool.map(task, numbers, { chunkSize: 1 })
