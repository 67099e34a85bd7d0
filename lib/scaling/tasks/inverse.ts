// The lesson's matrix: R .* R^T with R uniform in [0, 1), symmetric and indefinite.
import { inv } from '../../linalg.js'
import { Matrix } from '../../matrix.js'
import { bytesOf, type Task } from './task.js'

const order = ({ size }: { size?: number | undefined }) => size ?? 4000

export const task: Task = {
  name: 'inverse',
  title: 'Matrix inverse',
  unit: 'Gflop/s',

  // The matrix, its inverse, and as much again to work in.
  bytes: (options) => 3 * 8 * order(options) ** 2,

  async setup(options) {
    const n = order(options)
    const matrix = Matrix.random(n, n, { seed: 1, symmetric: true })
    return {
      size: n,
      description: `inv() of a ${n} × ${n} symmetric matrix`,
      // n^3/3 to factor and 2n^3/3 to invert: what a symmetric inverse needs at least, so that the
      // rate does not flatter an algorithm that does more.
      work: n ** 3 / 1e9,
      run: () => inv(matrix),
      bits: (result) => bytesOf((result as Matrix).data),
    }
  },
}
