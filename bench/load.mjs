// What the package costs: size, installation, and the start of a program, beside an empty one.
// node bench/load.mjs [--rounds N]     Packs the tarball (npm run prebuild first) and installs it into a folder of its own.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const at = process.argv.indexOf('--rounds')
const rounds = at > 0 ? Number(process.argv[at + 1]) : 21
const folder = mkdtempSync(join(tmpdir(), 'numcore-load-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const run = (program, args, cwd = folder) =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

const [{ filename, size, unpackedSize }] = JSON.parse(
  run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], root),
)
writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
const begin = performance.now()
run('npm', [
  'install',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--prefer-offline',
  `./${filename}`,
])
const installed = performance.now()
run(process.execPath, [
  '--input-type=module',
  '-e',
  `import { invSync, Matrix } from 'numcore'; invSync(Matrix.identity(3))`,
])
const first = performance.now()
console.log(`tarball ${(size / 1e6).toFixed(1)} MB, unpacked ${(unpackedSize / 1e6).toFixed(1)} MB`)
console.log(
  `npm install ${((installed - begin) / 1000).toFixed(1)} s, to the first inverse ${((first - begin) / 1000).toFixed(1)} s`,
)

const report = `const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
console.log(JSON.stringify({ memory: maxRSS / 1024, cpu: (userCPUTime + systemCPUTime) / 1000 }))`
const programs = {
  'empty program': report,
  "import 'numcore'": `import 'numcore'; ${report}`,
  "import { median } from 'numcore/scaling'": `import { median } from 'numcore/scaling'; median([1]); ${report}`,
  'import and a 3 x 3 inverse': `import { invSync, Matrix } from 'numcore'; invSync(Matrix.identity(3)); ${report}`,
}
const files = Object.entries(programs).map(([name, code], i) => {
  const file = join(folder, `program${i}.mjs`)
  writeFileSync(file, code)
  return { name, file, times: [], cpu: [], memory: [] }
})
// In turns, so that what else the machine does falls on all alike.
for (let round = 0; round < rounds; round++) {
  for (const { file, times, cpu, memory } of files) {
    const start = performance.now()
    const answer = JSON.parse(run(process.execPath, [file]))
    times.push(performance.now() - start)
    cpu.push(answer.cpu)
    memory.push(answer.memory)
  }
}
const [empty] = files
// CPU time, because it depends less on what else the machine does.
for (const each of files) {
  const columns = [
    ['ms', 'times'],
    ['ms CPU', 'cpu'],
    ['MB', 'memory'],
  ].map(([unit, key]) => {
    const more = median(each[key]) - median(empty[key])
    return `${median(each[key]).toFixed(1)} ${unit} (+ ${more.toFixed(1)})`
  })
  console.log(`${each.name.padEnd(42)} ${columns.join(', ')}`)
}
