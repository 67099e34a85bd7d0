import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installed, missing } from './support/mpi.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Example {
  where: string
  code: string
}

/** Fenced TypeScript that imports numcore: in doc comments of lib/, in README.md and in docs/. */
function examples(): Example[] {
  const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('lib', name))
  const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))]
  const found: Example[] = []
  for (const file of [...sources, ...pages.filter((name) => name.endsWith('.md'))].sort()) {
    const text = readFileSync(join(root, file), 'utf8')
    const fence = file.endsWith('.ts')
      ? /^ *\* ```ts\n([\s\S]*?)^ *\* ```/gm
      : /^```(?:ts|js)\n([\s\S]*?)^```/gm
    for (const match of text.matchAll(fence)) {
      const code = (match[1] as string).replace(file.endsWith('.ts') ? /^ *\* ?/gm : /^(?!)/, '')
      if (!/from 'numcore/.test(code)) continue
      const line = text.slice(0, match.index).split('\n').length
      found.push({ where: `${file}:${line}`, code })
    }
  }
  return found
}

/** What the example says it prints: the comment behind each console.log. */
function promised(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\) *\/\/ (.*)$/gm)].map((match) => match[1] as string)
}

function run(
  folder: string,
  code: string,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  writeFileSync(join(folder, 'example.mjs'), code)
  const child = spawn(process.execPath, ['example.mjs'], { cwd: folder })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  return new Promise((resolve) =>
    child.on('close', (status) => resolve({ status, stdout, stderr })),
  )
}

describe('examples in the documentation', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-example-'))
    // A folder with node_modules/numcore, as a user's project has, and a book for the examples to read.
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(root.replace(/\/$/, ''), join(folder, 'node_modules', 'numcore'), 'dir')
    // The libraries that matrices are exchanged with.
    for (const name of ['ndarray', 'ml-matrix', 'mathjs']) {
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'dir')
    }
    writeFileSync(
      join(folder, 'book.txt'),
      'It was the best of times, it was the worst of times.\n',
    )
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  for (const { where, code } of examples()) {
    it(`${where} runs and prints what it says`, async function () {
      if (/from 'numcore\/mpi'/.test(code) && !installed('openmpi') && !installed('mpich')) {
        console.log(missing('openmpi'))
        return this.skip()
      }
      const { status, stdout, stderr } = await run(folder, code)
      if (stderr.includes('ERR_NO_SCALAPACK')) {
        console.log('      (skipped: no ScaLAPACK here; apt-get install libscalapack-openmpi2.2)')
        return this.skip()
      }
      assert.equal(status, 0, stderr)
      const lines = stdout.trimEnd().split('\n')
      for (const line of promised(code))
        assert.ok(lines.includes(line), `printed ${stdout}, promised ${line}`)
    })
  }
})
