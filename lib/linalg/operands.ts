/** What the functions of linear algebra take and give: matrices of four element types, and vectors. */
import { type Complex, ComplexMatrix, type ComplexValue, isComplex } from '../complex-matrix.js'
import { invalidArgument, ShapeError, typeName } from '../errors.js'
import { type DenseLike, Matrix, type Strided } from '../matrix.js'
import {
  allocate,
  type ElementType,
  isComplexType,
  isReals,
  type Reals,
  resultType,
  typeOf,
} from '../matrix/elements.js'
import {
  type AnyComplex,
  complexStridedOf,
  denseComplex,
  isComplexStrided,
} from '../matrix/complex-operand.js'
import { checkMatrix, isStrided, leadingOf, operand } from '../matrix/operand.js'
import { type AnyMatrix, denseOf } from '../matrix/widen.js'

export type { AnyMatrix } from '../matrix/widen.js'

/** A vector: real numbers, or pairs re, im, re, im, ... where the matrix beside it is complex. */
export type Vector = Float64Array | Float32Array

type PartsOf<M> =
  M extends AnyComplex<infer T>
    ? T
    : M extends Strided<infer T>
      ? T
      : M extends DenseLike<infer T>
        ? T
        : M extends Reals
          ? M
          : never

/** The array type that holds the elements of both, widened as NumPy does: doubles when either has doubles. */
export type WiderParts<A, B = A> = [PartsOf<A>] extends [Float64Array]
  ? Float64Array
  : [PartsOf<B>] extends [Float64Array]
    ? Float64Array
    : [PartsOf<A> | PartsOf<B>] extends [Float32Array]
      ? Float32Array
      : Reals

/** The matrix that holds the elements of both: complex when either is, doubles when either has doubles. */
export type ResultOf<A, B = A> = [Extract<A | B, { complex: true }>] extends [never]
  ? Matrix<WiderParts<A, B>>
  : [A] extends [{ complex: true }]
    ? ComplexMatrix<WiderParts<A, B>>
    : [B] extends [{ complex: true }]
      ? ComplexMatrix<WiderParts<A, B>>
      : Matrix<WiderParts<A, B>> | ComplexMatrix<WiderParts<A, B>>

/**
 * A matrix as the add-on takes it: `data`, `rows`, `columns`, `leading` and `transposed` are its five arguments. Where
 * calls may be short they are written out, as `...spread(m)` takes longer than a small product.
 */
export class Prepared {
  readonly data: Reals
  readonly rows: number
  readonly columns: number
  readonly leading: number
  readonly transposed: boolean
  readonly complex: boolean
  /** For messages. */
  readonly name: string
  /** What the caller gave. */
  readonly value: AnyMatrix | Reals
  /** The conjugate of it is meant; see {@link prepareConjugated}. */
  readonly conjugated: boolean

  constructor(
    data: Reals,
    rows: number,
    columns: number,
    leading: number,
    turned: boolean,
    complex: boolean,
    name: string,
    value: AnyMatrix | Reals,
    conjugated = false,
  ) {
    this.data = data
    this.rows = rows
    this.columns = columns
    this.leading = leading
    this.transposed = turned
    this.complex = complex
    this.name = name
    this.value = value
    this.conjugated = conjugated
  }

  /** The class of what the caller gave, for messages. */
  get type(): string {
    return typeName(this.value)
  }
}

export function prepare(name: string, value: AnyMatrix): Prepared {
  // The usual case first: to ask an object what else it might be takes as long as a small product.
  if (value instanceof Matrix) {
    const { rows, columns, data } = checkMatrix<Reals>(name, value)
    return new Prepared(data, rows, columns, Math.max(1, columns), false, false, name, value)
  }
  if (isComplex(value)) {
    if (isComplexStrided(value) && !value.conjugated) return prepareConjugated(name, value)
    const { rows, columns, data } = denseComplex(name, value)
    return new Prepared(data, rows, columns, Math.max(1, columns), false, true, name, value)
  }
  if (!isStrided(value)) {
    const { rows, columns, data } = checkMatrix(name, value as DenseLike)
    return new Prepared(data, rows, columns, Math.max(1, columns), false, false, name, value)
  }
  const { data, rows, columns, leading, transposed: turned } = operand(name, value)
  return new Prepared(data, rows, columns, leading, turned, false, name, value)
}

/** As {@link prepare}, for what can conjugate on the way: such a view is not copied, but marked. */
export function prepareConjugated(name: string, value: AnyMatrix): Prepared {
  if (!isComplex(value) || !isComplexStrided(value)) return prepare(name, value)
  const view = complexStridedOf(name, value)
  const { rows, columns, elements, offset, rowStride, columnStride, conjugated } = view
  // In pairs, and BLAS knows no half ones.
  const place = leadingOf(rows, columns, rowStride / 2, columnStride / 2)
  if (place === undefined || !Number.isInteger(place.leading)) {
    const { data } = denseComplex(name, view)
    return new Prepared(data, rows, columns, Math.max(1, columns), false, true, name, value)
  }
  const { leading, transposed: turned } = place
  const data = elements.subarray(offset)
  return new Prepared(data, rows, columns, leading, turned, true, name, value, conjugated)
}

export function square(m: Prepared): Prepared {
  if (m.rows === m.columns) return m
  throw new ShapeError(
    `Expected a square matrix for ${m.name} but received ${m.rows} x ${m.columns} of type ${m.type}`,
  )
}

export function spread(m: Prepared): [Reals, number, number, number, boolean] {
  return [m.data, m.rows, m.columns, m.leading, m.transposed]
}

export function transposed(m: Prepared): Prepared {
  const { data, rows, columns, leading, complex, name, value, conjugated } = m
  return new Prepared(data, columns, rows, leading, !m.transposed, complex, name, value, conjugated)
}

const isDouble = (data: Reals) => data instanceof Float64Array

const elementOf = ({ data, complex }: Prepared): ElementType =>
  complex ? (isDouble(data) ? 'complex128' : 'complex64') : typeOf(data)

/** The operands in one element type, that of the result; those that have it already are not copied. */
export function unify(a: Prepared, b: Prepared): [Prepared, Prepared] {
  if (isDouble(a.data) === isDouble(b.data) && a.complex === b.complex) return [a, b]
  const type = resultType(elementOf(a), elementOf(b))
  return [convert(a, type), convert(b, type)]
}

function convert(m: Prepared, type: ElementType): Prepared {
  if (elementOf(m) === type) return m
  const { name, value } = m
  const wide = denseOf(name, isReals(value) ? new Matrix(value.length, 1, value) : value, type)
  const { data, rows, columns } = wide
  const leading = Math.max(1, columns)
  return new Prepared(data, rows, columns, leading, false, isComplexType(type), name, value)
}

/** Zeroed memory for `count` numbers. */
export function room(
  count: number,
  doubles: boolean,
  complex: boolean,
  what: string | (() => string),
): Reals {
  return allocate(doubles ? 'float64' : 'float32', complex ? 2 * count : count, what)
}

/** Zeroed memory for `count` numbers of the element type of `like`. */
export function roomLike(like: Prepared, count: number, what: string | (() => string)): Reals {
  return room(count, isDouble(like.data), like.complex, what)
}

/** Zeroed memory for `count` real numbers of the precision of `like`. */
export function realRoomLike(like: Prepared, count: number, what: string | (() => string)): Reals {
  return room(count, isDouble(like.data), false, what)
}

export function wrap(rows: number, columns: number, data: Reals, complex: boolean) {
  return complex ? new ComplexMatrix(rows, columns, data) : new Matrix(rows, columns, data)
}

export function sharesMemory(a: Reals, b: Reals): boolean {
  return (
    a.buffer === b.buffer &&
    a.byteOffset < b.byteOffset + b.byteLength &&
    b.byteOffset < a.byteOffset + a.byteLength
  )
}

/** The matrix to write to: the caller's, checked, or a new one. */
export function output(
  out: Matrix<Reals> | ComplexMatrix<Reals> | undefined,
  rows: number,
  columns: number,
  like: Prepared,
  inputs: readonly Prepared[],
  what: string | (() => string),
): { data: Reals; given: boolean; matrix: Matrix<Reals> | ComplexMatrix<Reals> } {
  if (out === undefined) {
    const data = roomLike(like, rows * columns, what)
    return { data, given: false, matrix: wrap(rows, columns, data, like.complex) }
  }
  const target = prepare('out', out)
  if (
    target.complex !== like.complex ||
    typeOf(target.data) !== typeOf(like.data) ||
    out.data === undefined
  ) {
    const kind = `${like.complex ? 'ComplexMatrix' : 'Matrix'} of ${typeOf(like.data)}`
    throw invalidArgument(`a ${kind}`, 'out', out)
  }
  if (target.rows !== rows || target.columns !== columns) {
    throw new ShapeError(
      `Expected a ${rows} x ${columns} matrix for out but received ` +
        `${target.rows} x ${target.columns} of type ${target.type}`,
    )
  }
  for (const input of inputs) {
    if (sharesMemory(input.data, out.data)) {
      throw invalidArgument(`a matrix that shares no memory with ${input.name}`, 'out', out)
    }
  }
  return { data: out.data, given: true, matrix: out }
}

/** A vector of `length` numbers, pairs when `complex`. */
export function expectVector(
  name: string,
  value: unknown,
  length: number,
  complex: boolean,
): Reals {
  if (!isReals(value)) {
    throw invalidArgument('a Float64Array or Float32Array', name, value)
  }
  const expected = complex ? 2 * length : length
  if (value.length !== expected) {
    throw new ShapeError(
      `Expected ${expected} elements for ${name}${complex ? ` (${length} pairs)` : ''} ` +
        `but received ${value.length} of type ${value.constructor.name}`,
    )
  }
  return value
}

/** A vector as a matrix of one column. */
export function asColumn(name: string, data: Reals, complex: boolean): Prepared {
  const rows = complex ? data.length / 2 : data.length
  return new Prepared(data, rows, 1, 1, false, complex, name, data)
}

export function isVector(value: unknown): value is Vector {
  return isReals(value)
}

/** A factor like alpha: a number, and for complex matrices a complex one. */
export function expectFactor(
  name: string,
  value: ComplexValue | undefined,
  fallback: number,
  complex: boolean,
): Complex {
  if (value === undefined) return { re: fallback, im: 0 }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return { re: value, im: 0 }
    throw invalidArgument('a finite number', name, value)
  }
  const [re, im] = Array.isArray(value) ? value : [(value as Complex)?.re, (value as Complex)?.im]
  if (complex && Number.isFinite(re) && Number.isFinite(im)) return { re, im }
  throw invalidArgument(
    complex ? 'a finite number, or { re, im },' : 'a finite number',
    name,
    value,
  )
}
