import assert from 'node:assert/strict'
import { assert as assertProperty, constantFrom, integer, nat, property, record } from 'fast-check'
import {
  ComplexMatrix,
  dot,
  dotSync,
  gram,
  gramSync,
  kron,
  kronSync,
  Matrix,
  matmul,
  matmulSync,
  matvec,
  matvecSync,
  outer,
  outerSync,
  type Reals,
} from 'numcore'
import {
  adjoint,
  asView,
  column,
  distance,
  epsilonOf,
  isComplexKind,
  kinds,
  masked,
  plain,
  randomMatrix,
  times,
  transposeOf,
} from './support/algebra.js'
import { assertFails, bits } from './support/assertions.js'

const seed = Number(process.env['NUMCORE_SEED'] ?? 20261125)

describe('products of matrices', () => {
  it('matmul agrees with three loops for every shape, type, transposition and stride', () => {
    const size = integer({ min: 0, max: 40 })
    const cases = record({
      m: size,
      n: size,
      k: size,
      typeA: constantFrom(...kinds),
      typeB: constantFrom(...kinds),
      flipA: constantFrom('none', 'transpose', 'adjoint'),
      flipB: constantFrom('none', 'transpose', 'adjoint'),
      stride: constantFrom('dense', 'transposed', 'block', 'spread'),
      seed: nat(),
    })
    assertProperty(
      property(cases, ({ m, n, k, typeA, typeB, flipA, flipB, stride, seed: from }) => {
        const shape = (flip: string, rows: number, columns: number): [number, number] =>
          flip === 'none' ? [rows, columns] : [columns, rows]
        const A = randomMatrix(...shape(flipA, m, k), typeA, from)
        const B = randomMatrix(...shape(flipB, k, n), typeB, from + 1)
        const a = stride === 'dense' || !(A instanceof Matrix) ? A : asView(A, stride)
        const C = matmulSync(a, B, {
          transposeA: flipA === 'transpose',
          adjointA: flipA === 'adjoint',
          transposeB: flipB === 'transpose',
          adjointB: flipB === 'adjoint',
        })
        const flip = { none: plain, transpose: transposeOf, adjoint: (M: typeof A) => adjoint(M) }
        const expected = times(flip[flipA](A), flip[flipB](B))
        const epsilon = Math.max(epsilonOf(typeA), epsilonOf(typeB))
        assert.ok(distance(C, expected) <= 8 * (k + 1) * epsilon, `off by ${distance(C, expected)}`)
        assert.equal(C instanceof ComplexMatrix, isComplexKind(typeA) || isComplexKind(typeB))
        const doubles = [typeA, typeB].some((each) => epsilonOf(each) === Number.EPSILON)
        assert.equal(C.data instanceof Float64Array, doubles)
      }),
      { seed, numRuns: 300 },
    )
  })

  it('reads only what a structure says, on either side', () => {
    for (const kind of kinds) {
      for (const n of [1, 5, 33]) {
        const S = randomMatrix(n, n, kind, n)
        const B = randomMatrix(n, 7, kind, n + 1)
        const tolerance = 40 * n * epsilonOf(kind)
        const lower = masked(S, (i, j) => i >= j)
        const strict = masked(S, (i, j) => i > j)
        const full = (mirror: typeof lower) => ({
          ...lower,
          re: lower.re.map((x, i) => x + (mirror.re[i] as number)),
          im: lower.im.map((x, i) => x + (mirror.im[i] as number)),
        })
        const unit = { ...strict, re: strict.re.map((x, i) => (i % (n + 1) === 0 ? 1 : x)) }
        const hermitian = full(adjoint(strict))
        for (let i = 0; i < n; i++) hermitian.im[i * (n + 1)] = 0
        const expected = {
          symmetric: full(transposeOf(strict)),
          hermitian,
          lower,
          upper: masked(S, (i, j) => i <= j),
          'unit-lower': unit,
        }
        for (const [structure, meant] of Object.entries(expected)) {
          const known = structure as keyof typeof expected
          const left = matmulSync(S, B, { structureA: known })
          assert.ok(distance(left, times(meant, B)) <= tolerance, `${kind} ${known} left`)
          const right = matmulSync(B, S, { transposeA: true, structureB: known })
          assert.ok(
            distance(right, times(transposeOf(B), meant)) <= tolerance,
            `${kind} ${known} right`,
          )
          if (known === 'hermitian') continue
          const flip = matmulSync(S, B, { structureA: known, transposeA: true })
          assert.ok(
            distance(flip, times(transposeOf(meant), B)) <= tolerance,
            `${kind} ${known} flipped`,
          )
        }
      }
    }
  })

  it('alpha, beta and out: alpha A B + beta C, into the memory of C', async () => {
    const A = randomMatrix(9, 6, 'float64', 1) as Matrix
    const B = randomMatrix(6, 11, 'float64', 2) as Matrix
    const C = randomMatrix(9, 11, 'float64', 3) as Matrix
    const before = plain(C.clone())
    const AB = times(A, B)
    const expected = { ...AB, re: AB.re.map((x, i) => -2 * x + 0.5 * (before.re[i] as number)) }
    assert.equal(await matmul(A, B, { alpha: -2, beta: 0.5, out: C }), C)
    assert.ok(distance(C, expected) < 1e-14)
    const Z = randomMatrix(3, 3, 'complex128', 4) as ComplexMatrix
    const out = ComplexMatrix.zeros(3, 3)
    out.fill(Number.NaN) // with beta 0 what was there does not matter
    matmulSync(Z, Z, { alpha: { re: 0, im: 2 }, out })
    const ZZ = times(Z, Z)
    assert.ok(
      distance(out, { ...ZZ, re: ZZ.im.map((x) => -2 * x), im: ZZ.re.map((x) => 2 * x) }) < 1e-14,
    )
  })

  it('gram: A^H A and A A^H, Hermitian to the last bit', async () => {
    for (const kind of kinds) {
      for (const [m, n] of [
        [0, 3],
        [1, 1],
        [7, 4],
        [40, 65],
      ] as const) {
        const A = randomMatrix(m, n, kind, m)
        const [inner, other] = [await gram(A), gramSync(A, { outer: true })]
        const tolerance = 10 * (m + n) * epsilonOf(kind)
        assert.ok(distance(inner, times(adjoint(A), A)) <= tolerance, `${kind} ${m} x ${n}`)
        assert.ok(distance(other, times(A, adjoint(A))) <= tolerance)
        assert.equal(distance(inner, adjoint(inner)), 0)
      }
    }
    const V = asView(randomMatrix(5, 8, 'float64', 2) as Matrix<Reals>, 'transposed')
    assert.ok(distance(gramSync(V), times(transposeOf(V), V)) < 1e-14)
  })

  it('matvec and dot: the same bits for every number of threads', async () => {
    for (const kind of kinds) {
      const complex = isComplexKind(kind)
      const A = randomMatrix(300, 700, kind, 8)
      const x = randomMatrix(700, 1, kind, 9).data
      const expected = times(A, column(x, complex))
      const y = matvecSync(A, x, { threads: 1 })
      assert.ok(distance(column(y, complex), expected) < 2e4 * epsilonOf(kind), kind)
      assert.equal(bits(await matvec(A, x, { threads: 3 })), bits(y))
      const back = randomMatrix(300, 1, kind, 10).data
      const adjointed = matvecSync(A, back, { adjoint: true, threads: 1 })
      assert.ok(
        distance(column(adjointed, complex), times(adjoint(A), column(back, complex))) <
          2e4 * epsilonOf(kind),
      )
      assert.equal(bits(await matvec(A, back, { adjoint: true, threads: 2 })), bits(adjointed))
    }
    const [x, y] = [1, 2].map((s) => randomMatrix(100_001, 1, 'float64', s).data) as [Reals, Reals]
    const sum = dotSync(x, y, { threads: 1 })
    let plainSum = 0
    for (let i = 0; i < x.length; i++) plainSum += (x[i] as number) * (y[i] as number)
    assert.ok(Math.abs(sum - plainSum) < 1e-9)
    for (const threads of [2, 3]) assert.equal(await dot(x, y, { threads }), sum)
    const [u, v] = [Float64Array.of(1, 2, 3, -1), Float64Array.of(0, 1, 2, 2)]
    assert.deepEqual(dotSync(u, v, { complex: true }), { re: -2 + 6 + 2, im: 1 + 6 - 2 })
    assert.deepEqual(dotSync(u, v, { complex: true, conjugate: true }), {
      re: 2 + 6 - 2,
      im: 1 + 6 + 2,
    })
  })

  it('outer and kron', async () => {
    const [x, y] = [Float64Array.of(1, 2, 3, 4), Float64Array.of(0, 1)]
    const Z = await outer(x, y, { complex: true, conjugate: true })
    assert.deepEqual(Z.toArray(), [[[2, -1]], [[4, -3]]])
    assert.deepEqual(outerSync(Float32Array.of(2), y).toArray(), [[0, 2]])
    for (const kind of kinds) {
      const [A, B] = [randomMatrix(3, 2, kind, 5), randomMatrix(4, 5, kind, 6)]
      const K = await kron(A, B)
      // (A x B)(C x D) = AC x BD
      const [C, D] = [randomMatrix(2, 2, kind, 7), randomMatrix(5, 3, kind, 8)]
      const left = times(K, kronSync(C, D))
      assert.ok(
        distance(left, kronSync(matmulSync(A, C), matmulSync(B, D))) < 500 * epsilonOf(kind),
      )
      assert.equal(K.rows * 100 + K.columns, 1210)
    }
  })

  it('refuses what does not fit', async () => {
    const A = Matrix.zeros(2, 3)
    await assertFails(
      () => matmul(A, A),
      'ERR_SHAPE',
      /^Expected 3 rows for B, as many as A has columns, but received 2 x 3/,
    )
    await assertFails(() => matmulSync(A, A, { out: A } as never), 'ERR_SHAPE', /rows for B/)
    await assertFails(
      () => matmul(A, A.transpose(), { beta: 1 }),
      'ERR_INVALID_ARGUMENT',
      /for out/,
    )
    await assertFails(
      () => matmul(A, A.transpose(), { transposA: true } as never),
      'ERR_INVALID_ARGUMENT',
      /did you mean "transposeA"/,
    )
    const S = Matrix.identity(2)
    await assertFails(
      () => matmul(S, S, { out: S }),
      'ERR_INVALID_ARGUMENT',
      /shares no memory with A/,
    )
    await assertFails(
      () => matmul(S, S, { structureA: 'lower', structureB: 'upper' }),
      'ERR_INVALID_ARGUMENT',
      /structureB/,
    )
    await assertFails(() => matmul(A, S, { structureA: 'lower' }), 'ERR_SHAPE', /square/)
    await assertFails(
      () => matvec(A, new Float64Array(2)),
      'ERR_SHAPE',
      /^Expected 3 elements for x/,
    )
    await assertFails(
      () => dot(new Float64Array(2), new Float64Array(3)),
      'ERR_SHAPE',
      /elements for y/,
    )
    await assertFails(
      () => dotSync([1] as never, new Float64Array(3)),
      'ERR_INVALID_ARGUMENT',
      /for x/,
    )
  })
})
