import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ComplexMatrix,
  decodeNpy,
  encodeNpy,
  Matrix,
  readNpy,
  readNpyArray,
  writeNpy,
} from 'numcore'
import { assertFails } from './support/assertions.js'
import { pythonWith, runPython } from './support/python.js'

/** A .npy file put together by hand from the format's description. */
function npy(header: string, body: Uint8Array, version = 1): Uint8Array {
  const prefix = version === 1 ? 10 : 12
  const padded = `${header}${' '.repeat(64 - ((prefix + header.length + 1) % 64))}\n`
  const bytes = Buffer.alloc(prefix + padded.length + body.length)
  bytes.write('\x93NUMPY', 'latin1')
  bytes.set([version, 0], 6)
  if (version === 1) bytes.writeUInt16LE(padded.length, 8)
  else bytes.writeUInt32LE(padded.length, 8)
  bytes.write(padded, prefix, 'latin1')
  bytes.set(body, prefix + padded.length)
  return bytes
}

const doubles = (...values: number[]) => new Uint8Array(Float64Array.from(values).buffer)
const header = (descr: string, fortran: string, shape: string) =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${shape}), }`

describe('.npy files', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-npy-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('come back as they were written, in both precisions', async () => {
    for (const type of ['float64', 'float32'] as const) {
      const A = Matrix.random(37, 5, { type, seed: 2 } as { type: 'float64'; seed: number })
      const path = join(folder, `${type}.npy`)
      await writeNpy(path, A)
      assert.ok(A.equals(await readNpy(path)))
      assert.deepEqual(readFileSync(path).length % 64, (37 * 5 * A.data.BYTES_PER_ELEMENT) % 64)
    }
  })

  it('are read in versions 1, 2 and 3', () => {
    for (const version of [1, 2, 3]) {
      const { shape, data } = decodeNpy(
        npy(header('<f8', 'False', '2, 2'), doubles(1, 2, 3, 4), version),
      )
      assert.deepEqual(shape, [2, 2])
      assert.deepEqual([...data], [1, 2, 3, 4])
    }
  })

  it('are turned to row-major order from Fortran order, whatever the number of axes', () => {
    const two = decodeNpy(npy(header('<f8', 'True', '2, 3'), doubles(1, 4, 2, 5, 3, 6)))
    assert.deepEqual([...two.data], [1, 2, 3, 4, 5, 6])
    // a[i][j][k] = 100 i + 10 j + k, the first index running fastest in the file
    const values: number[] = []
    for (const k of [0, 1])
      for (const j of [0, 1, 2]) for (const i of [0, 1]) values.push(100 * i + 10 * j + k)
    const three = decodeNpy(npy(header('<f8', 'True', '2, 3, 2'), doubles(...values)))
    assert.deepEqual([...three.data], [0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121])
    assert.deepEqual(
      [...decodeNpy(npy(header('<f8', 'True', '3,'), doubles(7, 8, 9))).data],
      [7, 8, 9],
    )
    assert.deepEqual(decodeNpy(npy(header('<f8', 'False', ''), doubles(5))), {
      shape: [],
      data: Float64Array.of(5),
      type: 'float64',
    })
  })

  it('are read in either byte order', () => {
    const big = Buffer.alloc(16)
    big.writeDoubleBE(1.5, 0)
    big.writeDoubleBE(-2e300, 8)
    assert.deepEqual([...decodeNpy(npy(header('>f8', 'False', '2,'), big)).data], [1.5, -2e300])
    const single = Buffer.alloc(4)
    single.writeFloatBE(0.25)
    assert.deepEqual([...decodeNpy(npy(header('>f4', 'False', '1,'), single)).data], [0.25])
  })

  it('agree with NumPy where there is one', async function () {
    const python = pythonWith('numpy')
    if (python === undefined) return this.skip()
    const A = Matrix.from([
      [1, 2.5],
      [-3, 4],
      [5, 0.125],
    ])
    const Z = ComplexMatrix.fromParts(A, A.map((value) => -value)) // prettier-ignore
    await writeNpy(join(folder, 'a.npy'), A)
    await writeNpy(join(folder, 'z.npy'), Z.asType('complex64'))
    const script = `
import numpy as np
a = np.load('a.npy'); assert a.dtype == np.float64 and a.shape == (3, 2), a.dtype
np.save('b.npy', np.asfortranarray(a.astype('f4')))
z = np.load('z.npy'); assert z.dtype == np.complex64 and (z == a - 1j * a).all()
np.save('w.npy', np.asfortranarray(z.astype('>c16')))
np.save('i.npy', np.array([[2, 1], [1, 3]]))`
    runPython(python, script, folder)
    const B = await readNpy(join(folder, 'b.npy'))
    assert.ok(B.data instanceof Float32Array)
    assert.deepEqual(B.toArray(), A.toArray())
    assert.ok(Z.equals(await readNpy(join(folder, 'w.npy'), { complex: true })))
    assert.deepEqual((await readNpy(join(folder, 'i.npy'))).toArray(), [
      [2, 1],
      [1, 3],
    ])
  })

  it('of complex numbers give pairs, and complex matrices when asked for', async () => {
    for (const type of ['complex128', 'complex64'] as const) {
      const Z = ComplexMatrix.from([[[1, -2], 0.5], [[0, 1], [3, 4]], [5, 6]], { type } as never) // prettier-ignore
      const path = join(folder, `${type}.npy`)
      await writeNpy(path, Z)
      assert.ok(Z.equals(await readNpy(path, { complex: true })))
      const { shape, data, type: read } = await readNpyArray(path)
      assert.deepEqual([shape, read, [...data]], [[3, 2], type, [...Z.data]])
      await assertFails(
        () => readNpy(path),
        'ERR_FORMAT',
        /^Expected real numbers in .* but received complex ones; \{ complex: true \} reads them$/,
      )
    }
    const path = join(folder, 'real.npy')
    await writeNpy(path, Matrix.from([[1, 2]]))
    assert.deepEqual((await readNpy(path, { complex: true })).toArray(), [[[1, 0], [2, 0]]]) // prettier-ignore
    // z[i][j] = (i + 1) + 10 j i, the first index running fastest in the file
    const fortran = npy(
      header('<c16', 'True', '2, 3'),
      doubles(1, 0, 2, 0, 1, 10, 2, 10, 1, 20, 2, 20),
    )
    assert.deepEqual([...decodeNpy(fortran).data], [1, 0, 1, 10, 1, 20, 2, 0, 2, 10, 2, 20])
    const big = Buffer.alloc(16)
    big.writeDoubleBE(1.5, 0)
    big.writeDoubleBE(-2, 8)
    assert.deepEqual([...decodeNpy(npy(header('>c16', 'False', '1,'), big)).data], [1.5, -2])
  })

  it('of integers and booleans give doubles', async () => {
    const integers = (descr: string, array: ArrayBufferView) =>
      decodeNpy(npy(header(descr, 'False', '2,'), new Uint8Array(array.buffer)))
    const read = (descr: string, array: ArrayBufferView) => [...integers(descr, array).data]
    assert.equal(integers('<i4', Int32Array.of(1, 2)).type, 'float64')
    assert.deepEqual(read('|i1', Int8Array.of(-128, 127)), [-128, 127])
    assert.deepEqual(read('|u1', Uint8Array.of(0, 255)), [0, 255])
    assert.deepEqual(read('|b1', Uint8Array.of(0, 1)), [0, 1])
    assert.deepEqual(read('<i2', Int16Array.of(-32768, 1)), [-32768, 1])
    assert.deepEqual(read('>u2', Uint8Array.of(1, 0, 0, 1)), [256, 1])
    assert.deepEqual(read('<i4', Int32Array.of(-(2 ** 31), 7)), [-(2 ** 31), 7])
    assert.deepEqual(read('<u4', Uint32Array.of(2 ** 32 - 1, 7)), [2 ** 32 - 1, 7])
    assert.deepEqual(read('<i8', BigInt64Array.of(-5n, 2n ** 53n - 1n)), [-5, 2 ** 53 - 1])
    assert.deepEqual(read('<u8', BigUint64Array.of(0n, 9n)), [0, 9])
    await assertFails(
      () => read('<u8', BigUint64Array.of(0n, 2n ** 60n)),
      'ERR_FORMAT',
      /2\^53, .* received 1152921504606846976$/,
    )
  })

  it('of any shape come back as they were written', async () => {
    const vector = decodeNpy(encodeNpy(Float32Array.of(1, 2, 3)))
    assert.deepEqual(vector, { shape: [3], data: Float32Array.of(1, 2, 3), type: 'float32' })
    const cube = { shape: [2, 1, 2], data: Float64Array.of(1, 2, 3, 4), type: 'float64' as const }
    assert.deepEqual(decodeNpy(encodeNpy(cube)), cube)
    const scalar = { shape: [], data: Float64Array.of(1, 2), type: 'complex128' as const }
    assert.deepEqual(decodeNpy(encodeNpy(scalar)), scalar)
    const empty = { shape: [0, 3], data: new Float64Array(0), type: 'float64' as const }
    assert.deepEqual(decodeNpy(encodeNpy(empty)), empty)
    const view = Matrix.random(5, 7, { seed: 1 }).transpose()
    assert.ok(Matrix.from(decodeNpy(encodeNpy(view))).equals(view))
    await assertFails(
      () => encodeNpy({ ...cube, shape: [2, 3] }),
      'ERR_SHAPE',
      /^Expected 6 elements for source\.data of shape \(2, 3\) and type float64 but received 4/,
    )
    await assertFails(
      () => encodeNpy({ ...cube, type: 'float32' }),
      'ERR_INVALID_ARGUMENT',
      /"float64" or "complex128" for source\.type but received "float32"/,
    )
  })

  it('of another dtype are refused by its name', async () => {
    for (const dtype of ['<f2', '|O', '<U5', '<m8[s]', '<f16', '|S3', '|b2']) {
      const bytes = npy(header(dtype, 'False', '1,'), new Uint8Array(8))
      const name = dtype.replace(/[|[\]]/g, '\\$&')
      await assertFails(
        () => decodeNpy(bytes),
        'ERR_FORMAT',
        new RegExp(`f4, f8, .* received "${name}"`),
      )
    }
    const record = npy(
      "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }",
      doubles(1),
    )
    await assertFails(() => decodeNpy(record), 'ERR_FORMAT', /\[\('a', '<f8'\)\]/)
  })

  it('that are damaged are refused for what is wrong with them', async () => {
    const good = Buffer.from(encodeNpy(Matrix.identity(3)))
    await assertFails(() => decodeNpy(good.subarray(0, 4)), 'ERR_FORMAT', /first bytes/)
    await assertFails(
      () => decodeNpy(Buffer.from('PK\x03\x04 not numpy')),
      'ERR_FORMAT',
      /first bytes/,
    )
    await assertFails(() => decodeNpy(good.subarray(0, 40)), 'ERR_FORMAT', /ends within its header/)
    await assertFails(
      () => decodeNpy(good.subarray(0, -1)),
      'ERR_FORMAT',
      /71 bytes .* promises 72/,
    )
    await assertFails(
      () => decodeNpy(Buffer.concat([good, good])),
      'ERR_FORMAT',
      /bytes of elements/,
    )
    const version9 = Buffer.from(good)
    version9[6] = 9
    await assertFails(() => decodeNpy(version9), 'ERR_FORMAT', /version is 9/)
    const absurd = npy(header('<f8', 'False', '9007199254740993, 8'), doubles(1))
    await assertFails(() => decodeNpy(absurd), 'ERR_FORMAT', /absurd/)
    await assertFails(
      () => decodeNpy('text' as never),
      'ERR_INVALID_ARGUMENT',
      /Uint8Array for bytes/,
    )
    // A header that claims 4 GB must not be believed before the file's size is known.
    const liar = Buffer.from('\x93NUMPY\x02\x00\xff\xff\xff\xff', 'latin1')
    writeFileSync(join(folder, 'liar.npy'), liar)
    await assertFails(
      () => readNpy(join(folder, 'liar.npy')),
      'ERR_FORMAT',
      /ends within its header/,
    )
  })

  it('with one or three dimensions are arrays but no matrices', async () => {
    const path = join(folder, 'vector.npy')
    writeFileSync(path, npy(header('<f8', 'False', '3,'), doubles(1, 2, 3)))
    assert.deepEqual((await readNpyArray(path)).shape, [3])
    await assertFails(() => readNpy(path), 'ERR_SHAPE', /two dimensions .* received 1: \(3\)/)
  })

  it('that are missing, empty or folders are named', async () => {
    await assertFails(() => readNpy(join(folder, 'none.npy')), 'ERR_FILE', /none\.npy/)
    await assertFails(() => readNpy(folder), 'ERR_FILE', /directory/)
    writeFileSync(join(folder, 'empty.npy'), '')
    await assertFails(() => readNpy(join(folder, 'empty.npy')), 'ERR_FORMAT', /empty\.npy/)
  })

  it('are written whole or not at all', async () => {
    const A = Matrix.identity(2)
    await assertFails(() => writeNpy(join(folder, 'no', 'such.npy'), A), 'ERR_FILE', /such\.npy/)
    await assertFails(() => writeNpy(folder, A), 'ERR_FILE', /directory/)
    assert.deepEqual(readdirSync(folder), [])
    const path = join(folder, 'kept.npy')
    writeFileSync(path, 'precious')
    await assertFails(
      () => writeNpy(path, { rows: 2, columns: 2, data: new Float64Array(3) }),
      'ERR_SHAPE',
      /4/,
    )
    assert.equal(readFileSync(path, 'utf8'), 'precious')
    if (process.getuid?.() !== 0) {
      chmodSync(folder, 0o500)
      await assertFails(() => writeNpy(join(folder, 'b.npy'), A), 'ERR_FILE', /permission/)
      chmodSync(folder, 0o700)
    }
  })
})
