import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { decodeCsv, encodeCsv, Matrix, readCsv, writeCsv } from 'numcore'
import { assertFails } from './support/assertions.js'
import { pythonWith, runPython } from './support/python.js'

describe('CSV files', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-csv-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const numbers = (text: string, options?: Parameters<typeof decodeCsv>[1]) =>
    decodeCsv(text, options).matrix.toArray()

  it('are rows of numbers', () => {
    const rows = [
      [1, -2.5],
      [3e-3, 4],
    ]
    assert.deepEqual(numbers('1,-2.5\n3e-3,+4\n'), rows)
    assert.deepEqual(numbers('1 , -2.5\r\n3e-3,\t4'), rows)
    assert.deepEqual(numbers('1;-2.5\n3e-3;4', { delimiter: ';' }), rows)
    assert.deepEqual(numbers('1\t-2.5\n3e-3\t4', { delimiter: '\t' }), rows)
    assert.deepEqual(numbers('  1  -2.5\n3e-3 \t 4 \n', { delimiter: ' ' }), rows)
    assert.deepEqual(numbers('# a comment\n\n1,-2.5\n#,\n3e-3,4\n\n'), rows)
    assert.deepEqual(numbers('"1","-2.5"\n3e-3,"4"'), rows)
    assert.deepEqual(decodeCsv(Buffer.from('\uFEFF1,2')).matrix.toArray(), [[1, 2]])
    assert.deepEqual(numbers('\uFEFF1,2'), [[1, 2]])
    assert.deepEqual(numbers(''), [])
  })

  it('may have names in the first line', () => {
    const { names, matrix } = decodeCsv('x,"y, z","say ""hi"""\n1,2,3\n', { header: true })
    assert.deepEqual(names, ['x', 'y, z', 'say "hi"'])
    assert.deepEqual(matrix.toArray(), [[1, 2, 3]])
    const only = decodeCsv('a|b', { header: true, delimiter: '|' })
    assert.deepEqual([only.names, only.matrix.rows, only.matrix.columns], [['a', 'b'], 0, 2])
    assert.deepEqual(decodeCsv('"a b"  c\n1 2', { header: true, delimiter: ' ' }).names, [
      'a b',
      'c',
    ])
    assert.deepEqual(decodeCsv('a,"",\n1,2,3', { header: true }).names, ['a', '', ''])
    assert.deepEqual(decodeCsv('1\n').names, [])
  })

  it('come back to the last bit in the fewest digits, names too', () => {
    const delimiters = fc.constantFrom(',', ';', '\t', '|', ' ', '^', ']', '\\')
    const name = fc.string({ unit: 'grapheme' }).filter((each) => !/[\r\n]/.test(each))
    const values = fc.oneof(fc.constantFrom(0, -0, 0.1, 1e21, 5e-324), fc.double())
    const table = fc.integer({ min: 1, max: 5 }).chain((columns) =>
      fc.record({
        rows: fc.array(fc.array(values, { minLength: columns, maxLength: columns }), {
          minLength: 1,
        }),
        header: fc.array(name, { minLength: columns, maxLength: columns }),
      }),
    )
    fc.assert(
      fc.property(table, delimiters, ({ rows, header }, delimiter) => {
        const A = Matrix.from(rows)
        const text = encodeCsv(A, { delimiter, header })
        const back = decodeCsv(text, { delimiter, header: true })
        assert.deepEqual(back.matrix.toArray(), rows)
        assert.deepEqual(back.names, header)
        assert.deepEqual(numbers(encodeCsv(A.transpose())), A.transpose().toArray())
        const single = A.asType('float32')
        const singles = decodeCsv(encodeCsv(single)).matrix
        assert.deepEqual(singles.asType('float32').toArray(), single.toArray())
      }),
    )
    assert.equal(encodeCsv(Matrix.from([[0.1, 1 / 3]], { type: 'float32' })), '0.1,0.33333334\n')
    const special = [16777216, 1e-45, 3.4028235e38, 2 ** -126, 0.3]
    assert.equal(
      encodeCsv(Matrix.from([special], { type: 'float32' })),
      '16777216,1e-45,3.4028235e+38,1.1754944e-38,0.3\n',
    )
  })

  it('know NaN and infinity in any spelling', () => {
    assert.deepEqual(numbers('NaN,nan,inf,-Inf,Infinity,-infinity'), [
      [Number.NaN, Number.NaN, Infinity, -Infinity, Infinity, -Infinity],
    ])
    assert.equal(encodeCsv(Matrix.from([[Number.NaN, -Infinity]])), 'NaN,-Infinity\n')
  })

  it('agree with NumPy where there is one', async function () {
    const python = pythonWith('numpy')
    if (python === undefined) return this.skip()
    const A = Matrix.random(20, 3, { seed: 4 }).map((value) => (value - 0.5) * 1e9)
    A.set(3, 1, Number.NaN)
    A.set(4, 2, -Infinity)
    await writeCsv(join(folder, 'a.csv'), A, { header: ['x', 'y', 'z'] })
    const script = `
import numpy as np
a = np.loadtxt('a.csv', delimiter=',', skiprows=1)
np.save('a.npy', a)
np.savetxt('b.csv', a, delimiter=',', header='x,y,z', fmt='%.17g')
np.savetxt('c.txt', a, fmt='%.17e')`
    runPython(python, script, folder)
    assert.ok((await readCsv(join(folder, 'b.csv'))).matrix.equals(A))
    assert.ok((await readCsv(join(folder, 'c.txt'), { delimiter: ' ' })).matrix.equals(A))
    const { readNpy } = await import('numcore')
    assert.ok((await readNpy(join(folder, 'a.npy'))).equals(A))
  })

  it('are read in pieces, wherever these end', async () => {
    const A = Matrix.random(20_000, 7, { seed: 5 })
    const path = join(folder, 'large.csv')
    await writeCsv(path, A)
    assert.ok((await readCsv(path)).matrix.equals(A))
  })

  it('that are wrong are refused with line and field', async () => {
    const faults: [string, RegExp][] = [
      ['1,2\n3', /^Expected 2 fields as in the lines before but line 2 has 1$/],
      ['1,2\n3,x', /^Expected a number but field 2 of line 2 is "x"$/],
      ['x,y\n1,2', /field 1 of line 1 is "x"; \{ header: true \} takes it as names$/],
      ['1,,2', /field 2 of line 1 is ""/],
      ['1,2,', /field 3 of line 1 is ""/],
      ['1,0x10', /"0x10"/],
      ['1,1_000', /"1_000"/],
      ['1,1e', /"1e"/],
      ['1,"2', /quotes around a whole field but line 1 has others/],
      ['1,"2"3', /quotes around a whole field but line 1/],
      ['1,2"3"', /quotes around a whole field but line 1/],
    ]
    for (const [text, message] of faults) {
      await assertFails(() => decodeCsv(text), 'ERR_FORMAT', message)
    }
    const invalid = 'ERR_INVALID_ARGUMENT'
    for (const delimiter of ['', ',,', '1', '.', '-', '"', 'e', '\n']) {
      await assertFails(() => decodeCsv('1', { delimiter }), invalid, /for delimiter/)
    }
    await assertFails(() => decodeCsv('1', { headers: true } as never), invalid, /"header"/)
    await assertFails(() => decodeCsv({} as never), invalid, /for source/)
    writeFileSync(join(folder, 'bad.csv'), '1\nx')
    await assertFails(() => readCsv(join(folder, 'bad.csv')), 'ERR_FORMAT', /line 2 .*bad\.csv/)
    await assertFails(() => readCsv(join(folder, 'none.csv')), 'ERR_FILE', /none\.csv/)
  })

  it('are written whole or not at all', async () => {
    const A = Matrix.identity(2)
    await assertFails(() => writeCsv(join(folder, 'no', 'A.csv'), A), 'ERR_FILE', /no directory/)
    await assertFails(
      () => writeCsv(join(folder, 'A.csv'), A, { header: ['x'] }),
      'ERR_SHAPE',
      /^Expected 2 names for header but received 1 of type Array$/,
    )
    await assertFails(
      () => encodeCsv(A, { header: ['x', 'y\n'] }),
      'ERR_INVALID_ARGUMENT',
      /one line/,
    )
    assert.deepEqual(readdirSync(folder), [])
  })
})
