// What a child process does when its parent asks: it sets a task up, and times runs of it.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { info, setThreads } from '../threads.js'
import { EnergyMeter } from './energy.js'
import type { Ran, Set as SetUp, ToChild } from './messages.js'
import { taskOf } from './tasks/module.js'
import type { Prepared } from './tasks/task.js'

/** The processes of one row: one, or the ranks of a job. */
export interface Company {
  /** Waits until all are here. */
  meet(): void
  /** Takes a step together: when it fails for one, it fails for all. Waits for all. */
  together<T>(step: () => Promise<T>): Promise<T>
  /** Of all of them. */
  sum(value: number): number
}

const alone: Company = { meet() {}, together: (step) => step(), sum: (value) => value }

export class Running {
  readonly #inProcess: boolean
  readonly #company: Company
  readonly #prepared = new Map<number, Prepared>()
  readonly #judged = new Set<number>()
  readonly #meter = new EnergyMeter()
  #idleSince = now()

  /** @param inProcess Whether it is told the thread count before each run. */
  constructor({ inProcess = false, company = alone }: { inProcess?: boolean; company?: Company }) {
    this.#inProcess = inProcess
    this.#company = company
  }

  async setUp({ module, setting }: ToChild & { type: 'set-up' }): Promise<SetUp> {
    const { threads } = setting
    if (this.#inProcess) setThreads(threads)
    const ready = await this.#company.together(async () => {
      const task = taskOf(await import(module), module)
      return task.setup(setting)
    })
    this.#prepared.set(threads, ready)
    const { size, description, work, unit, needs, roof } = ready
    this.#idleSince = now()
    return {
      type: 'set',
      threads: this.#company.sum(info().threads.count),
      ...{ size, description, work },
      ...(unit !== undefined && { unit }),
      ...(needs !== undefined && { needs }),
      ...(roof !== undefined && { roof }),
    }
  }

  async run({ threads, batch }: ToChild & { type: 'run' }): Promise<Ran> {
    const task = this.#prepared.get(threads)
    if (!task) throw new Error('The child was asked to run before it was set up')
    if (this.#inProcess) setThreads(threads)
    const woken = now()
    // The rubbish of the run before is not this run's to clear (node is started with --expose-gc).
    globalThis.gc?.()
    let result: unknown
    const machine = machineBusy()
    const energy = this.#meter.now()
    this.#company.meet()
    // The clock last before and first after: what else is asked takes time of its own.
    const used = cpuSeconds()
    const start = performance.now()
    await this.#company.together(async () => {
      for (let i = 0; i < batch; ++i) result = await task.run()
    })
    const end = performance.now()
    const own = this.#company.sum(cpuSeconds() - used)
    const joules = this.#meter.since(energy)
    const others = Math.max(0, machineBusy() - machine - own)
    const idleCpu = this.#company.sum(woken.cpu - this.#idleSince.cpu)
    // After all that ranks do together: where it throws on one, the others do not wait.
    const bytes = task.bits(result)
    const seconds = (end - start) / 1e3
    const answer: Ran = {
      type: 'ran',
      seconds,
      busy: own / seconds,
      others,
      idle: { cpu: idleCpu, seconds: woken.clock - this.#idleSince.clock },
      ...(bytes && { bits: createHash('sha256').update(bytes).digest('hex').slice(0, 16) }),
      ...(this.#meter.reason === '' && { joules }),
    }
    // Once is enough: the bits tell whether later results are the same.
    if (task.error && !this.#judged.has(threads)) {
      answer.error = task.error(result)
      this.#judged.add(threads)
    }
    this.#idleSince = now()
    return answer
  }
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

export function tell(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
