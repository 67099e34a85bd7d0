// The workers of one executor: who gets which chunk of the queue, who is started, replaced and ended.
import { randomBytes } from 'node:crypto'
import { type Chunk, itemsOf } from './chunks.js'
import { type Defined, Definitions } from './definitions.js'
import type { BrokenWorkerError } from './errors.js'
import { NumcoreError } from '../errors.js'
import { BrokenPoolError, PoolClosedError, TaskError } from './errors.js'
import { decodeThrown, type ErrorClass } from './failure.js'
import type { Host, HostEvents, NewHost } from './host.js'
import type { FromWorker } from './messages.js'
import { Queue } from './queue.js'
import { resolveTask, type TaskFunction, type TaskPlace } from './task.js'
import {
  closeKeep,
  type Copies,
  type Keep,
  keepForGood,
  newKeep,
  type Packed,
  type Values,
  type Way,
  Wire,
} from './wire.js'
import { betweenOf, Tray } from './tray.js'
import { workerState } from './worker-state.js'

function changed(wanted: number, got: number): TaskError {
  return new TaskError(
    `Expected ${wanted} results of a chunk but received ${got}: an array of inputs may not change until the results are there`,
  )
}

export interface CrewOptions {
  maxWorkers: number
  maxTasksPerWorker: number
  threadsPerWorker: number | undefined
  newHost: NewHost
  heapLimit: number | undefined
  env: NodeJS.ProcessEnv
  errorClasses: readonly ErrorClass[]
  initializer: TaskFunction | undefined
  initArgs: readonly unknown[]
}

/**
 * Some inputs for one worker. Exactly one of the two functions is called, once, unless the job is dropped; results are to
 * be copied before it returns.
 */
export interface Job {
  defined: Defined
  spread: boolean
  chunk: Chunk
  /** Of the call that the job belongs to. */
  copies: Copies
  done(results: Values): void
  /** `results` are those of the items before the one that failed. */
  failed(error: unknown, results: Values): void
}

interface Member {
  id: number
  host: Host
  phase: 'starting' | 'idle' | 'busy' | 'ending'
  job: Job | undefined
  keep: Keep | undefined
  tray: Tray
  knows: Set<number>
  calls: number
  grace: NodeJS.Timeout | undefined
}

// A worker that has been told to end and still has something open is ended.
const graceMilliseconds = 1000
// So many workers in a row that end before they are ready: those that exit will do so again. Those that are killed
// from outside perhaps not, but a task should not wait for ever for one that lives: it fails as if it had been theirs.
const mostFailures = 3

export class Crew {
  readonly #way: Way
  readonly #options: CrewOptions
  readonly #mark = `\0numcore:${randomBytes(16).toString('hex')}`
  readonly #wire: Wire
  readonly #members = new Set<Member>()
  readonly #idle: Member[] = []
  readonly #queue = new Queue<Job>()
  readonly #definitions: Definitions
  #nextId = 1
  #failures = 0
  #initializer: { place: TaskPlace; args: Packed } | undefined
  #broken: BrokenPoolError | undefined
  #closing = false
  #ended: (() => void)[] = []

  constructor(way: Way, options: CrewOptions) {
    this.#way = way
    this.#options = options
    this.#wire = new Wire(way, this.#mark)
    this.#definitions = new Definitions(this.#wire, (key) => this.#forget(key))
    if (options.initializer !== undefined) {
      const { place, bound } = resolveTask(options.initializer)
      const args = this.#wire.pack([...bound, ...options.initArgs], keepForGood())
      this.#initializer = { place, args }
    }
  }

  get way(): Way {
    return this.#way
  }
  get closing(): boolean {
    return this.#closing
  }

  /** Workers at this moment, and what they and the queue have to do. */
  get load(): { workers: number; busy: number; queued: number } {
    const busy = [...this.#members].filter(({ job }) => job !== undefined).length
    return { workers: this.#members.size, busy, queued: this.#queue.size }
  }

  /** Names as messages have them: "process 1234". */
  get names(): string[] {
    return [...this.#members].map(({ host }) => host.name)
  }

  /** @throws TaskError when workers could not find the task. */
  define(task: TaskFunction): Defined {
    return this.#definitions.define(task)
  }

  #forget(key: number): void {
    for (const member of this.#members) {
      if (member.knows.delete(key)) member.host.post({ type: 'forget', key }, [])
    }
  }

  enqueue(job: Job): void {
    if (this.#broken) return job.failed(this.#broken, [])
    if (this.#closing) return job.failed(new PoolClosedError('The pool takes no more tasks'), [])
    this.#queue.add(job)
    this.#dispatch()
  }

  /** Takes the job out of the queue, or ends the worker that runs it. Nothing is told to the job. */
  drop(job: Job): void {
    if (this.#queue.remove(job)) {
      this.#checkEnd()
      return
    }
    for (const member of this.#members) {
      if (member.job !== job) continue
      member.job = undefined
      member.phase = 'ending'
      member.host.kill()
    }
  }

  #dispatch(): void {
    while (this.#queue.size > 0) {
      const member = this.#idle.pop()
      if (member === undefined) break
      this.#give(member, this.#queue.take() as Job)
    }
    let starting = 0
    for (const { phase } of this.#members) if (phase === 'starting') starting++
    while (
      this.#queue.size > starting &&
      this.#members.size < this.#options.maxWorkers &&
      !this.#broken
    ) {
      this.#start()
      starting++
    }
  }

  #start(): void {
    const id = this.#nextId++
    const member: Member = {
      id,
      host: undefined as unknown as Host,
      phase: 'starting',
      job: undefined,
      keep: undefined,
      tray: new Tray(betweenOf(this.#way)),
      knows: new Set(),
      calls: 0,
      grace: undefined,
    }
    const events: HostEvents = {
      message: (message) => void this.#hear(member, message),
      exit: (reason) => this.#lost(member, reason),
    }
    const start = {
      type: 'start' as const,
      id,
      depth: (workerState()?.depth ?? 0) + 1,
      mark: this.#mark,
      way: this.#way,
      parent: process.pid,
      threads: this.#options.threadsPerWorker,
      ...(this.#initializer ? { initializer: this.#initializer } : {}),
    }
    const { env, heapLimit, newHost } = this.#options
    try {
      member.host = newHost({ start, env, heapLimit }, events)
    } catch (cause) {
      const message = `Workers cannot be started: ${(cause as Error).message}`
      const error = new BrokenPoolError(message, { cause })
      // Later, as every other answer; but nobody starts another one meanwhile.
      this.#broken = error
      queueMicrotask(() => this.#break(error))
      return
    }
    this.#members.add(member)
  }

  #give(member: Member, job: Job): void {
    const { defined, spread, chunk, copies } = job
    const keep = newKeep(copies)
    member.phase = 'busy'
    member.job = job
    member.keep = keep
    try {
      if (!member.knows.has(defined.key)) {
        const { key, place, bound } = defined
        member.host.post({ type: 'define', key, place, bound }, [])
        member.knows.add(key)
      }
      const laid = member.tray.lay(chunk)
      const content = laid ? { laid } : this.#wire.packItems(itemsOf(chunk), keep)
      member.host.post({ type: 'run', key: defined.key, spread, items: content }, keep.transfer)
      member.host.ref()
    } catch (cause) {
      closeKeep(keep)
      this.#free(member)
      // Later, as every other answer: who enqueues has not got its promise yet.
      const message = `Expected arguments that can be sent to a worker: ${(cause as Error).message}`
      queueMicrotask(() => {
        job.failed(cause instanceof NumcoreError ? cause : new TaskError(message, { cause }), [])
        this.#dispatch()
      })
    }
  }

  #free(member: Member): void {
    member.job = undefined
    member.keep = undefined
    if (member.phase === 'ending') return
    if (member.calls >= this.#options.maxTasksPerWorker) {
      this.#end(member)
      return
    }
    member.phase = 'idle'
    member.host.unref()
    this.#idle.push(member)
  }

  async #hear(member: Member, message: FromWorker): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#failures = 0
        if (member.phase === 'starting') this.#free(member)
        this.#dispatch()
        this.#checkEnd()
        break
      case 'not-ready': {
        const where = member.host.name
        const cause = decodeThrown(message.error, this.#options.errorClasses, where)
        member.phase = 'ending'
        const what = cause instanceof Error ? cause.message : String(cause)
        this.#break(new BrokenPoolError(`The initializer failed in ${where}: ${what}`, { cause }))
        break
      }
      case 'ran':
        await this.#ran(member, message)
        break
    }
  }

  async #ran(member: Member, message: FromWorker & { type: 'ran' }): Promise<void> {
    const { job, keep, host, tray } = member
    // Dropped in the same moment: the worker has been killed.
    if (job === undefined) return
    let results: Values
    try {
      const { results: content } = message
      if ('laid' in content) tray.told()
      const unpacked = 'laid' in content ? tray.open(content.laid) : this.#wire.unpackItems(content)
      results = unpacked instanceof Promise ? await unpacked : unpacked
    } catch {
      // It ended before what it lent was taken; its exit, which comes now, says of what.
      host.kill()
      return
    }
    if (member.job !== job) return
    if (keep) closeKeep(keep)
    if (message.lent) host.post({ type: 'received' }, [])
    member.calls += job.chunk.length
    member.job = undefined
    // Before the next chunk, which goes into the same tray.
    if (message.error === undefined && results.length === job.chunk.length) job.done(results)
    else if (message.error === undefined) job.failed(changed(job.chunk.length, results.length), [])
    else job.failed(decodeThrown(message.error, this.#options.errorClasses, host.name), results)
    this.#free(member)
    this.#dispatch()
    this.#checkEnd()
  }

  #lost(member: Member, reason: BrokenWorkerError): void {
    clearTimeout(member.grace)
    this.#members.delete(member)
    const place = this.#idle.indexOf(member)
    if (place >= 0) this.#idle.splice(place, 1)
    if (member.keep) closeKeep(member.keep)
    member.tray.close()
    const { job, phase } = member
    member.job = undefined
    if (phase === 'starting' && ++this.#failures >= mostFailures) {
      if (reason.signal === null) {
        const message = `Workers end before they are ready: ${reason.message}`
        this.#break(new BrokenPoolError(message, { cause: reason }))
      } else {
        this.#queue.take()?.failed(reason, [])
      }
    }
    job?.failed(reason, [])
    this.#dispatch()
    this.#checkEnd()
  }

  // Tells it to end when it has nothing more to do, and sees to it that it does.
  #end(member: Member): void {
    member.phase = 'ending'
    try {
      member.host.post({ type: 'end' }, [])
    } catch {}
    member.host.ref()
    member.grace = setTimeout(() => member.host.kill(), graceMilliseconds)
  }

  #break(error: BrokenPoolError): void {
    this.#broken ??= error
    this.#stopAll(error)
    this.#checkEnd()
  }

  // Fails everything that waits or runs, and ends all workers at once.
  #stopAll(error: Error): void {
    const waiting = this.#queue.takeAll()
    this.#idle.length = 0
    for (const member of this.#members) {
      if (member.job) waiting.push(member.job)
      member.job = undefined
      member.phase = 'ending'
      // Until they are gone: a program should not end with them half ended.
      member.host.ref()
      member.host.kill()
    }
    for (const job of waiting) job.failed(error, [])
  }

  /** Takes no more jobs; resolves when those that it has are done and all workers have ended. */
  close(): Promise<void> {
    this.#closing = true
    return this.#whenEnded()
  }

  /** Fails what waits and what runs, ends the workers at once, and resolves when they have ended. */
  terminate(): Promise<void> {
    this.#closing = true
    this.#stopAll(new PoolClosedError('The pool was terminated'))
    return this.#whenEnded()
  }

  #whenEnded(): Promise<void> {
    return new Promise((resolve) => {
      this.#ended.push(resolve)
      this.#checkEnd()
    })
  }

  #checkEnd(): void {
    if (!this.#closing) return
    if (this.#queue.size === 0) {
      for (const member of this.#idle.splice(0)) this.#end(member)
    }
    if (this.#members.size > 0 || this.#queue.size > 0) return
    this.#wire.close()
    for (const tell of this.#ended.splice(0)) tell()
  }
}
