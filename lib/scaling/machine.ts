// The header of every report: what one needs to know to measure the same again.
import os from 'node:os'
import { info } from '../threads.js'
import type { Machine } from './report.js'

export function machine(): Machine {
  const facts = info()
  return {
    cpu: facts.cpuModel.trim(),
    cpus: facts.cpus,
    affinity: facts.affinity,
    cgroupQuota: facts.cgroupQuota,
    available: facts.available,
    memoryBytes: os.totalmem(),
    load: os.loadavg()[0] ?? 0,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: facts.node,
    numcore: facts.numcore,
    openblas: facts.openblas,
    variables: facts.variables,
  }
}

/** Bytes that several children may share without driving anybody else out of memory: half of these. */
export function freeBytes(): number {
  return Math.min(os.freemem(), process.availableMemory())
}

/**
 * Bytes above which one child is hopeless. Not `availableMemory()`: in a container that counts the
 * file cache, which the system gives back when asked.
 */
export function mostBytes(): number {
  const limit = process.constrainedMemory()
  return Math.min(os.freemem(), limit > 0 ? limit : Number.POSITIVE_INFINITY)
}
