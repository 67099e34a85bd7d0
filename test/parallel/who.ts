import { threadId } from 'node:worker_threads'
import { SharedArray } from 'numcore/parallel'

/** Which worker this is, unlike all that were before. */
export const who = () => `${process.pid}.${threadId}`

/** Shared memory that a worker makes. */
export const create = () => new SharedArray('float64', [1, 2, 3])
