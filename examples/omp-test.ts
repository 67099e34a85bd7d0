// Multithreading in a library: the inverse of a symmetric 4000 x 4000 matrix; try it with OMP_NUM_THREADS=1 and 4
import { info, inv, Matrix } from 'numcore'

const n = Number(process.argv[2] ?? 4000)
const A = Matrix.random(n, n, { symmetric: true })

const start = performance.now()
await inv(A)
const seconds = (performance.now() - start) / 1000

const { count, source } = info().threads
console.log(`Time spent on inverting A (${n} x ${n}) is ${seconds.toFixed(2)} seconds`)
console.log(`${count} threads, decided by ${source}`)
