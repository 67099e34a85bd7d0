import assert from 'node:assert/strict'
import { readSentences, readSentencesSync, readTextSync } from 'numcore'
import { assertFails, bits } from './support/assertions.js'
import { generateText, numbers, referenceTokens, spaces } from './support/words.js'

const white = `[${spaces.join('')}]`
const end = new RegExp(`([.!?…]+["'”’)\\]}»]*)(?=${white}|$)|\n[ \t]*(?=\n)`, 'gu')

/** The rule of the documentation, by a regular expression over the whole text. */
function referenceStarts(text: string): number[] {
  const starts: number[] = []
  let token = 0
  let at = 0
  const add = (sentence: string) => {
    const { length } = referenceTokens(sentence)
    if (length > 0) starts.push(token)
    token += length
  }
  const plain = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
  for (const { index, 0: found } of plain.matchAll(end)) {
    add(plain.slice(at, index + found.length))
    at = index + found.length
  }
  add(plain.slice(at))
  return starts
}

/** A text of all that has to do with ends, next to each other in every way. */
function generateEnds(seed: number, parts: number): string {
  const next = numbers(seed)
  const marks = [...'.!?…"\')]}”’»,;-(\u201c', ...spaces, '\r\n', '\n\n', '\n \t\r\n', '. ', '.” ']
  const words = [
    'a',
    'The',
    'end',
    'é',
    'fin…',
    '…',
    '…”',
    '”',
    'x…y',
    'ΟΔΟΣ',
    '中文',
    'averyveryverylongword…',
  ]
  let text = ''
  for (let i = 0; i < parts; i++) {
    text += words[next(words.length)]
    for (let count = 1 + next(4); count > 0; count--)
      text += next(3) === 0 ? ' ' : marks[next(marks.length)]
  }
  return text
}

describe('readSentences', () => {
  const starts = async (text: string) => [...(await readSentences({ text })).starts]

  it('ends sentences at . ! ? and … before white space, and at empty lines', async () => {
    assert.deepEqual(await starts('One two. Three! Four? Five… Six'), [0, 2, 3, 4, 5])
    assert.deepEqual(await starts('He said "Go." Then (why?) he left.'), [0, 3, 5])
    assert.deepEqual(await starts('It is 3.14 and a.b here'), [0])
    assert.deepEqual(await starts('CHAPTER I\r\n\r\nIt was.\nA line\nof one'), [0, 2, 4])
    assert.deepEqual(await starts('... !! One. ... Two ?!'), [0, 1])
    assert.deepEqual(await starts(''), [])
    assert.deepEqual(await starts('. . .'), [])
  })

  it('takes CR LF for one line end, and a blank line with blanks for empty', async () => {
    assert.deepEqual(await starts('one\r\ntwo\rthree\nfour'), [0])
    assert.deepEqual(await starts('one\r\n \t\r\ntwo\r\rthree\n\rfour'), [0, 1, 2, 3])
  })

  it('leaves the closing quote with its sentence', async () => {
    // ” is no separator, so it is a token of its own: the third.
    assert.deepEqual(await starts('He said.” Then'), [0, 3])
    assert.deepEqual(await starts('He said.”\u00a0Then”\u00a0no'), [0, 3])
    assert.deepEqual(await starts('So… » and'), [0, 1])
  })

  it('agrees with the rule on generated texts, at every number of threads, from file or string', async () => {
    for (const [seed, parts] of [
      [1, 50],
      [2, 400],
      [3, 60_000],
      [4, 60_000],
    ] as const) {
      const source = generateEnds(seed, parts)
      const expected = referenceStarts(source)
      for (const threads of [1, 2, 3]) {
        const { text, starts: found } = await readSentences({ text: source }, { threads })
        assert.deepEqual([...found], expected, `seed ${seed}, ${threads} threads`)
        const plain = readTextSync({ text: source }, { threads: 1 })
        assert.equal(bits(text.ids), bits(plain.ids))
        assert.equal(bits(text.counts), bits(plain.counts))
      }
      assert.deepEqual([...readSentencesSync({ text: source }).starts], expected)
    }
    const words = generateText(5, 30_000)
    assert.deepEqual(await starts(words), referenceStarts(words))
  })

  it('knows what came before a piece of the text however far back it is', async () => {
    // Pieces have 64 KiB: a stop, then closers or blanks beyond the end of a piece.
    for (const far of ['"', ' ', '\t', '” ', ')', '\u2003', '\r', ', ']) {
      const long = far.repeat(Math.ceil(150_000 / far.length))
      for (const source of [`One.${long} Two`, `One\n${long}\nTwo`, `One${long} Two`]) {
        const text = source
        const { starts: found } = await readSentences({ text }, { threads: 2 })
        assert.deepEqual(
          [...found],
          referenceStarts(source),
          `${JSON.stringify(far)} ${source.slice(0, 5)}`,
        )
      }
    }
  })

  it('leaves the tokens as readText has them, and says what is wrong', async () => {
    const { text } = await readSentences({ text: 'To be. Or not' })
    assert.deepEqual(text.vocabulary, ['to', 'be', 'or', 'not'])
    await assertFails(() => readSentences(Uint8Array.of(97, 0xff)), 'ERR_INVALID_UTF8', /offset 1$/)
    await assertFails(() => readSentences('/nowhere/to/be'), 'ERR_FILE', /\/nowhere\/to\/be/)
    await assertFails(
      () => readSentences({ text: 'a' }, { onProgress: 'no' } as never),
      'ERR_INVALID_ARGUMENT',
      /^Expected a function for onProgress but received/,
    )
    await assertFails(
      () => readSentences({ text: 'a' }, { thread: 1 } as never),
      'ERR_INVALID_ARGUMENT',
      /"threads"/,
    )
    await assertFails(() => readSentencesSync(7 as never), 'ERR_INVALID_ARGUMENT', /a path, URL/)
  })
})
