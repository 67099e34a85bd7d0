import assert from 'node:assert/strict'
import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { assertFails } from './support/assertions.js'

const root = dirname(createRequire(import.meta.url).resolve('numcore/package.json'))
const built = (path: string) => import(pathToFileURL(join(root, 'dist', path)).href)

describe('files are left whole or not at all', () => {
  let folder: string
  let writeWhole: typeof import('../dist/output.js').writeWhole
  let prepareFolder: typeof import('../dist/output.js').prepareFolder

  before(async () => {
    const output = (await built('output.js')) as typeof import('../dist/output.js')
    writeWhole = output.writeWhole
    prepareFolder = output.prepareFolder
  })
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-output-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('writes text and bytes, new and over an old file, and leaves nothing else', async () => {
    const path = join(folder, 'a.txt')
    await writeWhole(path, 'ä first')
    assert.equal(readFileSync(path, 'utf8'), 'ä first')
    await writeWhole(path, Uint8Array.of(1, 2, 3))
    assert.deepEqual([...readFileSync(path)], [1, 2, 3])
    assert.deepEqual(readdirSync(folder), ['a.txt'])
  })

  it('whoever reads the old file meanwhile goes on reading the old file', async () => {
    const path = join(folder, 'a.txt')
    writeFileSync(path, 'old')
    const reader = openSync(path, 'r')
    await writeWhole(path, 'new')
    assert.equal(readFileSync(reader, 'utf8'), 'old')
    closeSync(reader)
    assert.equal(readFileSync(path, 'utf8'), 'new')
  })

  it('keeps the permissions of a file that was there', async () => {
    const path = join(folder, 'a.txt')
    writeFileSync(path, 'old')
    chmodSync(path, 0o640)
    await writeWhole(path, 'new')
    assert.equal(statSync(path).mode & 0o777, 0o640)
  })

  it('writes through a symbolic link and leaves the link', async () => {
    mkdirSync(join(folder, 'deep'))
    const target = join(folder, 'deep', 'target')
    const link = join(folder, 'link')
    writeFileSync(target, 'old')
    symlinkSync(target, link)
    await writeWhole(link, 'new')
    assert.ok(lstatSync(link).isSymbolicLink())
    assert.equal(readFileSync(target, 'utf8'), 'new')
  })

  it('does not replace a device', async () => {
    await writeWhole('/dev/null', 'gone')
    assert.ok(statSync('/dev/null').isCharacterDevice())
  })

  it('a file name of the longest length', async () => {
    const path = join(folder, 'x'.repeat(255))
    await writeWhole(path, 'long')
    assert.equal(readFileSync(path, 'utf8'), 'long')
  })

  it('what cannot be written: a sentence with path and reason, and no trace', async () => {
    writeFileSync(join(folder, 'file'), 'mine')
    const cases: [string, RegExp][] = [
      [folder, /^Cannot write '.*': it is a directory$/],
      [join(folder, 'no', 'such', 'a.txt'), /there is no directory '.*such'/],
      [join(folder, 'file', 'a.txt'), /a part of the path is a file/],
      [join(folder, 'x'.repeat(256)), /too long/],
    ]
    for (const [path, message] of cases) {
      await assertFails(() => writeWhole(path, 'data'), 'ERR_FILE', message)
    }
    assert.deepEqual(readdirSync(folder), ['file'])
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'mine')
  })

  it('a full disk is named as such', async function () {
    if (!existsSync('/dev/full')) return this.skip()
    await assertFails(() => writeWhole('/dev/full', 'data'), 'ERR_FILE', /no space is left/)
  })

  it('without permission', async function () {
    if (process.getuid?.() === 0) return this.skip()
    const path = join(folder, 'a.txt')
    writeFileSync(path, 'old')
    chmodSync(path, 0o400)
    await assertFails(() => writeWhole(path, 'new'), 'ERR_FILE', /permission denied/)
    chmodSync(folder, 0o500)
    await assertFails(() => writeWhole(join(folder, 'b'), 'new'), 'ERR_FILE', /permission denied/)
    chmodSync(folder, 0o700)
    assert.equal(readFileSync(path, 'utf8'), 'old')
  })

  it('prepareFolder makes what is missing, leaves nothing in it, and refuses a file', async () => {
    const path = join(folder, 'a', 'b')
    await prepareFolder(path)
    await prepareFolder(path)
    assert.deepEqual(readdirSync(path), [])
    writeFileSync(join(folder, 'file'), 'mine')
    await assertFails(() => prepareFolder(join(folder, 'file')), 'ERR_FILE', /in the way/)
    await assertFails(() => prepareFolder(join(folder, 'file', 'x')), 'ERR_FILE', /is a file/)
  })
})

describe('progress bar', () => {
  async function drawn(isTTY: boolean): Promise<string> {
    const { progressBar } = (await built(
      'cli/progress.js',
    )) as typeof import('../dist/cli/progress.js')
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 80, rows: 24 })
    let text = ''
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    const bar = progressBar('label', stream as unknown as NodeJS.WriteStream)
    bar.update(0.5, 'half of it')
    bar.stop()
    bar.stop()
    stream.end()
    await finished(stream)
    return text
  }

  it('shows on a terminal', async () => assert.match(await drawn(true), /label/))
  it('writes not one byte anywhere else', async () => assert.equal(await drawn(false), ''))
})
