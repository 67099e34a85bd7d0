// The lesson's word autocorrelation with MPI: a block of the words on each rank, the mean on rank 0. Every rank reads the
// book, which is set-up.
import { wordAcf } from '../../../correlation.js'
import { InvalidArgumentError } from '../../../errors.js'
import { COMM_WORLD as comm } from '../../../mpi/index.js'
import { readText } from '../../../text.js'
import { wordCount } from '../../../word-count.js'
import { task as alone } from '../acf.js'
import { readBook } from '../book.js'
import { bytesOf, grouped, type Task } from '../task.js'

const most = 16
const timesteps = 100

export const task: Task = {
  ...alone,
  async setup(setting) {
    const { name, bytes } = await readBook(setting)
    const text = await readText(bytes)
    const words = (await wordCount(text)).slice(0, most).map(({ word }) => word)
    if (words.length === 0) {
      throw new InvalidArgumentError(`Expected words in '${setting.text}' but there are none`)
    }
    const first = (rank: number) => Math.floor((words.length * rank) / comm.size)
    const mine = words.slice(first(comm.rank), first(comm.rank + 1))
    return {
      size: text.length,
      description:
        `wordAcf() of the ${words.length} most frequent words of ${name}, a block of them on each rank, ` +
        `${timesteps} lags, ${grouped(text.length)} words`,
      work: text.length / 1e6,
      needs: { bytes: 4 * text.length },
      async run() {
        const rows = mine.length > 0 ? (await wordAcf(text, mine, { timesteps })).values.data : []
        const all = comm.gather(Float64Array.from(rows), { root: 0 })
        return all === undefined ? undefined : mean(all, words.length)
      },
      bits: (result) => (result === undefined ? undefined : bytesOf(result as Float64Array)),
    }
  },
}

/** Added up in the order of the words, so that the bits do not depend on who has which. */
function mean(blocks: readonly Float64Array[], words: number): Float64Array {
  const total = new Float64Array(timesteps)
  for (const block of blocks) {
    block.forEach((value, i) => {
      total[i % timesteps] = (total[i % timesteps] as number) + value
    })
  }
  return total.map((sum) => sum / words)
}
