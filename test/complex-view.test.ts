import assert from 'node:assert/strict'
import {
  type AnyMatrix,
  choleskySync,
  ComplexMatrix,
  ComplexMatrixView,
  decodeNpy,
  detSync,
  eighSync,
  encodeMatrixMarket,
  encodeNpy,
  eigSync,
  gramSync,
  ldlSync,
  luSync,
  Matrix,
  matmulSync,
  matvecSync,
  normSync,
  pinvSync,
  qrSync,
  type Reals,
  solveSync,
  solveTriangularSync,
  svdSync,
  toMathjs,
  trace,
  widen,
} from 'numcore'
import {
  adjoint,
  asComplexView,
  column,
  distance,
  epsilonOf,
  plain,
  randomHermitian,
  randomMatrix,
  times,
} from './support/algebra.js'
import { assertFails } from './support/assertions.js'

const layouts = ['transposed', 'block', 'conjugated', 'adjoint', 'odd'] as const
const complexKinds = ['complex128', 'complex64'] as const
type Complex = ComplexMatrix<Reals>

describe('ComplexMatrixView', () => {
  it('shares its numbers with the matrix, in every layout', () => {
    const Z = ComplexMatrix.from([
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [7, [0, -1], [8, 9]],
    ])
    assert.deepEqual(Z.transpose().toArray()[2], [
      [5, 6],
      [8, 9],
    ])
    assert.deepEqual(Z.adjoint().toArray()[0], [
      [1, -2],
      [7, -0],
    ])
    assert.deepEqual(Z.block(0, 1, 2, 2).adjoint().block(1, 0).toArray(), [
      [
        [5, -6],
        [8, -9],
      ],
    ])
    assert.deepEqual(Z.column(1).toArray(), [[[3, 4]], [[0, -1]]])
    assert.deepEqual(Z.view().row(1).conj().get(0, 2), { re: 8, im: -9 })
    const H = Z.adjoint()
    H.set(2, 0, [10, 20])
    assert.deepEqual(Z.get(0, 2), { re: 10, im: -20 })
    H.column(0).fill([1, 1])
    assert.deepEqual([...Z.row(0)], [1, -1, 1, -1, 1, -1])
    Z.conj()
      .block(1, 0, 1, 2)
      .assign(ComplexMatrix.from([[[0, 1], 2]]))
    assert.deepEqual([...Z.row(1)], [0, -1, 2, -0, 8, 9])
    // Its own transpose: nothing is overwritten before it is read.
    const S = ComplexMatrix.from([
      [1, [2, 2]],
      [[3, 3], 4],
    ])
    S.assign(S.adjoint())
    assert.deepEqual(S.toArray(), [
      [
        [1, -0],
        [3, -3],
      ],
      [
        [2, -2],
        [4, -0],
      ],
    ])
    S.adjoint().real().fill(0)
    assert.deepEqual(S.get(1, 0), { re: 0, im: -2 })
    assert.deepEqual(S.conj().imag().toArray()[1], [2, 0])
    assert.ok(S.adjoint().adjoint().equals(S) && !S.adjoint().equals(S))
    assert.ok(S.adjoint().clone().equals(S.adjoint()))
    assert.equal(S.adjoint().asType('complex64').type, 'complex64')
    assert.deepEqual(
      S.adjoint()
        .map(({ re, im }) => [im, re])
        .get(0, 1),
      { re: 2, im: 0 },
    )
  })

  it('is read as its copy is, by every function that takes a complex matrix', () => {
    for (const kind of complexKinds) {
      const tolerance = 300 * epsilonOf(kind)
      const G = randomMatrix(6, 6, kind, 1) as Complex
      const H = randomHermitian(6, kind, 2, 14) as Complex
      const R = randomMatrix(6, 4, kind, 3) as Complex
      const b = Float64Array.from({ length: 12 }, (_, i) => Math.sin(i))
      for (const how of layouts) {
        const [g, h, r] = [G, H, R].map((M) => asComplexView(M, how)) as [
          ComplexMatrixView<Reals>,
          ComplexMatrixView<Reals>,
          ComplexMatrixView<Reals>,
        ]
        const near = (A: Parameters<typeof distance>[0], B: Parameters<typeof distance>[0]) => {
          const error = distance(A, B)
          assert.ok(error <= tolerance, `${kind} ${how}: ${error}`)
        }
        near(g, G)
        near(matmulSync(g, r), times(G, R))
        near(matmulSync(r, g, { adjointA: true }), times(adjoint(R), G))
        near(matmulSync(g, r, { transposeA: true }), times(adjoint(G, 1), R))
        near(matmulSync(h, r, { structureA: 'hermitian' }), times(H, R))
        near(column(matvecSync(g, b), true), times(G, column(b, true)))
        near(column(matvecSync(g, b, { adjoint: true }), true), times(adjoint(G), column(b, true)))
        near(column(matvecSync(r, b, { adjoint: true }), true), times(adjoint(R), column(b, true)))
        near(gramSync(r), times(adjoint(R), R))
        near(gramSync(r, { outer: true }), times(R, adjoint(R)))
        near(times(G, solveSync(g, r)), R)
        near(times(H, solveSync(h, r)), R)
        near(times(H, ldlSync(h).solveSync(r)), R)
        near(times(choleskySync(h).l, adjoint(choleskySync(h).l)), H)
        near(times(luSync(r).p, luSync(r).l, luSync(r).u), R)
        near(times(qrSync(r).q, qrSync(r).r), R)
        const { u, s, vt } = svdSync(r)
        const S = Matrix.zeros(4, 4)
        S.diagonal().assign(new Matrix(4, 1, Float64Array.from(s)))
        near(times(u, S, vt), R)
        const { values, vectors } = eighSync(h)
        const L = Matrix.zeros(6, 6)
        L.diagonal().assign(new Matrix(6, 1, Float64Array.from(values)))
        near(times(vectors, L, adjoint(vectors)), H)
        assert.equal(eigSync(g).values.length, 12)
        near(times(R, pinvSync(r), R), R)
        const lower = solveTriangularSync(h, r, { lower: true })
        const triangle = H.clone().map((z, i, j) => (j > i ? 0 : z))
        near(times(triangle, lower), R)
        assert.ok(Math.abs(normSync(g) - normSync(G)) < tolerance)
        assert.ok(Math.abs(trace(h).re - trace(H).re) < tolerance)
        const [own, known] = [detSync(g), detSync(G)] as { re: number; im: number }[]
        assert.ok(
          Math.hypot((own?.re ?? 0) - (known?.re ?? 1), (own?.im ?? 0) - (known?.im ?? 1)) <
            100 * tolerance,
        )
        const read = decodeNpy(encodeNpy(g))
        assert.deepEqual(read.data, G.data)
        assert.equal(encodeMatrixMarket(r), encodeMatrixMarket(R))
        const [wide] = widen(g, Matrix.identity(2)) as [AnyMatrix, AnyMatrix]
        near(wide as never, G)
      }
    }
  })

  it('goes to mathjs, and survives structured cloning', async () => {
    const math = await import('mathjs')
    const Z = ComplexMatrix.from([[[0, 1], 2]])
    assert.equal(math.format(toMathjs(Z.adjoint(), math)), '[[-i], [2]]')
    const clone = structuredClone(Z.adjoint())
    assert.equal(distance(matmulSync(Z, clone as never), plain(Matrix.from([[5]]))), 0)
  })

  it('refuses places outside of the array, and is no real matrix and no out', async () => {
    assert.throws(
      () => new ComplexMatrixView(2, 2, new Float64Array(7)),
      /^ShapeError: Expected elements 1 to 7 for view, a view of 2 x 2, but received 7 elements/,
    )
    assert.throws(() => new ComplexMatrixView(1, 1, new Float64Array(2), { offset: -1 }), /offset/)
    await assertFails(
      () => new ComplexMatrixView(1, 1, new Float64Array(2), { conjugate: true } as never),
      'ERR_INVALID_ARGUMENT',
      /did you mean "conjugated"/,
    )
    const Z = ComplexMatrix.identity(2)
    await assertFails(
      () => matmulSync(Z, Z, { out: ComplexMatrix.zeros(2, 2).view() as never }),
      'ERR_INVALID_ARGUMENT',
      /a ComplexMatrix of float64 for out/,
    )
    const { invSync } = await import('numcore')
    await assertFails(
      () => invSync(Z.adjoint() as never),
      'ERR_INVALID_ARGUMENT',
      /^Expected a real Matrix/,
    )
    await assertFails(
      () => Matrix.identity(2).assign(Z.adjoint() as never),
      'ERR_INVALID_ARGUMENT',
      /real Matrix/,
    )
    assert.throws(() => Z.adjoint().assign(ComplexMatrix.zeros(1, 2)), /2 x 2 matrix for source/)
  })
})
