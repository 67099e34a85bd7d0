#!/usr/bin/env node
// The command `numcore`. Exit codes: 0 done, 1 the work failed, 2 the arguments were wrong.
import { CommanderError } from './commander.js'
import { NumcoreError } from '../errors.js'

// A closed pipe (`numcore zipf ... | head -1`) is the reader's right, not a failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  // Loaded here, so that an add-on that cannot be loaded gives its message and not a stack.
  const { load } = await import('./program.js')
  await (await load(process.argv.slice(2))).parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

function report(error: unknown): number {
  // Commander has printed its message already; help and version are not failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof NumcoreError) {
    console.error(`numcore: ${error.message}`)
    return error.code === 'ERR_INVALID_ARGUMENT' || error.code === 'ERR_PARSE' ? 2 : 1
  }
  console.error(error)
  return 1
}
