import assert from 'node:assert/strict'
import { Matrix } from 'numcore'
import { assertFails } from './support/assertions.js'

describe('Matrix', () => {
  it('keeps its elements in row-major order', () => {
    const A = Matrix.from([
      [1, 2, 3],
      [4, 5, 6],
    ])
    assert.deepEqual([A.rows, A.columns], [2, 3])
    assert.deepEqual([...A.data], [1, 2, 3, 4, 5, 6])
    assert.equal(A.get(1, 0), 4)
    A.set(0, 2, -3)
    assert.deepEqual(A.toArray(), [
      [1, 2, -3],
      [4, 5, 6],
    ])
  })

  it('takes a typed array without copying it', () => {
    const data = Float64Array.of(1, 2, 3, 4)
    const A = new Matrix(2, 2, data)
    data[3] = 9
    assert.equal(A.get(1, 1), 9)
  })

  it('gives a row as a view and a clone as a copy', () => {
    const A = Matrix.identity(3)
    A.row(1)[0] = 7
    assert.equal(A.get(1, 0), 7)
    const B = A.clone()
    B.set(1, 0, 8)
    assert.equal(A.get(1, 0), 7)
  })

  it('transposes, also across the edges of its tiles', () => {
    const A = Matrix.random(130, 67, { seed: 3 })
    const B = A.transpose().clone()
    for (let i = 0; i < A.rows; i++) {
      for (let j = 0; j < A.columns; j++) assert.equal(B.get(j, i), A.get(i, j))
    }
  })

  it('compares elements, dimensions and type', () => {
    const A = Matrix.from([[1, Number.NaN]])
    assert.ok(A.equals(Matrix.from([[1, Number.NaN]])))
    assert.ok(!A.equals(Matrix.from([[1], [Number.NaN]])))
    assert.ok(!A.equals(Matrix.from([[1, Number.NaN]], { type: 'float32' })))
    assert.ok(!A.equals(Matrix.from([[2, Number.NaN]])))
  })

  it('may be empty', () => {
    assert.deepEqual(Matrix.zeros(0, 0).toArray(), [])
    assert.equal(Matrix.from([]).rows, 0)
  })

  describe('random', () => {
    it('gives the same numbers for a seed and others for another', () => {
      const A = Matrix.random(20, 20, { seed: 5 })
      assert.ok(A.equals(Matrix.random(20, 20, { seed: 5 })))
      assert.ok(!A.equals(Matrix.random(20, 20, { seed: 6 })))
    })

    it('is uniform on [0, 1): mean, variance and neighbours as they should be', () => {
      const { data } = Matrix.random(1000, 1000, { seed: 1 })
      let sum = 0
      let squares = 0
      let neighbours = 0
      data.forEach((value, i) => {
        assert.ok(value >= 0 && value < 1)
        sum += value
        squares += value * value
        if (i > 0) neighbours += (value - 0.5) * ((data[i - 1] as number) - 0.5)
      })
      const n = data.length
      // Five standard deviations of each statistic for n independent uniform numbers.
      assert.ok(Math.abs(sum / n - 1 / 2) < (5 * Math.sqrt(1 / 12)) / Math.sqrt(n))
      assert.ok(Math.abs(squares / n - 1 / 3) < (5 * Math.sqrt(4 / 45)) / Math.sqrt(n))
      assert.ok(Math.abs(neighbours / n) < (5 * (1 / 12)) / Math.sqrt(n))
    })

    it("is the lesson's R .* R^T when symmetric", () => {
      const R = Matrix.random(100, 100, { seed: 9 })
      const A = Matrix.random(100, 100, { seed: 9, symmetric: true })
      for (let i = 0; i < 100; i++) {
        for (let j = 0; j < 100; j++) assert.equal(A.get(i, j), R.get(i, j) * R.get(j, i))
      }
    })
  })

  it('works in single precision', () => {
    const A = Matrix.random(2, 2, { type: 'float32', seed: 1 })
    assert.ok(A.data instanceof Float32Array)
    assert.ok(A.transpose().elements instanceof Float32Array)
  })

  it('refuses what does not fit, in one sentence', async () => {
    await assertFails(
      () => new Matrix(2, 2, new Float64Array(3)),
      'ERR_SHAPE',
      /^Expected 4 elements for data.data of a 2 x 2 matrix but received 3 of type Float64Array$/,
    )
    await assertFails(
      () => Matrix.from([[1, 2], [3]]),
      'ERR_SHAPE',
      /^Expected 2 elements for source\[1\] but received 1 of type Array$/,
    )
    await assertFails(
      () => Matrix.from([[1, '2' as unknown as number]]),
      'ERR_INVALID_ARGUMENT',
      /^Expected a number for source\[0\]\[1\] but received "2" of type string$/,
    )
    await assertFails(
      () => Matrix.zeros(-1, 2),
      'ERR_INVALID_ARGUMENT',
      /^Expected an integer of at least 0 for rows but received -1 of type number$/,
    )
    await assertFails(
      () => Matrix.zeros(2, 2, { tpye: 'float32' } as never),
      'ERR_INVALID_ARGUMENT',
      /"tpye" of type string; did you mean "type"\?$/,
    )
    await assertFails(() => Matrix.random(2, 3, { symmetric: true }), 'ERR_SHAPE', /columns/)
    await assertFails(
      () => Matrix.identity(2).get(2, 0),
      'ERR_INVALID_ARGUMENT',
      /for row but received 2/,
    )
  })

  it('refuses what the machine cannot hold instead of being killed for it', async () => {
    // From two pebibytes.
    for (const n of [2 ** 24, 2 ** 31, 2 ** 52]) {
      await assertFails(
        () => Matrix.zeros(n, n),
        'ERR_OUT_OF_MEMORY',
        /Not enough memory for a .* matrix/,
      )
    }
  })
})
