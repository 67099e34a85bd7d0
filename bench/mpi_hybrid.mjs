// Ranks x threads: the same work on some ranks with some threads each, in turns.
//   node bench/mpi_hybrid.mjs [--mpi openmpi,mpich] [--shapes 1x1,1x2,2x1] [--rounds 3]
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { run } from './mpi/launch.mjs'
import { median } from './peers.mjs'

const program = join(dirname(fileURLToPath(import.meta.url)), 'mpi', 'hybrid.mjs')
const { values } = parseArgs({
  options: {
    mpi: { type: 'string', default: 'openmpi,mpich' },
    shapes: { type: 'string', default: '1x1,1x2,2x1' },
    rounds: { type: 'string', default: '3' },
  },
})
const shapes = values.shapes.split(',')

for (const mpi of values.mpi.split(',')) {
  const seconds = new Map()
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const shape of shapes) {
      const [ranks, threads] = shape.split('x').map(Number)
      const { answers, problem } = await run({ mpi, ranks, threads }, process.execPath, [program])
      if (answers === undefined) throw new Error(problem)
      for (const { name, seconds: one, threads: used } of answers) {
        if (used !== threads) throw new Error(`${used} threads where ${threads} were asked for`)
        const key = `${name} ${shape}`
        seconds.set(key, [...(seconds.get(key) ?? []), one])
      }
    }
  }
  console.log(`${mpi}: ranks x threads`)
  for (const task of ['inverse', 'integral']) {
    const first = median(seconds.get(`${task} ${shapes[0]}`))
    const cells = shapes.map((shape) => {
      const one = median(seconds.get(`${task} ${shape}`))
      return `${shape}: ${(one * 1e3).toPrecision(3)} ms (${(first / one).toFixed(2)} x)`
    })
    console.log(`  ${task.padEnd(10)} ${cells.join('   ')}`)
  }
}
