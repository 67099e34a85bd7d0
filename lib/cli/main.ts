#!/usr/bin/env node
// The command `numcore`. Exit codes: 0 done, 1 the work failed, 2 the arguments were wrong.
import { CommanderError } from './commander.js'
import { failureOf, ReportedError } from './failure.js'
import { joinRanks, leaveRanks } from './ranks.js'

// A closed pipe (`numcore zipf ... | head -1`) is the reader's right, not a failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const words = process.argv.slice(2)
let isRoot = true
try {
  const ranks = await joinRanks(words)
  isRoot = ranks.isRoot
  // Loaded here, so that an add-on that cannot be loaded gives its message and not a stack.
  const { load } = await import('./program.js')
  await (await load(words, !isRoot)).parseAsync()
  await leaveRanks()
} catch (error) {
  const { code, text } = failureOf(error)
  // Ranks have the same arguments, so commander says the same to all.
  const isShared = error instanceof ReportedError || error instanceof CommanderError
  if (text !== '' && (isRoot || !isShared)) console.error(text)
  process.exitCode = code
  if (isShared) await leaveRanks()
}
