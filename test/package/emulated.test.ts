import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import {
  differences,
  fetchNode,
  has,
  install,
  must,
  needPrebuilds,
  root,
  type Smoke,
  skip,
  smoke,
  temporary,
} from './support.js'

/** Kernels are chosen by what the emulated processor has; the variable would choose for another. */
const env = { OPENBLAS_CORETYPE: undefined, OPENBLAS_L2_SIZE: undefined }

describe('the binaries on other processors, emulated', () => {
  let folder: string
  let here: Smoke
  before(async function () {
    if (process.arch !== 'x64') skip(this, 'compares with x86-64')
    needPrebuilds(this, 'linux-x64')
    folder = temporary()
    await install(this, folder)
    cpSync(smoke, join(folder, 'smoke.mjs'))
    here = JSON.parse(await must(process.execPath, ['smoke.mjs'], { cwd: folder })) as Smoke
  })

  const emulate = async (program: string, args: string[]) => {
    const stdout = await must(program, [...args, 'smoke.mjs'], { cwd: folder, env })
    return JSON.parse(stdout) as Smoke
  }

  for (const [processor, core] of [
    // Says that it is an early AMD, and lacks the instructions of one: see native/runtime/blas_cores.h.
    ['qemu64', /Prescott/],
    ['Nehalem', /Nehalem/],
    ['Haswell', /Haswell/],
  ] as const) {
    it(`every kernel on an x86-64 ${processor}${processor === 'Haswell' ? '' : ', without AVX'}`, async function () {
      if (!has('qemu-x86_64-static')) skip(this, 'there is no qemu-x86_64-static')
      const result = await emulate('qemu-x86_64-static', ['-cpu', processor, process.execPath])
      assert.deepEqual(result.wrong, [])
      assert.match(result.coreType, core)
      assert.deepEqual(differences(result, here), [])
    })
  }

  for (const [processor, core] of [
    ['cortex-a53', 'cortexa53'],
    ['neoverse-n1', 'neoversen1'],
  ] as const) {
    it(`every kernel on a 64-bit ARM, ${processor}`, async function () {
      needPrebuilds(this, 'linux-arm64')
      if (!has('qemu-aarch64-static')) skip(this, 'there is no qemu-aarch64-static')
      const node = await fetchNode(this, '22.23.3', 'arm64')
      // The folder that the binary was linked against is an old ARM system with all that Node needs.
      const system = join(root, 'build/sysroot/linux-arm64')
      const result = await emulate('qemu-aarch64-static', ['-cpu', processor, '-L', system, node])
      assert.equal(result.arch, 'arm64')
      assert.deepEqual(result.wrong, [])
      assert.equal(result.coreType, core)
      assert.deepEqual(differences(result, here), [])
    })
  }
})
