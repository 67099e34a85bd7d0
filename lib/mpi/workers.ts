/**
 * For `node --import numcore/mpi/workers app.mjs` under a launcher: rank 0 runs the program, and the other ranks are the
 * workers of its {@link MPIPoolExecutor}. Elsewhere it does nothing: a process that a rank starts is no rank.
 */
import { isMainThread } from 'node:worker_threads'
import { launcherOf } from './launcher.js'

const size = launcherOf(process.env)?.size ?? 1
if (isMainThread && size > 1) {
  const { enlist } = await import('./enlist.js')
  await enlist()
}
