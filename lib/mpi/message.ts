/** A message that has been found and not yet received. */
import { invalidArgument } from '../errors.js'
import { areaOf, type BufferLike } from './buffer.js'
import { decode } from './codec.js'
import { BYTE } from './datatype.js'
import { PROC_NULL } from './comm-core.js'
import { Head } from './head.js'
import { Request } from './request.js'
import { mpi } from './runtime.js'
import type { Status } from './status.js'

type ReceiveParts = (head: Head, source: number) => readonly Uint8Array<ArrayBuffer>[]

/**
 * From {@link Comm.mprobe}. Its length is known before there is a buffer for it, and nobody else can take it.
 *
 * @example
 * ```ts
 * import { COMM_SELF as comm } from 'numcore/mpi'
 * const sending = comm.Isend(Float64Array.of(1, 2, 3), { dest: 0 })
 * const message = comm.mprobe({ source: 0 })
 * const numbers = new Float64Array(message.status.bytes / 8)
 * message.Recv(numbers)
 * await sending
 * console.log([...numbers]) // [ 1, 2, 3 ]
 * ```
 */
export class Message {
  readonly status: Status
  readonly #receiveParts: ReceiveParts
  #index: number

  /** @internal */
  constructor(index: number, status: Status, receiveParts: ReceiveParts) {
    this.#index = index
    this.status = status
    this.#receiveParts = receiveParts
  }

  #take(): number {
    const index = this.#index
    if (index < 0) throw invalidArgument('a message that has not been received', 'message', this)
    this.#index = -1
    return index
  }

  /** The value that a lower-case function sent. */
  // oxlint-disable-next-line typescript/no-explicit-any
  recv<T = any>(): T {
    const head = new Head(new Uint8Array(this.status.bytes))
    const { source } = this.status
    mpi.mrecv(this.#take(), head.bytes, head.length, BYTE.index)
    if (head.length === 0 && source === PROC_NULL) return undefined as T
    return decode(head, this.#receiveParts(head, source)) as T
  }

  /** Receives it into an array. */
  Recv(buffer: BufferLike): void {
    const { data, count, type } = areaOf('buffer', buffer)
    mpi.mrecv(this.#take(), data, count, type.index)
  }

  /** Starts to receive it into an array. */
  Irecv(buffer: BufferLike): Request<void> {
    const { data, count, type } = areaOf('buffer', buffer)
    return new Request(mpi.imrecv(this.#take(), data, count, type.index), data)
  }
}
