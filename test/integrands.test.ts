import assert from 'node:assert/strict'
import {
  cubature,
  qmc,
  integrate,
  integrateSync,
  NotFiniteError,
  quad,
  quadSync,
  type Rule,
} from 'numcore'
import { assertFails } from './support/assertions.js'

const rules: Rule[] = ['midpoint', 'trapezoid', 'simpson', 'gauss']

describe('integrate with a function of JavaScript', () => {
  it('gives what the expression gives, point by point or vectorized', async () => {
    const f = (x: number) => Math.sqrt(Math.abs(x)) / (1 + x * x)
    const all = (x: Float64Array) => x.map(f)
    for (const rule of rules) {
      for (const bins of [1, 2, 3, 4, 7, 1000, 20_000]) {
        const { threads: _, ...expected } = integrateSync('sqrt(abs(x))/(1+x*x)', -1, 2, {
          rule,
          bins,
        })
        const results = [
          integrateSync(f, -1, 2, { rule, bins }),
          integrateSync(all, -1, 2, { rule, bins, vectorized: true }),
          await integrate(f, -1, 2, { rule, bins }),
          await integrate(all, -1, 2, { rule, bins, vectorized: true }),
          await integrate(async (x) => all(x), -1, 2, { rule, bins, vectorized: true }),
        ]
        for (const { threads, ...result } of results) {
          assert.equal(threads, 1)
          const name = `${rule} with ${bins} bins`
          assert.deepEqual(result, expected, name)
        }
      }
      const back = integrateSync(f, 2, -1, { rule, bins: 50 }).value
      assert.equal(back, -integrateSync(f, -1, 2, { rule, bins: 50 }).value)
      assert.equal(integrateSync(f, 1, 1, { rule }).evaluations, 0)
    }
  })

  it('calls it once for each point, all within the range', () => {
    for (const rule of rules) {
      let calls = 0
      const f = (x: number) => {
        calls++
        assert.ok(x >= 0.1 && x <= 0.7)
        return x
      }
      const { evaluations } = integrateSync(f, 0.1, 0.7, { rule, bins: 999 })
      assert.equal(calls, evaluations)
    }
  })

  it('names the point where it is not finite, and passes on what it throws', async () => {
    for (const rule of rules) {
      const bins = rule === 'midpoint' ? 30_001 : 30_000
      const f = (x: number) => 1 / (x - 0.5)
      const order = rule === 'gauss' ? { order: 3, bins: 30_001 } : { bins }
      const error = await assertFails(
        () => integrate(f, 0, 1, { rule, ...order }),
        'ERR_NOT_FINITE',
        /x = 0\.5 but received -?Infinity$/,
      )
      assert.ok(error instanceof NotFiniteError)
      const index = { midpoint: 15_000, trapezoid: 15_000, simpson: 30_000, gauss: 45_001 }[rule]
      assert.equal(error.index, index)
    }
    const mine = new Error('mine')
    const fail = () => {
      throw mine
    }
    assert.throws(() => integrateSync(fail, 0, 1), mine)
    await assert.rejects(integrate(fail, 0, 1), mine)
    const text = (() => 'x') as unknown as (x: number) => number
    await assertFails(
      () => integrate(text, 0, 1),
      'ERR_INVALID_ARGUMENT',
      /a number for the value of f/,
    )
  })

  it('stops between batches when aborted', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 20)
    const endless = integrate((x) => x, 0, 1, { bins: 1e12, signal: controller.signal })
    await assert.rejects(endless, { name: 'AbortError' })
  })

  it('tells its progress, rising to 1, and refuses a callback or a signal that is none', async () => {
    const forms: ((options: { onProgress: (fraction: number) => void }) => Promise<unknown>)[] = [
      (options) => integrate((x) => x, 0, 1, { bins: 2e6, ...options }),
      (options) => quad((x) => Math.sqrt(x), 0, 1, options),
      (options) => cubature((x, y) => x * y, [0, 0], [1, 1], options),
      (options) => qmc((x, y) => x * y, [0, 0], [1, 1], { maxEvaluations: 3e5, ...options }),
    ]
    for (const form of forms) {
      const seen: number[] = []
      await form({ onProgress: (fraction) => seen.push(fraction) })
      assert.equal(seen.at(-1), 1)
      assert.deepEqual(
        seen,
        [...seen].sort((a, b) => a - b),
      )
      await assertFails(
        () => form({ onProgress: 1 as never }),
        'ERR_INVALID_ARGUMENT',
        /onProgress/,
      )
      await assertFails(() => form({ signal: {} } as never), 'ERR_INVALID_ARGUMENT', /AbortSignal/)
    }
  })

  it('knows which options go with what', async () => {
    const calls: [() => unknown, RegExp][] = [
      [() => integrateSync('x', 0, 1, { vectorized: true }), /a function, to be vectorized,/],
      [() => integrateSync(Math.sin, 0, 1, { params: { a: 1 } }), /an expression, to have params,/],
      [() => integrateSync(Math.sin, 0, 1, { vectorized: 1 as never }), /a boolean for vectorized/],
      [() => integrateSync({} as never, 0, 1), /a string or a function for expression/],
      [() => quadSync(Math.sin, 0, 1, { params: { a: 1 } }), /an expression, to have params,/],
    ]
    for (const [call, message] of calls) await assertFails(call, 'ERR_INVALID_ARGUMENT', message)
  })
})

describe('parameters by name', () => {
  it('are constants of the expression, in every rule', async () => {
    const params = { a: 2, b: 3 }
    const exact = (2 / 3) * (1 - Math.exp(-3))
    for (const rule of rules) {
      const { value, error } = await integrate('a*exp(-b*x)', 0, 1, { params, rule, bins: 1000 })
      assert.ok(Math.abs(value - exact) <= error)
    }
    const result = await quad('a*exp(-b*x)', 0, Infinity, { params })
    assert.ok(Math.abs(result.value - 2 / 3) <= result.error)
    assert.deepEqual(quadSync('a*exp(-b*x)', 0, Infinity, { params }), result)
    await assertFails(() => quadSync('a*x', 0, 1), 'ERR_PARSE', /'a'/)
  })
})
