// Every kernel once, against mathematics, from an installed package: `node smoke.mjs`. Plain JavaScript without
// helpers, because it runs in root trees that have Node and numcore only, under emulated processors, and in other
// runtimes. Prints one JSON document: what was wrong, and the numbers, for comparison between processors.
import {
  acf,
  acfInfo,
  autocovariance,
  averageWordAcf,
  ccf,
  ComplexMatrix,
  cubature,
  dot,
  evaluate,
  fft,
  fft2,
  ifft,
  ifft2,
  info,
  integrate,
  inv,
  invInfo,
  invSync,
  irfft,
  gram,
  kron,
  ljungBox,
  Matrix,
  matmul,
  matvec,
  outer,
  qmc,
  quad,
  readSentences,
  readText,
  readTexts,
  rfft,
  wordAcf,
  wordCount,
  wordDynamics,
} from 'numcore'
import { SharedArray, ThreadPoolExecutor } from 'numcore/parallel'

const wrong = []
const values = {}

/** `value` within `tolerance` of what mathematics says, relative to the larger of 1 and that. */
function near(name, value, expected, tolerance = 1e-12) {
  values[name] = value
  const error = Math.abs(value - expected) / Math.max(1, Math.abs(expected))
  if (!(error <= tolerance)) wrong.push(`${name}: expected ${expected} and received ${value}`)
}

function same(name, value, expected) {
  values[name] = value
  const [a, b] = [JSON.stringify(value), JSON.stringify(expected)]
  if (a !== b) wrong.push(`${name}: expected ${b} and received ${a}`)
}

const largest = (array) => array.reduce((most, each) => Math.max(most, Math.abs(each)), 0)

/** Largest element of A X v - v, for a v of alternating signs. */
function distance(A, X) {
  const n = A.rows
  const times = (M, v) => v.map((_, i) => M.row(i).reduce((sum, each, j) => sum + each * v[j], 0))
  const v = Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1))
  return largest(times(A, times(X, v)).map((each, i) => each - v[i]))
}

async function inverses() {
  for (const n of [3, 64, 300, 600]) {
    const symmetric = Matrix.random(n, n, { seed: n, symmetric: true })
    const general = Matrix.random(n, n, { seed: n + 1 })
    const definite = symmetric.clone()
    for (let i = 0; i < n; i++) definite.set(i, i, n)
    for (const [name, A] of Object.entries({ symmetric, general, definite })) {
      const { inverse, method, rcond } = await invInfo(A, { threads: 2 })
      const bound = (1e-15 * n) / rcond
      near(`${name} ${n}`, distance(A, inverse), 0, bound)
      if (n > 3)
        same(
          `${name} ${n}: method`,
          method.replace('bunch-kaufman', 'ldlt'),
          {
            symmetric: 'ldlt',
            general: 'lu',
            definite: 'cholesky',
          }[name],
        )
      for (const threads of [1, 3])
        same(`${name} ${n}: ${threads} threads`, (await inv(A, { threads })).equals(inverse), true)
      delete values[`${name} ${n}`]
    }
  }
  const single = Matrix.random(100, 100, { seed: 5, type: 'float32' })
  for (let i = 0; i < 100; i++) single.set(i, i, 50)
  near('float32', distance(single, invSync(single)), 0, 1e-4)
  delete values.float32
}

async function products() {
  const A = Matrix.random(70, 50, { seed: 1 })
  const B = Matrix.random(50, 90, { seed: 2 })
  const cell = (i, j) => A.row(i).reduce((sum, each, k) => sum + each * B.get(k, j), 0)
  const C = await matmul(A, B, { threads: 2 })
  near('matmul', C.get(69, 89), cell(69, 89), 1e-13)
  near(
    'matmul of float32',
    (await matmul(A.asType('float32'), B.asType('float32'))).get(3, 4),
    cell(3, 4),
    1e-5,
  )
  delete values['matmul of float32']
  const i = ComplexMatrix.fromParts(Matrix.zeros(2, 2), Matrix.identity(2))
  same('matmul of complex numbers', (await matmul(i, i)).get(1, 1), { re: -1, im: 0 })
  const [one, two] = [Array.from(A.column(1)), Array.from(A.column(2))]
  near(
    'gram',
    (await gram(A)).get(1, 2),
    one.reduce((sum, each, k) => sum + each * two[k], 0),
  )
  near('matvec', (await matvec(A, Float64Array.from(B.column(0))))[5], cell(5, 0), 1e-13)
  same('dot', await dot(Float64Array.of(1, 2, 3), Float64Array.of(4, 5, 6)), 32)
  same('outer', (await outer(Float64Array.of(1, 2), Float64Array.of(3, 4))).get(1, 0), 6)
  same('kron', (await kron(Matrix.identity(2), Matrix.from([[7]]))).get(1, 1), 7)
}

async function pools() {
  // Other runtimes have their own ideas of worker threads.
  if (globalThis.Bun !== undefined || globalThis.Deno !== undefined) return
  const shared = new SharedArray('float64', [1, 2, 3])
  const pool = new ThreadPoolExecutor({ maxWorkers: 2 })
  try {
    same('pool', await pool.map((x) => x ** 2, [1, 2, 3]), [1, 4, 9])
    const tenfold = (array, at) => {
      array.array[at] *= 10
    }
    await pool.starmap(tenfold, [
      [shared, 0],
      [shared, 2],
    ])
    same('shared array', [...shared.array], [10, 2, 30])
  } finally {
    await pool[Symbol.asyncDispose]()
  }
}

async function integrals() {
  for (const rule of ['midpoint', 'trapezoid', 'simpson', 'gauss'])
    near(
      `integrate ${rule}`,
      (await integrate('x**(3/2)', 0, 1, { rule, bins: 1e5 })).value,
      0.4,
      1e-8,
    )
  near('integrate sin', (await integrate('sin(x)', 0, Math.PI, { bins: 1e6 })).value, 2, 1e-11)
  near('quad', (await quad('exp(-x*x)', -Infinity, Infinity)).value, Math.sqrt(Math.PI), 1e-11)
  near('quad of a function', (await quad((x) => 1 / x, 1, Math.E)).value, 1, 1e-11)
  near('cubature', (await cubature('exp(-x*x-y*y)', [-5, -5], [5, 5])).value, Math.PI, 1e-6)
  near('qmc', (await qmc('x*y*z', [0, 0, 0], [1, 1, 1])).value, 0.125, 1e-5)
}

async function expressions() {
  const x = Float64Array.from({ length: 999 }, (_, i) => (i + 0.5) / 1000)
  const names = 'sqrt exp log log2 log10 sin cos tan asin acos atan sinh cosh tanh'.split(' ')
  for (const name of names) {
    const y = await evaluate(`${name}(x)`, { x })
    near(name, largest(y.map((each, i) => each / Math[name](x[i]) - 1)), 0, 3e-14)
    delete values[name]
    values[`sum of ${name}`] = y.reduce((sum, each) => sum + each, 0)
  }
  const powers = await evaluate('x**y', { x, y: 2.5 })
  near('pow', largest(powers.map((each, i) => each / x[i] ** 2.5 - 1)), 0, 3e-14)
  delete values.pow
}

async function transforms() {
  for (const n of [8, 60, 97, 1009, 4096]) {
    const x = Float64Array.from({ length: 2 * n }, (_, i) => Math.sin(i * i))
    const X = await fft(x, { threads: 2 })
    let [re, im] = [0, 0]
    for (let j = 0; j < n; j++) {
      const angle = (-2 * Math.PI * ((3 * j) % n)) / n
      re += x[2 * j] * Math.cos(angle) - x[2 * j + 1] * Math.sin(angle)
      im += x[2 * j] * Math.sin(angle) + x[2 * j + 1] * Math.cos(angle)
    }
    near(`fft ${n}`, X[6], re, 1e-11)
    near(`fft ${n}, imaginary`, X[7], im, 1e-11)
    near(`ifft ${n}`, largest((await ifft(X)).map((each, i) => each - x[i])), 0, 1e-13)
    const real = x.subarray(0, n)
    const back = await irfft(await rfft(real), { n })
    near(`irfft ${n}`, largest(back.map((each, i) => each - real[i])), 0, 1e-13)
    for (const name of [`ifft ${n}`, `irfft ${n}`]) delete values[name]
  }
  const square = new Matrix(
    4,
    8,
    Float64Array.from({ length: 32 }, (_, i) => i % 5),
  )
  const round = await ifft2(await fft2(square), { rows: 4, columns: 8 })
  near('ifft2', largest(square.data.map((each, i) => each - round[2 * i])), 0, 1e-14)
  delete values.ifft2
}

async function correlations() {
  const x = Float64Array.from({ length: 500 }, (_, i) => Math.sin(i) + ((i * 7919) % 13) / 13)
  const mean = x.reduce((sum, each) => sum + each, 0) / 500
  const product = (lag) => {
    let sum = 0
    for (let i = 0; i + lag < 500; i++) sum += (x[i] - mean) * (x[i + lag] - mean)
    return sum
  }
  for (const method of ['direct', 'fft'])
    near(`acf ${method}`, (await acf(x, { lags: 5, method }))[3], product(3) / product(0), 1e-12)
  near('autocovariance', (await autocovariance(x, { lags: 2 }))[2], product(2) / 500, 1e-12)
  near('ccf', (await ccf(x, x, { lags: 2, adjusted: false }))[1], product(1) / product(0), 1e-12)
  const first = product(1) / product(0)
  const statistic = (500 * 502 * first * first) / 499
  near('ljungBox', (await ljungBox(x, { lags: 1 })).statistic[0], statistic, 1e-12)
  near('acfInfo', (await acfInfo(x, { lags: 1 })).ljungBox.statistic[0], statistic, 1e-12)
}

async function words() {
  const sentence = 'Der Wal, the WHALE; Ünïcode straße whale — the end. '
  const text = { text: sentence.repeat(3000) }
  const counts = await wordCount(await readText(text))
  same(
    'wordCount',
    counts.slice(0, 2).map(({ word, count }) => [word, count]),
    [
      ['the', 6000],
      ['whale', 6000],
    ],
  )
  same('wordCount: Unicode', counts.filter(({ word }) => /[ïß]/.test(word)).length, 2)
  const [one, two] = await readTexts([text, { text: 'a b a b a' }])
  same('readTexts', [one.length, two.length], [30000, 5])
  const { values: found } = await wordAcf({ text: 'a b a b a' }, 'a', { timesteps: 4 })
  same('wordAcf', found.get(0, 2), 2 / 3)
  same('averageWordAcf', (await averageWordAcf(text, ['whale'], { timesteps: 3 })).length, 3)
  const sentences = await readSentences({ text: 'The whale. The sea. A whale, a whale! The end.' })
  same('readSentences', sentences.starts.length, 4)
  const dynamics = await wordDynamics(text, { words: 2, timesteps: 20, minLength: 3 })
  same('wordDynamics', dynamics.length, 2)
}

/** Errors are thrown in C++ and caught at its edge: this fails where exceptions do not work. */
async function errors() {
  const code = (promise) =>
    promise.then(
      () => 'none',
      (error) => error.code ?? error.name,
    )
  const singular = Matrix.from([
    [1, 2],
    [2, 4],
  ])
  same('singular', await code(inv(singular)), 'ERR_SINGULAR')
  same('parse', await code(integrate('sin(', 0, 1)), 'ERR_PARSE')
  same('file', await code(readText('/no/such/file')), 'ERR_FILE')
  same('bytes', await code(readText(Uint8Array.of(0xff))), 'ERR_INVALID_UTF8')
  const controller = new AbortController()
  const running = inv(Matrix.random(500, 500, { seed: 3 }), { signal: controller.signal })
  controller.abort()
  same('abort', await code(running), controller.signal.reason.code)
}

for (const group of [
  inverses,
  products,
  pools,
  integrals,
  expressions,
  transforms,
  correlations,
  words,
  errors,
]) {
  try {
    await group()
  } catch (error) {
    wrong.push(`${group.name}: ${error?.stack ?? error}`)
  }
}
const { coreType, coreTypeSource } = info().openblas
console.log(
  JSON.stringify({
    arch: process.arch,
    node: process.version,
    coreType,
    coreTypeSource,
    wrong,
    values,
  }),
)
