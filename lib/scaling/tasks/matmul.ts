// The product of two general matrices: the least that stands between an algorithm and the roof.
import { matmul } from '../../linalg/index.js'
import { Matrix } from '../../matrix.js'
import { alternating, times } from './products.js'
import { bytesOf, type Task, type TaskOptions } from './task.js'

// The work is 2 n^3, so that p times the work is a matrix of p^(1/3) times the order.
const order = ({ size = 4000 }: TaskOptions, grow: number) => Math.round(size * Math.cbrt(grow))

export const task: Task = {
  name: 'matmul',
  title: 'Matrix product',
  unit: 'Gflop/s',

  bytes: (options, grow) => 4 * 8 * order(options, grow) ** 2,

  async setup(setting) {
    const n = order(setting, setting.grow)
    const [a, b] = [Matrix.random(n, n, { seed: 1 }), Matrix.random(n, n, { seed: 2 })]
    const out = new Matrix(n, n, new Float64Array(n * n))
    return {
      size: n,
      description: `matmul() of two ${n} × ${n} matrices`,
      work: (2 * n ** 3) / 1e9,
      needs: { flops: 2 * n ** 3, bytes: 3 * 8 * n ** 2 },
      run: () => matmul(a, b, { out }),
      bits: (result) => bytesOf((result as Matrix).data),
      error: (result) => ({ name: 'relative, row by row', value: difference(a, b, result as Matrix) }),
    }
  },
}

// (A B) v against A (B v) with v of alternating signs: the largest difference relative to A B of ones, O(n^2).
function difference(a: Matrix, b: Matrix, c: Matrix): number {
  const n = a.rows
  const v = alternating(n)
  const [once, twice] = [times(c, v), times(a, times(b, v))]
  const size = times(a, times(b, new Float64Array(n).fill(1)))
  let most = 0
  for (let i = 0; i < n; ++i) {
    const miss = Math.abs((once[i] as number) - (twice[i] as number))
    most = Math.max(most, miss / (size[i] as number))
  }
  return most
}
