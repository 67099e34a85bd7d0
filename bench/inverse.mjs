// The inverse against the machine's own dgemm rate and against numpy.linalg.inv, in one interleaved run.
//   node bench/inverse.mjs [--n 4000] [--threads 1,2] [--rounds 7] [--kinds symmetric,positive-definite,general]
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { info } from 'numcore'
import { median, Peer, rounds, spread } from './peers.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '4000' },
    threads: { type: 'string', default: '1,2' },
    rounds: { type: 'string', default: '7' },
    kinds: { type: 'string', default: 'symmetric,positive-definite,general' },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
})
const list = (text) => text.split(',')

const { openblas, cpuModel, available } = info()
console.log(
  `${cpuModel}, ${available} CPUs; OpenBLAS ${openblas.version} ${openblas.coreType}; Node ${process.versions.node}`,
)

for (const n of list(values.n).map(Number)) {
  for (const threads of list(values.threads).map(Number)) {
    const variables = { OMP_NUM_THREADS: String(threads) }
    const ours = new Peer('numcore', process.execPath, [join(here, 'inverse_child.mjs')], variables)
    const numpy = new Peer('numpy', values.python, [join(here, 'inverse.py')], variables)
    const version = await numpy.ask({ do: 'version' })
    if (version === undefined) console.log('NumPy is not installed: no peer and no dgemm rate')
    else console.log(`NumPy ${version.numpy}, ${version.blas.join(' ')}`)
    // Enough repetitions for some tens of milliseconds.
    const repeat = Math.max(1, Math.round(2e9 / (n ** 3 + 1e5)))
    for (const kind of list(values.kinds)) {
      const peers = [{ name: 'numcore', ask: (request) => ours.ask({ ...request, threads }) }]
      if (version !== undefined) {
        peers.push({ name: 'numpy', ask: (request) => numpy.ask({ ...request, do: 'inv' }) })
        peers.push({ name: 'dgemm', ask: (request) => numpy.ask({ ...request, do: 'dgemm' }) })
      }
      const seconds = await rounds(peers, Number(values.rounds), { kind, n, repeat })
      const { method, residual } = await ours.ask({ kind, n, threads, info: true })
      const mine = median(seconds.get('numcore'))
      let line = `n = ${n}, ${threads} thread${threads > 1 ? 's' : ''}, ${kind}: ${mine.toPrecision(4)} s (${spread(seconds.get('numcore'))}), ${method}, scaled residual ${residual.toPrecision(2)}`
      if (version !== undefined) {
        // n^3 flops at the dgemm rate: half of the time of one multiplication.
        const limit = median(seconds.get('dgemm')) / 2
        const theirs = seconds.get('numpy')
        const ratios = theirs.map((each, i) => each / seconds.get('numcore')[i])
        line +=
          `; ${(mine / limit).toFixed(2)} x limit (${(n ** 3 / limit / 1e9).toFixed(1)} Gflop/s); ` +
          `NumPy ${median(theirs).toPrecision(4)} s = ${(median(theirs) / mine).toFixed(2)} x ours (rounds ${spread(ratios)})`
      }
      console.log(line)
    }
    ours.close()
    numpy.close()
  }
}
