import { threadId } from 'node:worker_threads'

/** Which worker this is, unlike all that were before. */
export const who = () => `${process.pid}.${threadId}`
