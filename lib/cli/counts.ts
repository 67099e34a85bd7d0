// COUNTS files, `word count percentage` a line: written by `numcore wordcount`, read by the others.
import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { FileError, FormatError } from '../errors.js'
import type { WordCount } from '../word-count.js'
import { repr } from './python-numbers.js'

export function formatCounts(counts: readonly WordCount[]): string {
  return counts
    .map(({ word, count, percentage }) => `${word} ${count} ${repr(percentage)}\n`)
    .join('')
}

/**
 * The lines of a COUNTS file in their order; those that begin with `#` are skipped. At most `most` of
 * them: what follows is not looked at, which is most of the file for a command that wants the first few.
 */
export async function readCounts(path: string, most = Number.POSITIVE_INFINITY) {
  const content = await read(path)
  const counts: WordCount[] = []
  const lineEnd = /\r\n|\r|\n/g
  for (let at = 0, number = 1; at < content.length && counts.length < most; number++) {
    lineEnd.lastIndex = at
    const end = lineEnd.exec(content)
    const line = content.slice(at, end?.index)
    at = end === null ? content.length : lineEnd.lastIndex
    if (!line.startsWith('#')) counts.push(parse(line, path, number))
  }
  if (counts.length === 0) throw new FormatError(`Expected word counts in '${path}' but found none`)
  return counts
}

function parse(line: string, path: string, number: number): WordCount {
  const [word = '', count = '', percentage = '', ...rest] = line.split(/[ \t]+/)
  const value = Number(percentage)
  if (
    word === '' ||
    !/^\d+$/.test(count) ||
    percentage === '' ||
    !Number.isFinite(value) ||
    rest.length > 0
  ) {
    throw new FormatError(
      `Expected "word count percentage" in line ${number} of '${path}' but found ${JSON.stringify(line.slice(0, 60))}`,
    )
  }
  return { word, count: Number(count), percentage: value }
}

async function read(path: string): Promise<string> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FileError(`Cannot read '${path}': ${reason}`, path, { cause })
  }
  if (!isUtf8(bytes)) {
    throw new FormatError(`Expected UTF-8 in '${path}' but found an invalid byte sequence`)
  }
  // A byte order mark stays: it is part of the first word, in the book as well.
  return bytes.toString('utf8')
}
