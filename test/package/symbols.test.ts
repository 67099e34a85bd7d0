import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { needPrebuilds, root, skip } from './support.js'

interface Gate {
  complaints(folder: string, objdump?: string): string[]
}

describe('the gate on symbols', () => {
  let gate: Gate
  before(async () => {
    gate = (await import(join(root, 'scripts/prebuild/symbols.mjs'))) as Gate
  })

  for (const [target, processor] of [
    ['linux-x64', 'x86_64'],
    ['linux-arm64', 'aarch64'],
  ] as const) {
    it(`lets the binaries for ${target} pass: glibc 2.28, nothing of the system's C++ or BLAS`, function () {
      const folder = needPrebuilds(this, target)
      assert.deepEqual(gate.complaints(folder, `${processor}-linux-gnu-objdump`), [])
    })
  }

  it("stops a developer's build, which asks for this machine's libraries", function () {
    const folder = join(root, 'build/Release')
    if (!existsSync(join(folder, 'numcore.node'))) skip(this, 'there is none')
    const found = gate.complaints(folder).join('\n')
    assert.match(
      found,
      /needs libopenblas\.so\.0, which is neither beside it nor part of every system/,
    )
    assert.match(found, /GLIBC_2\.28 is the most it may/)
    assert.match(found, /needs GLIBCXX_\S+ of libstdc\+\+\.so\.6/)
  })
})
