import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { inv, invInfo, invInfoSync, invSync, Matrix, type Reals, SingularError } from 'numcore'
import { assertFails, bits } from './support/assertions.js'
import { distanceFromIdentity, invertReference, relativeError } from './support/reference.js'

/** A matrix by a formula for its elements; i and j count from 1, as in the literature. */
const byFormula = (n: number, element: (i: number, j: number) => number) =>
  Matrix.from(
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (__, j) => element(i + 1, j + 1)),
    ),
  )

const binomial = (n: number, k: number): number => (k === 0 ? 1 : (binomial(n - 1, k - 1) * n) / k)

describe('inv', () => {
  describe('of matrices whose inverse is known', () => {
    it('identity, diagonal, 1 x 1, 0 x 0', async () => {
      assert.ok((await inv(Matrix.identity(5))).equals(Matrix.identity(5)))
      // equals() takes 0 and -0 for the same.
      const diagonal = Matrix.from([
        [2, 0],
        [0, -4],
      ])
      assert.ok(
        (await inv(diagonal)).equals(
          Matrix.from([
            [0.5, 0],
            [0, -0.25],
          ]),
        ),
      )
      assert.deepEqual((await inv(Matrix.from([[8]]))).toArray(), [[0.125]])
      assert.equal((await inv(Matrix.zeros(0, 0))).data.length, 0)
    })

    it('min(i, j): tridiagonal 2, -1, and 1 in the last place', async () => {
      const n = 150
      const X = await inv(byFormula(n, Math.min))
      const expected = byFormula(n, (i, j) => {
        if (i === j) return i === n ? 1 : 2
        return Math.abs(i - j) === 1 ? -1 : 0
      })
      assert.ok(relativeError(X.data, expected.data) < 1e-11)
    })

    it('Pascal: an integer inverse with alternating signs', async () => {
      const n = 10
      const A = byFormula(n, (i, j) => binomial(i + j - 2, j - 1))
      // Known: (A^-1)_ij = (-1)^(i+j) sum_k C(k, i) C(k, j), indices from 0.
      const expected = byFormula(n, (i, j) => {
        let sum = 0
        for (let k = Math.max(i, j) - 1; k < n; k++) sum += binomial(k, i - 1) * binomial(k, j - 1)
        return (i + j) % 2 === 0 ? sum : -sum
      })
      const X = await inv(A)
      assert.ok(relativeError(X.data, expected.data) < 1e-7)
      assert.equal((await invInfo(A)).method, 'cholesky')
    })

    it('Hilbert: the digits lost are those that rcond announces', async () => {
      const n = 6
      const { inverse, rcond } = await invInfo(byFormula(n, (i, j) => 1 / (i + j - 1)))
      const expected = byFormula(n, (i, j) => {
        const sign = (i + j) % 2 === 0 ? 1 : -1
        return (
          sign *
          (i + j - 1) *
          binomial(n + i - 1, n - j) *
          binomial(n + j - 1, n - i) *
          binomial(i + j - 2, i - 1) ** 2
        )
      })
      // Higham, Accuracy and Stability, section 28.1: kappa_1 of order 6 is 2.9e7.
      assert.ok(Math.abs(1 / rcond / 2.907e7 - 1) < 1e-3, String(1 / rcond))
      assert.ok(relativeError(inverse.data, expected.data) < Number.EPSILON / rcond)
    })

    it('permutations and anti-diagonals, where every pivot is off the diagonal', async () => {
      for (const n of [2, 5, 64, 129]) {
        const A = byFormula(n, (i, j) => (i + j === n + 1 ? i : 0))
        const expected = byFormula(n, (i, j) => (i + j === n + 1 ? 1 / j : 0))
        const X = await inv(A)
        assert.ok(relativeError(X.data, expected.data) < 1e-15, `n = ${n}`)
      }
    })
  })

  describe('takes the route that fits', () => {
    const symmetric = Matrix.random(200, 200, { seed: 4, symmetric: true })

    it('positive definite', async () => {
      const { method, inertia } = await invInfo(byFormula(120, Math.min))
      assert.equal(method, 'cholesky')
      assert.deepEqual(inertia, { positive: 120, negative: 0, zero: 0 })
    })

    it('symmetric indefinite, with the signs of the eigenvalues', async () => {
      const { method, inertia } = await invInfo(symmetric)
      assert.ok(method === 'ldlt' || method === 'bunch-kaufman', method)
      assert.ok(inertia !== null && inertia.negative > 50 && inertia.zero === 0)
      assert.equal(inertia.positive + inertia.negative, 200)
      const diagonal = await invInfo(byFormula(100, (i, j) => (i === j ? (i <= 30 ? -i : i) : 0)))
      assert.deepEqual(diagonal.inertia, { positive: 70, negative: 30, zero: 0 })
    })

    it('general, also when one element differs by one bit', async () => {
      const A = symmetric.clone()
      A.set(3, 100, A.get(3, 100) * (1 + Number.EPSILON))
      const { method, inertia } = await invInfo(A)
      assert.equal(method, 'lu')
      assert.equal(inertia, null)
    })

    it('as told: symmetric reads the lower triangle only', async () => {
      const A = symmetric.clone()
      for (let i = 0; i < 200; i++) for (let j = i + 1; j < 200; j++) A.set(i, j, Number.NaN)
      const X = await inv(A, { assume: 'symmetric' })
      assert.ok(relativeError(X.data, (await inv(symmetric)).data) < 1e-9)
      assert.notEqual((await invInfo(symmetric, { assume: 'general' })).method, 'ldlt')
      assert.equal((await invInfo(symmetric, { assume: 'general' })).method, 'lu')
    })

    it('refuses a positive definite matrix that is none', async () => {
      const error = await assertFails(
        () => inv(symmetric, { assume: 'positive-definite' }),
        'ERR_NOT_POSITIVE_DEFINITE',
        /leading minor of order \d+ is not positive$/,
      )
      assert.ok(error instanceof SingularError && error.pivot > 0)
    })
  })

  it('agrees with the plain reference for many kinds and sizes', async () => {
    for (const n of [1, 2, 3, 7, 31, 64, 65, 97, 130]) {
      for (const symmetric of [false, true]) {
        const A = Matrix.random(n, n, { seed: 10 + n, symmetric })
        for (let i = 0; i < n; i++) A.set(i, i, A.get(i, i) - 0.5)
        const { inverse, rcond, residual, growth } = await invInfo(A)
        const error = relativeError(inverse.data, invertReference(A))
        assert.ok(error < (n * Number.EPSILON) / rcond, `n = ${n}: error ${error}, rcond ${rcond}`)
        assert.ok(distanceFromIdentity(A, inverse) < (10 * n * Number.EPSILON) / rcond)
        assert.ok(residual >= 0 && residual < 1, `residual ${residual}`)
        assert.ok(growth >= 0 && growth < 1e4)
      }
    }
  })

  it('gives symmetric inverses of symmetric matrices, to the last bit', async () => {
    const X = await inv(Matrix.random(301, 301, { seed: 2, symmetric: true }))
    for (let i = 0; i < 301; i++) for (let j = 0; j < i; j++) assert.equal(X.get(i, j), X.get(j, i))
  })

  it('computes the reciprocal condition exactly', async () => {
    const A = Matrix.random(90, 90, { seed: 6 })
    const { inverse, rcond } = await invInfo(A)
    const norm = ({ data }: Matrix) => {
      const sums = new Float64Array(90)
      data.forEach((value, i) => {
        sums[i % 90] = (sums[i % 90] as number) + Math.abs(value)
      })
      return Math.max(...sums)
    }
    const expected = 1 / (norm(A) * norm(inverse))
    assert.ok(Math.abs(rcond / expected - 1) < 1e-12)
  })

  it('works in single precision, with single precision’s accuracy', async () => {
    const A = Matrix.random(100, 100, { seed: 8, symmetric: true, type: 'float32' })
    const { inverse, rcond } = await invInfo(A)
    assert.ok(inverse.data instanceof Float32Array)
    const error = relativeError(inverse.data, invertReference(A))
    assert.ok(error < (100 * 2 ** -23) / rcond && error > 1e-9)
  })

  it('leaves its argument alone, or overwrites it, or fills the matrix given', async () => {
    for (const symmetric of [false, true]) {
      const A = Matrix.random(150, 150, { seed: 3, symmetric })
      const before = bits(A.data)
      const X = await inv(A)
      assert.equal(bits(A.data), before)
      const out = Matrix.zeros(150, 150)
      assert.equal(await inv(A, { out }), out)
      assert.equal(bits(out.data), bits(X.data))
      const result = invInfoSync(A, { overwrite: true })
      assert.equal(result.inverse.data, A.data)
      assert.equal(bits(A.data), bits(X.data))
    }
  })

  it('accepts a matrix that lost its class, as after a message between workers', async () => {
    const A = structuredClone({ ...Matrix.random(10, 10, { seed: 1 }) })
    assert.ok((await inv(A)) instanceof Matrix)
  })

  it('reads matrices in shared memory', async () => {
    const A = Matrix.random(50, 50, { seed: 1 })
    const shared = new Float64Array(new SharedArrayBuffer(A.data.byteLength))
    shared.set(A.data)
    assert.equal(bits((await inv(new Matrix(50, 50, shared))).data), bits((await inv(A)).data))
  })

  describe('gives the same bits', () => {
    const kinds: [string, Matrix<Reals>][] = [
      ['symmetric', Matrix.random(700, 700, { seed: 1, symmetric: true })],
      ['positive definite', byFormula(500, (i, j) => 0.9 ** Math.abs(i - j))],
      ['general', Matrix.random(600, 600, { seed: 1 })],
      ['single precision', Matrix.random(500, 500, { seed: 1, symmetric: true, type: 'float32' })],
    ]
    for (const [kind, A] of kinds) {
      it(`with 1, 2, 3, 4 and 8 threads and synchronously: ${kind}`, async () => {
        const expected = bits((await inv(A, { threads: 1 })).data)
        for (const threads of [2, 3, 4, 8]) {
          assert.equal(bits((await inv(A, { threads })).data), expected, `${threads} threads`)
        }
        assert.equal(bits(invSync(A, { threads: 2 }).data), expected, 'sync')
        assert.equal(bits(invSync(A, { threads: 1 }).data), expected, 'sync, 1 thread')
      })
    }
  })

  describe('refuses', () => {
    it('what is no matrix or not square', async () => {
      await assertFails(() => inv([[1]] as never), 'ERR_INVALID_ARGUMENT', /Matrix.from makes one/)
      await assertFails(
        () => inv(Matrix.zeros(2, 3)),
        'ERR_SHAPE',
        /^Expected a square matrix for A but received 2 x 3 of type Matrix$/,
      )
      await assertFails(
        () => invSync({ rows: 2, columns: 2, data: new Int32Array(4) } as never),
        'ERR_INVALID_ARGUMENT',
        /Matrix/,
      )
    })

    it('NaN and infinity, naming the place', async () => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        for (const n of [3, 200]) {
          const A = Matrix.random(n, n, { seed: 1 })
          A.set(2, 1, value)
          const message = new RegExp(
            `^Expected a finite number for A\\[2\\]\\[1\\] but received ${value} of type number$`,
          )
          const error = await assertFails(() => inv(A), 'ERR_NOT_FINITE', message)
          assert.equal((error as unknown as { index: number }).index, 2 * n + 1)
        }
      }
    })

    it('singular matrices, naming the pivot', async () => {
      const singular = [
        Matrix.zeros(4, 4),
        Matrix.from([
          [1, 2],
          [2, 4],
        ]),
        Matrix.from([
          [1, 2],
          [3, 6],
        ]),
        byFormula(100, (i, j) => (i === 60 || j === 60 ? 0 : i === j ? 2 : 1 / (i + j))),
      ]
      for (const A of singular) {
        for (const B of [A, Matrix.from(A.toArray(), { type: 'float32' })] as Matrix<Reals>[]) {
          const error = await assertFails(() => inv(B), 'ERR_SINGULAR', /no pivot in row \d+$/)
          assert.ok(error instanceof SingularError && error.pivot >= 0 && error.pivot < B.rows)
          await assertFails(() => inv(B, { assume: 'general' }), 'ERR_SINGULAR', /no pivot/)
        }
      }
    })

    it('a buffer that was transferred away', async () => {
      const A = Matrix.random(10, 10)
      structuredClone(A.data, { transfer: [A.data.buffer as ArrayBuffer] })
      await assertFails(
        () => inv(A),
        'ERR_SHAPE',
        /received 0 \(its buffer is detached\) of type Float64Array$/,
      )
    })

    it('an out that does not fit or shares memory', async () => {
      const A = Matrix.random(4, 4)
      await assertFails(
        () => inv(A, { out: Matrix.zeros(3, 3) }),
        'ERR_SHAPE',
        /4 x 4 matrix of float64 for out/,
      )
      await assertFails(
        () => inv(A, { out: Matrix.zeros(4, 4, { type: 'float32' }) as never }),
        'ERR_SHAPE',
        /float64/,
      )
      await assertFails(() => inv(A, { out: A }), 'ERR_INVALID_ARGUMENT', /shares no memory/)
      await assertFails(
        () => inv(A, { out: A, overwrite: true }),
        'ERR_INVALID_ARGUMENT',
        /beside overwrite/,
      )
      await assertFails(
        () => inv(A, { assume: 'spd' as never }),
        'ERR_INVALID_ARGUMENT',
        /one of "auto", "general"/,
      )
    })
  })

  it('warns, once a call, when no digit can be trusted', () => {
    const script = `
      import { inv, Matrix } from 'numcore'
      const n = 14
      const H = Matrix.from(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => 1 / (i + j + 1))))
      await inv(H).then((X) => console.log(X.rows), (error) => console.log(error.code))`
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    })
    // Order 14 is where Hilbert's matrix stops being invertible in doubles: a warning, or an error, never silence.
    assert.ok(
      stdout === 'ERR_SINGULAR\n' || /NUMCORE_ILL_CONDITIONED/.test(stderr),
      stdout + stderr,
    )
  })
})
