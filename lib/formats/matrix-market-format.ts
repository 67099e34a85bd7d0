/**
 * The Matrix Market exchange format, read line by line.
 * Format: R. F. Boisvert, R. Pozo, K. Remington, The Matrix Market Exchange Formats: Initial Design (NISTIR 5935, 1996),
 * https://math.nist.gov/MatrixMarket/formats.html
 */
import { FormatError, show } from '../errors.js'
import type { Reals } from '../matrix/elements.js'
import { allocateMatrix } from '../matrix/source.js'
import type { LineParser } from './files.js'
import { parseNumber } from './numbers.js'

export const formats = ['array', 'coordinate'] as const
export const symmetries = ['general', 'symmetric', 'skew-symmetric', 'hermitian'] as const
const fields = ['real', 'double', 'integer', 'complex', 'pattern'] as const

export type Format = (typeof formats)[number]
export type Symmetry = (typeof symmetries)[number]

/** The elements in row-major order, in pairs if complex. */
export interface MarketElements {
  rows: number
  columns: number
  complex: boolean
  data: Reals
}

function fault(line: number, what: string): FormatError {
  return new FormatError(`Expected a Matrix Market file but line ${line} ${what}`)
}

interface Banner {
  format: Format
  field: (typeof fields)[number]
  symmetry: Symmetry
}

function parseBanner(text: string, line: number): Banner {
  const [first = '', object, ...rest] = text.trim().toLowerCase().split(/\s+/)
  if (first !== '%%matrixmarket')
    throw fault(line, `is not the banner %%MatrixMarket: ${show(text)}`)
  if (object !== 'matrix') throw fault(line, `says ${show(object)} where "matrix" is expected`)
  const [format, field, symmetry] = rest
  const choose = <T extends string>(value: string | undefined, allowed: readonly T[]): T => {
    const found = allowed.find((each) => each === value)
    if (found !== undefined) return found
    throw fault(line, `says ${show(value)} where one of ${allowed.join(', ')} is expected`)
  }
  const banner = {
    format: choose(format, formats),
    field: choose(field, fields),
    symmetry: choose(symmetry, symmetries),
  }
  if (banner.format === 'array' && banner.field === 'pattern') {
    throw fault(line, 'says "array pattern", which has no elements')
  }
  if (banner.symmetry === 'hermitian' && banner.field !== 'complex') {
    throw fault(line, `says "hermitian" of ${banner.field} numbers`)
  }
  return banner
}

/** Reads coordinate and array files of every field and symmetry to a dense matrix; entries given twice are added. */
export class MarketParser implements LineParser<MarketElements> {
  #banner: Banner | undefined
  #target: MarketElements | undefined
  /** Lines of elements that are still to come. */
  #left = 0
  // Where the next element of an array file goes.
  #row = 0
  #column = 0
  #line = 0

  line(text: string, number: number): void {
    this.#line = number
    if (this.#banner === undefined) {
      this.#banner = parseBanner(text, number)
      return
    }
    const trimmed = text.trim()
    if (trimmed === '' || trimmed.startsWith('%')) return
    const words = trimmed.split(/\s+/)
    if (this.#target === undefined) this.#size(words, this.#banner)
    else if (this.#left === 0) throw fault(number, 'comes after the last element')
    else this.#element(words, this.#banner, this.#target)
  }

  finish(): MarketElements {
    if (this.#banner === undefined) throw fault(1, 'is missing: the file is empty')
    if (this.#target === undefined)
      throw fault(this.#line, 'is the last: the line of sizes is missing')
    if (this.#left > 0) throw fault(this.#line, `is the last: ${this.#left} elements are missing`)
    return this.#target
  }

  #size(words: readonly string[], { format, field, symmetry }: Banner): void {
    const count = format === 'array' ? 2 : 3
    const sizes = words.map((word) => (/^\d+$/.test(word) ? Number(word) : Number.NaN))
    if (sizes.length !== count || !sizes.every(Number.isSafeInteger)) {
      const what = count === 2 ? 'rows and columns' : 'rows, columns and entries'
      throw fault(this.#line, `should tell ${what}: ${show(words.join(' '))}`)
    }
    const [rows = 0, columns = 0, entries = 0] = sizes
    if (symmetry !== 'general' && rows !== columns) {
      throw fault(this.#line, `tells ${rows} x ${columns} of a ${symmetry} matrix`)
    }
    const complex = field === 'complex'
    const data = allocateMatrix(rows, columns, complex ? 'complex128' : 'float64')
    this.#target = { rows, columns, complex, data }
    // A skew-symmetric matrix is stored without its diagonal, which is zero.
    const skew = symmetry === 'skew-symmetric' ? 1 : 0
    const stored = symmetry === 'general' ? rows * columns : (rows * (rows + 1 - 2 * skew)) / 2
    this.#left = format === 'array' ? stored : entries
    this.#row = skew
  }

  #element(words: readonly string[], { format, field, symmetry }: Banner, target: MarketElements) {
    this.#left--
    const numbers = field === 'pattern' ? 0 : field === 'complex' ? 2 : 1
    const indices = format === 'array' ? 0 : 2
    if (words.length !== indices + numbers) {
      throw fault(this.#line, `should have ${indices + numbers} numbers: ${show(words.join(' '))}`)
    }
    const [row, column] =
      format === 'array'
        ? this.#next(target, symmetry)
        : [
            this.#index(words[0] as string, target.rows),
            this.#index(words[1] as string, target.columns),
          ]
    const re = numbers === 0 ? 1 : this.#number(words[indices] as string)
    const im = numbers === 2 ? this.#number(words[indices + 1] as string) : 0
    add(target, row, column, re, im)
    if (symmetry === 'general' || row === column) {
      if (symmetry === 'skew-symmetric' && (re !== 0 || im !== 0)) {
        throw fault(this.#line, `has an element on the diagonal of a skew-symmetric matrix`)
      }
      return
    }
    if (column > row) {
      throw fault(this.#line, `has an element above the diagonal of a ${symmetry} matrix`)
    }
    // 0 - x, because nobody wants a matrix of zeros mirrored to -0.
    const mirroredRe = symmetry === 'skew-symmetric' ? 0 - re : re
    const mirroredIm = symmetry === 'symmetric' ? im : 0 - im
    add(target, column, row, mirroredRe, mirroredIm)
  }

  /** Array files go down the columns, from the diagonal on where they are symmetric. */
  #next({ rows }: MarketElements, symmetry: Symmetry): [number, number] {
    const place: [number, number] = [this.#row, this.#column]
    this.#row++
    if (this.#row === rows) {
      this.#column++
      const skew = symmetry === 'skew-symmetric' ? 1 : 0
      this.#row = symmetry === 'general' ? 0 : this.#column + skew
    }
    return place
  }

  #index(word: string, length: number): number {
    const index = /^\d+$/.test(word) ? Number(word) : 0
    if (index >= 1 && index <= length) return index - 1
    throw fault(this.#line, `has ${show(word)} where an index from 1 to ${length} is expected`)
  }

  #number(word: string): number {
    const value = parseNumber(word)
    if (value !== undefined) return value
    throw fault(this.#line, `has ${show(word)} where a number is expected`)
  }
}

function add(
  { columns, complex, data }: MarketElements,
  i: number,
  j: number,
  re: number,
  im: number,
) {
  const k = i * columns + j
  if (!complex) {
    // Not 0 + re, which would lose the sign of -0.
    data[k] = data[k] === 0 ? re : (data[k] as number) + re
    return
  }
  data[2 * k] = data[2 * k] === 0 ? re : (data[2 * k] as number) + re
  data[2 * k + 1] = data[2 * k + 1] === 0 ? im : (data[2 * k + 1] as number) + im
}
