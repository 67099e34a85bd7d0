// The program on each rank of a row under mpirun: as child.ts, but rank 0 alone hears the parent, on its standard input,
// and answers it; it hands on what it is asked, and all ranks do it together.
import { createInterface } from 'node:readline'
import { COMM_WORLD as comm } from '../mpi/index.js'
import type { FromChild, ToChild } from './messages.js'
import { Running, tell } from './running.js'

async function together<T>(step: () => Promise<T>): Promise<T> {
  let value: T | undefined
  let failure: string | null = null
  try {
    value = await step()
  } catch (error) {
    failure = tell(error)
  }
  const failures = comm.allgather(failure)
  const failed = failures.findIndex((each) => each !== null)
  if (failed >= 0) throw new Error(`rank ${failed}: ${failures[failed]}`)
  return value as T
}

const running = new Running({
  company: { meet: () => comm.barrier(), sum: (value) => comm.allreduce(value), together },
})

async function answer(message: ToChild): Promise<FromChild> {
  try {
    return message.type === 'set-up' ? await running.setUp(message) : await running.run(message)
  } catch (error) {
    return { type: 'failed', message: tell(error) }
  }
}

async function lead(): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === '') continue
    const message = comm.bcast(JSON.parse(line) as ToChild)
    process.stdout.write(`${JSON.stringify(await answer(message))}\n`)
  }
  // The parent has gone or needs us no more.
  comm.bcast(null)
}

async function follow(): Promise<void> {
  for (;;) {
    // Awaited: a rank that waits for the next run must not take a CPU from the others.
    const message = await comm.ibcast<ToChild | null>(null)
    if (message === null) return
    await answer(message)
  }
}

await (comm.rank === 0 ? lead() : follow())
