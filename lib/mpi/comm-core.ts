/** What every communicator has, and how objects travel on it. */
import { invalidArgument } from '../errors.js'
import { type Packet, partsOf, setSequence } from './codec.js'
import { BYTE } from './datatype.js'
import { headOf, Mailbox } from './mailbox.js'
import { lookAgain, noteMoving } from './progress.js'
import { constant, lastStatus, mpi, started } from './runtime.js'
import type { Steps } from './steps.js'

export const ANY_SOURCE = constant('ANY_SOURCE')
export const ANY_TAG = constant('ANY_TAG')
/** The rank of nobody: messages to it are dropped, and those from it are empty. */
export const PROC_NULL = constant('PROC_NULL')
/** As a color of {@link Comm.split}: in no new communicator. */
export const UNDEFINED = constant('UNDEFINED')

const byte = BYTE.index
/** Tags of the hidden communicator: even ones are of collective operations, odd ones of what goes beside messages. */
const tags = Math.floor((started.tagLimit + 1) / 2)

/** What MPI still reads, should nobody wait for it: a step that failed leaves its sends behind. */
const lent = new Map<number, Uint8Array>()

/** Yields until all requests have ended. @internal */
export function* all(slots: readonly number[]): Steps<void> {
  for (const slot of slots) {
    yield slot
    lent.delete(slot)
  }
}

/** A copy of a message that stays. @internal */
export function keep({ head, parts }: Packet): Packet {
  return { head: head.slice(), parts }
}

/** @internal */
export abstract class CommCore {
  #handle: number
  readonly #hidden: number
  #collectives = 0
  #sequence = 0
  readonly #mailbox: Mailbox
  /** This process's number in the communicator, from 0. */
  readonly rank: number
  /** How many ranks it has. */
  readonly size: number

  constructor(handle: number) {
    this.#handle = handle
    // Objects travel beside a communicator that users' messages cannot meet. Making it is collective, as is the making of
    // every communicator.
    this.#hidden = mpi.commDup(handle)
    this.rank = mpi.commRank(handle)
    this.size = mpi.commSize(handle)
    this.#mailbox = new Mailbox(handle)
  }

  /** @internal */
  get handle(): number {
    this.#expectLive()
    return this.#handle
  }

  protected get hidden(): number {
    this.#expectLive()
    return this.#hidden
  }

  #expectLive(): void {
    if (this.#handle < 0)
      throw invalidArgument('a communicator that has not been freed', 'comm', this)
  }

  /** @internal */
  get mailbox(): Mailbox {
    this.#expectLive()
    return this.#mailbox
  }

  /** Gives it back; collective. Do so when nothing is under way on it. */
  free(): void {
    if (this.#handle < 0) return
    const [handle, hidden] = [this.handle, this.hidden]
    this.#handle = -1
    mpi.commFree(hidden)
    mpi.commFree(handle)
  }

  [Symbol.dispose](): void {
    this.free()
  }

  /** The tag for the next collective operation on objects: ranks call them in the same order. */
  protected nextTag(): number {
    this.#expectLive()
    return 2 * (this.#collectives++ % tags)
  }

  protected sendNow({ head, parts }: Packet, dest: number, tag: number, mode: number): void {
    const partTag = this.#number(head, parts)
    mpi.send(this.handle, head, head.length, byte, dest, tag, mode)
    for (const part of parts) mpi.send(this.hidden, part, part.length, byte, dest, partTag, 0)
  }

  /** Starts the sends of a message that stays. @internal */
  protected startSend(
    { head, parts }: Packet,
    dest: number,
    tag: number,
    { mode = 0, comm = this.handle }: { mode?: number; comm?: number } = {},
  ): number[] {
    const partTag = this.#number(head, parts)
    const slots = [mpi.isend(comm, head, head.length, byte, dest, tag, mode)]
    lent.set(slots[0] as number, head)
    for (const part of parts) {
      const slot = mpi.isend(this.hidden, part, part.length, byte, dest, partTag, 0)
      lent.set(slot, part)
      noteMoving(part.length)
      slots.push(slot)
    }
    return slots
  }

  #number(head: Uint8Array, parts: readonly Uint8Array[]): number {
    if (parts.length === 0) return 0
    const sequence = this.#sequence++ % tags
    setSequence(head, sequence)
    return 2 * sequence + 1
  }

  /** Starts a send on the hidden communicator. */
  protected startHidden(packet: Packet, dest: number, tag: number): number[] {
    return this.startSend(packet, dest, tag, { comm: this.hidden })
  }

  /** The message of a collective operation. */
  protected *receiveHidden(source: number, tag: number): Steps<Packet<ArrayBuffer>> {
    let found = mpi.pollObject(this.hidden, source, tag)
    while (found === undefined) {
      yield lookAgain
      found = mpi.pollObject(this.hidden, source, tag)
    }
    const head = found >= 0 ? headOf(found).slice() : headOf(found)
    return { head, parts: yield* this.receiveParts(head, source) }
  }

  /** What goes beside a message, into memory of its own. */
  protected *receiveParts(head: Uint8Array, source: number): Steps<Uint8Array<ArrayBuffer>[]> {
    const { sequence, lengths } = partsOf(head)
    if (lengths.length === 0) return []
    const parts = lengths.map((length) => new Uint8Array(length))
    const slots = parts.map((part) => {
      const slot = mpi.irecv(this.hidden, part, part.length, byte, source, 2 * sequence + 1)
      lent.set(slot, part)
      noteMoving(part.length)
      return slot
    })
    yield* all(slots)
    return parts
  }

  protected receivePartsNow(head: Uint8Array, source: number): Uint8Array<ArrayBuffer>[] {
    const { sequence, lengths } = partsOf(head)
    return lengths.map((length) => {
      const part = new Uint8Array(length)
      mpi.recv(this.hidden, part, length, byte, source, 2 * sequence + 1)
      return part
    })
  }

  /** The message, and where it came from, of a receive while the caller waits. */
  protected receiveNow(source: number, tag: number): Uint8Array {
    return headOf(mpi.receiveObject(this.handle, source, tag))
  }

  /** Whether the last message came from PROC_NULL: there was none. */
  protected get cameFromNobody(): boolean {
    return lastStatus[0] === PROC_NULL
  }
}
