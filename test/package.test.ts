import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sleep } from './support/assertions.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('the package, installed from its tarball', () => {
  let folder: string
  const run = (command: string, args: string[], cwd = folder) =>
    execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

  before(async function () {
    folder = mkdtempSync(join(tmpdir(), 'numcore-package-'))
    run('npm', ['pack', '--silent', '--pack-destination', folder], root)
    const [tarball = ''] = readdirSync(folder)
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
    // The registry is another's machine, and may be busy or out of reach.
    for (let attempt = 1; ; attempt++) {
      try {
        run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`])
        break
      } catch (error) {
        const { stderr } = error as { stderr: string }
        if (!/network|ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|EPIPE|E429|E5\d\d/.test(stderr))
          throw error
        if (attempt === 3) {
          console.log(
            `      (skipped: the registry of npm does not answer: ${stderr.slice(0, 300)})`,
          )
          return this.skip()
        }
        await sleep(5000)
      }
    }
    // Until binaries are part of the tarball (prebuilds), the one just built stands in for them.
    cpSync(
      join(root, 'build/Release/numcore.node'),
      join(folder, 'node_modules/numcore/build/Release/numcore.node'),
    )
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('has a small dependency tree in which nothing runs at install', () => {
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean }>
    }
    const installed = Object.entries(lock.packages).filter(([path]) => path !== '')
    assert.ok(installed.length <= 30, `${installed.length} packages`)
    for (const [path, { hasInstallScript }] of installed) assert.ok(!hasInstallScript, path)
  })

  it('can be imported and required', () => {
    const importing = `import { invSync, Matrix } from 'numcore'; console.log(invSync(Matrix.from([[4]])).get(0, 0))`
    assert.equal(run(process.execPath, ['--input-type=module', '-e', importing]), '0.25\n')
    const requiring = `const { invSync, Matrix } = require('numcore'); console.log(invSync(Matrix.from([[8]])).get(0, 0))`
    assert.equal(run(process.execPath, ['--input-type=commonjs', '-e', requiring]), '0.125\n')
    const scaling = `import { median } from 'numcore/scaling'; console.log(median([3, 1, 2]))`
    assert.equal(run(process.execPath, ['--input-type=module', '-e', scaling]), '2\n')
  })

  it('brings the book that the harness reads', () => {
    const stdout = run('npx', [
      'numcore',
      'scaling',
      'acf',
      '--threads',
      '1',
      '--repeats',
      '1',
      '--json',
    ])
    const { tasks } = JSON.parse(stdout) as { tasks: { task: string; size: number }[] }
    assert.deepEqual(
      tasks.map(({ task }) => task),
      ['acf'],
    )
    assert.ok((tasks[0]?.size ?? 0) > 200_000, 'Moby Dick has more than 200,000 words')
  })

  it('has types for everything it exports', () => {
    const types = readFileSync(join(folder, 'node_modules/numcore/dist/index.d.ts'), 'utf8')
    assert.match(types, /linalg\.js/)
    const found = readdirSync(join(folder, 'node_modules/numcore'))
    assert.ok(!found.includes('binding.gyp'), 'npm would try to build it')
  })
})
