// Large arrays on their way to another process: copies in shared memory.
import { native } from '../native.js'
import type { NativeSegment } from '../native/shared.js'
import { type Address, translated } from './memory.js'

/** A copy that is there until it is closed. */
export interface Staged {
  readonly address: Address
  close(): void
}

// Empty segments are given back when none has been used for so long.
const idleMilliseconds = 5000

type Segment = NativeSegment & { bytes: number }

/**
 * Segments that are used again and again: the kernel takes four times as long to write into memory that has to be found
 * first. The other side copies what it gets.
 */
export class Staging {
  readonly #free: Segment[] = []
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** A copy of the bytes for another process, or undefined where shared memory cannot be had. */
  put(bytes: Uint8Array): Staged | undefined {
    try {
      const segment = this.#take(bytes)
      return { address: addressOf(segment, bytes), close: () => this.#giveBack(segment) }
    } catch {
      // Then it goes through the pipe like everything else.
      return undefined
    }
  }

  /** Keeps no segments any more. */
  close(): void {
    this.#closed = true
    this.#clear()
  }

  #take(bytes: Uint8Array): Segment {
    const { byteLength } = bytes
    // The smallest that is large enough, or else the largest, which becomes larger.
    this.#free.sort((a, b) => a.bytes - b.bytes)
    const place = this.#free.findIndex((each) => each.bytes >= byteLength)
    const [segment] = this.#free.splice(place, 1)
    if (segment === undefined) return { ...native.segmentHolding(bytes), bytes: byteLength }
    try {
      native.segmentWrite(segment.handle, bytes)
    } catch (error) {
      native.segmentClose(segment.handle)
      throw error
    }
    segment.bytes = Math.max(segment.bytes, byteLength)
    return segment
  }

  #giveBack(segment: Segment): void {
    if (this.#closed) return native.segmentClose(segment.handle)
    this.#free.push(segment)
    if (this.#timer) this.#timer.refresh()
    else this.#timer = setTimeout(() => this.#clear(), idleMilliseconds).unref()
  }

  #clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const { handle } of this.#free.splice(0)) native.segmentClose(handle)
  }
}

/** What was put into a {@link Staging}, as memory of one's own. */
export function takeCopy({ pid, fd, inode, bytes }: Address): ArrayBuffer {
  return translated(() => native.segmentRead(pid, fd, inode, bytes))
}

/** A copy that stays as it is, so that all who get it may see the same memory. */
export function stageForGood(bytes: Uint8Array): Staged | undefined {
  try {
    const segment = native.segmentHolding(bytes)
    return { address: addressOf(segment, bytes), close: () => native.segmentClose(segment.handle) }
  } catch {
    return undefined
  }
}

/** What was staged for good: copied page by page where it is written to. */
export function takeView({ pid, fd, inode, bytes }: Address): ArrayBuffer {
  return translated(() => native.segmentCopy(pid, fd, inode, bytes))
}

function addressOf({ fd, inode }: NativeSegment, { byteLength }: Uint8Array): Address {
  return { pid: process.pid, fd, inode, bytes: byteLength }
}
