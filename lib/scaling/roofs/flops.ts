// The roof of arithmetic: matrix products, each thread its own, by the same OpenBLAS as the tasks.
import { run } from '../../job.js'
import { native } from '../../native.js'
import type { Task } from '../tasks/task.js'

// 2 MB a matrix: fits the second cache, and is large enough for OpenBLAS's full speed.
const order = 512
const times = 40

export const task: Task = {
  name: 'flops',
  title: 'Matrix products',
  unit: 'flop/s',
  bytes: () => 2 ** 26,
  async setup({ threads }) {
    // Zeros would do for the clock, but some processors clock higher when nothing but zeros is multiplied.
    const workspace = new Float64Array(threads * 3 * order * order).map((_, i) => (i % 1013) / 1013)
    return {
      size: order,
      description: `${times} products of order ${order} on each thread`,
      work: threads * times * 2 * order ** 3,
      run: () => run((control) => native.roofMultiply(workspace, order, times, control), { threads }),
      bits: () => undefined,
    }
  },
}
