// Starts the programs of this folder under an MPI, and reads what they print.
import { spawn } from 'node:child_process'
import { mpiCommand } from 'numcore/mpi/launch'

/** Runs the ranks of a program; the JSON lines of their output as `answers`, or the `problem` that they had. */
export function run({ mpi, ranks, threads = 1, launcherArgs = [] }, command, args) {
  const launch = mpiCommand({
    mpi,
    ranks,
    threads,
    launcherArgs,
    // A container may not let one process read another's memory.
    env: { OMPI_MCA_btl_vader_single_copy_mechanism: 'none', ...process.env },
  })
  return new Promise((resolve) => {
    const child = spawn(launch.command, [...launch.args, command, ...args], {
      env: launch.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
    })
    let [text, problem] = ['', '']
    child.stdout.on('data', (chunk) => (text += chunk))
    child.stderr.on('data', (chunk) => (problem += chunk))
    child.on('error', (error) => resolve({ problem: error.message }))
    child.on('close', (code) => {
      if (code !== 0) return resolve({ problem: problem.trim() || `it ended with code ${code}` })
      const lines = text.split('\n').filter((line) => line.startsWith('{'))
      resolve({ answers: lines.map((line) => JSON.parse(line)) })
    })
  })
}
