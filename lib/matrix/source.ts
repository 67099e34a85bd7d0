/** What `Matrix.from` and `ComplexMatrix.from` copy, brought to an array of elements in row-major order. */
import { invalidArgument, ShapeError } from '../errors.js'
import { expectInteger } from '../options.js'
import {
  allocate,
  type ComplexType,
  isComplexType,
  partType,
  type Reals,
  type RealType,
  typeOf,
} from './elements.js'
import { type ForeignMatrix, readForeign, type Source } from './foreign.js'
import {
  type AnyComplex,
  type ComplexLike,
  complexStridedOf,
  denseComplex,
  isComplex,
  partOf,
} from './complex-operand.js'
import { type MatrixLike, stridedOf } from './operand.js'
import { assignElements, copyRowMajor } from './strided.js'

/** A complex number. Results have this form; arguments may be pairs [re, im] and real numbers too. */
export interface Complex {
  re: number
  im: number
}

/** What is taken as a complex number. */
export type ComplexValue = Complex | readonly [re: number, im: number] | number

/** What `Matrix.from` copies. */
export type RealSource = readonly ArrayLike<number>[] | MatrixLike | ForeignMatrix

/** What `ComplexMatrix.from` copies. */
export type ComplexSource = readonly ArrayLike<ComplexValue>[] | AnyComplex | RealSource

interface Elements {
  rows: number
  columns: number
  data: Reals
}

export function allocateMatrix(rows: number, columns: number, type: RealType | ComplexType): Reals {
  expectInteger('rows', rows)
  expectInteger('columns', columns)
  const length = rows * columns * (isComplexType(type) ? 2 : 1)
  return allocate(partType(type), length, `a ${rows} x ${columns} matrix of type ${type}`)
}

/** Of the source's own type, float64 where it has none, unless told. */
export function realElements(name: string, given: RealSource, type?: RealType): Elements {
  const source = sourceOf(name, given)
  if (source.kind === 'complex') {
    throw invalidArgument('real numbers (ComplexMatrix.from takes complex ones)', name, given)
  }
  const natural = source.kind === 'real' ? typeOf(source.re.elements) : 'float64'
  const { rows, columns } = source.kind === 'real' ? source.re : source
  const data = allocateMatrix(rows, columns, type ?? natural)
  if (source.kind === 'real') {
    copyRowMajor(source.re, data)
    return { rows, columns, data }
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const value = source.read(i, j)
      if (typeof value !== 'number') throw invalidArgument('a number', `${name}[${i}][${j}]`, value)
      data[i * columns + j] = value
    }
  }
  return { rows, columns, data }
}

/** As {@link realElements}, in pairs. */
export function complexElements(name: string, given: ComplexSource, type?: ComplexType): Elements {
  const source = sourceOf(name, given)
  const doubles = source.kind === 'other' || typeOf(source.re.elements) === 'float64'
  const { rows, columns } = source.kind === 'other' ? source : source.re
  const data = allocateMatrix(rows, columns, type ?? (doubles ? 'complex128' : 'complex64'))
  if (source.kind === 'other') {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const value = expectComplex(`${name}[${i}][${j}]`, source.read(i, j))
        data.set(value, 2 * (i * columns + j))
      }
    }
    return { rows, columns, data }
  }
  const result: ComplexLike = { rows, columns, data, complex: true }
  assignElements(partOf(result, 0), source.re)
  if (source.kind === 'complex') assignElements(partOf(result, 1), source.im)
  return { rows, columns, data }
}

/** A number, pair or record as a pair. */
export function expectComplex(name: string, value: unknown): readonly [re: number, im: number] {
  if (typeof value === 'number') return [value, 0]
  if (Array.isArray(value)) {
    if (value.length === 2 && value.every((each) => typeof each === 'number')) {
      return value as [number, number]
    }
  } else if (typeof value === 'object' && value !== null && 're' in value && 'im' in value) {
    const { re, im } = value
    if (typeof re === 'number' && typeof im === 'number') return [re, im]
  }
  throw invalidArgument('a number, a pair [re, im] or { re, im }', name, value)
}

function sourceOf(name: string, given: ComplexSource): Source {
  if (Array.isArray(given)) return rowsOf(name, given)
  if (isComplex(given)) {
    const view = complexStridedOf(name, given)
    const parts = view.conjugated ? denseComplex(name, view) : view
    return { kind: 'complex', re: partOf(parts, 0), im: partOf(parts, 1) }
  }
  const foreign = readForeign(name, given)
  if (foreign !== undefined) return foreign
  if (typeof given === 'object' && given !== null && ('data' in given || 'elements' in given)) {
    return { kind: 'real', re: stridedOf(name, given as MatrixLike) }
  }
  throw invalidArgument('an array of rows, or a matrix of a known library,', name, given)
}

function rowsOf(name: string, rows: readonly ArrayLike<unknown>[]): Source {
  const columns = expectLength(`${name}[0]`, rows[0] ?? [])
  rows.forEach((row, i) => {
    if (expectLength(`${name}[${i}]`, row) === columns) return
    throw new ShapeError(
      `Expected ${columns} elements for ${name}[${i}] but received ${row.length} of type ${row.constructor.name}`,
    )
  })
  return { kind: 'other', rows: rows.length, columns, read: (i, j) => rows[i]?.[j] }
}

function expectLength(name: string, row: ArrayLike<unknown>): number {
  if (Array.isArray(row) || (ArrayBuffer.isView(row) && 'length' in row)) return row.length
  throw invalidArgument('an array of numbers', name, row)
}
