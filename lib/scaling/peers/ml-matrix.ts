// The peer that is the npm package ml-matrix, of the folder in which the command was given: lines of JSON in, lines
// of JSON out, as lib/scaling/messages.ts has it. It is plain JavaScript on one thread.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { FromChild, ToChild } from '../messages.js'

interface JsMatrix {
  to2DArray(): number[][]
  mmul(other: JsMatrix): JsMatrix
}
interface Library {
  Matrix: { rand(rows: number, columns: number): JsMatrix } & (new (rows: number[][]) => JsMatrix)
  inverse(matrix: JsMatrix): JsMatrix
}

let run: (() => unknown) | undefined

function setUp({ task, setting }: ToChild & { type: 'set-up' }): FromChild {
  const require = createRequire(join(process.cwd(), 'package.json'))
  let library: Library
  let version: string
  try {
    library = require('ml-matrix') as Library
    version = versionAbove(require.resolve('ml-matrix'))
  } catch {
    return { type: 'absent', message: 'is not installed in this folder (npm install ml-matrix)' }
  }
  const { Matrix, inverse } = library
  const symmetric = (n: number) => {
    const r = Matrix.rand(n, n).to2DArray()
    return new Matrix(r.map((row, i) => row.map((value, j) => value * (r[j]?.[i] ?? 0))))
  }
  const compute = (matrix: JsMatrix) => (task === 'matmul' ? matrix.mmul(matrix) : inverse(matrix))
  // The time of a large matrix from that of a small one: n^3, and so a run that would not end is not begun.
  const { size: n = 4000 } = setting
  const small = Math.min(n, 300)
  const trial = symmetric(small)
  compute(trial)
  const start = performance.now()
  compute(trial)
  const estimate = ((performance.now() - start) / 1e3) * (n / small) ** 3
  // Only made when it is run: it may not be.
  let matrix: JsMatrix | undefined
  run = () => compute((matrix ??= symmetric(n)))
  return { type: 'set', size: 0, threads: 1, version: `ml-matrix ${version}`, blas: '', estimate }
}

// Packages need not let their package.json be required, but it is the first one above their code that has a version.
function versionAbove(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version?: string }
      if (version !== undefined) return version
    } catch {
      // None here.
    }
  }
  return ''
}

function answer(message: ToChild): FromChild {
  if (message.type === 'set-up') return setUp(message)
  const start = performance.now()
  for (let i = 0; i < message.batch; ++i) run?.()
  return { type: 'ran', seconds: (performance.now() - start) / 1e3 }
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line === '') continue
  let said: FromChild
  try {
    said = answer(JSON.parse(line) as ToChild)
  } catch (error) {
    said = { type: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
  process.stdout.write(`${JSON.stringify(said)}\n`)
}
