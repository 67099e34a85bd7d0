// How fast a text becomes ids and counts, and what `numcore acf` costs as a whole process.
//   node bench/words.mjs [--rounds 11] BOOK... [--process BOOK.txt COUNTS.dat]
// Of each book: MB/s on one thread and on two, from a buffer and from the file, in turn; medians and the best, since a
// busy machine only ever adds time. CPU seconds beside them tell how much of the time was ours.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { info, readTextSync } from 'numcore'
import { median } from './peers.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '11' },
    process: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const { cpuModel, available } = info()
console.log(`${cpuModel}, ${available} CPUs; Node ${process.versions.node}`)

function timed(work) {
  const before = process.cpuUsage()
  const start = performance.now()
  work()
  const wall = performance.now() - start
  const { user, system } = process.cpuUsage(before)
  return { wall, cpu: (user + system) / 1000 }
}

function compare(kinds) {
  const results = Object.fromEntries(Object.keys(kinds).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, work] of Object.entries(kinds)) {
      const result = timed(work)
      if (round > 0) results[name].push(result)
    }
  }
  return results
}

if (!values.process) {
  for (const path of positionals) {
    const bytes = readFileSync(path)
    const text = readTextSync(bytes)
    console.log(
      `${path}: ${(bytes.length / 1e6).toFixed(1)} MB, ${text.length} tokens, ${text.counts.length} words`,
    )
    const results = compare({
      'buffer, 1 thread': () => readTextSync(bytes, { threads: 1 }),
      'file, 1 thread': () => readTextSync(path, { threads: 1 }),
      'buffer, 2 threads': () => readTextSync(bytes, { threads: 2 }),
    })
    const rate = (ms) => `${(bytes.length / 1e3 / ms).toFixed(0)} MB/s`
    for (const [name, times] of Object.entries(results)) {
      const walls = times.map(({ wall }) => wall)
      console.log(
        `  ${name}: median ${rate(median(walls))}, best ${rate(Math.min(...walls))}; CPU ${median(times.map(({ cpu }) => cpu)).toFixed(1)} ms`,
      )
    }
  }
} else {
  const [book, counts] = positionals
  const main = join(dirname(fileURLToPath(import.meta.url)), '../dist/cli/main.js')
  const out = join(tmpdir(), `numcore-bench-${process.pid}.csv`)
  const run = (...args) => {
    const { status } = spawnSync(process.execPath, args)
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`)
  }
  const results = compare({
    'node -e 0': () => run('-e', '0'),
    'numcore acf': () => run(main, 'acf', book, counts, out),
  })
  const times = Object.values(results).map((each) => median(each.map(({ wall }) => wall)))
  console.log(
    `node -e 0 ${times[0].toFixed(1)} ms, numcore acf ${times[1].toFixed(1)} ms: ${(times[1] / times[0]).toFixed(2)} x`,
  )
  rmSync(out, { force: true })
}
