/** What native/addon/shared.cc offers: memory that processes share, and waiting for it to change. Types only. */
import type { Control } from '../job.js'

/** A segment of shared memory: its number in this process's table of descriptors, closed with `handle`. */
export interface NativeSegment {
  handle: object
  fd: number
  inode: number
}

export type NativeWait = 'woken' | 'different' | 'timed-out'

export interface NativeShared {
  /** Zeroed memory, mapped. */
  segmentCreate(bytes: number): NativeSegment & { buffer: ArrayBuffer }
  /** A copy of the bytes; not mapped. */
  segmentHolding(bytes: Uint8Array): NativeSegment
  /** The same into a segment that there is: several times as fast. */
  segmentWrite(handle: object, bytes: Uint8Array): void
  segmentOpen(
    pid: number,
    fd: number,
    inode: number,
    bytes: number,
  ): NativeSegment & { buffer: ArrayBuffer }
  /** The content as memory of one's own, copied page by page where it is written to. It must not change. */
  segmentCopy(pid: number, fd: number, inode: number, bytes: number): ArrayBuffer
  /** A copy of the content, which may change afterwards. */
  segmentRead(pid: number, fd: number, inode: number, bytes: number): ArrayBuffer
  segmentClose(handle: object): void
  detach(buffer: ArrayBuffer): void
  futexWait(words: Int32Array, index: number, expected: number, milliseconds: number): NativeWait
  futexWaitAsync(
    words: Int32Array,
    index: number,
    expected: number,
    milliseconds: number,
    control: Control,
  ): unknown
  futexWake(words: Int32Array, index: number, count: number): number
  /** Id and start of the calling thread. */
  thisThread(): [number, number]
  threadLives(id: number, start: number): boolean
  /** Ends this process when the thread that started it ends, however that one ends. */
  dieWithParent(pid: number): void
}
