import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  cleanRoot,
  fetchNode,
  inRoot,
  must,
  needPrebuilds,
  pack,
  root,
  type Smoke,
  smoke,
  temporary,
} from './support.js'

/** `NUMCORE_TEST_ROOTS=bullseye,trixie` chooses. Each has Node and npm, and nothing else of all that a build needs. */
const releases = (process.env.NUMCORE_TEST_ROOTS ?? 'bullseye,bookworm,trixie').split(',')

for (const release of releases) {
  describe(`an empty Debian ${release} with Node and nothing else`, () => {
    let tree: string
    const place = '/srv/app'
    const inside = (...command: string[]) => inRoot(tree, place, command)

    before(async function () {
      if (process.arch !== 'x64') this.skip()
      needPrebuilds(this, 'linux-x64')
      tree = await cleanRoot(this, release)
      const { tarball } = await pack()
      rmSync(join(tree, 'opt/npm'), { recursive: true, force: true })
      cpSync(await fetchNode(this, '22.22.0'), join(tree, 'usr/local/bin/node'))
      // npm is plain JavaScript: the one of this machine will do.
      const npm = (await must('npm', ['root', '-g'])).trim()
      cpSync(join(npm, 'npm'), join(tree, 'opt/npm'), {
        recursive: true,
        force: true,
        verbatimSymlinks: true,
      })
      // What has been fetched on this machine, so that the tree needs no network.
      const cache = temporary()
      await must('npm', [
        'install',
        '--prefix',
        temporary(),
        '--cache',
        cache,
        '--ignore-scripts',
        tarball,
      ])
      rmSync(join(tree, 'root/.npm'), { recursive: true, force: true })
      cpSync(cache, join(tree, 'root/.npm'), { recursive: true })
      rmSync(join(tree, place), { recursive: true, force: true })
      mkdirSync(join(tree, place), { recursive: true })
      cpSync(tarball, join(tree, place, basename(tarball)))
      writeFileSync(join(tree, place, 'package.json'), '{"private":true,"type":"module"}')
      cpSync(smoke, join(tree, place, 'smoke.mjs'))
    })

    it('has no compiler, Python, OpenBLAS or libgomp', async () => {
      for (const command of ['gcc', 'cc', 'c++', 'make', 'cmake', 'python3']) {
        const { code } = await inside('which', command)
        assert.notEqual(code, 0, command)
      }
      const { stdout } = await inside(
        'find',
        '/usr/lib',
        '(',
        '-name',
        'libopenblas*',
        '-o',
        '-name',
        'libgomp*',
        ')',
      )
      assert.equal(stdout, '')
    })

    it('installs the tarball without a script or a warning, and computes right', async () => {
      const begin = performance.now()
      const installed = await inside(
        'node',
        '/opt/npm/bin/npm-cli.js',
        'install',
        '--offline',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        `./numcore-${(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version}.tgz`,
      )
      assert.equal(installed.code, 0, installed.stderr)
      assert.doesNotMatch(installed.stderr + installed.stdout, /warn|gyp/i)
      const one = `import { invSync, Matrix } from 'numcore'; console.log(invSync(Matrix.from([[4]])).get(0, 0))`
      const first = await inside('node', '--input-type=module', '-e', one)
      assert.equal(first.stdout, '0.25\n', first.stderr)
      console.log(
        `      (${((performance.now() - begin) / 1000).toFixed(1)} s from npm install to the first inverse, from npm's cache)`,
      )
      const { stdout, stderr } = await inside('node', 'smoke.mjs')
      assert.deepEqual((JSON.parse(stdout || '{"wrong":"no answer"}') as Smoke).wrong, [], stderr)
    })

    it('runs the commands and the harness', async () => {
      const information = await inside('node_modules/.bin/numcore', 'info')
      assert.match(information.stdout, /^OpenBLAS +0\.3/m, information.stderr)
      const harness = await inside(
        'node_modules/.bin/numcore',
        'scaling',
        'acf',
        '--threads',
        '1',
        '--repeats',
        '1',
        '--json',
      )
      const { tasks } = JSON.parse(harness.stdout) as { tasks: { task: string }[] }
      assert.deepEqual(
        tasks.map(({ task }) => task),
        ['acf'],
        harness.stderr,
      )
    })

    it('is told what to type, and what it lacks, when there is no binary for it', async () => {
      const folder = join(tree, place, 'node_modules/numcore/prebuilds')
      rmSync(folder, { recursive: true })
      const loaded = await inside('node', '-e', `require('numcore')`)
      assert.match(
        loaded.stderr,
        /Expected numcore\.node for linux-x64, glibc, Node \S+, but none could be loaded/,
      )
      assert.match(
        loaded.stderr,
        /\/srv\/app\/node_modules\/numcore\/prebuilds\/linux-x64\/numcore\.node: not there/,
      )
      assert.match(loaded.stderr, /npx numcore build/)
      const built = await inside('node_modules/.bin/numcore', 'build')
      assert.equal(built.code, 1)
      assert.match(built.stderr, /C\+\+20 compiler/)
      assert.match(
        built.stderr,
        /apt-get install g\+\+ make cmake libopenblas-openmp-dev libutf8proc-dev libsleef-dev\n$/,
      )
      assert.ok(!existsSync(join(dirname(folder), 'build')), 'nothing half-written stays')
    })
  })
}
