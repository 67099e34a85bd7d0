// Our side of bench/linalg.mjs: answers each request { do, n, threads, repeat } with its seconds.
import { createInterface } from 'node:readline'
import * as nc from 'numcore'

const { Matrix, MatrixStack } = nc
let key
let data

function matrices(kind, n) {
  if (key === `${kind} ${n}`) return data
  key = `${kind} ${n}`
  const square = () => Matrix.random(n, n, { seed: 1 })
  const make = {
    general: () => ({ A: square(), B: Matrix.random(n, n, { seed: 2 }) }),
    symmetric: () => ({ A: Matrix.random(n, n, { seed: 1, symmetric: true }) }),
    definite: () => {
      const A = Matrix.random(n, n, { seed: 1, symmetric: true })
      for (let i = 0; i < n; i++) A.set(i, i, A.get(i, i) + n)
      return { A }
    },
    stack: () => {
      const A = MatrixStack.zeros(10_000, n, n)
      A.data.set(Matrix.random(1, A.data.length, { seed: 3 }).data)
      return { A, S: symmetrised(A) }
    },
  }
  data = { ...make[kind](), b: Matrix.random(1, n, { seed: 4 }).data }
  return data
}

function symmetrised(A) {
  const S = MatrixStack.zeros(A.count, A.rows, A.rows)
  for (let m = 0; m < A.count; m++) {
    for (let i = 0; i < A.rows; i++) {
      for (let j = 0; j < A.rows; j++) {
        S.at(m).set(i, j, A.at(m).get(i, j) + A.at(m).get(j, i) + (i === j ? 2 * A.rows : 0))
      }
    }
  }
  return S
}

const tasks = {
  matmul: ['general', ({ A, B }, o) => nc.matmul(A, B, o)],
  gram: ['general', ({ A }, o) => nc.gram(A, o)],
  solve: ['general', ({ A, b }, o) => nc.solve(A, b, o)],
  'solve-symmetric': ['symmetric', ({ A, b }, o) => nc.solve(A, b, o)],
  'solve-definite': [
    'definite',
    ({ A, b }, o) => nc.solve(A, b, { assume: 'positive-definite', ...o }),
  ],
  cholesky: ['definite', ({ A }, o) => nc.cholesky(A, o)],
  lu: ['general', ({ A }, o) => nc.lu(A, o)],
  ldl: ['symmetric', ({ A }, o) => nc.ldl(A, o)],
  qr: ['general', ({ A }, o) => nc.qr(A, o)],
  eigh: ['symmetric', ({ A }, o) => nc.eigh(A, o)],
  eigvalsh: ['symmetric', ({ A }, o) => nc.eigvalsh(A, o)],
  eig: ['general', ({ A }, o) => nc.eig(A, o)],
  svd: ['general', ({ A }, o) => nc.svd(A, o)],
  svdvals: ['general', ({ A }, o) => nc.svdvals(A, o)],
  expm: ['general', ({ A }, o) => nc.expm(A, o)],
  'batch-inv': ['stack', ({ A }, o) => nc.invBatch(A, o)],
  'batch-solve': ['stack', ({ A }, o) => nc.solveBatch(A, A, o)],
  'batch-cholesky': ['stack', ({ S }, o) => nc.choleskyBatch(S, o)],
  'batch-det': ['stack', ({ A }, o) => nc.detBatch(A, o)],
  'batch-eigh': ['stack', ({ S }, o) => nc.eighBatch(S, o)],
  'batch-svd': ['stack', ({ A }, o) => nc.svdBatch(A, o)],
  'batch-matmul': ['stack', ({ A }, o) => nc.matmulBatch(A, A, o)],
  'sync-matmul': ['general', ({ A, B }) => nc.matmulSync(A, B)],
  'sync-solve': ['general', ({ A, b }) => nc.solveSync(A, b)],
  'sync-inv': ['general', ({ A }) => nc.invSync(A)],
  'sync-det': ['general', ({ A }) => nc.detSync(A)],
  'sync-lu': ['general', ({ A }) => nc.luSync(A)],
  'sync-cholesky': ['definite', ({ A }) => nc.choleskySync(A)],
  'sync-eigvalsh': ['symmetric', ({ A }) => nc.eigvalshSync(A)],
  'sync-svdvals': ['general', ({ A }) => nc.svdvalsSync(A)],
}

for await (const line of createInterface({ input: process.stdin })) {
  const { do: what, n, threads, repeat = 1 } = JSON.parse(line)
  const [kind, run] = tasks[what]
  const given = matrices(kind, n)
  const options = threads === undefined ? {} : { threads }
  const start = process.hrtime.bigint()
  // An await of what is no promise costs a turn of the queue.
  if (what.startsWith('sync-')) for (let i = 0; i < repeat; i++) run(given, options)
  else for (let i = 0; i < repeat; i++) await run(given, options)
  const seconds = Number(process.hrtime.bigint() - start) / 1e9 / repeat
  process.stdout.write(`${JSON.stringify({ seconds })}\n`)
}
