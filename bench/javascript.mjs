// Inverse, product and solve against the JavaScript libraries that people use, each in a process of its own, in turns,
// synchronously and from and to its own kind of matrix. Usage:
//   node bench/javascript.mjs [--tasks inverse,product,solve] [--n 10,100,1000] [--rounds R] [--modules FOLDER]
// ml-matrix and mathjs are there for the tests. FOLDER holds a node_modules with the others, which come with up to
// 230 packages: npm install --prefix FOLDER numeric @stdlib/blas-base-dgemm
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { info } from 'numcore'
import { median, Peer, rounds, spread } from './peers.mjs'

const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: 'inverse,product,solve' },
    n: { type: 'string', default: '10,100,1000' },
    rounds: { type: 'string', default: '7' },
    modules: { type: 'string', default: '.' },
    peers: { type: 'string', default: 'ml-matrix,mathjs,numeric,@stdlib' },
  },
})
const child = join(dirname(fileURLToPath(import.meta.url)), 'javascript_child.mjs')
const start = (library) => new Peer(library, process.execPath, [child, library, values.modules])

const { threads, openblas } = info()
// The others have one thread, so that is what they are compared with.
const single = new Peer('numcore, 1 thread', process.execPath, [child, 'numcore', values.modules], {
  OMP_NUM_THREADS: '1',
})
const all = [
  single,
  start('numcore'),
  ...values.peers
    .split(',')
    .filter(Boolean)
    .map((each) => start(each)),
]
const peers = []
for (const peer of all) {
  const answer = await peer.ask({ do: 'version' })
  if (answer?.version) peers.push(peer)
  else console.log(`${peer.name} is not installed, and left out`)
  if (answer?.version) console.log(`${peer.name} ${answer.version}`)
}
console.log(`${threads.count} threads for the other numcore, OpenBLAS ${openblas.coreType}`)
console.log(
  'milliseconds a call: medians and ranges; how many times as long as numcore on one thread',
)

// What takes longer is measured once and not again.
const once = 5
for (const task of values.tasks.split(',')) {
  for (const n of values.n.split(',').map(Number)) {
    const seconds = new Map()
    const quick = []
    for (const peer of peers) {
      const answer = await peer.ask({ do: task, n, budget: 0 })
      if (answer === undefined) throw new Error(`${peer.name} ended in the middle of ${task}`)
      if (answer.seconds === null) continue
      if (n <= 100 && !(answer.error < 1e-9)) throw new Error(`${peer.name}: error ${answer.error}`)
      if (answer.seconds > once) seconds.set(peer.name, [answer.seconds])
      else quick.push(peer)
    }
    const request = { do: task, n, budget: 0.05 }
    for (const [name, times] of await rounds(quick, Number(values.rounds), request)) {
      seconds.set(name, times)
    }
    const ours = median(seconds.get(single.name))
    const cells = peers.map(({ name }) => {
      const times = seconds.get(name)
      if (times === undefined) return `${name}: has none`
      const ms = times.map((each) => each * 1000)
      const range = ms.length > 1 ? ` (${spread(ms)})` : ' (once)'
      const ratio = name === single.name ? '' : `, ${(median(times) / ours).toPrecision(3)} x`
      return `${name}: ${median(ms).toPrecision(3)}${range}${ratio}`
    })
    console.log(`${task}, n = ${n}\n  ${cells.join('\n  ')}`)
  }
}
for (const peer of all) peer.close()
