// The roof of square roots, in registers, by the vector width that is fastest here.
import { run } from '../../job.js'
import { native } from '../../native.js'
import type { Task } from '../tasks/task.js'

const count = 3e7

export const task: Task = {
  name: 'roots',
  title: 'Square roots',
  unit: 'roots/s',
  bytes: () => 0,
  async setup({ threads }) {
    const take = (roots: number, width: number, on: number) =>
      run<number>((control) => native.roofRoots(roots, width, control), { threads: on })
    // The wider instruction is not the faster one everywhere.
    let [best, least] = [1, Number.POSITIVE_INFINITY]
    for (const width of native.roofWidths()) {
      await take(count / 10, width, 1)
      const start = performance.now()
      await take(count / 3, width, 1)
      const time = performance.now() - start
      if (time < least) [best, least] = [width, time]
    }
    const work = await take(count * threads, best, threads)
    return {
      size: best,
      description: `square roots in registers, ${best} at a time`,
      work,
      run: () => take(count * threads, best, threads),
      bits: () => undefined,
    }
  },
}
