import assert from 'node:assert/strict'
import { integrate, integrateSync, NotFiniteError, ParseError } from 'numcore'
import { assertFails } from './support/assertions.js'
import { random } from './support/random.js'

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
