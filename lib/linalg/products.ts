/** Products of matrices and vectors. */
import type { ComplexMatrix, ComplexValue } from '../complex-matrix.js'
import { invalidArgument, ShapeError } from '../errors.js'
import type { AsyncOptions, SyncOptions } from '../job.js'
import type { Matrix } from '../matrix.js'
import type { Reals } from '../matrix/elements.js'
import { native } from '../native.js'
import { expectBoolean, expectOneOf } from '../options.js'
import {
  type AnyMatrix,
  asColumn,
  expectFactor,
  expectVector,
  output,
  type Prepared,
  prepare,
  prepareConjugated,
  type ResultOf,
  roomLike,
  sharesMemory,
  spread,
  square,
  transposed,
  unify,
  type Vector,
  type WiderParts,
} from './operands.js'
import { operation } from './operation.js'

const structures = [
  'general',
  'symmetric',
  'hermitian',
  'lower',
  'upper',
  'unit-lower',
  'unit-upper',
] as const

/**
 * What is known of an operand. `'symmetric'` and `'hermitian'` ones are read in their lower triangle only, triangular
 * ones in theirs; `'unit-...'` takes the diagonal for ones without reading it.
 */
export type Structure = (typeof structures)[number]

export interface MatmulOptions<C = Matrix<Reals> | ComplexMatrix<Reals>> {
  /** Takes the transpose of A. Nothing is copied. Default false. */
  transposeA?: boolean | undefined
  /** Takes the transpose of B. Default false. */
  transposeB?: boolean | undefined
  /** Takes the conjugate transpose of A, which for a real A is the transpose. Default false. */
  adjointA?: boolean | undefined
  /** Takes the conjugate transpose of B. Default false. */
  adjointB?: boolean | undefined
  /** What is known of A, before it is transposed. Default `'general'`. */
  structureA?: Structure | undefined
  /** What is known of B; at most one of the two is other than general. Default `'general'`. */
  structureB?: Structure | undefined
  /** Factor of the product. Default 1. */
  alpha?: ComplexValue | undefined
  /** Factor of what is in `out`, which is needed then. Default 0. */
  beta?: ComplexValue | undefined
  /** Where the product goes; shares no memory with A and B. Default: a new matrix. */
  out?: C | undefined
}

const flipped: Record<Structure, Structure> = {
  general: 'general',
  symmetric: 'symmetric',
  hermitian: 'hermitian',
  lower: 'upper',
  upper: 'lower',
  'unit-lower': 'unit-upper',
  'unit-upper': 'unit-lower',
}

interface Factor {
  matrix: Prepared
  conjugated: boolean
  structure: Structure
}

function factor(
  given: Prepared,
  transpose: boolean | undefined,
  adjoint: boolean | undefined,
  known: Structure | undefined,
): Factor {
  if (transpose === undefined && adjoint === undefined && known === undefined) {
    return { matrix: given, conjugated: given.conjugated, structure: 'general' }
  }
  const { name } = given
  const structure =
    known === undefined ? 'general' : expectOneOf(`structure${name}`, known, structures)
  if (structure !== 'general') square(given)
  const flip = expectBoolean(`transpose${name}`, transpose ?? false)
  const conjugate = expectBoolean(`adjoint${name}`, adjoint ?? false)
  if (flip && conjugate)
    throw invalidArgument(`false beside transpose${name}`, `adjoint${name}`, true)
  if (!flip && !conjugate) return { matrix: given, conjugated: given.conjugated, structure }
  // Only a triangle of it is read, so it must not be turned over.
  if (structure === 'symmetric' && !conjugate)
    return { matrix: given, conjugated: given.conjugated, structure }
  if (structure === 'hermitian' && conjugate) {
    return { matrix: given, conjugated: given.conjugated, structure }
  }
  if (structure === 'symmetric' || structure === 'hermitian') {
    const wanted = structure === 'symmetric' ? `transpose${name}` : `adjoint${name}`
    throw invalidArgument(`${wanted} with structure "${structure}"`, `structure${name}`, structure)
  }
  return {
    matrix: transposed(given),
    conjugated: given.complex && conjugate !== given.conjugated,
    structure: flipped[structure],
  }
}

const isPlain = ({ matrix: { transposed: turned, leading, columns }, conjugated }: Factor) =>
  !turned && !conjugated && leading === Math.max(1, columns)

function expectInner(a: Prepared, b: Prepared): void {
  if (a.columns === b.rows) return
  throw new ShapeError(
    `Expected ${a.columns} rows for ${b.name}, as many as ${a.name} has columns, ` +
      `but received ${b.rows} x ${b.columns} of type ${b.type}`,
  )
}

const product = operation<
  [AnyMatrix, AnyMatrix],
  MatmulOptions,
  Matrix<Reals> | ComplexMatrix<Reals>
>(
  'matmul',
  [
    'transposeA',
    'transposeB',
    'adjointA',
    'adjointB',
    'structureA',
    'structureB',
    'alpha',
    'beta',
    'out',
  ],
  (options, A, B) => {
    // In one type first: what is copied for that is dense, and not yet transposed.
    const [first, second] = unify(prepareConjugated('A', A), prepareConjugated('B', B))
    const left = factor(first, options.transposeA, options.adjointA, options.structureA)
    const right = factor(second, options.transposeB, options.adjointB, options.structureB)
    expectInner(left.matrix, right.matrix)
    if (left.structure !== 'general' && right.structure !== 'general') {
      throw invalidArgument(`"general" beside structureA`, 'structureB', right.structure)
    }
    const [a, b] = [left.matrix, right.matrix]
    const alpha = expectFactor('alpha', options.alpha, 1, a.complex)
    const beta = expectFactor('beta', options.beta, 0, a.complex)
    if ((beta.re !== 0 || beta.im !== 0) && options.out === undefined) {
      throw invalidArgument('a matrix, as beta is not 0,', 'out', options.out)
    }
    const what = () =>
      `the product of ${a.rows} x ${a.columns} and ${b.rows} x ${b.columns} matrices`
    const { data, given, matrix } = output(options.out, a.rows, b.columns, a, [a, b], what)
    const structured = left.structure !== 'general' || right.structure !== 'general'
    const scaled = alpha.re !== 1 || alpha.im !== 0 || beta.re !== 0 || beta.im !== 0
    const plain = !structured && !scaled && isPlain(left) && isPlain(right)
    return {
      start: (control) =>
        plain
          ? native.multiply(a.data, b.data, data, a.rows, a.columns, b.columns, a.complex, control)
          : native.matmul(
              ...spread(a),
              left.conjugated,
              ...spread(b),
              right.conjugated,
              data,
              a.complex,
              structured ? left.structure : undefined,
              structured ? right.structure : undefined,
              alpha.re,
              alpha.im,
              beta.re,
              beta.im,
              control,
            ),
      finish: () => matrix,
      lendsOutput: given,
    }
  },
)

/**
 * The product A B of two matrices, real or complex, of any strides; `alpha op(A) op(B) + beta out` with the options.
 * Mixed types are widened as NumPy does. BLAS's gemm, symm and trmm; 2 m n k operations. NaN and infinity pass
 * through. Large products rest on threaded BLAS: the same bits for every number of threads are not promised.
 *
 * @param A m x k, after `transposeA` or `adjointA`.
 * @param B k x n, likewise.
 * @returns m x n.
 * @throws ERR_SHAPE when the dimensions do not fit, ERR_INVALID_ARGUMENT for an `out` of another type or one that
 *   shares memory with an operand.
 *
 * @example
 * ```ts
 * import { matmul, Matrix } from 'numcore'
 * const A = Matrix.from([[1, 2], [3, 4]])
 * console.log((await matmul(A, A.transpose())).toArray()) // [ [ 5, 11 ], [ 11, 25 ] ]
 * ```
 */
export function matmul<A extends AnyMatrix, B extends AnyMatrix>(
  A: A,
  B: B,
  options?: MatmulOptions<ResultOf<A, B>> & AsyncOptions,
): Promise<ResultOf<A, B>> {
  return product.run(options, A, B) as Promise<ResultOf<A, B>>
}

/** {@link matmul}, computed while the caller waits. */
export function matmulSync<A extends AnyMatrix, B extends AnyMatrix>(
  A: A,
  B: B,
  options?: MatmulOptions<ResultOf<A, B>> & SyncOptions,
): ResultOf<A, B> {
  return product.runSync(options, A, B) as ResultOf<A, B>
}

export interface GramOptions<C = Matrix<Reals> | ComplexMatrix<Reals>> {
  /** A A^H instead of A^H A. Default false. */
  outer?: boolean | undefined
  /** Where the result goes. Default: a new matrix. */
  out?: C | undefined
}

const gramOperation = operation<[AnyMatrix], GramOptions, Matrix<Reals> | ComplexMatrix<Reals>>(
  'gram',
  ['outer', 'out'],
  (options, A) => {
    const a = prepare('A', A)
    const outer = expectBoolean('outer', options.outer ?? false)
    const n = outer ? a.rows : a.columns
    const { data, given, matrix } = output(
      options.out,
      n,
      n,
      a,
      [a],
      () => `a Gram matrix of order ${n}`,
    )
    return {
      start: (control) =>
        native.gram(
          a.data,
          a.rows,
          a.columns,
          a.leading,
          a.transposed,
          outer,
          data,
          a.complex,
          control,
        ),
      finish: () => matrix,
      lendsOutput: given,
    }
  },
)

/**
 * The Gram matrix A^H A, for a real A the products of its columns with each other; `outer: true` gives A A^H. Half the
 * work of {@link matmul}, and symmetric (Hermitian) to the last bit. BLAS's syrk and herk.
 *
 * @example
 * ```ts
 * import { gram, Matrix } from 'numcore'
 * const A = Matrix.from([[1, 2], [3, 4], [5, 6]])
 * console.log((await gram(A)).toArray()) // [ [ 35, 44 ], [ 44, 56 ] ]
 * ```
 */
export function gram<A extends AnyMatrix>(
  A: A,
  options?: GramOptions<ResultOf<A>> & AsyncOptions,
): Promise<ResultOf<A>> {
  return gramOperation.run(options, A) as Promise<ResultOf<A>>
}

/** {@link gram}, computed while the caller waits. */
export function gramSync<A extends AnyMatrix>(
  A: A,
  options?: GramOptions<ResultOf<A>> & SyncOptions,
): ResultOf<A> {
  return gramOperation.runSync(options, A) as ResultOf<A>
}

export interface MatvecOptions<V = Reals> {
  /** A^T x instead of A x. Default false. */
  transpose?: boolean | undefined
  /** A^H x instead of A x. Default false. */
  adjoint?: boolean | undefined
  /** Factor of the product. Default 1. */
  alpha?: ComplexValue | undefined
  /** Factor of what is in `out`, which is needed then. Default 0. */
  beta?: ComplexValue | undefined
  /** Where the result goes. Default: a new array. */
  out?: V | undefined
}

const matvecOperation = operation<[AnyMatrix, Vector], MatvecOptions, Reals>(
  'matvec',
  ['transpose', 'adjoint', 'alpha', 'beta', 'out'],
  (options, A, x) => {
    const given = prepareConjugated('A', A)
    const flip = options.transpose || options.adjoint
    expectVector('x', x, flip ? given.rows : given.columns, given.complex)
    const [wide, vector] = unify(given, asColumn('x', x, given.complex))
    const { matrix: a, conjugated } = factor(wide, options.transpose, options.adjoint, undefined)
    const alpha = expectFactor('alpha', options.alpha, 1, a.complex)
    const beta = expectFactor('beta', options.beta, 0, a.complex)
    const { out } = options
    if (out === undefined && (beta.re !== 0 || beta.im !== 0)) {
      throw invalidArgument('an array, as beta is not 0,', 'out', out)
    }
    const y = out ?? roomLike(a, a.rows, () => `a vector of ${a.rows} numbers`)
    if (out !== undefined) {
      expectVector('out', out, a.rows, a.complex)
      if (out.constructor !== a.data.constructor) {
        throw invalidArgument(`a ${a.data.constructor.name}`, 'out', out)
      }
      for (const input of [a, vector]) {
        if (sharesMemory(input.data, out)) {
          throw invalidArgument(`an array that shares no memory with ${input.name}`, 'out', out)
        }
      }
    }
    return {
      start: (control) =>
        native.matvec(
          a.data,
          a.rows,
          a.columns,
          a.leading,
          a.transposed,
          conjugated,
          vector.data,
          y,
          a.complex,
          alpha.re,
          alpha.im,
          beta.re,
          beta.im,
          control,
        ),
      finish: () => y,
      lendsOutput: out !== undefined,
    }
  },
)

/**
 * The product A x of a matrix and a vector; `alpha op(A) x + beta out` with the options. For a complex A the vectors
 * are pairs re, im, re, im, ... BLAS's gemv on fixed pieces: the same bits for every number of threads.
 *
 * @example
 * ```ts
 * import { matvec, Matrix } from 'numcore'
 * const y = await matvec(Matrix.from([[1, 2], [3, 4]]), Float64Array.of(1, -1))
 * console.log(y.join(' ')) // -1 -1
 * ```
 */
export function matvec<A extends AnyMatrix, V extends Vector>(
  A: A,
  x: V,
  options?: MatvecOptions<WiderParts<A, V>> & AsyncOptions,
): Promise<WiderParts<A, V>> {
  return matvecOperation.run(options, A, x) as Promise<WiderParts<A, V>>
}

/** {@link matvec}, computed while the caller waits. */
export function matvecSync<A extends AnyMatrix, V extends Vector>(
  A: A,
  x: V,
  options?: MatvecOptions<WiderParts<A, V>> & SyncOptions,
): WiderParts<A, V> {
  return matvecOperation.runSync(options, A, x) as WiderParts<A, V>
}
