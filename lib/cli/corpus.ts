// `numcore corpus`: counts, autocorrelations, Zipf table and plots of many books, in parallel: on threads, and on the ranks of
// an MPI job.
import type { Dirent } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { Command } from 'commander'
import { averageWordAcf } from '../correlation.js'
import { FileError, FormatError, InvalidArgumentError } from '../errors.js'
import { prepareFolder, writeWhole } from '../output.js'
import { readText } from '../text.js'
import { resolveThreads } from '../threads.js'
import { wordCount } from '../word-count.js'
import { formatAcf } from './acf.js'
import { threadsArgument, wholeNumber } from './arguments.js'
import { formatCounts, readCounts } from './counts.js'
import { barChart } from './plotcount.js'
import { progressBar } from './progress.js'
import { theRanks } from './ranks.js'
import { shareTasks } from './share.js'

interface Options {
  out: string
  words: number
  timesteps: number
  zipf: number
  threads?: number
  json?: boolean
}

interface Book {
  path: string
  name: string
}

/** A pattern of the last part of a path: * and ? stand for characters there, and for nothing else. */
function matcher(pattern: string): RegExp {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  return new RegExp(`^${source.replaceAll('?', '.')}$`, 'su')
}

async function entries(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (cause) {
    throw new FileError(`Cannot read the folder '${folder}': ${(cause as Error).message}`, folder, {
      cause,
    })
  }
}

/** The books that a folder (its .txt files), a pattern or a path stands for, in the order of their names. */
async function expand(given: string): Promise<string[]> {
  const found = await stat(given).catch(() => undefined)
  const isPattern = found === undefined && /[*?]/.test(basename(given))
  // A path that leads nowhere is a bad book: it is reported when it is read, and the others are done.
  if (!isPattern && !found?.isDirectory()) return [given]
  const folder = isPattern ? dirname(given) : given
  const matches = matcher(isPattern ? basename(given) : '*.txt')
  const names = (await entries(folder))
    .filter((each) => !each.isDirectory() && matches.test(each.name))
    .map(({ name }) => name)
    .sort()
  return names.map((name) => join(folder, name))
}

async function booksOf(given: readonly string[]): Promise<Book[]> {
  const paths = [...new Set((await Promise.all(given.map(expand))).flat())]
  if (paths.length === 0) {
    throw new InvalidArgumentError(
      `Expected books (.txt files) in ${given.join(', ')} but found none`,
    )
  }
  const owner = new Map<string, string>()
  return paths.map((path) => {
    const name = basename(path, extname(path))
    const other = owner.get(name)
    if (other !== undefined) {
      throw new InvalidArgumentError(
        `Expected books of different names but '${other}' and '${path}' would share their outputs`,
      )
    }
    owner.set(name, path)
    return { path, name }
  })
}

// What a book's outputs were made from. The file that says so is written last: as long as it is not there, or
// says something else, the book is done again.
async function stampOf({ path }: Book, { words, timesteps }: Options): Promise<string> {
  const { size, mtimeMs } = await stat(path).catch((cause: unknown) => {
    throw new FileError(`Cannot read '${path}': ${(cause as Error).message}`, path, { cause })
  })
  return `${JSON.stringify({ book: path, size, modified: mtimeMs, words, timesteps })}\n`
}

/** What has become of a book. */
type Outcome = 'done' | 'kept' | { failure: string }

async function outcomeOf(book: Book, options: Options): Promise<Outcome> {
  try {
    return await work(book, options)
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) }
  }
}

async function work(book: Book, options: Options): Promise<'done' | 'kept'> {
  const file = (suffix: string) => join(options.out, `${book.name}${suffix}`)
  const outputs = [file('.dat'), file('.acf.csv'), file('.svg')] as const
  const stampFile = file('.done.json')
  const stamp = await stampOf(book, options)
  const present = await Promise.all([
    readFile(stampFile, 'utf8').catch(() => ''),
    ...outputs.map((path) => stat(path).catch(() => undefined)),
  ])
  if (present[0] === stamp && present.slice(1).every((each) => each !== undefined)) return 'kept'

  // One thread a book: there are more books than threads, and nothing has to be merged then.
  const text = await readText(book.path, { threads: 1 })
  if (text.length === 0) throw new FormatError(`Expected words in '${book.path}' but found none`)
  const counts = await wordCount(text, { threads: 1 })
  const words = counts.slice(0, options.words).map(({ word }) => word)
  const { timesteps } = options
  const average = await averageWordAcf(text, words, { timesteps, first: 1, threads: 1 })
  await writeWhole(outputs[0], formatCounts(counts))
  await writeWhole(outputs[1], formatAcf(average))
  await writeWhole(outputs[2], barChart(counts, 10))
  await writeWhole(stampFile, stamp)
  return 'done'
}

async function zipfTable(books: readonly Book[], { out, zipf }: Options): Promise<string> {
  const rows = [['Book', ...Array.from({ length: zipf }, (_, i) => `word${i + 1}`)].join(',')]
  for (const { name } of books) {
    const counts = await readCounts(join(out, `${name}.dat`), zipf)
    rows.push([name, ...counts.map(({ count }) => count)].join(','))
  }
  return `${rows.join('\n')}\n`
}

async function corpus(given: string[], options: Options): Promise<void> {
  const ranks = theRanks()
  const books = await ranks.atRoot(async () => {
    const found = await booksOf(given)
    await prepareFolder(options.out)
    return found
  })
  const outcomes: Outcome[] = []
  const bar = ranks.isRoot ? progressBar('corpus') : undefined
  let ready = 0
  await shareTasks<Outcome>(ranks, {
    count: books.length,
    workers: resolveThreads(options.threads),
    run: (index) => outcomeOf(books[index] as Book, options),
    take(index, outcome) {
      outcomes[index] = outcome
      bar?.update(++ready / books.length, books[index]?.name)
    },
  }).finally(() => bar?.stop())
  await ranks.atRoot(() => report(books, outcomes, options))
}

/** The Zipf table, and what is said at the end. */
async function report(books: readonly Book[], outcomes: readonly Outcome[], options: Options) {
  // In the order of the books, whichever failed first.
  const bad = books.flatMap(({ path }, i) => {
    const outcome = outcomes[i]
    return typeof outcome === 'object' ? [{ book: path, message: outcome.failure }] : []
  })
  const good = books.filter((_, i) => typeof outcomes[i] !== 'object')
  if (good.length > 0)
    await writeWhole(join(options.out, 'zipf.csv'), await zipfTable(good, options))
  for (const { message } of bad) console.error(`numcore: ${message}`)
  const done = outcomes.filter((each) => each === 'done').length
  const kept = good.length - done
  if (options.json) {
    console.log(JSON.stringify({ books: books.length, done, kept, failures: bad }, null, 2))
  } else {
    console.log(`${books.length} books: ${done} done, ${kept} kept, ${bad.length} failed`)
  }
  process.exitCode = bad.length > 0 ? 1 : 0
}

export function register(program: Command): void {
  program
    .command('corpus')
    .description('word counts, autocorrelations, Zipf table and plots of many books, in parallel')
    .argument('<DIR|GLOB|BOOK...>', 'folders (their .txt files), patterns with * and ?, or books')
    .requiredOption('--out <DIR>', 'gets BOOK.dat, BOOK.acf.csv, BOOK.svg and zipf.csv')
    .option('--words <N>', 'words of the autocorrelation', wholeNumber(1), 16)
    .option('--timesteps <N>', 'its timesteps', wholeNumber(1, 2 ** 32 - 1), 100)
    .option('--zipf <N>', 'counts a book in zipf.csv', wholeNumber(1, 1_000_000), 10)
    .addOption(threadsArgument())
    .option('--json', 'one JSON document about the result')
    .action(corpus)
}
