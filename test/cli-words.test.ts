import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type * as PythonNumbers from '../dist/cli/python-numbers.js'
import {
  bookFolder,
  books,
  generateText,
  hasPython,
  numbers,
  python,
  referenceCounts,
  referenceTokens,
} from './support/words.js'

// Seen from build/test, where the tests run; the commands are no part of the package's public face.
const dist = new URL('../../dist/', import.meta.url)
const main = fileURLToPath(new URL('cli/main.js', dist))
const numberForms = new URL('cli/python-numbers.js', dist).href
const { exponential18, repr } = (await import(numberForms)) as typeof PythonNumbers

/** Equal to the byte; says the first line that is not, for books are long. */
function assertSameText(actual: string, expected: string, name = 'output') {
  if (actual === expected) return
  const lines = expected.split('\n')
  const at = actual.split('\n').findIndex((line, i) => line !== lines[i])
  assert.equal(actual.split('\n')[at], lines[at], `${name}, line ${at + 1}`)
  assert.fail(`${name} is longer or shorter than expected`)
}

describe('words on the command line', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-words-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  const path = (name: string) => join(folder, name)
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(path(name), content)
    return path(name)
  }
  const read = (name: string) => readFileSync(path(name), 'utf8')

  function numcore(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [main, ...args],
        { maxBuffer: 1 << 28 },
        (error, stdout, stderr) => {
          resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr })
        },
      )
    })
  }
  async function works(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await numcore(...args)
    assert.equal(status, 0, stderr)
    return stdout
  }
  async function fails(status: number, message: RegExp, ...args: string[]) {
    const result = await numcore(...args)
    assert.equal(result.status, status, `${result.stdout}${result.stderr}`)
    assert.match(result.stderr, message)
    assert.equal(result.stdout, '')
  }

  describe('numbers as Python prints them', () => {
    it('repr', () => {
      const expected: [number, string][] = [
        [0, '0.0'],
        [-0, '-0.0'],
        [100, '100.0'],
        [5.943102104442712, '5.943102104442712'],
        [0.0001, '0.0001'],
        [0.00012345, '0.00012345'],
        [0.00009999, '9.999e-05'],
        [0.00001, '1e-05'],
        [5.3e-5, '5.3e-05'],
        [1e-10, '1e-10'],
        [-2.5e-300, '-2.5e-300'],
        [2 ** 53, '9007199254740992.0'],
        [1e16, '1e+16'],
        [1.5e300, '1.5e+300'],
        [5e-324, '5e-324'],
      ]
      for (const [x, text] of expected) assert.equal(repr(x), text)
    })

    it('%.18e, with ties to the even digit', () => {
      const expected: [number, string][] = [
        [0, '0.000000000000000000e+00'],
        [1, '1.000000000000000000e+00'],
        [100, '1.000000000000000000e+02'],
        [0.1, '1.000000000000000056e-01'],
        // 20 significant digits that end in 5: halfway, down to the even digit and up to it.
        [1 + 2 ** -19, '1.000001907348632812e+00'],
        [1 + 3 * 2 ** -19, '1.000005722045898438e+00'],
        [5e-324, '4.940656458412465442e-324'],
        [Number.MAX_VALUE, '1.797693134862315708e+308'],
      ]
      for (const [x, text] of expected) assert.equal(exponential18(x), text)
    })

    it('both, for many numbers, held against Python', function () {
      if (!hasPython) this.skip()
      const next = numbers(21)
      const values: number[] = []
      const raw = new DataView(new ArrayBuffer(8))
      for (let i = 0; i < 20_000; i++) {
        raw.setUint32(0, next(2 ** 32))
        raw.setUint32(4, next(2 ** 32))
        const any = raw.getFloat64(0)
        if (Number.isFinite(any)) values.push(any)
        // Percentages, means of 16, and numbers with few bits, where the ties are.
        values.push(
          (next(1000) / (1 + next(1_000_000))) * 100,
          next(10_000) / 9973 / 16,
          1 + next(2 ** 20) * 2 ** -19,
        )
      }
      const lines = python(['numbers'], Buffer.from(Float64Array.from(values).buffer))
        .trimEnd()
        .split('\n')
      assert.equal(lines.length, values.length)
      values.forEach((x, i) => {
        assert.equal(`${repr(x)} ${exponential18(x)}`, lines[i])
      })
    })
  })

  it('wordcount, acf and zipf are byte-identical for the reference books', async function () {
    if (books.length === 0) this.skip()
    for (const book of books) {
      const text = join(bookFolder, `${book}.txt`)
      await works('wordcount', text, path(`${book}.dat`))
      await works('acf', text, path(`${book}.dat`), path(`acf_${book}.csv`))
      for (const name of [`${book}.dat`, `acf_${book}.csv`]) {
        assertSameText(read(name), readFileSync(join(bookFolder, 'reference', name), 'utf8'), name)
      }
    }
    assert.equal(
      await works('zipf', '10', ...books.map((book) => path(`${book}.dat`))),
      readFileSync(join(bookFolder, 'reference', 'zipf.csv'), 'utf8'),
    )
  })

  it('wordcount writes what the specification says', async () => {
    file('small.txt', 'The cat. The DOG!\r\nthe bird')
    assert.equal(await works('wordcount', path('small.txt'), path('small.dat')), '')
    assert.equal(
      read('small.dat'),
      'the 3 50.0\ncat 1 16.666666666666664\ndog 1 16.666666666666664\nbird 1 16.666666666666664\n',
    )
    await works('wordcount', path('small.txt'), path('small.dat'), '4', '--threads', '1')
    assert.equal(read('small.dat'), 'bird 1 100.0\n')
    const facts: unknown = JSON.parse(
      await works('wordcount', '--json', path('small.txt'), path('small.dat')),
    )
    assert.deepEqual(facts, { tokens: 6, kept: 6, words: 4 })
  })

  it('wordcount agrees with a plain implementation, down to percentages with exponents', async () => {
    const next = numbers(31)
    const words = `the ${'common '.repeat(1_200_000)}${Array.from({ length: 50_000 }, () => `r${next(30_000)}`).join('\n')}`
    for (const [text, minLength] of [
      [generateText(41, 30_000), 1],
      [generateText(42, 30_000), 4],
      [words, 1],
    ] as const) {
      file('book.txt', text)
      await works('wordcount', path('book.txt'), path('book.dat'), String(minLength))
      const counts = referenceCounts(referenceTokens(text), minLength)
      const total = counts.reduce((sum, [, count]) => sum + count, 0)
      const expected = counts.map(
        ([word, count]) => `${word} ${count} ${repr((count / total) * 100)}\n`,
      )
      assertSameText(read('book.dat'), expected.join(''))
    }
    assert.match(read('book.dat').slice(-100), / 1 7\.99\d+e-05\n$/)
  })

  it('wordcount and acf agree with Python on generated texts, byte for byte', async function () {
    if (!hasPython) this.skip()
    for (const [seed, minLength] of [
      [51, '1'],
      [52, '2'],
      [53, '5'],
    ] as const) {
      const book = file('generated.txt', generateText(seed, 4_000))
      await works('wordcount', book, path('ours.dat'), minLength)
      python(['wordcount', book, path('theirs.dat'), minLength])
      assertSameText(read('ours.dat'), read('theirs.dat'))
      await works(
        'acf',
        book,
        path('ours.dat'),
        path('ours.csv'),
        '--words',
        '9',
        '--timesteps',
        '40',
      )
      python(['acf', book, path('ours.dat'), path('theirs.csv'), '9', '40'])
      assertSameText(read('ours.csv'), read('theirs.csv'))
    }
  })

  it('acf starts at the second token, and skips comments', async () => {
    file('abc.txt', 'a b a b a c')
    // A word count from elsewhere: Windows line ends, a comment, no last line end.
    file('abc.dat', '# word count\r\na 3 50.0\r\nb 2 33.3')
    await works('acf', path('abc.txt'), path('abc.dat'), path('abc.csv'), '--timesteps', '3')
    // a: 2/3, 0, 1/3; b: 1, 0, 1/2.
    const average = [(2 / 3 + 1) / 2, 0, (1 / 3 + 1 / 2) / 2]
    assert.equal(
      read('abc.csv'),
      average.map((value, t) => `${exponential18(t + 1)},${exponential18(value)}\n`).join(''),
    )
    const json = await works(
      'acf',
      '--json',
      path('abc.txt'),
      path('abc.dat'),
      path('abc.csv'),
      '--timesteps',
      '3',
    )
    assert.deepEqual(JSON.parse(json), { tokens: 6, words: ['a', 'b'], average })
  })

  it('acf takes as many words as there are, and lags longer than the book', async () => {
    file('tiny.txt', 'one two')
    await works('wordcount', path('tiny.txt'), path('tiny.dat'))
    await works('acf', path('tiny.txt'), path('tiny.dat'), path('tiny.csv'))
    const lines = read('tiny.csv').split('\n')
    assert.equal(lines.length, 101)
    assert.equal(lines[0], '1.000000000000000000e+00,5.000000000000000000e-01')
    assert.equal(lines[99], '1.000000000000000000e+02,0.000000000000000000e+00')
  })

  it('acf counts in sentences when asked to', async () => {
    file('s.txt', 'The whale. The sea. A whale, a whale! The end.')
    file('s.dat', 'the 3 30\nwhale 3 30\n')
    const stdout = await works(
      'acf',
      path('s.txt'),
      path('s.dat'),
      path('s.csv'),
      '--unit',
      'sentence',
      '--timesteps',
      '4',
      '--json',
    )
    // the: sentences 0, 1, 3; whale: 0, 2.
    const expected = [1, 1 / 6, 1 / 3 / 2 + 1 / 4, 1 / 6]
    const { average, sentences } = JSON.parse(stdout) as { average: number[]; sentences: number }
    assert.equal(sentences, 4)
    average.forEach((value, t) => {
      assert.ok(Math.abs(value - (expected[t] as number)) < 1e-15, `${t}: ${value}`)
    })
    await fails(2, /--unit/, 'acf', path('s.txt'), path('s.dat'), path('s.csv'), '--unit', 'page')
  })

  it('acf finds a word that begins with a byte order mark', async () => {
    file('bom.txt', '\ufeffone \ufeffone two')
    await works('wordcount', path('bom.txt'), path('bom.dat'))
    assert.equal(read('bom.dat').codePointAt(0), 0xfeff)
    await works(
      'acf',
      path('bom.txt'),
      path('bom.dat'),
      path('bom.csv'),
      '--words',
      '1',
      '--timesteps',
      '1',
    )
    assert.equal(read('bom.csv'), '1.000000000000000000e+00,5.000000000000000000e-01\n')
  })

  it('zipf prints base names and first counts', async () => {
    file('one.dat', 'a 5 50.0\nb 3 30.0\nc 2 20.0\n')
    file('two.text', 'x 1 100.0\n')
    assert.equal(
      await works('zipf', '2', path('one.dat'), path('two.text')),
      'Book,word1,word2\none,5,3\ntwo.,1\n',
    )
    assert.deepEqual(JSON.parse(await works('zipf', '--json', '2', path('one.dat'))), {
      books: [{ book: 'one', counts: [5, 3] }],
    })
  })

  it('plotcount draws a bar for each of the first words, and escapes them', async () => {
    file('plot.dat', 'a&b 40 50.0\nc|\u0001d 30 37.5\nthe 10 12.5\n')
    await works('plotcount', path('plot.dat'), path('plot.svg'), '-n', '2')
    const svg = read('plot.svg')
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/)
    assert.match(svg, />2 most common words<\/text>/)
    assert.match(svg, />a&amp;b<\/text>/)
    assert.match(svg, />c\|\ufffdd<\/text>/)
    const heights = [...svg.matchAll(/<rect x=.*? height="([\d.]+)" fill="#3b6ea5"/g)].map(
      (match) => Number(match[1]),
    )
    assert.equal(heights.length, 2)
    assert.ok(Math.abs((heights[0] as number) / (heights[1] as number) - 4 / 3) < 1e-9)
    await works('plotcount', path('plot.dat'), path('plot.svg'))
    assert.match(read('plot.svg'), />10 most common words<\/text>/)
    assert.doesNotMatch(read('plot.svg'), /NaN|undefined/)
  })

  describe('bad input', () => {
    before(() => {
      file('good.txt', 'word word other')
      file('good.dat', 'word 2 66.66666666666666\nother 1 33.33333333333333\n')
      file('empty.txt', '')
      file('bad.txt', Buffer.from('good \xff', 'latin1'))
      mkdirSync(path('folder'))
    })

    it('a book that is missing, a folder, empty or no UTF-8 leaves no output', async () => {
      const cases: [string, RegExp][] = [
        ['missing.txt', /missing\.txt.*No such file/],
        ['folder', /folder.*directory/i],
        ['empty.txt', /Expected words in .*empty\.txt.* found none/],
        ['bad.txt', /bad\.txt.* at offset 5/],
      ]
      for (const [name, message] of cases) {
        await fails(1, message, 'wordcount', path(name), path('never.dat'))
        const acfMessage = name === 'empty.txt' ? /is no word count of/ : message
        await fails(1, acfMessage, 'acf', path(name), path('good.dat'), path('never.dat'))
      }
      assert.ok(!existsSync(path('never.dat')))
    })

    it('a malformed word count is named with its line', async () => {
      const cases: [string, RegExp][] = [
        ['word 2 66.6\nother\n', /line 2 of .*bad\.dat.*"other"/],
        ['# comment\nword two 66.6\n', /line 2/],
        ['word 2 x\n', /line 1/],
        ['word 2 50.0 more\n', /line 1/],
        ['word 2 50.0\n\n', /line 2/],
        ['', /word counts in .*bad\.dat.*none/],
        ['# nothing\n', /none/],
      ]
      for (const [content, message] of cases) {
        file('bad.dat', content)
        await fails(1, message, 'acf', path('good.txt'), path('bad.dat'), path('never.csv'))
        await fails(1, message, 'zipf', '3', path('good.dat'), path('bad.dat'))
        await fails(1, message, 'plotcount', path('bad.dat'), path('never.csv'))
      }
      file('latin.dat', Buffer.from('caf\xe9 1 100.0\n', 'latin1'))
      await fails(1, /UTF-8.*latin\.dat/, 'zipf', '3', path('latin.dat'))
      await fails(1, /missing\.dat/, 'zipf', '3', path('missing.dat'))
      assert.ok(!existsSync(path('never.csv')))
    })

    it('a word count of another book is said to be one', async () => {
      file('other.dat', 'word 2 50.0\nelsewhere 2 50.0\n')
      await fails(
        1,
        /other\.dat' is no word count of .*"elsewhere"/,
        'acf',
        path('good.txt'),
        path('other.dat'),
        path('never.csv'),
      )
      assert.ok(!existsSync(path('never.csv')))
    })

    it('an output that cannot be written leaves nothing behind', async () => {
      await fails(1, /directory/, 'wordcount', path('good.txt'), path('folder'))
      await fails(
        1,
        /no directory/,
        'acf',
        path('good.txt'),
        path('good.dat'),
        path('nowhere/out.csv'),
      )
      await fails(1, /directory/, 'plotcount', path('good.dat'), path('folder'))
      assert.deepEqual(readdirSync(path('folder')), [])
      if (process.getuid?.() === 0) return // root may write anywhere
      mkdirSync(path('closed'))
      chmodSync(path('closed'), 0o500)
      await fails(1, /permission/, 'wordcount', path('good.txt'), path('closed/out.dat'))
      assert.deepEqual(readdirSync(path('closed')), [])
    })

    it('an output that is an input, under whatever name, is refused', async () => {
      linkSync(path('good.txt'), path('again.txt'))
      await fails(2, /another file/, 'wordcount', path('good.txt'), path('again.txt'))
      await fails(2, /another file/, 'acf', path('good.txt'), path('good.dat'), path('good.dat'))
      await fails(2, /another file/, 'plotcount', path('good.dat'), path('good.dat'))
      assert.equal(read('good.txt'), 'word word other')
    })

    it('wrong arguments exit with 2', async () => {
      await fails(2, /missing required argument/, 'wordcount', path('good.txt'))
      await fails(2, /integer/, 'wordcount', path('good.txt'), path('never.dat'), 'three')
      await fails(2, /integer/, 'wordcount', path('good.txt'), path('never.dat'), '--threads', '0')
      await fails(
        2,
        /integer/,
        'acf',
        path('good.txt'),
        path('good.dat'),
        path('never.dat'),
        '--words',
        '0',
      )
      await fails(
        2,
        /unknown option/,
        'acf',
        path('good.txt'),
        path('good.dat'),
        path('never.dat'),
        '--lags',
        '3',
      )
      await fails(2, /integer/, 'zipf', 'ten', path('good.dat'))
      await fails(2, /too many arguments/, 'plotcount', path('good.dat'), path('never.dat'), '3')
      assert.ok(!existsSync(path('never.dat')))
    })
  })
})
