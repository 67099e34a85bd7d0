import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { numcore } from './support/cli.js'
import { bookFolder, books, generateText } from './support/words.js'

describe('numcore corpus', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-corpus-'))
    mkdirSync(join(folder, 'books'))
    for (const seed of [1, 2, 3]) {
      writeFileSync(join(folder, 'books', `b${seed}.txt`), generateText(seed, 4000))
    }
  })
  after(() => rmSync(folder, { recursive: true }))

  const read = (...parts: string[]) => readFileSync(join(folder, ...parts), 'utf8')

  it('leaves for each book what wordcount, acf and zipf leave', async () => {
    const { code, stdout, stderr } = await numcore(['corpus', 'books', '--out', 'out'], {}, folder)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^3 books: 3 done, 0 kept, 0 failed$/m)
    assert.equal(stderr, '')
    for (const name of ['b1', 'b2', 'b3']) {
      await numcore(['wordcount', `books/${name}.txt`, 'one.dat'], {}, folder)
      await numcore(['acf', `books/${name}.txt`, 'one.dat', 'one.csv'], {}, folder)
      assert.equal(read('out', `${name}.dat`), read('one.dat'))
      assert.equal(read('out', `${name}.acf.csv`), read('one.csv'))
      assert.match(read('out', `${name}.svg`), /^<svg /)
    }
    const zipf = await numcore(
      ['zipf', '10', 'b1.dat', 'b2.dat', 'b3.dat'],
      {},
      join(folder, 'out'),
    )
    assert.equal(read('out', 'zipf.csv'), zipf.stdout)
    assert.ok(!readdirSync(join(folder, 'out')).some((name) => name.endsWith('.tmp')))
  })

  it('keeps what is finished, and does again what is missing, changed or asked for otherwise', async () => {
    const again = async (...more: string[]) => {
      const result = await numcore(
        ['corpus', 'books', '--out', 'out', '--json', ...more],
        {},
        folder,
      )
      assert.equal(result.code, 0, result.stderr)
      const { done, kept } = JSON.parse(result.stdout) as { done: number; kept: number }
      return [done, kept]
    }
    const written = statSync(join(folder, 'out', 'b1.dat')).mtimeMs
    assert.deepEqual(await again(), [0, 3])
    assert.equal(statSync(join(folder, 'out', 'b1.dat')).mtimeMs, written)
    rmSync(join(folder, 'out', 'b2.acf.csv'))
    // As it is when the work was broken off: the file that says "finished" is not there yet.
    rmSync(join(folder, 'out', 'b3.done.json'))
    assert.deepEqual(await again(), [2, 1])
    utimesSync(join(folder, 'books', 'b1.txt'), 1, 1)
    assert.deepEqual(await again(), [1, 2])
    assert.deepEqual(await again('--timesteps', '5'), [3, 0])
    assert.equal(read('out', 'b1.acf.csv').split('\n').length, 6)
  })

  it('reports a bad book, does the others, and exits with 1', async () => {
    mkdirSync(join(folder, 'mixed'))
    writeFileSync(join(folder, 'mixed', 'good.txt'), 'word word other')
    writeFileSync(join(folder, 'mixed', 'bad.txt'), Buffer.from('caf\xe9', 'latin1'))
    writeFileSync(join(folder, 'mixed', 'empty.txt'), '')
    const { code, stdout, stderr } = await numcore(
      ['corpus', 'mixed/*.txt', 'missing.txt', '--out', 'out2'],
      {},
      folder,
    )
    assert.equal(code, 1)
    assert.match(stdout, /4 books: 1 done, 0 kept, 3 failed/)
    assert.match(stderr, /bad\.txt.* at offset 3/)
    assert.match(stderr, /empty\.txt/)
    assert.match(stderr, /missing\.txt/)
    assert.deepEqual(readdirSync(join(folder, 'out2')).sort(), [
      'good.acf.csv',
      'good.dat',
      'good.done.json',
      'good.svg',
      'zipf.csv',
    ])
  })

  it('refuses no books, and two that would share their outputs', async () => {
    mkdirSync(join(folder, 'none'))
    const none = await numcore(['corpus', 'none', '--out', 'out3'], {}, folder)
    assert.equal(none.code, 2)
    assert.match(none.stderr, /found none/)
    const twice = await numcore(
      ['corpus', 'books/b1.txt', 'mixed/../books', 'books/b1.md', '--out', 'out3'],
      {},
      folder,
    )
    assert.equal(twice.code, 2)
    assert.match(twice.stderr, /share their outputs/)
  })

  it('gives the reference outputs of the books', async function () {
    if (books.length === 0) this.skip()
    const { code, stderr } = await numcore(['corpus', bookFolder, '--out', 'library'], {}, folder)
    assert.equal(code, 0, stderr)
    for (const book of books) {
      const reference = (name: string) => readFileSync(`${bookFolder}/reference/${name}`, 'utf8')
      assert.equal(read('library', `${book}.dat`), reference(`${book}.dat`))
      assert.equal(read('library', `${book}.acf.csv`), reference(`acf_${book}.csv`))
    }
  })

  it('dynamics prints a table and leaves a plot', async () => {
    writeFileSync(join(folder, 'd.txt'), 'The sea was calm. '.repeat(30) + 'A whale! '.repeat(20))
    const { code, stdout, stderr } = await numcore(
      ['dynamics', 'd.txt', '--words', '3', '--timesteps', '20', '--out', 'd.svg'],
      {},
      folder,
    )
    assert.equal(code, 0, stderr)
    assert.equal(stdout.split('\n').length, 5)
    assert.match(stdout, /^word,sentences,importance,alpha,tau,beta,level$/m)
    assert.match(read('d.svg'), /^<svg /)
  })
})
