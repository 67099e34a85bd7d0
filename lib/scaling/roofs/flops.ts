// The roof of arithmetic: matrix products, each thread its own, by the same OpenBLAS as the tasks.
import os from 'node:os'
import { run } from '../../job.js'
import { native } from '../../native.js'
import type { Task } from '../tasks/task.js'

// Orders by falling speed, by a few per cent. Three matrices of 2048 are 100 MB, for each thread.
const orders = [2048, 1024, 512]

const bytesFor = (order: number, threads: number) => threads * 3 * 8 * order ** 2

export const task: Task = {
  name: 'flops',
  title: 'Matrix products',
  unit: 'flop/s',
  bytes: () => bytesFor(orders[0] as number, 1),
  async setup({ threads }) {
    const most = os.freemem() / 8
    const order = orders.find((each) => bytesFor(each, threads) <= most) ?? 512
    // Zeros would do for the clock, but some processors clock higher when nothing but zeros is multiplied.
    const workspace = new Float64Array(threads * 3 * order * order).map((_, i) => (i % 1013) / 1013)
    const times = Math.max(1, Math.round(1e10 / (2 * order ** 3)))
    return {
      size: order,
      description: `${times} products of order ${order} on each thread`,
      work: threads * times * 2 * order ** 3,
      run: () =>
        run((control) => native.roofMultiply(workspace, order, times, control), { threads }),
      bits: () => undefined,
    }
  },
}
