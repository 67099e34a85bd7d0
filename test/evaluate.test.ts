import assert from 'node:assert/strict'
import {
  evaluate,
  evaluateSync,
  integrate,
  integrateSync,
  InvalidArgumentError,
  NumcoreError,
  ParseError,
  ShapeError,
} from 'numcore'
import { abortsItself, assertFails } from './support/assertions.js'
import { random } from './support/random.js'

/** A few thousand numbers from -3 to 3; not a multiple of the kernel's block of 512. */
function some(seed: number, length = 40_007): Float64Array {
  const next = random(seed)
  return Float64Array.from({ length }, () => 6 * next() - 3)
}

function unitsApart(a: number, b: number): number {
  if (Object.is(a, b)) return 0
  if (!Number.isFinite(a) || !Number.isFinite(b)) return Number.POSITIVE_INFINITY
  const exponent = Math.max(-1022, Math.floor(Math.log2(Math.abs(b))))
  return Math.abs(a - b) / 2 ** (exponent - 52)
}

describe('evaluate', () => {
  it('gives the value at every point, of one variable and of several', async () => {
    const x = some(1)
    const y = some(2)
    const z = some(3)
    const exact = await evaluate('x*y - z/(x*x + 1)', { x, y, z })
    exact.forEach((value, i) => {
      const [p = 0, q = 0, r = 0] = [x[i], y[i], z[i]]
      assert.ok(Object.is(value, p * q - r / (p * p + 1)))
    })
    assert.deepEqual(evaluateSync('alpha_1 + B2', { B2: x, alpha_1: y })[7], x[7]! + y[7]!)
    assert.deepEqual(evaluateSync('y', { x, y, z }), y)
  })

  it('gives the functions of Math to two units in the last place, their special cases exactly', () => {
    const names = ['exp', 'log', 'log10', 'log2', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan']
    const all = [...names, 'sinh', 'cosh', 'tanh', 'sqrt', 'abs', 'floor', 'ceil'] as const
    const special = [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const x = Float64Array.from([...special, 5e-324, 1e-300, 1e300, 1e22, ...some(4, 2000)])
    for (const name of all) {
      const reference = (Math as unknown as Record<string, (x: number) => number>)[name]!
      evaluateSync(`${name}(x)`, { x }).forEach((value, i) => {
        const expected = reference(x[i]!)
        // V8's own are within one unit, so two together.
        assert.ok(unitsApart(value, expected) <= 2, `${name}(${x[i]}) = ${value}, not ${expected}`)
      })
    }
    for (const [a, b] of [
      [1, Number.NaN],
      [-1, Number.POSITIVE_INFINITY],
      [Number.NaN, 0],
      [-8, 1 / 3],
      [-0, -1],
      [2, 1023],
    ] as const) {
      const [value] = evaluateSync('pow(a, b)', { a: Float64Array.of(a), b: Float64Array.of(b) })
      assert.ok(Object.is(value, a ** b), `${a} ** ${b} = ${value}`)
    }
  })

  it('has the same bits for every number of threads and wherever a point stands', async () => {
    const x = some(5)
    const source = 'exp(-x*x)*cos(3*x)/(1+x**4) + abs(x)**1.5 - atan(x)**x'
    const first = await evaluate(source, { x }, { threads: 1 })
    for (const threads of [2, 3, 8]) {
      assert.deepEqual(await evaluate(source, { x }, { threads }), first)
    }
    assert.deepEqual(evaluateSync(source, { x: x.subarray(13, 600) }), first.slice(13, 600))
    for (const i of [0, 511, 512, 40_006]) {
      assert.ok(Object.is(evaluateSync(source, { x: Float64Array.of(x[i]!) })[0], first[i]))
    }
  })

  it('takes numbers for variables, and params', () => {
    const x = Float64Array.of(1, 2, 3)
    assert.deepEqual([...evaluateSync('a*x+b', { x, a: 2 }, { params: { b: -1 } })], [1, 3, 5])
    assert.deepEqual([...evaluateSync('a+b', { a: 2, b: 3 })], [5])
    assert.deepEqual([...evaluateSync('a', { a: Number.NaN })], [Number.NaN])
    assert.deepEqual([...evaluateSync('2**10', {})], [1024])
    assert.equal(evaluateSync('x', { x: new Float64Array(0) }).length, 0)
  })

  it('writes to out, which may be a variable', async () => {
    const x = some(6)
    const expected = x.map((value) => value * value + 1)
    const out = new Float64Array(x.length)
    assert.equal(await evaluate('x*x+1', { x }, { out }), out)
    assert.deepEqual(out, expected)
    assert.equal(evaluateSync('x*x+1', { x }, { out: x }), x)
    assert.deepEqual(x, expected)
    assert.deepEqual([...evaluateSync('a', { a: 3 }, { out: new Float64Array(2) })], [3, 3])
    const room = new Float64Array(8)
    assert.throws(
      () => evaluateSync('x', { x: room.subarray(0, 4) }, { out: room.subarray(2, 6) }),
      InvalidArgumentError,
    )
    evaluateSync('1+x', { x: room.subarray(0, 4) }, { out: room.subarray(4) })
    assert.deepEqual([...room], [0, 0, 0, 0, 1, 1, 1, 1])
  })

  it('refuses arrays of different lengths, other types, and options it does not know', async () => {
    const x = new Float64Array(3)
    await assertFails(
      () => evaluate('x', { x, y: new Float64Array(4) }),
      'ERR_SHAPE',
      /variables\.y/,
    )
    assert.throws(() => evaluateSync('x', { x }, { out: new Float64Array(2) }), ShapeError)
    for (const wrong of ['1', null, undefined, [1, 2], new Float32Array(3)]) {
      assert.throws(() => evaluateSync('x', { x: wrong as never }), InvalidArgumentError)
    }
    assert.throws(() => evaluateSync('x', x as never), InvalidArgumentError)
    assert.throws(() => evaluateSync('x', { x }, { parms: {} } as never), /did you mean "params"/)
  })

  it('can be aborted and tells how far it is', async () => {
    const x = new Float64Array(4e6)
    const slow = Array.from({ length: 60 }, (_, i) => `sin(x+${i})`).join('+')
    await assert.rejects(evaluate(slow, { x }, abortsItself()), /enough/)
    const fractions: number[] = []
    await evaluate('sin(x)+tan(x)', { x }, { onProgress: (part) => fractions.push(part) })
    assert.ok(fractions.every((part, i) => part > (fractions[i - 1] ?? 0) && part <= 1))
  })
})

describe('names in expressions', () => {
  it('are params: constants by another name', async () => {
    const options = { params: { a: 2, b: 3 }, bins: 1e5 }
    const { value } = await integrate('a*exp(-b*x)', 0, 1, options)
    assert.equal(value, integrateSync('2*exp(-3*x)', 0, 1, { bins: 1e5 }).value)
    assert.ok(Math.abs(value - (2 / 3) * (1 - Math.exp(-3))) < 1e-9)
    // Folded, so a power of a parameter is a product like any other.
    assert.equal(
      integrateSync('x**n', 0, 1, { params: { n: 3 } }).value,
      integrateSync('x**3', 0, 1).value,
    )
  })

  it('have to be names, and not those of the language or of a variable', () => {
    for (const name of ['', '2a', 'a b', 'a-b', 'é', 'sin', 'pi', 'e', 'max', 'x']) {
      assert.throws(() => integrateSync('1', 0, 1, { params: { [name]: 1 } }), InvalidArgumentError)
    }
    for (const value of ['1', null, Number.NaN, Number.POSITIVE_INFINITY, [1]]) {
      const params = { a: value as never }
      assert.throws(() => integrateSync('a', 0, 1, { params }), InvalidArgumentError)
    }
    assert.throws(() => integrateSync('a', 0, 1, { params: [1] as never }), InvalidArgumentError)
    const x = new Float64Array(1)
    assert.throws(() => evaluateSync('x', { x }, { params: { x: 1 } }), /not a variable/)
    // Every word of the language is refused as a name: the list is the parser's.
    for (const name of 'sqrt log10 floor ceil pow min tanh abs'.split(' ')) {
      assert.throws(() => evaluateSync('1', { [name]: 1 }), InvalidArgumentError)
    }
  })

  it('come from own keys alone', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf']) {
      assert.throws(() => integrateSync(name, 0, 1, { params: {} }), ParseError)
      assert.throws(() => evaluateSync(name, { x: 1 }), ParseError)
      // A name like any other when somebody means it.
      const own = Object.fromEntries([[name, 4]])
      assert.equal(evaluateSync(`${name}*2`, own)[0], 8)
    }
    assert.throws(() => evaluateSync('a', Object.create({ a: 1 })), ParseError)
  })

  it('that are unknown are named with the nearest known one', () => {
    assert.throws(
      () => integrateSync('rate*x+rat', 0, 1, { params: { rate: 1 } }),
      /Expected x, rate, pi, e or a function but found 'rat'; did you mean 'rate'\?/,
    )
  })
})

describe('hostile expressions of several names', () => {
  it('give values or an error of numcore, whatever their tokens are', () => {
    const next = random(2026)
    const tokens = (
      'x y a __proto__ constructor pi e sin( exp( max( min( pow( log( ( ) ) ) , + - * / ** ^ 1 2.5 ' +
      '1e999 .5 1e-999 0x1 é \u0000 " ; sqrt tan('
    ).split(' ')
    const x = Float64Array.of(0.5, -2)
    let fine = 0
    for (let i = 0; i < 20_000; i++) {
      const length = 1 + Math.floor(12 * next())
      const source = Array.from(
        { length },
        () => tokens[Math.floor(tokens.length * next())] ?? '',
      ).join('')
      try {
        const values = evaluateSync(source, { x, y: x }, { params: { a: 2 } })
        assert.equal(values.length, 2)
        fine++
      } catch (error) {
        assert.ok(error instanceof NumcoreError && error.code === 'ERR_PARSE', String(error))
      }
    }
    assert.ok(fine > 300, `${fine} were expressions`)
  })

  it('are refused when they are too long, and nested ones do not recurse', () => {
    const variables = { x: Float64Array.of(3) }
    assert.throws(() => evaluateSync('x+'.repeat(5_000_000), variables), ParseError)
    const deep = `${'('.repeat(10_000)}x${')'.repeat(10_000)}`
    assert.equal(evaluateSync(deep, variables)[0], 3)
    assert.equal(evaluateSync(`${'-'.repeat(10_000)}x`, variables)[0], 3)
    assert.equal(evaluateSync(`${'abs('.repeat(10_000)}x${')'.repeat(10_000)}`, variables)[0], 3)
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`v${i}`, variables.x]))
    assert.equal(evaluateSync(Object.keys(many).join('+'), many)[0], 6000)
  })
})
