// The machine's own rates, and the kernel that watches it. To add a roof: its file, its line, its name in Needs.
import type { RoofName } from '../report.js'
import type { TaskModule } from '../tasks/index.js'
import { task as reference } from '../tasks/reference.js'
import { task as bytes } from './bytes.js'
import { task as flops } from './flops.js'
import { task as roots } from './roots.js'

const tasks = { flops, bytes, roots }

export const roofTask = (name: RoofName): TaskModule => ({
  task: tasks[name],
  module: new URL(`./${name}.js`, import.meta.url).href,
})

export const referenceTask: TaskModule = {
  task: reference,
  module: new URL('../tasks/reference.js', import.meta.url).href,
}
