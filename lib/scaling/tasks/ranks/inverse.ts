// One matrix on each rank, the same on all: the work grows with the ranks, and so should the rate.
import { COMM_WORLD as comm } from '../../../mpi/index.js'
import { task as alone } from '../inverse.js'
import type { Task } from '../task.js'

export const task: Task = {
  ...alone,
  async setup(setting) {
    const prepared = await alone.setup({ ...setting, grow: setting.ranks?.grow ?? 1 })
    const { size, work, needs } = prepared
    return {
      ...prepared,
      description: `inv() of a ${size} × ${size} symmetric matrix on each rank`,
      work: work * comm.size,
      needs: { flops: (needs?.flops ?? 0) * comm.size, bytes: (needs?.bytes ?? 0) * comm.size },
    }
  },
}
