import assert from 'node:assert/strict'
import {
  type AnyStack,
  choleskyBatch,
  choleskyBatchSync,
  type ComplexMatrix,
  ComplexMatrixStack,
  detBatch,
  detBatchSync,
  detSync,
  eighBatch,
  eighBatchSync,
  invBatch,
  invBatchSync,
  Matrix,
  MatrixStack,
  matmulBatch,
  matmulBatchSync,
  type Reals,
  solveBatch,
  solveBatchSync,
  svdBatch,
  svdBatchSync,
} from 'numcore'
import {
  adjoint,
  column,
  diagonalOf,
  distance,
  epsilonOf,
  identityOf,
  isComplexKind,
  type Kind,
  kinds,
  randomHermitian,
  randomMatrix,
  times,
} from './support/algebra.js'
import { assertFails, bits } from './support/assertions.js'

const stackOf = (count: number, make: (i: number) => unknown) =>
  MatrixStack.from(Array.from({ length: count }, (_, i) => make(i) as Matrix<Reals>))

/** The same for matrices of either kind. */
function anyStackOf(kind: Kind, count: number, make: (i: number) => unknown): AnyStack {
  const matrices = Array.from({ length: count }, (_, i) => make(i))
  return isComplexKind(kind)
    ? ComplexMatrixStack.from(matrices as ComplexMatrix<Reals>[])
    : MatrixStack.from(matrices as Matrix<Reals>[])
}

describe('stacks of matrices', () => {
  for (const kind of kinds) {
    it(`every matrix gets its own result, whatever the order and the threads (${kind})`, async () => {
      for (const n of [1, 2, 3, 4, 7, 8, 9, 16, 17, 32, 33, 50]) {
        const count = n < 10 ? 300 : 20
        const A = anyStackOf(kind, count, (i) => randomMatrix(n, n, kind, 1000 * n + i))
        const S = anyStackOf(kind, count, (i) => randomHermitian(n, kind, 1000 * n + i, 4 * n + 2))
        const B = anyStackOf(kind, count, (i) => randomMatrix(n, 3, kind, 500 * n + i))
        const tolerance = 20 * n * n * epsilonOf(kind)
        const [X, Y, L, d] = [
          await invBatch(S),
          await solveBatch(S, B),
          await choleskyBatch(S),
          await detBatch(A),
        ]
        const { values, vectors } = await eighBatch(S)
        const products = await matmulBatch(A, B)
        for (let i = 0; i < count; i++) {
          const [a, s, b] = [A.at(i), S.at(i), B.at(i)]
          const what = `${kind} ${n} ${i}`
          assert.ok(distance(times(s, X.at(i)), identityOf(n)) <= tolerance, what)
          assert.ok(distance(times(s, Y.at(i)), b) <= tolerance, what)
          assert.ok(distance(times(L.at(i), adjoint(L.at(i))), s) <= tolerance * 4 * n, what)
          const known = detSync(a)
          const { re, im } = typeof known === 'number' ? { re: known, im: 0 } : known
          const own = column(
            isComplexKind(kind) ? d.subarray(2 * i, 2 * i + 2) : [d[i] as number],
            isComplexKind(kind),
          )
          const error = Math.hypot((own.re[0] as number) - re, (own.im[0] as number) - im)
          assert.ok(error <= tolerance * Math.max(1, Math.hypot(re, im)), what)
          const v = vectors.at(i)
          assert.ok(
            distance(times(s, v), times(v, diagonalOf(values.at(i).data))) <= tolerance * 6 * n,
            what,
          )
          assert.ok(distance(times(adjoint(v), v), identityOf(n)) <= tolerance)
          assert.ok(distance(products.at(i), times(a, b)) <= tolerance, what)
        }
        // General matrices need pivots: those of A are not positive definite.
        const inverse = invBatchSync(A)
        const solved = solveBatchSync(A, B)
        for (let i = 0; i < count; i++) {
          const loose = tolerance * Math.max(...Array.from(inverse.at(i).data, Math.abs)) * 5
          assert.ok(distance(times(A.at(i), inverse.at(i)), identityOf(n)) <= loose)
          assert.ok(distance(times(A.at(i), solved.at(i)), B.at(i)) <= loose * 3)
        }
        const same = (x: { data: Reals }, y: { data: Reals }) =>
          assert.equal(bits(x.data), bits(y.data))
        same(invBatchSync(S, { threads: 1 }), X)
        same(solveBatchSync(S, B, { threads: 1 }), Y)
        same(choleskyBatchSync(S, { threads: 1 }), L)
        same({ data: detBatchSync(A, { threads: 1 }) }, { data: d })
        same(eighBatchSync(S, { threads: 1 }).vectors, vectors)
        same(matmulBatchSync(A, B, { threads: 1 }), products)
      }
    })
  }

  it('svd of stacks of any shape', async () => {
    for (const [m, n, kind] of [
      [1, 1, 'float64'],
      [5, 3, 'float64'],
      [3, 5, 'complex128'],
      [5, 3, 'complex128'],
      [12, 12, 'float64'],
    ] as const) {
      const A = anyStackOf(kind, 30, (i) => randomMatrix(m, n, kind, i))
      const { u, s, vt } = await svdBatch(A)
      for (let i = 0; i < 30; i++) {
        assert.ok(distance(times(u.at(i), diagonalOf(s.at(i).data), vt.at(i)), A.at(i)) < 1e-13)
        assert.ok(distance(times(adjoint(u.at(i)), u.at(i)), identityOf(Math.min(m, n))) < 1e-13)
      }
      assert.equal(bits(svdBatchSync(A, { threads: 1 }).u.data), bits(u.data))
    }
  })

  it('one matrix times many, empty stacks, matrices of order 0', async () => {
    const A = stackOf(1, () =>
      Matrix.from([
        [1, 2],
        [3, 4],
      ]),
    )
    const B = stackOf(4, (i) => Matrix.from([[i], [1]]))
    assert.deepEqual(Array.from((await matmulBatch(A, B)).data), [2, 4, 3, 7, 4, 10, 5, 13])
    const flat = stackOf(1, () => Matrix.from([[1, 1]]))
    assert.deepEqual(Array.from((await matmulBatch(flat, B)).data), [1, 2, 3, 4])
    assert.equal((await invBatch(MatrixStack.zeros(0, 3, 3))).count, 0)
    assert.deepEqual(Array.from(await detBatch(MatrixStack.zeros(2, 0, 0))), [1, 1])
    assert.equal(MatrixStack.from([]).count, 0)
    // What LAPACK would complain of on standard output.
    const none = ComplexMatrixStack.zeros(2, 0, 0)
    assert.deepEqual(Array.from(await detBatch(none)), [1, 0, 1, 0])
    assert.equal((await choleskyBatch(none)).count, 2)
    assert.equal((await solveBatch(none, none)).count, 2)
    assert.deepEqual(
      [...B].map((M) => M.get(0, 0)),
      [0, 1, 2, 3],
    )
  })

  it('names the first matrix that is singular, not positive definite or not finite', async () => {
    const A = stackOf(500, (i) => randomMatrix(3, 3, 'float64', i + 1))
    A.at(321).fill(1)
    A.at(77).assign(
      Matrix.from([
        [1, 2, 3],
        [2, 4, 6],
        [1, 0, 0],
      ]),
    )
    for (const call of [() => invBatch(A), () => solveBatchSync(A, A)]) {
      await assertFails(
        call,
        'ERR_SINGULAR',
        /^Expected an invertible matrix for A\[77\] .* no pivot in row 2$/,
      )
    }
    assert.equal((await detBatch(A))[321], 0)
    const P = stackOf(50, () => Matrix.identity(2))
    P.at(30).set(1, 1, -1)
    await assertFails(
      () => choleskyBatch(P),
      'ERR_NOT_POSITIVE_DEFINITE',
      /A\[30\] .* minor of order 2/,
    )
    A.at(400).set(1, 2, Number.NaN)
    for (const f of [invBatch, detBatch, choleskyBatch, eighBatch, svdBatch]) {
      await assertFails(() => f(A), 'ERR_NOT_FINITE', /for A\[400\]\[1\]\[2\] but received NaN/)
    }
    const right = stackOf(50, () => Matrix.identity(2))
    right.at(7).set(1, 0, Number.POSITIVE_INFINITY)
    P.at(30).set(1, 1, 1)
    await assertFails(
      () => solveBatch(P, right),
      'ERR_NOT_FINITE',
      /for B\[7\]\[1\]\[0\] but received Infinity/,
    )
    await assertFails(
      () => invBatch(MatrixStack.zeros(2, 2, 3)),
      'ERR_SHAPE',
      /square matrices for A/,
    )
    await assertFails(
      () => invBatch(Matrix.identity(2) as never),
      'ERR_INVALID_ARGUMENT',
      /a MatrixStack or ComplexMatrixStack for A/,
    )
    const Z = ComplexMatrixStack.zeros(3, 2, 2)
    Z.at(0).assign(Matrix.identity(2))
    await assertFails(
      () => invBatch(Z),
      'ERR_SINGULAR',
      /^Expected an invertible matrix for A\[1\] .* of type ComplexMatrixStack: .* row 0$/,
    )
    Z.at(2).set(0, 1, [0, Number.NaN])
    for (const f of [invBatch, detBatch, choleskyBatch, eighBatch, svdBatch]) {
      await assertFails(() => f(Z), 'ERR_NOT_FINITE', /for A\[2\]\[0\]\[1\] but received NaN/)
    }
    await assertFails(
      () => matmulBatch(Z, MatrixStack.zeros(3, 2, 2) as never),
      'ERR_SHAPE',
      /of complex float64 for B but received 3 of 2 x 2 of float64/,
    )
    assert.throws(() => new ComplexMatrixStack(1, 1, 1, new Float64Array(1)), /Expected 2 elements/)
    await assertFails(() => solveBatch(P, A), 'ERR_SHAPE', /50 matrices of 2 rows/)
    await assertFails(() => matmulBatchSync(P, A), 'ERR_SHAPE', /for B/)
    await assertFails(
      () => MatrixStack.from([Matrix.identity(2), Matrix.identity(3)]),
      'ERR_SHAPE',
      /matrices\[1\]/,
    )
    await assertFails(
      () => invBatch(P, { thread: 2 } as never),
      'ERR_INVALID_ARGUMENT',
      /did you mean "threads"/,
    )
  })
})
