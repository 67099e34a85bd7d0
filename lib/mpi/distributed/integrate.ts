/** Integrals that the ranks of a communicator compute together. */
import { type AsyncOptions, asyncKeys } from '../../job.js'
import { checkOptions } from '../../options.js'
import type { Integrand, PointIntegrand, VectorIntegrand } from '../../quad/steps.js'
import { SharedRule } from '../../quad/shared.js'
import { type Integral, type IntegrateOptions, integrateKeys } from '../../quadrature.js'
import { agree, agreeAtRoot } from '../agree.js'
import type { Comm } from '../comm.js'

/** Chunks of each rank between two exchanges: some ten million points, and less than a megabyte of sums. */
const chunksAtOnce = 4096

/**
 * The integral of f from `a` to `b` by a rule on a fixed grid, its points spread over the ranks: collective, with the same
 * arguments on all ranks, and the result on all. Bits are those of `integrate` on one process, whatever the
 * number of ranks and threads: sums over fixed pieces of the grid, some ten thousand points each, are added in their order,
 * on rank 0. That takes some ten nanoseconds a piece, so a hundred ranks can share the cheapest integrand.
 *
 * Arguments, options and errors are those of `integrate`. What is thrown on one rank is thrown on all: by f, for a
 * value that is not finite (the lowest such point of all), or the reason of a signal. `threads` is what each rank may use;
 * the result's counts those of all. `onProgress` tells how far this rank is.
 *
 * @example
 * ```ts
 * import { COMM_WORLD as comm, distributed } from 'numcore/mpi'
 * const { value } = await distributed.integrate(comm, 'x**(3/2)', 0, 1, { bins: 1e6 })
 * console.log(value.toFixed(12)) // 0.400000000000
 * ```
 */
export async function integrate(
  comm: Comm,
  f: VectorIntegrand,
  a: number,
  b: number,
  options: IntegrateOptions & AsyncOptions & { vectorized: true },
): Promise<Integral>
export async function integrate(
  comm: Comm,
  f: string | PointIntegrand,
  a: number,
  b: number,
  options?: IntegrateOptions & AsyncOptions,
): Promise<Integral>
export async function integrate(
  comm: Comm,
  f: Integrand,
  a: number,
  b: number,
  options?: IntegrateOptions & AsyncOptions,
): Promise<Integral> {
  const { rank, size } = comm
  let rule: SharedRule | undefined
  let given: AsyncOptions = {}
  let threads = 0
  let from = 0
  do {
    let count = 0
    const parts = await agree(comm, () => {
      if (rule === undefined) {
        const keys = [...integrateKeys, ...asyncKeys]
        const checked = checkOptions<IntegrateOptions & AsyncOptions>('integrate', options, keys)
        rule = new SharedRule(f, a, b, checked)
        given = checked
      }
      const { chunks } = rule
      count = Math.min(size * chunksAtOnce, chunks - from)
      const begin = (part: number) => from + Math.floor((count * part) / size)
      const { onProgress } = given
      return rule.evaluate(begin(rank), begin(rank + 1), {
        threads: given.threads,
        signal: given.signal,
        onProgress: onProgress && ((done) => onProgress((from + count * done) / chunks)),
      })
    })
    from += count
    const all = await comm.igather(parts)
    if (all === undefined) continue
    threads = Math.max(
      threads,
      all.reduce((sum, each) => sum + each.threads, 0),
    )
    for (const { bytes } of all) rule?.take(bytes)
  } while (from < (rule as SharedRule).chunks)
  return agreeAtRoot(comm, () => (rule as SharedRule).finish(Math.max(1, threads)))
}
