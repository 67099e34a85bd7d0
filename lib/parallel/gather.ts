// What comes back from a call, chunk by chunk, as a promise of all results or as an iterator.
import { type Call, type CallEvents, closed } from './call.js'
import type { Values } from './wire.js'

/** Makes the call whose chunks `events` hears. */
export type NewCall = (events: CallEvents) => Call<unknown>

/** Starts a call and collects its results in the order of the inputs. `fail` ends it. */
export function collect(
  newCall: NewCall,
  length: number | undefined,
): { promise: Promise<unknown[]>; fail: (error: unknown) => void } {
  const all = new Results(length)
  let call: Call<unknown> | undefined
  const promise = new Promise<unknown[]>((resolve, reject) => {
    call = newCall({
      chunk: (index, at, { results, error }) => {
        if (error) {
          call?.stop()
          reject(error.thrown as Error)
          return
        }
        all.put(index, at, results)
        call?.taken()
      },
      end: (error) =>
        error ? reject(error.thrown as Error) : resolve(all.joined(call?.read ?? 0)),
    })
    call.start()
  })
  return { promise, fail: (error) => call?.fail(error) }
}

// A longer array with nothing in it is a table of keys to V8.
const mostReserved = 2 ** 25

/** Results in the order of the inputs, from chunks in any order. */
class Results {
  readonly #length: number | undefined
  #all: unknown[] | undefined
  readonly #chunks: Values[] = []

  /** @param length Where it is known, chunks are put in their places while others are computed. */
  constructor(length: number | undefined) {
    if (length !== undefined && length <= mostReserved) this.#length = length
  }

  put(index: number, at: number, values: Values): void {
    if (this.#length === undefined) this.#chunks[index] = values.slice()
    else copyInto((this.#all ??= reserve(this.#length, values)), at, values)
  }

  /** @param length Of all inputs. */
  joined(length: number): unknown[] {
    const all = this.#all ?? reserve(Math.min(length, mostReserved), this.#chunks[0] ?? [])
    let at = 0
    for (const chunk of this.#chunks) {
      copyInto(all, at, chunk)
      at += chunk.length
    }
    // A Map that became smaller while it was read.
    all.length = length
    return all
  }
}

/** An array for values like these. Of doubles V8 has arrays of their own; it would find out later, and copy all. */
function reserve(length: number, values: Values): unknown[] {
  const all: unknown[] = values instanceof Float64Array ? [0.5] : []
  all.length = length
  return all
}

function copyInto(all: unknown[], at: number, values: Values): void {
  // Two loops: one that sees both kinds of arrays is an order of magnitude slower.
  if (values instanceof Float64Array) putNumbers(values, all, at)
  else putValues(values, all, at)
}

function putNumbers(chunk: Float64Array, all: unknown[], at: number): void {
  for (let i = 0; i < chunk.length; i++) all[at + i] = chunk[i]
}

function putValues(chunk: readonly unknown[], all: unknown[], at: number): void {
  for (let i = 0; i < chunk.length; i++) all[at + i] = chunk[i]
}

/** How an iterator is read, and what its executor has to know. */
export interface Iteration {
  ordered: boolean
  /** Whether the executor takes no more tasks. */
  isClosed(): boolean
  /** Nothing more will be asked of the call. */
  over(): void
}

/** The results of a call as they are read. Whoever asks starts it, when `over` can be heard. */
export function iterate(
  newCall: NewCall,
  { ordered, isClosed, over }: Iteration,
): { call: Call<unknown>; results: AsyncIterableIterator<unknown> } {
  const ready = new Map<number, Values>()
  let failure: { at: number; thrown: unknown } | undefined
  let ended = false
  let wake: (() => void) | undefined
  let arrived = 0
  const call = newCall({
    chunk: (index, _at, { results, error }) => {
      const place = ordered ? index : arrived++
      ready.set(place, results.slice())
      // In order, what comes before the failure is still wanted.
      if (error && (failure === undefined || place < failure.at)) {
        failure = { at: place, thrown: error.thrown }
      }
      wake?.()
    },
    end: (error) => {
      ended = true
      if (error && failure === undefined) failure = { at: -1, thrown: error.thrown }
      over()
      wake?.()
    },
  })
  async function* read() {
    try {
      for (let place = 0; ; place++) {
        while (!ready.has(place)) {
          if (failure?.at === -1) throw failure.thrown
          if (ended && isClosed() && failure === undefined) throw closed()
          if (ended) return
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        const chunk = ready.get(place) as Values
        ready.delete(place)
        // Before they are given out: the next chunk runs while the program looks at these.
        if (failure?.at !== place) call.taken()
        yield* chunk
        if (failure?.at === place) throw failure.thrown
      }
    } finally {
      call.stop()
      over()
    }
  }
  return { call, results: read() }
}
