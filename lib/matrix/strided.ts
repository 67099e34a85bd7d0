/** Loops over elements that lie anywhere in an array at regular distances: what views and matrices have in common. */
import type { Reals } from './elements.js'

/** Element (i, j) is `elements[offset + i * rowStride + j * columnStride]`. */
export interface Strided<T extends Reals = Reals> {
  readonly rows: number
  readonly columns: number
  readonly elements: T
  readonly offset: number
  readonly rowStride: number
  readonly columnStride: number
  /** Only complex matrices, which are something else, have it. */
  readonly complex?: undefined
}

// A cache holds a tile of rows and one of columns, so neither order of access leaves it.
const tile = 64

/** Calls `visit(i, j)` for every element, tile by tile. */
export function forTiles(
  rows: number,
  columns: number,
  visit: (i: number, j: number) => void,
): void {
  for (let top = 0; top < rows; top += tile) {
    const bottom = Math.min(top + tile, rows)
    for (let left = 0; left < columns; left += tile) {
      const right = Math.min(left + tile, columns)
      for (let i = top; i < bottom; i++) for (let j = left; j < right; j++) visit(i, j)
    }
  }
}

/** Copies the elements row by row, one behind the other, to the beginning of `target`. */
export function copyRowMajor(source: Strided, target: Reals): void {
  const { rows, columns, elements, offset, rowStride, columnStride } = source
  if (columnStride === 1) {
    for (let i = 0; i < rows; i++) {
      const start = offset + i * rowStride
      target.set(elements.subarray(start, start + columns), i * columns)
    }
    return
  }
  forTiles(rows, columns, (i, j) => {
    target[i * columns + j] = elements[offset + i * rowStride + j * columnStride] as number
  })
}

/** Writes the elements of `source`, of the same dimensions and in memory of its own, into those of `target`. */
export function assignElements(target: Strided, source: Strided): void {
  const { rows, columns, elements, offset, rowStride, columnStride } = target
  forTiles(rows, columns, (i, j) => {
    elements[offset + i * rowStride + j * columnStride] = at(source, i, j)
  })
}

export function at(a: Strided, i: number, j: number): number {
  return a.elements[a.offset + i * a.rowStride + j * a.columnStride] as number
}

/** NaN equals NaN, 0 equals -0. */
export function sameElements(a: Strided, b: Strided): boolean {
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.columns; j++) {
      const x = at(a, i, j)
      const y = at(b, i, j)
      if (x !== y && !(Number.isNaN(x) && Number.isNaN(y))) return false
    }
  }
  return true
}

export function* valuesOf(a: Strided): Generator<number, void, undefined> {
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.columns; j++) yield at(a, i, j)
}

export function* entriesOf(a: Strided): Generator<[number, number, number], void, undefined> {
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.columns; j++) yield [i, j, at(a, i, j)]
}
