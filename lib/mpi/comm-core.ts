/** What every communicator has, and how objects travel on it. */
import { invalidArgument } from '../errors.js'
import { BYTE } from './datatype.js'
import { type Head, noParts, type Packet } from './head.js'
import { headOf, keptHeadOf, Mailbox } from './mailbox.js'
import { lookAgain, noteMoving } from './progress.js'
import { constant, lastStatus, mpi, started } from './runtime.js'
import type { Steps } from './steps.js'
import { irecv, isend, type Mode, modes, recv, send } from './transfer.js'

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

/** Memory of at least this many bytes is worth large pages. */
const large = 4 * 2 ** 20

/** Memory that a message is going to fill. */
function memoryFor(bytes: number): Uint8Array<ArrayBuffer> {
  if (bytes < large) return new Uint8Array(bytes)
  // What is in it before does not matter: all of it is written over.
  const memory = new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer)
  mpi.useLargePages(memory)
  return memory
}

/** A copy of a message that stays. @internal */
export function keep({ head, parts }: Packet): Packet {
  return { head: head.copy(), parts }
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

  protected sendNow({ head, parts }: Packet, dest: number, tag: number, mode: Mode): void {
    const partTag = this.#number(head, parts)
    send(this.handle, head.bytes, head.length, byte, dest, tag, mode)
    for (const part of parts) send(this.hidden, part, part.length, byte, dest, partTag)
  }

  /** Starts the sends of a message that stays. @internal */
  protected startSend(
    { head, parts }: Packet,
    dest: number,
    tag: number,
    { mode = modes.standard, comm = this.handle }: { mode?: Mode; comm?: number } = {},
  ): number[] {
    const partTag = this.#number(head, parts)
    const slots = [isend(comm, head.bytes, head.length, byte, dest, tag, mode)]
    lent.set(slots[0] as number, head.bytes)
    for (const part of parts) {
      const slot = isend(this.hidden, part, part.length, byte, dest, partTag)
      lent.set(slot, part)
      noteMoving(part.length)
      slots.push(slot)
    }
    return slots
  }

  #number(head: Head, parts: readonly Uint8Array[]): number {
    if (parts.length === 0) return 0
    const sequence = this.#sequence++ % tags
    head.setSequence(sequence)
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
    const head = keptHeadOf(found)
    return { head, parts: yield* this.receiveParts(head, source) }
  }

  /** What goes beside a message, into memory of its own. */
  protected *receiveParts(head: Head, source: number): Steps<readonly Uint8Array<ArrayBuffer>[]> {
    const { sequence, lengths } = head.beside
    if (lengths.length === 0) return noParts
    const parts = lengths.map(memoryFor)
    const slots = parts.map((part) => {
      const slot = irecv(this.hidden, part, part.length, byte, source, 2 * sequence + 1)
      lent.set(slot, part)
      noteMoving(part.length)
      return slot
    })
    yield* all(slots)
    return parts
  }

  protected receivePartsNow(head: Head, source: number): readonly Uint8Array<ArrayBuffer>[] {
    const { sequence, lengths } = head.beside
    if (lengths.length === 0) return noParts
    return lengths.map((length) => {
      const part = memoryFor(length)
      recv(this.hidden, part, length, byte, source, 2 * sequence + 1, false)
      return part
    })
  }

  /** The message of a receive while the caller waits; `lastStatus` tells where it came from. */
  protected receiveNow(source: number, tag: number): Head {
    return headOf(mpi.receiveObject(this.handle, source, tag))
  }

  /** Whether the last message came from PROC_NULL: there was none. */
  protected get cameFromNobody(): boolean {
    return lastStatus[0] === PROC_NULL
  }
}
