/** The lesson's word programs in plain JavaScript, texts to try them on, and where other references are. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { random } from './random.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** The books with reference outputs, when they lie beside the project. */
export const bookFolder = `${root}../shared/books`
export const books: readonly string[] = existsSync(`${bookFolder}/reference`)
  ? readdirSync(bookFolder)
      .filter((name) => /^pg\d+\.txt$/.test(name))
      .map((name) => name.slice(0, -4))
      .sort()
  : []

const script = `${root}test/support/words_reference.py`

export const hasPython = spawnSync('python3', ['--version']).status === 0

/** Runs the Python reference (words_reference.py). */
export function python(args: readonly string[], input?: Uint8Array): string {
  const { status, stdout, stderr, error } = spawnSync('python3', [script, ...args], {
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  })
  if (error) throw error
  if (status !== 0) throw new Error(`python3 failed: ${stderr}`)
  return stdout
}

/** str.isspace(): unlike JavaScript's \s with \x1c-\x1f and \x85, and without U+FEFF. */
export const spaces = [
  ...'\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008',
  ...'\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
]
export const delimiters = [...'.,;:?$@^<>#%`!*-=()[]{}/"\'']

const separators = new Set([...spaces, ...delimiters])

export function referenceTokens(text: string): string[] {
  const words: string[] = []
  let word = ''
  for (const character of text) {
    if (!separators.has(character)) {
      word += character
    } else if (word !== '') {
      words.push(word.toLowerCase())
      word = ''
    }
  }
  if (word !== '') words.push(word.toLowerCase())
  return words
}

/** [word, count] in the order of the specification. */
export function referenceCounts(tokens: readonly string[], minLength = 1): [string, number][] {
  const counts = new Map<string, number>()
  for (const word of tokens) counts.set(word, (counts.get(word) ?? 0) + 1)
  return [...counts].filter(([word]) => [...word].length >= minLength).sort(([, a], [, b]) => b - a)
}

/** The sum of the specification, for one word and one lag. */
export function referencePairs(tokens: readonly string[], word: string, t: number, first: number) {
  let pairs = 0
  for (let i = first; i + t < tokens.length; i++) {
    if (tokens[i] === word && tokens[i + t] === word) pairs++
  }
  return pairs
}

/** Whole numbers from 0 to below `limit`, the same for the same seed. */
export function numbers(seed: number): (limit: number) => number {
  const next = random(seed)
  return (limit) => Math.floor(next() * limit)
}

// Every character here has behaved the same since Unicode 6, so all references agree on it.
const alphabet = [
  ...'abcdefgtheTHEANDABC0123456789_\\|~+&',
  ...'éÉßẞİıſKΣσςΑαΩÅЖжﬀŒœŁǅ',
  ...'\u0301\u0308\u00ad\u200b\u200d\ufeff\u2019\u2018\u00b7\u02b0\u0345ªº\u2160\u24b6中文日本語',
  ...'\u{10400}\u{10428}\u{1d518}\u{1f130}\u{1f600}\0\x7f',
]

/** Words of every kind of letter, many of them often, between every kind of separator. */
export function generateText(seed: number, words: number): string {
  const next = numbers(seed)
  const pick = (from: readonly string[]) => from[next(from.length)] as string
  const known: string[] = []
  let text = next(2) === 0 ? '\ufeff' : ''
  for (let i = 0; i < words; i++) {
    if (known.length < 50 || next(4) === 0) {
      let word = ''
      for (let length = 1 + next(next(20) === 0 ? 40 : 6); length > 0; length--) {
        word += pick(next(3) === 0 ? alphabet : alphabet.slice(0, 30))
      }
      known.push(word)
    }
    // The square makes low numbers frequent, so that there are common words and ties among rare ones.
    text += known[Math.floor(next(known.length) ** 2 / known.length)] as string
    do text += pick(next(3) === 0 ? [...spaces, '\r\n'] : next(3) === 0 ? delimiters : [' '])
    while (next(5) === 0)
  }
  return text
}
