/** What is known of a message that was received or probed. */
import { constant, lastStatus } from './runtime.js'
import type { Datatype } from './datatype.js'

/**
 * Filled in by receives and probes that are given one. Before: no message.
 *
 * @example
 * ```ts
 * import { COMM_SELF as comm, Status } from 'numcore/mpi'
 * const request = comm.Isend(Float64Array.of(1, 2, 3), { dest: 0, tag: 7 })
 * const status = new Status()
 * const room = new Float64Array(10)
 * comm.Recv(room, { status })
 * await request
 * console.log(status.source, status.tag, status.bytes) // 0 7 24
 * ```
 */
export class Status {
  /** The rank that sent it. */
  source: number = constant('ANY_SOURCE')
  tag: number = constant('ANY_TAG')
  /** Its length. Of an object: that of its first message. */
  bytes = 0
  /** Whether the request was cancelled; then there was no message. */
  cancelled = false

  /** The number of whole elements of a type; undefined when it is not a whole number. */
  count(type: Datatype): number | undefined {
    const count = type.size === 0 ? 0 : this.bytes / type.size
    return Number.isInteger(count) ? count : undefined
  }

  /** Takes what the add-on noted last. @internal */
  take(): void {
    this.source = lastStatus[0] as number
    this.tag = lastStatus[1] as number
    this.bytes = lastStatus[2] as number
    this.cancelled = lastStatus[3] === 1
  }
}
