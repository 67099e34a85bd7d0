import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import {
  ComplexMatrix,
  decodeMatrixMarket,
  encodeMatrixMarket,
  Matrix,
  type MatrixLike,
  readMatrixMarket,
  writeMatrixMarket,
} from 'numcore'
import { assertFails } from './support/assertions.js'
import { pythonWith, runPython } from './support/python.js'

const file = (banner: string, ...lines: string[]) =>
  [`%%MatrixMarket matrix ${banner}`, ...lines, ''].join('\n')
const read = (banner: string, ...lines: string[]) =>
  decodeMatrixMarket(file(banner, ...lines)).toArray()
const readComplex = (banner: string, ...lines: string[]) =>
  decodeMatrixMarket(file(banner, ...lines), { complex: true }).toArray()

const values = fc.oneof(fc.constantFrom(0, -0, 1, 0.1), fc.double())
const square = (n: number, make: (i: number, j: number) => number) =>
  Matrix.from(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (__, j) => make(i, j))))

describe('Matrix Market files', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-mtx-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('of coordinates are read in every field', () => {
    assert.deepEqual(read('coordinate real general', '2 3 2', '1 3 1.5', '2 1 -2e-3'), [
      [0, 0, 1.5],
      [-0.002, 0, 0],
    ])
    assert.deepEqual(read('coordinate integer general', '2 2 1', '2 2 -7'), [
      [0, 0],
      [0, -7],
    ])
    assert.deepEqual(read('coordinate pattern general', '2 2 2', '1 2', '2 1'), [
      [0, 1],
      [1, 0],
    ])
    assert.deepEqual(readComplex('coordinate complex general', '1 2 1', '1 2 3 -4'), [
      [
        [0, 0],
        [3, -4],
      ],
    ])
  })

  it('of arrays go down the columns', () => {
    assert.deepEqual(read('array real general', '2 3', '1', '4', '2', '5', '3', '6'), [
      [1, 2, 3],
      [4, 5, 6],
    ])
  })

  it('are mirrored as their symmetry says', () => {
    const lower = ['1', '2', '3', '4', '5', '6']
    assert.deepEqual(read('array real symmetric', '3 3', ...lower), [
      [1, 2, 3],
      [2, 4, 5],
      [3, 5, 6],
    ])
    assert.deepEqual(read('array integer skew-symmetric', '3 3', '1', '2', '3'), [
      [0, -1, -2],
      [1, 0, -3],
      [2, 3, 0],
    ])
    assert.deepEqual(read('coordinate pattern symmetric', '2 2 2', '1 1', '2 1'), [
      [1, 1],
      [1, 0],
    ])
    assert.deepEqual(readComplex('coordinate complex hermitian', '2 2 2', '1 1 5 0', '2 1 1 2'), [
      [
        [5, 0],
        [1, -2],
      ],
      [
        [1, 2],
        [0, 0],
      ],
    ])
    const skew = readComplex('coordinate complex skew-symmetric', '2 2 1', '2 1 1 2')
    assert.deepEqual(skew[0]?.[1], [-1, -2])
  })

  it('may have comments, blank lines, any case, Fortran numbers and the ends of lines of Windows', () => {
    const text = [
      '%%matrixmarket MATRIX Coordinate Real General',
      '% a comment',
      '%',
      '',
      '  2   2  3 ',
      '1 1 1.5D+2',
      '% between',
      '1 2 NaN',
      '2 2 -inf',
    ].join('\r\n')
    assert.deepEqual(decodeMatrixMarket(text).toArray(), [
      [150, Number.NaN],
      [0, -Infinity],
    ])
    assert.deepEqual(decodeMatrixMarket(Buffer.from(`\uFEFF${text}`)).get(0, 0), 150)
  })

  it('add entries that are given twice', () => {
    assert.deepEqual(read('coordinate real general', '1 1 3', '1 1 2', '1 1 3', '1 1 -1'), [[4]])
  })

  it('may be empty', () => {
    assert.deepEqual(read('coordinate real general', '2 1 0'), [[0], [0]])
    assert.deepEqual(decodeMatrixMarket(file('array real general', '0 3')).columns, 3)
    assert.deepEqual(read('array real skew-symmetric', '1 1'), [[0]])
    for (const format of ['array', 'coordinate'] as const) {
      for (const A of [Matrix.zeros(0, 0), Matrix.zeros(0, 4), Matrix.zeros(3, 0)]) {
        assert.ok(decodeMatrixMarket(encodeMatrixMarket(A, { format })).equals(A))
      }
    }
  })

  it('come back to the last bit, real and complex, in both precisions and formats', () => {
    const shape = fc.record({
      rows: fc.nat(5),
      columns: fc.nat(5),
      seed: fc.infiniteStream(values),
    })
    fc.assert(
      fc.property(
        shape,
        fc.constantFrom('array', 'coordinate'),
        ({ rows, columns, seed }, format) => {
          const next = () => seed.next().value as number
          const A = Matrix.zeros(rows, columns).map(next)
          const Z = ComplexMatrix.fromParts(A, A.map(next))
          const options = { format: format as 'array' }
          for (const B of [A, A.transpose()]) {
            const text = encodeMatrixMarket(B, options)
            assert.deepEqual(decodeMatrixMarket(text).toArray(), B.toArray())
          }
          const back = decodeMatrixMarket(encodeMatrixMarket(Z, options), { complex: true })
          assert.deepEqual(back.toArray(), Z.toArray())
          const single = A.asType('float32')
          const text = encodeMatrixMarket(single, options)
          assert.deepEqual(decodeMatrixMarket(text).asType('float32').toArray(), single.toArray())
          if (format === 'array') {
            // Nine digits are enough for any float.
            for (const line of text.split('\n').slice(2)) {
              const digits = line
                .replace(/e.*/, '')
                .replaceAll(/[-.]/g, '')
                .replaceAll(/^0+|0+$/g, '')
              assert.ok(digits.length <= 9, line)
            }
          }
        },
      ),
    )
  })

  it('are written by half where the matrix is symmetric, skew-symmetric or Hermitian', () => {
    const banner = (text: string) => text.split('\n')[0]?.split(' ').slice(2).join(' ')
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.infiniteStream(fc.double()), (n, stream) => {
        const A = square(n, () => stream.next().value as number)
        const S = square(n, (i, j) => A.get(Math.max(i, j), Math.min(i, j)))
        const K = square(n, (i, j) => (i === j ? 0 : i > j ? A.get(i, j) : 0 - A.get(j, i)))
        const H = ComplexMatrix.fromParts(S, K)
        for (const format of ['array', 'coordinate'] as const) {
          const symmetric = encodeMatrixMarket(S, { format })
          assert.equal(banner(symmetric), `${format} real symmetric`)
          assert.deepEqual(decodeMatrixMarket(symmetric).toArray(), S.toArray())
          const skew = encodeMatrixMarket(K, { format, symmetry: 'skew-symmetric' })
          assert.deepEqual(decodeMatrixMarket(skew).toArray(), K.toArray())
          const hermitian = encodeMatrixMarket(H, { format, symmetry: 'hermitian' })
          assert.deepEqual(decodeMatrixMarket(hermitian, { complex: true }).toArray(), H.toArray())
          const whole = encodeMatrixMarket(S, { format, symmetry: 'general' })
          assert.equal(banner(whole), `${format} real general`)
          assert.deepEqual(decodeMatrixMarket(whole).toArray(), S.toArray())
        }
      }),
    )
    const K = Matrix.from([
      [0, -2],
      [2, 0],
    ])
    assert.equal(encodeMatrixMarket(K), file('array real skew-symmetric', '2 2', '2'))
    const H = ComplexMatrix.fromParts(Matrix.identity(2), K)
    assert.equal(
      encodeMatrixMarket(H, { format: 'coordinate', comment: 'two\nlines' }),
      file(
        'coordinate complex hermitian',
        '%two',
        '%lines',
        '2 2 3',
        '1 1 1 0',
        '2 1 0 2',
        '2 2 1 0',
      ),
    )
  })

  it('are not written by half when that would lose something', async () => {
    const A = Matrix.from([
      [1, 2],
      [2.5, 1],
    ])
    for (const symmetry of ['symmetric', 'skew-symmetric'] as const) {
      await assertFails(
        () => encodeMatrixMarket(A, { symmetry }),
        'ERR_SHAPE',
        new RegExp(`^Expected a ${symmetry} matrix for matrix`),
      )
    }
    await assertFails(
      () => encodeMatrixMarket(Matrix.identity(2), { symmetry: 'hermitian' }),
      'ERR_INVALID_ARGUMENT',
      /"symmetric" of a real matrix/,
    )
    const sign = Matrix.from([
      [1, 0],
      [-0, 1],
    ])
    assert.match(encodeMatrixMarket(sign), /general/)
    assert.match(encodeMatrixMarket(sign, { symmetry: 'symmetric' }), /symmetric/)
    const negated = Matrix.from([
      [0, -0],
      [0, 0],
    ])
    assert.match(encodeMatrixMarket(negated), /general/)
    assert.match(
      encodeMatrixMarket(negated, { symmetry: 'skew-symmetric' }),
      /skew-symmetric\n2 2\n0\n$/,
    )
    assert.match(encodeMatrixMarket(Matrix.zeros(2, 3)), /general/)
  })

  it('agree with SciPy where there is one', async function () {
    const python = pythonWith('scipy.io')
    if (python === undefined) return this.skip()
    const A = Matrix.random(4, 3, { seed: 6 })
    const S = Matrix.random(4, 4, { seed: 6, symmetric: true })
    const Z = ComplexMatrix.fromParts(A, A.map((value) => value - 0.5)) // prettier-ignore
    const H = ComplexMatrix.fromParts(S, S.map((_, i, j) => Math.sign(i - j))) // prettier-ignore
    const all: [string, MatrixLike | ComplexMatrix][] = [
      ['A', A],
      ['S', S],
      ['Z', Z],
      ['H', H],
    ]
    for (const [name, matrix] of all) {
      for (const format of ['array', 'coordinate'] as const) {
        await writeMatrixMarket(join(folder, `${name}-${format}.mtx`), matrix, { format })
      }
    }
    const script = `
import numpy as np, scipy.io as io, scipy.sparse as sparse
for name in 'ASZH':
    a = io.mmread(name + '-array.mtx')
    b = io.mmread(name + '-coordinate.mtx').toarray()
    assert (a == b).all(), name
    io.mmwrite(name + '-dense.mtx', a, precision=17)
    io.mmwrite(name + '-sparse.mtx', sparse.coo_matrix(a), precision=17)
io.mmwrite('pattern.mtx', sparse.coo_matrix(np.eye(3)), field='pattern')
io.mmwrite('integer.mtx', np.array([[1, 2], [3, 4]]), comment='of integers')
k = np.array([[0., -2., 1.], [2., 0., -3.], [-1., 3., 0.]])
io.mmwrite('skew.mtx', k); io.mmwrite('skew-sparse.mtx', sparse.coo_matrix(k), symmetry='skew-symmetric')`
    runPython(python, script, folder)
    for (const [name, matrix] of all) {
      for (const kind of ['dense', 'sparse']) {
        const path = join(folder, `${name}-${kind}.mtx`)
        const back = await readMatrixMarket(path, { complex: true })
        assert.ok(back.equals(ComplexMatrix.from(matrix)), `${name}-${kind}`)
      }
    }
    assert.deepEqual(
      (await readMatrixMarket(join(folder, 'pattern.mtx'))).toArray(),
      Matrix.identity(3).toArray(),
    )
    assert.deepEqual((await readMatrixMarket(join(folder, 'integer.mtx'))).toArray(), [
      [1, 2],
      [3, 4],
    ])
    for (const name of ['skew', 'skew-sparse']) {
      assert.deepEqual((await readMatrixMarket(join(folder, `${name}.mtx`))).toArray(), [
        [0, -2, 1],
        [2, 0, -3],
        [-1, 3, 0],
      ])
    }
  })

  it('are read in pieces, wherever these end', async () => {
    const A = Matrix.random(400, 300, { seed: 8 })
    const path = join(folder, 'large.mtx')
    await writeMatrixMarket(path, A, { comment: 'ä'.repeat(1000) })
    assert.ok(readFileSync(path).length > 2 ** 21)
    assert.ok((await readMatrixMarket(path)).equals(A))
  })

  it('that are wrong are refused with the line that is', async () => {
    const faults: [string, RegExp][] = [
      ['', /line 1 is missing: the file is empty/],
      ['1 2 3\n', /line 1 is not the banner %%MatrixMarket: "1 2 3"/],
      ['%%MatrixMarket vector array real general\n', /line 1 says "vector" where "matrix"/],
      [file('dense real general'), /line 1 says "dense" where one of array, coordinate/],
      [file('array real'), /line 1 says undefined where one of general, symmetric/],
      [file('array pattern general'), /line 1 says "array pattern"/],
      [file('array real hermitian'), /line 1 says "hermitian" of real numbers/],
      [file('array real general', '% only'), /line 2 is the last: the line of sizes is missing/],
      [file('array real general', '2'), /line 2 should tell rows and columns: "2"/],
      [file('coordinate real general', '2 2 1.5'), /line 2 should tell rows, columns and entries/],
      [file('array real symmetric', '2 3'), /line 2 tells 2 x 3 of a symmetric matrix/],
      [file('array real general', '2 1', '1'), /line 3 is the last: 1 elements are missing/],
      [file('array real general', '1 1', '1', '2'), /line 4 comes after the last element/],
      [file('array real general', '1 1', 'x'), /line 3 has "x" where a number is expected/],
      [file('array real general', '1 1', '0x10'), /line 3 has "0x10" where a number/],
      [file('array real general', '1 2', '1 2'), /line 3 should have 1 numbers: "1 2"/],
      [file('coordinate real general', '2 2 1', '1 1'), /line 3 should have 3 numbers: "1 1"/],
      [
        file('coordinate real general', '2 2 1', '3 1 1'),
        /line 3 has "3" where an index from 1 to 2/,
      ],
      [file('coordinate real general', '2 2 1', '0 1 1'), /line 3 has "0" where an index/],
      [
        file('coordinate real symmetric', '2 2 1', '1 2 1'),
        /line 3 has an element above the diagonal/,
      ],
      [
        file('coordinate real skew-symmetric', '2 2 1', '1 1 1'),
        /line 3 has an element on the diagonal/,
      ],
    ]
    for (const [text, message] of faults) {
      await assertFails(() => decodeMatrixMarket(text), 'ERR_FORMAT', message)
    }
    await assertFails(
      () => decodeMatrixMarket(file('array complex general', '1 1', '1 2')),
      'ERR_FORMAT',
      /complex ones; \{ complex: true \} reads them$/,
    )
    await assertFails(
      () => decodeMatrixMarket(file('coordinate real general', '100000000 100000000 1')),
      'ERR_OUT_OF_MEMORY',
      /a 100000000 x 100000000 matrix/,
    )
    await assertFails(() => decodeMatrixMarket(7 as never), 'ERR_INVALID_ARGUMENT', /for source/)
  })

  it('that are missing or wrong are named', async () => {
    await assertFails(() => readMatrixMarket(join(folder, 'none.mtx')), 'ERR_FILE', /none\.mtx/)
    await assertFails(() => readMatrixMarket(folder), 'ERR_FILE', /directory/)
    writeFileSync(join(folder, 'bad.mtx'), file('array real general', '1 1', 'one'))
    await assertFails(
      () => readMatrixMarket(join(folder, 'bad.mtx')),
      'ERR_FORMAT',
      /line 3 has "one".*bad\.mtx/,
    )
  })

  it('are written whole or not at all', async () => {
    const A = Matrix.identity(2)
    await assertFails(
      () => writeMatrixMarket(join(folder, 'no', 'A.mtx'), A),
      'ERR_FILE',
      /no direct/,
    )
    await assertFails(() => writeMatrixMarket(folder, A), 'ERR_FILE', /directory/)
    await assertFails(
      () => writeMatrixMarket(join(folder, 'A.mtx'), A, { format: 'dense' as never }),
      'ERR_INVALID_ARGUMENT',
      /one of "array", "coordinate" for format/,
    )
    assert.deepEqual(readdirSync(folder), [])
  })
})
