// The thin singular value decomposition of a general matrix.
import { type Svd, svd } from '../../linalg/index.js'
import { Matrix } from '../../matrix.js'
import { alternating, distance, rowNorm, times, transposedTimes } from './products.js'
import { joined, type Task, type TaskOptions } from './task.js'

// The work grows as n^3, so that p times the work is a matrix of p^(1/3) times the order.
const order = ({ size = 1500 }: TaskOptions, grow: number) => Math.round(size * Math.cbrt(grow))

export const task: Task = {
  name: 'svd',
  title: 'Singular values',
  unit: 'Gflop/s',

  // The matrix and its copy, the vectors of this run and of the one before, and three times as much to work in.
  bytes: (options, grow) => 9 * 8 * order(options, grow) ** 2,

  async setup(setting) {
    const n = order(setting, setting.grow)
    const a = Matrix.random(n, n, { seed: 1 })
    // 8/3 n^3 to make it bidiagonal (gebrd) and 2 n^3 for each side to turn the vectors back (ormbr): LAPACK Working Note
    // 41, and the 6.67 n^3 of the LAPACK Users' Guide. What is between them depends on the matrix and is not counted;
    // QR iterations would do 22 n^3 in all (Golub and Van Loan, 8.6).
    const flops = (20 / 3) * n ** 3
    return {
      size: n,
      description: `svd() of a general ${n} × ${n} matrix`,
      work: flops / 1e9,
      needs: { flops, bytes: 3 * 8 * n ** 2 },
      run: () => svd(a),
      bits: (result) => {
        const { u, s, vt } = result as Svd<Matrix>
        return joined(s, u.data, vt.data)
      },
      error: (result) => ({ name: 'scaled residual', value: residual(a, result as Svd<Matrix>) }),
    }
  },
}

// With x = V c and c of alternating signs: A x against U (s c), and V^T x and U^T U c against c, which tells whether the
// vectors are orthonormal. All in units of rounding, n eps times what is compared: at most a few.
function residual(a: Matrix, { u, s, vt }: Svd<Matrix>): number {
  const c = alternating(s.length)
  const x = transposedTimes(vt, c)
  const size = rowNorm(a) * distance(x, new Float64Array(x.length))
  const scaled = s.map((value, i) => value * (c[i] as number))
  const equation = distance(times(a, x), times(u, scaled)) / size
  const orthonormal = Math.max(distance(times(vt, x), c), distance(transposedTimes(u, times(u, c)), c))
  return Math.max(equation, orthonormal) / (a.rows * Number.EPSILON)
}
