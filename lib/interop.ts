/**
 * Matrices for other libraries. Their constructors come from the caller, so that numcore needs none of them; the way
 * back is `Matrix.from`, `ComplexMatrix.from` and, without copying, `MatrixView.from`.
 */
import { type AnyComplex, isComplex } from './complex-matrix.js'
import { invalidArgument } from './errors.js'
import { dense, type MatrixLike, type Reals, typeOf } from './matrix.js'
import { denseComplex } from './matrix/complex-operand.js'
import { stridedOf } from './matrix/operand.js'
import { at } from './matrix/strided.js'

/** The function that the package `ndarray` exports. */
export type NdarrayFactory<R> = (
  data: Reals,
  shape: number[],
  stride: number[],
  offset: number,
) => R

/** The constructor that `@stdlib/ndarray/ctor` exports. */
export type StdlibNdarrayConstructor<R> = new (
  dtype: never,
  buffer: never,
  shape: number[],
  strides: number[],
  offset: number,
  order: 'row-major',
) => R

/** The class `Matrix` of `ml-matrix`. */
export interface MlMatrixClass<R> {
  from1DArray(rows: number, columns: number, data: number[]): R
}

/** `mathjs`, or what its `create` returns. */
export interface Mathjs<R> {
  matrix(data: never): R
  complex(re: number, im: number): unknown
}

function expectFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw invalidArgument('a function', name, value)
}

/**
 * A scijs `ndarray` of the same elements, shared and not copied, whatever the strides. Operations of numcore give
 * matrices; write into their `data` to give the result to code that works on ndarrays.
 *
 * @param ndarray What the package `ndarray` exports.
 *
 * @example
 * ```ts
 * import ndarray from 'ndarray'
 * import { Matrix, toNdarray } from 'numcore'
 * const A = Matrix.from([[1, 2], [3, 4]])
 * const x = toNdarray(A.transpose(), ndarray)
 * x.set(0, 1, 30)
 * console.log(A.get(1, 0)) // 30
 * ```
 */
export function toNdarray<R>(A: MatrixLike, ndarray: NdarrayFactory<R>): R {
  expectFunction('ndarray', ndarray)
  const { rows, columns, elements, offset, rowStride, columnStride } = stridedOf('A', A)
  return ndarray(elements, [rows, columns], [rowStride, columnStride], offset)
}

/**
 * An `@stdlib/ndarray` of the same elements, shared and not copied, whatever the strides. A complex matrix needs the
 * constructor of its array as well.
 *
 * @param ndarray What `@stdlib/ndarray/ctor` exports.
 * @param complexArray For complex matrices: `Complex128Array` or `Complex64Array`, as the type of A asks for.
 */
export function toStdlibNdarray<R>(
  A: MatrixLike | AnyComplex,
  ndarray: StdlibNdarrayConstructor<R>,
  complexArray?: new (buffer: ArrayBuffer, byteOffset: number, length: number) => unknown,
): R {
  expectFunction('ndarray', ndarray)
  const construct = ndarray as unknown as new (...args: unknown[]) => R
  if (!isComplex(A)) {
    const { rows, columns, elements, offset, ...strides } = stridedOf('A', A)
    const { rowStride, columnStride } = strides
    const shape = [rows, columns]
    const type = typeOf(elements)
    return new construct(type, elements, shape, [rowStride, columnStride], offset, 'row-major')
  }
  const { rows, columns, data } = denseComplex('A', A)
  const [type, size] = typeOf(data) === 'float64' ? ['complex128', 16] : ['complex64', 8]
  const given = (complexArray as { BYTES_PER_ELEMENT?: unknown } | undefined)?.BYTES_PER_ELEMENT
  if (complexArray === undefined || given !== size) {
    const name = type === 'complex128' ? 'Complex128Array' : 'Complex64Array'
    throw invalidArgument(`the constructor ${name}`, 'complexArray', complexArray)
  }
  const numbers = new complexArray(data.buffer as ArrayBuffer, data.byteOffset, rows * columns)
  return new construct(type, numbers, [rows, columns], [columns, 1], 0, 'row-major')
}

/**
 * A copy as a matrix of `ml-matrix`.
 *
 * @param Class The class `Matrix` of `ml-matrix`.
 *
 * @example
 * ```ts
 * import { Matrix as MlMatrix } from 'ml-matrix'
 * import { Matrix, toMlMatrix } from 'numcore'
 * const M = toMlMatrix(Matrix.from([[1, 2], [3, 4]]), MlMatrix)
 * console.log(M.mmul(M).to2DArray()) // [ [ 7, 10 ], [ 15, 22 ] ]
 * ```
 */
export function toMlMatrix<R>(A: MatrixLike, Class: MlMatrixClass<R>): R {
  expectFunction('Class.from1DArray', Class?.from1DArray)
  const { rows, columns, data } = dense('A', A)
  // Declared as taking an array of numbers; it reads elements by index.
  return Class.from1DArray(rows, columns, data as unknown as number[])
}

/**
 * A copy as a dense matrix of `mathjs`, real or complex.
 *
 * @param math What `mathjs` exports.
 *
 * @example
 * ```ts
 * import * as math from 'mathjs'
 * import { ComplexMatrix, toMathjs } from 'numcore'
 * const M = toMathjs(ComplexMatrix.from([[[0, 1], 2]]), math)
 * console.log(math.format(math.multiply(M, 2))) // [[2i, 4]]
 * ```
 */
export function toMathjs<R>(A: MatrixLike | AnyComplex, math: Mathjs<R>): R {
  expectFunction('math.matrix', math?.matrix)
  const element = isComplex(A) ? complexElement(A, math) : realElement(A)
  const nested = Array.from({ length: A.rows }, (_, i) =>
    Array.from({ length: A.columns }, (__, j) => element(i, j)),
  )
  return math.matrix(nested as never)
}

function realElement(A: MatrixLike) {
  const elements = stridedOf('A', A)
  return (i: number, j: number): unknown => at(elements, i, j)
}

function complexElement(A: AnyComplex, math: Mathjs<unknown>) {
  expectFunction('math.complex', math.complex)
  const { columns, data } = denseComplex('A', A)
  return (i: number, j: number) => {
    const k = 2 * (i * columns + j)
    return math.complex(data[k] as number, data[k + 1] as number)
  }
}
