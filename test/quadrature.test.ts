import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { type Integral, integrate, integrateSync, NotFiniteError, ParseError } from 'numcore'
import { assertFails } from './support/assertions.js'

/**
 * The expression at one point: one bin of width 1 around it. Exact for points that are multiples of
 * 1/16, say, where neither end is rounded. NaN stands for infinities too.
 */
function at(expression: string, x: number): number {
  try {
    return integrateSync(expression, x - 0.5, x + 0.5, { bins: 1 }).value
  } catch (error) {
    if (error instanceof NotFiniteError) return Number.NaN
    throw error
  }
}

/** Mulberry32: small, seeded, good enough to choose test cases. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const points = [-3.5, -1, -0.25, 0, 0.0625, 0.5, 1, 1.75, 2, 10.5]

describe('expressions', () => {
  it('follow the precedence of Python', () => {
    const table: [string, (x: number) => number][] = [
      ['1+2*x', (x) => 1 + 2 * x],
      ['(1+2)*x', (x) => (1 + 2) * x],
      ['8/4/2*x', (x) => x],
      ['8-4-x', (x) => 8 - 4 - x],
      ['x-(4-2)', (x) => x - 2],
      ['2**3**2+x', (x) => 512 + x],
      ['2^3^2+x', (x) => 512 + x],
      ['-x**2', (x) => -(x * x)],
      ['-x^2', (x) => -(x * x)],
      ['(-x)**2', (x) => x * x],
      ['0-x**2', (x) => -(x * x)],
      ['2*-x', (x) => 2 * -x],
      ['2**-x', (x) => 2 ** -x],
      ['2**-x**2', (x) => 2 ** -(x ** 2)],
      ['2**-1*x', (x) => 0.5 * x],
      ['--x', (x) => x],
      ['+x-+-+x', (x) => x + x],
      ['x- -x', (x) => 2 * x],
      ['-x/3', (x) => -x / 3],
      ['-abs(x)', (x) => -Math.abs(x)],
      ['sqrt(abs(x))**2', (x) => Math.sqrt(Math.abs(x)) ** 2],
      ['max(x, 1, min(2, x, 3))', (x) => Math.max(x, 1, Math.min(2, x))],
      ['pow(2, 1+x)', (x) => 2 ** (1 + x)],
      ['pi*x-e', (x) => Math.PI * x - Math.E],
      ['.5*x+5.-1e1+1E-1', (x) => 0.5 * x + 5 - 10 + 0.1],
      ['1e-999+x', (x) => x],
      [' ( x\t+\n1 ) ', (x) => x + 1],
    ]
    for (const [expression, expected] of table) {
      for (const x of points) {
        // V8's ** is not always rounded to the nearest double.
        const tolerance = /\*\*|pow/.test(expression) ? 3e-16 * Math.abs(expected(x)) : 0
        const off = Math.abs(at(expression, x) - expected(x))
        assert.ok(off <= tolerance, `${expression} at ${x}: off by ${off}`)
      }
    }
  })

  it("agree with JavaScript's Math, function by function", () => {
    const names = [
      'sqrt exp log log10 log2 sin cos tan asin acos atan sinh cosh tanh abs floor ceil',
    ].flatMap((line) => line.split(' '))
    for (const name of names) {
      const reference = Math[name as 'sqrt']
      for (const x of points) {
        const expected = reference(x)
        const actual = at(`${name}(x)`, x)
        if (!Number.isFinite(expected)) assert.ok(Number.isNaN(actual), `${name}(${x})`)
        else assert.ok(Math.abs(actual - expected) <= 4e-16 * Math.abs(expected), `${name}(${x})`)
      }
    }
  })

  it('raise to powers as ** does', () => {
    for (let doubled = -54; doubled <= 54; doubled++) {
      const power = doubled / 2
      for (const x of points) {
        const expected = x ** power
        for (const text of [`x**(${power})`, `x**(${doubled}/2)`, `pow(x, ${power})`]) {
          const actual = at(text, x)
          const name = `${text} at ${x}`
          if (!Number.isFinite(expected)) assert.ok(Number.isNaN(actual), name)
          // A product of n factors may be off by n/2 units in the last place.
          else
            assert.ok(
              Math.abs(actual - expected) <= (1 + Math.abs(power)) * 2e-16 * Math.abs(expected),
              name,
            )
        }
      }
    }
  })

  it('give the bits of JavaScript, 2000 random ones of exact operations', () => {
    const next = random(1)
    const choose = <T>(...from: T[]) => from[Math.floor(next() * from.length)] as T
    const space = () => choose('', '', '', ' ', '  ')
    const sum = (depth: number): string => {
      let text = product(depth)
      while (next() < 0.4) text += `${space()}${choose('+', '-')} ${product(depth)}`
      return text
    }
    const product = (depth: number): string => {
      let text = signed(depth)
      while (next() < 0.4) text += `${space()}${choose('*', '/')}${space()}${signed(depth)}`
      return text
    }
    const signed = (depth: number): string =>
      next() < 0.2 ? `${choose('-', '+')} ${signed(depth)}` : value(depth)
    const value = (depth: number): string => {
      if (depth === 0 || next() < 0.3) {
        return choose('x', 'x', '0', '1', '2', '0.5', '.1', '3e-1', '7', 'pi', 'e', '1e3', '0.25')
      }
      if (next() < 0.5) return `(${space()}${sum(depth - 1)}${space()})`
      const name = choose('sqrt', 'abs', 'floor', 'ceil', 'min', 'max')
      const list = [sum(depth - 1)]
      if (name === 'min' || name === 'max') {
        do list.push(sum(depth - 1))
        while (next() < 0.3)
      }
      return `${name}${space()}(${list.join(`${space()},${space()}`)})`
    }
    let finite = 0
    for (let i = 0; i < 2000; i++) {
      const expression = sum(3)
      const reference = new Function(
        'x',
        `const { sqrt, abs, floor, ceil, min, max, PI: pi, E: e } = Math; return ${expression}`,
      ) as (x: number) => number
      for (const x of points) {
        const expected = reference(x)
        const actual = at(expression, x)
        if (Number.isFinite(expected)) finite++
        // The sum of one value makes 0 of -0.
        assert.equal(
          actual + 0,
          Number.isFinite(expected) ? expected + 0 : Number.NaN,
          `${expression} at ${x}`,
        )
      }
    }
    assert.ok(finite > 10_000)
  })

  it('agree with a recursive evaluation, 2000 random ones of all operations', () => {
    const next = random(2)
    const choose = <T>(...from: T[]) => from[Math.floor(next() * from.length)] as T
    type Evaluate = (x: number, noise: () => number) => number
    interface Node {
      text: string
      evaluate: Evaluate
    }
    const leaf = (): Node => {
      if (next() < 0.6) return { text: 'x', evaluate: (x) => x }
      const value = choose(0.5, 1, 2, 3, 0.1, 1.5, 7)
      return { text: String(value), evaluate: () => value }
    }
    const unary = [
      'sqrt',
      'exp',
      'log',
      'log10',
      'log2',
      'sin',
      'cos',
      'tan',
      'asin',
      'acos',
      'atan',
      'sinh',
    ]
    const make = (depth: number): Node => {
      if (depth === 0 || next() < 0.1) return leaf()
      const a = make(depth - 1)
      if (next() < 0.35) {
        const name = choose(...unary, 'cosh', 'tanh', 'abs')
        const f = Math[name as 'sqrt']
        return {
          text: `${name}(${a.text})`,
          evaluate: (x, noise) => f(a.evaluate(x, noise)) * noise(),
        }
      }
      if (next() < 0.2) {
        const power = choose(-2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 7.5, 0.3)
        return {
          text: `(${a.text})${choose('**', '^')}${power}`,
          evaluate: (x, noise) => a.evaluate(x, noise) ** power * noise(),
        }
      }
      const b = make(depth - 1)
      const operations: Record<string, (p: number, q: number) => number> = {
        '+': (p, q) => p + q,
        '-': (p, q) => p - q,
        '*': (p, q) => p * q,
        '/': (p, q) => p / q,
        '**': (p, q) => p ** q,
      }
      const name = choose('+', '-', '*', '/', '+', '-', '*', '/', '**')
      const operation = operations[name] as (p: number, q: number) => number
      return {
        text: `(${a.text})${name}(${b.text})`,
        evaluate: (x, noise) => operation(a.evaluate(x, noise), b.evaluate(x, noise)) * noise(),
      }
    }
    let compared = 0
    for (let i = 0; i < 2000; i++) {
      const { text, evaluate } = make(4)
      const expression = `${text} + 0*x`
      for (const x of [-1.5, 0.25, 0.75, 2.5]) {
        const expected = evaluate(x, () => 1)
        // What rounding may do: the values with every operation off by some units in the last place.
        const shaken = Array.from({ length: 8 }, () =>
          evaluate(x, () => 1 + (next() - 0.5) * 2 ** -47),
        )
        if (![expected, ...shaken].every(Number.isFinite)) continue
        const spread = Math.max(...shaken.map((value) => Math.abs(value - expected)))
        if (spread > 1e-9 * Math.abs(expected)) continue
        compared++
        const actual = at(expression, x)
        assert.ok(
          Math.abs(actual - expected) <= 4 * spread + 1e-300,
          `${text} at ${x}: ${actual}, not ${expected}`,
        )
      }
    }
    assert.ok(compared > 2500, `only ${compared} points were finite`)
  })

  it('that do not parse point at the column', async () => {
    const table: [string, number, RegExp][] = [
      ['', 1, /found the end of the expression/],
      ['x+', 3, /Expected a number, x, pi, e, a function or '\('/],
      ['2x', 2, /Expected an operator or the end but found 'x'/],
      ['(x', 3, /Expected '\)' for the '\(' in column 1/],
      ['x)', 2, /found '\)'/],
      ['sin x', 5, /Expected '\(' after sin/],
      ['1 + sine(x)', 5, /did you mean 'sin'\?/],
      ['ln(x)', 1, /did you mean 'log'\?/],
      ['PI*x', 1, /did you mean 'pi'\?/],
      ['pow(x)', 1, /Expected 2 arguments for pow but found 1/],
      ['min(x)', 1, /Expected at least 2 arguments for min but found 1/],
      ['sin(x, 1)', 1, /Expected 1 argument for sin but found 2/],
      ['x + y', 5, /found 'y'/],
      ['__proto__', 1, /found '__proto__'/],
      ['constructor(x)', 1, /found 'constructor'/],
      ['1e999*x', 1, /Expected a number below 1.8e308/],
      ['x // 2', 4, /found '\/'/],
      ['x²', 2, /did you mean '\*\*2'\?/],
      ['x − 1', 3, /did you mean '-'\?/],
      ['x\u0000', 2, /U\+0000/],
      ['x\ud800', 2, /Expected an operator or the end/],
      ['x; process.exit()', 2, /found ';'/],
    ]
    for (const [expression, column, message] of table) {
      const error = await assertFails(() => integrate(expression, 0, 1), 'ERR_PARSE', message)
      assert.ok(error instanceof ParseError)
      assert.equal(error.column, column, expression)
      assert.equal(error.source, expression)
      await assertFails(() => integrateSync(expression, 0, 1), 'ERR_PARSE', message)
    }
  })

  it('are shown with a caret under the column, long ones in part', async () => {
    const short = await assertFails(() => integrateSync('x + y*2', 0, 1), 'ERR_PARSE', /./)
    assert.deepEqual(short.message.split('\n').slice(1), ['  x + y*2', '      ^'])
    const long = `${'x+'.repeat(500)}?${'+x'.repeat(500)}`
    const error = await assertFails(() => integrateSync(long, 0, 1), 'ERR_PARSE', /column 1001\n/)
    const [, line, caret] = error.message.split('\n') as [string, string, string]
    assert.ok(line.length < 80)
    assert.equal(line[caret.indexOf('^')], '?')
    const lines = await assertFails(
      () => integrateSync('x +\n  ?', 0, 1),
      'ERR_PARSE',
      /column 7\n/,
    )
    assert.deepEqual(lines.message.split('\n').slice(1), ['  x +   ?', '        ^'])
    const wide = await assertFails(
      () => integrateSync(`x ${'😀'.repeat(100)}`, 0, 1),
      'ERR_PARSE',
      /column 3\n/,
    )
    assert.doesNotMatch(wide.message, /[\ud800-\udbff](?![\udc00-\udfff])/)
  })

  it('that are hostile give a result or an error, and no harm', async () => {
    assert.equal(at(`${'('.repeat(10_000)}x${')'.repeat(10_000)}`, 3), 3)
    assert.equal(at(`${'-'.repeat(100_000)}x`, 3), 3)
    assert.equal(at(`${'x+'.repeat(100_000)}x`, 1), 100_001)
    assert.equal(at(`${'x+('.repeat(100_000)}x${')'.repeat(100_000)}`, 1), 100_001)
    assert.equal(at(`x${'^1'.repeat(100_000)}`, 3), 3)
    assert.equal(at(`${'abs('.repeat(100_000)}x${')'.repeat(100_000)}`, -3), 3)
    assert.equal(at(`max(1${',x'.repeat(100_000)})`, 3), 3)
    await assertFails(() => integrate('('.repeat(10_000), 0, 1), 'ERR_PARSE', /column 10001/)
    await assertFails(
      () => integrate('x+'.repeat(5 << 20), 0, 1),
      'ERR_PARSE',
      /at most 1048576 characters/,
    )
    await assertFails(
      () => integrate('é'.repeat(10 << 20), 0, 1),
      'ERR_PARSE',
      /at most 1048576 characters/,
    )
    // Texts made of the grammar's own pieces at random: an answer or ERR_PARSE, nothing else.
    const next = random(3)
    const pieces =
      'x 1 .5 1e3 pi e + - * / ** ^ ( ( ) ) , sin( max( pow( sqrt( foo $ é \u0001'.split(' ')
    for (let i = 0; i < 20_000; i++) {
      let text = ''
      for (let k = Math.floor(next() * 12); k >= 0; k--)
        text += pieces[Math.floor(next() * pieces.length)]
      try {
        at(text, 0.5)
      } catch (error) {
        assert.ok(error instanceof ParseError, `${JSON.stringify(text)}: ${String(error)}`)
        assert.ok(error.column >= 1 && error.column <= text.length + 1)
      }
    }
  })
})

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
