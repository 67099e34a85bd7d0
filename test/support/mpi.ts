// MPI programs of the tests, started under a launcher, with a limit of time and with spinning ranks tamed.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { MpiFlavour } from 'numcore/mpi'
import { findLaunchers, mpiCommand } from 'numcore/mpi/launch'

/** Against what hangs, not against what is slow: a job takes seconds. */
const limitSeconds = 300

const root = fileURLToPath(new URL('../../..', import.meta.url))
const programs = fileURLToPath(new URL('../mpi/', import.meta.url))

const launchers = findLaunchers()

export function installed(mpi: MpiFlavour): boolean {
  return (
    launchers.some((each) => each.mpi === mpi) &&
    existsSync(`${root}build/Release/mpi/numcore-mpi-${mpi}.node`)
  )
}

export function missing(mpi: MpiFlavour): string {
  const packages = mpi === 'openmpi' ? 'libopenmpi-dev and openmpi-bin' : 'libmpich-dev and mpich'
  return `      (skipped: no ${mpi} with headers here; apt-get install ${packages}, then npm run build:native)`
}

export interface Job {
  mpi: MpiFlavour
  /** Undefined: started without a launcher. */
  ranks: number | undefined
  /** A file of test/mpi, or an absolute path. */
  program: string
  args?: readonly string[]
  env?: Record<string, string>
  /** For Node, before the program. */
  nodeArgs?: readonly string[]
  /** False for a program that is not Node's. Default true. */
  isScript?: boolean
}

export interface JobOutcome {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** More ranks than cores take turns; a container may not let one process read another's memory, or have a network. */
const tame = {
  OMPI_MCA_mpi_yield_when_idle: '1',
  OMPI_MCA_btl_vader_single_copy_mechanism: 'none',
  OMPI_MCA_btl_base_warn_component_unused: '0',
  OMPI_MCA_plm_ssh_agent: 'false',
  MPIR_CVAR_POLLS_BEFORE_YIELD: '1',
  HYDRA_LAUNCHER: 'fork',
  UCX_TLS: 'tcp,sm,self',
  OMP_NUM_THREADS: '1',
}

export function runRanks(job: Job): Promise<JobOutcome> {
  const { mpi, ranks, args = [], env = {}, nodeArgs = [], isScript = true } = job
  const program = job.program.startsWith('/') ? job.program : programs + job.program
  const variables = { ...process.env, ...tame, ...env }
  const node = [...(isScript ? [process.execPath, ...nodeArgs] : []), program, ...args]
  const library = env.NUMCORE_TEST_LIBRARY ?? mpi
  const launch =
    ranks === undefined
      ? {
          command: node[0] as string,
          args: node.slice(1),
          env: { ...variables, NUMCORE_MPI: library },
        }
      : mpiCommand({ mpi, ranks, env: variables })
  const words = ranks === undefined ? launch.args : [...launch.args, ...node]
  return new Promise((resolve, reject) => {
    // `timeout` ends the launcher, which ends its ranks; -k is for the case that it does not.
    const limit = ['-k', '10', String(limitSeconds), launch.command, ...words]
    const child = spawn('timeout', limit, {
      env: launch.env,
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
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === 124) stderr += `\nended after ${limitSeconds} s: it hangs\n`
      resolve({ code, signal, stdout, stderr })
    })
  })
}
