// Word autocorrelation of a book, the words divided among processes; partial sends the text once to each
import { fileURLToPath } from 'node:url'
import { readText, wordCount } from 'numcore'
import { Pool, partial } from 'numcore/parallel'

const book = process.argv[2] ?? fileURLToPath(new URL('../data/moby-dick.txt', import.meta.url))
const timesteps = 100

// The text comes first, because partial binds first arguments.
function wordAcf(text: Uint32Array, steps: number, word: number): Float64Array {
  const mask = text.map((each) => (each === word ? 1 : 0))
  const occurrences = mask.reduce((sum, each) => sum + each, 0)
  const acf = new Float64Array(steps)
  for (let t = 0; t < steps; t++) {
    let pairs = 0
    for (let i = 1; i < mask.length - t; i++) pairs += (mask[i] as number) * (mask[i + t] as number)
    acf[t] = pairs / occurrences
  }
  return acf
}

const text = await readText(book)
const words = (await wordCount(text)).slice(0, 16).map(({ word }) => word)
// A text is the number of each of its words in the vocabulary, one after another.
const numbers = words.map((word) => text.vocabulary.indexOf(word))

console.time('one after another')
const serial = numbers.map((word) => wordAcf(text.ids, timesteps, word))
console.timeEnd('one after another')

console.time('Pool             ')
// As many as there are CPUs: each process costs its start, and more of them than CPUs gain nothing.
await using pool = new Pool()
const acfs = await pool.map(partial(wordAcf, text.ids, timesteps), numbers)
console.timeEnd('Pool             ')

const average = new Float64Array(timesteps).map(
  (_, t) => acfs.reduce((sum, acf) => sum + (acf[t] as number), 0) / words.length,
)
const same = acfs.every((acf, i) => acf.join() === serial[i]?.join())
console.log(`ACF of ${words.length} words at t = 1 to 5: ${[...average.slice(1, 6)].join(' ')}`)
console.log(`the same as one after another: ${same}`)
