import assert from 'node:assert/strict'
import { cumulativeTrapezoid, NotFiniteError, simpson, trapezoid } from 'numcore'
import { assertFails } from './support/assertions.js'

/** Points of uneven spacing, some ten times as far apart as others. */
function uneven(count: number, from = 0, to = 1): Float64Array {
  const x = new Float64Array(count)
  for (let i = 1; i < count; i++)
    x[i] = (x[i - 1] as number) + 1 + 9 * ((i * i * 7) % 11 === 3 ? 1 : 0)
  const last = x[count - 1] as number
  return x.map((each) => from + (each / last) * (to - from))
}

const close = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual}, not ${expected}`)

describe('integrals of samples', () => {
  it('by the trapezoid rule are exact for straight lines, at any spacing', () => {
    for (const count of [2, 3, 4, 10, 101]) {
      const x = uneven(count, -1, 3)
      close(
        trapezoid(
          x.map((each) => 3 * each - 1),
          x,
        ),
        8,
        1e-14,
      )
      close(
        trapezoid(
          Float64Array.from({ length: count }, (_, i) => i),
          0.5,
        ),
        (count - 1) ** 2 / 4,
        1e-12,
      )
    }
    assert.equal(trapezoid(Float64Array.of(1, 2, 4)), 4.5)
    assert.equal(trapezoid(Float64Array.of(1, 2, 4), Float64Array.of(3, 1, 0)), -6)
    assert.equal(trapezoid(Float64Array.of(1, 2, 4), Float64Array.of(0, 1, 1)), 1.5)
    for (const short of [[], [5]]) {
      const y = Float64Array.from(short)
      assert.equal(trapezoid(y), 0)
      assert.equal(simpson(y), 0)
    }
  })

  it("by Simpson's rule are exact for parabolas, at any spacing and in either direction", () => {
    for (const count of [3, 4, 5, 6, 50, 51]) {
      const x = uneven(count, -1, 3)
      const y = x.map((each) => 3 * each * each - 4 * each + 1)
      // [x^3 - 2x^2 + x] from -1 to 3
      close(simpson(y, x), 12 + 4, 1e-12)
      close(simpson(y.toReversed(), x.toReversed()), -16, 1e-12)
    }
    // And for cubics with evenly spaced points, an odd number of them.
    const cubic = Float64Array.from({ length: 9 }, (_, i) => (i / 8) ** 3)
    close(simpson(cubic, 1 / 8), 0.25, 1e-16)
    close(simpson(Float64Array.of(1, 3), 2), 4, 0)
    assert.equal(simpson(Float64Array.of(1, 3, 4), 0), 0)
  })

  it("by Simpson's rule agree with SciPy 1.11 and later", () => {
    // From its documentation: x = 0..9.
    const x = Float64Array.from({ length: 10 }, (_, i) => i)
    close(simpson(x, x), 40.5, 1e-14)
    close(
      simpson(
        x.map((each) => each ** 3),
        x,
      ),
      1640.5,
      1e-10,
    )
  })

  it('converge as they should', () => {
    const error = (rule: typeof simpson, count: number) => {
      const x = Float64Array.from({ length: count }, (_, i) => i / (count - 1))
      return Math.abs(rule(x.map(Math.exp), x) - (Math.E - 1))
    }
    close(error(trapezoid, 101) / error(trapezoid, 201), 4, 0.01)
    close(error(simpson, 101) / error(simpson, 201), 16, 0.2)
  })

  it('sum with compensation', () => {
    const y = new Float64Array(1_000_001).fill(0.1)
    assert.equal(trapezoid(y, 1), 100_000)
    assert.equal(cumulativeTrapezoid(y, 1).at(-1), 100_000)
    close(simpson(y, 1), 100_000, 2e-11)
    // A plain sum loses the ones.
    assert.equal(trapezoid(Float64Array.of(0, 2e17, 0, 2, 0, -2e17, 0)), 2)
  })

  it('add up', () => {
    const x = uneven(40)
    const y = x.map(Math.cos)
    const sums = cumulativeTrapezoid(y, x)
    assert.equal(sums.length, 39)
    for (let i = 1; i < 40; i++) {
      close(sums[i - 1] as number, trapezoid(y.slice(0, i + 1), x.slice(0, i + 1)), 0)
    }
    const led = cumulativeTrapezoid(y, x, { initial: 7 })
    assert.equal(led[0], 7)
    assert.deepEqual(led.slice(1), sums)
    assert.equal(cumulativeTrapezoid(Float64Array.of(3)).length, 0)
    assert.deepEqual(cumulativeTrapezoid(Float64Array.of(3), 1, { initial: 0 }), Float64Array.of(0))
    assert.equal(cumulativeTrapezoid(new Float64Array(), 1, { initial: 0 }).length, 0)
  })

  it('refuse what they cannot integrate', async () => {
    const y = Float64Array.of(1, 2, 3)
    const wrong: [() => unknown, Parameters<typeof assertFails>[1], RegExp][] = [
      [
        () => trapezoid([1, 2] as unknown as Float64Array),
        'ERR_INVALID_ARGUMENT',
        /Float64Array for y/,
      ],
      [
        () => simpson(y, '1' as unknown as number),
        'ERR_INVALID_ARGUMENT',
        /Float64Array or a number for x/,
      ],
      [() => simpson(y, Number.NaN), 'ERR_INVALID_ARGUMENT', /finite number for dx/],
      [() => trapezoid(y, Float64Array.of(1, 2)), 'ERR_SHAPE', /as for y, 3, but received 2/],
      [() => simpson(y, Float64Array.of(1, 2, 2)), 'ERR_INVALID_ARGUMENT', /all along for x\[2\]/],
      [() => simpson(y, Float64Array.of(1, 2, 1)), 'ERR_INVALID_ARGUMENT', /all along for x\[2\]/],
      [
        () => cumulativeTrapezoid(y, 1, { inital: 0 } as object),
        'ERR_INVALID_ARGUMENT',
        /did you mean "initial"/,
      ],
      [
        () => cumulativeTrapezoid(y, 1, { initial: Number.NaN }),
        'ERR_INVALID_ARGUMENT',
        /for initial/,
      ],
    ]
    for (const [action, code, message] of wrong) await assertFails(action, code, message)
    for (const rule of [trapezoid, simpson, cumulativeTrapezoid]) {
      const error = await assertFails(
        () => rule(Float64Array.of(1, Number.NaN, 2)),
        'ERR_NOT_FINITE',
        /finite number for y\[1\] but received NaN/,
      )
      assert.ok(error instanceof NotFiniteError)
      assert.equal(error.index, 1)
    }
  })
})
