// All tests: the native unit tests, then mocha. Ends with mocha's summary and one plain line for both together.
// --package runs those of the package as it ships instead (test/package/), which take programs of other sizes.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Mocha from 'mocha'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const { argv } = process
const packaged = argv.includes('--package')
const grep = argv.includes('--grep') ? argv[argv.indexOf('--grep') + 1] : undefined

function step(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.error) throw result.error
  return result
}

function nativeTests() {
  const built = step('cmake', [
    '--build',
    'build/native',
    '--target',
    'numcore_tests',
    '--parallel',
    '2',
  ])
  if (built.status !== 0) return { passed: 0, failed: 1 }
  const { status, stdout } = step('build/native/bin/numcore_tests', [], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  })
  process.stdout.write(stdout)
  const summary = /native: (\d+) cases, (\d+) failed/.exec(stdout)
  // Without a summary it crashed, and that is a failure whatever the exit code says.
  if (summary === null) return { passed: 0, failed: 1 }
  const failed = Number(summary[2]) || (status === 0 ? 0 : 1)
  return { passed: Number(summary[1]) - failed, failed }
}

async function mochaTests() {
  // Only against what hangs: no test may depend on how fast or how busy the machine is.
  const mocha = new Mocha({ timeout: 900_000, reporter: 'spec', ...(grep ? { grep } : {}) })
  for (const name of readdirSync(join(root, 'build/test'), { recursive: true }).sort()) {
    if (name.endsWith('.test.js') && name.startsWith('package/') === packaged)
      mocha.addFile(join(root, 'build/test', name))
  }
  await mocha.loadFilesAsync()
  return new Promise((resolve) => {
    const runner = mocha.run(() => resolve(runner.stats))
  })
}

const npx = (...args) => step(process.execPath, args)
// Files of tests that are gone would still run.
step('rm', ['-rf', 'build/test'])
if (npx(join(root, 'node_modules/typescript/bin/tsc'), '-p', 'test/tsconfig.json').status !== 0) {
  console.log('\n0 passed, 1 failed')
  process.exit(1)
}
const native = grep || packaged ? { passed: 0, failed: 0 } : nativeTests()
const stats = await mochaTests().catch((error) => {
  // A file that cannot even be loaded: the line with the sums has to come all the same.
  console.error(error)
  return { passes: 0, failures: 1, pending: 0, tests: 0 }
})
const passed = native.passed + stats.passes
const failed = native.failed + stats.failures
console.log(
  `${passed} passed, ${failed} failed${stats.pending > 0 ? `, ${stats.pending} skipped` : ''}`,
)
// A handle that a test left open must not keep the run alive, nor hide that it was left: mocha has finished.
process.exit(failed === 0 && stats.tests > 0 ? 0 : 1)
