/**
 * How a rank ends. Cleanly: MPI is finalized. In any other way (an error that nobody caught, `process.exit(n)` or
 * `process.exitCode` with n other than 0) the whole job is aborted with that code, because the other ranks would wait
 * for this one for ever. A signal needs nothing: the process dies of it, and the launcher ends the job.
 */
import { writeSync } from 'node:fs'
import { inspect } from 'node:util'
import type { NativeMpi } from '../native/mpi.js'

/** Every line of what went wrong, with the rank in front: several ranks write to one terminal. */
export function marked(text: string, rank: number, size: number, host: string): string {
  const mark = `[rank ${rank} of ${size} on ${host}]`
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `${mark} ${line}\n`)
    .join('')
}

/** Milliseconds that a launcher gets to pass on the last words. */
const forwardTime = 100

function write(text: string): void {
  try {
    writeSync(2, text)
  } catch {
    // Nobody reads it any more, and the job has to end all the same.
  }
}

export function watchEnd(native: NativeMpi, rank: number, size: number, host: string): void {
  const world = 0
  const abort = (text: string, code: number) => {
    write(text)
    // Launchers pass on what a rank writes, but not always what one wrote that they are already ending.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forwardTime)
    native.abort(world, code)
  }
  process.on('uncaughtExceptionMonitor', (error, origin) => {
    // Whoever listens decides. (This listener is only told; it does not count.)
    if (process.listenerCount('uncaughtException') > 0 || native.finalized()) return
    const what = origin === 'unhandledRejection' ? 'Unhandled rejection: ' : 'Uncaught '
    abort(marked(`${what}${inspect(error)}`, rank, size, host), 1)
  })
  process.on('exit', (code) => {
    if (native.finalized()) return
    if (code === 0 && native.computing()) {
      const text = 'ends while it computes with other ranks: the job is aborted'
      abort(marked(text, rank, size, host), 1)
    } else if (code === 0) {
      native.finalize()
    } else {
      abort(marked(`ends with exit code ${code}: the job is aborted`, rank, size, host), code)
    }
  })
}
