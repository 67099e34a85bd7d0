// Word autocorrelation of a book, the words divided among ranks that send their results to rank 0 (send, then Send)
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readText, wordCount } from 'numcore'
import { COMM_WORLD as comm, wtime } from 'numcore/mpi'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    words: { type: 'string', default: '16' },
    timesteps: { type: 'string', default: '100' },
  },
})
const mobyDick = fileURLToPath(new URL('../data/moby-dick.txt', import.meta.url))
const [book = mobyDick, output] = positionals
const timesteps = Number(values.timesteps)
const { rank, size } = comm

/** How often the word stands t words after itself, for t = 0, 1, ..., over how often it stands anywhere. */
function wordAcf(word: number, text: Uint32Array): Float64Array {
  const mask = text.map((each) => (each === word ? 1 : 0))
  const occurrences = mask.reduce((sum, each) => sum + each, 0)
  const acf = new Float64Array(timesteps)
  for (let t = 0; t < timesteps; t++) {
    let pairs = 0
    for (let i = 1; i < mask.length - t; i++) pairs += (mask[i] as number) * (mask[i + t] as number)
    acf[t] = pairs / occurrences
  }
  return acf
}

/** Added up in the order of the words, whoever has computed them: the same bits on any number of ranks. */
function average(acfs: readonly Float64Array[]): Float64Array {
  const total = new Float64Array(timesteps)
  for (const acf of acfs) acf.forEach((value, t) => (total[t] = (total[t] as number) + value))
  return total.map((sum) => sum / acfs.length)
}

// Every rank reads the book; rank 0 counts, and tells the others which words are the most frequent.
const text = await readText(book)
const counted = rank === 0 ? (await wordCount(text)).slice(0, Number(values.words)) : []
const words = comm.bcast(counted).map(({ word }) => text.vocabulary.indexOf(word))

// A block of words for each rank; the first ranks get one more when they cannot be divided evenly.
const first = (of: number) =>
  Math.floor(words.length / size) * of + Math.min(of, words.length % size)

comm.barrier()
const start = wtime()
const acfs = words.slice(first(rank), first(rank + 1)).map((word) => wordAcf(word, text.ids))

// Lower case: any value, here a list of arrays.
const results = [...acfs]
if (rank !== 0) {
  comm.send(acfs, { dest: 0, tag: 12 })
} else {
  for (let sender = 1; sender < size; sender++) {
    const theirs: Float64Array[] = comm.recv({ source: sender, tag: 12 })
    results.push(...theirs)
  }
  console.log(`time to compute the ACF on ${size} ranks: ${(wtime() - start).toFixed(3)} s`)
}
const acf = average(results)

// Upper case: each array into its row of a table.
const table = new Float64Array(words.length * timesteps)
const rows = words.map((_, i) => table.subarray(i * timesteps, (i + 1) * timesteps))
acfs.forEach((each, i) => (rows[i] as Float64Array).set(each)) // of rank 0; the others send theirs
if (rank !== 0) {
  for (const each of acfs) comm.Send(each, { dest: 0, tag: 13 })
} else {
  for (let sender = 1; sender < size; sender++) {
    for (const row of rows.slice(first(sender), first(sender + 1))) {
      comm.Recv(row, { source: sender, tag: 13 })
    }
  }
}

if (rank === 0) {
  console.log(`ACF of ${words.length} words at t = 1 to 5: ${acf.subarray(1, 6).join(' ')}`)
  console.log(`the same in upper case: ${average(rows).join() === acf.join()}`)
  const number = (value: number) => value.toExponential(18).replace(/(?<=e[+-])(?=\d$)/, '0')
  const lines = Array.from(acf, (value, t) => `${number(t + 1)},${number(value)}\n`)
  if (output !== undefined) writeFileSync(output, lines.join(''))
}
