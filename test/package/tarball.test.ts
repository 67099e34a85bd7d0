import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchPackage, must, needPrebuilds, pack, prebuilds, root, run } from './support.js'

/** Everything that may be in the tarball. What is new has to be let in here. */
const allowed = [
  /^(package\.json|README\.md|LICENSE|NOTICE\.md|CHANGELOG\.md|CMakeLists\.txt)$/,
  /^dist\/([a-z-]+\/)*[a-z0-9-]+\.(js|d\.ts)$/,
  /^dist\/data\/moby-dick\.txt$/,
  // What measures the peers: Octave and Python.
  /^dist\/scaling\/peers\/peer\.(m|py)$/,
  /^examples\/[a-z0-9-]+\.ts$/,
  /^native\/(kernels|runtime|addon|mpi|portable)\/([a-z_]+\/)?[a-z0-9_]+\.(cc|h|inc)$/,
  /^native\/(addon\/exports\.map|portable\/toolchain\.cmake|requirements\.json)$/,
  /^prebuilds\/linux-(x64|arm64)\/(numcore\.node|libgomp\.so\.1|libsleef\.so\.3|built-from\.json)$/,
  /^prebuilds\/linux-(x64|arm64)\/mpi\/numcore-mpi-(openmpi|mpich)\.node$/,
  /^prebuilds\/licenses\/[\w+-]+(\.[\w]+)*\.txt$/,
]

describe('the tarball', () => {
  before(function () {
    needPrebuilds(this, 'linux-x64')
    needPrebuilds(this, 'linux-arm64')
  })

  it('holds what it should and nothing else', async () => {
    const { files } = await pack()
    assert.deepEqual(
      files.filter((path) => !allowed.some((pattern) => pattern.test(path))),
      [],
    )
    for (const pattern of allowed)
      assert.ok(
        files.some((path) => pattern.test(path)),
        `${pattern}`,
      )
    for (const target of ['linux-x64', 'linux-arm64']) {
      for (const name of [
        'numcore.node',
        'mpi/numcore-mpi-openmpi.node',
        'mpi/numcore-mpi-mpich.node',
        'libgomp.so.1',
        'libsleef.so.3',
      ])
        assert.ok(files.includes(`prebuilds/${target}/${name}`), `${target}/${name}`)
    }
    assert.ok(!files.includes('binding.gyp'), 'npm would try to build it')
  })

  it('is at most 30 MB, so that one package can serve every platform', async () => {
    const { size, unpackedSize } = await pack()
    console.log(
      `      (${(size / 1e6).toFixed(1)} MB, ${(unpackedSize / 1e6).toFixed(1)} MB unpacked)`,
    )
    assert.ok(size <= 30e6)
  })

  it('runs nothing at install', () => {
    const { scripts, gypfile } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
      gypfile: boolean
    }
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
      assert.equal(scripts[name], undefined)
    assert.equal(gypfile, false)
  })

  it('carries the licence of everything that is inside', () => {
    const text = (name: string) => readFileSync(join(prebuilds, 'licenses', `${name}.txt`), 'utf8')
    assert.match(text('openblas'), /BSD-3-clause/)
    assert.match(text('lapack'), /University of\s+Tennessee/i)
    assert.match(text('libgomp'), /GCC RUNTIME LIBRARY EXCEPTION/i)
    assert.match(text('libstdc++'), /GCC RUNTIME LIBRARY EXCEPTION/i)
    assert.match(text('utf8proc'), /Permission is hereby granted/)
    assert.match(text('sleef'), /Boost Software License/i)
    const notice = readFileSync(join(root, 'NOTICE.md'), 'utf8')
    for (const name of ['OpenBLAS', 'LAPACK', 'libgomp', 'libstdc++', 'utf8proc', 'SLEEF', 'Moby'])
      assert.ok(notice.includes(name), name)
  })

  it('has no complaint from publint', async function () {
    const { tarball } = await pack()
    const folder = await fetchPackage(this, 'publint', '0.3.25')
    const { code, stdout, stderr } = await run(process.execPath, [
      join(folder, 'src/cli.js'),
      'run',
      tarball,
      '--strict',
    ])
    assert.equal(code, 0, stdout + stderr)
    assert.match(stdout, /All good/)
  })

  it('has types that every way of resolving finds (arethetypeswrong)', async function () {
    const { tarball } = await pack()
    const folder = await fetchPackage(this, '@arethetypeswrong/cli', '0.18.5')
    // ESM only, which Node >= 20.19 can require; resolution of Node 10 knows no sub-paths. It exits with 1 when
    // it finds a problem.
    const stdout = await must(process.execPath, [
      join(folder, 'dist/index.js'),
      tarball,
      '--profile',
      'esm-only',
    ])
    assert.match(stdout, /numcore\/scaling/)
  })
})
