// The program inside each child process: one task, one thread count. It sets up and warms up once,
// says "ready", and then times one run each time the parent asks. Started by probe.ts, which puts
// the thread count into OMP_NUM_THREADS: the experiment is that the variable is obeyed.
import { createHash } from 'node:crypto'
import { cpus } from 'node:os'
import { info } from '../threads.js'
import type { FromChild, ToChild } from './messages.js'
import type { Prepared, Task } from './tasks/task.js'

let prepared: Prepared | undefined
let batch = 1
let idleSince: Moment

// A terminal sends Ctrl-C to the whole process group; the parent decides what becomes of the run.
process.on('SIGINT', () => {})
// Whatever ended the parent, nothing that computes may stay behind.
process.on('disconnect', () => process.exit())
process.on('message', (message: ToChild) => {
  answer(message).then(reply, (error: unknown) => reply({ type: 'failed', message: tell(error) }))
})

async function answer(message: ToChild): Promise<FromChild> {
  switch (message.type) {
    case 'set-up':
      return await setUp(message)
    case 'warm-up':
      return await warmUp(message.shortest)
    case 'run':
      return await run()
  }
}

async function setUp(message: ToChild & { type: 'set-up' }): Promise<FromChild> {
  const { task } = (await import(message.module)) as { task: Task }
  prepared = await task.setup(message.options)
  const { size, description, work } = prepared
  idleSince = now()
  return { type: 'set', threads: info().threads.count, size, description, work }
}

// Pages are touched, caches and branch predictors filled, threads started: none of that is counted.
// A run that is too short to time is repeated inside one measurement, here we find how often.
async function warmUp(shortest: number): Promise<FromChild> {
  await timeBatch()
  let seconds = await timeBatch()
  while (seconds < shortest) {
    batch = Math.max(batch * 2, Math.ceil((0.5 * batch * shortest) / Math.max(seconds, 1e-9)))
    seconds = await timeBatch()
  }
  if (batch > 1) batch = Math.ceil((1.1 * batch * shortest) / seconds)
  idleSince = now()
  return { type: 'ready', batch }
}

async function timeBatch(): Promise<number> {
  const start = performance.now()
  for (let i = 0; i < batch; ++i) await set().run()
  return (performance.now() - start) / 1e3
}

async function run(): Promise<FromChild> {
  const task = set()
  const woken = now()
  // The rubbish of the run before is not this run's to clear (node is started with --expose-gc).
  globalThis.gc?.()
  let result: unknown
  const machine = machineBusy()
  const start = now()
  for (let i = 0; i < batch; ++i) result = await task.run()
  const end = now()
  const own = end.cpu - start.cpu
  const others = Math.max(0, machineBusy() - machine - own)
  const bits = createHash('sha256').update(task.bits(result)).digest('hex').slice(0, 16)
  const idle = { cpu: woken.cpu - idleSince.cpu, seconds: woken.clock - idleSince.clock }
  const seconds = end.clock - start.clock
  idleSince = now()
  return { type: 'ran', seconds: seconds / batch, bits, busy: own / seconds, others, idle }
}

function set(): Prepared {
  if (!prepared) throw new Error('The child was asked to run before it was set up')
  return prepared
}

interface Moment {
  clock: number
  cpu: number
}

// In seconds; `cpu` is what all threads of the process have used together.
function now(): Moment {
  const { user, system } = process.cpuUsage()
  return { clock: performance.now() / 1e3, cpu: (user + system) / 1e6 }
}

// CPU seconds that all programs of the machine have used, to the hundredth of a second of each CPU.
function machineBusy(): number {
  const milliseconds = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq)
  return milliseconds.reduce((sum, each) => sum + each, 0) / 1e3
}

function tell(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function reply(message: FromChild): void {
  process.send?.(message)
}
