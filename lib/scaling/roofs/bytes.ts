// The roof of memory: a copy of far more than the caches hold, each thread its part.
import { readFileSync } from 'node:fs'
import os from 'node:os'
import { run } from '../../job.js'
import { native } from '../../native.js'
import type { Task } from '../tasks/task.js'

export const task: Task = {
  name: 'bytes',
  title: 'Memory copy',
  unit: 'byte/s',
  bytes: () => 16 * length(),
  async setup({ threads }) {
    const n = length()
    const [from, to] = [new Float64Array(n), new Float64Array(n)]
    const copy = (a: Float64Array, b: Float64Array) =>
      run((control) => native.roofCopy(a, b, control), { threads })
    // A page lies near the thread that writes to it first; one that nobody has written to is no memory at all.
    await copy(to, from)
    await copy(from, to)
    return {
      size: n,
      description: `a copy of ${Math.round((8 * n) / 2 ** 20)} MB`,
      // Read and written, as STREAM counts them.
      work: 16 * n,
      run: () => copy(from, to),
      bits: () => undefined,
    }
  },
}

/** Numbers in one array: four times the last cache, at least 64 MB, and never more than a sixteenth of what is free. */
function length(): number {
  const wanted = Math.max(64 * 2 ** 20, 4 * lastCacheBytes())
  return Math.floor(Math.min(wanted, os.freemem() / 16) / 8)
}

function lastCacheBytes(): number {
  try {
    const text = readFileSync('/sys/devices/system/cpu/cpu0/cache/index3/size', 'utf8')
    const [, digits, unit = ''] = /^(\d+)([KMG]?)/.exec(text) ?? []
    return Number(digits) * { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }[unit as '' | 'K']
  } catch {
    return 0
  }
}
