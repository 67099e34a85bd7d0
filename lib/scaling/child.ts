// The program inside each child process: one task. It sets up once for each thread count that it is told (one, unless
// the sweep is in-process), and then times a run each time the parent asks. Started by probe.ts, which puts the
// thread count into OMP_NUM_THREADS: the experiment is that the variable is obeyed.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { info, setThreads } from '../threads.js'
import { EnergyMeter } from './energy.js'
import type { FromChild, Ran, ToChild } from './messages.js'
import { taskOf } from './tasks/module.js'
import type { Prepared } from './tasks/task.js'

const inProcess = process.argv.includes('--in-process')
const prepared = new Map<number, Prepared>()
const judged = new Set<number>()
const meter = new EnergyMeter()
let idleSince: ReturnType<typeof now>

// Whatever ended the parent, nothing that computes may stay behind: the parent gave us a process group, and
// programs that we started are in it.
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'))
process.on('message', (message: ToChild) => {
  answer(message).then(reply, (error: unknown) => reply({ type: 'failed', message: tell(error) }))
})

async function answer(message: ToChild): Promise<FromChild> {
  return message.type === 'set-up' ? await setUp(message) : await run(message)
}

async function setUp({ module, setting }: ToChild & { type: 'set-up' }): Promise<FromChild> {
  const { threads } = setting
  if (inProcess) setThreads(threads)
  const task = taskOf(await import(module), module)
  const ready = await task.setup(setting)
  prepared.set(threads, ready)
  const { size, description, work, unit, needs, roof } = ready
  idleSince = now()
  return {
    type: 'set',
    threads: info().threads.count,
    ...{ size, description, work },
    ...(unit !== undefined && { unit }),
    ...(needs !== undefined && { needs }),
    ...(roof !== undefined && { roof }),
  }
}

async function run({ threads, batch }: ToChild & { type: 'run' }): Promise<Ran> {
  const task = prepared.get(threads)
  if (!task) throw new Error('The child was asked to run before it was set up')
  if (inProcess) setThreads(threads)
  const woken = now()
  // The rubbish of the run before is not this run's to clear (node is started with --expose-gc).
  globalThis.gc?.()
  let result: unknown
  const machine = machineBusy()
  const energy = meter.now()
  // The clock last before and first after: what else is asked takes time of its own.
  const used = cpuSeconds()
  const start = performance.now()
  for (let i = 0; i < batch; ++i) result = await task.run()
  const end = performance.now()
  const own = cpuSeconds() - used
  const joules = meter.since(energy)
  const others = Math.max(0, machineBusy() - machine - own)
  const bytes = task.bits(result)
  const idle = { cpu: woken.cpu - idleSince.cpu, seconds: woken.clock - idleSince.clock }
  const seconds = (end - start) / 1e3
  const answer: Ran = {
    type: 'ran',
    seconds,
    busy: own / seconds,
    others,
    idle,
    ...(bytes && { bits: createHash('sha256').update(bytes).digest('hex').slice(0, 16) }),
    ...(meter.reason === '' && { joules }),
  }
  // Once is enough: the bits tell whether later results are the same.
  if (task.error && !judged.has(threads)) {
    answer.error = task.error(result)
    judged.add(threads)
  }
  idleSince = now()
  return answer
}

// In seconds.
const now = () => ({ clock: performance.now() / 1e3, cpu: cpuSeconds() })

// What all threads of the process, and the programs that it has waited for, have used.
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6 + descendants()
}

// The 14th and 15th number after the name in stat, in hundredths of a second (USER_HZ): children waited for.
function descendants(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[13]) + Number(fields[14])) / 100
  } catch {
    return 0
  }
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
