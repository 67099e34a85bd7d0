/** Messages between two ranks. */
import { invalidArgument } from '../errors.js'
import { areaOf, type BufferLike } from './buffer.js'
import { decode, encode } from './codec.js'
import { all, ANY_SOURCE, ANY_TAG, CommCore, keep, PROC_NULL } from './comm-core.js'
import { BYTE } from './datatype.js'
import type { Head } from './head.js'
import { Message } from './message.js'
import {
  type AwaitedRecvOptions,
  checkAwaited,
  checkRecv,
  checkSend,
  checkSendrecv,
  type ProbeOptions,
  type RecvOptions,
  type SendOptions,
  type SendrecvOptions,
} from './message-options.js'
import { isBusy } from './progress.js'
import { Request } from './request.js'
import { mpi } from './runtime.js'
import { PersistentRequest, SteppedRequest, type Steps } from './steps.js'
import { Status } from './status.js'
import { irecv, isend, type Mode, modes, recv, recvInit, send, sendInit } from './transfer.js'

/** MPI would write into memory that a resize takes away. */
function expectFixed(data: unknown): void {
  const buffer = ArrayBuffer.isView(data) ? data.buffer : undefined
  const { resizable, growable } = (buffer ?? {}) as { resizable?: boolean; growable?: boolean }
  if (resizable || growable) {
    throw invalidArgument('memory that cannot be resized', 'the buffer of a request', data)
  }
}

/** @internal */
export abstract class PointToPoint extends CommCore {
  /**
   * Sends a value: anything that a structured clone takes, and its class of arrays. Returns when the value may be changed;
   * a large one may wait for its receiver.
   *
   * @throws ERR_MPI, and a DataCloneError for functions and other things that cannot be sent.
   *
   * @example
   * ```ts
   * import { COMM_WORLD as comm } from 'numcore/mpi'
   * if (comm.rank === 0 && comm.size > 1) comm.send({ a: 7, b: 3.14 }, { dest: 1, tag: 11 })
   * if (comm.rank === 1) console.log(comm.recv({ source: 0, tag: 11 }).b)
   * ```
   */
  send(value: unknown, options: SendOptions): void {
    this.#send('send', value, options, modes.standard)
  }

  /** {@link send} that returns when the receive has begun. */
  ssend(value: unknown, options: SendOptions): void {
    this.#send('ssend', value, options, modes.synchronous)
  }

  #send(name: string, value: unknown, options: SendOptions, mode: Mode): void {
    checkSend(name, options)
    const packet = encode(value)
    if (!isBusy()) this.sendNow(packet, options.dest, options.tag ?? 0, mode)
    else this.#isend(name, value, options, mode).wait()
  }

  /** Starts a {@link send}. The value may be changed at once, the memory of its large typed arrays when it has ended. */
  isend(value: unknown, options: SendOptions): Request<void> {
    return this.#isend('isend', value, options, modes.standard)
  }

  /** Starts an {@link ssend}. */
  issend(value: unknown, options: SendOptions): Request<void> {
    return this.#isend('issend', value, options, modes.synchronous)
  }

  #isend(name: string, value: unknown, options: SendOptions, mode: Mode): Request<void> {
    checkSend(name, options)
    const packet = keep(encode(value))
    const { dest, tag = 0 } = options
    const { head, parts } = packet
    if (parts.length === 0) {
      const slot = isend(this.handle, head.bytes, head.length, BYTE.index, dest, tag, mode)
      return new Request(slot, head.bytes)
    }
    return new SteppedRequest(all(this.startSend(packet, dest, tag, { mode })))
  }

  /** Receives a value that a lower-case function sent. */
  // oxlint-disable-next-line typescript/no-explicit-any
  recv<T = any>(options?: RecvOptions): T {
    const { source = ANY_SOURCE, tag = ANY_TAG, status } = checkRecv('recv', options)
    if (isBusy()) {
      return this.#receive<T>(source, tag).wait(status)
    }
    const head = this.receiveNow(source, tag)
    if (head.length === 0 && this.cameFromNobody) {
      status?.take()
      return undefined as T
    }
    const now = status ?? received
    now.take()
    return decode(head, this.receivePartsNow(head, now.source)) as T
  }

  /**
   * Starts a {@link recv}. There is no buffer that could be too small: the message is received when its length is known.
   * Receives get their messages in the order in which they were started.
   */
  // oxlint-disable-next-line typescript/no-explicit-any
  irecv<T = any>(options?: AwaitedRecvOptions): Request<T> {
    const { source = ANY_SOURCE, tag = ANY_TAG, signal } = checkAwaited('irecv', options)
    return this.#receive<T>(source, tag).cancelOn(signal)
  }

  #receive<T>(source: number, tag: number): Request<T> {
    const posted = this.mailbox.post(source, tag)
    const steps = this.#receiveSteps<T>(posted)
    const request = new SteppedRequest<T>(steps, posted.status, this.mailbox)
    posted.wake = request.wake
    return request
  }

  *#receiveSteps<T>(posted: { head: Head | undefined; status: Status }): Steps<T> {
    const { head, status } = posted as { head: Head; status: Status }
    if (head.length === 0 && status.source === PROC_NULL) return undefined as T
    return decode(head, yield* this.receiveParts(head, status.source)) as T
  }

  /** Sends one value and receives another; neither waits for the other. */
  // oxlint-disable-next-line typescript/no-explicit-any
  sendrecv<T = any>(value: unknown, options: SendrecvOptions): T {
    checkSendrecv('sendrecv', options)
    const { dest, source, sendtag, recvtag, status } = options
    const sending = this.isend(value, { dest, tag: sendtag })
    const result = this.recv<T>({ source, tag: recvtag, status })
    sending.wait()
    return result
  }

  /**
   * All messages that come, as values with their status, for ever: leave the loop to stop.
   *
   * @example
   * ```ts
   * import { COMM_SELF as comm } from 'numcore/mpi'
   * for (const word of ['one', 'two', 'stop']) comm.isend(word, { dest: 0, tag: 3 })
   * for await (const { value, status } of comm.messages({ tag: 3 })) {
   *   if (value === 'stop') break
   *   console.log(value, status.source)
   * }
   * ```
   */
  // oxlint-disable-next-line typescript/no-explicit-any
  async *messages<T = any>(
    options?: AwaitedRecvOptions,
  ): AsyncGenerator<{ value: T; status: Status }, void, undefined> {
    for (;;) {
      const request = this.irecv<T>(options)
      try {
        const value = await request
        yield { value, status: request.status }
      } finally {
        request.cancel()
      }
    }
  }

  /** Sends an array from where it lies. */
  Send(buffer: BufferLike, options: SendOptions): void {
    this.#sendArray('Send', buffer, options, modes.standard)
  }

  /** {@link Send} that returns when the receive has begun. */
  Ssend(buffer: BufferLike, options: SendOptions): void {
    this.#sendArray('Ssend', buffer, options, modes.synchronous)
  }

  /** {@link Send} that may only be called when the receive has been started: MPI does not look. */
  Rsend(buffer: BufferLike, options: SendOptions): void {
    this.#sendArray('Rsend', buffer, options, modes.ready)
  }

  #sendArray(name: string, buffer: BufferLike, options: SendOptions, mode: Mode): void {
    checkSend(name, options)
    const { data, count, type } = areaOf('buffer', buffer)
    const { dest, tag = 0 } = options
    if (!isBusy()) send(this.handle, data, count, type.index, dest, tag, mode)
    else this.#start(name, buffer, options, mode).wait()
  }

  /** Starts a {@link Send}; leave the array alone until it has ended. */
  Isend(buffer: BufferLike, options: SendOptions): Request<void> {
    return this.#start('Isend', buffer, options, modes.standard)
  }

  /** Starts an {@link Ssend}. */
  Issend(buffer: BufferLike, options: SendOptions): Request<void> {
    return this.#start('Issend', buffer, options, modes.synchronous)
  }

  /** Starts an {@link Rsend}. */
  Irsend(buffer: BufferLike, options: SendOptions): Request<void> {
    return this.#start('Irsend', buffer, options, modes.ready)
  }

  #start(name: string, buffer: BufferLike, options: SendOptions, mode: Mode): Request<void> {
    checkSend(name, options)
    const { data, count, type } = areaOf('buffer', buffer)
    expectFixed(data)
    const { dest, tag = 0 } = options
    return new Request(isend(this.handle, data, count, type.index, dest, tag, mode), data)
  }

  /**
   * Receives into an array, which may be longer than the message.
   *
   * @throws ERR_MPI with class ERR_TRUNCATE when it is shorter.
   */
  Recv(buffer: BufferLike, options?: RecvOptions): void {
    const { source = ANY_SOURCE, tag = ANY_TAG, status } = checkRecv('Recv', options)
    const { data, count, type } = areaOf('buffer', buffer)
    if (isBusy()) {
      new Request(irecv(this.handle, data, count, type.index, source, tag), data).wait(status)
      return
    }
    recv(this.handle, data, count, type.index, source, tag, status !== undefined)
    status?.take()
  }

  /** Starts a {@link Recv}; leave the array alone until it has ended. */
  Irecv(buffer: BufferLike, options?: AwaitedRecvOptions): Request<void> {
    const {
      source = ANY_SOURCE,
      tag = ANY_TAG,
      signal,
    } = options === undefined ? ({} as AwaitedRecvOptions) : checkAwaited('Irecv', options)
    const { data, count, type } = areaOf('buffer', buffer)
    expectFixed(data)
    const slot = irecv(this.handle, data, count, type.index, source, tag)
    return new Request(slot, data).cancelOn(signal)
  }

  /** Sends one array and receives into another; neither waits for the other. */
  Sendrecv(sendbuf: BufferLike, recvbuf: BufferLike, options: SendrecvOptions): void {
    checkSendrecv('Sendrecv', options)
    const { dest, source = ANY_SOURCE, sendtag = 0, recvtag = ANY_TAG, status } = options
    const [from, to] = [areaOf('sendbuf', sendbuf), areaOf('recvbuf', recvbuf)]
    if (isBusy()) {
      const receiving = this.Irecv(recvbuf, { source, tag: recvtag })
      this.Send(sendbuf, { dest, tag: sendtag })
      receiving.wait(status)
      return
    }
    mpi.sendrecv(
      this.handle,
      from.data,
      from.count,
      from.type.index,
      dest,
      sendtag,
      to.data,
      to.count,
      to.type.index,
      source,
      recvtag,
    )
    status?.take()
  }

  /** A {@link Send} that is described once and started often. */
  SendInit(buffer: BufferLike, options: SendOptions): PersistentRequest {
    return this.#prepare('SendInit', buffer, options, modes.standard)
  }

  /** An {@link Ssend} that is described once and started often. */
  SsendInit(buffer: BufferLike, options: SendOptions): PersistentRequest {
    return this.#prepare('SsendInit', buffer, options, modes.synchronous)
  }

  #prepare(name: string, buffer: BufferLike, options: SendOptions, mode: Mode): PersistentRequest {
    checkSend(name, options)
    const { data, count, type } = areaOf('buffer', buffer)
    expectFixed(data)
    const { dest, tag = 0 } = options
    const slot = sendInit(this.handle, data, count, type.index, dest, tag, mode)
    return new PersistentRequest(slot, data)
  }

  /** A {@link Recv} that is described once and started often. */
  RecvInit(buffer: BufferLike, options?: Omit<RecvOptions, 'status'>): PersistentRequest {
    const { source = ANY_SOURCE, tag = ANY_TAG } = checkRecv('RecvInit', options)
    const { data, count, type } = areaOf('buffer', buffer)
    expectFixed(data)
    const slot = recvInit(this.handle, data, count, type.index, source, tag)
    return new PersistentRequest(slot, data)
  }

  /** Waits until there is a message, without receiving it. */
  probe(options?: ProbeOptions): Status {
    const {
      source = ANY_SOURCE,
      tag = ANY_TAG,
      status = new Status(),
    } = checkRecv('probe', options)
    this.mailbox.match()
    mpi.probe(this.handle, source, tag)
    status.take()
    return status
  }

  /** Whether there is a message; its status, or undefined. */
  iprobe(options?: ProbeOptions): Status | undefined {
    const {
      source = ANY_SOURCE,
      tag = ANY_TAG,
      status = new Status(),
    } = checkRecv('iprobe', options)
    this.mailbox.match()
    if (!mpi.iprobe(this.handle, source, tag)) return undefined
    status.take()
    return status
  }

  /** Waits for a message and takes it out of the queue: only who holds it can receive it. */
  mprobe(options?: ProbeOptions): Message {
    const { source = ANY_SOURCE, tag = ANY_TAG, status } = checkRecv('mprobe', options)
    this.mailbox.match()
    return this.#message(mpi.mprobe(this.handle, source, tag), status)
  }

  /** {@link mprobe} if there is a message, else undefined. */
  improbe(options?: ProbeOptions): Message | undefined {
    const { source = ANY_SOURCE, tag = ANY_TAG, status } = checkRecv('improbe', options)
    this.mailbox.match()
    const index = mpi.improbe(this.handle, source, tag)
    return index < 0 ? undefined : this.#message(index, status)
  }

  #message(index: number, status = new Status()): Message {
    status.take()
    return new Message(index, status, (head, source) => this.receivePartsNow(head, source))
  }
}

/** Of receives whose caller does not ask. */
const received = new Status()
