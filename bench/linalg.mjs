// Linear algebra against NumPy and SciPy, in one interleaved run.
//   node bench/linalg.mjs [--n 1000,2000] [--threads 1,2] [--rounds 5] [--tasks matmul,solve,...]
// The tasks called batch-... take 10,000 matrices of order n, those called sync-... are called synchronously, as often
// as fits into some ten milliseconds. For JavaScript libraries see bench/linalg_libraries.mjs.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { info } from 'numcore'
import { median, Peer, rounds, spread } from './peers.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '1000' },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    tasks: {
      type: 'string',
      default: 'matmul,solve,solve-symmetric,solve-definite,cholesky,lu,qr,eigh,svd',
    },
    python: { type: 'string', default: '/usr/bin/python3' },
  },
})
const list = (text) => text.split(',')

const { openblas, cpuModel, available } = info()
console.log(
  `${cpuModel}, ${available} CPUs; OpenBLAS ${openblas.version} ${openblas.coreType}; Node ${process.versions.node}`,
)
for (const threads of list(values.threads).map(Number)) {
  const variables = { OMP_NUM_THREADS: String(threads) }
  const ours = new Peer('numcore', process.execPath, [join(here, 'linalg_child.mjs')], variables)
  const theirs = new Peer('numpy', values.python, [join(here, 'linalg.py')], variables)
  const version = await theirs.ask({ do: 'version' })
  if (version === undefined) {
    console.log('NumPy and SciPy are not installed: nothing to compare with')
    process.exit(1)
  }
  console.log(`NumPy ${version.numpy}, SciPy ${version.scipy}, ${version.blas.join(' ')}`)
  for (const task of list(values.tasks)) {
    for (const n of list(values.n).map(Number)) {
      const repeat = task.startsWith('sync-') ? Math.max(1, Math.round(2e7 / (n ** 3 + 3e3))) : 1
      const seconds = await rounds([ours, theirs], Number(values.rounds), { do: task, n, repeat })
      const [mine, other] = ['numcore', 'numpy'].map((name) => seconds.get(name))
      const ratios = other.map((each, i) => each / mine[i])
      const time = (x) =>
        x < 1e-3 ? `${(x * 1e6).toPrecision(3)} us` : `${(x * 1e3).toPrecision(4)} ms`
      console.log(
        `${task} n = ${n}, ${threads} thread${threads > 1 ? 's' : ''}: ${time(median(mine))}; ` +
          `NumPy/SciPy ${time(median(other))} = ${(median(other) / median(mine)).toFixed(2)} x (rounds ${spread(ratios)})`,
      )
    }
  }
  ours.close()
  theirs.close()
}
