// The lesson's integral: x^(3/2) over [0, 1] by the midpoint rule; the exact value is 2/5.
import { integrate } from '../../quadrature.js'
import { bytesOf, grouped, type Task } from './task.js'

export const task: Task = {
  name: 'integral',
  title: 'Numerical integral',
  unit: 'Gpoints/s',

  bytes: () => 0,

  async setup({ bins: given = 1e8, grow }) {
    const bins = Math.round(given * grow)
    return {
      size: bins,
      description: `integrate('x**(3/2)', 0, 1) by the midpoint rule in ${grouped(bins)} bins`,
      work: bins / 1e9,
      // x^(3/2) is x times its square root, and the root is by far the slowest instruction of a point.
      needs: { roots: bins },
      run: () => integrate('x**(3/2)', 0, 1, { rule: 'midpoint', bins }),
      bits: (result) => bytesOf(Float64Array.of((result as { value: number }).value)),
      error: (result) => {
        const { value } = result as { value: number }
        return { name: 'distance from 2/5', value: Math.abs(value - 0.4) }
      },
    }
  },
}
