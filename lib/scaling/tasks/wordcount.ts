// The lesson's word count: a book's bytes become words, and each word a number.
import { wordCount } from '../../word-count.js'
import { readBook } from './book.js'
import { grouped, type Task } from './task.js'

type Counts = Awaited<ReturnType<typeof wordCount>>

export const task: Task = {
  name: 'wordcount',
  title: 'Word count',
  unit: 'MB/s',

  bytes: (_, grow) => 2 ** 26 * grow,

  async setup(setting) {
    const { name, bytes } = await readBook(setting)
    return {
      size: bytes.length,
      description: `wordCount() of ${name}, ${grouped(bytes.length)} bytes in memory`,
      work: bytes.length / 1e6,
      // The text, read once.
      needs: { bytes: bytes.length },
      run: () => wordCount(bytes),
      bits: (result) =>
        Buffer.from((result as Counts).map(({ word, count }) => `${word} ${count}\n`).join('')),
    }
  },
}
