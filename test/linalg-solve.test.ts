import assert from 'node:assert/strict'
import { assert as assertProperty, constantFrom, integer, nat, property, record } from 'fast-check'
import {
  ComplexMatrix,
  lstsq,
  lstsqSync,
  Matrix,
  pinvSync,
  type Reals,
  solve,
  solveBanded,
  solveInfo,
  solveInfoSync,
  solveSync,
  solveTriangular,
  solveTriangularSync,
  solveTridiagonal,
} from 'numcore'
import {
  adjoint,
  askPython,
  asView,
  column,
  distance,
  epsilonOf,
  isComplexKind,
  kinds,
  masked,
  numbers,
  plain,
  randomHermitian,
  randomMatrix,
  times,
  transposeOf,
} from './support/algebra.js'
import { abortsItself, assertFails } from './support/assertions.js'

const seed = Number(process.env['NUMCORE_SEED'] ?? 20261125)

describe('solve', () => {
  it('A X = B for every kind of matrix, shape and type, with a small backward error', () => {
    const cases = record({
      n: integer({ min: 0, max: 120 }),
      k: integer({ min: 0, max: 9 }),
      kind: constantFrom(...kinds),
      type: constantFrom(...kinds),
      form: constantFrom('general', 'hermitian', 'definite'),
      seed: nat(),
    })
    assertProperty(
      property(cases, ({ n, k, kind, type, form, seed: from }) => {
        const A =
          form === 'general'
            ? randomMatrix(n, n, kind, from)
            : randomHermitian(n, kind, from, form === 'definite' ? 4 * n : 0)
        const B = randomMatrix(n, k, type, from + 1)
        const { x, method, rcond, residual, inertia } = solveInfoSync(A, B)
        const methods = {
          general: ['lu'],
          definite: ['cholesky'],
          hermitian: ['ldlt', 'bunch-kaufman', 'cholesky'],
        }
        if (n > 1) assert.ok(methods[form].includes(method), `${form}: ${method}`)
        assert.ok(residual < 0.5 && residual >= 0, `residual ${residual}`)
        assert.ok(rcond >= 0 && rcond <= 1)
        if (inertia) assert.equal(inertia.positive + inertia.negative + inertia.zero, n)
        // Said of the result itself too, not by the result alone.
        const X = plain(x)
        const size = Math.max(1, ...X.re.map(Math.abs), ...X.im.map(Math.abs))
        const epsilon = Math.max(epsilonOf(kind), epsilonOf(type))
        assert.ok(distance(times(A, X), B) <= 40 * (n + 1) * (n + 1) * epsilon * size)
      }),
      { seed, numRuns: 200 },
    )
  })

  it('a vector gives a vector, views are taken as they are, types are widened', async () => {
    const A = randomHermitian(30, 'float64', 1) as Matrix
    const b = Float64Array.from({ length: 30 }, (_, i) => Math.sin(i))
    const x = await solve(A, b)
    assert.ok(x instanceof Float64Array)
    assert.ok(distance(times(A, column(x)), column(b)) < 1e-12)
    for (const how of ['transposed', 'block', 'spread'] as const) {
      assert.equal(
        distance(column(solveSync(asView(A as Matrix<Reals>, how), b)), column(x)),
        0,
        how,
      )
    }
    const z = solveSync(
      ComplexMatrix.from(A),
      Float64Array.from({ length: 60 }, (_, i) => (i % 2 ? 0 : (b[i / 2] as number))),
    )
    assert.ok(distance(column(z, true), column(x)) < 1e-12)
    assert.ok((await solve(A.asType('float32'), Float32Array.from(b))) instanceof Float32Array)
  })

  it('reads the lower triangle only, when told so', async () => {
    for (const kind of kinds) {
      const A = randomHermitian(40, kind, 3, 200)
      const B = randomMatrix(40, 3, kind, 4)
      const expected = await solve(A, B)
      const spoiled = A.clone()
      const parts = isComplexKind(kind) ? 2 : 1
      for (let i = 0; i < 40; i++)
        spoiled.data.fill(Number.NaN, parts * (41 * i + 1), parts * 40 * (i + 1))
      for (const assume of ['hermitian', 'positive-definite'] as const) {
        const { x, residual } = await solveInfo(spoiled as typeof A, B, { assume })
        assert.ok(distance(x, expected) < 100 * epsilonOf(kind), `${kind} ${assume}`)
        assert.ok(residual < 0.1)
      }
    }
    const S = randomMatrix(12, 12, 'complex128', 8) as ComplexMatrix
    for (let i = 0; i < 12; i++) for (let j = 0; j < i; j++) S.set(j, i, S.get(i, j))
    const B = randomMatrix(12, 2, 'complex128', 9)
    const { x, method, inertia } = await solveInfo(S, B, { assume: 'symmetric' })
    assert.ok(distance(times(S, x), B) < 1e-12)
    assert.deepEqual([method, inertia], ['bunch-kaufman', null])
  })

  it('large symmetric systems: tiles, inertia, and an answer that stands the check', async () => {
    const n = 600
    const A = Matrix.random(n, n, { seed: 2, symmetric: true })
    const { x, method, residual, inertia } = await solveInfo(A, new Float64Array(n).fill(1))
    assert.equal(method, 'ldlt')
    assert.ok(residual < 0.1 && inertia !== null && inertia.negative > 200)
    const largest = x.reduce((most, each) => Math.max(most, Math.abs(each)), 0)
    assert.ok(distance(times(A, column(x)), column(new Float64Array(n).fill(1))) < 1e-10 * largest)
  })

  it('triangular, banded and tridiagonal systems', async () => {
    for (const kind of kinds) {
      for (const n of [0, 1, 2, 9, 70]) {
        const T = randomHermitian(n, kind, n, n + 3)
        const B = randomMatrix(n, 3, kind, n + 1)
        const tolerance = 200 * (n + 1) * epsilonOf(kind)
        for (const lower of [true, false]) {
          const meant = masked(T, (i, j) => (lower ? i >= j : i <= j))
          const plainly = await solveTriangular(T, B, { lower })
          assert.ok(distance(times(meant, plainly), B) <= tolerance)
          const flipped = solveTriangularSync(T, B, { lower, transpose: true })
          assert.ok(distance(times(transposeOf(meant), flipped), B) <= tolerance)
          const adjointed = solveTriangularSync(T, B, { lower, adjoint: true })
          assert.ok(distance(times(adjoint(meant), adjointed), B) <= tolerance)
        }
        if (n < 2) continue
        const [below, above] = [2, 1]
        const bands = randomMatrix(below + above + 1, n, kind, n + 2)
        const parts = isComplexKind(kind) ? 2 : 1
        for (let j = 0; j < n; j++) (bands.data[parts * (above * n + j)] as number) += 6
        const dense = plain(randomMatrix(n, n, kind, 0))
        const given = plain(bands)
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            const inside = i - j <= below && j - i <= above
            const at = (above + i - j) * n + j
            dense.re[i * n + j] = inside ? (given.re[at] as number) : 0
            dense.im[i * n + j] = inside ? (given.im[at] as number) : 0
          }
        }
        const X = await solveBanded(bands, B, { below, above })
        assert.ok(distance(times(dense, X), B) <= tolerance, `${kind} ${n}`)
      }
    }
    const n = 50
    const [low, middle, high] = [1, 2, 3].map(
      (s) => randomMatrix(1, s === 2 ? n : n - 1, 'float64', s).data,
    ) as [Reals, Reals, Reals]
    const dense = Matrix.zeros(n, n)
    middle.forEach((x, i) => dense.set(i, i, x))
    low.forEach((x, i) => dense.set(i + 1, i, x))
    high.forEach((x, i) => dense.set(i, i + 1, x))
    const b = randomMatrix(n, 1, 'float64', 4).data
    const x = await solveTridiagonal(low, middle, high, b)
    assert.ok(distance(times(dense, column(x as Reals)), column(b)) < 1e-11)
    const one = await solveTridiagonal(
      new Float64Array(0),
      Float64Array.of(4),
      new Float64Array(0),
      Float64Array.of(2),
    )
    assert.deepEqual(Array.from(one), [0.5])
  })

  it('least squares: the rest is orthogonal to A, of least norm, and pinv does the same', async () => {
    for (const kind of kinds) {
      for (const [m, n, rank] of [
        [9, 4, 4],
        [4, 9, 4],
        [30, 20, 7],
        [6, 6, 6],
        [3, 0, 0],
        [0, 3, 0],
      ] as const) {
        const A =
          rank === Math.min(m, n)
            ? randomMatrix(m, n, kind, m)
            : times(randomMatrix(m, rank, kind, m), randomMatrix(rank, n, kind, n))
        const M = 're' in A ? fromPlain(A, kind) : A
        const B = randomMatrix(m, 2, kind, m + n)
        const found = await lstsq(M, B)
        const tolerance = 2e3 * (m + n) * epsilonOf(kind)
        const left = plain(B)
        const fit = times(M, found.x)
        for (let i = 0; i < left.re.length; i++) {
          ;(left.re[i] as number) -= fit.re[i] as number
          ;(left.im[i] as number) -= fit.im[i] as number
        }
        assert.ok(
          distance(
            times(adjoint(M), left),
            times(adjoint(M), { ...left, re: left.re.map(() => 0), im: left.im.map(() => 0) }),
          ) <= tolerance,
        )
        assert.equal(found.rank, rank, `${kind} ${m} x ${n}`)
        assert.ok(distance(found.x, times(pinvSync(M), B)) <= tolerance, `${kind} ${m} x ${n}`)
        const squares = [0, 1].map((c) =>
          left.re.reduce(
            (sum, x, k) => sum + (k % 2 === c ? x * x + (left.im[k] as number) ** 2 : 0),
            0,
          ),
        )
        assert.ok(distance(column(found.residuals), column(squares)) <= tolerance)
      }
    }
    const { singularValues } = lstsqSync(
      Matrix.from([
        [3, 0],
        [0, 4],
      ]),
      Float64Array.of(1, 1),
    )
    assert.deepEqual(Array.from(singularValues), [4, 3])
  })

  it('agrees with SciPy', function () {
    const A = randomMatrix(7, 7, 'float64', 1) as Matrix
    const T = randomMatrix(9, 4, 'float64', 2) as Matrix
    const b = Array.from(randomMatrix(9, 1, 'float64', 3).data)
    const answer = askPython(
      `
import json, sys, numpy as np, scipy.linalg as sl
d = json.load(sys.stdin); a, t, b = (np.array(d[k]) for k in "atb")
x, r, k, s = np.linalg.lstsq(t, b, rcond=None)
print(json.dumps({"x": sl.solve(a, b[:7]).tolist(), "l": x.tolist(), "r": r.tolist(), "s": s.tolist(), "k": int(k),
  "p": np.linalg.pinv(t).tolist(), "cond": 1 / np.linalg.cond(a, 1)}))`,
      { a: A.toArray(), t: T.toArray(), b },
    ) as
      | {
          x: number[]
          l: number[]
          r: number[]
          s: number[]
          k: number
          p: number[][]
          cond: number
        }
      | undefined
    if (answer === undefined) return this.skip()
    const { x, rcond } = solveInfoSync(A, Float64Array.from(b.slice(0, 7)))
    assert.ok(distance(column(x), column(answer.x)) < 1e-12)
    assert.ok(rcond >= 0.999 * answer.cond && rcond < 3 * answer.cond)
    const found = lstsqSync(T, Float64Array.from(b))
    assert.ok(distance(column(found.x), column(answer.l)) < 1e-13)
    assert.ok(distance(column(found.residuals), column(answer.r)) < 1e-13)
    assert.ok(distance(column(found.singularValues), column(answer.s)) < 1e-13)
    assert.equal(found.rank, answer.k)
    assert.ok(distance(pinvSync(T), Matrix.from(answer.p)) < 1e-13)
  })

  it('small systems whose elimination overflows or hides a lost pivot are refused as large ones are', () => {
    for (const [h, type] of [
      [1.7e308, 'float64'],
      [3e38, 'float32'],
    ] as const) {
      const rows = [
        [h, h],
        [-h, h],
      ]
      const b = Float64Array.of(h, h)
      const right = type === 'float64' ? b : Float32Array.from(b)
      assert.throws(() => solveSync(Matrix.from(rows, { type }), right), { code: 'ERR_SINGULAR' })
    }
    // Elimination almost doubles the last columns in each step (after Wilkinson). All entries are multiples of 2^-9, and the
    // last row is half of the sum of the two before: exactly singular. What is left of the last pivot is the rounding error of
    // the grown numbers, which is not small beside those of A.
    const draw = numbers(5)
    const part = (least: number, most: number) =>
      (least + Math.floor(((draw() + 1) / 2) * (most - least))) / 256
    for (const [n, type] of [
      [16, 'float32'],
      [32, 'float64'],
    ] as const) {
      for (let round = 0; round < 100; round++) {
        const A = Matrix.zeros(n, n, { type })
        for (let i = 0; i < n - 1; i++) {
          for (let j = 0; j < i; j++) A.set(i, j, -part(200, 255))
          A.set(i, n - 2, i < n - 2 ? part(128, 255) : 1)
          A.set(i, n - 1, 1)
          A.set(i, i, 1)
        }
        for (let j = 0; j < n; j++) A.set(n - 1, j, (A.get(n - 2, j) + A.get(n - 3, j)) / 2)
        const b = type === 'float64' ? new Float64Array(n) : new Float32Array(n)
        assert.throws(() => solveSync(A, b.fill(1)), { code: 'ERR_SINGULAR' })
      }
    }
  })

  it('says what is wrong and where', async () => {
    const b = Float64Array.of(1, 2)
    for (const rows of [
      [
        [1, 2],
        [3, 6],
      ],
      [
        [1, 2],
        [2, 4],
      ],
    ]) {
      await assertFails(
        () => solve(Matrix.from(rows), b),
        'ERR_SINGULAR',
        /^Expected an invertible matrix for A .* no pivot in row \d$/,
      )
    }
    await assertFails(
      () =>
        solve(
          Matrix.from([
            [1, 0],
            [0, -1],
          ]),
          b,
          { assume: 'positive-definite' },
        ),
      'ERR_NOT_POSITIVE_DEFINITE',
      /order 2/,
    )
    await assertFails(
      () =>
        solveSync(
          Matrix.from([
            [1, Number.NaN],
            [0, 1],
          ]),
          b,
        ),
      'ERR_NOT_FINITE',
      /A\[0\]\[1\] but received NaN/,
    )
    await assertFails(
      () => solve(Matrix.identity(2), Float64Array.of(1, Number.POSITIVE_INFINITY)),
      'ERR_NOT_FINITE',
      /B\[1\]\[0\] but received Infinity/,
    )
    await assertFails(() => solve(Matrix.zeros(2, 3), b), 'ERR_SHAPE', /square/)
    await assertFails(() => solve(Matrix.identity(3), b), 'ERR_SHAPE', /3 elements for B/)
    await assertFails(
      () => solve(Matrix.identity(3), Matrix.zeros(2, 2)),
      'ERR_SHAPE',
      /3 rows for B/,
    )
    await assertFails(
      () => solve(Matrix.identity(2), b, { asume: 'auto' } as never),
      'ERR_INVALID_ARGUMENT',
      /did you mean "assume"/,
    )
    await assertFails(
      () => solve(Matrix.identity(2), b, { assume: 'spd' as never }),
      'ERR_INVALID_ARGUMENT',
      /one of "auto"/,
    )
    await assertFails(
      () =>
        solveTriangular(
          Matrix.from([
            [1, 0],
            [5, 0],
          ]),
          b,
        ),
      'ERR_SINGULAR',
      /row 1/,
    )
    await assertFails(
      () => solveBanded(Matrix.zeros(2, 2), b, { below: 1, above: 1 }),
      'ERR_SHAPE',
      /3 rows for bands/,
    )
    await assertFails(
      () => solveBanded(Matrix.zeros(3, 2), b, { below: 1, above: 1 }),
      'ERR_SINGULAR',
      /row 0/,
    )
    await assertFails(() => solveTridiagonal(b, b, b, b), 'ERR_SHAPE', /1 elements for below/)
    await assertFails(() => lstsq(Matrix.zeros(3, 2), b), 'ERR_SHAPE', /3 elements for B/)
  })

  it('a running one can be aborted', async () => {
    const A = Matrix.random(1500, 1500, { seed: 1, symmetric: true })
    const reason = new Error('enough')
    await assert.rejects(
      solve(A, new Float64Array(1500), abortsItself(reason)),
      (error) => error === reason,
    )
  })
})

function fromPlain(
  { rows, columns, re, im }: ReturnType<typeof plain>,
  kind: (typeof kinds)[number],
) {
  const M = randomMatrix(rows, columns, kind, 0)
  re.forEach((x, k) => {
    if (isComplexKind(kind)) M.data.set([x, im[k] as number], 2 * k)
    else M.data[k] = x
  })
  return M
}
