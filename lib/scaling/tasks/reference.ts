// The kernel that never changes: timed in every round, so that a throttled processor or a busy neighbour is noticed
// whatever the tasks are. Vector arithmetic on as many CPUs as the rows use, a few hundredths of a second.
import { integrate } from '../../quadrature.js'
import { bytesOf, type Task } from './task.js'

const bins = 2e7

export const task: Task = {
  name: 'reference',
  title: 'Reference kernel',
  unit: 'Gpoints/s',
  bytes: () => 0,
  async setup({ threads }) {
    const points = bins * threads
    return {
      size: points,
      description: 'the same integral in every round',
      work: points / 1e9,
      run: () => integrate('x**(3/2)', 0, 1, { rule: 'midpoint', bins: points }),
      bits: (result) => bytesOf(Float64Array.of((result as { value: number }).value)),
    }
  },
}
