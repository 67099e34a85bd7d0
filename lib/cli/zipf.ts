// `numcore zipf`: the largest counts of several books side by side, as the lesson's zipf program prints them.
import { basename } from 'node:path'
import type { Command } from 'commander'
import { wholeNumber } from './arguments.js'
import { readCounts } from './counts.js'

async function table(most: number, files: string[], options: { json?: boolean }) {
  const books = []
  for (const file of files) {
    const counts = (await readCounts(file, most)).map(({ count }) => count)
    // Without its last four characters, whatever they are: that is how the program drops ".dat".
    books.push({ book: basename(file).slice(0, -4), counts })
  }
  if (options.json) {
    console.log(JSON.stringify({ books }, null, 2))
    return
  }
  const heading = ['Book', ...Array.from({ length: most }, (_, i) => `word${i + 1}`)]
  for (const row of [heading, ...books.map(({ book, counts }) => [book, ...counts])]) {
    console.log(row.join(','))
  }
}

export function register(program: Command): void {
  program
    .command('zipf')
    .description('the N largest word counts of each book, as comma-separated values')
    // A million columns is more than any book has words; a slip of the finger is not obeyed for hours.
    .argument('<N>', 'counts a book', wholeNumber(1, 1_000_000))
    .argument('<COUNTS.dat...>', 'word counts')
    .option('--json', 'one JSON document instead')
    .action(table)
}
