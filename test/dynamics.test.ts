import assert from 'node:assert/strict'
import {
  dynamicsPlot,
  readSentencesSync,
  type WordDynamics,
  wordDynamics,
  wordDynamicsSync,
} from 'numcore'
import type * as Dynamics from '../dist/dynamics.js'
import { assertFails, bits } from './support/assertions.js'
import { numbers } from './support/words.js'

// The fit itself is no part of the public face. Seen from build/test.
const dynamics = new URL('../../dist/dynamics.js', import.meta.url).href
const { fitDynamics } = (await import(dynamics)) as typeof Dynamics

const near = (actual: number, expected: number, relative: number, name: string) =>
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.abs(expected),
    `${name}: ${actual}, expected ${expected}`,
  )

describe('wordDynamics', () => {
  it('has the autocorrelation of the definition', () => {
    const n = 300
    const next = numbers(3)
    const m = Array.from({ length: n }, () => (next(5) === 0 ? 1 : 0))
    const text = m.map((each) => (each === 1 ? 'The whale, the whale.' : 'The sea.')).join(' ')
    const options = { words: 2, timesteps: 40, minLength: 5 }
    const [whale, ...others] = wordDynamicsSync({ text }, options)
    const count = m.filter((each) => each === 1).length
    assert.deepEqual([whale?.word, whale?.sentences, others.length], ['whale', count, 0])
    for (let t = 0; t <= 40; t++) {
      let pairs = 0
      for (let s = 0; s + t < n; s++) pairs += (m[s] as number) * (m[s + t] as number)
      near(whale?.acf[t] as number, pairs / (n - t) / (count / n), 1e-12, `t = ${t}`)
    }
  })

  it('gives the same bits at every number of threads, in both ways of calling, from what was read', async () => {
    const next = numbers(8)
    const words = ['a', 'of', 'whale', 'sea', 'ship', 'rope', 'man']
    const text = Array.from({ length: 4000 }, () => `The ${words[next(next(7) + 1)]}.`).join(' ')
    const sentences = readSentencesSync({ text })
    const expected = wordDynamicsSync(sentences, { threads: 1 })
    for (const threads of [2, 3, 8]) {
      const again = await wordDynamics({ text }, { threads })
      assert.deepEqual(again, expected)
      assert.equal(bits((again[0] as WordDynamics).acf), bits((expected[0] as WordDynamics).acf))
      assert.deepEqual(wordDynamicsSync(sentences, { threads }), expected)
    }
  })

  it('reports its progress to the end, and stops when it is told to', async () => {
    const text = 'The sea lay still. The whale came. '.repeat(200)
    const told: number[] = []
    await wordDynamics({ text }, { onProgress: (fraction) => told.push(fraction) })
    assert.equal(told.at(-1), 1)
    assert.deepEqual(
      told,
      [...told].sort((a, b) => a - b),
    )
    const reason = new Error('enough')
    await assert.rejects(wordDynamics({ text }, { signal: AbortSignal.abort(reason) }), reason)
  })

  it('finds the parameters of a stretched exponential again', () => {
    const cases: [number, number, number][] = [
      [0.8, 12, 0.6],
      [0.95, 3, 1],
      [0.5, 30, 0.4],
      [0.99, 20, 1.5],
    ]
    for (const [alpha, tau, beta] of cases) {
      const acf = Float64Array.from(
        { length: 101 },
        (_, t) => alpha * Math.exp(-((t / tau) ** beta)) + 1 - alpha,
      )
      const { kww, importance } = fitDynamics(acf)
      near(kww.alpha, alpha, 1e-4, 'alpha')
      near(kww.tau, tau, 1e-3, 'tau')
      near(kww.beta, beta, 1e-3, 'beta')
      assert.ok(importance > 100)
    }
  })

  it('finds them nearly again under noise, and the level of a step', () => {
    const next = numbers(9)
    const noise = () => (next(1_000_000) / 1_000_000 - 0.5) * 0.01
    const fading = Float64Array.from({ length: 101 }, (_, t) =>
      t === 0 ? 1 : 0.7 * Math.exp(-((t / 8) ** 0.8)) + 0.3 + noise(),
    )
    const { kww } = fitDynamics(fading)
    near(kww.alpha, 0.7, 0.05, 'alpha')
    near(kww.tau, 8, 0.1, 'tau')
    near(kww.beta, 0.8, 0.1, 'beta')
    const flat = Float64Array.from({ length: 101 }, (_, t) => (t === 0 ? 1 : 0.2 + noise()))
    const { step, importance } = fitDynamics(flat)
    near(step.level, 0.2, 0.01, 'level')
    // Two parameters more do not pay for themselves: BIC charges 2 ln 100 for them.
    assert.ok(importance < 2, `importance ${importance}`)
  })

  it('counts BIC as N ln(rss / N) + k ln N', () => {
    const acf = Float64Array.from({ length: 51 }, (_, t) => (t === 0 ? 1 : t % 2 === 0 ? 0.2 : 0.4))
    const { step } = fitDynamics(acf)
    near(step.level, 0.3, 1e-12, 'level')
    near(step.rss, 50 * 0.01, 1e-9, 'rss')
    near(step.bic, 50 * Math.log(0.01) + Math.log(50), 1e-9, 'bic')
  })

  it('ranks a word that comes in bursts above one at random places', async () => {
    const next = numbers(21)
    const sentences = Array.from({ length: 3000 }, (_, s) => {
      const words = ['and', 'so', 'on']
      if (Math.floor(s / 40) % 8 === 0 && next(2) === 0) words.push('whale')
      if (next(16) === 0) words.push('perhaps')
      return `${words.join(' ')}.`
    })
    const ranking = await wordDynamics({ text: sentences.join(' ') }, { words: 5, timesteps: 60 })
    const place = (word: string) => ranking.findIndex((each) => each.word === word)
    assert.equal(place('whale'), 0)
    assert.ok(place('perhaps') > 0)
    const { importance } = ranking[place('perhaps')] as WordDynamics
    assert.ok(importance < 5, `importance of a random word: ${importance}`)
    assert.ok(
      ranking.every(({ acf }) => acf.length === 61 && Math.abs((acf[0] as number) - 1) < 1e-12),
    )

    const svg = dynamicsPlot(ranking)
    assert.match(svg, /^<svg /)
    assert.match(svg, />whale /)
    assert.doesNotMatch(svg, /NaN|Infinity/)
  })

  it('does not fit what is no number', () => {
    const { kww, step, importance } = fitDynamics(Float64Array.of(1, 0.5, Number.NaN, 0.2))
    for (const value of [kww.alpha, kww.tau, step.level, importance])
      assert.equal(value, Number.NaN)
  })

  it('refuses what it cannot rank', async () => {
    await assertFails(
      () => wordDynamics({ text: 'One. '.repeat(20) }, { onProgress: 1 } as never),
      'ERR_INVALID_ARGUMENT',
      /a function for onProgress but received 1/,
    )
    await assertFails(
      () => wordDynamicsSync({ text: 'One.' }, { signal: null } as never),
      'ERR_INVALID_ARGUMENT',
      /known option for wordDynamicsSync/,
    )
    await assertFails(
      () => wordDynamics({ text: 'One. Two.' }),
      'ERR_INVALID_ARGUMENT',
      /sentences/,
    )
    await assertFails(
      () => wordDynamics({ text: 'One.' }, { timestep: 3 } as never),
      'ERR_INVALID_ARGUMENT',
      /"timesteps"/,
    )
  })
})
