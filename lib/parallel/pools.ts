/** The executors: pools of threads and of processes. */
import { checkOptions, expectInteger } from '../options.js'
import { Executor, executorKeys, type ExecutorOptions, type Kind, mostWorkers } from './executor.js'
import { ProcessHost, ThreadHost } from './host.js'

const threads = (name: string): Kind => ({
  name,
  way: 'threads',
  newHost: (options, events) => new ThreadHost(options, events),
})

/** @internal */
export const processes = (name: string): Kind => ({
  name,
  way: 'processes',
  newHost: (options, events) => new ProcessHost(options, events),
})

/**
 * Runs tasks in threads of this process (node:worker_threads). For computation as well: each thread has
 * a JavaScript engine of its own, and they run at the same time.
 *
 * Starting a worker takes less than starting a process, SharedArrayBuffers are shared, and `move` gives
 * memory away without copying. In return a crash of native code ends the whole program.
 *
 * @example
 * ```ts
 * import { ThreadPoolExecutor } from 'numcore/parallel'
 * const pool = new ThreadPoolExecutor({ maxWorkers: 2 })
 * console.log(await pool.map((x) => x ** 2, [1, 2, 3])) // [ 1, 4, 9 ]
 * console.log(await pool.submit((x, n) => x ** n, 2, 10)) // 1024
 * await pool.close()
 * ```
 */
export class ThreadPoolExecutor extends Executor {
  constructor(options?: ExecutorOptions) {
    super(threads('ThreadPoolExecutor'), options)
  }
}

/**
 * Runs tasks in processes (node:child_process), each with memory of its own: what happens in one, even
 * its death, does not touch the others.
 *
 * @example
 * ```ts
 * import { ProcessPoolExecutor } from 'numcore/parallel'
 * const pool = new ProcessPoolExecutor({ maxWorkers: 2 })
 * for await (const square of pool.imap((x) => x ** 2, [1, 2, 3])) console.log(square)
 * const { pid } = process
 * console.log(await pool.submit((parent) => process.pid !== parent, pid)) // true
 * await pool.close()
 * ```
 */
export class ProcessPoolExecutor extends Executor {
  constructor(options?: ExecutorOptions) {
    super(processes('ProcessPoolExecutor'), options)
  }
}

/**
 * Python's `multiprocessing.Pool`: a {@link ProcessPoolExecutor} that is given the number of its workers,
 * and whose end does not wait: leaving the block ends the workers at once.
 *
 * @example
 * ```ts
 * import { Pool } from 'numcore/parallel'
 * const pool = new Pool(2)
 * const powers = await pool.starmap((x, n) => x ** n, [[2, 3], [3, 2]])
 * console.log(powers) // [ 8, 9 ]
 * await pool.close()
 * ```
 */
export class Pool extends Executor {
  constructor(workers?: number, options?: Omit<ExecutorOptions, 'maxWorkers'>) {
    const given = checkOptions<ExecutorOptions>('Pool', options, executorKeys.slice(1))
    super(processes('Pool'), {
      ...given,
      maxWorkers:
        workers === undefined ? undefined : expectInteger('processes', workers, 1, mostWorkers),
    })
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.terminate()
  }
}
