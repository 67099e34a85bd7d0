// All eigenvalues and eigenvectors of a symmetric matrix. Half of the way to tridiagonal form is products of a matrix with
// vectors, which wait for memory.
import { type Eigh, eigh } from '../../linalg/index.js'
import { Matrix } from '../../matrix.js'
import { alternating, distance, rowNorm, times, transposedTimes } from './products.js'
import { joined, type Task, type TaskOptions } from './task.js'

// The work grows as n^3, so that p times the work is a matrix of p^(1/3) times the order.
const order = ({ size = 1500 }: TaskOptions, grow: number) => Math.round(size * Math.cbrt(grow))

export const task: Task = {
  name: 'eigh',
  title: 'Symmetric eigenvalues',
  unit: 'Gflop/s',

  // The matrix, the vectors of this run and of the one before, and twice as much to work in.
  bytes: (options, grow) => 5 * 8 * order(options, grow) ** 2,

  async setup(setting) {
    const n = order(setting, setting.grow)
    const a = Matrix.random(n, n, { seed: 1, symmetric: true })
    // 4/3 n^3 to make it tridiagonal (sytrd) and 2 n^3 to turn n vectors back (ormtr): LAPACK Working Note 41. What is
    // between them depends on the matrix, n^2 to 4/3 n^3, and is not counted; QR iterations would do 9 n^3 in all (Golub
    // and Van Loan, 8.3).
    const flops = (10 / 3) * n ** 3
    return {
      size: n,
      description: `eigh() of a ${n} × ${n} symmetric matrix`,
      work: flops / 1e9,
      needs: { flops, bytes: 2 * 8 * n ** 2 },
      run: () => eigh(a),
      bits: (result) => joined((result as Eigh<Matrix>).values, (result as Eigh<Matrix>).vectors.data),
      error: (result) => ({ name: 'scaled residual', value: residual(a, result as Eigh<Matrix>) }),
    }
  },
}

// With x = V c and c of alternating signs: A x against V (values c), and V^T x against c, which tells whether the vectors
// are orthonormal. Both in units of rounding, n eps times what is compared: at most a few.
function residual(a: Matrix, { values, vectors }: Eigh<Matrix>): number {
  const c = alternating(a.rows)
  const x = times(vectors, c)
  const size = rowNorm(a) * distance(x, new Float64Array(x.length))
  const scaled = values.map((value, i) => value * (c[i] as number))
  const equation = distance(times(a, x), times(vectors, scaled)) / size
  const orthonormal = distance(transposedTimes(vectors, x), c)
  return Math.max(equation, orthonormal) / (a.rows * Number.EPSILON)
}
