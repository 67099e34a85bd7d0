import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  acf,
  acfInfo,
  acfInfoSync,
  acfSync,
  autocovariance,
  autocovarianceSync,
  ccf,
  ccfSync,
  ljungBox,
  ljungBoxSync,
  type Missing,
} from 'numcore'
import { abortsItself, assertFails, bits } from './support/assertions.js'
import { numbers } from './support/words.js'

function noise(length: number, seed = 1): Float64Array {
  const next = numbers(seed)
  return Float64Array.from({ length }, () => next(1e6) / 1e5 + 3)
}

function close(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-13) {
  assert.equal(actual.length, expected.length)
  for (let t = 0; t < expected.length; t++) {
    const [a, e] = [actual[t] as number, expected[t] as number]
    if (Number.isNaN(e)) assert.ok(Number.isNaN(a), `lag ${t}: ${a}`)
    else
      assert.ok(Math.abs(a - e) <= tolerance * Math.max(1, Math.abs(e)), `lag ${t}: ${a}, not ${e}`)
  }
}

/** The definition, with the pairs in which a NaN takes part left out. */
function reference(x: Float64Array, lags: number, adjusted: boolean, demean: boolean): number[] {
  const there = x.filter((value) => !Number.isNaN(value))
  const mean = demean ? there.reduce((sum, value) => sum + value, 0) / there.length : 0
  return Array.from({ length: lags + 1 }, (_, t) => {
    let [sum, pairs] = [0, 0]
    for (let i = 0; i + t < x.length; i++) {
      const product = ((x[i] as number) - mean) * ((x[i + t] as number) - mean)
      if (Number.isNaN(product)) continue
      sum += product
      pairs++
    }
    return sum / (adjusted ? Math.max(pairs, 1) : there.length)
  })
}

describe('acf, by every method', () => {
  it('agrees with the definition', async () => {
    for (const n of [2, 3, 10, 333, 2048]) {
      const x = noise(n, n)
      for (const method of ['direct', 'fft', 'auto'] as const) {
        for (const adjusted of [false, true]) {
          for (const demean of [false, true]) {
            const options = { lags: n - 1, method, adjusted, demean }
            const c = reference(x, n - 1, adjusted, demean)
            // Adjusting magnifies the error of the transforms at the last lags.
            const tolerance = adjusted ? 1e-13 * n : 1e-13
            close(await autocovariance(x, options), c, tolerance * (c[0] as number))
            close(
              await acf(x, options),
              c.map((value) => value / (c[0] as number)),
              tolerance,
            )
          }
        }
      }
    }
  })

  it('gives the same bits at every number of threads and when synchronous', async () => {
    const x = noise(150_000)
    for (const method of ['direct', 'fft', 'auto'] as const) {
      const options = { lags: 300, method }
      const expected = bits(acfSync(x, options))
      const covariance = bits(autocovarianceSync(x, options))
      for (const threads of [1, 2, 3, 4, 8]) {
        assert.equal(bits(await acf(x, { ...options, threads })), expected)
        assert.equal(bits(await autocovariance(x, { ...options, threads })), covariance)
      }
    }
  })

  it('does with missing values what it is told', async () => {
    const x = noise(200)
    for (const i of [0, 17, 18, 99, 150]) x[i] = Number.NaN
    const dropped = x.filter((value) => !Number.isNaN(value))
    for (const method of ['direct', 'fft'] as const) {
      for (const adjusted of [false, true]) {
        const options = { lags: 30, method, adjusted }
        const conservative = reference(x, 30, adjusted, true)
        close(await autocovariance(x, { ...options, missing: 'conservative' }), conservative, 1e-12)
        assert.deepEqual(
          await autocovariance(x, { ...options, missing: 'drop' }),
          await autocovariance(dropped, options),
        )
        close(await acf(x, { ...options, missing: 'none' }), new Float64Array(31).fill(Number.NaN))
        await assertFails(() => acf(x, options), 'ERR_NOT_FINITE', /x\[0\]/)
        await assertFails(() => acf(x, { ...options, missing: 'raise' }), 'ERR_NOT_FINITE', /NaN/)
      }
    }
    const infinite = Float64Array.of(1, 2, Number.POSITIVE_INFINITY, 4)
    for (const missing of ['drop', 'conservative'] as const) {
      await assertFails(() => acf(infinite, { missing }), 'ERR_NOT_FINITE', /x\[2\]/)
      const none = new Float64Array(3).fill(Number.NaN)
      await assertFails(() => acf(none, { missing }), 'ERR_INVALID_ARGUMENT', /only NaN/)
    }
    const short = Float64Array.of(1, Number.NaN, 3, Number.NaN)
    await assertFails(() => acf(short, { missing: 'drop', lags: 2 }), 'ERR_INVALID_ARGUMENT', /2/)
  })

  it('knows the covariance of a constant', () => {
    assert.deepEqual(
      autocovarianceSync(new Float64Array(5).fill(0.1), { lags: 2 }),
      new Float64Array(3),
    )
    // A large scale is taken away and put back.
    close(autocovarianceSync(Float64Array.of(3e150, 1e150), { lags: 1 }), [1e300, -0.5e300])
  })

  it('refuses what it does not know, and stops when told', async () => {
    const x = noise(10)
    await assertFails(() => acf(x, { method: 'slow' as never }), 'ERR_INVALID_ARGUMENT', /"fft"/)
    await assertFails(() => acf(x, { missing: 'some' as never }), 'ERR_INVALID_ARGUMENT', /"drop"/)
    const long = noise(2_000_000)
    for (const method of ['direct', 'fft'] as const) {
      const running = acf(long, { lags: 1_000_000, method, ...abortsItself() })
      await assert.rejects(running, /enough/)
    }
  })
})

describe('ccf', () => {
  it('tells by how much one series lags behind another', async () => {
    const y = noise(5000)
    const x = new Float64Array(5000)
    x.set(y.subarray(0, 4993), 7)
    const values = await ccf(x, y, { lags: 20 })
    assert.equal(values.indexOf(Math.max(...values)), 7)
  })

  it('is the autocorrelation of a series with itself', async () => {
    const x = noise(500)
    for (const method of ['direct', 'fft'] as const) {
      const options = { lags: 40, method, adjusted: false }
      close(await ccf(x, x.slice(), options), await acf(x, options))
      const expected = bits(ccfSync(x, noise(500, 2), options))
      for (const threads of [2, 8]) {
        assert.equal(bits(await ccf(x, noise(500, 2), { ...options, threads })), expected)
      }
    }
  })

  it('refuses series that do not fit each other', async () => {
    const x = noise(5)
    await assertFails(() => ccf(x, noise(4)), 'ERR_SHAPE', /5 values for y/)
    await assertFails(() => ccf(x, [1] as never), 'ERR_INVALID_ARGUMENT', /for y/)
    await assertFails(
      () => ccf(x, Float64Array.of(1, 2, Number.NaN, 3, 4)),
      'ERR_NOT_FINITE',
      /y\[2\]/,
    )
    await assertFails(() => ccf(x, new Float64Array(5)), 'ERR_INVALID_ARGUMENT', /constant/)
    await assertFails(
      () => ccf(x, x, { missing: 'drop' } as never),
      'ERR_INVALID_ARGUMENT',
      /known/,
    )
  })
})

describe('acfInfo and ljungBox', () => {
  it('are right where it can be worked out by hand', async () => {
    // r = 0.25, -0.3; Q = 4 * 6 * (0.0625 / 3), then + 0.09 / 2.
    const x = Float64Array.of(1, 2, 3, 4)
    const { values, confidence, ljungBox: test } = await acfInfo(x, { lags: 2 })
    assert.deepEqual(values, acfSync(x, { lags: 2 }))
    close(test.statistic, [0.5, 1.58])
    // erfc(sqrt(Q / 2)) and exp(-Q / 2)
    close(test.p, [0.4795001221869535, Math.exp(-0.79)])
    const z = 1.959963984540054
    const widths = [0, z / 2, (z / 2) * Math.sqrt(1 + 2 * 0.0625)]
    close(
      confidence.low,
      widths.map((width, t) => (values[t] as number) - width),
    )
    close(
      confidence.high,
      widths.map((width, t) => (values[t] as number) + width),
    )
    assert.equal(confidence.level, 0.95)
    assert.deepEqual(await ljungBox(x, { lags: 2 }), test)
    close(
      (await ljungBox(x, { lags: 3, modelDegrees: 1 })).p.subarray(0, 2),
      [Number.NaN, 0.20876069349522985],
      1e-12,
    )
  })

  it('finds about as many false alarms as it should', () => {
    let alarms = 0
    for (let seed = 1; seed <= 200; seed++) {
      if ((ljungBoxSync(noise(400, seed), { lags: 5 }).p[4] as number) < 0.1) alarms++
    }
    assert.ok(alarms >= 6 && alarms <= 40, String(alarms))
  })

  it('has as many lags as statsmodels unless told', async () => {
    assert.equal((await ljungBox(noise(1000))).p.length, 10)
    assert.equal((await ljungBox(noise(23))).p.length, 4)
    assert.equal((await ljungBox(noise(3))).p.length, 1)
  })

  it('refuse what is no probability', async () => {
    const x = noise(10)
    for (const confidence of [0, 1, -1, Number.NaN]) {
      await assertFails(() => acfInfo(x, { confidence }), 'ERR_INVALID_ARGUMENT', /for confidence/)
    }
    await assertFails(
      () => ljungBox(x, { modelDegrees: -1 }),
      'ERR_INVALID_ARGUMENT',
      /modelDegrees/,
    )
    await assertFails(() => ljungBox(Float64Array.of(1)), 'ERR_INVALID_ARGUMENT', /two values/)
    await assertFails(() => acfInfoSync(x, { level: 1 } as never), 'ERR_INVALID_ARGUMENT', /known/)
  })
})

describe('series', () => {
  it('agree with statsmodels', function () {
    const [x, y, gaps] = [noise(500, 3), noise(500, 4), noise(300, 5)]
    for (const i of [3, 4, 77, 299]) gaps[i] = Number.NaN
    const program = `
import json, sys, warnings
warnings.simplefilter("ignore")
import numpy as np
from statsmodels.tsa.stattools import acf, acovf, ccf
from statsmodels.stats.diagnostic import acorr_ljungbox
d = json.load(sys.stdin)
x, y = np.array(d["x"]), np.array(d["y"])
g = np.array([np.nan if v is None else v for v in d["gaps"]])
out = {}
r, c, q, p = acf(x, nlags=30, qstat=True, alpha=0.1, fft=True)
out["acf"], out["low"], out["high"], out["q"], out["p"] = r, c[:, 0], c[:, 1], q, p
out["ccf"] = ccf(x, y)[:31]
b = acorr_ljungbox(x, lags=12, model_df=2, return_df=True)
out["lb"], out["lbp"] = b["lb_stat"], b["lb_pvalue"]
for m in ("conservative", "drop"):
    for a in (False, True):
        out[m + str(a)] = acovf(g, adjusted=a, missing=m, fft=False, nlag=25)
json.dump({k: [None if np.isnan(v) else float(v) for v in w] for k, w in out.items()}, sys.stdout)`
    let answer: ReturnType<typeof spawnSync> | undefined
    for (const python of ['python3', '/usr/bin/python3']) {
      answer = spawnSync(python, ['-c', program], {
        input: JSON.stringify({ x: [...x], y: [...y], gaps: [...gaps] }),
      })
      if (answer.status === 0) break
    }
    if (answer?.status !== 0) {
      console.log('      (skipped: no python3 with statsmodels here)')
      this.skip()
    }
    const all = JSON.parse(String(answer?.stdout)) as Record<string, (number | null)[]>
    const expected = (name: string) => (all[name] ?? []).map((value) => value ?? Number.NaN)
    const info = acfInfoSync(x, { lags: 30, confidence: 0.9 })
    close(info.values, expected('acf'))
    close(info.confidence.low, expected('low'))
    close(info.confidence.high, expected('high'))
    close(info.ljungBox.statistic, expected('q'), 1e-12)
    close(info.ljungBox.p, expected('p'), 1e-11)
    close(ccfSync(x, y, { lags: 30 }), expected('ccf'))
    const test = ljungBoxSync(x, { lags: 12, modelDegrees: 2 })
    close(test.statistic, expected('lb'), 1e-12)
    close(test.p, expected('lbp'), 1e-11)
    for (const missing of ['conservative', 'drop'] as Missing[]) {
      for (const adjusted of [false, true]) {
        const name = missing + (adjusted ? 'True' : 'False')
        close(autocovarianceSync(gaps, { lags: 25, adjusted, missing }), expected(name), 1e-12)
      }
    }
  })
})
