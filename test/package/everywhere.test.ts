import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  fetchNode,
  fetchPackage,
  has,
  install,
  must,
  needPrebuilds,
  pack,
  root,
  run,
  type Smoke,
  skip,
  smoke,
  temporary,
} from './support.js'

const { x64, arm64 } = { x64: 'linux-x64', arm64: 'linux-arm64' }
const inverse = `invSync(Matrix.from([[4]])).get(0, 0)`

/** The installed package, in a folder whose name has a space and letters that are not ASCII. */
describe('the installed package', function () {
  let folder: string
  before(async function () {
    needPrebuilds(this, process.arch === 'arm64' ? arm64 : x64)
    folder = join(temporary(), 'Größe und Maß 数')
    await install(this, folder)
    cpSync(smoke, join(folder, 'smoke.mjs'))
  })

  const evaluate = (
    code: string,
    type: 'module' | 'commonjs' = 'module',
    node = process.execPath,
  ) => must(node, [`--input-type=${type}`, '-e', code], { cwd: folder })

  const runSmoke = async (program: string, args: string[] = [], env = {}) => {
    const stdout = await must(program, [...args, 'smoke.mjs'], { cwd: folder, env })
    const result = JSON.parse(stdout) as Smoke
    assert.deepEqual(result.wrong, [])
    return result
  }

  it('computes right, with the libraries beside it and none of the system', async () => {
    await runSmoke(process.execPath)
    const maps = await evaluate(
      `import 'numcore'; import { readFileSync } from 'node:fs'; console.log(readFileSync('/proc/self/maps', 'utf8'))`,
    )
    const loaded = new Set(maps.match(/\/\S.*\.(so[.\d]*|node)$/gm))
    const ours = [...loaded].filter((path) => path.startsWith(folder))
    assert.deepEqual(ours.map((path) => path.replace(/.*\//, '')).sort(), [
      'libgomp.so.1',
      'libsleef.so.3',
      'numcore.node',
    ])
    for (const path of loaded)
      assert.ok(!/blas|lapack|utf8proc|gfortran|quadmath/.test(path), `${path} is loaded`)
  })

  for (const version of ['20.19.0', '22.22.0', '24.21.0']) {
    it(`works in Node ${version}: import, require, every kernel`, async function () {
      const node = await fetchNode(this, version)
      const names = `{ invSync, Matrix }`
      assert.equal(
        await evaluate(`import ${names} from 'numcore'; console.log(${inverse})`, 'module', node),
        '0.25\n',
      )
      assert.equal(
        await evaluate(
          `const ${names} = require('numcore'); console.log(${inverse})`,
          'commonjs',
          node,
        ),
        '0.25\n',
      )
      await runSmoke(node)
    })
  }

  for (const [name, version, file, args] of [
    ['@oven/bun-linux-x64', '1.4.5', 'bin/bun', []],
    ['@deno/linux-x64-glibc', '2.9.6', 'deno', ['run', '--allow-all', '--node-modules-dir=manual']],
  ] as const) {
    it(`works in ${name} ${version}`, async function () {
      if (process.arch !== 'x64') skip(this, 'a program for x86-64')
      const program = join(await fetchPackage(this, name, version), file)
      await runSmoke(program, [...args], { DENO_NO_UPDATE_CHECK: '1' })
    })
  }

  it('has types for moduleResolution node16, nodenext and bundler', async function () {
    // Types of Node, as every project for Node has them: an optional peer.
    const nodeTypes = dirname(await fetchPackage(this, '@types/node', '20.19.0'))
    writeFileSync(
      join(folder, 'typed.ts'),
      `import { inv, Matrix } from 'numcore'
       import { median } from 'numcore/scaling'
       const X: Promise<Matrix> = inv(Matrix.identity(2), { threads: 1 })
       export const y: number = median([1])
       // @ts-expect-error: no such option
       void inv(Matrix.identity(2), { treads: 1 })
       export default X`,
    )
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    for (const [module, resolution] of [
      ['node16', 'node16'],
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ] as const) {
      const settings = ['--module', module, '--moduleResolution', resolution, '--target', 'es2023']
      const args = [
        compiler,
        '--noEmit',
        '--strict',
        '--types',
        'node',
        '--typeRoots',
        nodeTypes,
        ...settings,
        'typed.ts',
      ]
      const { code, stdout } = await run(process.execPath, args, { cwd: folder })
      assert.equal(code, 0, `${resolution}: ${stdout}`)
    }
  })

  describe('in a bundle', () => {
    let esbuild: string
    before(async function () {
      esbuild = join(await fetchPackage(this, 'esbuild', '0.28.2'), 'bin/esbuild')
      writeFileSync(
        join(folder, 'app.mjs'),
        `import { invSync, Matrix } from 'numcore'
         console.log(${inverse})
         try { invSync(Matrix.from([[4]]), { treads: 1 }) } catch (error) { console.log(error.message) }`,
      )
    })
    const bundle = (...args: string[]) =>
      must(process.execPath, [esbuild, 'app.mjs', '--bundle', '--platform=node', ...args], {
        cwd: folder,
      })
    const answer = /^0\.25\n.*did you mean "threads"\?\n$/

    it('works as an external package', async () => {
      await bundle('--packages=external', '--format=esm', '--outfile=out/external.mjs')
      assert.match(await must(process.execPath, ['out/external.mjs'], { cwd: folder }), answer)
    })

    for (const [format, file] of [
      ['esm', 'out/deep/inside.mjs'],
      ['cjs', 'out/deep/inside.cjs'],
    ] as const) {
      it(`works inside it (${format}), and loaded twice`, async () => {
        await bundle(
          `--format=${format}`,
          `--outfile=${file}`,
          '--log-override:empty-import-meta=silent',
        )
        assert.match(await must(process.execPath, [file], { cwd: folder }), answer)
        const twice = `await import('./${file}'); await import('./${file}?again'); await import('numcore')`
        const { length } = (await evaluate(twice)).trim().split('\n')
        assert.equal(length, format === 'esm' ? 4 : 2)
      })
    }

    it('holds one function without the rest, when it imports one', async () => {
      const size = async (name: string, code: string) => {
        writeFileSync(join(folder, `${name}.mjs`), code)
        const out = join(folder, `out/${name}.mjs`)
        const args = ['--bundle', '--platform=node', '--format=esm', `--outfile=${out}`]
        await must(process.execPath, [esbuild, `${name}.mjs`, ...args], { cwd: folder })
        return { out, bytes: statSync(out).size }
      }
      const all = await size('all', `import * as numcore from 'numcore'; console.log(numcore)`)
      const one = await size(
        'one',
        `import { trapezoid } from 'numcore'; console.log(trapezoid([1, 3]))`,
      )
      const { out, bytes } = await size(
        'median',
        `import { median } from 'numcore/scaling'; console.log(median([3, 1, 2]))`,
      )
      console.log(`      (${all.bytes}, ${one.bytes} and ${bytes} bytes)`)
      assert.ok(one.bytes < all.bytes / 2 && bytes < all.bytes / 2)
      assert.equal(await must(process.execPath, [out], { cwd: folder }), '2\n')
    })
  })

  it('can be there twice, in two versions, in one process', async () => {
    const other = join(folder, 'other/node_modules/numcore')
    mkdirSync(dirname(other), { recursive: true })
    cpSync(join(folder, 'node_modules/numcore'), other, { recursive: true })
    const description = JSON.parse(readFileSync(join(other, 'package.json'), 'utf8')) as object
    writeFileSync(
      join(other, 'package.json'),
      JSON.stringify({ ...description, version: '99.0.0' }),
    )
    writeFileSync(join(folder, 'other/load.mjs'), `export * from 'numcore'`)
    assert.equal(
      await evaluate(
        `import * as one from 'numcore'
         import * as two from './other/load.mjs'
         const A = one.Matrix.random(400, 400, { seed: 1, symmetric: true })
         const [X, Y] = await Promise.all([one.inv(A), two.inv(A)])
         console.log(one.inv !== two.inv, X.equals(Y))`,
      ),
      'true true\n',
    )
  })

  it('works in worker threads, also in those that loaded it first', async () => {
    writeFileSync(
      join(folder, 'worker.mjs'),
      `import { parentPort } from 'node:worker_threads'
       import { inv, Matrix } from 'numcore'
       parentPort.postMessage((await inv(Matrix.random(300, 300, { seed: 1 }))).get(1, 2))`,
    )
    // A file, because workers would inherit the options of `node -e`.
    writeFileSync(
      join(folder, 'workers.mjs'),
      `import { once } from 'node:events'
         import { Worker } from 'node:worker_threads'
         const answer = async () => {
           const worker = new Worker('./worker.mjs')
           const exit = once(worker, 'exit')
           const [value] = await once(worker, 'message')
           await exit
           return value
         }
         const answers = () => Promise.all([1, 2, 3].map(answer))
         const first = await answers()
         const { invSync, Matrix } = await import('numcore')
         const here = invSync(Matrix.random(300, 300, { seed: 1 })).get(1, 2)
         const again = await answers()
         console.log([...first, ...again].every((each) => each === here))`,
    )
    assert.equal(await must(process.execPath, ['workers.mjs'], { cwd: folder }), 'true\n')
  })

  it('goes on when a child process is spawned while it inverts', async () => {
    assert.equal(
      await evaluate(
        `import { execFile } from 'node:child_process'
         import { promisify } from 'node:util'
         import { inv, Matrix } from 'numcore'
         const A = Matrix.random(1500, 1500, { seed: 1 })
         const spawnOne = () => promisify(execFile)(process.execPath, ['-e', '0'])
         let children
         const first = await inv(A, { threads: 2, onProgress: () => { children ??= Promise.all([1, 2, 3].map(spawnOne)) } })
         await children
         const second = await inv(A, { threads: 2 })
         console.log(children !== undefined, first.equals(second))`,
      ),
      'true true\n',
    )
  })

  describe('under the permission model', () => {
    const program = `import { invSync, Matrix } from 'numcore'; console.log(${inverse})`
    const permission = (node: string, ...allow: string[]) => {
      writeFileSync(join(folder, 'permission.mjs'), program)
      return run(node, ['--permission', ...allow, 'permission.mjs'], { cwd: folder })
    }

    it('works with what docs/installing.md names', async function () {
      const node = await fetchNode(this, '24.21.0')
      const { stdout, stderr } = await permission(
        node,
        '--allow-addons',
        `--allow-fs-read=${folder}/*`,
      )
      assert.equal(stdout, '0.25\n', stderr)
    })

    it('says what it needs otherwise', async function () {
      const node = await fetchNode(this, '24.21.0')
      const { code, stderr } = await permission(node, `--allow-fs-read=${folder}/*`)
      assert.equal(code, 1)
      assert.match(stderr, /ERR_NATIVE_LOAD/)
      assert.match(stderr, /has to be started with --allow-addons and --allow-fs-read=/)
    })
  })

  it('works in a file system that nobody can write to', async function () {
    if (process.getuid?.() !== 0 || !has('unshare')) skip(this, 'mounting takes root')
    const command = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && ! touch "$0/x" 2>/dev/null && exec "$@"`
    const args = ['--mount', 'sh', '-c', command, folder, process.execPath, 'smoke.mjs']
    const { code, stdout, stderr } = await run('unshare', args, { cwd: folder })
    assert.equal(code, 0, stderr)
    assert.deepEqual((JSON.parse(stdout) as Smoke).wrong, [])
  })

  it('can be installed by pnpm, which links and runs no scripts', async function () {
    const pnpm = join(await fetchPackage(this, 'pnpm', '10.34.8'), 'bin/pnpm.cjs')
    const { tarball } = await pack()
    const place = temporary()
    writeFileSync(join(place, 'package.json'), '{"private":true,"type":"module"}')
    const stdout = await must(
      process.execPath,
      [pnpm, 'add', '--store-dir', join(place, 'store'), tarball],
      { cwd: place },
    )
    assert.doesNotMatch(stdout, /Ignored build scripts/)
    cpSync(smoke, join(place, 'smoke.mjs'))
    const result = JSON.parse(await must(process.execPath, ['smoke.mjs'], { cwd: place })) as Smoke
    assert.deepEqual(result.wrong, [])
    assert.match(
      await must(join(place, 'node_modules/.bin/numcore'), ['info'], { cwd: place }),
      /^numcore +\d/,
    )
  })

  it('starts no thread before the first parallel job', async () => {
    const stdout = await evaluate(
      `import { readdirSync } from 'node:fs'
       import { readFile } from 'node:fs/promises'
       const threads = () => readdirSync('/proc/self/task').length
       // Reading modules starts libuv's own threads; they shall be there before the first count.
       await Promise.all(Array.from({ length: 16 }, () => readFile('package.json')))
       const before = threads()
       const { integrate, invSync, Matrix } = await import('numcore')
       const loaded = threads()
       invSync(Matrix.identity(3))
       const small = threads()
       await integrate('x', 0, 1, { bins: 1e6, threads: 2 })
       console.log(loaded - before, small - before, threads() > before)`,
    )
    assert.equal(stdout, '0 0 true\n')
  })

  it('says why a binary that is there does not load, and tries no other', async () => {
    const place = join(folder, 'node_modules/numcore/build/Release')
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, 'numcore.node'), 'not an add-on')
    const { code, stderr } = await run(process.execPath, ['-e', `require('numcore')`], {
      cwd: folder,
    })
    rmSync(dirname(place), { recursive: true })
    assert.equal(code, 1)
    assert.match(stderr, /build\/Release\/numcore\.node: .*(invalid ELF header|file too short)/)
    assert.doesNotMatch(stderr, /prebuilds\/linux-/)
    assert.match(stderr, /npx numcore build/)
  })

  it('tells musl from glibc by what is loaded, and does not try a binary for the other', async () => {
    writeFileSync(
      join(folder, 'musl.cjs'),
      `const fs = require('node:fs')
       const read = fs.readFileSync
       fs.readFileSync = (path, ...rest) => path === '/proc/self/maps'
         ? '7f0000000000-7f0000001000 r-xp 00000000 00:00 1 /lib/ld-musl-x86_64.so.1\\n' : read(path, ...rest)
       require('node:module').syncBuiltinESMExports()`,
    )
    const { code, stderr } = await run(
      process.execPath,
      ['--require', './musl.cjs', '--input-type=module', '-e', `import 'numcore'`],
      { cwd: folder },
    )
    assert.equal(code, 1)
    assert.match(stderr, /Expected numcore\.node for linux-\w+, musl, Node/)
    assert.match(stderr, /prebuilds\/linuxmusl-\w+\/numcore\.node: not there/)
    assert.doesNotMatch(stderr, /prebuilds\/linux-/)
    assert.match(stderr, /npx numcore build/)
  })
})
