// numcore/mpi against the same measurements in C and with mpi4py: two ranks bound to a core each, in turns.
//   node bench/mpi.mjs [--mpi openmpi,mpich] [--rounds 5] [--tasks latency,bandwidth,...] [--python /usr/bin/python3]
// Debian's mpi4py is built for Open MPI, and is left out under MPICH. For ranks x threads see bench/mpi_hybrid.mjs.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { run } from './mpi/launch.mjs'
import { median, spread } from './peers.mjs'

const here = join(dirname(fileURLToPath(import.meta.url)), 'mpi')
const { values } = parseArgs({
  options: {
    mpi: { type: 'string', default: 'openmpi,mpich' },
    rounds: { type: 'string', default: '5' },
    tasks: { type: 'string', default: 'latency,awaited,bandwidth,object,array,allreduce,bcast' },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
})
const tasks = values.tasks.split(',')

const titles = {
  latency: '8 bytes, Send/Recv, one way',
  awaited: '8 bytes, Isend/Irecv, awaited, one way',
  bandwidth: '1 MiB, 64 at a time',
  object: 'small object, send/recv, one way',
  array: 'array of 16 MB, send/recv, one way',
  allreduce: 'Allreduce of 1 MiB',
  bcast: 'Bcast of 1 MiB',
}
const shown = (task, seconds) =>
  task === 'bandwidth'
    ? `${(2 ** 20 / seconds / 1e9).toFixed(2)} GB/s`
    : seconds < 1e-4
      ? `${(seconds * 1e6).toPrecision(3)} us`
      : `${(seconds * 1e3).toPrecision(3)} ms`

/** Two ranks, each bound to a core of its own. */
const pair = (mpi) => ({
  mpi,
  ranks: 2,
  launcherArgs: mpi === 'openmpi' ? ['--bind-to', 'core'] : ['-bind-to', 'core'],
})

function compile(mpi, folder) {
  const program = join(folder, `osu-${mpi}`)
  const args = ['-O2', '-Wno-stringop-overflow', '-o', program, join(here, 'osu.c')]
  const { status } = spawnSync(`mpicc.${mpi}`, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  return status === 0 ? program : undefined
}

async function compare(mpi, folder) {
  const peers = [{ name: 'numcore', command: process.execPath, args: [join(here, 'osu.mjs')] }]
  const program = compile(mpi, folder)
  if (program === undefined) console.log(`(no mpicc.${mpi}: without C)`)
  else peers.unshift({ name: 'C', command: program, args: [] })
  const python = { name: 'mpi4py', command: values.python, args: [join(here, 'osu.py')] }
  const { answers, problem } = await run(pair(mpi), python.command, [...python.args, 'version'])
  const version = answers?.[0]?.version
  const fits = version !== undefined && /Open MPI/.test(version) === (mpi === 'openmpi')
  if (fits) peers.push(python)
  console.log(`\n${mpi}: ${fits ? version : `mpi4py left out (${version ?? problem})`}`)

  const seconds = new Map(peers.map(({ name }) => [name, new Map(tasks.map((each) => [each, []]))]))
  for (let round = 0; round < Number(values.rounds); round++) {
    // Who is first changes from round to round.
    const order = peers.map((_, i) => peers[(i + round) % peers.length])
    for (const { name, command, args } of order) {
      const outcome = await run(pair(mpi), command, [...args, ...known(name)])
      if (outcome.answers === undefined) throw new Error(`${name} failed: ${outcome.problem}`)
      for (const { name: task, seconds: one } of outcome.answers) {
        seconds.get(name).get(task).push(one)
      }
    }
  }
  for (const task of tasks) {
    const cells = peers
      .map(({ name }) => [name, seconds.get(name).get(task)])
      .filter(([, all]) => all.length > 0)
    const ours = seconds.get('numcore').get(task)
    // Where a process's pages happen to lie makes copies of a megabyte fast or slow, for as long as it lives: so the
    // fastest round tells more than the median there.
    const texts = cells.map(([name, all]) => {
      if (name === 'numcore') return `numcore ${shown(task, median(all))}`
      const ratios = all.map((one, i) => one / ours[i])
      const fastest = (Math.min(...all) / Math.min(...ours)).toFixed(2)
      return (
        `${name} ${shown(task, median(all))} = ${(median(all) / median(ours)).toFixed(2)} x ours ` +
        `(rounds ${spread(ratios)}, fastest ${fastest})`
      )
    })
    console.log(`  ${titles[task].padEnd(40)} ${texts.join(';  ')}`)
  }
}

/** C has no objects. */
const known = (name) => (name === 'C' ? tasks.filter((task) => task !== 'object') : tasks)

console.log(`${cpus()[0].model}, ${cpus().length} CPUs; Node ${process.versions.node}; two ranks`)
const folder = mkdtempSync(join(tmpdir(), 'numcore-bench-'))
try {
  for (const mpi of values.mpi.split(',')) await compare(mpi, folder)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
