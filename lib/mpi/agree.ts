/** Steps that all ranks do together: they go well on all, or fail on all. */
import { decodeThrown, encodeThrown, type EncodedValue } from '../parallel/failure.js'
import type { Comm } from './comm.js'

function isSendable(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}

type Outcome<T> = { value: T } | { thrown: unknown }

async function outcomeOf<T>(step: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await step() }
  } catch (thrown) {
    return { thrown }
  }
}

/** How what was thrown gets to the other ranks. */
interface Thrown {
  rank: number
  error: EncodedValue
}

function toThrown(comm: Comm, outcome: Outcome<unknown>): Thrown | undefined {
  if (!('thrown' in outcome)) return undefined
  return { rank: comm.rank, error: encodeThrown(outcome.thrown, isSendable) }
}

/** What a step that has failed somewhere throws here: itself where it is this rank's. */
function decode(comm: Comm, outcome: Outcome<unknown> | undefined, { rank, error }: Thrown) {
  if (rank === comm.rank && outcome !== undefined && 'thrown' in outcome) return outcome.thrown
  return decodeThrown(error, [], `rank ${rank} of ${comm.size}`)
}

/**
 * Runs a step on every rank, and promises its result. Where it fails on any it fails on all, with the error of the lowest
 * of those ranks. Collective; the step itself need not be.
 */
export async function agree<T>(comm: Comm, step: () => T | Promise<T>): Promise<T> {
  const outcome = await outcomeOf(step)
  const thrown = await comm.iallreduce(toThrown(comm, outcome), {
    op: (lower, higher) => lower ?? higher,
  })
  if (thrown !== undefined) throw decode(comm, outcome, thrown)
  return (outcome as { value: T }).value
}

/** Runs a step on rank 0 alone. All get its result, or fail as it did. */
export async function agreeAtRoot<T>(comm: Comm, step: () => T | Promise<T>): Promise<T> {
  const outcome = comm.rank === 0 ? await outcomeOf(step) : undefined
  const thrown = outcome && toThrown(comm, outcome)
  const sent = thrown === undefined ? outcome : { thrown }
  const got = (await comm.ibcast(sent)) as { value: T } | { thrown: Thrown }
  if ('thrown' in got) throw decode(comm, outcome, got.thrown)
  return got.value
}
