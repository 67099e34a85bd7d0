import assert from 'node:assert/strict'
import { errorCodes, inv, Matrix, NumcoreError, ParseError } from 'numcore'
import { assertFails } from './support/assertions.js'

describe('errors', () => {
  it('follow one sentence, whatever was given', async () => {
    class Thing {}
    const given: [unknown, string][] = [
      [undefined, 'undefined of type undefined'],
      [null, 'null of type null'],
      [3, '3 of type number'],
      [-0, '-0 of type number'],
      ['text', '"text" of type string'],
      ['x'.repeat(100), `"${'x'.repeat(60)}…" of type string`],
      [10n, '10n of type bigint'],
      [Symbol('s'), 'a symbol of type symbol'],
      [() => 1, 'a function of type function'],
      [new Map(), 'an object of type Map'],
      [new Thing(), 'an object of type Thing'],
      [Object.create(null), 'an object of type object'],
      [new Float64Array(4), 'an array of 4 of type Float64Array'],
      [[1, 2], 'an array of 2 of type Array'],
    ]
    for (const [value, shown] of given) {
      const error = await assertFails(
        () => inv(value as never),
        'ERR_INVALID_ARGUMENT',
        /^Expected a Matrix/,
      )
      assert.ok(error.message.endsWith(` for A but received ${shown}`), error.message)
    }
  })

  it('derive from NumcoreError, which derives from Error, and have a code of the table', () => {
    const error = new ParseError('Expected …', 'x+', 3)
    assert.ok(error instanceof NumcoreError && error instanceof Error)
    assert.equal(error.name, 'ParseError')
    assert.ok(error.code in errorCodes)
    assert.equal(error.column, 3)
  })
})

describe('options', () => {
  const A = Matrix.identity(2)

  it('that are unknown are an error that names the nearest known one', async () => {
    const pairs: [string, string][] = [
      ['thread', 'threads'],
      ['Threads', 'threads'],
      ['singal', 'signal'],
      ['overwirte', 'overwrite'],
    ]
    for (const [wrong, right] of pairs) {
      await assertFails(
        () => inv(A, { [wrong]: 1 } as never),
        'ERR_INVALID_ARGUMENT',
        new RegExp(
          `^Expected a known option for inv but received "${wrong}" of type string; did you mean "${right}"\\?$`,
        ),
      )
    }
  })

  it('that resemble no known one get the list of those', async () => {
    await assertFails(
      () => inv(A, { colour: 'red' } as never),
      'ERR_INVALID_ARGUMENT',
      /known are assume, out, overwrite, threads/,
    )
  })

  it('that are undefined are as if they were not there', async () => {
    const X = await inv(A, {
      threads: undefined,
      signal: undefined,
      out: undefined,
      assume: undefined,
    })
    assert.ok(X.equals(A))
  })
})
