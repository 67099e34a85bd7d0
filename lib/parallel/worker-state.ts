// What this thread knows of being a worker. Kept on globalThis, because a worker may load two copies of this module
// (that of the pool, and that of the task's own node_modules).

export interface WorkerState {
  /** Counts from 1 in its pool. */
  id: number
  /** Pools around it: 1 in a worker of a pool of the program. */
  depth: number
  /** Task modules that are being loaded, and tasks that run. */
  loading: number
  running: number
}

const key = Symbol.for('numcore.worker')
const place = globalThis as { [key]?: WorkerState }

export function enterWorker(state: WorkerState): void {
  place[key] = state
  isMain = false
}

/** Undefined outside a pool's workers. */
export function workerState(): WorkerState | undefined {
  return place[key]
}

/**
 * True in the program itself and false in the workers of a pool: the guard around what only the program
 * should do when a task lives in the main module, since workers load that module to find the task.
 *
 * @example
 * ```ts
 * import { isMain, Pool } from 'numcore/parallel'
 * export const square = (x) => x * x
 * if (isMain) {
 *   const pool = new Pool(2)
 *   console.log(await pool.map(square, [1, 2, 3])) // [ 1, 4, 9 ]
 *   await pool.close()
 * }
 * ```
 */
export let isMain: boolean = place[key] === undefined

/** The worker's number in its pool, from 1; undefined in the program itself. */
export function workerId(): number | undefined {
  return place[key]?.id
}
