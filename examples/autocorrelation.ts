// Word autocorrelation of a book, one word after another; the kernel of numcore beside it
import { fileURLToPath } from 'node:url'
import { averageWordAcf, readText, wordCount } from 'numcore'

const book = process.argv[2] ?? fileURLToPath(new URL('../data/moby-dick.txt', import.meta.url))
const timesteps = 100

/** How often the word stands t words after itself, for t = 0, 1, ..., over how often it stands anywhere. */
function wordAcf(word: number, text: Uint32Array, steps: number): Float64Array {
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

function averageAcf(words: readonly number[], text: Uint32Array, steps: number): Float64Array {
  const average = new Float64Array(steps)
  for (const word of words) {
    wordAcf(word, text, steps).forEach((value, t) => {
      average[t] = (average[t] as number) + value / words.length
    })
  }
  return average
}

const text = await readText(book)
const words = (await wordCount(text)).slice(0, 16).map(({ word }) => word)
// A text is the number of each of its words in the vocabulary, one after another.
const numbers = words.map((word) => text.vocabulary.indexOf(word))

console.time('plain loops   ')
const acf = averageAcf(numbers, text.ids, timesteps)
console.timeEnd('plain loops   ')

console.time('averageWordAcf')
const kernel = await averageWordAcf(text, words, { timesteps, first: 1 })
console.timeEnd('averageWordAcf')

const difference = Math.max(...acf.map((value, t) => Math.abs(value - (kernel[t] as number))))
console.log(`ACF of ${words.length} words at t = 1 to 5: ${[...acf.slice(1, 6)].join(' ')}`)
console.log(`largest difference between the two: ${difference.toExponential(1)}`)
