// The lesson's word autocorrelation, averaged over the 16 most frequent words of a book. Reading the
// book and counting its words is set-up: only the correlation is timed.
import { averageWordAcf } from '../../correlation.js'
import { InvalidArgumentError } from '../../errors.js'
import { readText, type Text } from '../../text.js'
import { wordCount } from '../../word-count.js'
import { readBook } from './book.js'
import { bytesOf, grouped, type Task } from './task.js'

const words = 16
const timesteps = 100

export const task: Task = {
  name: 'acf',
  title: 'Word autocorrelation',
  unit: 'Mwords/s',

  // Text and ids of a book; a larger one is still small beside a matrix.
  bytes: (_, grow) => 2 ** 26 * grow,

  async setup(setting) {
    const { name, bytes } = await readBook(setting)
    const text = await readText(bytes)
    const counts = await wordCount(text)
    const frequent = counts.slice(0, words).map(({ word }) => word)
    if (frequent.length === 0) {
      throw new InvalidArgumentError(`Expected words in '${setting.text}' but there are none`)
    }
    return {
      size: text.length,
      description:
        `averageWordAcf() of the ${frequent.length} most frequent words of ${name}, ` +
        `${timesteps} lags, ${grouped(text.length)} words`,
      work: text.length / 1e6,
      // The word ids, read once.
      needs: { bytes: 4 * text.length },
      run: () => averageWordAcf(text, frequent, { timesteps }),
      bits: (result) => bytesOf(result as Float64Array),
      error: (result) => ({
        name: 'difference from a plain loop',
        value: difference(text, frequent, result as Float64Array),
      }),
    }
  },
}

// The first lag and the last by the definition: whole numbers, so that nothing but the mean can differ.
function difference(text: Text, frequent: readonly string[], result: Float64Array): number {
  const { ids, counts } = text
  const wanted = frequent.map((word) => text.vocabulary.indexOf(word))
  let most = 0
  for (const lag of [1, timesteps - 1]) {
    let sum = 0
    for (const id of wanted) {
      let pairs = 0
      for (let i = 0; i + lag < ids.length; ++i) {
        if (ids[i] === id && ids[i + lag] === id) pairs += 1
      }
      sum += pairs / (counts[id] as number)
    }
    most = Math.max(most, Math.abs((result[lag] as number) - sum / wanted.length))
  }
  return most
}
