import assert from 'node:assert/strict'
import { cubature, cubatureSync, NotFiniteError, qmc, qmcSync } from 'numcore'
import { abortsItself, assertFails } from './support/assertions.js'

const zeros = (n: number) => Array.from({ length: n }, () => 0)
const ones = (n: number) => Array.from({ length: n }, () => 1)

/** f, ends, integral. */
const known: [string, number[], number[], number][] = [
  ['x**3*y**4', [0, 0], [1, 1], 1 / 20],
  ['x1**3*x2**4', [0, 0], [1, 1], 1 / 20],
  ['exp(-x*x-y*y)', [-5, -5], [5, 5], Math.PI],
  ['sqrt(x*y)', [0, 0], [1, 1], 4 / 9],
  ['1/(1+x+y)', [0, 0], [1, 1], 3 * Math.log(3) - 4 * Math.log(2)],
  ['abs(x-y)', [0, 0], [1, 1], 1 / 3],
  [
    '1/(1e-2+(x-0.3)**2)/(1e-2+(y-0.6)**2)',
    [0, 0],
    [1, 1],
    100 * (Math.atan(7) + Math.atan(3)) * (Math.atan(4) + Math.atan(6)),
  ],
  ['cos(x+y+z)', [0, 0, 0], [1, 1, 1], 3 * Math.sin(2) - 3 * Math.sin(1) - Math.sin(3)],
  ['x*exp(-x*y*0)*z', [0, 0, 0], [2, 3, 4], 2 * 3 * 8],
  ['x*y*z*w', [0, 0, 0, 0], [1, 2, 1, 2], 1],
  ['exp(-x-y-z-w)', [0, 0, 0, 0], [1, 1, 1, 1], (1 - Math.exp(-1)) ** 4],
]
describe('cubature', () => {
  for (const [f, lower, upper, expected] of known) {
    it(`has ${f} within its error`, () => {
      for (const tolerance of [1e-3, 1e-7]) {
        const goal = { absTolerance: tolerance, relTolerance: tolerance }
        const { value, error, converged, l1 } = cubatureSync(f, lower, upper, goal)
        const off = Math.abs(value - expected) - 4e-16 * Math.abs(expected)
        assert.ok(off <= error, `off by ${off}, error ${error}`)
        assert.ok(converged)
        assert.ok(l1 >= Math.abs(value))
      }
    })
  }

  it('is exact to degree 7 with one box', () => {
    for (const n of [2, 3, 4]) {
      for (const powers of [
        [7],
        [5, 2],
        [4, 3],
        [3, 3, 1],
        [2, 2, 2, 1],
        [6, 1],
        [4, 2],
        [2, 2, 2],
      ]) {
        if (powers.length > n) continue
        const f = powers.map((power, i) => `x${i + 1}**${power}`).join('*')
        const exact = powers.reduce((product, power) => product / (power + 1), 1)
        const { value, evaluations } = cubatureSync(f, zeros(n), ones(n), { absTolerance: 1 })
        assert.ok(Math.abs(value - exact) < 1e-14, `${f} in ${n}`)
        assert.equal(evaluations, { 2: 17, 3: 33, 4: 57 }[n])
      }
      const eight = cubatureSync('x**8', zeros(n), ones(n), { absTolerance: 1 })
      assert.ok(Math.abs(eight.value - 1 / 9) > 1e-6)
    }
  })

  it('takes functions, and gives the same from every form', async () => {
    const expected = cubatureSync('x*x/(1+y*y)', [0, 0], [1, 2])
    const f = (x: number, y: number) => (x * x) / (1 + y * y)
    const all = (x: Float64Array, y: Float64Array) => x.map((each, i) => f(each, y[i] as number))
    assert.deepEqual(cubatureSync(f, [0, 0], [1, 2]), expected)
    assert.deepEqual(cubatureSync(all, [0, 0], [1, 2], { vectorized: true }), expected)
    assert.deepEqual(await cubature(f, [0, 0], [1, 2]), expected)
    assert.deepEqual(await cubature(all, [0, 0], [1, 2], { vectorized: true }), expected)
    for (const threads of [1, 2]) {
      assert.deepEqual(await cubature('x*x/(1+y*y)', [0, 0], [1, 2], { threads }), expected)
    }
    const params = { a: 1 }
    assert.deepEqual(await cubature('x*x/(a+y*y)', [0, 0], [1, 2], { params }), expected)
    assert.equal(cubatureSync('x*x/(1+y*y)', [1, 0], [0, 2]).value, -expected.value)
    assert.equal(cubatureSync('x*x/(1+y*y)', [1, 2], [0, 0]).value, expected.value)
    assert.equal(cubatureSync('1/x', [0, 0], [0, 1]).value, 0)
  })

  it('says when it stops short of the tolerance', () => {
    const hard = cubatureSync('sin(300*x*y)', [0, 0], [1, 1], { maxEvaluations: 500 })
    assert.deepEqual([hard.converged, hard.status], [false, 'limit'])
    assert.ok(hard.evaluations <= 500)
  })

  it('refuses what it cannot integrate', async () => {
    const error = await assertFails(
      () => cubature('1/(x*y)', [-1, -1], [1, 1]),
      'ERR_NOT_FINITE',
      /for the integrand at \(0, 0\) but received Infinity$/,
    )
    assert.ok(error instanceof NotFiniteError)
    const calls: [unknown[], RegExp][] = [
      [['x', [0], [1]], /from 2 to 4 dimensions/],
      [['x', zeros(5), ones(5)], /from 2 to 4 dimensions \(quad is for one, qmc for many\)/],
      [['x', [0, Infinity], [1, 1]], /a finite number for lower\[1\]/],
      [['x', 0, [1, 1]], /an array of numbers for lower/],
      [[1, [0, 0], [1, 1]], /a string or a function for f/],
      [['x', [0, 0], [1, 1], { seed: 1 }], /a known option/],
      [['x', [0, 0], [1, 1], { params: { y: 1 } }], /not a variable/],
    ]
    for (const [args, message] of calls) {
      const call = args as Parameters<typeof cubature>
      await assertFails(() => cubature(...call), 'ERR_INVALID_ARGUMENT', message)
      await assertFails(() => cubatureSync(...call), 'ERR_INVALID_ARGUMENT', message)
    }
    await assertFails(
      () => cubatureSync('x', [0, 0], [1, 1, 1]),
      'ERR_SHAPE',
      /lower, 2, but received 3/,
    )
    await assertFails(() => cubatureSync('x+z', [0, 0], [1, 1]), 'ERR_PARSE', /'z'/)
  })

  it('stops when aborted', async () => {
    const options = { ...abortsItself(), absTolerance: 0, relTolerance: 0, maxEvaluations: 1e9 }
    await assert.rejects(cubature('sin(300*x*y)', [0, 0], [1, 1], options), /enough/)
    // Even when there is nothing more to stop.
    await assert.rejects(cubature('x*y', [0, 0], [1, 1], abortsItself()), /enough/)
  })
})

describe('qmc', () => {
  it('is within its error in about 99 of 100 cases', () => {
    let within = 0
    let cases = 0
    for (const n of [1, 2, 5, 8]) {
      // Products of functions with mean 1.
      const f = zeros(n)
        .map((_, i) => `(1+0.5*(3*x${i + 1}**2-1))`)
        .join('*')
      for (let seed = 0; seed < 25; seed++) {
        const { value, error } = qmcSync(f, zeros(n), ones(n), { seed, relTolerance: 1e-2 })
        cases++
        if (Math.abs(value - 1) <= error) within++
        assert.ok(Math.abs(value - 1) <= 4 * error)
      }
    }
    assert.ok(within >= 0.95 * cases, `${within} of ${cases}`)
  })

  it('has an error that falls much faster than that of chance', () => {
    const f = (...x: number[]) => x.reduce((product, each) => product * (0.5 + each), 1)
    const error = (maxEvaluations: number) =>
      qmcSync(f, zeros(4), ones(4), { relTolerance: 0, maxEvaluations }).error
    // 16 times the points: chance would give a quarter.
    assert.ok(error(2 ** 17) < error(2 ** 13) / 8)
  })

  it('has points that fill all 21 dimensions evenly', () => {
    // The first 256 points of a Sobol sequence, shifted, have one in each 256th of every axis.
    const seen = Array.from({ length: 21 }, () => new Set<number>())
    let first = true
    const watch = (...x: Float64Array[]) => {
      if (first)
        x.forEach((axis, i) =>
          axis.subarray(0, 256).forEach((u) => seen[i]?.add(Math.floor(256 * u))),
        )
      first = false
      return new Float64Array(x[0]?.length ?? 0).fill(2)
    }
    const { value, error } = qmcSync(watch, zeros(21), ones(21), { vectorized: true })
    assert.deepEqual([value, error], [2, 0])
    for (const axis of seen) assert.equal(axis.size, 256)
    // No two axes run together: x_i - 1/2 and x_k - 1/2 are uncorrelated.
    const f = zeros(21).map((_, i) => `(x${i + 1}-0.5)`)
    for (const [i, a] of f.entries()) {
      const pairs = f.slice(i + 1).map((b) => `${a}*${b}`)
      if (pairs.length === 0) continue
      const sum = qmcSync(pairs.join('+'), zeros(21), ones(21), { absTolerance: 1e-2 })
      assert.ok(Math.abs(sum.value) < 0.02)
    }
  })

  it('is the same for the same seed, in every form', async () => {
    const expected = qmcSync('x*x1+y*2', [0, 0], [1, 3], { seed: 5 })
    assert.ok(Math.abs(expected.value - (3 / 3 + 9)) <= expected.error)
    assert.deepEqual(await qmc('x*x1+y*2', [0, 0], [1, 3], { seed: 5 }), expected)
    assert.deepEqual(await qmc((x, y) => x * x + y * 2, [0, 0], [1, 3], { seed: 5 }), expected)
    assert.notEqual(qmcSync('x*x1+y*2', [0, 0], [1, 3], { seed: 6 }).value, expected.value)
    assert.equal(qmcSync('x*x1+y*2', [0, 3], [1, 0], { seed: 5 }).value, -expected.value)
  })

  it('has the same bits for every number of threads, and from a function', async () => {
    const options = { seed: 3, relTolerance: 0, maxEvaluations: 2 ** 18 }
    const source = '(x1-0.3)*x2+x3*x4*x5'
    const expected = qmcSync(source, zeros(5), ones(5), { ...options, threads: 1 })
    assert.equal(expected.evaluations, 2 ** 18)
    for (const threads of [2, 3, 8]) {
      assert.deepEqual(await qmc(source, zeros(5), ones(5), { ...options, threads }), expected)
    }
    const f = (a: number, b: number, c: number, d: number, e: number) => (a - 0.3) * b + c * d * e
    assert.deepEqual(await qmc(f, zeros(5), ones(5), options), expected)
    const all = (...x: Float64Array[]) =>
      Float64Array.from(x[0] as Float64Array, (_, i) =>
        f(...(x.map((axis) => axis[i]) as [number, number, number, number, number])),
      )
    assert.deepEqual(qmcSync(all, zeros(5), ones(5), { ...options, vectorized: true }), expected)
  })

  it('has the points of Sobol with the numbers of Joe and Kuo', () => {
    // The first points of dimensions 1 to 4 as they print them, 0 left out and in Gray order; digital shifts keep
    // the exclusive or of two points.
    const published = [
      [0, 0, 0, 0],
      [0.5, 0.5, 0.5, 0.5],
      [0.75, 0.25, 0.25, 0.25],
      [0.25, 0.75, 0.75, 0.75],
      [0.375, 0.375, 0.625, 0.875],
      [0.875, 0.875, 0.125, 0.375],
      [0.625, 0.125, 0.875, 0.625],
      [0.125, 0.625, 0.375, 0.125],
      [0.1875, 0.3125, 0.9375, 0.4375],
      [0.6875, 0.8125, 0.4375, 0.9375],
    ]
    const seen: number[][] = []
    const watch = (...x: Float64Array[]) => {
      if (seen.length === 0) for (let k = 0; k < 10; k++) seen.push(x.map((axis) => axis[k] ?? 0))
      return new Float64Array(x[0]?.length ?? 0)
    }
    qmcSync(watch, zeros(4), ones(4), { vectorized: true })
    const whole = (u: number) => Math.floor(u * 2 ** 32)
    seen.forEach((point, k) => {
      const turned = point.map((u, i) => (whole(u) ^ whole(seen[0]?.[i] ?? 0)) >>> 0)
      assert.deepEqual(
        turned.map((u) => u / 2 ** 32),
        published[k],
      )
    })
  })

  it('leaves the event loop alone, can be aborted and says how far it is', async () => {
    const controller = new AbortController()
    const fractions: number[] = []
    // It would take minutes: it ends because the loop turns while it runs.
    const endless = qmc('sin(x1*x2*x3*1e9)', zeros(3), ones(3), {
      relTolerance: 0,
      maxEvaluations: 2 ** 35,
      signal: controller.signal,
      onProgress: (fraction) => {
        fractions.push(fraction)
        controller.abort()
      },
    })
    await assert.rejects(endless, { name: 'AbortError' })
    assert.ok((fractions[0] ?? 0) > 0)
  })

  it('refuses what it cannot integrate', async () => {
    await assertFails(() => qmcSync('x1', zeros(22), ones(22)), 'ERR_INVALID_ARGUMENT', /1 to 21/)
    await assertFails(() => qmcSync('x1', [0], [1], { seed: -1 }), 'ERR_INVALID_ARGUMENT', /seed/)
    await assertFails(
      () => qmc('sqrt(x-2)', [0], [1]),
      'ERR_NOT_FINITE',
      /\(0\.\d+\) but received NaN/,
    )
    await assertFails(() => qmc('x1+y2', [0], [1]), 'ERR_PARSE', /column 4/)
    await assertFails(() => qmc('x1+y2', [0], [0]), 'ERR_PARSE', /column 4/)
    await assertFails(
      () => qmcSync('x1', [-1e308], [1e308]),
      'ERR_INVALID_ARGUMENT',
      /a number at a finite distance from lower\[0\] for upper\[0\]/,
    )
    await assertFails(() => qmcSync('1e308+0*x1', [0], [1]), 'ERR_NOT_FINITE', /overflows/)
    // The same point whoever evaluates it, and however many threads look for it.
    const faults = new Set<string>()
    const pole = 'log(x1+x2+x3+x4-0.1)'
    const poles = (a: number, b: number, c: number, d: number) => Math.log(a + b + c + d - 0.1)
    const big = { relTolerance: 0, maxEvaluations: 2 ** 24 }
    for (const f of [pole, pole, poles]) {
      for (const threads of [1, 2, 4]) {
        const options = { ...big, threads }
        const error = await assertFails(
          () => qmc(f, zeros(4), ones(4), options),
          'ERR_NOT_FINITE',
          /at \(0\.0\d+(, \d\S*){3}\) but received NaN/,
        )
        faults.add(error.message)
      }
    }
    assert.equal(faults.size, 1)
  })
})
