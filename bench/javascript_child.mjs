// One library of bench/javascript.mjs: node bench/javascript_child.mjs LIBRARY FOLDER
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const [, , library, folder] = process.argv

/** A package of the folder, or of numcore's own. */
function load(name) {
  for (const place of [join(resolve(folder), 'none.js'), import.meta.url]) {
    const require = createRequire(place)
    try {
      return { module: require(name), version: versionOf(require, name) }
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND') throw error
    }
  }
  return undefined
}

function versionOf(require, name) {
  try {
    return require(`${name}/package.json`).version
  } catch {
    // Not among what the package exports.
    return 'of a version that it does not tell'
  }
}

// Each from and to its own kind of matrix. `rows` gives nested arrays of what a task returned, for the check.
const libraries = {
  numcore: () => {
    const { module: numcore, version } = load('numcore')
    return {
      version,
      matrix: (rows) => numcore.Matrix.from(rows),
      inverse: (A) => numcore.invSync(A),
      product: (A, B) => numcore.matmulSync(A, B),
      solve: (A, b) => numcore.solveSync(A, b),
      rows: (A) => A.toArray(),
    }
  },
  'ml-matrix': () => {
    const loaded = load('ml-matrix')
    if (loaded === undefined) return undefined
    const { Matrix, inverse, solve } = loaded.module
    return {
      version: loaded.version,
      matrix: (rows) => new Matrix(rows),
      inverse: (A) => inverse(A),
      product: (A, B) => A.mmul(B),
      solve: (A, b) => solve(A, b),
      rows: (A) => A.to2DArray(),
    }
  },
  mathjs: () => {
    const loaded = load('mathjs')
    if (loaded === undefined) return undefined
    const math = loaded.module
    return {
      version: loaded.version,
      matrix: (rows) => math.matrix(rows),
      inverse: (A) => math.inv(A),
      product: (A, B) => math.multiply(A, B),
      solve: (A, b) => math.lusolve(A, b),
      rows: (A) => A.toArray(),
    }
  },
  numeric: () => {
    const loaded = load('numeric')
    if (loaded === undefined) return undefined
    const numeric = loaded.module
    return {
      version: loaded.version,
      matrix: (rows) => rows.map((row) => [...row]),
      inverse: (A) => numeric.inv(A),
      product: (A, B) => numeric.dot(A, B),
      // One right-hand side, as an array.
      solve: (A, b) => numeric.solve(A, b),
      vector: (column) => column.map(([value]) => value),
      rows: (A) => (Array.isArray(A[0]) ? A : A.map((value) => [value])),
    }
  },
  '@stdlib': () => {
    const loaded = load('@stdlib/blas-base-dgemm')
    if (loaded === undefined) return undefined
    const dgemm = loaded.module
    const no = 'no-transpose'
    return {
      version: `blas-base-dgemm ${loaded.version}`,
      matrix: (rows) => ({ n: rows.length, data: Float64Array.from(rows.flat()) }),
      product: ({ n, data: a }, { data: b }) => {
        const c = new Float64Array(n * n)
        dgemm('row-major', no, no, n, n, n, 1, a, n, b, n, 0, c, n)
        return { n, data: c }
      },
      rows: ({ n, data }) =>
        Array.from({ length: n }, (_, i) => [...data.subarray(i * n, (i + 1) * n)]),
    }
  },
}

const own = libraries[library]?.()
// xorshift32: the same numbers for every library, away from singular by the diagonal.
let state = 0x9e3779b9
function random() {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) / 2 ** 32
}

const plain = new Map()
function operands(n) {
  if (!plain.has(n)) {
    const square = () =>
      Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (__, j) => random() - 0.5 + (i === j ? Math.sqrt(n) : 0)),
      )
    const rows = { A: square(), B: square(), b: Array.from({ length: n }, () => [random()]) }
    const native = Object.fromEntries(
      Object.entries(rows).map(([name, value]) => [
        name,
        name === 'b' && own.vector ? own.vector(value) : own.matrix(value),
      ]),
    )
    plain.clear()
    plain.set(n, { rows, native })
  }
  return plain.get(n)
}

const multiply = (A, B) =>
  A.map((row) => B[0].map((_, j) => row.reduce((sum, value, k) => sum + value * B[k][j], 0)))

/** Largest difference from what the task's result has to satisfy. */
function errorOf(task, { A, B, b }, result) {
  const [is, should] = {
    inverse: () => [multiply(A, result), A.map((row, i) => row.map((_, j) => Number(i === j)))],
    product: () => [result, multiply(A, B)],
    solve: () => [multiply(A, result), b],
  }[task]()
  return Math.max(...is.flatMap((row, i) => row.map((value, j) => Math.abs(value - should[i][j]))))
}

function answer({ do: task, n, budget }) {
  if (task === 'version') return { version: own?.version }
  if (own[task] === undefined) return { seconds: null }
  const { rows, native } = operands(n)
  const call = { inverse: [native.A], product: [native.A, native.B], solve: [native.A, native.b] }[
    task
  ]
  const start = performance.now()
  let calls = 0
  let result
  do {
    result = own[task](...call)
    calls++
  } while (performance.now() - start < budget * 1000)
  const seconds = (performance.now() - start) / 1000 / calls
  return budget === 0 && n <= 100
    ? { seconds, error: errorOf(task, rows, own.rows(result)) }
    : { seconds }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))))
}
