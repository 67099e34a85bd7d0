import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The file behind `numcore`. */
export const mainProgram = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

export interface Outcome {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** Runs the command with variables added to the environment, in a folder. */
export function numcore(
  args: readonly string[],
  variables: Record<string, string> = {},
  cwd = process.cwd(),
): Promise<Outcome> {
  const child = spawn(process.execPath, [mainProgram, ...args], {
    cwd,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}
