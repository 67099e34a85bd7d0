// Linear algebra against JavaScript libraries, which are not dependencies: install them into a folder of their own,
//   npm install --prefix DIR ml-matrix mathjs numeric @stdlib/blas
//   node bench/linalg_libraries.mjs --libraries DIR [--n 10,100,1000] [--most 20]
// A library that is not there is left out, and so is one that would need more than `most` seconds for a call, told from
// its time at the size before (cubic growth). All are called synchronously, in turns.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import * as nc from 'numcore'
import { median } from './peers.mjs'

const { values } = parseArgs({
  options: {
    n: { type: 'string', default: '10,100,1000' },
    libraries: { type: 'string', default: '.' },
    most: { type: 'string', default: '20' },
  },
})
const require = createRequire(join(values.libraries, 'package.json'))
const load = (name) => {
  try {
    return require(name)
  } catch {
    console.log(`${name} is not installed in ${values.libraries}`)
    return undefined
  }
}
const ml = load('ml-matrix')
const mathjs = load('mathjs')
const numeric = load('numeric')
const dgemm = load('@stdlib/blas/base/dgemm')

const rival = (library, run) => (library === undefined ? undefined : run)
const tasks = {
  matmul: {
    numcore: ({ A, B }) => nc.matmulSync(A, B),
    'ml-matrix': rival(ml, ({ mlA, mlB }) => mlA.mmul(mlB)),
    mathjs: rival(mathjs, ({ rows, rowsB }) => mathjs.multiply(rows, rowsB)),
    numeric: rival(numeric, ({ rows, rowsB }) => numeric.dot(rows, rowsB)),
    '@stdlib': rival(dgemm, ({ A, B }) => {
      const n = A.rows
      const C = new Float64Array(n * n)
      return dgemm(
        'row-major',
        'no-transpose',
        'no-transpose',
        n,
        n,
        n,
        1,
        A.data,
        n,
        B.data,
        n,
        0,
        C,
        n,
      )
    }),
  },
  solve: {
    numcore: ({ A, b }) => nc.solveSync(A, b),
    'ml-matrix': rival(ml, ({ mlA, mlb }) => ml.solve(mlA, mlb)),
    mathjs: rival(mathjs, ({ rows, list }) => mathjs.lusolve(rows, list)),
    numeric: rival(numeric, ({ rows, list }) => numeric.solve(rows, list)),
  },
  eigh: {
    numcore: ({ S }) => nc.eighSync(S),
    'ml-matrix': rival(
      ml,
      ({ mlS }) => new ml.EigenvalueDecomposition(mlS, { assumeSymmetric: true }),
    ),
    mathjs: rival(mathjs, ({ rowsS }) => mathjs.eigs(rowsS)),
    numeric: rival(numeric, ({ rowsS }) => numeric.eig(rowsS)),
  },
  svd: {
    numcore: ({ A }) => nc.svdSync(A),
    'ml-matrix': rival(ml, ({ mlA }) => new ml.SVD(mlA)),
    numeric: rival(numeric, ({ rows }) => numeric.svd(rows)),
  },
}

function matricesOf(n) {
  const A = nc.Matrix.random(n, n, { seed: 1 })
  const B = nc.Matrix.random(n, n, { seed: 2 })
  const S = nc.Matrix.random(n, n, { seed: 3, symmetric: true })
  const b = nc.Matrix.random(1, n, { seed: 4 }).data
  const [rows, rowsB, rowsS] = [A, B, S].map((M) => M.toArray())
  const list = Array.from(b)
  if (ml === undefined) return { A, B, S, b, rows, rowsB, rowsS, list }
  const [mlA, mlB, mlS] = [rows, rowsB, rowsS].map((each) => new ml.Matrix(each))
  return { A, B, S, b, rows, rowsB, rowsS, list, mlA, mlB, mlS, mlb: ml.Matrix.columnVector(list) }
}

const seconds = (run, given, repeat) => {
  const start = process.hrtime.bigint()
  for (let i = 0; i < repeat; i++) run(given)
  return Number(process.hrtime.bigint() - start) / 1e9 / repeat
}
const show = (t) =>
  t < 1e-3
    ? `${(t * 1e6).toPrecision(3)} us`
    : t < 1
      ? `${(t * 1e3).toPrecision(3)} ms`
      : `${t.toPrecision(3)} s`

const sizes = values.n.split(',').map(Number)
for (const [task, sides] of Object.entries(tasks)) {
  const last = {}
  for (const [index, n] of sizes.entries()) {
    const given = matricesOf(n)
    const line = []
    let ours
    for (const [name, run] of Object.entries(sides)) {
      if (run === undefined) continue
      const growth = index === 0 ? 1 : (n / sizes[index - 1]) ** 3
      if (last[name] === null || last[name] * growth > Number(values.most)) {
        last[name] = null
        line.push(`${name} -`)
        continue
      }
      try {
        const once = seconds(run, given, 1)
        const repeat = Math.max(1, Math.min(2000, Math.round(0.02 / once)))
        const times =
          once > 0.5 ? [once] : Array.from({ length: 5 }, () => seconds(run, given, repeat))
        last[name] = median(times)
      } catch (error) {
        last[name] = null
        line.push(`${name} fails (${String(error.message ?? error).slice(0, 40)})`)
        continue
      }
      ours ??= last[name]
      line.push(
        `${name} ${show(last[name])}${name === 'numcore' ? '' : ` = ${(last[name] / ours).toPrecision(3)} x`}`,
      )
    }
    console.log(`${task} n = ${n}: ${line.join('; ')}`)
  }
}
