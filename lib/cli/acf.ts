// `numcore acf`: average autocorrelation of a book's most frequent words. Output as the lesson's autocorrelation
// program, to the byte.
import type { Command } from 'commander'
import { averageWordAcf } from '../correlation.js'
import { FormatError, InvalidArgumentError } from '../errors.js'
import { writeWhole } from '../output.js'
import { readSentences, type TextUnit } from '../sentences.js'
import { readText } from '../text.js'
import { threadsArgument, wholeNumber } from './arguments.js'
import { Option } from './commander.js'
import { readCounts } from './counts.js'
import { expectOtherFile, threadsFor } from './inputs.js'
import { exponential18 } from './python-numbers.js'

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

async function correlate(book: string, countsFile: string, output: string, options: Options) {
  const { timesteps, unit } = options
  await expectOtherFile(output, [book, countsFile])
  const threads = await threadsFor(book, options.threads)
  const bySentence = unit === 'sentence'
  // The book is read on a compute thread while the counts are read here.
  const [text, counts] = await Promise.all([
    bySentence ? readSentences(book, { threads }) : readText(book, { threads }),
    readCounts(countsFile, options.words),
  ])
  const words = counts.map(({ word }) => word)
  // The lesson's sum leaves out the first token.
  const first = bySentence ? 0 : 1
  const average = await averageWordAcf(text, words, { timesteps, unit, first, threads }).catch(
    (error: unknown) => {
      // The arguments were fine; it is the two files that do not belong together.
      if (!(error instanceof InvalidArgumentError)) throw error
      throw new FormatError(`'${countsFile}' is no word count of '${book}': ${error.message}`)
    },
  )
  await writeWhole(output, formatAcf(average))
  if (options.json) {
    const tokens = 'starts' in text ? text.text.length : text.length
    const sentences = 'starts' in text ? text.starts.length : undefined
    console.log(JSON.stringify({ tokens, sentences, words, average: [...average] }, null, 2))
  }
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
