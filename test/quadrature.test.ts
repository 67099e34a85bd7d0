import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { type Integral, integrate, integrateSync, NotFiniteError } from 'numcore'
import { assertFails } from './support/assertions.js'

describe('integrate', () => {
  it("computes the lesson's integral to 2 units in the last place", async () => {
    const { value, evaluations, rule } = await integrate('x**(3/2)', 0, 1, { bins: 1e8 })
    assert.ok(Math.abs(value - 0.4) <= 2 * 2 ** -54)
    assert.equal(evaluations, 1e8)
    assert.equal(rule, 'midpoint')
  })

  it('is the midpoint rule', () => {
    // By hand: h = 1/4, points 1/8, 3/8, 5/8, 7/8, whose squares sum to 84/64.
    assert.equal(integrateSync('x**2', 0, 1, { bins: 4 }).value, 0.328125)
    // Straight from the definition, in plain JavaScript.
    const bins = 1000
    let sum = 0
    for (let i = 0; i < bins; i++) sum += Math.exp(-2 + ((i + 0.5) * 5) / bins)
    assert.ok(Math.abs(integrateSync('exp(x)', -2, 3, { bins }).value - (sum * 5) / bins) < 1e-12)
  })

  const known: [string, number, number, number][] = [
    ['x**(3/2)', 0, 1, 0.4],
    ['exp(x)', 0, 1, Math.E - 1],
    ['sin(x)', 0, Math.PI, 2],
    ['cos(x)**2', 0, 2 * Math.PI, Math.PI],
    ['sqrt(x)', 0, 1, 2 / 3],
    ['log(x)', 0, 1, -1],
    ['1/sqrt(x)', 0, 1, 2],
    ['x**(-3/4)', 0, 1, 4],
    ['1/(1+x*x)', -5, 5, 2 * Math.atan(5)],
    ['abs(x-1/3)', 0, 1, 5 / 18],
    ['floor(x)', 0, 2.5, 2],
    ['floor(3*x+0.2)', 0, 1, 1.2],
    ['sqrt(1-x*x)', -1, 1, Math.PI / 2],
    ['x**25', 0, 1, 1 / 26],
    ['cos(100*x)', 0, 1, Math.sin(100) / 100],
    ['max(x, 1-x)', 0, 1, 0.75],
    ['0.1', 0, 0.3, 0.03],
  ]
  for (const [expression, a, b, expected] of known) {
    it(`has ${expression} on [${a}, ${b}] within its error`, () => {
      for (const bins of [100, 1001, 50_000, 1_000_000]) {
        const { value, error } = integrateSync(expression, a, b, { bins })
        // The expected value is rounded as well.
        const off = Math.abs(value - expected) - Math.abs(expected) * 2 ** -53
        assert.ok(off <= error, `${bins} bins: off by ${off}, error ${error}`)
        assert.ok(error < 1)
      }
    })
  }

  it('has an error that shrinks with the square of the bins, and is honest about too few', () => {
    const coarse = integrateSync('exp(x)', 0, 1, { bins: 1000 })
    const fine = integrateSync('exp(x)', 0, 1, { bins: 10_000 })
    assert.ok(Math.abs(coarse.error / fine.error - 100) < 10)
    // Where f' is monotone the estimate is some six times the truth.
    assert.ok(fine.error < 12 * Math.abs(fine.value - (Math.E - 1)))
    assert.equal(integrateSync('exp(x)', 0, 1, { bins: 2 }).error, Infinity)
    // Far too few bins for the oscillation: the error says so.
    assert.ok(integrateSync('sin(1e6*x)', 0, 1, { bins: 1000 }).error > 0.1)
  })

  it('sums with compensation', () => {
    // In each lane of the sum four times 1e17 comes first, then ones, then -1e17: a plain sum loses every one.
    const parts = 384
    const bins = 64 * (parts + 1)
    const expression = `min(max(1, 1e17*(1-floor(x/64))), 1e17*(2*(${parts}-floor(x/64))-1))`
    assert.equal(integrateSync(expression, 0, bins, { bins }).value, bins - 128)
    // A plain sum of 1e7 times 0.1 is off by 1.6e-4.
    assert.equal(integrateSync('0.1', 0, 1e7, { bins: 1e7 }).value, 1e6)
  })

  it('has the same bits with 1, 2, 3, 4 and 8 threads, and from the sync twin', async () => {
    const cases: [string, number, number, number][] = [
      ['x**(3/2)', 0, 1, 3_000_001],
      ['exp(-x*x)*cos(3*x)/(1+x**4)', -2, 3, 700_000],
      ['x', 0, 1, 16_385],
    ]
    for (const [expression, a, b, bins] of cases) {
      const facts = ({ value, error }: Integral) => [value, error]
      const first = facts(await integrate(expression, a, b, { bins, threads: 1 }))
      for (const threads of [1, 2, 3, 4, 8]) {
        const result = await integrate(expression, a, b, { bins, threads })
        assert.deepEqual(facts(result), first)
        assert.ok(result.threads <= threads)
        assert.deepEqual(facts(integrateSync(expression, a, b, { bins, threads })), first)
      }
    }
  })

  it('uses one thread for small work, and says how many it used', async () => {
    assert.equal((await integrate('x', 0, 1, { bins: 1000, threads: 2 })).threads, 1)
    assert.equal((await integrate('x', 0, 1, { bins: 1e7, threads: 2 })).threads, 2)
  })

  it('gives the exact negative for a > b and 0 for a = b', async () => {
    const forward = await integrate('exp(x)', 0.1, 2.3, { bins: 12_345 })
    const backward = await integrate('exp(x)', 2.3, 0.1, { bins: 12_345 })
    assert.equal(backward.value, -forward.value)
    assert.equal(backward.error, forward.error)
    const none = await integrate('1/x', 0, 0)
    assert.deepEqual(none, {
      value: 0,
      error: 0,
      evaluations: 0,
      l1: 0,
      condition: 1,
      converged: true,
      rule: 'midpoint',
      threads: 1,
    })
  })

  it('names the first point where the integrand is not finite', async () => {
    for (const threads of [1, 2, 8]) {
      for (const bins of [3, 101, 1_000_001]) {
        const error = await assertFails(
          () => integrate('1/(x-0.5)', 0, 1, { bins, threads }),
          'ERR_NOT_FINITE',
          /^Expected a finite value for the integrand at x = 0\.5 but received Infinity$/,
        )
        assert.ok(error instanceof NotFiniteError)
        assert.equal(error.index, (bins - 1) / 2)
      }
    }
    await assertFails(
      () => integrateSync('sqrt(x)', -1, 1),
      'ERR_NOT_FINITE',
      /x = -0\.999999 but received NaN/,
    )
    await assertFails(() => integrateSync('1e308', 0, 1), 'ERR_NOT_FINITE', /overflows/)
    // An even number of bins passes by the pole; the error says that the value means nothing.
    const { error } = await integrate('1/(x-0.5)', 0, 1, { bins: 1000 })
    assert.ok(error > 1)
  })

  it('refuses bad arguments', async () => {
    const calls: [unknown[], RegExp][] = [
      [[1, 0, 1], /a string or a function for expression but received 1 of type number/],
      [[undefined, 0, 1], /a string or a function for expression/],
      [['x', '0', 1], /a finite number for a but received "0" of type string/],
      [['x', 0, Infinity], /a finite number for b but received Infinity/],
      [['x', Number.NaN, 1], /a finite number for a but received NaN/],
      [['x', -1e308, 1.7e308], /a number at a finite distance from a for b/],
      [['x', 0, 1, { bins: 0 }], /from 1 to 9007199254740992 for bins but received 0/],
      [['x', 0, 1, { bins: -5 }], /for bins but received -5/],
      [['x', 0, 1, { bins: 1.5 }], /for bins but received 1.5/],
      [['x', 0, 1, { bins: Number.NaN }], /for bins but received NaN/],
      [['x', 0, 1, { bins: 2 ** 54 }], /for bins/],
      [['x', 0, 1, { bins: '100' }], /for bins but received "100" of type string/],
      [['x', 0, 1, { rule: 'boole' }], /"gauss" for rule but received "boole"/],
      [['x', 0, 1, { bin: 100 }], /did you mean "bins"/],
      [['x', 0, 1, { threads: 0 }], /for threads but received 0/],
      [['x', 0, 1, 100], /an object for options of integrate/],
    ]
    for (const [args, message] of calls) {
      const call = args as Parameters<typeof integrate>
      await assertFails(() => integrate(...call), 'ERR_INVALID_ARGUMENT', message)
      await assertFails(() => integrateSync(...call), 'ERR_INVALID_ARGUMENT', message)
    }
  })

  it('stops when it is aborted, and the queue goes on', async () => {
    const controller = new AbortController()
    const endless = integrate('x**(3/2)', 0, 1, { bins: 1e12, signal: controller.signal })
    await wait(50)
    const reason = new Error('enough')
    controller.abort(reason)
    await assert.rejects(endless, (error) => error === reason)
    // It would wait for hours behind the aborted one.
    assert.equal((await integrate('x', 0, 1, { bins: 1e7, threads: 2 })).value, 0.5)
  })

  it('stops within a long expression too', async () => {
    let text = 'x'
    for (let i = 0; i < 20_000; i++) text += `+sin(x+${i})**0.3`
    const controller = new AbortController()
    const long = integrate(text, 0, 1, { bins: 1e9, signal: controller.signal })
    await wait(100)
    controller.abort()
    await assert.rejects(long, { name: 'AbortError' })
    assert.equal((await integrate('x', 0, 1, { bins: 1e7, threads: 2 })).value, 0.5)
  })

  it('reports progress that rises', async () => {
    const fractions: number[] = []
    await integrate('sin(x)', 0, 1, {
      bins: 3e7,
      onProgress: (fraction) => fractions.push(fraction),
    })
    assert.equal(fractions.at(-1), 1)
    assert.ok(fractions.every((fraction, i) => fraction > (fractions[i - 1] ?? 0) && fraction <= 1))
  })
})
