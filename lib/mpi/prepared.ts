/** What blocking and awaited collective operations on arrays share. */
import type { NativeArea } from '../native/mpi.js'
import type { Area } from './buffer.js'
import { Request } from './request.js'

/** A buffer that is not needed on every rank. */
export type Optional<T> = T | null | undefined

/**
 * An operation whose arguments have been checked: performed when called with false, started with true. Every operation
 * is prepared in one place and has two public methods, which do the one or the other.
 */
export type Call = (start: boolean) => number | undefined

/** One of the add-on's functions with all its arguments but the last. */
export function prepared<A extends readonly unknown[]>(
  native: (...args: [...A, boolean]) => number | undefined,
  ...args: A
): Call {
  return (start) => native(...args, start)
}

/** It holds the buffers, so the request holds it. */
export const started = (call: Call): Request<void> => new Request(call(true) as number, call)

/**
 * The blocking routine, always: MPI does not let it meet the other ranks' non-blocking one, so it may not depend on what
 * this rank has under way.
 */
export const perform = (call: Call): void => void call(false)

/** A buffer as the add-on takes it, in three arguments. */
export type Words = [data: NativeArea, count: number, type: number]
export const words = ({ data, count, type }: Area): Words => [data, count, type.index]
