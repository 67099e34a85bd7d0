// Products of a matrix with a vector, in plain JavaScript: what results are judged by, in O(n^2).
import type { Matrix } from '../../matrix.js'

/** 1, -1, 1, -1, ... */
export const alternating = (n: number) => Float64Array.from({ length: n }, (_, i) => (i % 2 === 0 ? 1 : -1))

/** A v. */
export function times({ data, rows, columns }: Matrix, v: Float64Array): Float64Array {
  const product = new Float64Array(rows)
  for (let i = 0; i < rows; ++i) {
    let sum = 0
    for (let j = 0; j < columns; ++j) sum += (data[i * columns + j] as number) * (v[j] as number)
    product[i] = sum
  }
  return product
}

/** A^T v. */
export function transposedTimes({ data, rows, columns }: Matrix, v: Float64Array): Float64Array {
  const product = new Float64Array(columns)
  for (let i = 0; i < rows; ++i) {
    const factor = v[i] as number
    for (let j = 0; j < columns; ++j) product[j] = (product[j] as number) + (data[i * columns + j] as number) * factor
  }
  return product
}

/** The largest row sum of absolute values. */
export function rowNorm({ data, rows, columns }: Matrix): number {
  let norm = 0
  for (let i = 0; i < rows; ++i) {
    let sum = 0
    for (let j = 0; j < columns; ++j) sum += Math.abs(data[i * columns + j] as number)
    norm = Math.max(norm, sum)
  }
  return norm
}

/** max |a - b|; NaN where either has one. */
export const distance = (a: Float64Array, b: Float64Array) =>
  a.reduce((most, each, i) => Math.max(most, Math.abs(each - (b[i] as number))), 0)
