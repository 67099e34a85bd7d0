/** Plain reference implementations: small and obviously right, which is all they have to be. */
import type { DenseLike } from 'numcore'

/** Gauss-Jordan elimination with complete pivoting, in doubles. */
export function invertReference({ rows: n, data }: DenseLike): Float64Array {
  const a = Float64Array.from(data)
  const columnOrder = Array.from({ length: n }, (_, i) => i)
  const x = new Float64Array(n * n)
  for (let i = 0; i < n; i++) x[i * n + i] = 1
  const at = (m: Float64Array, i: number, j: number) => m[i * n + j] as number
  const swapRows = (m: Float64Array, i: number, j: number) => {
    for (let k = 0; k < n; k++) {
      const keep = at(m, i, k)
      m[i * n + k] = at(m, j, k)
      m[j * n + k] = keep
    }
  }
  for (let step = 0; step < n; step++) {
    let row = step
    let column = step
    for (let i = step; i < n; i++) {
      for (let j = step; j < n; j++) {
        if (Math.abs(at(a, i, j)) > Math.abs(at(a, row, column))) [row, column] = [i, j]
      }
    }
    swapRows(a, step, row)
    swapRows(x, step, row)
    if (column !== step) {
      for (let i = 0; i < n; i++) {
        const keep = at(a, i, step)
        a[i * n + step] = at(a, i, column)
        a[i * n + column] = keep
      }
      const keep = columnOrder[step] as number
      columnOrder[step] = columnOrder[column] as number
      columnOrder[column] = keep
    }
    const pivot = at(a, step, step)
    for (let k = 0; k < n; k++) {
      a[step * n + k] = at(a, step, k) / pivot
      x[step * n + k] = at(x, step, k) / pivot
    }
    for (let i = 0; i < n; i++) {
      const factor = at(a, i, step)
      if (i === step || factor === 0) continue
      for (let k = 0; k < n; k++) {
        a[i * n + k] = at(a, i, k) - factor * at(a, step, k)
        x[i * n + k] = at(x, i, k) - factor * at(x, step, k)
      }
    }
  }
  const result = new Float64Array(n * n)
  columnOrder.forEach((target, i) => {
    result.set(x.subarray(i * n, (i + 1) * n), target * n)
  })
  return result
}

/** max |A B - I| over all elements, summed plainly. */
export function distanceFromIdentity(a: DenseLike, b: DenseLike): number {
  const n = a.rows
  let largest = 0
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? -1 : 0
      for (let k = 0; k < n; k++)
        sum += (a.data[i * n + k] as number) * (b.data[k * n + j] as number)
      largest = Math.max(largest, Math.abs(sum))
    }
  }
  return largest
}

/** Largest |a - b| over the largest |b|. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0
  let size = 0
  for (let i = 0; i < b.length; i++) {
    difference = Math.max(difference, Math.abs((a[i] as number) - (b[i] as number)))
    size = Math.max(size, Math.abs(b[i] as number))
  }
  return difference / size
}
