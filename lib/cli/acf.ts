// `numcore acf`: average autocorrelation of a book's most frequent words. Output as the lesson's autocorrelation
// program, to the byte. Ranks of an MPI job share the words.
import type { Command } from 'commander'
import { averageRows, averageWordAcf, wordAcf, type WordAcfOptions } from '../correlation.js'
import { FormatError, InvalidArgumentError } from '../errors.js'
import { Matrix } from '../matrix.js'
import { writeWhole } from '../output.js'
import { readSentences, type Sentences, type TextUnit } from '../sentences.js'
import { readText, type Text } from '../text.js'
import { threadsArgument, wholeNumber } from './arguments.js'
import { Option } from './commander.js'
import { readCounts } from './counts.js'
import { expectOtherFile, threadsFor } from './inputs.js'
import { exponential18 } from './python-numbers.js'
import { type Ranks, theRanks } from './ranks.js'

interface Options {
  words: number
  timesteps: number
  unit: TextUnit
  threads?: number
  json?: boolean
}

/** One line a timestep: `t+1,average`. */
export function formatAcf(average: Float64Array): string {
  return Array.from(
    average,
    (value, t) => `${exponential18(t + 1)},${exponential18(value)}\n`,
  ).join('')
}

type Given = WordAcfOptions & { threads: number | undefined }

/** This rank's part of the words; the first ranks have one more where it does not come out even. */
function partOf(words: readonly string[], { rank, size }: Ranks): readonly string[] {
  const begin = (part: number) =>
    part * Math.floor(words.length / size) + Math.min(part, words.length % size)
  return words.slice(begin(rank), begin(rank + 1))
}

/** The words' values row by row, on rank 0; undefined there for what one process has to do, and elsewhere. */
async function rowsOf(
  ranks: Ranks,
  text: Text | Sentences,
  words: readonly string[],
  given: Given,
) {
  if (ranks.comm === undefined) return undefined
  const part = partOf(words, ranks)
  const rows =
    part.length === 0
      ? new Float64Array(0)
      : await wordAcf(text, part, given).then(
          ({ values }) => values.data,
          () => undefined,
        )
  const parts = await ranks.comm.igather(rows)
  // What is wrong with the words is told by their places among all of them.
  if (parts === undefined || parts.includes(undefined)) return undefined
  const all = new Float64Array(parts.reduce((sum, each) => sum + (each?.length ?? 0), 0))
  let at = 0
  for (const each of parts as Float64Array[]) {
    all.set(each, at)
    at += each.length
  }
  return new Matrix(words.length, all.length / words.length, all)
}

async function correlate(book: string, countsFile: string, output: string, options: Options) {
  const { timesteps, unit } = options
  const ranks = theRanks()
  const bySentence = unit === 'sentence'
  const { threads, text, words } = await ranks.together(async () => {
    await expectOtherFile(output, [book, countsFile])
    const count = await threadsFor(book, options.threads)
    // The book is read on a compute thread while the counts are read here.
    const [read, counts] = await Promise.all([
      bySentence ? readSentences(book, { threads: count }) : readText(book, { threads: count }),
      readCounts(countsFile, options.words),
    ])
    return { threads: count, text: read, words: counts.map(({ word }) => word) }
  })
  // The lesson's sum leaves out the first token.
  const given = { timesteps, unit, first: bySentence ? 0 : 1, threads }
  const rows = await rowsOf(ranks, text, words, given)
  await ranks.atRoot(async () => {
    const average =
      rows === undefined
        ? await averageWordAcf(text, words, given).catch((error: unknown) => {
            // The arguments were fine; it is the two files that do not belong together.
            if (!(error instanceof InvalidArgumentError)) throw error
            throw new FormatError(`'${countsFile}' is no word count of '${book}': ${error.message}`)
          })
        : averageRows(rows)
    await writeWhole(output, formatAcf(average))
    if (options.json) {
      const tokens = 'starts' in text ? text.text.length : text.length
      const sentences = 'starts' in text ? text.starts.length : undefined
      console.log(JSON.stringify({ tokens, sentences, words, average: [...average] }, null, 2))
    }
  })
}

export function register(program: Command): void {
  program
    .command('acf')
    .description('average autocorrelation of the most frequent words of a book')
    .argument('<BOOK>', 'text in UTF-8')
    .argument('<COUNTS.dat>', 'its word count; the first words are taken')
    .argument('<OUT.csv>', 'gets a line "timestep,average" for each timestep, from 1')
    .option('--words <N>', 'number of words', wholeNumber(1), 16)
    .option('--timesteps <N>', 'number of timesteps', wholeNumber(1, 2 ** 32 - 1), 100)
    .addOption(
      new Option('--unit <UNIT>', 'what timesteps are counted in')
        .choices(['word', 'sentence'])
        .default('word'),
    )
    .addOption(threadsArgument())
    .option('--json', 'one JSON document about the result')
    .action(correlate)
}
