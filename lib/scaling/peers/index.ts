// Other implementations of the same tasks, measured in the same rounds. A peer is a program that speaks lines of JSON;
// what it is, it says itself. To add one: its program, and its line in the table.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readText } from '../../text.js'
import { info } from '../../threads.js'
import { wordCount } from '../../word-count.js'
import type { PeerInput } from '../messages.js'
import type { Launch } from '../probe.js'
import type { TaskReport } from '../report.js'
import { peerRow, type Row } from '../rows.js'
import type { Filled } from '../settings.js'
import { mobyDick, readBook } from '../tasks/book.js'

export const peerNames = ['numpy', 'scipy', 'numba', 'octave', 'ml-matrix', 'python'] as const
export type PeerName = (typeof peerNames)[number]

interface PeerProgram {
  tasks: readonly string[]
  /** The command line, or why there is none. */
  start(): { program: string; args: string[] } | string
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const python = (name: string, module: string, tasks: readonly string[]): PeerProgram => ({
  tasks,
  start() {
    const program = pythonWith(module)
    return program === undefined ? 'is not installed' : { program, args: [here('./peer.py'), name] }
  },
})

const table: Readonly<Record<PeerName, PeerProgram>> = {
  numpy: python('numpy', 'numpy', ['inverse', 'matmul', 'solve', 'eigh', 'svd', 'integral', 'acf', 'fft']),
  scipy: python('scipy', 'scipy', ['inverse', 'solve', 'eigh', 'svd', 'fft']),
  numba: python('numba', 'numba', ['integral', 'acf']),
  python: python('python', 'json', ['integral', 'wordcount']),
  octave: {
    tasks: ['inverse', 'matmul', 'solve', 'eigh', 'svd', 'integral', 'fft'],
    start: () =>
      spawnSync('octave-cli', ['--version'], { stdio: 'ignore', timeout: 60_000 }).status === 0
        ? { program: 'octave-cli', args: ['--no-gui', '--quiet', '--norc', here('./peer.m')] }
        : 'is not installed',
  },
  'ml-matrix': {
    tasks: ['inverse', 'matmul'],
    start: () => ({ program: process.execPath, args: [here('./ml-matrix.js')] }),
  },
}

/** The first Python that has a module: NUMCORE_PYTHON's, the one on the path, the system's. */
function pythonWith(module: string): string | undefined {
  const programs = [process.env.NUMCORE_PYTHON, 'python3', '/usr/bin/python3'].filter((each) => each !== undefined)
  // Finding is much faster than importing.
  const find = `import importlib.util, sys; sys.exit(importlib.util.find_spec('${module}') is None)`
  return programs.find((program) => spawnSync(program, ['-c', find], { stdio: 'ignore', timeout: 60_000 }).status === 0)
}

/** The rows of the peers; files that they read are gone when it is disposed of. */
export async function peerRows(
  options: Filled,
  reports: readonly TaskReport[],
): Promise<AsyncDisposable & { rows: Row[] }> {
  const rows: Row[] = []
  let folder: string | undefined
  for (const name of options.peers) {
    const { tasks, start } = table[name]
    const offered = options.tasks.filter(({ task }) => tasks.includes(task.name))
    if (offered.length === 0) continue
    const command = start()
    for (const { task } of offered) {
      if (typeof command === 'string') {
        reports.find((each) => each.task === task.name)?.missing.push({ name, reason: command })
        continue
      }
      if (task.name === 'acf') folder ??= await mkdtemp(join(tmpdir(), 'numcore-scaling-'))
      const input = await inputOf(task.name, options, folder)
      for (const threads of options.threads) {
        const launch: Launch = { ...command, variables: variables(threads), talk: 'lines', gentle: false }
        const bytes = task.bytes(options.task, 1)
        rows.push(peerRow({ name, launch, bytes, input }, task.name, threads, options))
      }
    }
  }
  return {
    rows,
    async [Symbol.asyncDispose]() {
      if (folder !== undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

async function inputOf(task: string, { task: options }: Filled, folder = ''): Promise<PeerInput> {
  if (task === 'wordcount') return { text: options.text ?? fileURLToPath(mobyDick) }
  if (task !== 'acf') return {}
  // The very ids that ours correlates, so that the work is the same.
  const { bytes } = await readBook({ ...options, threads: 1, grow: 1 })
  const text = await readText(bytes)
  const wanted = (await wordCount(text)).slice(0, 16).map(({ word }) => text.vocabulary.indexOf(word))
  const ids = join(folder, 'ids.bin')
  await writeFile(ids, text.ids)
  return { ids, wanted }
}

// Every thread pool that a peer may have gets the row's number: the caller's own variables would decide otherwise.
function variables(threads: number): Record<string, string> {
  const count = String(threads)
  const names = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMBA_NUM_THREADS']
  const pools = Object.fromEntries(names.map((name) => [name, count]))
  // Where OpenBLAS does not know the processor, peers would run kernels of 2004 and lose for a reason of no interest.
  const { coreType, coreTypeSource } = info().openblas
  return coreTypeSource === 'numcore' ? { ...pools, OPENBLAS_CORETYPE: coreType } : pools
}
