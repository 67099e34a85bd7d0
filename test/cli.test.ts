import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Info, Matrix, readNpy, writeNpy } from 'numcore'
import { numcore } from './support/cli.js'

describe('numcore', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-cli-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('lists its commands and exits with 0 for help and version', async () => {
    const { stdout, code } = await numcore(['--help'])
    assert.equal(code, 0)
    for (const name of [
      'info',
      'scaling',
      'invert',
      'integrate',
      'wordcount',
      'acf',
      'zipf',
      'plotcount',
    ]) {
      assert.match(stdout, new RegExp(`^  ${name} `, 'm'))
    }
    const version = await numcore(['--version'])
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
    assert.equal(version.code, 0)
  })

  it('exits with 2 when the arguments are wrong, and says what is', async () => {
    const wrong: [string[], RegExp][] = [
      [['nonsense'], /unknown command 'nonsense'/],
      [['invert'], /missing required argument 'IN.npy'/],
      [['invert', 'a', 'b', '--threads', '0'], /--threads.*Expected an integer from 1 to 1024/],
      [['invert', 'a', 'b', '--threads', 'two'], /Expected an integer from 1 to 1024/],
      [['invert', 'a', 'b', '--assume', 'spd'], /Allowed choices are auto, general/],
      [['info', '--jsn'], /unknown option '--jsn'/],
      [['info', 'more'], /too many arguments/],
    ]
    for (const [args, message] of wrong) {
      const { code, stderr, stdout } = await numcore(args)
      assert.equal(code, 2, `${args.join(' ')}: ${stderr}`)
      assert.match(stderr, message)
      assert.equal(stdout, '')
    }
  })

  describe('info', () => {
    it('tells threads and what decided them', async () => {
      const { stdout, code } = await numcore(['info'], { OMP_NUM_THREADS: '3' })
      assert.equal(code, 0)
      assert.match(stdout, /^Threads +3, decided by OMP_NUM_THREADS$/m)
      assert.match(stdout, /^OMP_NUM_THREADS +3 {2}\(has a say: decides the thread count\)$/m)
      assert.match(
        stdout,
        /^OpenBLAS +0\.3\.\d+, kernels \S+ \(chosen by \w+\), threads by OpenMP$/m,
      )
    })

    it('puts one JSON document on stdout with --json', async () => {
      const { stdout } = await numcore(['info', '--json'])
      const facts = JSON.parse(stdout) as Info
      assert.equal(facts.node, process.versions.node)
      assert.ok(facts.threads.count >= 1)
    })
  })

  describe('invert', () => {
    it('inverts from file to file', async () => {
      await writeNpy(
        join(folder, 'a.npy'),
        Matrix.from([
          [4, 2],
          [2, 2],
        ]),
      )
      const { stdout, stderr, code } = await numcore(['invert', 'a.npy', 'x.npy'], {}, folder)
      assert.equal(code, 0, stderr)
      assert.match(
        stdout,
        /^2 x 2 inverted in .* s on \d+ threads? \(cholesky; reciprocal condition/,
      )
      assert.deepEqual((await readNpy(join(folder, 'x.npy'))).toArray(), [
        [0.5, -0.5],
        [-0.5, 1],
      ])
    })

    it('takes what is known of the matrix, and tells about the result as JSON', async () => {
      await writeNpy(join(folder, 'a.npy'), Matrix.random(200, 200, { seed: 1, symmetric: true }))
      const { stdout } = await numcore(
        ['invert', 'a.npy', 'x.npy', '--assume', 'general', '--threads', '2', '--json'],
        {},
        folder,
      )
      const result = JSON.parse(stdout) as { method: string; order: number; threads: number }
      assert.deepEqual([result.method, result.order, result.threads], ['lu', 200, 2])
    })

    it('exits with 1 and leaves nothing behind when it fails', async () => {
      await writeNpy(join(folder, 'singular.npy'), Matrix.zeros(3, 3))
      await writeNpy(join(folder, 'long.npy'), Matrix.zeros(2, 3))
      writeFileSync(join(folder, 'text.npy'), 'no matrix')
      await writeNpy(join(folder, 'good.npy'), Matrix.identity(3))
      const before = readdirSync(folder)
      const failing: [string[], RegExp][] = [
        [['singular.npy', 'x.npy'], /^numcore: Expected an invertible matrix/],
        [['long.npy', 'x.npy'], /^numcore: Expected a square matrix/],
        [['text.npy', 'x.npy'], /^numcore: Expected a \.npy file/],
        [['missing.npy', 'x.npy'], /^numcore: Could not read missing\.npy/],
        [['.', 'x.npy'], /directory/],
        [['good.npy', 'no/such/x.npy'], /no\/such/],
        [['good.npy', '.'], /directory/],
      ]
      for (const [args, message] of failing) {
        const { code, stderr, stdout } = await numcore(['invert', ...args], {}, folder)
        assert.equal(code, 1, args.join(' '))
        assert.match(stderr, message)
        assert.equal(stderr.trimEnd().split('\n').length, 1, `more than a line: ${stderr}`)
        assert.equal(stdout, '')
        assert.deepEqual(readdirSync(folder), before)
      }
    })
  })

  it('says what to type when the add-on cannot be loaded', async () => {
    // A loader that finds nothing, as on a platform without a build.
    const { stderr, code } = await numcore(['info'], {
      NODE_OPTIONS: `--require ${blocker(folder)}`,
    })
    assert.equal(code, 1)
    assert.match(
      stderr,
      /^numcore: Expected numcore\.node for \S+, glibc, Node [\d.]+, but none could be loaded/,
    )
    assert.match(stderr, /No native build was found/)
    assert.match(stderr, /npx numcore build$/m)
    assert.doesNotMatch(stderr, /\n {4}at /)
  })
})

function blocker(folder: string): string {
  const path = join(folder, 'blocker.cjs')
  writeFileSync(
    path,
    `const { Module } = require('node:module')
     const load = Module._load
     Module._load = (request, ...rest) => {
       if (request.endsWith('numcore.node')) throw new Error('No native build was found')
       return load(request, ...rest)
     }`,
  )
  return path
}
