// The lesson's word autocorrelation, averaged over the 16 most frequent words of a book. Reading the
// book and counting its words is set-up: only the correlation is timed.
import { basename } from 'node:path'
import { averageWordAcf } from '../../correlation.js'
import { InvalidArgumentError } from '../../errors.js'
import { readText } from '../../text.js'
import { wordCount } from '../../word-count.js'
import { bytesOf, grouped, type Task } from './task.js'

const words = 16
const timesteps = 100

// Put there by the build, so that an installed package has it too.
const mobyDick = new URL('../../data/moby-dick.txt', import.meta.url)

export const task: Task = {
  name: 'acf',
  title: 'Word autocorrelation',
  unit: 'Mwords/s',

  // Text and ids of a book; a larger one is still small beside a matrix.
  bytes: () => 2 ** 26,

  async setup({ text: path }) {
    const text = await readText(path ?? mobyDick)
    const counts = await wordCount(text)
    const frequent = counts.slice(0, words).map(({ word }) => word)
    if (frequent.length === 0) {
      throw new InvalidArgumentError(`Expected words in '${path}' but there are none`)
    }
    const name = path === undefined ? 'Moby Dick' : basename(path)
    return {
      size: text.length,
      description:
        `averageWordAcf() of the ${frequent.length} most frequent words of ${name}, ` +
        `${timesteps} lags, ${grouped(text.length)} words`,
      work: text.length / 1e6,
      run: () => averageWordAcf(text, frequent, { timesteps }),
      bits: (result) => bytesOf(result as Float64Array),
    }
  },
}
