/** Rank 0 and the ranks that work for it: what both have to know. */
import { createMemory, openMemory, releaseMemory, type Address } from '../parallel/memory.js'
import { TaskError } from '../parallel/errors.js'
import { type EncodedValue, encodeThrown } from '../parallel/failure.js'
import type { FromWorker, Start, ToWorker } from '../parallel/messages.js'
import { type Comm, COMM_WORLD } from './comm.js'
import { MIN } from './op.js'

export interface Team {
  /** Nobody else's messages are on it. */
  comm: Comm
  /** Whether all see the shared memory of rank 0: they are on its machine, and may open it. */
  way: 'ranks' | 'distant ranks'
  /** Ranks on the machine of this one, and whether rank 0 is among them. */
  neighbours: { count: number; withMaster: boolean }
}

export type ToRank =
  | ToWorker
  /** A worker for a pool: a thread of the rank. */
  | { type: 'begin'; start: Start; env: NodeJS.ProcessEnv; heapLimit: number | undefined }
  | { type: 'kill' }
  /** The program has ended. */
  | { type: 'quit' }
export type FromRank =
  | FromWorker
  /** What the worker of `begin` ended with. */
  | { type: 'exited'; message: string; exitCode: number | null; cause: EncodedValue | undefined }
  /** The last that it says. */
  | { type: 'quits' }

/** In the place of an answer, where structured clone takes what V8's serializer between ranks does not. */
export function notSent(
  what: string,
  cause: unknown,
): FromWorker & { type: 'ran'; error: EncodedValue } {
  const error = new TaskError(`Expected ${what}: ${(cause as Error).message}`)
  return {
    type: 'ran',
    results: { packed: { value: [], marked: false } },
    lent: false,
    error: encodeThrown(error, () => true),
  }
}

export const tags = { toRank: 1, fromRank: 2 } as const

/** Collective on COMM_WORLD. */
export function formTeam(): Team {
  const comm = COMM_WORLD.dup()
  const machine = comm.splitType('shared')
  const neighbours = {
    count: machine.size,
    withMaster: machine.allreduce(comm.rank, { op: MIN }) === 0,
  }
  machine.free()
  return { comm, way: seesMemory(comm) ? 'ranks' : 'distant ranks', neighbours }
}

interface Sample {
  address: Address | undefined
  value: number
}

// Tried, because neither names of machines nor numbers of processes say it: containers have their own.
function seesMemory(comm: Comm): boolean {
  const memory = comm.rank === 0 ? sampleMemory() : undefined
  const value = Math.random()
  if (memory) new Float64Array(memory.buffer)[0] = value
  const sample = comm.bcast<Sample>({ address: memory?.address, value })
  const sees = comm.rank === 0 ? memory !== undefined : finds(sample)
  const all = comm.allreduce(sees ? 1 : 0, { op: MIN }) === 1
  if (memory) releaseMemory(memory)
  return all
}

function sampleMemory() {
  if (process.env.NUMCORE_MPI_SHARED_MEMORY === '0') return undefined
  try {
    return createMemory(8, 'processes')
  } catch {
    return undefined
  }
}

function finds({ address, value }: Sample): boolean {
  if (address === undefined) return false
  try {
    const memory = openMemory(address)
    const found = new Float64Array(memory.buffer)[0] === value
    releaseMemory(memory)
    return found
  } catch {
    return false
  }
}
