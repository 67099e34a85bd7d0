// The tasks that come with numcore. A child gets the address of a module, so that it loads that one
// task and nothing else.
import { task as acf } from './acf.js'
import { task as integral } from './integral.js'
import { task as inverse } from './inverse.js'
import type { Task } from './task.js'

export interface TaskModule {
  task: Task
  /** Address of the module that exports `task`. */
  module: string
}

export const builtIn: readonly TaskModule[] = [
  { task: inverse, module: new URL('./inverse.js', import.meta.url).href },
  { task: integral, module: new URL('./integral.js', import.meta.url).href },
  { task: acf, module: new URL('./acf.js', import.meta.url).href },
]
