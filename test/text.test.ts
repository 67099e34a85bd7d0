import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  EncodingError,
  FileError,
  readText,
  readTextSync,
  Text,
  wordCount,
  wordCountSync,
} from 'numcore'
import { assertFails } from './support/assertions.js'
import {
  bookFolder,
  books,
  delimiters,
  generateText,
  hasPython,
  numbers,
  python,
  referenceCounts,
  referenceTokens,
  spaces,
} from './support/words.js'

const wordsOf = (text: Text) => Array.from(text.ids, (id) => text.vocabulary[id] as string)
const tokens = (text: string) => wordsOf(readTextSync({ text }))

describe('readText', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-text-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const file = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }

  it('numbers words in the order of their first appearance', async () => {
    const text = await readText({ text: 'To be, or NOT to be' })
    assert.ok(text instanceof Text)
    assert.equal(text.length, 6)
    assert.deepEqual(text.vocabulary, ['to', 'be', 'or', 'not'])
    assert.deepEqual(text.ids, Uint32Array.of(0, 1, 2, 3, 0, 1))
    assert.deepEqual(text.counts, Uint32Array.of(2, 2, 1, 1))
    assert.equal(text.vocabulary, text.vocabulary)
  })

  it('takes a path, a URL, bytes and a literal text, asynchronously or not', async () => {
    const content = 'Ein Männlein steht im Walde'
    const path = file('männlein.txt', content)
    const bytes = Buffer.from(content)
    // A view into a larger buffer: its offset counts.
    const view = new Uint8Array([0xff, ...bytes, 0xff]).subarray(1, 1 + bytes.length)
    const expected = ['ein', 'männlein', 'steht', 'im', 'walde']
    for (const source of [path, pathToFileURL(path), bytes, view, { text: content }]) {
      assert.deepEqual(wordsOf(await readText(source)), expected)
      assert.deepEqual(wordsOf(readTextSync(source)), expected)
    }
  })

  it('takes a text without words for no error', async () => {
    for (const source of [file('empty.txt', ''), new Uint8Array(0), { text: ' .\u3000\n' }]) {
      const text = await readText(source)
      assert.deepEqual([text.length, text.vocabulary, text.ids.length], [0, [], 0])
    }
  })

  it('separates at every space and delimiter, and at nothing else', () => {
    for (const separator of [...spaces, ...delimiters, '\r\n']) {
      assert.deepEqual(tokens(`a${separator}b`), ['a', 'b'], JSON.stringify(separator))
      assert.deepEqual(
        tokens(`é${separator}${separator}é${separator}`),
        ['é', 'é'],
        JSON.stringify(separator),
      )
    }
    for (const other of [
      '\\',
      '_',
      '|',
      '~',
      '&',
      '+',
      '\u200b',
      '\ufeff',
      '\u180e',
      '\u2019',
      '\x1b',
      '\0',
      '—',
    ]) {
      assert.deepEqual(tokens(`a${other}b`), [`a${other}b`], JSON.stringify(other))
    }
  })

  it('keeps a byte order mark as part of the first word', () => {
    assert.deepEqual(tokens('\ufeffThe the'), ['\ufeffthe', 'the'])
  })

  it('lower-cases final sigma by its place in the word', () => {
    assert.deepEqual(tokens('ΟΔΥΣΣΕΥΣ Σ ΣΑ'), ['οδυσσευς', 'σ', 'σα'])
    assert.deepEqual(tokens("ΑΣ'Α ΑΣ\u2019Α ΑΣ\u2019 Α\u0301Σ 1Σ"), [
      'ας',
      'α',
      'ασ\u2019α',
      'ας\u2019',
      'α\u0301ς',
      '1σ',
    ])
  })

  it('lower-cases letters that change length, and letters beyond the first plane', () => {
    assert.deepEqual(tokens('İI İΣ K ẞ \u{10400}\u{10401}'), [
      'i̇i',
      'i̇ς',
      'k',
      'ß',
      '\u{10428}\u{10429}',
    ])
  })

  /**
   * Characters that came or changed after Unicode 14, the oldest version among the references (utf8proc
   * 2.8 has 15.0), up to 17: here one reference may know better than the other.
   */
  const changed: readonly [number, number][] = [
    [0x0295, 0x0295],
    [0x0897, 0x0897],
    [0x0ece, 0x0ece],
    [0x1acf, 0x1aff],
    [0x1c89, 0x1c89],
    [0x1c8a, 0x1c8a],
    [0xa7cb, 0xa7f1],
    [0x10d40, 0x10d8f],
    [0x10ec0, 0x10eff],
    [0x11241, 0x11241],
    [0x11380, 0x113ff],
    [0x1171e, 0x1171e],
    [0x11b60, 0x11b6f],
    [0x11dd9, 0x11dd9],
    [0x11f00, 0x11f5f],
    [0x13430, 0x1345f],
    [0x16100, 0x1613f],
    [0x16d40, 0x16d7f],
    [0x16ea0, 0x16edf],
    [0x16ff2, 0x16ff6],
    [0x1df25, 0x1df2a],
    [0x1e030, 0x1e08f],
    [0x1e4d0, 0x1e4ff],
    [0x1e5d0, 0x1e5ff],
    [0x1e6c0, 0x1e6ff],
  ]
  const isOld = (code: number) => !changed.some(([from, to]) => from <= code && code <= to)

  /** The four places in which a character can show whether it is cased and case-ignorable. */
  function lowered(characters: readonly string[]): string[] {
    const mark = '0|0'
    const text = readTextSync({
      text: characters.map((c) => `${mark} ${c} aΣ${c} a${c}Σ ${c}Σ `).join(''),
    })
    return wordsOf(text)
      .join(' ')
      .split(mark)
      .slice(1)
      .map((line) => line.trimEnd().slice(1))
  }

  it('lower-cases every character as JavaScript does, and sigma beside it', function () {
    if (Number(process.versions.unicode) > 17) this.skip()
    const characters: string[] = []
    for (let code = 0; code < 0x110000; code++) {
      if (code >= 0xd800 && code < 0xe000) continue
      const c = String.fromCodePoint(code)
      // Of the many that have no case, ideographs and what is not assigned, a sample will do.
      if (isOld(code) && (code % 16 === 0 || !/[\p{Lo}\p{Cn}\p{Co}]/u.test(c))) characters.push(c)
    }
    const got = lowered(characters)
    assert.equal(got.length, characters.length)
    characters.forEach((c, i) => {
      const expected = referenceTokens(`${c} aΣ${c} a${c}Σ ${c}Σ`).join(' ')
      if (got[i] !== expected) assert.equal(got[i], expected, `U+${c.codePointAt(0)?.toString(16)}`)
    })
  })

  it('lower-cases every character as Python does', function () {
    // Unicode versions that `changed` does not cover are no reference.
    const unicode = hasPython ? Number.parseInt(python(['unicode']), 10) : 0
    if (unicode < 14 || unicode > 17) this.skip()
    const path = join(folder, 'lower.txt')
    python(['lower', path])
    const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
    const known = lines
      .map((line): [string, string] => [
        String.fromCodePoint(Number.parseInt(line, 16)),
        line.slice(line.indexOf(' ') + 1),
      ])
      .filter(([c]) => isOld(c.codePointAt(0) as number))
    assert.ok(known.length > 250_000)
    const got = lowered(known.map(([c]) => c))
    known.forEach(([c, expected], i) => {
      if (got[i] !== expected) assert.equal(got[i], expected, `U+${c.codePointAt(0)?.toString(16)}`)
    })
  })

  it('gives the tokens of a plain implementation, at every number of threads', async () => {
    // Many pieces of 64 KiB, and every kind of separator where one may end.
    for (const seed of [1, 2]) {
      const text = generateText(seed, 150_000)
      assert.ok(Buffer.byteLength(text) > 1_000_000)
      const expected = referenceTokens(text)
      const vocabulary = [...new Set(expected)]
      const read = readTextSync({ text })
      assert.deepEqual(read.vocabulary, vocabulary)
      assert.ok(wordsOf(read).every((word, i) => word === expected[i]))
      assert.equal(read.length, expected.length)
      for (const threads of [1, 2, 3, 4, 8]) {
        const again = await readText({ text }, { threads })
        assert.deepEqual(again.ids, read.ids)
        assert.deepEqual(again.counts, read.counts)
        assert.deepEqual(again.vocabulary, vocabulary)
      }
    }
  })

  it('divides neither words nor \\r\\n nor characters where a piece may end', () => {
    const piece = 64 * 1024
    for (const middle of ['\r\n', 'WORD', '\u3000', 'ΑΣ', '\u{10400}', ' ', '中']) {
      for (let shift = -5; shift <= 1; shift++) {
        const text = `${'x '.repeat((piece - 8) / 2)}${'y'.repeat(8 + shift)}${middle}z z`
        assert.deepEqual(
          tokens(text).slice(-4),
          referenceTokens(text).slice(-4),
          `${middle} ${shift}`,
        )
      }
    }
  })

  it('reads one word that is longer than several pieces', () => {
    assert.deepEqual(tokens('Ab'.repeat(500_000)), ['ab'.repeat(500_000)])
    assert.deepEqual(tokens('é'.repeat(500_000)), ['é'.repeat(500_000)])
  })

  it('says where a text is no UTF-8', async () => {
    const cases: [number[], number][] = [
      [[0xff], 0],
      [[0x61, 0x80], 1],
      [[0x61, 0x20, 0xc3], 2],
      [[0xc3, 0xa9, 0xed, 0xa0, 0x80], 2],
      [[0x20, 0xf5, 0x80, 0x80, 0x80], 1],
    ]
    for (const [bytes, offset] of cases) {
      const error = await assertFails(
        () => readText(Uint8Array.from(bytes)),
        'ERR_INVALID_UTF8',
        new RegExp(`at offset ${offset}$`),
      )
      assert.ok(error instanceof EncodingError)
      assert.equal(error.offset, offset)
    }
    const path = file('latin1.txt', Buffer.from('caf\xe9', 'latin1'))
    await assertFails(() => readTextSync(path), 'ERR_INVALID_UTF8', /latin1\.txt.* at offset 3$/)
  })

  it('says the first bad place of several, at every number of threads', async () => {
    const bytes = Buffer.from('word '.repeat(400_000))
    for (const place of [1_900_000, 1_000_003, 300_000]) {
      bytes[place] = 0xff
      for (const threads of [1, 2, 3, 8]) {
        const error = await assertFails(
          () => readText(bytes, { threads }),
          'ERR_INVALID_UTF8',
          /offset/,
        )
        assert.equal((error as EncodingError).offset, place)
      }
    }
  })

  it('refuses what is no file and what is no source', async () => {
    const missing = join(folder, 'missing.txt')
    const error = await assertFails(
      () => readText(missing),
      'ERR_FILE',
      /missing\.txt.*No such file/,
    )
    assert.ok(error instanceof FileError)
    assert.equal(error.path, missing)
    await assertFails(() => readTextSync(folder), 'ERR_FILE', /directory/i)
    await assertFails(() => readText(''), 'ERR_INVALID_ARGUMENT', /not empty/)
    await assertFails(() => readText('a\0b'), 'ERR_INVALID_ARGUMENT', /NUL/)
    await assertFails(
      () => readText(new URL('https://example.org/')),
      'ERR_INVALID_ARGUMENT',
      /file: URL/,
    )
    await assertFails(() => readText({ text: 'a\ud800' }), 'ERR_INVALID_ARGUMENT', /surrogates/)
    await assertFails(
      () => readText({ text: 'a', txt: 1 } as never),
      'ERR_INVALID_ARGUMENT',
      /did you mean "text"/,
    )
    for (const source of [undefined, null, 3, [], {}, new Uint16Array(2)]) {
      await assertFails(
        () => readText(source as never),
        'ERR_INVALID_ARGUMENT',
        /for source but received/,
      )
    }
    await assertFails(
      () => readText({ text: '' }, { thread: 2 } as never),
      'ERR_INVALID_ARGUMENT',
      /"threads"/,
    )
    await assertFails(
      () => readTextSync({ text: '' }, { threads: 0 }),
      'ERR_INVALID_ARGUMENT',
      /threads/,
    )
  })

  it('reads a pipe to its end', async function () {
    if (process.platform === 'win32') this.skip()
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
    const reading = readText(path)
    const writer = spawn('sh', ['-c', `sleep 0.2; printf 'one two '; sleep 0.2; printf 'two'`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const { createWriteStream } = await import('node:fs')
    writer.stdout.pipe(createWriteStream(path))
    assert.deepEqual(wordsOf(await reading), ['one', 'two', 'two'])
  })

  it('gives up a pipe that nobody writes to when it is aborted', async function () {
    if (process.platform === 'win32') this.skip()
    const path = join(folder, 'silent')
    execFileSync('mkfifo', [path])
    const controller = new AbortController()
    const reading = readText(path, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await assert.rejects(reading, /enough/)
    assert.deepEqual(wordsOf(await readText({ text: 'next' })), ['next'])
  })

  it('tells its progress up to the end', async () => {
    const fractions: number[] = []
    const text = 'word '.repeat(2_000_000)
    await readText({ text }, { onProgress: (fraction) => fractions.push(fraction) })
    assert.ok(fractions.every((f, i) => f > 0 && f <= 1 && f >= (fractions[i - 1] ?? 0)))
  })
})

describe('wordCount', () => {
  it('lists falling counts, ties in the order of first appearance', async () => {
    const text = { text: 'b a c a b d' }
    const expected = [
      { word: 'b', count: 2, percentage: (2 / 6) * 100 },
      { word: 'a', count: 2, percentage: (2 / 6) * 100 },
      { word: 'c', count: 1, percentage: (1 / 6) * 100 },
      { word: 'd', count: 1, percentage: (1 / 6) * 100 },
    ]
    assert.deepEqual(await wordCount(text), expected)
    assert.deepEqual(wordCountSync(text), expected)
    assert.deepEqual(wordCountSync(readTextSync(text)), expected)
  })

  it('measures minLength in characters, and the percentage over the words kept', () => {
    const text = { text: 'a éé \u{1d518} \u{1d518}\u{1d518} abc éé' }
    const words = (minLength: number) => wordCountSync(text, { minLength }).map(({ word }) => word)
    assert.deepEqual(words(0), ['éé', 'a', '\u{1d518}', '\u{1d518}\u{1d518}', 'abc'])
    assert.deepEqual(words(2), ['éé', '\u{1d518}\u{1d518}', 'abc'])
    assert.deepEqual(wordCountSync(text, { minLength: 3 }), [
      { word: 'abc', count: 1, percentage: 100 },
    ])
    assert.deepEqual(words(4), [])
    assert.deepEqual(wordCountSync({ text: '' }), [])
  })

  it('gives the counts of a plain implementation', async () => {
    const text = generateText(3, 60_000)
    for (const minLength of [1, 3]) {
      const counts = await wordCount({ text }, { minLength })
      const expected = referenceCounts(referenceTokens(text), minLength)
      assert.deepEqual(
        counts.map(({ word, count }) => [word, count]),
        expected,
      )
    }
  })

  it('counts more distinct words than fit into a first table', () => {
    const next = numbers(5)
    const text = Array.from({ length: 200_000 }, () => `w${next(100_000)}`).join(' ')
    assert.deepEqual(
      wordCountSync({ text }).map(({ word, count }) => [word, count]),
      referenceCounts(referenceTokens(text)),
    )
  })

  it('counts the books as the reference does', function () {
    if (books.length === 0) this.skip()
    for (const book of books) {
      const counts = wordCountSync(`${bookFolder}/${book}.txt`)
      const lines = readFileSync(`${bookFolder}/reference/${book}.dat`, 'utf8')
        .split('\n')
        .slice(0, -1)
      assert.equal(counts.length, lines.length)
      lines.forEach((line, i) => {
        const { word, count, percentage } = counts[i] as (typeof counts)[number]
        const [expectedWord, expectedCount, expectedPercentage] = line.split(' ')
        assert.ok(word === expectedWord && count === Number(expectedCount), line)
        assert.equal(percentage, Number(expectedPercentage))
      })
    }
  })

  it('refuses options that it does not know, and a text that was given away', async () => {
    const text = readTextSync({ text: 'a b' })
    await assertFails(
      () => wordCount(text, { minLenght: 2 } as never),
      'ERR_INVALID_ARGUMENT',
      /"minLength"/,
    )
    await assertFails(
      () => wordCountSync(text, { minLength: 1.5 }),
      'ERR_INVALID_ARGUMENT',
      /minLength/,
    )
    await assertFails(
      () => wordCountSync(text, { minLength: -1 }),
      'ERR_INVALID_ARGUMENT',
      /minLength/,
    )
    structuredClone(text.counts, { transfer: [text.counts.buffer] })
    await assertFails(() => wordCount(text), 'ERR_SHAPE', /detached/)
  })
})
