// `numcore wordcount`: how often each word of a book occurs. Output as the lesson's wordcount.py, to the byte.
import type { Command } from 'commander'
import { FormatError } from '../errors.js'
import { writeWhole } from '../output.js'
import { readText } from '../text.js'
import { wordCount } from '../word-count.js'
import { threadsArgument, wholeNumber } from './arguments.js'
import { formatCounts } from './counts.js'
import { expectOtherFile, threadsFor } from './inputs.js'

interface Options {
  threads?: number
  json?: boolean
}

async function count(book: string, output: string, minLength: number, options: Options) {
  await expectOtherFile(output, [book])
  const threads = await threadsFor(book, options.threads)
  const text = await readText(book, { threads })
  if (text.length === 0) throw new FormatError(`Expected words in '${book}' but found none`)
  const counts = await wordCount(text, { minLength, threads })
  await writeWhole(output, formatCounts(counts))
  if (options.json) {
    const kept = counts.reduce((sum, each) => sum + each.count, 0)
    console.log(JSON.stringify({ tokens: text.length, kept, words: counts.length }, null, 2))
  }
}

export function register(program: Command): void {
  program
    .command('wordcount')
    .description('how often each word of a book occurs, most frequent first')
    .argument('<BOOK>', 'text in UTF-8')
    .argument('<OUT.dat>', 'gets a line "word count percentage" for each word')
    .argument('[MIN_LENGTH]', 'shorter words are dropped', wholeNumber(0), 1)
    .addOption(threadsArgument())
    .option('--json', 'one JSON document about the result')
    .action(count)
}
