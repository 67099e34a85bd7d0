import assert from 'node:assert/strict'
import { assert as assertProperty, constantFrom, integer, nat, property, record } from 'fast-check'
import {
  cholesky,
  choleskySync,
  ComplexMatrix,
  detSync,
  type Factor,
  ldl,
  ldlSync,
  lu,
  luSync,
  Matrix,
  qr,
  qrSync,
  type Reals,
  slogdet,
  slogdetSync,
} from 'numcore'
import {
  adjoint,
  asView,
  askPython,
  column,
  distance,
  epsilonOf,
  identityOf,
  isComplexKind,
  kinds,
  masked,
  permuted,
  plain,
  randomHermitian,
  randomMatrix,
  times,
  transposeOf,
} from './support/algebra.js'
import { assertFails, bits } from './support/assertions.js'

const seed = Number(process.env['NUMCORE_SEED'] ?? 20261125)
const orders = [0, 1, 2, 3, 7, 47, 48, 49, 95, 97, 130]

/** P A P^T. */
const reordered = (A: Factor, order: Int32Array) =>
  transposeOf(permuted(transposeOf(permuted(A, order)), order))

describe('factorisations', () => {
  it('cholesky: A = L L^H, L lower triangular', async () => {
    for (const kind of kinds) {
      for (const n of orders) {
        const A = randomHermitian(n, kind, n, 4 * n + 1)
        const { l } = await cholesky(A)
        assert.equal(
          distance(
            l,
            masked(l, (i, j) => i >= j),
          ),
          0,
        )
        const error = distance(times(l, adjoint(l)), A)
        assert.ok(error <= 20 * (n + 1) * epsilonOf(kind), `${kind} ${n}: ${error}`)
      }
    }
  })

  it('ldl: P A P^T = L D L^H for indefinite matrices of every size and type', async () => {
    for (const kind of kinds) {
      for (const n of [...orders, 200]) {
        const A = randomHermitian(n, kind, n)
        const F = await ldl(A)
        assert.equal(
          distance(
            F.l,
            masked(F.l, (i, j) => i >= j),
          ),
          0,
        )
        const error = distance(times(F.l, F.d, adjoint(F.l)), reordered(A, F.permutation))
        assert.ok(error <= 100 * (n + 1) * epsilonOf(kind), `${kind} ${n} ${F.method}: ${error}`)
        assert.ok(F.inertia !== null)
        assert.equal(F.inertia.positive + F.inertia.negative + F.inertia.zero, n)
        assert.equal(F.method, isComplexKind(kind) ? 'bunch-kaufman' : 'ldlt')
      }
    }
    const S = randomMatrix(9, 9, 'complex128', 3) as ComplexMatrix
    const A = ComplexMatrix.from(S)
    for (let i = 0; i < 9; i++) for (let j = 0; j < i; j++) A.set(j, i, A.get(i, j))
    const F = ldlSync(A, { hermitian: false })
    assert.equal(F.inertia, null)
    assert.ok(distance(times(F.l, F.d, transposeOf(F.l)), reordered(A, F.permutation)) < 1e-12)
    const X = F.solveSync(S)
    assert.ok(distance(times(A, X), S) < 1e-11)
  })

  it('ldl: columns that a block refuses, several blocks long, and the way back to LAPACK', async () => {
    // Graded so that a block's own pivots are small against what stands below: many columns have to wait.
    for (const [n, decades] of [
      [300, 1],
      [500, 0.5],
      [700, 0],
    ] as const) {
      const A = randomHermitian(n, 'float64', n) as Matrix
      const scale = (i: number) => 10 ** ((decades * i) / n)
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) A.set(i, j, A.get(i, j) * scale(i) * scale(j))
      const F = await ldl(A)
      const error = distance(times(F.l, F.d, transposeOf(F.l)), reordered(A, F.permutation))
      assert.ok(error <= 1e3 * n * Number.EPSILON * scale(n) ** 2, `${n} ${F.method}: ${error}`)
      assert.equal(F.method, 'ldlt')
      const again = await ldl(A, { threads: 1 })
      assert.equal(bits(again.l.data), bits(F.l.data), 'bits depend on the threads')
    }
    // A zero block as large as half the matrix: pivots lie across blocks, and only LAPACK finds them.
    const n = 120
    const A = Matrix.zeros(n, n)
    const B = randomMatrix(n / 2, n / 2, 'float64', 5) as Matrix
    A.block(n / 2, 0, n / 2, n / 2).assign(B)
    A.block(0, n / 2, n / 2, n / 2).assign(B.transpose())
    const F = ldlSync(A)
    assert.equal(F.method, 'bunch-kaufman')
    assert.deepEqual(F.inertia, { positive: n / 2, negative: n / 2, zero: 0 })
    assert.ok(distance(times(F.l, F.d, transposeOf(F.l)), reordered(A, F.permutation)) < 1e-11)
  })

  it('lu: P A = L U', async () => {
    for (const kind of kinds) {
      for (const n of orders) {
        const A = randomMatrix(n, n, kind, n)
        const F = await lu(A)
        assert.equal(
          distance(
            F.u,
            masked(F.u, (i, j) => i <= j),
          ),
          0,
        )
        for (let i = 0; i < n; i++) assert.deepEqual(plain(F.l).re[i * n + i], 1)
        const error = distance(times(F.l, F.u), permuted(A, F.permutation))
        assert.ok(error <= 20 * (n + 1) * epsilonOf(kind), `${kind} ${n}: ${error}`)
        assert.ok(plain(F.l).re.every((x) => Math.abs(x) <= 1.5))
      }
    }
  })

  it('lu of rectangular matrices: P A = L U, which cannot be solved with', async () => {
    for (const kind of kinds) {
      for (const [m, n] of [
        [1, 4],
        [5, 2],
        [40, 33],
        [33, 70],
        [0, 3],
        [3, 0],
      ] as const) {
        const A = randomMatrix(m, n, kind, m)
        for (const given of 'complex' in A ? [A] : [A, asView(A, 'transposed')]) {
          const F = await lu(given)
          const { l, u, p } = F
          const k = Math.min(m, n)
          assert.deepEqual([l.rows, l.columns, u.rows, u.columns, p.rows], [m, k, k, n, m])
          const error = distance(times(l, u), permuted(A, F.permutation))
          assert.ok(error <= 20 * (k + 1) * epsilonOf(kind), `${kind} ${m} x ${n}: ${error}`)
          assert.ok(distance(times(p, l, u), A) <= 20 * (k + 1) * epsilonOf(kind))
          assert.equal(
            distance(
              l,
              masked(l, (i, j) => i >= j),
            ),
            0,
          )
          assert.equal(
            distance(
              u,
              masked(u, (i, j) => i <= j),
            ),
            0,
          )
        }
      }
    }
    const F = luSync(randomMatrix(2, 3, 'float64', 1))
    const square = /^Expected a square matrix for A but received 2 x 3 of type Matrix$/
    await assertFails(() => F.solve(new Float64Array(2)), 'ERR_SHAPE', square)
    await assertFails(() => F.solveSync(new Float64Array(2)), 'ERR_SHAPE', square)
    await assertFails(() => F.inverse(), 'ERR_SHAPE', square)
    await assertFails(() => F.rcond(), 'ERR_SHAPE', square)
    await assertFails(() => F.det(), 'ERR_SHAPE', square)
    await assertFails(() => F.slogdet(), 'ERR_SHAPE', square)
  })

  it('qr: A = Q R, Q^H Q = I, thin and full, with and without pivoting', () => {
    const size = integer({ min: 0, max: 60 })
    const cases = record({
      m: size,
      n: size,
      kind: constantFrom(...kinds),
      mode: constantFrom('thin' as const, 'full' as const),
      pivoting: constantFrom(true, false),
      seed: nat(),
    })
    assertProperty(
      property(cases, ({ m, n, kind, mode, pivoting, seed: from }) => {
        const A = randomMatrix(m, n, kind, from)
        const { q, r, permutation } = qrSync(A, { mode, pivoting })
        const k = mode === 'full' ? m : Math.min(m, n)
        assert.deepEqual([q.rows, q.columns, r.rows, r.columns], [m, k, k, n])
        const tolerance = 60 * (m + n + 1) * epsilonOf(kind)
        assert.ok(distance(times(adjoint(q), q), identityOf(k)) <= tolerance)
        assert.equal(
          distance(
            r,
            masked(r, (i, j) => i <= j),
          ),
          0,
        )
        assert.equal(permutation !== null, pivoting)
        const order = permutation ?? Int32Array.from({ length: n }, (_, i) => i)
        assert.ok(distance(times(q, r), transposeOf(permuted(transposeOf(A), order))) <= tolerance)
        if (!pivoting) return
        const { re, im } = plain(r)
        const diagonal = Array.from({ length: Math.min(k, n) }, (_, i) =>
          Math.hypot(re[i * n + i] as number, im[i * n + i] as number),
        )
        diagonal.reduce((last, next) => {
          assert.ok(next <= last * (1 + 1e-3))
          return next
        }, Number.POSITIVE_INFINITY)
      }),
      { seed, numRuns: 150 },
    )
  })

  it('objects solve, invert, and know determinant and condition', async () => {
    for (const kind of kinds) {
      for (const n of [1, 2, 6, 50, 110]) {
        const complex = isComplexKind(kind)
        const H = randomHermitian(n, kind, 3 * n, 2 * n + 2)
        const S = randomHermitian(n, kind, 5 * n)
        const G = randomMatrix(n, n, kind, 7 * n)
        const B = randomMatrix(n, 5, kind, 9 * n)
        const b = B.data.slice(0, (complex ? 2 : 1) * n)
        const loose = 3e3 * n * epsilonOf(kind)
        for (const [A, F] of [
          [H, await cholesky(H)],
          [S, ldlSync(S)],
          [G, await lu(G)],
          [G, await qr(G)],
          [G, qrSync(G, { pivoting: true })],
        ] as const) {
          const what = `${F.constructor.name} ${kind} ${n}`
          const rcond = await F.rcond()
          assert.ok(rcond > 0 && rcond <= 1, `${what} ${rcond}`)
          assert.equal(F.rcondSync(), rcond)
          const X = await F.solve(B)
          assert.ok(distance(times(A, X), B) <= loose / rcond ** 0.5, what)
          assert.ok(distance(F.solveSync(B), X) === 0, what)
          const x = F.solveSync(b)
          assert.ok(
            distance(times(A, column(x as Reals, complex)), column(b, complex)) <=
              loose / rcond ** 0.5,
            what,
          )
          assert.ok(
            distance(times(A, await F.inverse()), identityOf(n)) <= loose / rcond ** 0.5,
            what,
          )
          // Against LU's, which the next test compares with the definition.
          const logs = F.slogdet().logdet - slogdetSync(A).logdet
          assert.ok(Math.abs(logs) <= (20 * n * epsilonOf(kind)) / rcond, `${what}: ${logs}`)
        }
      }
    }
  })

  it('det and slogdet by their definition; huge ones do not overflow', async () => {
    const A = Matrix.from([
      [2, 7, 1],
      [8, 2, 8],
      [1, 8, 2],
    ])
    const expected = 2 * (4 - 64) - 7 * (16 - 8) + (64 - 2)
    const close = (x: number) => assert.ok(Math.abs(x - expected) < 1e-12, String(x))
    close(detSync(A))
    close(luSync(A).det())
    close(qrSync(A).det())
    close(qrSync(A, { pivoting: true }).det())
    const { sign, logdet } = await slogdet(A)
    close(sign * Math.exp(logdet))
    assert.equal(
      choleskySync(
        Matrix.from([
          [4, 2],
          [2, 5],
        ]),
      ).det(),
      16,
    )
    assert.equal(
      ldlSync(
        Matrix.from([
          [0, 3],
          [3, 0],
        ]),
      ).det(),
      -9,
    )
    // (1 + i)(2) - (i)(3) = 2 - i
    const Z = ComplexMatrix.from([
      [
        [1, 1],
        [0, 1],
      ],
      [3, 2],
    ])
    for (const value of [detSync(Z), qrSync(Z).det()]) {
      assert.ok(Math.hypot(value.re - 2, value.im + 1) < 1e-14, JSON.stringify(value))
    }
    const H = ComplexMatrix.from([
      [1, [2, 3]],
      [[2, -3], 1],
    ])
    const d = ldlSync(H).det() // 1 - 13
    assert.ok(Math.abs(d.re + 12) < 1e-13 && Math.abs(d.im) < 1e-13)
    const big = Matrix.identity(400)
    for (let i = 0; i < 400; i++) big.set(i, i, i % 2 ? -1e3 : 1e3)
    assert.equal(slogdetSync(big).sign, 1)
    assert.ok(Math.abs(slogdetSync(big).logdet - 400 * Math.log(1e3)) < 1e-9)
    assert.equal(detSync(big), Number.POSITIVE_INFINITY)
    const empty = slogdetSync(Matrix.zeros(0, 0))
    assert.deepEqual([detSync(Matrix.zeros(0, 0)), empty.sign, empty.logdet], [1, 1, 0])
    const zero = slogdetSync(Matrix.zeros(3, 3))
    assert.deepEqual([zero.sign, zero.logdet], [0, Number.NEGATIVE_INFINITY])
    const odd = slogdetSync(
      Matrix.from([
        [0, 1, 2],
        [1, 0, 0],
        [1, 0, 0],
      ]),
    )
    assert.ok(Object.is(odd.sign, 0))
    for (const n of [32, 33]) {
      const mixed = Matrix.identity(n)
      for (let i = 0; i < n; i++) mixed.set(i, i, i === 20 ? 0 : 1e200)
      assert.ok(Object.is(detSync(mixed), 0), `${n}`)
    }
    const huge = slogdetSync(ComplexMatrix.from([[[1.5e308, 1.5e308]]]))
    assert.ok(Math.abs(huge.logdet - Math.log(1.5e308) - Math.log(2) / 2) < 1e-12)
    assert.ok(Math.abs((huge.sign as { re: number }).re - Math.SQRT1_2) < 1e-15)
  })

  it('det and slogdet of every order and type are those of the LU factors', () => {
    for (const kind of kinds) {
      for (const n of [1, 2, 3, 4, 5, 8, 16, 31, 32, 33, 50]) {
        const A = randomMatrix(n, n, kind, n + 7)
        const F = luSync(A)
        const [own, known] = [detSync(A), F.det()].map((value) =>
          typeof value === 'number' ? { re: value, im: 0 } : value,
        ) as [{ re: number; im: number }, { re: number; im: number }]
        const error = Math.hypot(own.re - known.re, own.im - known.im)
        const size = Math.hypot(known.re, known.im)
        assert.ok(error <= 1e3 * n * epsilonOf(kind) * size, `${kind} ${n}: ${error} of ${size}`)
        const [one, two] = [slogdetSync(A), F.slogdet()]
        assert.ok(Math.abs(one.logdet - two.logdet) <= 1e3 * n * epsilonOf(kind))
        if ('complex' in A) continue
        const turned = detSync(asView(A, 'transposed'))
        assert.ok(Math.abs(turned - known.re) <= 1e3 * n * epsilonOf(kind) * size)
      }
    }
  })

  it('rcond agrees with the exact condition number to a factor of three', async () => {
    for (const n of [2, 5, 30, 80]) {
      const A = randomMatrix(n, n, 'float64', n) as Matrix
      const norm = (M: Factor) => {
        const { re, columns } = plain(M)
        const sums = new Float64Array(columns)
        re.forEach((x, k) => {
          ;(sums[k % columns] as number) += Math.abs(x)
        })
        return Math.max(...sums)
      }
      const F = await lu(A)
      const exact = 1 / norm(A) / norm(await F.inverse())
      const rcond = await F.rcond()
      assert.ok(rcond >= exact * 0.999 && rcond <= 3 * exact, `${rcond} for ${exact}`)
    }
  })

  it('agrees with SciPy', function () {
    const A = randomHermitian(6, 'float64', 2, 13) as Matrix
    const G = randomMatrix(6, 6, 'float64', 3) as Matrix
    const answer = askPython(
      `
import json, sys, numpy as np, scipy.linalg as sl
d = json.load(sys.stdin); a = np.array(d["a"]); g = np.array(d["g"])
p, l, u = sl.lu(g); q, r = np.linalg.qr(g); s = np.linalg.slogdet(g)
wide = [x.tolist() for x in sl.lu(g[:4])]; tall = [x.tolist() for x in sl.lu(g[:, :4])]
print(json.dumps({"l": np.linalg.cholesky(a).tolist(), "lu": (l @ u).tolist(), "u": u.tolist(),
  "order": p.argmax(axis=0).tolist(), "r": np.abs(r).tolist(), "sign": s[0], "logdet": s[1],
  "pivots": sl.qr(g, pivoting=True)[2].tolist(), "wide": wide, "tall": tall}))`,
      { a: A.toArray(), g: G.toArray() },
    ) as { [name: string]: never; logdet: never } | undefined
    if (answer === undefined) return this.skip()
    const matrix = (name: string) => Matrix.from(answer[name] as never)
    assert.ok(distance(choleskySync(A).l, matrix('l')) < 1e-13)
    const F = luSync(G)
    assert.ok(distance(F.u, matrix('u')) < 1e-13)
    for (const [name, block] of [
      ['wide', G.block(0, 0, 4)],
      ['tall', G.block(0, 0, 6, 4)],
    ] as const) {
      const { p, l, u } = luSync(block)
      for (const [i, part] of [p, l, u].entries()) {
        assert.ok(distance(part, Matrix.from(answer[name]?.[i] as never)) < 1e-13)
      }
    }
    assert.deepEqual(Array.from(F.permutation), answer['order'])
    const { sign, logdet } = F.slogdet()
    assert.equal(sign, answer['sign'])
    assert.ok(Math.abs(logdet - answer.logdet) < 1e-12)
    const { r } = qrSync(G)
    assert.ok(
      distance(Matrix.from(r.toArray().map((row) => row.map(Math.abs))), matrix('r')) < 1e-13,
    )
    assert.deepEqual(Array.from(qrSync(G, { pivoting: true }).permutation ?? []), answer['pivots'])
  })

  it('says where a matrix is singular, not positive definite, not finite, not square', async () => {
    const indefinite = Matrix.from([
      [4, 0, 0],
      [0, -1, 0],
      [0, 0, 1],
    ])
    await assertFails(
      () => cholesky(indefinite),
      'ERR_NOT_POSITIVE_DEFINITE',
      /leading minor of order 2 is not positive$/,
    )
    const singular = Matrix.from([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ])
    const F = await lu(singular)
    await assertFails(() => F.solve(new Float64Array(3)), 'ERR_SINGULAR', /no pivot in row 2$/)
    assert.equal(await F.rcond(), 0)
    const S = ldlSync(
      Matrix.from([
        [1, 2],
        [2, 4],
      ]),
    )
    assert.deepEqual(S.inertia, { positive: 1, negative: 0, zero: 1 })
    await assertFails(() => S.solveSync(new Float64Array(2)), 'ERR_SINGULAR', /no pivot in row/)
    await assertFails(
      () => qrSync(Matrix.zeros(2, 2)).solveSync(new Float64Array(2)),
      'ERR_SINGULAR',
      /singular/,
    )
    const A = Matrix.identity(3)
    A.set(2, 1, Number.NaN)
    for (const factor of [cholesky, ldl, lu, qr]) {
      await assertFails(
        () => factor(A),
        'ERR_NOT_FINITE',
        /^Expected a finite number for A\[2\]\[1\] but received NaN/,
      )
    }
    const Z = ComplexMatrix.identity(2)
    Z.set(1, 1, [0, Number.POSITIVE_INFINITY])
    await assertFails(() => lu(Z), 'ERR_NOT_FINITE', /A\[1\]\[1\] but received Infinity/)
    await assertFails(
      () => lu(Matrix.identity(2)).then((f) => f.solve(Float64Array.of(1, Number.NaN))),
      'ERR_NOT_FINITE',
      /B\[1\]\[0\]/,
    )
    await assertFails(() => ldl(Matrix.zeros(2, 3)), 'ERR_SHAPE', /square matrix for A/)
    await assertFails(
      () => luSync(Matrix.identity(2)).solveSync(new Float64Array(3)),
      'ERR_SHAPE',
      /2 elements for B/,
    )
    await assertFails(
      () => qrSync(Matrix.zeros(2, 3)).solveSync(new Float64Array(2)),
      'ERR_SHAPE',
      /at least as many rows/,
    )
    await assertFails(
      () => qr(A, { mod: 'thin' } as never),
      'ERR_INVALID_ARGUMENT',
      /did you mean "mode"/,
    )
    await assertFails(
      () => ldlSync(A, { hermitean: true } as never),
      'ERR_INVALID_ARGUMENT',
      /did you mean "hermitian"/,
    )
  })

  it('takes views, and right-hand sides of more precision', () => {
    const M = randomHermitian(20, 'float64', 4, 50) as Matrix<Reals>
    for (const how of ['transposed', 'block', 'spread'] as const) {
      const V = asView(M, how)
      assert.equal(distance(choleskySync(V).l, choleskySync(M).l), 0, how)
      assert.equal(distance(luSync(V).factors, luSync(M).factors), 0, how)
      assert.equal(distance(ldlSync(V).l, ldlSync(M).l), 0, how)
      assert.equal(distance(qrSync(V).r, qrSync(M).r), 0, how)
    }
    const single = randomMatrix(8, 8, 'float32', 1)
    const B = randomMatrix(8, 2, 'complex128', 2)
    const X = luSync(single).solveSync(B)
    assert.ok(X instanceof ComplexMatrix && X.type === 'complex128')
    assert.ok(distance(times(single, X), B) < 1e-4)
  })
})
