import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import {
  type ComplexLike,
  ComplexMatrix,
  type ElementType,
  invSync,
  Matrix,
  type MatrixLike,
  resultType,
  widen,
} from 'numcore'
import { assertFails } from './support/assertions.js'
import { pythonWith, runPython } from './support/python.js'

type Pair = [number, number]
const pairs = fc.tuple(fc.nat(6), fc.nat(6)).chain(([rows, columns]) =>
  fc.array(
    fc.array(fc.tuple(fc.double(), fc.double()) as fc.Arbitrary<Pair>, {
      minLength: columns,
      maxLength: columns,
    }),
    { minLength: rows, maxLength: rows },
  ),
)

describe('ComplexMatrix', () => {
  it('keeps pairs in row-major order', () => {
    const Z = ComplexMatrix.from([
      [[1, 2], { re: 3, im: 4 }],
      [5, [0, -1]],
    ])
    assert.deepEqual([Z.rows, Z.columns, Z.type], [2, 2, 'complex128'])
    assert.deepEqual([...Z.data], [1, 2, 3, 4, 5, 0, 0, -1])
    assert.deepEqual(Z.get(0, 1), { re: 3, im: 4 })
    Z.set(0, 1, { re: -1, im: -2 })
    Z.set(1, 0, 7)
    Z.set(1, 1, [8, 9])
    assert.deepEqual([...Z.row(0)], [1, 2, -1, -2])
    assert.deepEqual([...Z.row(1)], [7, 0, 8, 9])
  })

  it('comes back from nested arrays, and has parts, conjugate, transpose and adjoint as defined', () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        const Z = ComplexMatrix.from(rows)
        const at = (i: number, j: number) => (rows[i] as Pair[])[j] as Pair
        assert.deepEqual(Z.toArray(), rows)
        assert.deepEqual(
          [...Z],
          rows.flat().map(([re, im]) => ({ re, im })),
        )
        assert.deepEqual(
          Z.real().toArray(),
          rows.map((row) => row.map(([re]) => re)),
        )
        assert.deepEqual(
          Z.imag().toArray(),
          rows.map((row) => row.map(([, im]) => im)),
        )
        assert.ok(ComplexMatrix.fromParts(Z.real(), Z.imag()).equals(Z))
        assert.deepEqual(
          Z.conj().toArray(),
          rows.map((row) => row.map(([re, im]) => [re, -im])),
        )
        for (const [i, j, { re, im }] of Z.transpose().entries()) {
          assert.deepEqual([re, im], at(j, i))
        }
        for (const [i, j, { re, im }] of Z.adjoint().entries()) {
          assert.deepEqual([re, im], [at(j, i)[0], -at(j, i)[1]])
        }
        assert.ok(Z.adjoint().equals(Z.transpose().conj()))
        assert.ok(Z.clone().equals(Z) && ComplexMatrix.from(Z).equals(Z))
      }),
    )
  })

  it('has parts that are views', () => {
    const Z = ComplexMatrix.zeros(2, 3)
    Z.real().fill(1)
    Z.imag().column(2).fill(-1)
    assert.deepEqual(Z.toArray()[1], [
      [1, 0],
      [1, 0],
      [1, -1],
    ])
    Z.fill(2).imag().fill(3)
    assert.deepEqual(Z.get(1, 1), { re: 2, im: 3 })
  })

  it('is transposed across the edges of its tiles too', () => {
    const Z = ComplexMatrix.fromParts(Matrix.random(130, 67, { seed: 1 }), Matrix.random(130, 67))
    for (const [i, j, value] of Z.adjoint().entries()) {
      assert.deepEqual(value, { re: Z.get(j, i).re, im: -Z.get(j, i).im })
    }
  })

  it('works in single precision, and widens', () => {
    const Z = ComplexMatrix.from([[[0.1, 0.2]]], { type: 'complex64' })
    assert.deepEqual(Z.get(0, 0), { re: Math.fround(0.1), im: Math.fround(0.2) })
    assert.equal(Z.adjoint().type, 'complex64')
    const W = Z.asType('complex128')
    assert.deepEqual([W.type, W.get(0, 0)], ['complex128', Z.get(0, 0)])
    assert.ok(!W.equals(Z))
    assert.equal(ComplexMatrix.identity(2, { type: 'complex64' }).type, 'complex64')
    const mixed = ComplexMatrix.fromParts(
      Matrix.identity(2, { type: 'float32' }) as MatrixLike,
      Matrix.identity(2),
    )
    assert.equal(mixed.type, 'complex128')
  })

  it('is made of real matrices and views', () => {
    const A = Matrix.from([
      [1, 2],
      [3, 4],
    ])
    assert.deepEqual(ComplexMatrix.from(A.transpose()).toArray(), [
      [
        [1, 0],
        [3, 0],
      ],
      [
        [2, 0],
        [4, 0],
      ],
    ])
    assert.equal(ComplexMatrix.from(A.asType('float32')).type, 'complex64')
    assert.equal(ComplexMatrix.from(A.asType('float32'), { type: 'complex128' }).type, 'complex128')
  })

  it('maps', () => {
    const Z = ComplexMatrix.from([[[3, 4], [0, 1]]]) // prettier-ignore
    const moduli = Z.map(({ re, im }, i, j) => Math.hypot(re, im) + 10 * i + 100 * j)
    assert.deepEqual(moduli.toArray(), [
      [
        [5, 0],
        [101, 0],
      ],
    ])
  })

  it('survives structured cloning, and is no real matrix', async () => {
    const Z: ComplexLike = structuredClone(ComplexMatrix.identity(2))
    assert.ok(ComplexMatrix.from(Z).equals(ComplexMatrix.identity(2)))
    await assertFails(
      () => invSync(Z as never),
      'ERR_INVALID_ARGUMENT',
      /^Expected a real Matrix for A but received an object of type Object$/,
    )
    await assertFails(
      () => Matrix.from(Z as never),
      'ERR_INVALID_ARGUMENT',
      /^Expected real numbers \(ComplexMatrix\.from takes complex ones\) for source/,
    )
  })

  it('refuses what does not fit, in one sentence', async () => {
    const invalid = 'ERR_INVALID_ARGUMENT'
    await assertFails(
      () => new ComplexMatrix(2, 2, new Float64Array(4)),
      'ERR_SHAPE',
      /^Expected 8 elements for data\.data of a 2 x 2 complex matrix but received 4 of type Float64Array$/,
    )
    await assertFails(() => ComplexMatrix.from([[[1, 2, 3] as never]]), invalid, /source\[0\]\[0\]/)
    await assertFails(() => ComplexMatrix.from([[1], [1, 2]]), 'ERR_SHAPE', /source\[1\]/)
    await assertFails(() => ComplexMatrix.from([['i' as never]]), invalid, /pair \[re, im\]/)
    await assertFails(() => ComplexMatrix.from(null as never), invalid, /for source/)
    await assertFails(
      () => ComplexMatrix.zeros(1, 1, { type: 'float64' as never }),
      invalid,
      /one of "complex128", "complex64" for type/,
    )
    await assertFails(() => ComplexMatrix.identity(2).get(0, 2), invalid, /for column/)
    await assertFails(
      () => ComplexMatrix.fromParts(Matrix.identity(2), Matrix.identity(3)),
      'ERR_SHAPE',
      /2 x 2 matrix for source but received 3 x 3/,
    )
    await assertFails(
      () => ComplexMatrix.zeros(2 ** 26, 2 ** 26),
      'ERR_OUT_OF_MEMORY',
      /complex128/,
    )
  })
})

describe('types', () => {
  const types = ['float32', 'float64', 'complex64', 'complex128'] as const
  const letters: Record<ElementType, string> = {
    float32: 'f4',
    float64: 'f8',
    complex64: 'c8',
    complex128: 'c16',
  }

  it('widen as those of NumPy do', function () {
    const python = pythonWith('numpy')
    if (python === undefined) return this.skip()
    const pairsOfTypes = types.flatMap((a) => types.map((b) => [a, b] as const))
    const lines = pairsOfTypes.map(
      ([a, b]) => `print(numpy.result_type('${letters[a]}', '${letters[b]}'))`,
    )
    const wanted = runPython(python, ['import numpy', ...lines].join('\n'), '.')
    assert.deepEqual(
      pairsOfTypes.map(([a, b]) => resultType(a, b)),
      wanted.trim().split('\n'),
    )
  })

  it('are the least that hold all of them', () => {
    assert.equal(resultType('float32'), 'float32')
    assert.equal(resultType('float32', 'complex64', 'float64'), 'complex128')
  })

  it('of several matrices become one, without copying those that have it', () => {
    const A = Matrix.from([[0.5, 2]])
    const B = A.asType('float32').transpose()
    const Z = ComplexMatrix.from([[[1, 1]]], { type: 'complex64' })
    const [a, b] = widen(A, B)
    assert.equal(a, A)
    assert.ok(b.equals(Matrix.from([[0.5], [2]]) as never))
    const [c, d, e] = widen(A, B, Z)
    assert.deepEqual([c.type, d.type, e.type], ['complex128', 'complex128', 'complex128'])
    assert.deepEqual(d.toArray(), [[[0.5, 0]], [[2, 0]]])
    const [f] = widen(B)
    assert.equal(f, B)
    assert.deepEqual(widen(), [])
  })
})
