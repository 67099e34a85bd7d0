// fft against scipy.fft, and acf against statsmodels, one thread each, in turns. Usage:
//   node bench/fft.mjs [rounds] [python]
// The python needs NumPy, SciPy and, for acf, statsmodels (Debian: apt-get install python3-scipy python3-statsmodels).
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median, Peer, rounds, spread } from './peers.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const count = Number(process.argv[2] ?? 9)
const python = process.argv[3] ?? '/usr/bin/python3'
const one = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }
const ours = new Peer('numcore', process.execPath, [join(here, 'fft_child.mjs')])
const theirs = new Peer('peer', python, [join(here, 'fft.py')], one)

const versions = await theirs.ask({ do: 'version' })
if (versions === undefined) {
  console.error(`no SciPy under ${python}; nothing to compare with`)
  process.exit(1)
}
console.log(
  `${count} rounds, medians in ms, one thread; scipy ${versions.scipy}, statsmodels ${versions.statsmodels}`,
)
const requests = [
  ...[2 ** 10, 2 ** 16, 2 ** 20, 1_000_000, 1_000_003, 3 ** 12, 2 ** 22].map((n) => ({
    do: 'fft',
    n,
  })),
  { do: 'rfft', n: 2 ** 20 },
  { do: 'fft2', n: 1024 },
  ...(versions.statsmodels === null ? [] : [{ do: 'acf', n: 1_000_000, lags: 1000 }]),
]
for (const request of requests) {
  const repeat = Math.max(
    1,
    Math.round(2e6 / (request.do === 'fft2' ? request.n ** 2 : request.n) / 10),
  )
  const seconds = await rounds([ours, theirs], count, { ...request, repeat })
  const [a, b] = ['numcore', 'peer'].map((name) => seconds.get(name).map((s) => s * 1000))
  const ratios = b.map((value, i) => value / a[i])
  console.log(
    `${request.do.padEnd(5)} ${String(request.n).padStart(8)}  numcore ${median(a).toPrecision(3)} (${spread(a)})` +
      `  ${request.do === 'acf' ? 'statsmodels' : 'scipy'} ${median(b).toPrecision(3)} (${spread(b)})` +
      `  ${median(ratios).toFixed(2)} x`,
  )
}
ours.close()
theirs.close()
