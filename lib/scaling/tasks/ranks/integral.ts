// The lesson's integral, its points shared by the ranks: the same bits as on one.
import { COMM_WORLD as comm, distributed } from '../../../mpi/index.js'
import { task as alone } from '../integral.js'
import { grouped, type Task } from '../task.js'

export const task: Task = {
  ...alone,
  async setup(setting) {
    const prepared = await alone.setup(setting)
    const bins = prepared.size
    return {
      ...prepared,
      description: `distributed.integrate(comm, 'x**(3/2)', 0, 1) by the midpoint rule in ${grouped(bins)} bins`,
      run: () => distributed.integrate(comm, 'x**(3/2)', 0, 1, { rule: 'midpoint', bins }),
    }
  },
}
