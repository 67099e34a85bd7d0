// Memory that several threads or processes see, and how the others find it.
import os from 'node:os'
import { isNativeFailure, OutOfMemoryError } from '../errors.js'
import { native } from '../native.js'
import type { NativeSegment } from '../native/shared.js'
import { SharedMemoryError } from './errors.js'

/** Who can share: the threads of this process only (SharedArrayBuffer), or processes as well. */
export type Between = 'threads' | 'processes'

/** How another process finds a segment: a descriptor of its owner, and the inode that tells it from a later one. */
export interface Address {
  pid: number
  fd: number
  inode: number
  bytes: number
}

/** One piece of shared memory, as this thread sees it. */
export interface Memory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer
  /** Absent for memory between threads. */
  readonly address?: Address
  /** Closes the descriptor when it is collected. */
  readonly handle?: object
}

// With the buffer goes the memory, and with the memory its descriptor.
const known = new WeakMap<ArrayBufferLike, Memory>()
// An inode cannot be given again while somebody has it open, and whoever is in here has.
const byInode = new Map<number, WeakRef<Memory>>()
const forgotten = new FinalizationRegistry<number>((inode) => {
  if (byInode.get(inode)?.deref() === undefined) byInode.delete(inode)
})

function remember(segment: NativeSegment & { buffer: ArrayBuffer }, bytes: number): Memory {
  const { handle, fd, inode, buffer } = segment
  const memory: Memory = { buffer, handle, address: { pid: process.pid, fd, inode, bytes } }
  known.set(buffer, memory)
  byInode.set(inode, new WeakRef(memory))
  forgotten.register(memory, inode)
  return memory
}

// Linux reserves what it is asked for until nothing is left, and then kills somebody.
function expectRoom(bytes: number): void {
  const room = Math.min(process.availableMemory(), os.freemem())
  if (bytes <= room) return
  throw new OutOfMemoryError(
    `Not enough memory for ${(bytes / 2 ** 30).toFixed(1)} GiB of shared memory: ` +
      `${(room / 2 ** 30).toFixed(1)} GiB are available`,
  )
}

/** What the add-on throws, as errors of ours. */
export function translated<T>(action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (!isNativeFailure(error)) throw error
    if (error.code === 'ERR_OUT_OF_MEMORY') {
      throw new OutOfMemoryError(`Not enough memory: ${error.message}`)
    }
    throw new SharedMemoryError(`Shared memory failed: ${error.message}`, { cause: error })
  }
}

/** Zeroed memory. */
export function createMemory(bytes: number, between: Between): Memory {
  expectRoom(bytes)
  if (between === 'processes') {
    return remember(
      translated(() => native.segmentCreate(bytes)),
      bytes,
    )
  }
  const memory = { buffer: new SharedArrayBuffer(bytes) }
  known.set(memory.buffer, memory)
  return memory
}

/** The memory that a buffer shows, when it is shared memory of ours. */
export function memoryOf(buffer: ArrayBufferLike): Memory | undefined {
  return known.get(buffer)
}

/** Memory between threads that came as a SharedArrayBuffer. */
export function adopt(buffer: SharedArrayBuffer): Memory {
  const found = known.get(buffer) ?? { buffer }
  known.set(buffer, found)
  return found
}

/** Memory that another process (or thread) has; the same object while this thread has it already. */
export function openMemory({ pid, fd, inode, bytes }: Address): Memory {
  const found = byInode.get(inode)?.deref()
  if (found !== undefined && found.buffer.byteLength === bytes) return found
  return remember(
    translated(() => native.segmentOpen(pid, fd, inode, bytes)),
    bytes,
  )
}

/** Gives the mapping back now; views of it have no elements from here on. */
export function releaseMemory(memory: Memory): void {
  const { buffer, handle, address } = memory
  if (handle === undefined || address === undefined) return
  known.delete(buffer)
  if (byInode.get(address.inode)?.deref() === memory) byInode.delete(address.inode)
  native.segmentClose(handle)
  native.detach(buffer as ArrayBuffer)
}
