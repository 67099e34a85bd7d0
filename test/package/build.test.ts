import assert from 'node:assert/strict'
import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { has, install, must, run, type Smoke, skip, smoke, temporary } from './support.js'

describe('numcore build, in an installed package without a binary', () => {
  it('compiles the add-on from the sources in the package, which then works', async function () {
    if (!has('cmake') || !has('g++')) skip(this, 'there is no compiler')
    const folder = temporary()
    await install(this, folder)
    const installed = join(folder, 'node_modules/numcore')
    rmSync(join(installed, 'prebuilds'), { recursive: true, force: true })
    const numcore = join(folder, 'node_modules/.bin/numcore')
    const before = await run(numcore, ['info'], { cwd: folder })
    assert.equal(before.code, 1)
    assert.match(before.stderr, /npx numcore build/)
    // From another folder: it builds where the package lies.
    const stdout = await must(numcore, ['build'], { cwd: temporary() })
    assert.equal(stdout, `${join(installed, 'build/Release/numcore.node')}\n`)
    assert.ok(existsSync(stdout.trim()))
    cpSync(smoke, join(folder, 'smoke.mjs'))
    const result = JSON.parse(await must(process.execPath, ['smoke.mjs'], { cwd: folder })) as Smoke
    assert.deepEqual(result.wrong, [])
  })
})
