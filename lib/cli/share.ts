// Tasks that are shared by ranks, and by the workers of each: whoever is free gets the next.
import type { Comm } from '../mpi/comm.js'
import type { Ranks } from './ranks.js'

interface Tasks<T> {
  /** They have the numbers below. */
  count: number
  /** How many of them this rank works on at a time. */
  workers: number
  run: (index: number) => Promise<T>
  /** Gets every result, on rank 0, as it comes. */
  take: (index: number, result: T) => void
}

/** A worker of another rank brings the result of its last task, and asks for the next. */
interface Request<T> {
  rank: number
  worker: number
  last: { index: number; result: T } | undefined
}

const requestTag = 1
/** Each worker has a tag of its own for what it is told. */
const taskTag = (worker: number) => requestTag + 1 + worker

/** Runs all tasks, each once. One that throws breaks the command off: what can go wrong with a task is its result. */
export async function shareTasks<T>({ comm, isRoot }: Ranks, tasks: Tasks<T>): Promise<void> {
  const { count, run, take } = tasks
  const workers = Math.min(tasks.workers, count)
  const start = (worker: (number: number) => Promise<void>) =>
    Promise.all(Array.from({ length: workers }, (_, i) => worker(i)))
  const everywhere = comm === undefined ? workers : await comm.iallreduce(workers)
  if (comm !== undefined && !isRoot) {
    await start((worker) => serve(comm, worker, run))
    return
  }
  let next = 0
  const draw = () => (next < count ? next++ : undefined)
  const work = async () => {
    for (let index = draw(); index !== undefined; index = draw()) take(index, await run(index))
  }
  await Promise.all([
    start(work),
    comm === undefined ? undefined : deal(comm, everywhere - workers, draw, take),
  ])
}

/** Does what rank 0 says until it has nothing more. */
async function serve<T>(comm: Comm, worker: number, run: (index: number) => Promise<T>) {
  let last: Request<T>['last']
  for (;;) {
    const request: Request<T> = { rank: comm.rank, worker, last }
    await comm.isend(request, { dest: 0, tag: requestTag })
    const index = await comm.irecv<number | undefined>({ source: 0, tag: taskTag(worker) })
    if (index === undefined) return
    last = { index, result: await run(index) }
  }
}

/** Gives tasks to the other ranks' workers until each has been told that there are no more. */
async function deal<T>(
  comm: Comm,
  workers: number,
  draw: () => number | undefined,
  take: (index: number, result: T) => void,
): Promise<void> {
  for (let working = workers; working > 0;) {
    const { rank, worker, last } = await comm.irecv<Request<T>>({ tag: requestTag })
    if (last !== undefined) take(last.index, last.result)
    const index = draw()
    if (index === undefined) working--
    await comm.isend(index, { dest: rank, tag: taskTag(worker) })
  }
}
