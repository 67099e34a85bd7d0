// The lesson's matrix: R .* R^T with R uniform in [0, 1), symmetric and indefinite.
import { inv } from '../../linalg.js'
import { Matrix } from '../../matrix.js'
import { bytesOf, type Task, type TaskOptions } from './task.js'

// The work is n^3, so that p times the work is a matrix of p^(1/3) times the order.
const order = ({ size = 4000 }: TaskOptions, grow: number) => Math.round(size * Math.cbrt(grow))

export const task: Task = {
  name: 'inverse',
  title: 'Matrix inverse',
  unit: 'Gflop/s',

  // The matrix, its inverse, and as much again to work in.
  bytes: (options, grow) => 3 * 8 * order(options, grow) ** 2,

  async setup(setting) {
    const n = order(setting, setting.grow)
    const matrix = Matrix.random(n, n, { seed: 1, symmetric: true })
    return {
      size: n,
      description: `inv() of a ${n} × ${n} symmetric matrix`,
      // n^3/3 to factor and 2n^3/3 to invert: what a symmetric inverse needs at least, so that the
      // rate does not flatter an algorithm that does more.
      work: n ** 3 / 1e9,
      needs: { flops: n ** 3, bytes: 2 * 8 * n ** 2 },
      run: () => inv(matrix),
      bits: (result) => bytesOf((result as Matrix).data),
      error: (result) => ({ name: 'scaled residual', value: residual(matrix, result as Matrix) }),
    }
  },
}

// max |A (X v) - v| / (n eps |A| |X| |v|) with a vector of ones: O(n^2), and at most a few when X is an inverse.
function residual(a: Matrix, x: Matrix): number {
  const n = a.rows
  const v = new Float64Array(n).fill(1)
  const { product: xv, norm: normX } = times(x, v)
  const { product: axv, norm: normA } = times(a, xv)
  const miss = axv.reduce((most, each) => Math.max(most, Math.abs(each - 1)), 0)
  return miss / (n * Number.EPSILON * normA * normX)
}

// The product and the matrix's norm, the largest row sum of absolute values.
function times({ data, rows: n }: Matrix, v: Float64Array) {
  const product = new Float64Array(n)
  let norm = 0
  for (let i = 0; i < n; ++i) {
    let [sum, size] = [0, 0]
    for (let j = 0; j < n; ++j) {
      const value = data[i * n + j] as number
      sum += value * (v[j] as number)
      size += Math.abs(value)
    }
    product[i] = sum
    norm = Math.max(norm, size)
  }
  return { product, norm }
}
