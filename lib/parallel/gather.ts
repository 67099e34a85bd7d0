// What comes back from a call, chunk by chunk, as a promise of all results or as an iterator.
import { type Call, type CallEvents, closed } from './call.js'
import type { Values } from './wire.js'

/** Makes the call whose chunks `events` hears. */
export type NewCall = (events: CallEvents) => Call<unknown>

/** Starts a call and collects its results in the order of the inputs. `fail` ends it. */
export function collect(newCall: NewCall): {
  promise: Promise<unknown[]>
  fail: (error: unknown) => void
} {
  const chunks: Values[] = []
  let call: Call<unknown> | undefined
  const promise = new Promise<unknown[]>((resolve, reject) => {
    call = newCall({
      chunk: (index, { results, error }) => {
        if (error) {
          call?.stop()
          reject(error.thrown as Error)
          return
        }
        chunks[index] = results
        call?.taken()
      },
      end: (error) => (error ? reject(error.thrown as Error) : resolve(joined(chunks))),
    })
    call.start()
  })
  return { promise, fail: (error) => call?.fail(error) }
}

// Array.flat looks at every element whether it is an array.
function joined(chunks: readonly Values[]): unknown[] {
  const all: unknown[] = []
  for (const chunk of chunks) for (let i = 0; i < chunk.length; i++) all.push(chunk[i])
  return all
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
    chunk: (index, { results, error }) => {
      const place = ordered ? index : arrived++
      ready.set(place, results)
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
