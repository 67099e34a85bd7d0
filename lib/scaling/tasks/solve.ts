// One system of equations with a general matrix: an LU factorisation, and two triangular systems that are little beside it.
import { solve } from '../../linalg/index.js'
import { Matrix } from '../../matrix.js'
import { bytesOf, type Task, type TaskOptions } from './task.js'

// The work is 2/3 n^3, so that p times the work is a matrix of p^(1/3) times the order.
const order = ({ size = 4000 }: TaskOptions, grow: number) => Math.round(size * Math.cbrt(grow))

export const task: Task = {
  name: 'solve',
  title: 'Linear system',
  unit: 'Gflop/s',

  bytes: (options, grow) => 3 * 8 * order(options, grow) ** 2,

  async setup(setting) {
    const n = order(setting, setting.grow)
    const a = Matrix.random(n, n, { seed: 1 })
    const b = Float64Array.from({ length: n }, (_, i) => Math.cos(i))
    const flops = (2 / 3) * n ** 3 + 2 * n ** 2
    return {
      size: n,
      description: `solve() with a general ${n} × ${n} matrix`,
      work: flops / 1e9,
      needs: { flops, bytes: 2 * 8 * n ** 2 },
      run: () => solve(a, b),
      bits: (result) => bytesOf(result as Float64Array),
      error: (result) => ({ name: 'scaled residual', value: residual(a, result as Float64Array, b) }),
    }
  },
}

// max |A x - b| / (n eps |A| |x|): at most a few for a solution that is exact for a matrix nearby.
function residual({ data, rows: n }: Matrix, x: Float64Array, b: Float64Array): number {
  let [miss, norm] = [0, 0]
  for (let i = 0; i < n; ++i) {
    let [sum, size] = [0, 0]
    for (let j = 0; j < n; ++j) {
      const value = data[i * n + j] as number
      sum += value * (x[j] as number)
      size += Math.abs(value)
    }
    miss = Math.max(miss, Math.abs(sum - (b[i] as number)))
    norm = Math.max(norm, size)
  }
  const largest = x.reduce((most, each) => Math.max(most, Math.abs(each)), 0)
  return miss / (n * Number.EPSILON * norm * largest)
}
