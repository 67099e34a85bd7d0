import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import {
  ComplexMatrix,
  decodeNpz,
  encodeNpz,
  Matrix,
  type NpyArray,
  readNpz,
  writeNpz,
} from 'numcore'
import { ZipFile } from 'yazl'
import { assertFails } from './support/assertions.js'
import { pythonWith, runPython } from './support/python.js'

const A = Matrix.from([
  [1, 2.5],
  [-3, 4],
])

/** A zip file of entries that need not be arrays. */
async function zip(entries: Record<string, Uint8Array>): Promise<Uint8Array> {
  const file = new ZipFile()
  for (const [name, bytes] of Object.entries(entries)) file.addBuffer(Buffer.from(bytes), name)
  file.end()
  const chunks: Uint8Array[] = []
  for await (const chunk of file.outputStream) chunks.push(chunk as unknown as Uint8Array)
  return Buffer.concat(chunks)
}

describe('.npz files', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-npz-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('hold matrices, vectors and arrays by name, compressed or not', async () => {
    const Z = ComplexMatrix.from([[[1, -1]]], { type: 'complex64' })
    const cube: NpyArray = { shape: [1, 2, 1], data: Float32Array.of(1, 2), type: 'float32' }
    for (const compress of [false, true]) {
      const path = join(folder, 'all.npz')
      await writeNpz(path, { A, T: A.transpose(), v: Float64Array.of(7), Z, cube }, { compress })
      const arrays = await readNpz(path)
      assert.deepEqual(Object.keys(arrays), ['A', 'T', 'v', 'Z', 'cube'])
      const { A: read, T, v, Z: complex, cube: third } = arrays as Record<string, NpyArray>
      assert.ok(Matrix.from(read as NpyArray).equals(A))
      assert.ok(Matrix.from(T as NpyArray).equals(A.transpose()))
      assert.deepEqual(v, { shape: [1], data: Float64Array.of(7), type: 'float64' })
      assert.ok(ComplexMatrix.from(complex as NpyArray).equals(Z))
      assert.deepEqual(third, cube)
    }
  })

  it('come back from memory too, whatever the names and values', async () => {
    const name = fc
      .string({ minLength: 1, unit: 'grapheme' })
      .filter((each) => !/\\|^\/|(^|\/)\.\.(\/|$)|\.npy$|\0|^[A-Za-z]:/.test(each))
    const values = fc.float64Array().map((array) => Float64Array.from(array))
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, values), fc.boolean(), async (arrays, compress) => {
        const read = await decodeNpz(await encodeNpz(arrays, { compress }))
        assert.deepEqual(Object.keys(read), Object.keys(arrays))
        for (const [key, { data }] of Object.entries(read)) assert.deepEqual(data, arrays[key])
      }),
      { numRuns: 50 },
    )
  })

  it('are made smaller by compressing, and are the same bytes for the same arrays', async () => {
    const zeros = Matrix.zeros(100, 100)
    const plain = await encodeNpz({ zeros })
    const packed = await encodeNpz({ zeros }, { compress: true })
    assert.ok(plain.length > 80_000 && packed.length < 2000)
    assert.deepEqual(await encodeNpz({ zeros }, { compress: true }), packed)
    // Larger than what the streams hand over at once.
    const large = Matrix.random(1000, 700, { seed: 1 })
    for (const compress of [false, true]) {
      const { A: read } = await decodeNpz(await encodeNpz({ A: large }, { compress }))
      assert.ok(Matrix.from(read as NpyArray).equals(large))
    }
  })

  it('agree with NumPy where there is one', async function () {
    const python = pythonWith('numpy')
    if (python === undefined) return this.skip()
    await writeNpz(join(folder, 'plain.npz'), { A, v: Float32Array.of(1, 2) })
    await writeNpz(join(folder, 'packed.npz'), { Z: ComplexMatrix.from(A) }, { compress: true })
    const script = `
import numpy as np
plain = np.load('plain.npz'); packed = np.load('packed.npz')
assert plain.files == ['A', 'v'] and plain['v'].dtype == np.float32 and plain['A'].tolist() == [[1, 2.5], [-3, 4]]
assert packed['Z'].dtype == np.complex128 and (packed['Z'] == plain['A']).all()
np.savez('numpy.npz', np.arange(6).reshape(2, 3), transposed=np.arange(6.).reshape(2, 3).T)
np.savez_compressed('numpy-packed.npz', z=np.full((300, 300), 1 - 2j))`
    runPython(python, script, folder)
    const { arr_0, transposed } = await readNpz(join(folder, 'numpy.npz'))
    assert.deepEqual(arr_0, {
      shape: [2, 3],
      data: Float64Array.of(0, 1, 2, 3, 4, 5),
      type: 'float64',
    })
    assert.deepEqual(transposed, {
      shape: [3, 2],
      data: Float64Array.of(0, 3, 1, 4, 2, 5),
      type: 'float64',
    })
    const { z } = await readNpz(join(folder, 'numpy-packed.npz'))
    const wanted = ComplexMatrix.zeros(300, 300).map(() => [1, -2])
    assert.ok(ComplexMatrix.from(z as NpyArray).equals(wanted))
  })

  it('give the wanted arrays only, and say what there is', async () => {
    const path = join(folder, 'mixed.npz')
    const { A: bytes } = { A: await encodeNpz({ A }) }
    writeFileSync(path, bytes)
    assert.deepEqual(Object.keys(await readNpz(path, { names: [] })), [])
    await assertFails(
      () => readNpz(path, { names: ['A', 'B'] }),
      'ERR_INVALID_ARGUMENT',
      /^Expected the name of an array for names but received "B" of type string; there are A$/,
    )
    const text = await zip({ 'readme.txt': Buffer.from('not an array at all') })
    await assertFails(
      () => decodeNpz(text),
      'ERR_FORMAT',
      /first bytes are not those of one \(array "readme.txt"\)$/,
    )
    assert.deepEqual(Object.keys(await decodeNpz(text, { names: [] })), [])
  })

  it('that are damaged are refused for what is wrong with them', async () => {
    for (const compress of [false, true]) {
      const good = await encodeNpz({ A }, { compress })
      for (let at = 0; at < good.length; at += 3) {
        const bad = Buffer.from(good)
        bad[at] = (bad[at] as number) ^ 0x55
        // Some bytes (dates, attributes) mean nothing here: then the array has to be right.
        const read = await decodeNpz(bad).catch((error: { code: string; message: string }) => {
          assert.equal(error.code, 'ERR_FORMAT', error.message)
        })
        const [array] = Object.values(read ?? {})
        if (array !== undefined) assert.deepEqual([...array.data], [...A.data], `byte ${at}`)
      }
    }
    const good = await encodeNpz({ A })
    const flipped = Buffer.from(good)
    const element = flipped.indexOf(Buffer.from(Float64Array.of(2.5).buffer))
    flipped[element] = 1
    await assertFails(() => decodeNpz(flipped), 'ERR_FORMAT', /checksum is wrong.*\(array "A"\)/)
    await assertFails(() => decodeNpz(good.subarray(0, -30)), 'ERR_FORMAT', /zip of \.npy files/)
    await assertFails(() => decodeNpz(new Uint8Array(0)), 'ERR_FORMAT', /zip of \.npy files/)
    await assertFails(
      async () =>
        decodeNpz(await zip({ 'a.npy': Buffer.from('\x93NUMPY\x01\x00\xff\xff', 'latin1') })),
      'ERR_FORMAT',
      /ends within its header \(array "a"\)/,
    )
    await assertFails(() => decodeNpz('PK' as never), 'ERR_INVALID_ARGUMENT', /for bytes/)
  })

  it('that are missing, folders or no zip are named', async () => {
    await assertFails(() => readNpz(join(folder, 'none.npz')), 'ERR_FILE', /none\.npz/)
    await assertFails(() => readNpz(folder), 'ERR_FILE', /directory/)
    writeFileSync(join(folder, 'text.npz'), 'some text')
    await assertFails(() => readNpz(join(folder, 'text.npz')), 'ERR_FORMAT', /\(.*text\.npz\)$/)
  })

  it('are written whole or not at all', async () => {
    const path = join(folder, 'kept.npz')
    writeFileSync(path, 'precious')
    const bad = { rows: 2, columns: 2, data: new Float64Array(3) }
    await assertFails(() => writeNpz(path, { A, bad }), 'ERR_SHAPE', /arrays\.bad\.data/)
    await assertFails(() => writeNpz(path, { '../A': A }), 'ERR_INVALID_ARGUMENT', /no path out/)
    await assertFails(() => writeNpz(path, [A] as never), 'ERR_INVALID_ARGUMENT', /by name/)
    await assertFails(
      () => writeNpz(path, { A }, { zip: 1 } as never),
      'ERR_INVALID_ARGUMENT',
      /compress/,
    )
    await assertFails(
      () => writeNpz(join(folder, 'no', 'A.npz'), { A }),
      'ERR_FILE',
      /no directory/,
    )
    assert.equal(readFileSync(path, 'utf8'), 'precious')
    assert.deepEqual(readdirSync(folder), ['kept.npz'])
  })
})
