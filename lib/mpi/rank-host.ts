/** The other ranks as rank 0 sees them: which are free, and whose worker each of the others is. */
import { BrokenWorkerError } from '../parallel/errors.js'
import { decodeThrown } from '../parallel/failure.js'
import type { Host, HostEvents, HostOptions } from '../parallel/host.js'
import type { ToWorker } from '../parallel/messages.js'
import type { Staff } from './pool.js'
import type { Request } from './request.js'
import { isFinalized } from './runtime.js'
import { type FromRank, notSent, tags, type Team, type ToRank } from './team.js'

/** All ranks but this one. A rank is the worker of a pool from when the pool starts one until that has ended. */
export class Ranks implements Staff {
  readonly way: Team['way']
  readonly count: number
  readonly #comm: Team['comm']
  readonly #free: number[]
  readonly #hosts = new Map<number, RankHost>()
  readonly #waiting = new Set<RankHost>()
  #receiving: Request<FromRank> | undefined

  constructor({ comm, way }: Team) {
    this.#comm = comm
    this.way = way
    this.count = comm.size - 1
    // The last is taken first.
    this.#free = Array.from({ length: this.count }, (_, i) => this.count - i)
    process.prependListener('exit', (code) => {
      if (code === 0 && !isFinalized()) this.#dismiss()
    })
  }

  readonly newHost = (options: HostOptions, events: HostEvents): Host => {
    const host = new RankHost(this, options, events)
    this.#want(host)
    return host
  }

  #want(host: RankHost): void {
    const rank = this.#free.at(-1)
    if (rank === undefined) {
      this.#waiting.add(host)
    } else {
      host.take(rank)
      this.#free.pop()
      this.#hosts.set(rank, host)
    }
    this.attend()
  }

  /** It does not wait for a rank any more. */
  withdraw(host: RankHost): void {
    this.#waiting.delete(host)
    this.attend()
  }

  #giveBack(rank: number): void {
    this.#hosts.delete(rank)
    this.#free.push(rank)
    const [next] = this.#waiting
    if (next === undefined) return
    this.#waiting.delete(next)
    this.#want(next)
  }

  /** @throws what cannot be cloned. */
  send(rank: number, message: ToRank): void {
    this.#comm.isend(message, { dest: rank, tag: tags.toRank })
  }

  /** Receives as long as somebody waits for an answer: this keeps the program alive, and nothing else does. */
  attend(): void {
    const isAwaited =
      this.#waiting.size > 0 || [...this.#hosts.values()].some((each) => each.isAwaited)
    if (!isAwaited) this.#receiving?.cancel()
    else if (this.#receiving === undefined) void this.#receive()
  }

  async #receive(): Promise<void> {
    const request = this.#comm.irecv<FromRank>({ tag: tags.fromRank })
    this.#receiving = request
    let message: FromRank
    try {
      message = await request
    } catch (cause) {
      message = notSent('a result that can be sent back', cause)
    }
    this.#receiving = undefined
    const { source, cancelled } = request.status
    if (!cancelled) this.#hear(source, message)
    this.attend()
  }

  #hear(rank: number, message: FromRank): void {
    const host = this.#hosts.get(rank)
    if (message.type === 'exited') this.#giveBack(rank)
    host?.hear(message)
  }

  /**
   * The program ends, and the ranks with it, whatever they are doing. What they have sent is received, for nobody: not every
   * MPI ends while a large message is on its way.
   */
  #dismiss(): void {
    const pending = this.#receiving
    pending?.cancel()
    if (pending?.done === false) pending.wait()
    for (let rank = 1; rank <= this.count; rank++) {
      this.#comm.send({ type: 'quit' } satisfies ToRank, { dest: rank, tag: tags.toRank })
    }
    for (let left = this.count; left > 0;) {
      const message = this.#comm.recv<FromRank>({ tag: tags.fromRank })
      if (message.type === 'quits') left--
    }
  }
}

/** One worker of a pool: it waits for a rank, and has it until it ends. */
class RankHost implements Host {
  readonly #ranks: Ranks
  readonly #options: HostOptions
  readonly #events: HostEvents
  #rank: number | undefined
  /** Whether an answer is expected. */
  isAwaited = true

  constructor(ranks: Ranks, options: HostOptions, events: HostEvents) {
    this.#ranks = ranks
    this.#options = options
    this.#events = events
  }

  get name(): string {
    return this.#rank === undefined ? 'a rank' : `rank ${this.#rank}`
  }

  take(rank: number): void {
    this.#ranks.send(rank, { type: 'begin', ...this.#options })
    this.#rank = rank
  }

  hear(message: FromRank): void {
    if (message.type === 'quits') return
    if (message.type !== 'exited') return this.#events.message(message)
    const { exitCode, cause } = message
    // The rank calls its worker a thread of its own.
    const text = message.message.replace(/\(thread \d+\)/, `(${this.name})`)
    this.#events.exit(
      new BrokenWorkerError(text, exitCode, null, {
        ...(cause && { cause: decodeThrown(cause, [], this.name) }),
      }),
    )
  }

  post(message: ToWorker): void {
    if (this.#rank !== undefined) this.#ranks.send(this.#rank, message)
  }

  ref(): void {
    this.isAwaited = true
    this.#ranks.attend()
  }

  unref(): void {
    this.isAwaited = false
    this.#ranks.attend()
  }

  kill(): void {
    if (this.#rank !== undefined) return this.#ranks.send(this.#rank, { type: 'kill' })
    this.#ranks.withdraw(this)
    // Not before the pool has noted that it wanted this.
    const reason = new BrokenWorkerError('The worker was not started', null, null)
    queueMicrotask(() => this.#events.exit(reason))
  }
}
