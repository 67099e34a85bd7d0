/** Commands that are another program: it has the terminal, and its end is ours. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Runs the program, and promises its exit code; 128 and the number of the signal that ended it. */
export async function runChild(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv | undefined,
): Promise<number> {
  const child = spawn(command, args, { env, stdio: 'inherit' })
  // A terminal sends Ctrl-C to the program as well. Another signal is passed on.
  const ignore = () => {}
  const passOn = (signal: NodeJS.Signals) => child.kill(signal)
  process.on('SIGINT', ignore).on('SIGTERM', passOn).on('SIGHUP', passOn)
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', (code, signal) =>
        resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]),
      )
    })
  } finally {
    process.off('SIGINT', ignore).off('SIGTERM', passOn).off('SIGHUP', passOn)
  }
}
