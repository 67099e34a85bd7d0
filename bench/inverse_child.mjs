// Our side of bench/inverse.mjs.
import { createInterface } from 'node:readline'
import { inv, invInfo, Matrix } from 'numcore'

const made = new Map()
function matrix(kind, n) {
  const key = `${kind} ${n}`
  if (!made.has(key)) {
    made.clear()
    const A = Matrix.random(n, n, { seed: 1, symmetric: kind !== 'general' })
    if (kind === 'positive-definite') for (let i = 0; i < n; i++) A.set(i, i, A.get(i, i) + n)
    made.set(key, A)
  }
  return made.get(key)
}

for await (const line of createInterface({ input: process.stdin })) {
  const { kind, n, repeat = 1, threads, info } = JSON.parse(line)
  const A = matrix(kind, n)
  const start = performance.now()
  for (let i = 0; i < repeat; i++) await inv(A, { threads })
  const seconds = (performance.now() - start) / 1000 / repeat
  const { method, residual } = info ? await invInfo(A, { threads }) : {}
  console.log(JSON.stringify({ seconds, method, residual }))
}
