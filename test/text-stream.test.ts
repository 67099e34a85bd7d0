import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { EncodingError } from 'numcore'
import { readText, readTextSync, readTexts, readTextsSync, wordCount, wordCountSync } from 'numcore'
import { assertFails } from './support/assertions.js'
import { generateText, numbers } from './support/words.js'

/** The bytes in chunks of random length, in one buffer that is used again for each. */
async function* chunked(bytes: Uint8Array, seed: number, longest: number) {
  const next = numbers(seed)
  const buffer = new Uint8Array(longest)
  for (let at = 0; at < bytes.length;) {
    const length = Math.min(bytes.length - at, next(longest + 1))
    buffer.set(bytes.subarray(at, at + length))
    yield buffer.subarray(0, length)
    at += length
  }
}

describe('readText of a stream', () => {
  it('gives what the whole text gives, wherever the chunks end', async () => {
    const bytes = Buffer.from(generateText(11, 20_000))
    const expected = readTextSync(bytes)
    for (const [seed, longest] of [
      [1, 3],
      [2, 1000],
      [3, 200_000],
    ] as const) {
      const text = await readText(chunked(bytes, seed, longest))
      assert.deepEqual(text.ids, expected.ids)
      assert.deepEqual(text.counts, expected.counts)
      assert.deepEqual(text.vocabulary, expected.vocabulary)
    }
  })

  it('gives it too when the text is read in several parts', async () => {
    // More than two parts of 8 MiB, and a word that spans many chunks.
    const text = `${generateText(12, 100_000).repeat(40)} ${'Y'.repeat(300_000)} end`
    const bytes = Buffer.from(text)
    assert.ok(bytes.length > 20_000_000)
    const expected = readTextSync(bytes)
    const read = await readText(chunked(bytes, 4, 100_000))
    assert.equal(Buffer.compare(Buffer.from(read.ids.buffer), Buffer.from(expected.ids.buffer)), 0)
    assert.deepEqual(read.counts, expected.counts)
    assert.deepEqual(read.vocabulary, expected.vocabulary)
    assert.deepEqual(await wordCount(chunked(bytes, 5, 100_000)), wordCountSync(bytes))
  })

  it('reads Node streams, and an empty one', async () => {
    const text = await readText(
      Readable.from([Buffer.from('One tw'), Buffer.from('o\r'), Buffer.from('\none')]),
    )
    assert.deepEqual(text.vocabulary, ['one', 'two'])
    assert.deepEqual(text.ids, Uint32Array.of(0, 1, 0))
    assert.equal((await readText(Readable.from([]))).length, 0)
  })

  it('says at which byte of the stream it is no UTF-8', async () => {
    const bytes = Buffer.from('word é '.repeat(2_500_000))
    const place = 17_000_004
    bytes[place] = 0xff
    const error = await assertFails(
      () => readText(chunked(bytes, 6, 1_000_000)),
      'ERR_INVALID_UTF8',
      /the stream .* at offset/,
    )
    const whole = await assertFails(() => readText(bytes), 'ERR_INVALID_UTF8', /offset/)
    assert.equal((error as EncodingError).offset, (whole as EncodingError).offset)
  })

  it('hands on what the stream throws', async () => {
    const broken = async function* () {
      yield Buffer.from('one ')
      throw new Error('the line is cut')
    }
    await assert.rejects(readText(broken()), /the line is cut/)
  })
})

describe('readTexts', () => {
  it('has a synchronous twin', async () => {
    const sources = [{ text: 'one two' }, Buffer.from('Three'), { text: '' }]
    const shape = (texts: readonly { vocabulary: readonly string[]; ids: Uint32Array }[]) =>
      texts.map(({ vocabulary, ids }) => ({ vocabulary, ids }))
    assert.deepEqual(shape(readTextsSync(sources)), shape(await readTexts(sources)))
    assert.deepEqual(readTextsSync(sources, { threads: 2 })[1]?.vocabulary, ['three'])
    for (const read of [readTexts, readTextsSync]) {
      await assertFails(() => read('a.txt' as never), 'ERR_INVALID_ARGUMENT', /an array of texts/)
      await assertFails(() => read([7] as never), 'ERR_INVALID_ARGUMENT', /a path, URL/)
    }
    await assertFails(
      () => readTexts([], { onProgress: 1 } as never),
      'ERR_INVALID_ARGUMENT',
      /a function for onProgress/,
    )
  })

  it('reads many files beside each other, in the order asked for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'numcore-texts-'))
    try {
      const paths = [1, 2, 3, 4, 5].map((seed) => {
        const path = join(folder, `${seed}.txt`)
        writeFileSync(path, generateText(seed, 3000 * seed))
        return path
      })
      for (const threads of [1, 2, 4]) {
        const texts = await readTexts(paths, { threads })
        texts.forEach((text, i) => {
          assert.deepEqual(text.ids, readTextSync(paths[i] as string).ids)
        })
      }
      assert.deepEqual(await readTexts([]), [])
      await assertFails(
        () => readTexts([...paths, join(folder, 'missing.txt')]),
        'ERR_FILE',
        /missing\.txt/,
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
