// The lesson's integral and a smooth one against the square root rate of this machine and against numba, numexpr and
// NumPy, in one interleaved run. What is not installed is left out and said.
//   node bench/integral.mjs [--n 1e8] [--threads 1,2] [--rounds 7] [--python /usr/bin/python3]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median, Peer, rounds, spread } from './peers.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '1e8' },
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '7' },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
})
const n = Number(values.n)
const expressions = ['x**(3/2)', 'exp(-x*x)*cos(3*x)/(1+x**4)']

const folder = mkdtempSync(join(tmpdir(), 'numcore-bench-'))
const roofProgram = join(folder, 'roof')
const compiled = spawnSync(
  'g++',
  ['-O2', '-std=c++20', '-fopenmp', '-o', roofProgram, join(here, 'integral_roof.cc')],
  { stdio: 'ignore' },
)

const date = new Date().toISOString().slice(0, 10)
const load = loadavg()[0].toFixed(1)
console.log(
  `${date}, ${cpus()[0]?.model}, ${cpus().length} CPUs, load ${load}; Node ${process.versions.node}; n = ${n}`,
)

const single = new Map()
for (const threads of values.threads.split(',').map(Number)) {
  const variables = { OMP_NUM_THREADS: String(threads), NUMEXPR_MAX_THREADS: String(threads) }
  delete variables.NUMBA_NUM_THREADS
  const ours = new Peer('numcore', process.execPath, [join(here, 'integral_child.mjs')], variables)
  const peers = [{ name: 'numcore', ask: (request) => ours.ask({ ...request, threads }) }]
  const open = [ours]
  const add = async (name, command, args) => {
    const peer = new Peer(name, command, args, variables)
    const version = await peer.ask({ do: 'version', n: 1e6 })
    if (version === undefined) {
      console.log(`${name}: not there, left out`)
      return
    }
    console.log(`${name} ${version.version}, says ${version.threads} threads`)
    open.push(peer)
    peers.push({ name, ask: (request) => peer.ask(request) })
  }
  if (compiled.status === 0) await add('roof', roofProgram, [String(threads)])
  else console.log('no g++: no roof')
  for (const name of ['numba', 'numexpr', 'numpy']) {
    await add(name, values.python, [join(here, 'integral.py'), name, String(threads)])
  }
  for (const source of expressions) {
    const seconds = await rounds(peers, Number(values.rounds), { source, n })
    const mine = seconds.get('numcore')
    const { value, threads: used } = await ours.ask({ source, n, threads })
    console.log(`${source}, ${used} of ${threads} threads: value ${value}`)
    for (const [name, theirs] of seconds) {
      const ratios = theirs.map((each, i) => each / mine[i])
      const nanoseconds = ((median(theirs) / n) * 1e9).toFixed(3)
      const ratio =
        name === 'numcore' ? '' : `, ${median(ratios).toFixed(2)} x ours (rounds ${spread(ratios)})`
      console.log(
        `  ${name.padEnd(8)} ${median(theirs).toFixed(4)} s, ${nanoseconds} ns a point${ratio}`,
      )
    }
    // The others' efficiency tells how much of the second CPU this run had.
    const efficiencies = []
    for (const [name, theirs] of seconds) {
      const key = `${name} ${source}`
      if (!single.has(key)) single.set(key, { threads, seconds: median(theirs) })
      const before = single.get(key)
      const efficiency = (before.seconds * before.threads) / (median(theirs) * threads)
      if (before.threads !== threads) efficiencies.push(`${name} ${efficiency.toFixed(2)}`)
    }
    if (efficiencies.length > 0) console.log(`  efficiency, medians: ${efficiencies.join(', ')}`)
  }
  const { seconds } = await ours.ask({ source: expressions[0], n: 1000, small: true })
  console.log(`1000 bins, sync: ${(seconds * 1e6).toFixed(1)} us`)
  for (const peer of open) peer.close()
}
rmSync(folder, { recursive: true })
