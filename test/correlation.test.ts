import assert from 'node:assert/strict'
import {
  acf,
  acfSync,
  averageWordAcf,
  averageWordAcfSync,
  Matrix,
  type NotFiniteError,
  readSentencesSync,
  readText,
  readTextSync,
  wordAcf,
  wordAcfSync,
  wordCountSync,
} from 'numcore'
import { abortsItself, assertFails, bits } from './support/assertions.js'
import { generateText, numbers, referencePairs, referenceTokens } from './support/words.js'

describe('wordAcf by sentence', () => {
  const options = { unit: 'sentence', timesteps: 30 } as const

  it('counts sentences that have the word, once or more often', async () => {
    const text = { text: 'The whale. The sea. A whale, a whale! The end.' }
    const found = await wordAcf(text, ['whale', 'the'], { ...options, timesteps: 5 })
    assert.deepEqual(found.counts.toArray(), [
      [2, 0, 1, 0, 0],
      [3, 1, 1, 1, 0],
    ])
    assert.deepEqual(found.occurrences, Float64Array.of(2, 3))
    assert.equal(found.unit, 'sentence')
    assert.equal(found.values.get(1, 3), 1 / 3)
    // From the second sentence on.
    const { counts } = wordAcfSync(text, 'the', { ...options, timesteps: 3, first: 1 })
    assert.deepEqual(counts.toArray(), [[2, 0, 1]])
  })

  it('agrees with the definition, in the same bits from a source, its sentences and on all threads', async () => {
    const next = numbers(12)
    const names = ['the', 'whale', 'sea', 'ship', 'of', 'captain', 'rope', 'wind']
    const rows = Array.from({ length: 9000 }, () =>
      Array.from({ length: 1 + next(9) }, () => names[next(next(8) + 1)] as string),
    )
    const text = rows.map((row) => `${row.join(' ')}.`).join(' ')
    const sentences = readSentencesSync({ text })
    assert.equal(sentences.starts.length, rows.length)
    const expected = wordAcfSync(sentences, names, options)
    for (const [w, name] of names.entries()) {
      const m = rows.map((row) => (row.includes(name) ? 1 : 0))
      assert.equal(expected.occurrences[w], m.filter((each) => each === 1).length)
      for (const t of [0, 1, 2, 13, 29]) {
        let pairs = 0
        for (let s = 0; s + t < m.length; s++) pairs += (m[s] as number) * (m[s + t] as number)
        assert.equal(expected.counts.get(w, t), pairs, `${name} ${t}`)
      }
    }
    for (const threads of [1, 2, 5]) {
      const again = await wordAcf({ text }, names, { ...options, threads })
      assert.equal(bits(again.values.data), bits(expected.values.data))
      const average = await averageWordAcf(sentences, names, { ...options, threads })
      assert.deepEqual(average, averageWordAcfSync({ text }, names, options))
    }
    // By word the sentences do not matter.
    const byWord = wordAcfSync(sentences, names)
    assert.equal(bits(byWord.counts.data), bits(wordAcfSync(sentences.text, names).counts.data))
  })

  it('refuses a text that does not know its sentences, other units and broken arrays', async () => {
    const text = readTextSync({ text: 'a b. a' })
    await assertFails(() => wordAcf(text, 'a', options), 'ERR_INVALID_ARGUMENT', /readSentences/)
    await assertFails(
      () => wordAcf(text, 'a', { unit: 'line' } as never),
      'ERR_INVALID_ARGUMENT',
      /one of "word", "sentence" for unit but received/,
    )
    for (const starts of [
      [0, 9],
      [1, 1],
      [2, 1],
    ]) {
      const broken = { text, starts: Uint32Array.from(starts) }
      await assertFails(() => wordAcf(broken, 'a', options), 'ERR_INVALID_ARGUMENT', /sentences/)
    }
    const gone = { text, starts: new Uint32Array(0) }
    await assertFails(() => wordAcf(gone, 'a', options), 'ERR_SHAPE', /detached/)
    await assertFails(
      () => wordAcf({ text: 'a' }, 'a', { onProgress: {} } as never),
      'ERR_INVALID_ARGUMENT',
      /a function for onProgress/,
    )
  })
})

describe('wordAcf', () => {
  it('counts pairs of a word with itself, worked out by hand', async () => {
    const text = { text: 'a b a b a' }
    const { counts, values, occurrences, words, timesteps, first } = await wordAcf(
      text,
      ['a', 'b'],
      {
        timesteps: 6,
      },
    )
    assert.ok(counts instanceof Matrix)
    assert.deepEqual(counts.toArray(), [
      [3, 0, 2, 0, 1, 0],
      [2, 0, 1, 0, 0, 0],
    ])
    assert.deepEqual(values.toArray(), [
      [1, 0, 2 / 3, 0, 1 / 3, 0],
      [1, 0, 1 / 2, 0, 0, 0],
    ])
    assert.deepEqual(occurrences, Float64Array.of(3, 2))
    assert.deepEqual([words, timesteps, first], [['a', 'b'], 6, 0])
  })

  it('can start at a later token, as the lesson does at 1', () => {
    const text = readTextSync({ text: 'a b a b a' })
    const rows = (first: number) =>
      wordAcfSync(text, 'a', { timesteps: 5, first }).counts.toArray()[0]
    assert.deepEqual(rows(1), [2, 0, 1, 0, 0])
    assert.deepEqual(rows(3), [1, 0, 0, 0, 0])
    assert.deepEqual(rows(5), [0, 0, 0, 0, 0])
    // The divisor stays the number of all occurrences.
    assert.equal(wordAcfSync(text, 'a', { timesteps: 1, first: 1 }).values.get(0, 0), 2 / 3)
  })

  it('takes one word, many, and the same twice; 100 timesteps unless told', () => {
    const text = readTextSync({ text: 'a b a' })
    assert.equal(wordAcfSync(text, 'a').counts.columns, 100)
    const { counts } = wordAcfSync(text, ['a', 'b', 'a'], { timesteps: 3 })
    assert.deepEqual(counts.toArray(), [
      [2, 0, 1],
      [1, 0, 0],
      [2, 0, 1],
    ])
  })

  it('agrees with the definition on a generated text, in the same bits at every number of threads', async () => {
    const source = generateText(11, 70_000)
    const tokens = referenceTokens(source)
    const text = await readText({ text: source })
    const words = wordCountSync(text)
      .slice(0, 12)
      .map(({ word }) => word)
    const options = { timesteps: 60, first: 1 }
    const expected = wordAcfSync(text, words, options)
    for (const [row, word] of words.entries()) {
      for (const t of [0, 1, 2, 17, 59]) {
        assert.equal(
          expected.counts.get(row, t),
          referencePairs(tokens, word, t, 1),
          `${word} ${t}`,
        )
      }
      assert.equal(expected.occurrences[row], tokens.filter((each) => each === word).length)
    }
    for (const threads of [1, 2, 3, 4, 8]) {
      for (const given of [text, { text: source }]) {
        const again = await wordAcf(given, words, { ...options, threads })
        assert.equal(bits(again.counts.data), bits(expected.counts.data))
        assert.equal(bits(again.values.data), bits(expected.values.data))
      }
    }
  })

  it('counts words so frequent that positions are worked on as bits', () => {
    const next = numbers(4)
    const tokens = Array.from({ length: 50_000 }, () => (next(10) < 6 ? 'the' : 'rest'))
    const { counts } = wordAcfSync({ text: tokens.join(' ') }, ['the', 'rest'], { timesteps: 130 })
    for (const t of [0, 1, 63, 64, 65, 127, 128, 129]) {
      assert.equal(counts.get(0, t), referencePairs(tokens, 'the', t, 0))
      assert.equal(counts.get(1, t), referencePairs(tokens, 'rest', t, 0))
    }
    const all = wordAcfSync({ text: 'x '.repeat(1_000_000) }, 'x')
    assert.ok(all.counts.data.every((count, t) => count === 1_000_000 - t))
  })

  it('refuses words that do not occur, and says which', async () => {
    const text = readTextSync({ text: 'Alpha beta' })
    await assertFails(() => wordAcf(text, 'gamma'), 'ERR_INVALID_ARGUMENT', /words\[0\].*"gamma"/)
    await assertFails(
      () => wordAcfSync(text, ['beta', 'Alpha']),
      'ERR_INVALID_ARGUMENT',
      /words\[1\].*lower-case/,
    )
    await assertFails(() => wordAcf({ text: '' }, 'a'), 'ERR_INVALID_ARGUMENT', /occurs/)
  })

  it('refuses other bad arguments', async () => {
    const text = readTextSync({ text: 'a b' })
    await assertFails(() => wordAcf(text, []), 'ERR_INVALID_ARGUMENT', /at least one for words/)
    await assertFails(() => wordAcf(text, ['a', 3] as never), 'ERR_INVALID_ARGUMENT', /words\[1\]/)
    await assertFails(() => wordAcf(text, undefined as never), 'ERR_INVALID_ARGUMENT', /words/)
    await assertFails(
      () => wordAcf(text, 'a', { timesteps: 0 }),
      'ERR_INVALID_ARGUMENT',
      /timesteps/,
    )
    await assertFails(() => wordAcf(text, 'a', { first: -1 }), 'ERR_INVALID_ARGUMENT', /first/)
    await assertFails(
      () => wordAcf(text, 'a', { timestep: 2 } as never),
      'ERR_INVALID_ARGUMENT',
      /"timesteps"/,
    )
    // More than any machine has.
    const often = Array.from({ length: 100_000 }, () => 'a')
    await assertFails(
      () => wordAcf(text, often, { timesteps: 2 ** 32 - 1, first: 0 }),
      'ERR_OUT_OF_MEMORY',
      /GiB/,
    )
    structuredClone(text.ids, { transfer: [text.ids.buffer] })
    await assertFails(() => wordAcf(text, 'a'), 'ERR_SHAPE', /detached/)
  })

  it('rejects with the reason of its signal', async () => {
    const text = await readText({ text: 'a b '.repeat(300_000) })
    const running = wordAcf(text, ['a', 'b'], { timesteps: 200_000, ...abortsItself() })
    await assert.rejects(running, /enough/)
    await assert.rejects(
      wordAcf(text, 'a', { signal: AbortSignal.abort(new Error('before')) }),
      /before/,
    )
  })
})

describe('averageWordAcf', () => {
  it('is the mean over the words, added up in their order', async () => {
    const text = readTextSync({ text: generateText(12, 5_000) })
    const words = wordCountSync(text)
      .slice(0, 7)
      .map(({ word }) => word)
    const { values } = wordAcfSync(text, words, { timesteps: 30 })
    const expected = Float64Array.from({ length: 30 }, (_, t) => {
      let sum = 0
      for (let row = 0; row < 7; row++) sum += values.get(row, t)
      return sum / 7
    })
    const average = await averageWordAcf(text, words, { timesteps: 30 })
    assert.equal(bits(average), bits(expected))
    assert.equal(
      bits(averageWordAcfSync(text, words, { timesteps: 30, threads: 3 })),
      bits(expected),
    )
  })
})

/** The definition, summed plainly. */
function acfReference(x: Float64Array, lags: number, adjusted: boolean, demean: boolean): number[] {
  const n = x.length
  const mean = demean ? x.reduce((sum, value) => sum + value, 0) / n : 0
  const c = (t: number) => {
    let sum = 0
    for (let i = 0; i + t < n; i++) sum += ((x[i] as number) - mean) * ((x[i + t] as number) - mean)
    return sum / (adjusted ? n - t : n)
  }
  return Array.from({ length: lags + 1 }, (_, t) => c(t) / c(0))
}

describe('acf', () => {
  const close = (actual: Float64Array, expected: readonly number[], tolerance = 1e-13) => {
    assert.equal(actual.length, expected.length)
    expected.forEach((value, t) => {
      const difference = Math.abs((actual[t] as number) - value)
      assert.ok(difference <= tolerance, `lag ${t}: ${actual[t]}, not ${value}`)
    })
  }

  it('is right where it can be worked out by hand', async () => {
    // Less their mean: -1.5 -0.5 0.5 1.5, so c = 5, 1.25, -1.5, -2.25 (times 1/4).
    const x = Float64Array.of(1, 2, 3, 4)
    close(await acf(x, { lags: 3 }), [1, 0.25, -0.3, -0.45], 1e-15)
    close(acfSync(x, { lags: 3, adjusted: true }), [1, 1 / 3, -0.6, -1.8], 1e-15)
    close(acfSync(x, { lags: 1, demean: false }), [1, 20 / 30], 1e-15)
    // Alternating: perfectly against itself one step on, apart from the missing term.
    close(acfSync(Float64Array.of(1, -1, 1, -1), { lags: 3 }), [1, -0.75, 0.5, -0.25], 1e-15)
  })

  it('has the lags of statsmodels unless told: min(floor(10 log10 n), n - 1)', () => {
    const lengths: [number, number][] = [
      [2, 1],
      [10, 9],
      [11, 10],
      [100, 20],
      [1000, 30],
      [12_345, 40],
    ]
    for (const [n, lags] of lengths) {
      assert.equal(
        acfSync(Float64Array.from({ length: n }, (_, i) => i)).length,
        lags + 1,
        String(n),
      )
    }
  })

  it('agrees with the definition, whatever the options', async () => {
    const next = numbers(8)
    const x = Float64Array.from({ length: 3_001 }, () => next(1000) / 7 - 60)
    for (const adjusted of [false, true]) {
      for (const demean of [false, true]) {
        const values = await acf(x, { lags: 50, adjusted, demean })
        close(values, acfReference(x, 50, adjusted, demean))
        assert.equal(values[0], 1)
      }
    }
    close(await acf(x, { lags: 3_000 }), acfReference(x, 3_000, false, true))
  })

  it('gives the same bits at every number of threads and when synchronous', async () => {
    const next = numbers(9)
    // More than one segment.
    const x = Float64Array.from({ length: 300_001 }, () => next(1e6) / 3)
    const expected = bits(acfSync(x, { lags: 40 }))
    for (const threads of [1, 2, 3, 4, 8]) {
      assert.equal(bits(await acf(x, { lags: 40, threads })), expected)
    }
  })

  it('reads a view where it lies', () => {
    const all = Float64Array.of(9, 1, 2, 3, 4, 9)
    assert.deepEqual(
      acfSync(all.subarray(1, 5), { lags: 2 }),
      acfSync(Float64Array.of(1, 2, 3, 4), { lags: 2 }),
    )
  })

  it('refuses what has no autocorrelation', async () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const error = await assertFails(
        () => acf(Float64Array.of(1, 2, bad, 4)),
        'ERR_NOT_FINITE',
        /x\[2\]/,
      )
      assert.equal((error as NotFiniteError).index, 2)
    }
    await assertFails(() => acf(new Float64Array(9).fill(0.1)), 'ERR_INVALID_ARGUMENT', /constant/)
    await assertFails(() => acfSync(Float64Array.of(5)), 'ERR_INVALID_ARGUMENT', /constant/)
    await assertFails(
      () => acfSync(new Float64Array(3), { demean: false }),
      'ERR_INVALID_ARGUMENT',
      /constant/,
    )
    close(acfSync(Float64Array.of(2, 2), { demean: false, lags: 1 }), [1, 0.5])
    await assertFails(() => acf(new Float64Array(0)), 'ERR_INVALID_ARGUMENT', /at least one value/)
    await assertFails(() => acf([1, 2] as never), 'ERR_INVALID_ARGUMENT', /Float64Array for x/)
    await assertFails(
      () => acf(Float64Array.of(1, 2), { lags: 2 }),
      'ERR_INVALID_ARGUMENT',
      /0 to 1 for lags/,
    )
    await assertFails(
      () => acf(Float64Array.of(1, 2), { lag: 1 } as never),
      'ERR_INVALID_ARGUMENT',
      /"lags"/,
    )
    await assertFails(
      () => acf(Float64Array.of(1, 2), { demean: 1 } as never),
      'ERR_INVALID_ARGUMENT',
      /demean/,
    )
  })
})
