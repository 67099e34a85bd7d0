import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import * as math from 'mathjs'
import { Matrix as MlMatrix, MatrixSelectionView, MatrixTransposeView } from 'ml-matrix'
import ndarray from 'ndarray'
import {
  ComplexMatrix,
  inv,
  Matrix,
  MatrixView,
  toMathjs,
  toMlMatrix,
  toNdarray,
  toStdlibNdarray,
} from 'numcore'
import { assertFails } from './support/assertions.js'
import { layouts } from './support/layouts.js'
import { Complex128Array, StdlibNdarray } from './support/stdlib-ndarray.js'

const invalid = 'ERR_INVALID_ARGUMENT'

const A = Matrix.from([
  [1, 2, 3],
  [4, 5, 6],
])

describe('matrices of other libraries', () => {
  it('are not needed by numcore itself', () => {
    const root = new URL('../..', import.meta.url)
    const { dependencies } = JSON.parse(
      readFileSync(fileURLToPath(new URL('package.json', root)), 'utf8'),
    ) as { dependencies: Record<string, string> }
    for (const name of ['ndarray', 'ml-matrix', 'mathjs']) assert.ok(!(name in dependencies))
  })

  it('of scijs ndarray are read with strides and offset, and shared by a view', () => {
    fc.assert(
      fc.property(layouts, ({ shape, strides, offset, length, expected }) => {
        const data = Float64Array.from({ length }, (_, k) => k)
        const x = ndarray(data, shape, strides, offset)
        assert.deepEqual(Matrix.from(x).toArray(), expected)
        const view = MatrixView.from(x)
        assert.equal(view.elements, data)
        assert.deepEqual(view.toArray(), expected)
        view.set(0, 0, -7)
        assert.equal(x.get(0, 0), -7)
        assert.deepEqual(ComplexMatrix.from(x).real().toArray(), view.toArray())
      }),
    )
  })

  it('of scijs ndarray may hold other numbers', async () => {
    assert.equal(Matrix.from(ndarray(new Float32Array(6), [2, 3])).type, 'float32')
    const integers = Matrix.from(ndarray(Int32Array.of(1, 2, 3, 4), [2, 2]).transpose(1, 0))
    assert.equal(integers.type, 'float64')
    assert.deepEqual(integers.toArray(), [
      [1, 3],
      [2, 4],
    ])
    assert.deepEqual(Matrix.from(ndarray([1, 2], [1, 2])).toArray(), [[1, 2]])
    assert.equal(Matrix.from(ndarray([1, 2], [1, 2]), { type: 'float32' }).type, 'float32')
    await assertFails(() => MatrixView.from(ndarray([1, 2], [1, 2])), invalid, /floating-point/)
    await assertFails(
      () => Matrix.from(ndarray(new Float64Array(8), [2, 2, 2])),
      'ERR_SHAPE',
      /^Expected two dimensions for source but received 3: \(2, 2, 2\)/,
    )
    await assertFails(
      () => Matrix.from(ndarray(new Float64Array(3), [2, 2])),
      'ERR_SHAPE',
      /elements 0 to 3 for source/,
    )
  })

  it('become scijs ndarrays that share the elements', async () => {
    const B = A.clone()
    for (const view of [B, B.transpose(), B.block(0, 1), B.column(2), B.diagonal()]) {
      const x = toNdarray(view, ndarray)
      assert.deepEqual(x.shape, [view.rows, view.columns])
      for (const [i, j, value] of view.entries()) assert.equal(x.get(i, j), value)
      assert.ok(MatrixView.from(x).equals(view))
    }
    toNdarray(B.transpose(), ndarray).set(2, 1, 60)
    assert.equal(B.get(1, 2), 60)
    await assertFails(() => toNdarray(B, {} as never), invalid, /a function for ndarray/)
  })

  it('of @stdlib/ndarray are read with strides and offset, real and complex', () => {
    fc.assert(
      fc.property(layouts, ({ shape, strides, offset, length, expected }) => {
        const order = 'row-major'
        const data = Float64Array.from({ length }, (_, k) => k)
        const x = new StdlibNdarray('float64', data, shape, strides, offset, order)
        assert.deepEqual(Matrix.from(x).toArray(), expected)
        assert.equal(MatrixView.from(x).elements, data)
        const integers = Int16Array.from(data)
        const y = new StdlibNdarray('int16', integers, shape, strides, offset, order)
        assert.deepEqual(Matrix.from(y).toArray(), expected)
        // One number before those of the array.
        const pairs = Float64Array.from(
          { length: 2 * length + 2 },
          (_, k) => Math.floor(k / 2) - 1 + (k % 2) / 2,
        )
        const numbers = new Complex128Array(pairs.buffer, 16, length)
        const z = new StdlibNdarray('complex128', numbers, shape, strides, offset, order)
        assert.deepEqual(
          ComplexMatrix.from(z).toArray(),
          expected.map((row) => row.map((value) => [value, value + 0.5])),
        )
      }),
    )
  })

  it('become @stdlib/ndarrays that share the elements', async () => {
    for (const view of [A, A.transpose(), A.block(0, 1)]) {
      const x = toStdlibNdarray(view, StdlibNdarray)
      assert.deepEqual(
        [x.dtype, x.order, x.shape],
        ['float64', 'row-major', [view.rows, view.columns]],
      )
      for (const [i, j, value] of view.entries()) assert.equal(x.get(i, j), value)
    }
    const all = Float64Array.of(9, 9, 1, 2, 3, 4)
    const Z = new ComplexMatrix(1, 2, all.subarray(2))
    const z = toStdlibNdarray(Z, StdlibNdarray, Complex128Array)
    assert.deepEqual([z.dtype, z.get(0, 1)], ['complex128', { re: 3, im: 4 }])
    assert.ok(ComplexMatrix.from(z).equals(Z))
    await assertFails(
      () => toStdlibNdarray(Z, StdlibNdarray),
      invalid,
      /constructor Complex128Array/,
    )
    await assertFails(
      () => toStdlibNdarray(Z.asType('complex64'), StdlibNdarray, Complex128Array),
      invalid,
      /constructor Complex64Array/,
    )
  })

  it('of ml-matrix are read, its views too, and made', async () => {
    const M = new MlMatrix(A.toArray())
    assert.ok(Matrix.from(M).equals(A))
    assert.ok(Matrix.from(new MatrixTransposeView(M)).equals(A.transpose()))
    assert.ok(Matrix.from(new MatrixSelectionView(M, [1], [2, 0])).equals(Matrix.from([[6, 4]])))
    assert.ok(Matrix.from(new MlMatrix(0, 0)).equals(Matrix.zeros(0, 0)))
    const back = toMlMatrix(A.transpose(), MlMatrix)
    assert.ok(back instanceof MlMatrix)
    assert.deepEqual(back.to2DArray(), A.transpose().toArray())
    assert.deepEqual(toMlMatrix(Matrix.zeros(0, 3), MlMatrix).columns, 3)
    await assertFails(
      () => toMlMatrix(A, {} as never),
      invalid,
      /a function for Class\.from1DArray/,
    )
    const four = Matrix.from(MlMatrix.eye(3, 3, 4))
    assert.ok((await inv(four)).equals(Matrix.identity(3).map((value) => value / 4)))
  })

  it('of mathjs are read, sparse and complex ones too, and made', async () => {
    assert.ok(Matrix.from(math.matrix(A.toArray())).equals(A))
    assert.ok(Matrix.from(math.matrix([[0, 2]], 'sparse')).equals(Matrix.from([[0, 2]])))
    const Z = ComplexMatrix.from([[[1, 2], 3]])
    assert.ok(ComplexMatrix.from(math.matrix([[math.complex(1, 2), 3]])).equals(Z))
    const complex = toMathjs(Z, math)
    assert.deepEqual(math.format(complex), '[[1 + 2i, 3]]')
    assert.ok(ComplexMatrix.from(complex).equals(Z))
    assert.deepEqual(toMathjs(A.transpose(), math).toArray(), A.transpose().toArray())
    await assertFails(
      () => Matrix.from(math.matrix([[math.bignumber(1)]])),
      invalid,
      /a number for source\[0\]\[0\] but received an object of type/,
    )
    await assertFails(() => Matrix.from(math.matrix([1, 2])), 'ERR_SHAPE', /two dimensions/)
    await assertFails(() => toMathjs(A, {} as never), invalid, /a function for math\.matrix/)
  })

  it('of no known kind are refused', async () => {
    for (const value of [{}, null, 7, 'text', { rows: 1, columns: 1 }, { shape: [1, 1] }]) {
      await assertFails(
        () => Matrix.from(value as never),
        invalid,
        /^Expected an array of rows, or a matrix of a known library, for source but received/,
      )
      await assertFails(() => ComplexMatrix.from(value as never), invalid, /for source/)
    }
    await assertFails(() => MatrixView.from({} as never), invalid, /^Expected a Matrix for source/)
  })
})
