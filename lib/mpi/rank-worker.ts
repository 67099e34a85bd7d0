/**
 * A rank that works for the pools of rank 0, one after another, until the program there ends. Tasks run in a thread of its
 * own, so that this one hears of what is to become of them.
 */
import { native } from '../native.js'
import { encodeThrown } from '../parallel/failure.js'
import { type Host, type HostEvents, ThreadHost } from '../parallel/host.js'
import { buffersOf } from '../parallel/wire.js'
import type { Request } from './request.js'
import { type FromRank, notSent, tags, type Team, type ToRank } from './team.js'

/** Milliseconds between two looks for messages while a task computes: only its end could be one. */
const calm = 5

/** Resolves when rank 0 needs no more workers. */
export async function work({ comm, neighbours }: Team): Promise<void> {
  let worker: Host | undefined
  let computes = false
  let wake = () => {}
  let quits = false
  let sending: Request | undefined
  const answer = (message: FromRank) => {
    if (!quits) sending = send(comm, message)
    computes = false
    wake()
  }
  const events: HostEvents = {
    message: answer,
    exit({ message, exitCode, cause }) {
      worker = undefined
      const encoded = cause === undefined ? undefined : encodeThrown(cause, () => true)
      answer({ type: 'exited', message, exitCode, cause: encoded })
    },
  }
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, calm)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const hear = (message: Exclude<ToRank, { type: 'quit' }>) => {
    if (message.type === 'begin') {
      const { start, env, heapLimit } = message
      const threads = start.threads ?? share(neighbours)
      worker = new ThreadHost({ start: { ...start, threads }, env, heapLimit }, events)
    } else if (message.type === 'kill') worker?.kill()
    else {
      // What has just been received is nobody else's.
      worker?.post(message, buffersOf(message))
      computes = message.type === 'run'
    }
  }
  for (;;) {
    const request = comm.irecv<ToRank>({ source: 0, tag: tags.toRank })
    // Looking all the time would take the CPU from the task.
    while (computes && !request.test().done) await pause()
    let message: ToRank
    try {
      message = await request
    } catch (cause) {
      // What structured clone sends is not always what V8 reads on another rank: a WebAssembly module, for one.
      answer(notSent('arguments that can be sent to a rank', cause))
      continue
    }
    if (message.type === 'quit') {
      quits = true
      comm.send({ type: 'quits' } satisfies FromRank, { dest: 0, tag: tags.fromRank })
      // Rank 0 receives all that comes before.
      sending?.wait()
      return
    }
    hear(message)
  }
}

// What a thread of this rank has said can still be what no other rank can be sent (a Blob, for one).
function send(comm: Team['comm'], message: FromRank): Request {
  const to = { dest: 0, tag: tags.fromRank }
  try {
    return comm.isend(message, to)
  } catch (cause) {
    const told = notSent('a result that can be sent back', cause)
    if (message.type === 'not-ready')
      return comm.isend({ type: 'not-ready', error: told.error }, to)
    if (message.type !== 'ran') return comm.isend({ ...message, cause: told.error }, to)
    return comm.isend({ ...told, lent: message.lent }, to)
  }
}

/** Threads when nobody has said: what OMP_NUM_THREADS says, which launchers set; else a worker's share of the CPUs. */
function share({ count, withMaster }: Team['neighbours']): number | undefined {
  if (native.info().threads.source === 'OMP_NUM_THREADS') return undefined
  const workers = count - (withMaster ? 1 : 0)
  return Math.max(1, Math.floor(native.info().available / workers))
}
