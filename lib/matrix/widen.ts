/** Matrices of mixed types brought to the one type that holds them all, as NumPy does before it computes. */
import { ComplexMatrix, type ComplexMatrixView } from '../complex-matrix.js'
import { Matrix, type MatrixLike, type MatrixView } from '../matrix.js'
import { type ElementType, isComplexType, type Reals, resultType, typeOf } from './elements.js'
import {
  type AnyComplex,
  type ComplexLike,
  complexStridedOf,
  denseComplex,
  isComplex,
} from './complex-operand.js'
import { type DenseLike, dense, stridedOf } from './operand.js'

/** A real or complex matrix of any precision. */
export type AnyMatrix = MatrixLike | AnyComplex

/** What {@link widen} hands on. */
export type Widened =
  Matrix<Reals> | MatrixView<Reals> | ComplexMatrix<Reals> | ComplexMatrixView<Reals>

/** The element type of any matrix. */
export function elementType(name: string, value: AnyMatrix): ElementType {
  if (!isComplex(value)) return typeOf(stridedOf(name, value).elements)
  return typeOf(complexStridedOf(name, value).elements) === 'float64' ? 'complex128' : 'complex64'
}

/**
 * The matrix dense and of the given type, which its own must fit into: itself without a copy where it is so already.
 */
export function denseOf(
  name: string,
  value: AnyMatrix,
  type: ElementType,
): DenseLike | ComplexLike {
  if (elementType(name, value) === type)
    return isComplex(value) ? denseComplex(name, value) : dense(name, value)
  if (isComplexType(type)) return ComplexMatrix.from(value, { type })
  return Matrix.zeros(value.rows, value.columns, { type }).assign(value as MatrixLike)
}

/**
 * The matrices in the smallest type that holds all of them (see {@link resultType}). Those that have it already are
 * handed on as they are, views too; the others are copied.
 *
 * @example
 * ```ts
 * import { ComplexMatrix, Matrix, widen } from 'numcore'
 * const [A, Z] = widen(Matrix.identity(2), ComplexMatrix.zeros(2, 2, { type: 'complex64' }))
 * console.log(A.type, Z.type) // complex128 complex128
 * ```
 */
export function widen<const M extends readonly Widened[]>(
  ...matrices: M
): { -readonly [K in keyof M]: Widened } {
  const [first, ...others] = matrices.map((each, i) => elementType(`matrices[${i}]`, each))
  const type = first === undefined ? 'float64' : resultType(first, ...others)
  const widened = matrices.map((each) => {
    if (each.type === type) return each
    return isComplexType(type)
      ? ComplexMatrix.from(each, { type })
      : (each as Matrix<Reals>).asType(type)
  })
  return widened as { -readonly [K in keyof M]: Widened }
}
