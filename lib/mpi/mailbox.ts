/** Receives of objects that wait for their message. */
import type { NativeType } from '../native/mpi.js'
import { type Source, sources } from './progress.js'
import { lastStatus, mpi, started } from './runtime.js'
import { Status } from './status.js'

/** Where the add-on puts messages that fit. */
const scratch = Buffer.alloc(192 * 1024)
mpi.setScratch(scratch)
const bytes = (started.types.BYTE as NativeType).index

/**
 * The bytes of a message that was found: in the scratch memory, which the next message uses, or on their own.
 * `lastStatus` is that of the message. @internal
 */
export function headOf(found: number): Uint8Array {
  if (found >= 0) return scratch.subarray(0, found)
  const head = new Uint8Array(lastStatus[2] as number)
  mpi.mrecv(-1 - found, head, head.length, bytes)
  return head
}

/** A receive that waits. @internal */
export interface Posted {
  order: number
  head: Uint8Array | undefined
  readonly status: Status
  wake: () => void
}

interface Line {
  source: number
  tag: number
  waiting: Posted[]
  /** The first that still waits; those before have their message. */
  next: number
}

const headOfLine = ({ waiting, next }: Line) => waiting[next] as Posted

/**
 * The receives of one communicator in the order in which they were posted, which decides who gets which message. Messages
 * are looked for, and only received when their length is known: so a receive needs no buffer that is large enough.
 * @internal
 */
export class Mailbox implements Source {
  readonly #comm: number
  readonly #lines = new Map<string, Line>()
  #order = 0

  constructor(comm: number) {
    this.#comm = comm
  }

  get isEmpty(): boolean {
    return this.#lines.size === 0
  }

  post(source: number, tag: number): Posted {
    const key = `${source} ${tag}`
    let line = this.#lines.get(key)
    if (line === undefined) {
      line = { source, tag, waiting: [], next: 0 }
      this.#lines.set(key, line)
      sources.add(this)
    }
    const posted: Posted = {
      order: this.#order++,
      head: undefined,
      status: new Status(),
      wake: () => {},
    }
    line.waiting.push(posted)
    return posted
  }

  /** Gives every message that is here to the first receive that takes it. */
  match(): void {
    const lines = [...this.#lines.values()]
    while (lines.length > 0) {
      const first = lines.reduce((a, b) =>
        headOfLine(a).order < headOfLine(b).order ? a : b,
      )
      const found = mpi.pollObject(this.#comm, first.source, first.tag)
      if (found === undefined) {
        lines.splice(lines.indexOf(first), 1)
        continue
      }
      const posted = headOfLine(first)
      first.next++
      if (first.next === first.waiting.length) {
        lines.splice(lines.indexOf(first), 1)
        this.#remove(first)
      }
      posted.status.take()
      posted.head = found >= 0 ? headOf(found).slice() : headOf(found)
      posted.wake()
    }
  }

  #remove({ source, tag }: Line): void {
    this.#lines.delete(`${source} ${tag}`)
    if (this.#lines.size === 0) sources.delete(this)
  }

  /** Takes out the receive that would be woken so; false when it has its message. */
  forget(wake: () => void): boolean {
    for (const line of this.#lines.values()) {
      const at = line.waiting.findIndex((each, i) => i >= line.next && each.wake === wake)
      if (at < 0) continue
      line.waiting.splice(at, 1)
      if (line.next === line.waiting.length) this.#remove(line)
      return true
    }
    return false
  }
}
