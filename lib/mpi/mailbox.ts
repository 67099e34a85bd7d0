/** Receives of objects that wait for their message. */
import type { NativeType } from '../native/mpi.js'
import { Head } from './head.js'
import { close, open, type Source } from './progress.js'
import { constant, lastStatus, mpi, started } from './runtime.js'
import { Status } from './status.js'

/** Where the add-on puts messages that fit. */
const scratch = new Head(new Uint8Array(192 * 1024))
mpi.setScratch(scratch.bytes)
const anySource = constant('ANY_SOURCE')
const anyTag = constant('ANY_TAG')
const bytes = (started.types.BYTE as NativeType).index

/**
 * A message that was found: in the scratch memory, which the next message uses, or on its own.
 * `lastStatus` is that of the message. @internal
 */
export function headOf(found: number): Head {
  if (found >= 0) {
    scratch.length = found
    return scratch
  }
  const head = new Head(new Uint8Array(lastStatus[2] as number))
  mpi.mrecv(-1 - found, head.bytes, head.length, bytes)
  return head
}

/** {@link headOf} that stays. @internal */
export function keptHeadOf(found: number): Head {
  const head = headOf(found)
  return head === scratch ? head.copy() : head
}

/** A receive that waits. @internal */
export interface Posted {
  order: number
  head: Head | undefined
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

function takes({ source, tag }: Line, from: number, as: number): boolean {
  if (from === constant('PROC_NULL')) return source === from
  return (source === from || source === anySource) && (tag === as || tag === anyTag)
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

  post(source: number, tag: number): Posted {
    const key = `${source} ${tag}`
    let line = this.#lines.get(key)
    if (line === undefined) {
      line = { source, tag, waiting: [], next: 0 }
      this.#lines.set(key, line)
      open(this)
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
    while (this.#matchOne());
  }

  /** False when no receive has a message. */
  #matchOne(): boolean {
    const lines = [...this.#lines.values()]
    if (lines.length > 1) lines.sort((a, b) => headOfLine(a).order - headOfLine(b).order)
    for (const [i, line] of lines.entries()) {
      const found = i === 0 ? this.#poll(line.source, line.tag) : this.#pollBehind(lines, i)
      if (found === 'earlier') return true
      if (found === undefined) continue
      this.#deliver(line, found)
      return true
    }
    return false
  }

  #poll(source: number, tag: number): number | undefined {
    return mpi.pollObject(this.#comm, source, tag)
  }

  /**
   * Messages come while we look. One that a receive before this one takes as well must have come after that was looked
   * at, and is its, or one before it is: it is looked at again.
   */
  #pollBehind(lines: readonly Line[], i: number): number | 'earlier' | undefined {
    const { source, tag } = lines[i] as Line
    if (!mpi.iprobe(this.#comm, source, tag)) return undefined
    const [from, as] = [lastStatus[0] as number, lastStatus[1] as number]
    if (lines.slice(0, i).some((line) => takes(line, from, as))) return 'earlier'
    return this.#poll(from, as)
  }

  #deliver(line: Line, found: number): void {
    const posted = headOfLine(line)
    line.next++
    if (line.next === line.waiting.length) this.#remove(line)
    posted.status.take()
    posted.head = keptHeadOf(found)
    posted.wake()
  }

  #remove({ source, tag }: Line): void {
    this.#lines.delete(`${source} ${tag}`)
    if (this.#lines.size === 0) close(this)
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
