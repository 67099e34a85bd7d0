import assert from 'node:assert/strict'
import { assert as assertProperty, constantFrom, integer, nat, property, record } from 'fast-check'
import {
  ComplexMatrix,
  cond,
  condSync,
  eig,
  eigSync,
  eigh,
  eighSync,
  eigvals,
  eigvalsh,
  eigvalshSync,
  eigvalsSync,
  expm,
  expmSync,
  Matrix,
  matrixRank,
  norm,
  normSync,
  schur,
  sqrtm,
  sqrtmSync,
  svd,
  svdSync,
  svdvalsSync,
  trace,
} from 'numcore'
import {
  adjoint,
  askPython,
  asView,
  column,
  diagonalOf,
  distance,
  epsilonOf,
  identityOf,
  isComplexKind,
  kinds,
  masked,
  type Plain,
  plain,
  randomHermitian,
  randomMatrix,
  times,
} from './support/algebra.js'
import { assertFails } from './support/assertions.js'

const seed = Number(process.env['NUMCORE_SEED'] ?? 20261125)
const orders = [0, 1, 2, 3, 10, 33, 70]

/** diag of complex numbers given as pairs. */
function complexDiagonal(values: ArrayLike<number>): Plain {
  const { rows: n, re, im } = column(values, true)
  const D = diagonalOf(re)
  im.forEach((x, i) => {
    D.im[i * n + i] = x
  })
  return D
}

describe('eigenvalues and singular values', () => {
  it('eigh: A V = V diag(values), V orthonormal, values rising', async () => {
    for (const kind of kinds) {
      for (const n of orders) {
        const A = randomHermitian(n, kind, n)
        const { values, vectors } = await eigh(A)
        const tolerance = 60 * (n + 1) * epsilonOf(kind)
        assert.ok(
          distance(times(A, vectors), times(vectors, diagonalOf(values))) <= tolerance,
          `${kind} ${n}`,
        )
        assert.ok(distance(times(adjoint(vectors), vectors), identityOf(n)) <= tolerance)
        for (let i = 1; i < n; i++) assert.ok((values[i - 1] as number) <= (values[i] as number))
        assert.ok(distance(column(await eigvalsh(A)), column(values)) <= tolerance)
        if (n < 3) continue
        const some = eighSync(A, { indices: [1, n - 2] })
        assert.equal(some.vectors.columns, n - 2)
        assert.ok(distance(column(some.values), column(values.slice(1, n - 1))) <= tolerance)
        assert.ok(
          distance(times(A, some.vectors), times(some.vectors, diagonalOf(some.values))) <=
            tolerance,
        )
        const middle = (((values[0] as number) + (values[1] as number)) / 2) as number
        const above = eigvalshSync(A, { between: [middle, 1e6] })
        assert.equal(above.length, n - 1)
      }
    }
    const spoiled = randomHermitian(8, 'float64', 2) as Matrix
    const expected = eigvalshSync(spoiled)
    for (let i = 0; i < 8; i++) for (let j = i + 1; j < 8; j++) spoiled.set(i, j, Number.NaN)
    assert.equal(distance(column(eigvalshSync(spoiled)), column(expected)), 0)
  })

  it('eig: A V = V diag(values), columns of length 1; companion matrices have the roots', async () => {
    for (const kind of kinds) {
      for (const n of orders) {
        const A = randomMatrix(n, n, kind, n + 1)
        const { values, vectors } = await eig(A)
        const tolerance = 500 * (n + 1) * epsilonOf(kind)
        assert.ok(
          distance(times(A, vectors), times(vectors, complexDiagonal(values))) <= tolerance,
          `${kind} ${n}`,
        )
        const squares = plain(times(adjoint(vectors), vectors)).re
        for (let i = 0; i < n; i++)
          assert.ok(Math.abs((squares[i * n + i] as number) - 1) < tolerance)
        assert.equal((await eigvals(A)).length, 2 * n)
      }
    }
    // (x - 1)(x - 2)(x - 3) and x^2 + 1
    const roots = eigvalsSync(
      Matrix.from([
        [6, -11, 6],
        [1, 0, 0],
        [0, 1, 0],
      ]),
    )
    assert.ok(
      distance(column([1, 2, 3]), column([...roots].filter((_, i) => i % 2 === 0).sort())) < 1e-12,
    )
    const { values } = eigSync(
      Matrix.from([
        [0, -1],
        [1, 0],
      ]),
    )
    assert.ok(distance(column(values, true), column([0, 1, 0, -1], true)) < 1e-15)
  })

  it('svd: A = U S V^H, thin and full, of every shape and type', () => {
    const size = integer({ min: 0, max: 40 })
    const cases = record({
      m: size,
      n: size,
      kind: constantFrom(...kinds),
      full: constantFrom(true, false),
      seed: nat(),
    })
    assertProperty(
      property(cases, ({ m, n, kind, full, seed: from }) => {
        const A = randomMatrix(m, n, kind, from)
        const { u, s, vt } = svdSync(A, { full })
        const k = Math.min(m, n)
        const tolerance = 60 * (m + n + 1) * epsilonOf(kind)
        assert.deepEqual(
          [u.rows, u.columns, s.length, vt.rows, vt.columns],
          [m, full ? m : k, k, full ? n : k, n],
        )
        assert.ok(distance(times(adjoint(u), u), identityOf(u.columns)) <= tolerance)
        assert.ok(distance(times(vt, adjoint(vt)), identityOf(vt.rows)) <= tolerance)
        const S = plain(Matrix.zeros(u.columns, vt.rows))
        s.forEach((x, i) => {
          S.re[i * vt.rows + i] = x
        })
        if (k > 0) assert.ok(distance(times(u, S, vt), A) <= tolerance)
        for (let i = 0; i < k; i++) assert.ok((s[i] as number) >= (s[i + 1] ?? 0))
        assert.ok(distance(column(svdvalsSync(A)), column(s)) <= tolerance)
      }),
      { seed, numRuns: 150 },
    )
    const V = asView(randomMatrix(6, 9, 'float64', 5) as Matrix<Float64Array>, 'transposed')
    assert.ok(
      distance(column(svdvalsSync(V)), column(svdvalsSync(randomMatrix(6, 9, 'float64', 5)))) <
        1e-14,
    )
  })

  it('schur: A = Z T Z^H', async () => {
    for (const kind of kinds) {
      for (const n of orders) {
        const A = randomMatrix(n, n, kind, n + 4)
        const { t, z, values } = await schur(A)
        const tolerance = 300 * (n + 1) * epsilonOf(kind)
        assert.ok(distance(times(z, t, adjoint(z)), A) <= tolerance, `${kind} ${n}`)
        assert.ok(distance(times(adjoint(z), z), identityOf(n)) <= tolerance)
        const below = isComplexKind(kind) ? 0 : 1
        assert.equal(
          distance(
            t,
            masked(t, (i, j) => i <= j + below),
          ),
          0,
        )
        assert.equal(values.length, 2 * n)
      }
    }
  })

  it('expm: known values, e^A e^-A = I, and large norms', async () => {
    const turn = await expm(
      Matrix.from([
        [0, -1.25],
        [1.25, 0],
      ]),
    )
    const [c, s] = [Math.cos(1.25), Math.sin(1.25)]
    assert.ok(
      distance(
        turn,
        Matrix.from([
          [c, -s],
          [s, c],
        ]),
      ) < 1e-15,
    )
    const far = expmSync(
      Matrix.from([
        [-40, 0, 0],
        [0, 1e-3, 0],
        [0, 0, 30],
      ]),
    )
    for (const [i, x] of [-40, 1e-3, 30].entries())
      assert.ok(Math.abs(far.get(i, i) / Math.exp(x) - 1) < 1e-12)
    for (const kind of kinds) {
      for (const [n, size] of [
        [0, 1],
        [1, 1],
        [5, 0.005],
        [5, 0.05],
        [6, 0.2],
        [6, 0.4],
        [9, 1],
        [20, 3],
      ] as const) {
        const A = randomMatrix(n, n, kind, n)
        A.data.forEach((x, i) => {
          A.data[i] = x * size
        })
        const minus = A.clone()
        minus.data.forEach((x, i) => {
          minus.data[i] = -x
        })
        const [plus, back] = [await expm(A), expmSync(minus)]
        const largest = (M: typeof A) => Math.max(1, ...Array.from(M.data, Math.abs))
        const tolerance = 100 * (n + 1) * epsilonOf(kind) * largest(plus) * largest(back)
        assert.ok(distance(times(plus, back), identityOf(n)) <= tolerance, `${kind} ${n} ${size}`)
      }
    }
  })

  it('sqrtm: X X = A, and says where there is no real one', async () => {
    for (const kind of kinds) {
      for (const n of [0, 1, 2, 12, 40]) {
        const M = randomMatrix(n, n, kind, n)
        const parts = isComplexKind(kind) ? 2 : 1
        for (let i = 0; i < n; i++) (M.data[parts * (i * n + i)] as number) += 2 * n
        const X = await sqrtm(M)
        assert.ok(
          distance(times(X, X), M) <= 300 * (n + 1) ** 1.5 * epsilonOf(kind),
          `${kind} ${n}`,
        )
      }
    }
    const negative = Matrix.from([
      [-4, 0],
      [0, 9],
    ])
    await assertFails(
      () => sqrtm(negative),
      'ERR_INVALID_ARGUMENT',
      /^Expected a matrix with a real square root/,
    )
    const X = sqrtmSync(ComplexMatrix.from(negative))
    assert.ok(distance(times(X, X), negative) < 1e-14)
    assert.ok(Math.abs(X.get(0, 0).im - 2) < 1e-15)
    await assertFails(
      () =>
        sqrtm(
          Matrix.from([
            [0, 1],
            [0, 0],
          ]),
        ),
      'ERR_SINGULAR',
      /./,
    )
    assert.ok((await sqrtm(Matrix.zeros(3, 3))).equals(Matrix.zeros(3, 3)))
  })

  it('norms, condition, rank and trace', async () => {
    const A = Matrix.from([
      [1, -2, 3],
      [4, 0, -6],
    ])
    const expected = { fro: Math.sqrt(66), 1: 9, '-1': 2, Infinity: 10, '-Infinity': 6 }
    for (const [key, value] of Object.entries(expected)) {
      const order = key === 'fro' ? 'fro' : Number(key)
      assert.ok(Math.abs((await norm(A, { order })) - value) < 1e-14, key)
    }
    const s = svdvalsSync(A)
    assert.equal(normSync(A, { order: 2 }), s[0])
    assert.equal(normSync(A, { order: -2 }), s[1])
    assert.equal(normSync(A, { order: 'nuc' }), (s[0] as number) + (s[1] as number))
    const x = Float64Array.of(3, 0, -4)
    const vector = { 2: 5, 1: 7, 0: 2, Infinity: 4, '-Infinity': 0, 3: Math.cbrt(91) }
    for (const [order, value] of Object.entries(vector)) {
      assert.ok(Math.abs(normSync(x, { order: Number(order) }) - value) < 1e-14, order)
    }
    assert.equal(normSync(Float64Array.of(3, 4, 0, 0), { complex: true }), 5)
    assert.ok(Number.isNaN(normSync(Matrix.from([[1, Number.NaN]]), { order: 1 })))
    const D = Matrix.from([
      [1, 0],
      [0, 0.25],
    ])
    for (const order of [2, 1, Number.POSITIVE_INFINITY]) assert.equal(await cond(D, { order }), 4)
    assert.equal(condSync(D, { order: -2 }), 0.25)
    assert.ok(
      Math.abs(condSync(D, { order: 'fro' }) - Math.sqrt(1 + 1 / 16) * Math.sqrt(17)) < 1e-14,
    )
    assert.equal(
      await cond(
        Matrix.from([
          [1, 2],
          [2, 4],
        ]),
        { order: 1 },
      ),
      Number.POSITIVE_INFINITY,
    )
    const low = Matrix.from(
      times(randomMatrix(9, 3, 'float64', 1), randomMatrix(3, 7, 'float64', 2)).re.reduce<
        number[][]
      >((rows, v, k) => {
        if (k % 7 === 0) rows.push([])
        rows.at(-1)?.push(v)
        return rows
      }, []),
    )
    assert.equal(await matrixRank(low), 3)
    assert.equal(await matrixRank(Matrix.zeros(3, 2)), 0)
    assert.equal(
      await matrixRank(
        Matrix.from([
          [1, 0],
          [0, 1e-3],
        ]),
        { tolerance: 0.01 },
      ),
      1,
    )
    assert.equal(trace(A), 1)
    assert.equal(trace(A.transpose()), 1)
    assert.deepEqual(
      trace(
        ComplexMatrix.from([
          [[1, 2], 0],
          [0, [3, -5]],
        ]),
      ),
      { re: 4, im: -3 },
    )
  })

  it('agrees with NumPy and SciPy', function () {
    const A = randomMatrix(6, 6, 'float64', 1) as Matrix
    const S = randomHermitian(6, 'float64', 2) as Matrix
    const answer = askPython(
      `
import json, sys, numpy as np, scipy.linalg as sl
d = json.load(sys.stdin); a, s = np.array(d["a"]), np.array(d["s"])
w = np.linalg.eigvals(a)
norms = [np.linalg.norm(a, k) for k in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)]
conds = [np.linalg.cond(a, k) for k in ("fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf)]
print(json.dumps({"h": np.linalg.eigvalsh(s).tolist(), "w": sorted([x.real, x.imag] for x in w),
  "sv": np.linalg.svd(a)[1].tolist(), "e": sl.expm(a).tolist(), "q": sl.sqrtm(s @ s).real.tolist(), "norms": norms, "conds": conds}))`,
      { a: A.toArray(), s: S.toArray() },
    ) as Record<string, number[] & number[][]> | undefined
    if (answer === undefined) return this.skip()
    const get = (name: string) => answer[name] as number[] & number[][]
    assert.ok(distance(column(eigvalshSync(S)), column(get('h'))) < 1e-13)
    const w = eigvalsSync(A)
    const sorted = Array.from({ length: 6 }, (_, i) => [w[2 * i] as number, w[2 * i + 1] as number])
    sorted.sort(
      (x, y) => (x[0] as number) - (y[0] as number) || (x[1] as number) - (y[1] as number),
    )
    assert.ok(distance(Matrix.from(sorted), Matrix.from(get('w'))) < 1e-12)
    assert.ok(distance(column(svdvalsSync(A)), column(get('sv'))) < 1e-13)
    assert.ok(distance(expmSync(A), Matrix.from(get('e'))) < 1e-12)
    assert.ok(distance(sqrtmSync(Matrix.from(rows(times(S, S)))), Matrix.from(get('q'))) < 1e-11)
    const kindsOfNorm = [
      'fro',
      'nuc',
      1,
      -1,
      2,
      -2,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ] as const
    kindsOfNorm.forEach((order, i) => {
      assert.ok(
        Math.abs(normSync(A, { order }) - (get('norms')[i] as number)) < 1e-13,
        `norm ${order}`,
      )
      const c = get('conds')[i] as number
      assert.ok(Math.abs(condSync(A, { order }) / c - 1) < 1e-11, `cond ${order}`)
    })
  })

  it('refuses NaN, shapes and options that make no sense', async () => {
    const bad = Matrix.from([
      [1, 2],
      [Number.NaN, 1],
    ])
    for (const f of [eigh, eig, svd, schur, expm, sqrtm]) {
      await assertFails(() => f(bad), 'ERR_NOT_FINITE', /A\[1\]\[0\] but received NaN/)
    }
    const wide = Matrix.zeros(2, 3)
    for (const f of [eigh, eigvalsh, eig, eigvals, schur, expm, sqrtm]) {
      await assertFails(() => f(wide), 'ERR_SHAPE', /square/)
    }
    await assertFails(() => cond(wide, { order: 1 }), 'ERR_SHAPE', /square/)
    await assertFails(
      () => norm(wide, { order: 3 }),
      'ERR_INVALID_ARGUMENT',
      /for order but received 3/,
    )
    const I = Matrix.identity(3)
    await assertFails(() => eigh(I, { indices: [0, 3] }), 'ERR_INVALID_ARGUMENT', /indices\[1\]/)
    await assertFails(() => eigh(I, { between: [2, 1] }), 'ERR_INVALID_ARGUMENT', /between/)
    await assertFails(
      () => eigh(I, { indeces: [0, 1] } as never),
      'ERR_INVALID_ARGUMENT',
      /did you mean "indices"/,
    )
    await assertFails(
      () => svd(I, { ful: true } as never),
      'ERR_INVALID_ARGUMENT',
      /did you mean "full"/,
    )
    await assertFails(() => matrixRank(I, { tolerance: -1 }), 'ERR_INVALID_ARGUMENT', /tolerance/)
  })
})

const rows = ({ rows: m, columns, re }: Plain) =>
  Array.from({ length: m }, (_, i) => Array.from(re.subarray(i * columns, (i + 1) * columns)))
