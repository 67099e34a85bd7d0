// The tasks that come with numcore. A child gets the address of a module, so that it loads that one
// task and nothing else. To add one: its file, and its line here.
import { task as acf } from './acf.js'
import { task as eigh } from './eigh.js'
import { task as fft } from './fft.js'
import { task as integral } from './integral.js'
import { task as inverse } from './inverse.js'
import { task as matmul } from './matmul.js'
import { task as solve } from './solve.js'
import { task as svd } from './svd.js'
import type { Task } from './task.js'
import { task as wordcount } from './wordcount.js'

export interface TaskModule {
  task: Task
  /** Address of the module that exports `task`, or a user's `run`. */
  module: string
  /** The same for the ranks of an MPI job; undefined: it is for one process only. */
  onRanks?: string
  /** The caller's own command, for the task that runs it. */
  command?: string
}

/** Those with a module in ranks/. */
const onRanks: readonly Task[] = [inverse, integral, acf]

const all: readonly Task[] = [inverse, matmul, solve, eigh, svd, integral, acf, wordcount, fft]

export const builtIn: readonly TaskModule[] = all.map((task) => ({
  task,
  module: new URL(`./${task.name}.js`, import.meta.url).href,
  ...(onRanks.includes(task) && {
    onRanks: new URL(`./ranks/${task.name}.js`, import.meta.url).href,
  }),
}))
