import assert from 'node:assert/strict'
import { integrate, integrateSync, NotFiniteError, type Rule } from 'numcore'
import { assertFails } from './support/assertions.js'

/** Rules as a reader would write them down, in plain JavaScript. */
const plain: Record<
  'trapezoid' | 'simpson',
  (f: (x: number) => number, a: number, b: number, n: number) => number
> = {
  trapezoid(f, a, b, n) {
    const h = (b - a) / n
    let sum = (f(a) + f(b)) / 2
    for (let i = 1; i < n; i++) sum += f(a + i * h)
    return sum * h
  },
  simpson(f, a, b, n) {
    const h = (b - a) / n
    let sum = 0
    for (let i = 0; i < n; i++) {
      sum += f(a + i * h) + 4 * f(a + (i + 0.5) * h) + f(a + (i + 1) * h)
    }
    return (sum * h) / 6
  },
}

/** expression, ends, integral, and whether the ends can be evaluated. */
const known: [string, number, number, number, boolean][] = [
  ['x**(3/2)', 0, 1, 0.4, true],
  ['exp(x)', 0, 1, Math.E - 1, true],
  ['sin(x)', 0, Math.PI, 2, true],
  ['sqrt(x)', 0, 1, 2 / 3, true],
  ['log(x)', 0, 1, -1, false],
  ['1/sqrt(x)', 0, 1, 2, false],
  ['x**(-3/4)', 0, 1, 4, false],
  ['1/(1+x*x)', -5, 5, 2 * Math.atan(5), true],
  ['abs(x-1/3)', 0, 1, 5 / 18, true],
  ['floor(3*x+0.2)', 0, 1, 1.2, true],
  ['floor(x+0.2929)', 0, 1, 0.2929, true],
  ['sqrt(1-x*x)', -1, 1, Math.PI / 2, true],
  ['x**25', 0, 1, 1 / 26, true],
  ['cos(100*x)', 0, 1, Math.sin(100) / 100, true],
  ['0.1', 0, 0.3, 0.03, true],
  ['1/((x-0.3)**2+1e-4)', 0, 1, 100 * (Math.atan(70) + Math.atan(30)), true],
  ['sqrt(abs(x-0.3))', 0, 1, ((0.3 ** 1.5 + 0.7 ** 1.5) * 2) / 3, true],
]

describe('integrate by trapezoid, simpson and gauss', () => {
  it('are the rules of the textbook', () => {
    for (const rule of ['trapezoid', 'simpson'] as const) {
      for (const bins of [1, 2, 3, 4, 5, 7, 255, 256, 257, 511, 512, 513, 8191, 8192, 20_000]) {
        const expected = plain[rule]((x) => Math.exp(-x) + x, -1, 2, bins)
        const { value, evaluations } = integrateSync('exp(-x)+x', -1, 2, { rule, bins })
        assert.ok(Math.abs(value - expected) < 1e-12, `${rule} with ${bins} bins`)
        assert.equal(evaluations, rule === 'simpson' ? 2 * bins + 1 : bins + 1)
      }
    }
    // By hand: two nodes at -+1/sqrt(3), so (a + b) / 2 and (a^2 + a b + b^2) / 3 are exact.
    const { value, evaluations } = integrateSync('x**3', 0, 1, { rule: 'gauss', order: 2, bins: 1 })
    assert.ok(Math.abs(value - 0.25) < 2 ** -53)
    assert.equal(evaluations, 2)
  })

  it('are exact for the polynomials that they should be exact for, and for none beyond', () => {
    const off = (rule: Rule, degree: number, order?: number) => {
      const { value } = integrateSync(`pow(x, ${degree})`, 0, 1, { rule, order, bins: 1 })
      return Math.abs(value * (degree + 1) - 1)
    }
    assert.ok(off('trapezoid', 1) < 1e-15 && off('trapezoid', 2) > 0.1)
    assert.ok(off('simpson', 3) < 1e-15 && off('simpson', 4) > 0.01)
    for (const order of [1, 2, 3, 4, 5, 6, 7, 10]) {
      const degree = 2 * order - 1
      assert.ok(off('gauss', degree, order) < 4e-15, `order ${order}`)
      // The error for x^(2n) on [0, 1] is n!^4 / ((2n+1) (2n)!^2).
      let lost = 1
      for (let k = 1; k <= order; k++) lost *= (k / (order + k)) ** 2
      if (order < 10) {
        assert.ok(Math.abs(off('gauss', degree + 1, order) / lost - 1) < 1e-4, `order ${order}`)
      }
    }
    for (const order of [20, 64, 333, 1000]) {
      assert.ok(off('gauss', 25, order) < 1e-15, `order ${order}`)
      const { value } = integrateSync('exp(x)', 0, 1, { rule: 'gauss', order, bins: 1 })
      assert.ok(Math.abs(value - (Math.E - 1)) < 5e-16, `order ${order}`)
    }
  })

  it('have an error that the true one is within', () => {
    const rules: [Rule, number | undefined, number[]][] = [
      ['trapezoid', undefined, [50, 101, 1001, 50_000]],
      ['simpson', undefined, [50, 101, 1001, 50_000]],
      ['gauss', 1, [50, 101, 1001]],
      ['gauss', 2, [50, 101, 1001]],
      ['gauss', 3, [50, 101, 1001]],
      ['gauss', 10, [10, 101, 5000]],
      ['gauss', 50, [1, 2, 3, 4, 10, 101]],
    ]
    for (const [rule, order, all] of rules) {
      for (const [expression, a, b, expected, closed] of known) {
        if (!closed && rule !== 'gauss') continue
        for (const bins of all) {
          const { value, error } = integrateSync(expression, a, b, { rule, order, bins })
          const off = Math.abs(value - expected) - Math.abs(expected) * 2 ** -53
          const name = `${expression} by ${rule} ${order} with ${bins} bins`
          assert.ok(off <= error, `${name}: off by ${off}, error ${error}`)
        }
      }
    }
  })

  it('have the same error for a root, whose differences are short by their ends, as for its values', () => {
    const roots: [string, (x: number) => number][] = [
      ['sqrt(x)', Math.sqrt],
      ['x**0.5', Math.sqrt],
      ['x**(3/2)', (x) => x * Math.sqrt(x)],
    ]
    for (const [expression, f] of roots) {
      for (const rule of ['midpoint', 'trapezoid', 'simpson'] as const) {
        for (const [a, b] of [
          [0, 1],
          [0.25, 9],
        ] as const) {
          for (const bins of [3, 8, 100, 1000, 20_000]) {
            const short = integrateSync(expression, a, b, { rule, bins })
            const summed = integrateSync(f, a, b, { rule, bins })
            const name = `${expression} by ${rule} with ${bins} bins from ${a}`
            assert.equal(short.value, summed.value, name)
            // Adding up all differences adds up their roundings as well.
            const rounding = 16 * 2 ** -53 * Math.abs(summed.value)
            const off = Math.abs(short.error - summed.error)
            assert.ok(
              off <= 1e-6 * summed.error + rounding,
              `${name}: ${short.error}, ${summed.error}`,
            )
          }
        }
      }
    }
  })

  it('have an error that is of use: not far above the true one for a smooth integrand', () => {
    const trapezoid = integrateSync('exp(x)', 0, 1, { rule: 'trapezoid', bins: 1000 })
    assert.ok(trapezoid.error < 5 * Math.abs(trapezoid.value - (Math.E - 1)))
    const simpson = integrateSync('exp(x)', 0, 1, { rule: 'simpson', bins: 20 })
    assert.ok(simpson.error < 150 * Math.abs(simpson.value - (Math.E - 1)))
    assert.ok(integrateSync('exp(x)', 0, 1, { rule: 'gauss', bins: 10 }).error < 1e-14)
    for (const rule of ['trapezoid', 'simpson'] as const) {
      assert.equal(integrateSync('exp(x)', 0, 1, { rule, bins: 1 }).error, Infinity)
    }
  })

  it('say how much cancels, and whether the error is good enough', async () => {
    // expression, ends, the integral, that of its magnitude
    const signs: [string, number, number, number, number][] = [
      ['cos(x)', 0, (3 * Math.PI) / 2, -1, 3],
      ['-exp(-x)', 0, 2, Math.exp(-2) - 1, 1 - Math.exp(-2)],
      ['x**3', -1, 2, 3.75, 4.25],
      ['sqrt(x)', 0, 1, 2 / 3, 2 / 3],
      ['x-0.25', 0, 1, 0.25, 0.3125],
    ]
    for (const rule of ['midpoint', 'trapezoid', 'simpson', 'gauss'] as const) {
      for (const [expression, a, b, expected, size] of signs) {
        for (const bins of [40_000, 40_001]) {
          const { value, l1, condition, converged } = integrateSync(expression, a, b, {
            rule,
            bins,
          })
          const name = `${expression} by ${rule} with ${bins} bins`
          assert.ok(Math.abs(value - expected) < 1e-6, name)
          // The rule's own error at the kinks that |f| has, and at 0 of the square root.
          assert.ok(Math.abs(l1 - size) < 1e-6, `${name}: ${l1}, not ${size}`)
          assert.ok(Math.abs(condition - size / Math.abs(expected)) < 1e-5, name)
          assert.equal(typeof converged, 'boolean')
        }
      }
      // Of one sign there is nothing to cancel, and it is the same sum.
      const plus = integrateSync('x**(3/2)', 0, 1, { rule, bins: 12_345 })
      assert.deepEqual([plus.l1, plus.condition], [plus.value, 1])
      const minus = integrateSync('-(x**(3/2))', 0, 1, { rule, bins: 12_345 })
      assert.deepEqual([minus.l1, minus.condition], [plus.value, 1])
      const turned = integrateSync('x**(3/2)', 1, 0, { rule, bins: 12_345 })
      assert.deepEqual([turned.l1, turned.value], [plus.l1, -plus.value])
      // |f| as an integrand of its own, and for every number of threads.
      const options = { rule, bins: 300_001 }
      const size = integrateSync('abs(cos(9*x)-0.1)', -1, 2, options).value
      for (const threads of [1, 2, 3]) {
        const { l1 } = await integrate('cos(9*x)-0.1', -1, 2, { ...options, threads })
        assert.ok(Math.abs(l1 / size - 1) < 1e-15, `${rule} on ${threads} threads`)
      }
      // The tolerance changes the verdict, not the work.
      const asked = (absTolerance: number, relTolerance: number) =>
        integrateSync('exp(x)', 0, 1, {
          rule,
          order: undefined,
          bins: 100,
          absTolerance,
          relTolerance,
        })
      const { error, value } = asked(0, 0)
      assert.equal(asked(0, 0).converged, false)
      assert.equal(asked(error, 0).converged, true)
      assert.equal(asked(error * 0.99, 0).converged, false)
      assert.equal(asked(0, (1.01 * error) / value).converged, true)
      assert.equal(asked(0, (0.99 * error) / value).converged, false)
    }
    assert.equal(integrateSync('exp(x)', 0, 1).converged, true)
    assert.equal(integrateSync('exp(x)', 0, 1, { bins: 10 }).converged, false)
    assert.equal(integrateSync('exp(x)', 0, 1, { bins: 1, absTolerance: 1e300 }).converged, false)
    assert.equal(integrateSync('x', -1, 1, { bins: 2 }).condition, Infinity)
    for (const absTolerance of [-1, Number.NaN, Infinity, '1']) {
      await assertFails(
        () => integrateSync('x', 0, 1, { absTolerance: absTolerance as number }),
        'ERR_INVALID_ARGUMENT',
        /a number of at least 0 for absTolerance/,
      )
    }
  })

  it('have the same bits for every number of threads and from the sync twin', async () => {
    for (const rule of ['trapezoid', 'simpson', 'gauss'] as const) {
      for (const bins of [1000, 300_001]) {
        const options = { rule, bins }
        const first = await integrate('exp(-x*x)*cos(3*x)', -2, 3, { ...options, threads: 1 })
        for (const threads of [2, 3, 8]) {
          const { value, error } = await integrate('exp(-x*x)*cos(3*x)', -2, 3, {
            ...options,
            threads,
          })
          assert.deepEqual([value, error], [first.value, first.error])
        }
        const sync = integrateSync('exp(-x*x)*cos(3*x)', -2, 3, options)
        assert.deepEqual([sync.value, sync.error], [first.value, first.error])
        const back = integrateSync('exp(-x*x)*cos(3*x)', 3, -2, options)
        assert.equal(back.value, -first.value)
      }
    }
  })

  it('evaluate the ends exactly, or not at all', async () => {
    // One step past an end would be NaN.
    for (const bins of [3, 7, 49, 999, 12_345]) {
      for (const [a, b] of [
        [-0.7, 0.3],
        [0.1, 0.3],
        [-3, -1.1],
      ] as const) {
        const inside = `sqrt(x-(${a}))+sqrt(${b}-x)`
        for (const rule of ['trapezoid', 'simpson', 'gauss'] as const) {
          assert.ok(integrateSync(inside, a, b, { rule, bins }).value > 0)
        }
      }
    }
    for (const rule of ['trapezoid', 'simpson'] as const) {
      for (const threads of [1, 2]) {
        await assertFails(
          () => integrate('1/(x-0.5)', 0, 1, { rule, bins: 100_000, threads }),
          'ERR_NOT_FINITE',
          /x = 0\.5 but received -?Infinity$/,
        )
      }
    }
    const pole = () => integrateSync('1/(x-0.5)', 0, 1, { rule: 'gauss', order: 3, bins: 10_001 })
    const error = await assertFails(pole, 'ERR_NOT_FINITE', /x = 0\.5 but received Infinity$/)
    assert.ok(error instanceof NotFiniteError)
    assert.equal(error.index, 5000 * 3 + 1)
  })

  it('refuse an order that means nothing', async () => {
    const calls: [object, RegExp][] = [
      [{ rule: 'gauss', order: 0 }, /an integer from 1 to 1000 for order but received 0/],
      [{ rule: 'gauss', order: 1001 }, /for order/],
      [{ rule: 'gauss', order: 2.5 }, /for order/],
      [{ rule: 'simpson', order: 3 }, /rule "gauss" with an order for rule but received "simpson"/],
      [{ rule: 'simpson', bins: 2 ** 53 }, /for bins/],
      [{ rule: 'boole' }, /one of "midpoint", "trapezoid", "simpson", "gauss" for rule/],
    ]
    for (const [options, message] of calls) {
      await assertFails(() => integrateSync('x', 0, 1, options), 'ERR_INVALID_ARGUMENT', message)
    }
  })

  it('stop when aborted', async () => {
    for (const rule of ['trapezoid', 'simpson', 'gauss'] as const) {
      const signal = AbortSignal.timeout(30)
      await assert.rejects(integrate('x**0.3', 0, 1, { rule, bins: 1e12, signal }))
    }
  })
})
