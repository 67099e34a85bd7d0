/**
 * Messages as the add-on takes them. Six numbers belong to each; they are written into memory that the add-on reads,
 * because handing them over one by one takes longer than sending eight bytes.
 */
import type { NativeArea } from '../native/mpi.js'
import { mpi, started } from './runtime.js'

const { frame } = started

function describe(
  comm: number,
  count: number,
  type: number,
  peer: number,
  tag: number,
  last: number,
): void {
  frame[0] = comm
  frame[1] = count
  frame[2] = type
  frame[3] = peer
  frame[4] = tag
  frame[5] = last
}

/** @internal */
export const modes = { standard: 0, synchronous: 1, ready: 2 } as const
/** @internal */
export type Mode = (typeof modes)[keyof typeof modes]

/** @internal */
export function send(
  comm: number,
  data: NativeArea,
  count: number,
  type: number,
  dest: number,
  tag: number,
  mode: Mode = modes.standard,
): void {
  describe(comm, count, type, dest, tag, mode)
  mpi.send(data)
}

/** The number of the request. @internal */
export function isend(
  comm: number,
  data: NativeArea,
  count: number,
  type: number,
  dest: number,
  tag: number,
  mode: Mode = modes.standard,
): number {
  describe(comm, count, type, dest, tag, mode)
  return mpi.isend(data)
}

/** The number of a persistent request. @internal */
export function sendInit(
  comm: number,
  data: NativeArea,
  count: number,
  type: number,
  dest: number,
  tag: number,
  mode: Mode,
): number {
  describe(comm, count, type, dest, tag, mode)
  return mpi.sendInit(data)
}

/** Leaves `lastStatus` as it was unless it is wanted. @internal */
export function recv(
  comm: number,
  data: NativeArea,
  count: number,
  type: number,
  source: number,
  tag: number,
  wantsStatus: boolean,
): void {
  describe(comm, count, type, source, tag, wantsStatus ? 1 : 0)
  mpi.recv(data)
}

/** The number of the request. @internal */
export function irecv(
  comm: number,
  data: NativeArea,
  count: number,
  type: number,
  source: number,
  tag: number,
): number {
  describe(comm, count, type, source, tag, 0)
  return mpi.irecv(data)
}

/** The number of a persistent request. @internal */
export function recvInit(
  comm: number,
  data: NativeArea,
  count: number,
  type: number,
  source: number,
  tag: number,
): number {
  describe(comm, count, type, source, tag, 0)
  return mpi.recvInit(data)
}
