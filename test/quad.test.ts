import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { integrateSync, NotFiniteError, quad, type QuadOptions, quadSync } from 'numcore'
import { assertFails } from './support/assertions.js'

interface Case {
  f: string
  a: string
  b: string
  /** By formula; special functions in it are numbers of SciPy's. */
  exact: string
  points?: string[]
}

const file = fileURLToPath(new URL('../../test/support/integrals.json', import.meta.url))
const cases = JSON.parse(readFileSync(file, 'utf8')) as Case[]

const constant = (text: string): number =>
  text.includes('Infinity') ? Number(text) : integrateSync(text, 0, 1, { bins: 1 }).value

/** The integral as it is called, and what it should give. */
function read({ f, a, b, exact, points }: Case) {
  const options: QuadOptions = points === undefined ? {} : { points: points.map(constant) }
  return { f, a: constant(a), b: constant(b), expected: constant(exact), options }
}

/** What the program prints, or undefined without SciPy. Debian's own interpreter first: it is the one with packages. */
function askPython(...args: string[]): string | undefined {
  for (const python of ['/usr/bin/python3', 'python3']) {
    const { status, stdout } = spawnSync(python, args, { encoding: 'utf8' })
    if (status === 0) return stdout
  }
  return undefined
}

/** No rule sees this one's peak, a millionth of the range wide. */
const unseen = (f: string) => f.includes('16**(-10)')

describe('quad', () => {
  for (const each of cases) {
    it(`has ${each.f} from ${each.a} to ${each.b} within its error`, () => {
      const { f, a, b, expected, options } = read(each)
      for (const tolerance of [1e-4, 1.49e-8, 1e-12]) {
        const goal = { ...options, absTolerance: tolerance, relTolerance: tolerance }
        const result = quadSync(f, a, b, goal)
        const { value, error, converged, l1 } = result
        // The expected value has rounding of its own.
        const off = Math.abs(value - expected) - 4e-16 * Math.abs(expected)
        assert.ok(off <= error, `off by ${off}, error ${error}`)
        assert.equal(converged, error <= Math.max(tolerance, tolerance * Math.abs(value)))
        if (tolerance > 1e-12) assert.equal(converged, !unseen(f))
        assert.ok(l1 >= Math.abs(value) * (1 - 1e-7))
        assert.ok(result.evaluations > 0 && result.evaluations < 3000)
      }
    })
  }

  it("takes no more evaluations than 1.5 times SciPy's, where SciPy is here", function () {
    const program = fileURLToPath(new URL('../../bench/quad.py', import.meta.url))
    // Both have the same roundings on x64; Fortran may fuse operations elsewhere, and steps depend on that.
    const answer = process.arch === 'x64' ? askPython(program, file) : undefined
    if (answer === undefined) return this.skip()
    const peers = JSON.parse(answer) as { evaluations: number }[]
    assert.equal(peers.length, cases.length)
    cases.forEach((each, i) => {
      const { f, a, b, options } = read(each)
      const { evaluations } = quadSync(f, a, b, options)
      const theirs = peers[i]?.evaluations ?? 0
      assert.ok(evaluations <= 1.5 * theirs, `${f}: ${evaluations}, SciPy ${theirs}`)
    })
  })

  it('gets singular ends by tanh-sinh with few points and to nearly all digits', () => {
    const table: [string, number, number, number, number][] = [
      ['x**(-0.9)', 0, 1, 10, 1e-12],
      ['x**(-0.75)', 0, 1, 4, 1e-13],
      ['log(x)', 0, 1, -1, 1e-13],
      ['sqrt(x)*log(x)', 0, 1, -4 / 9, 1e-13],
      ['1/sqrt(1-x*x)', -1, 1, Math.PI, 1e-6],
      ['exp(-x)/sqrt(x)', 0, Infinity, Math.sqrt(Math.PI), 1e-12],
      ['exp(x)', -Infinity, 0, 1, 1e-12],
      ['exp(-x*x)', -Infinity, Infinity, Math.sqrt(Math.PI), 1e-12],
      ['1/(1+x*x)', -Infinity, Infinity, Math.PI, 1e-12],
      ['cos(x)', 0, 1, Math.sin(1), 1e-13],
    ]
    for (const [f, a, b, expected, tolerance] of table) {
      const goal = {
        method: 'tanh-sinh',
        absTolerance: tolerance,
        relTolerance: tolerance,
      } as const
      const { value, error, converged, evaluations, method } = quadSync(f, a, b, goal)
      const off = Math.abs(value - expected) - 2e-16 * Math.abs(expected)
      assert.ok(off <= error, `${f}: off by ${off}, error ${error}`)
      assert.ok(converged, f)
      assert.equal(method, 'tanh-sinh')
      assert.ok(evaluations < 500, `${f}: ${evaluations}`)
    }
  })

  it('says when a singular end is beyond what doubles near it can tell', () => {
    // The nearest double to 1 is 1e-16 away, and the last part of (1-x)^(-3/4) is 4 (1e-16)^(1/4).
    const { value, error, converged } = quadSync('(1-x)**(-0.75)', 0, 1, { method: 'tanh-sinh' })
    assert.ok(Math.abs(value - 4) <= error)
    assert.ok(error < 0.1)
    assert.equal(converged, false)
  })

  it('takes tanh-sinh by itself where Gauss-Kronrod does not reach the tolerance', () => {
    const goal = { absTolerance: 1e-13, relTolerance: 1e-13 }
    const args = ['1/sqrt(x)/(1+10*x)**2', 0, Infinity] as const
    const plain = quadSync(...args, { ...goal, method: 'gauss-kronrod' })
    const auto = quadSync(...args, goal)
    assert.equal(plain.converged, false)
    assert.equal(auto.converged, true)
    assert.equal(auto.method, 'tanh-sinh')
    assert.ok(auto.evaluations > plain.evaluations)
    assert.ok(Math.abs(auto.value - (Math.sqrt(0.1) * Math.PI) / 2) <= auto.error)
  })

  it('says so when it has not converged, and why', () => {
    const limited = quadSync('sin(1000*x)', 0, 1, { limit: 3, method: 'gauss-kronrod' })
    assert.deepEqual([limited.converged, limited.status], [false, 'limit'])
    assert.ok(Math.abs(limited.value - (1 - Math.cos(1000)) / 1000) <= limited.error)
    const rounded = quadSync('cos(x)', 0, 1, {
      absTolerance: 0,
      relTolerance: 0,
      method: 'gauss-kronrod',
    })
    assert.equal(rounded.status, 'roundoff')
    const divergent = quadSync('1/x', 0, 1)
    assert.equal(divergent.converged, false)
  })

  it('takes functions, point by point or vectorized, with the bits of the expression', async () => {
    // Operations that are exact in both.
    const args = [-1, 2] as const
    const expected = quadSync('sqrt(abs(x))/(1+x*x)', ...args)
    let calls = 0
    const f = (x: number) => {
      calls++
      return Math.sqrt(Math.abs(x)) / (1 + x * x)
    }
    const all = (x: Float64Array) => {
      calls++
      return x.map((each) => Math.sqrt(Math.abs(each)) / (1 + each * each))
    }
    assert.deepEqual(quadSync(f, ...args), expected)
    assert.equal(calls, expected.evaluations)
    calls = 0
    assert.deepEqual(quadSync(all, ...args, { vectorized: true }), expected)
    assert.ok(calls < expected.evaluations / 20)
    assert.deepEqual(await quad(f, ...args), expected)
    assert.deepEqual(await quad(all, ...args, { vectorized: true }), expected)
    const later = async (x: Float64Array) => {
      await turn()
      return Array.from(all(x))
    }
    assert.deepEqual(await quad(later, ...args, { vectorized: true }), expected)
    for (const threads of [1, 2]) {
      assert.deepEqual(await quad('sqrt(abs(x))/(1+x*x)', ...args, { threads }), expected)
    }
  })

  it('is not disturbed by a function that writes to its points', () => {
    const spoil = (x: Float64Array) => {
      const values = x.map((each) => each * each)
      x.fill(Number.NaN)
      return values
    }
    assert.ok(Math.abs(quadSync(spoil, 0, 1, { vectorized: true }).value - 1 / 3) < 1e-15)
  })

  it('integrates over infinite ranges in either direction, with points too', () => {
    const forward = quadSync('exp(-x)', 1, Infinity)
    assert.equal(quadSync('exp(-x)', Infinity, 1).value, -forward.value)
    const peaks = '1/(1+1e6*(x-30)**2)+1/(1+1e6*(x+70)**2)'
    const { value, error } = quadSync(peaks, -Infinity, Infinity, { points: [30, -70] })
    // The second part of each is what the other half of the line has of it.
    assert.ok(Math.abs(value - (2 * Math.PI) / 1000) <= error)
    assert.ok(error < 1e-7)
    const half = quadSync('exp(-abs(x-50))', 0, Infinity, { points: [50] })
    assert.ok(Math.abs(half.value - (2 - Math.exp(-50))) <= half.error)
    const one = quadSync('sqrt(x)', 1, 1)
    assert.deepEqual([one.value, one.evaluations, one.converged], [0, 0, true])
  })

  it('tells how much cancels', () => {
    const sine = quadSync('sin(x)', 0, 3 * Math.PI)
    assert.ok(Math.abs(sine.l1 - 6) < 0.1)
    assert.ok(Math.abs(sine.condition - 3) < 0.1)
    assert.equal(quadSync('exp(x)', 0, 1).condition, 1)
    assert.ok(quadSync('x**3', -1, 1).condition > 1e6)
  })

  it('names the point where the integrand is not finite', async () => {
    const table: [string, number, number, RegExp][] = [
      ['1/x', -1, 1, /x = 0 but received -?Infinity$/],
      ['sqrt(x)', -1, 1, /x = -0\.\d+ but received NaN$/],
      ['log(x-2)', 0, Infinity, /x = \S+ but received NaN$/],
    ]
    for (const [f, a, b, message] of table) {
      for (const method of ['auto', 'tanh-sinh'] as const) {
        await assertFails(() => quadSync(f, a, b, { method }), 'ERR_NOT_FINITE', message)
        const error = await assertFails(() => quad(f, a, b, { method }), 'ERR_NOT_FINITE', message)
        assert.ok(error instanceof NotFiniteError)
      }
    }
    // As a break point it is not evaluated.
    assert.ok(quadSync('1/sqrt(abs(x))', -1, 1, { points: [0] }).converged)
  })

  it('passes on what the function throws, and refuses what is no number', async () => {
    const mine = new Error('mine')
    const fail = () => {
      throw mine
    }
    assert.throws(() => quadSync(fail, 0, 1), mine)
    await assert.rejects(quad(fail, 0, 1), mine)
    const calls: [unknown, object, RegExp][] = [
      [() => 'x', {}, /a number for the value of f but received "x"/],
      [() => 1, { vectorized: true }, /an array of 21 numbers for the values of f/],
      [() => [1, 2], { vectorized: true }, /an array of 21 numbers for the values of f/],
      [(x: Float64Array) => Array.from(x, String), { vectorized: true }, /a number for the values/],
    ]
    for (const [f, options, message] of calls) {
      const call = f as (x: number) => number
      await assertFails(() => quadSync(call, 0, 1, options), 'ERR_INVALID_ARGUMENT', message)
      await assertFails(() => quad(call, 0, 1, options), 'ERR_INVALID_ARGUMENT', message)
    }
  })

  it('refuses bad arguments', async () => {
    const calls: [unknown[], RegExp][] = [
      [[1, 0, 1], /a string or a function for f but received 1/],
      [['x', Number.NaN, 1], /a number or an infinity for a/],
      [['x', 0, '1'], /a number or an infinity for b/],
      [['x', -1e308, 1.7e308], /a number at a finite distance from a for b/],
      [['x', 0, 1, { absTolerance: -1 }], /at least 0 for absTolerance/],
      [['x', 0, 1, { relTolerance: Number.NaN }], /at least 0 for relTolerance/],
      [['x', 0, 1, { points: [2] }], /a finite number from 0 to 1 for points\[0\]/],
      [['x', 0, 1, { points: 0.5 }], /an array of numbers for points/],
      [['x', 0, 1, { limit: 0 }], /for limit/],
      [['x', 0, 1, { method: 'romberg' }], /one of "auto", "gauss-kronrod", "tanh-sinh"/],
      [['x', 0, 1, { vectorized: true }], /a function, to be vectorized, for f but received "x"/],
      [['x', 0, 1, { vectorised: true }], /did you mean "vectorized"/],
      [['x', 0, 1, { tolerance: 1 }], /a known option/],
    ]
    for (const [args, message] of calls) {
      const call = args as Parameters<typeof quad>
      await assertFails(() => quad(...call), 'ERR_INVALID_ARGUMENT', message)
      await assertFails(() => quadSync(...call), 'ERR_INVALID_ARGUMENT', message)
    }
    await assertFails(() => quadSync('x+', 0, 1), 'ERR_PARSE', /column 3/)
    await assertFails(() => quad('x+', 0, 1), 'ERR_PARSE', /column 3/)
  })

  it('leaves the event loop its turns and stops when aborted', async () => {
    const controller = new AbortController()
    let turns = 0
    const timer = setInterval(() => {
      if (++turns === 3) controller.abort()
    }, 1)
    const slow = (x: number) => {
      const end = performance.now() + 0.2
      while (performance.now() < end);
      return Math.sin(1e5 * x)
    }
    const options = { signal: controller.signal, limit: 10_000 }
    await assert.rejects(quad(slow, 0, 1, options), { name: 'AbortError' })
    clearInterval(timer)
    assert.ok(turns >= 3)
    const early = { signal: AbortSignal.abort() }
    await assert.rejects(quad('x', 0, 1, early), { name: 'AbortError' })
    await assert.rejects(quad(Math.sin, 0, 1, early), { name: 'AbortError' })
  })
})
