import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { totalmem } from 'node:os'
import {
  fft,
  fft2,
  fft2Sync,
  fftSync,
  ifft,
  ifft2,
  ifftSync,
  irfft,
  irfftSync,
  Matrix,
  rfft,
  rfftSync,
} from 'numcore'
import { abortsItself, assertFails, bits } from './support/assertions.js'
import { numbers } from './support/words.js'

function noise(length: number, seed = 1): Float64Array {
  const next = numbers(seed)
  return Float64Array.from({ length }, () => next(1e6) / 5e5 - 1)
}

/** The definition, summed plainly. */
function reference(x: Float64Array, sign = -1): Float64Array {
  const n = x.length / 2
  const X = new Float64Array(2 * n)
  for (let k = 0; k < n; k++) {
    let re = 0
    let im = 0
    for (let j = 0; j < n; j++) {
      const angle = (sign * 2 * Math.PI * ((j * k) % n)) / n
      const [c, s] = [Math.cos(angle), Math.sin(angle)]
      const [a, b] = [x[2 * j] as number, x[2 * j + 1] as number]
      re += a * c - b * s
      im += a * s + b * c
    }
    X[2 * k] = re
    X[2 * k + 1] = im
  }
  return X
}

const widen = (x: Float64Array) =>
  Float64Array.from({ length: 2 * x.length }, (_, i) => (i % 2 === 0 ? (x[i / 2] as number) : 0))

function close(actual: Float64Array, expected: Float64Array, tolerance = 1e-14) {
  assert.equal(actual.length, expected.length)
  let size = 0
  let worst = 0
  expected.forEach((value, i) => {
    size = Math.max(size, Math.abs(value))
    worst = Math.max(worst, Math.abs((actual[i] as number) - value))
  })
  assert.ok(worst <= tolerance * size, `${worst} off, of ${size}`)
}

const energy = (x: Float64Array) => x.reduce((sum, value) => sum + value * value, 0)

describe('fft', () => {
  it('is right where it can be worked out by hand', async () => {
    assert.deepEqual(await fft(Float64Array.of(3, 4)), Float64Array.of(3, 4))
    assert.deepEqual(await fft(Float64Array.of(1, 2, 3, 5)), Float64Array.of(4, 7, -2, -3))
    assert.deepEqual(
      await fft(Float64Array.of(1, 2, 3, 4), { real: true }),
      Float64Array.of(10, 0, -2, 2, -2, 0, -2, -2),
    )
    assert.deepEqual(rfftSync(Float64Array.of(1, 2, 3, 4)), Float64Array.of(10, 0, -2, 2, -2, 0))
    // A pulse has all frequencies alike, a constant only the first.
    const pulse = new Float64Array(2 * 12)
    pulse[0] = 1
    assert.deepEqual(fftSync(pulse), widen(new Float64Array(12).fill(1)))
    close(
      fftSync(new Float64Array(700).fill(2), { real: true }),
      widen(Float64Array.of(1400, ...new Float64Array(699))),
    )
  })

  it('agrees with the definition, for every length to 130 and some longer', async () => {
    for (const n of [...Array.from({ length: 130 }, (_, i) => i + 1), 210, 256, 509, 512, 1001]) {
      const x = noise(2 * n, n)
      const expected = reference(x)
      close(fftSync(x), expected, 1e-13)
      close(await ifft(x, { norm: 'forward' }), reference(x, +1), 1e-13)
      const real = x.subarray(0, n)
      const wide = reference(widen(real))
      close(fftSync(real, { real: true }), wide, 1e-13)
      close(await rfft(real), wide.subarray(0, 2 * (Math.floor(n / 2) + 1)), 1e-13)
      close(ifftSync(real, { real: true, norm: 'forward' }), reference(widen(real), +1), 1e-13)
    }
  })

  it('comes back, keeps the energy, and is linear, for long lengths of every kind', async () => {
    for (const n of [65_536, 30_030, 97 * 89, 10_007, 99_991]) {
      const x = noise(2 * n, n)
      const y = noise(2 * n, n + 1)
      const X = await fft(x)
      close(await ifft(X), x)
      assert.ok(Math.abs(energy(X) / n / energy(x) - 1) < 1e-13)
      const sum = await fft(x.map((value, i) => 2 * value - 3 * (y[i] as number)))
      const Y = await fft(y)
      close(
        sum,
        X.map((value, i) => 2 * value - 3 * (Y[i] as number)),
        1e-13,
      )
      const real = x.subarray(0, n)
      close(await irfft(await rfft(real), { n }), real)
    }
  })

  it('turns a shift in time into a turn of phase', async () => {
    const n = 3000
    const shift = 7
    const x = noise(2 * n)
    const shifted = new Float64Array(2 * n)
    shifted.set(x.subarray(2 * (n - shift)))
    shifted.set(x.subarray(0, 2 * (n - shift)), 2 * shift)
    const X = await fft(x)
    const turned = X.slice()
    for (let k = 0; k < n; k++) {
      const angle = (-2 * Math.PI * ((k * shift) % n)) / n
      const [c, s] = [Math.cos(angle), Math.sin(angle)]
      const [a, b] = [X[2 * k] as number, X[2 * k + 1] as number]
      turned[2 * k] = a * c - b * s
      turned[2 * k + 1] = a * s + b * c
    }
    close(await fft(shifted), turned)
  })

  it('has the norms of NumPy', () => {
    const x = noise(2 * 10)
    const plain = fftSync(x)
    close(
      fftSync(x, { norm: 'ortho' }),
      plain.map((value) => value / Math.sqrt(10)),
    )
    close(
      fftSync(x, { norm: 'forward' }),
      plain.map((value) => value / 10),
    )
    for (const norm of ['backward', 'ortho', 'forward'] as const) {
      close(ifftSync(fftSync(x, { norm }), { norm }), x)
      close(irfftSync(rfftSync(x, { norm }), { norm }), x)
    }
  })

  it('cuts input that is longer than n and fills up what is shorter', () => {
    const x = noise(2 * 9)
    assert.deepEqual(fftSync(x, { n: 7 }), fftSync(x.slice(0, 14)))
    const filled = new Float64Array(2 * 13)
    filled.set(x)
    assert.deepEqual(fftSync(x, { n: 13 }), fftSync(filled))
    assert.deepEqual(rfftSync(x, { n: 26 }), rfftSync(filled))
    assert.deepEqual(rfftSync(x, { n: 5 }), rfftSync(x.slice(0, 5)))
    const X = rfftSync(noise(12))
    assert.deepEqual(irfftSync(X, { n: 8 }), irfftSync(X.slice(0, 10)))
    const longer = new Float64Array(2 * 9)
    longer.set(X)
    assert.deepEqual(irfftSync(X, { n: 16 }), irfftSync(longer))
  })

  it('passes over imaginary parts that the transform of real numbers cannot have', () => {
    const X = rfftSync(noise(12))
    const bent = X.slice()
    bent[1] = 5
    bent[13] = 6
    assert.deepEqual(irfftSync(bent), irfftSync(X))
  })

  it('gives the same bits at every number of threads and when synchronous', async () => {
    for (const n of [2 ** 17, 100_000, 50_021]) {
      const x = noise(2 * n)
      const expected = bits(fftSync(x))
      const half = bits(rfftSync(x.subarray(0, n)))
      const back = bits(irfftSync(x))
      for (const threads of [1, 2, 3, 4, 8]) {
        assert.equal(bits(await fft(x, { threads })), expected)
        assert.equal(bits(await rfft(x.subarray(0, n), { threads })), half)
        assert.equal(bits(await irfft(x, { threads })), back)
      }
    }
  })

  it('writes where it is told, even over its input', async () => {
    for (const n of [12, 1000, 1009]) {
      const x = noise(2 * n)
      const expected = fftSync(x)
      const out = new Float64Array(2 * n)
      assert.equal(await fft(x, { out }), out)
      assert.deepEqual(out, expected)
      const same = x.slice()
      fftSync(same, { out: same })
      assert.deepEqual(same, expected)
      const real = noise(n)
      const room = new Float64Array(2 * n)
      room.set(real)
      assert.deepEqual(
        fftSync(room.subarray(0, n), { real: true, out: room }),
        fftSync(real, { real: true }),
      )
    }
  })

  it('lets NaN and infinity through', () => {
    const x = noise(2 * 50)
    x[10] = Number.NaN
    x[11] = Number.POSITIVE_INFINITY
    assert.ok(fftSync(x).some(Number.isNaN))
    assert.deepEqual(
      fftSync(Float64Array.of(Number.POSITIVE_INFINITY, 0)),
      Float64Array.of(Number.POSITIVE_INFINITY, 0),
    )
  })

  it('refuses what is no series of numbers', async () => {
    await assertFails(() => fft([1, 2] as never), 'ERR_INVALID_ARGUMENT', /Float64Array for x/)
    await assertFails(
      () => fft(new Float32Array(2) as never),
      'ERR_INVALID_ARGUMENT',
      /Float64Array/,
    )
    await assertFails(() => fft(new Float64Array(0)), 'ERR_INVALID_ARGUMENT', /at least one/)
    await assertFails(() => rfft(new Float64Array(0)), 'ERR_INVALID_ARGUMENT', /at least one/)
    const gone = new Float64Array(4)
    structuredClone(gone, { transfer: [gone.buffer] })
    await assertFails(() => fft(gone), 'ERR_INVALID_ARGUMENT', /detached/)
    await assertFails(() => fft(new Float64Array(3)), 'ERR_SHAPE', /even number.*real: true/)
    await assertFails(() => irfft(new Float64Array(3)), 'ERR_SHAPE', /even number/)
    await assertFails(() => irfft(new Float64Array(2)), 'ERR_INVALID_ARGUMENT', /an n/)
    const x = new Float64Array(4)
    for (const n of [0, -1, 1.5, Number.NaN, 2 ** 32]) {
      await assertFails(() => fft(x, { n }), 'ERR_INVALID_ARGUMENT', /for n/)
    }
    await assertFails(() => fft(x, { out: new Float64Array(3) }), 'ERR_SHAPE', /4 elements for out/)
    await assertFails(() => fft(x, { out: [] as never }), 'ERR_INVALID_ARGUMENT', /for out/)
    await assertFails(() => fft(x, { norm: 'none' as never }), 'ERR_INVALID_ARGUMENT', /"ortho"/)
    await assertFails(() => fft(x, { real: 1 as never }), 'ERR_INVALID_ARGUMENT', /boolean/)
    await assertFails(() => rfft(x, { real: true } as never), 'ERR_INVALID_ARGUMENT', /known/)
    await assertFails(() => fft(x, { thread: 1 } as never), 'ERR_INVALID_ARGUMENT', /"threads"/)
    // The longest there is takes 32 GiB, which a machine may have.
    if (totalmem() < 2 ** 35) {
      await assertFails(() => fft(x, { n: 2 ** 31 }), 'ERR_OUT_OF_MEMORY', /GiB/)
    }
  })

  it('keeps to its promises where it computes at once', async () => {
    const x = noise(64)
    const seen: number[] = []
    const X = await fft(x, { onProgress: (fraction) => seen.push(fraction) })
    assert.deepEqual(seen, [1])
    assert.deepEqual(bits(X), bits(fftSync(x)))
    await assert.rejects(fft(x, { signal: AbortSignal.abort(new Error('before')) }), /before/)
    const thrower = () => {
      throw new Error('mine')
    }
    await assert.rejects(fft(x, { onProgress: thrower }), /mine/)
    const out = new Float64Array(64)
    assert.equal(await fft(x, { out }), out)
    assert.deepEqual(bits(out), bits(X))
  })

  it('rejects with the reason of its signal', async () => {
    const x = noise(2 ** 21)
    const options = { n: 1_000_003, ...abortsItself() }
    const running = Array.from({ length: 8 }, () => fft(x, options))
    // All of one signal: the first that runs ends those that wait as well.
    for (const each of running) each.catch(() => {})
    for (const each of running) await assert.rejects(each, /enough/)
    await assert.rejects(fft(x, { signal: AbortSignal.abort(new Error('before')) }), /before/)
  })

  it('reports its progress', async () => {
    const seen: number[] = []
    await fft(noise(2 ** 19), { onProgress: (fraction) => seen.push(fraction) })
    assert.equal(seen.at(-1), 1)
    assert.ok(seen.every((fraction, i) => fraction > (seen[i - 1] ?? 0) && fraction <= 1))
  })

  it('agrees with NumPy', function () {
    const lengths = [7, 100, 1000, 1009, 65_536, 10_007]
    const program = `
import json, sys
import numpy as np
out = []
for x in json.load(sys.stdin):
    z = np.array(x[0::2]) + 1j * np.array(x[1::2])
    X = np.fft.fft(z)
    out.append(np.column_stack([X.real, X.imag]).ravel().tolist())
json.dump(out, sys.stdout)`
    const series = lengths.map((n) => noise(2 * n, n))
    let answer: ReturnType<typeof spawnSync> | undefined
    for (const python of ['python3', '/usr/bin/python3']) {
      answer = spawnSync(python, ['-c', program], {
        input: JSON.stringify(series.map((x) => [...x])),
        maxBuffer: 2 ** 28,
      })
      if (answer.status === 0) break
    }
    if (answer?.status !== 0) {
      console.log('      (skipped: no python3 with NumPy here)')
      this.skip()
    }
    const expected = JSON.parse(String(answer?.stdout)) as number[][]
    series.forEach((x, i) => {
      close(fftSync(x), Float64Array.from(expected[i] as number[]))
    })
  })
})

describe('fft2', () => {
  it('transforms rows and columns', async () => {
    assert.deepEqual(
      await fft2(
        Matrix.from([
          [1, 2],
          [3, 4],
        ]),
      ),
      Float64Array.of(10, 0, -2, 0, -4, 0, 0, 0),
    )
    for (const [rows, columns] of [
      [1, 7],
      [7, 1],
      [9, 20],
      [101, 30],
      [16, 256],
    ] as const) {
      const x = noise(2 * rows * columns)
      const expected = x.slice()
      for (let r = 0; r < rows; r++) {
        expected.set(
          reference(expected.subarray(2 * r * columns, 2 * (r + 1) * columns)),
          2 * r * columns,
        )
      }
      for (let c = 0; c < columns; c++) {
        const place = (i: number) => 2 * ((i >> 1) * columns + c) + (i & 1)
        const column = Float64Array.from(
          { length: 2 * rows },
          (_, i) => expected[place(i)] as number,
        )
        reference(column).forEach((value, i) => {
          expected[place(i)] = value
        })
      }
      const X = await fft2(x, { rows, columns })
      close(X, expected, 1e-13)
      close(await ifft2(X, { rows, columns }), x)
    }
  })

  it('takes a real matrix, and gives the same bits at every number of threads', async () => {
    const A = new Matrix(300, 500, noise(150_000))
    const expected = bits(fft2Sync(A))
    assert.equal(bits(fft2Sync(widen(A.data), { rows: 300, columns: 500 })), expected)
    for (const threads of [1, 2, 3, 4, 8]) assert.equal(bits(await fft2(A, { threads })), expected)
  })

  it('refuses shapes that do not fit', async () => {
    const x = new Float64Array(12)
    await assertFails(() => fft2(x), 'ERR_INVALID_ARGUMENT', /for rows/)
    await assertFails(() => fft2(x, { rows: 2, columns: 2 }), 'ERR_SHAPE', /8 elements for x/)
    await assertFails(
      () => fft2(x, { rows: 2, columns: 3, out: x.subarray(1) }),
      'ERR_SHAPE',
      /out/,
    )
    await assertFails(() => fft2([1] as never, {}), 'ERR_INVALID_ARGUMENT', /Matrix/)
    const A = Matrix.zeros(2, 2)
    await assertFails(() => fft2(A, { rows: 4, columns: 1 }), 'ERR_SHAPE', /4 x 1/)
  })
})
