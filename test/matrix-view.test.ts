import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import {
  ComplexMatrix,
  decodeNpy,
  encodeNpy,
  inv,
  invSync,
  Matrix,
  MatrixView,
  matmulSync,
  type Reals,
} from 'numcore'
import { assertFails } from './support/assertions.js'
import { layouts } from './support/layouts.js'

/** A view and the nested arrays that it should look like, after any chain of blocks, transposes and the like. */
interface Case {
  base: Matrix<Reals>
  view: MatrixView<Reals>
  expected: number[][]
}

const transposed = (rows: number[][], columns: number) =>
  Array.from({ length: columns }, (_, j) => rows.map((row) => row[j] as number))

/** Applies one step to the view and, written down plainly, to the nested arrays. */
function step({ base, view, expected }: Case, [kind, a, b, c, d]: number[]): Case {
  const [rows, columns] = [view.rows, view.columns]
  switch (kind) {
    case 0:
      return { base, view: view.transpose(), expected: transposed(expected, columns) }
    case 1: {
      const top = (a as number) % (rows + 1)
      const left = (b as number) % (columns + 1)
      const height = (c as number) % (rows - top + 1)
      const width = (d as number) % (columns - left + 1)
      const part = expected.slice(top, top + height).map((row) => row.slice(left, left + width))
      return { base, view: view.block(top, left, height, width), expected: part }
    }
    case 2: {
      if (rows === 0) return { base, view, expected }
      const i = (a as number) % rows
      return { base, view: view.row(i), expected: [expected[i] as number[]] }
    }
    case 3: {
      if (columns === 0) return { base, view, expected }
      const j = (a as number) % columns
      return { base, view: view.column(j), expected: expected.map((row) => [row[j] as number]) }
    }
    default: {
      const k = ((a as number) % (rows + columns + 1)) - rows
      const diagonal = expected.flatMap((row, i) =>
        row[i + k] === undefined ? [] : [[row[i + k] as number]],
      )
      return { base, view: view.diagonal(k), expected: diagonal }
    }
  }
}

const natural = fc.nat(1000)
const cases = fc
  .record({
    rows: fc.nat(9),
    columns: fc.nat(9),
    type: fc.constantFrom('float64', 'float32'),
    steps: fc.array(fc.tuple(fc.nat(4), natural, natural, natural, natural), { maxLength: 4 }),
  })
  .map(({ rows, columns, type, steps }) => {
    const base: Matrix<Reals> = Matrix.zeros(rows, columns, { type: type as 'float64' })
    base.data.forEach((_, k) => {
      base.data[k] = k + 0.5
    })
    const expected = Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (__, j) => i * columns + j + 0.5),
    )
    return steps.reduce<Case>(step, { base, view: base.view(), expected })
  })

describe('views of a matrix', () => {
  const A = Matrix.from([
    [1, 2, 3],
    [4, 5, 6],
  ])

  it('show rows, columns, blocks, transposes and diagonals', () => {
    assert.deepEqual(A.column(1).toArray(), [[2], [5]])
    assert.deepEqual(A.view().row(1).toArray(), [[4, 5, 6]])
    assert.deepEqual(A.block(0, 1).toArray(), [
      [2, 3],
      [5, 6],
    ])
    assert.deepEqual(A.block(1, 0, 1, 2).toArray(), [[4, 5]])
    assert.deepEqual(A.transpose().toArray(), [
      [1, 4],
      [2, 5],
      [3, 6],
    ])
    assert.deepEqual([...A.diagonal()], [1, 5])
    assert.deepEqual([...A.diagonal(1)], [2, 6])
    assert.deepEqual([...A.diagonal(-1)], [4])
    assert.deepEqual([...A.diagonal(3)], [])
    assert.deepEqual([...A.diagonal(-2)], [])
  })

  it('share their elements with it, both ways', () => {
    const B = A.clone()
    B.transpose().set(2, 1, 60)
    assert.equal(B.get(1, 2), 60)
    B.set(0, 0, 10)
    assert.equal(B.diagonal().get(0, 0), 10)
    B.column(1).fill(0)
    assert.deepEqual(B.toArray(), [
      [10, 0, 3],
      [4, 0, 60],
    ])
  })

  it('are what nested arrays say after any chain of steps, in both precisions', () => {
    fc.assert(
      fc.property(cases, ({ base, view, expected }) => {
        const [rows, columns] = [expected.length, expected[0]?.length ?? view.columns]
        assert.deepEqual([view.rows, view.columns], [rows, columns])
        assert.equal(view.type, base.type)
        assert.equal(view.elements, base.data)
        assert.deepEqual(view.toArray(), expected)
        assert.deepEqual([...view], expected.flat())
        assert.deepEqual(
          [...view.entries()],
          expected.flatMap((row, i) => row.map((value, j) => [i, j, value])),
        )
        const copy = view.clone()
        assert.ok(copy instanceof Matrix && copy.type === base.type)
        assert.deepEqual([...copy.data], expected.flat())
        assert.ok(copy.equals(view) && view.equals(copy))
        assert.ok(view.transpose().transpose().equals(copy))
        assert.ok(Matrix.from(view).equals(copy))
        // A file wants the elements dense, wherever they lie.
        assert.deepEqual(decodeNpy(encodeNpy(view)).data, copy.data)
        assert.deepEqual(
          view.map((value, i, j) => value * 4 + i - j).toArray(),
          expected.map((row, i) => row.map((value, j) => value * 4 + i - j)),
        )
        if (rows * columns > 0) {
          copy.set(rows - 1, columns - 1, -1)
          assert.ok(!copy.equals(view) && !view.equals(copy))
        }
      }),
    )
  })

  it('are written to where they are, and nowhere else', () => {
    fc.assert(
      fc.property(cases, ({ base, view, expected }) => {
        const before = Float64Array.from(base.data)
        view.assign(view.map((value) => -value))
        const touched = new Set(expected.flat())
        before.forEach((value, k) => {
          assert.equal(base.data[k], touched.has(value) ? -value : value)
        })
        view.fill(0)
        before.forEach((value, k) => assert.equal(base.data[k], touched.has(value) ? 0 : value))
      }),
    )
  })

  it('take over elements of their own memory as if they were copied before', () => {
    const B = Matrix.random(150, 150, { seed: 4 })
    const expected = B.transpose().clone()
    B.assign(B.transpose())
    assert.ok(B.equals(expected))
    const row = Matrix.from([[1, 2, 3, 4, 5]])
    row.block(0, 1).assign(row.block(0, 0, 1, 4))
    assert.deepEqual(row.toArray(), [[1, 1, 2, 3, 4]])
  })

  it('can lie on any typed array, also backwards and with all elements the same', () => {
    const data = Float32Array.of(0, 1, 2, 3, 4, 5)
    const back = new MatrixView(2, 3, data, { offset: 5, rowStride: -3, columnStride: -1 })
    assert.deepEqual(back.toArray(), [
      [5, 4, 3],
      [2, 1, 0],
    ])
    assert.equal(back.type, 'float32')
    const same = new MatrixView(2, 2, data, { offset: 4, rowStride: 0, columnStride: 0 })
    assert.deepEqual([...same], [4, 4, 4, 4])
    assert.deepEqual([...new MatrixView(2, 3, data)], [0, 1, 2, 3, 4, 5])
    assert.deepEqual([...MatrixView.from(A)], [...A])
  })

  it('are taken by functions as the matrices they show', async () => {
    const B = Matrix.random(9, 9, { seed: 2 })
    for (const view of [B.transpose(), B.block(1, 2, 5, 5), B.block(2, 0, 7, 7).transpose()]) {
      assert.ok((await inv(view)).equals(invSync(view.clone())))
    }
    // Whole rows lie dense as they are; the result does not lie in them.
    const rows = Matrix.random(6, 3, { seed: 3 })
    const kept = rows.clone()
    assert.ok(invSync(rows.block(2, 0, 3, 3)).equals(invSync(rows.block(2, 0, 3, 3).clone())))
    assert.ok(rows.equals(kept))
    // What two threads of JavaScript send each other has lost its class.
    const { transferred } = structuredClone({ transferred: B.transpose() })
    assert.ok(!(transferred instanceof MatrixView))
    assert.ok(invSync(transferred).equals(invSync(B.transpose())))
  })

  it('are multiplied as the matrices they show, whatever their strides', () => {
    fc.assert(
      fc.property(
        layouts,
        ({ shape: [rows = 0, columns = 0], strides, offset, length, expected }) => {
          const data = Float64Array.from({ length }, (_, k) => k)
          const [rowStride, columnStride] = strides
          const view = new MatrixView(rows, columns, data, { offset, rowStride, columnStride })
          assert.deepEqual(view.toArray(), expected)
          const B = Matrix.random(columns, 3, { seed: 1 })
          const product = matmulSync(view, B)
          for (const [i, j, value] of product.entries()) {
            const sum = (expected[i] as number[]).reduce((s, x, k) => s + x * B.get(k, j), 0)
            assert.ok(Math.abs(value - sum) <= 1e-12 * (1 + Math.abs(sum)))
          }
        },
      ),
    )
  })

  it('are refused where a matrix is to be written', async () => {
    await assertFails(
      () => invSync(Matrix.identity(3).transpose(), { overwrite: true }),
      'ERR_INVALID_ARGUMENT',
      /^Expected a Matrix \(clone\(\) makes one of a view\) for A but received an object of type MatrixView$/,
    )
    await assertFails(
      () => invSync(Matrix.identity(3), { out: Matrix.identity(3).view() as never }),
      'ERR_INVALID_ARGUMENT',
      /for out but received an object of type MatrixView$/,
    )
  })

  it('name the place of what is wrong in them as they show it', async () => {
    const B = Matrix.identity(3)
    B.set(0, 2, Number.NaN)
    await assertFails(
      () => inv(B.transpose()),
      'ERR_NOT_FINITE',
      /for A\[2\]\[0\] but received NaN/,
    )
  })

  it('outside of their array or matrix are refused', async () => {
    const data = new Float64Array(6)
    const outside = 'ERR_SHAPE'
    await assertFails(
      () => new MatrixView(2, 3, data, { offset: 1 }),
      outside,
      /^Expected elements 1 to 6 for view, a view of 2 x 3, but received 6 elements of type Float64Array$/,
    )
    await assertFails(
      () => new MatrixView(2, 1, data, { rowStride: -1 }),
      outside,
      /elements -1 to 0/,
    )
    await assertFails(() => new MatrixView(1, 1, new Float64Array(0)), outside, /detached/)
    const invalid = 'ERR_INVALID_ARGUMENT'
    await assertFails(() => new MatrixView(1, 1, [1] as never), invalid, /for view\.elements/)
    await assertFails(() => new MatrixView(1, 1, data, { offset: 0.5 }), invalid, /view\.offset/)
    await assertFails(() => new MatrixView(1, 1, data, { ofset: 1 } as never), invalid, /"offset"/)
    await assertFails(() => A.column(3), invalid, /for column but received 3/)
    await assertFails(() => A.view().row(-1), invalid, /for row but received -1/)
    await assertFails(() => A.block(1, 1, 2, 1), invalid, /from 0 to 1 for rows but received 2/)
    await assertFails(() => A.block(3, 0), invalid, /for row but received 3/)
    await assertFails(() => A.diagonal(-3), invalid, /from -2 to 3 for k but received -3/)
    await assertFails(() => A.transpose().get(0, 2), invalid, /for column but received 2/)
    await assertFails(() => A.clone().assign(A.transpose()), outside, /2 x 3 matrix for source/)
    await assertFails(() => A.map(1 as never), invalid, /a function for f/)
    await assertFails(() => A.asType('float16' as never), invalid, /"float64", "float32" for type/)
  })

  it('are views still after their matrix was transferred away, and say so', async () => {
    const B = Matrix.identity(2)
    const view = B.transpose()
    structuredClone(B.data, { transfer: [B.data.buffer] })
    await assertFails(() => inv(view), 'ERR_SHAPE', /0 elements \(its buffer is detached\)/)
  })
})

describe('a matrix in the console', () => {
  it('shows dimensions, type and elements to six digits', () => {
    const A = Matrix.from([
      [1 / 3, -0],
      [1e-30, 123456789],
    ])
    const lines = [
      'Matrix 2 x 2 (float64)',
      '      0.333333         -0',
      '  1e-30         123457000',
    ]
    assert.equal(inspect(A), lines.join('\n'))
    assert.match(inspect(Matrix.from([[1.5, 7], [-10.25, -0.5]])), /\n {4}1\.5 {4}7\n {2}-10\.25 {2}-0\.5$/) // prettier-ignore
    assert.match(inspect(A.transpose()), /^MatrixView 2 x 2 \(float64\)\n/)
    assert.equal(inspect(Matrix.zeros(0, 3, { type: 'float32' })), 'Matrix 0 x 3 (float32)')
  })

  it('shows complex numbers with their signs', () => {
    const Z = ComplexMatrix.from([[[1, -2], { re: 0, im: -0 }, [-1.5, Number.NaN]]])
    assert.equal(inspect(Z), 'ComplexMatrix 1 x 3 (complex128)\n  1-2i  0-0i  -1.5+NaNi')
  })

  it('shows the corners of a large one, and one line inside of something deep', () => {
    const text = inspect(Matrix.from(Array.from({ length: 12 }, (_, i) => [i])))
    assert.equal(text.split('\n').length, 1 + 11)
    assert.match(text, /\n {3}4\n {3}⋮\n {3}7\n/)
    assert.ok(inspect(Matrix.zeros(1000, 1000)).length < 1000)
    assert.match(inspect({ a: { b: Matrix.identity(2) } }), /b: Matrix 2 x 2 \(float64\)\n/)
    assert.equal(
      inspect({ a: { b: { c: Matrix.identity(2) } } }),
      '{ a: { b: { c: Matrix 2 x 2 (float64) } } }',
    )
  })
})
