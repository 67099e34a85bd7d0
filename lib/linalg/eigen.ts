/** Eigenvalues and eigenvectors, and the Schur form. */
import { ComplexMatrix } from '../complex-matrix.js'
import { invalidArgument } from '../errors.js'
import type { AsyncOptions, Control, SyncOptions } from '../job.js'
import type { Matrix } from '../matrix.js'
import { type Reals, typeOf } from '../matrix/elements.js'
import { native } from '../native.js'
import { expectInteger } from '../options.js'
import type { Factor } from './factors.js'
import {
  type AnyMatrix,
  type Prepared,
  prepare,
  type ResultOf,
  realRoomLike,
  roomLike,
  spread,
  square,
  type WiderParts,
  wrap,
} from './operands.js'
import { operation, type Task } from './operation.js'

export interface EighOptions {
  /** First and last index of the wanted eigenvalues, counted from 0 in rising order. Default: all. */
  indices?: readonly [first: number, last: number] | undefined
  /** Only eigenvalues above the first and up to the second number. Default: all. */
  between?: readonly [low: number, high: number] | undefined
}

/** Eigenvalues in rising order, and the eigenvectors as orthonormal columns in the same order. */
export interface Eigh<M> {
  values: WiderParts<M>
  vectors: M
}

interface Range {
  kind: 'A' | 'I' | 'V'
  low: number
  high: number
}

function rangeOf({ indices, between }: EighOptions, n: number): Range {
  if (indices !== undefined && between !== undefined) {
    throw invalidArgument('nothing, beside indices,', 'between', between)
  }
  if (indices !== undefined) {
    if (!Array.isArray(indices)) throw invalidArgument('[first, last]', 'indices', indices)
    const low = expectInteger('indices[0]', indices[0], 0, Math.max(0, n - 1))
    return {
      kind: 'I',
      low,
      high: expectInteger('indices[1]', indices[1], low, Math.max(0, n - 1)),
    }
  }
  if (between !== undefined) {
    const [low, high] = Array.isArray(between) ? between : [Number.NaN, Number.NaN]
    if (!(low < high)) throw invalidArgument('[low, high], low < high,', 'between', between)
    return { kind: 'V', low, high }
  }
  return { kind: 'A', low: 0, high: 0 }
}

function planHermitian(A: AnyMatrix, options: EighOptions, wantVectors: boolean) {
  const a = square(prepare('A', A))
  const n = a.rows
  const { kind, low, high } = rangeOf(options, n)
  const values = realRoomLike(a, n, `${n} eigenvalues`)
  const vectors = wantVectors
    ? roomLike(a, n * n, `the eigenvectors of a ${n} x ${n} matrix`)
    : undefined
  return {
    a,
    start: (control: Control) =>
      native.eigh(...spread(a), kind, low, high, values, vectors, a.complex, control),
    values: (found: number) => (found === n ? values : values.slice(0, found)),
    vectors: (found: number) => {
      const parts = a.complex ? 2 : 1
      const data = vectors as Reals
      return wrap(n, found, found === n ? data : data.slice(0, parts * n * found), a.complex)
    },
  }
}

const eighOperation = operation<[AnyMatrix], EighOptions, Eigh<Factor>>(
  'eigh',
  ['indices', 'between'],
  (options, A): Task<Eigh<Factor>> => {
    const { a, start, values, vectors } = planHermitian(A, options, true)
    return {
      start,
      finish: (found: number) =>
        ({ values: values(found), vectors: vectors(found) }) as Eigh<Factor>,
      reads: [a],
    }
  },
)

/**
 * Eigenvalues and eigenvectors of a symmetric or Hermitian matrix, of which the lower triangle is read:
 * A V = V diag(values), V^H V = I. All of them by LAPACK's syevd (divide and conquer), a range by syevr. About 9 n^3
 * operations, on threaded BLAS: the same bits for every number of threads are not promised.
 *
 * @returns values in rising order; vectors n x (how many).
 * @throws ERR_NO_CONVERGENCE, ERR_SHAPE, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { eigh, Matrix } from 'numcore'
 * const { values } = await eigh(Matrix.from([[2, 1], [1, 2]]))
 * console.log(values.map((x) => +x.toFixed(12))) // Float64Array(2) [ 1, 3 ]
 * ```
 */
export function eigh<A extends AnyMatrix>(
  A: A,
  options?: EighOptions & AsyncOptions,
): Promise<Eigh<ResultOf<A>>> {
  return eighOperation.run(options, A) as Promise<Eigh<ResultOf<A>>>
}

/** {@link eigh}, computed while the caller waits. */
export function eighSync<A extends AnyMatrix>(
  A: A,
  options?: EighOptions & SyncOptions,
): Eigh<ResultOf<A>> {
  return eighOperation.runSync(options, A) as Eigh<ResultOf<A>>
}

const eigvalshOperation = operation<[AnyMatrix], EighOptions, Reals>(
  'eigvalsh',
  ['indices', 'between'],
  (options, A) => {
    const { a, start, values } = planHermitian(A, options, false)
    return { start, finish: values, reads: [a] }
  },
)

/**
 * The eigenvalues alone of a symmetric or Hermitian matrix, in rising order: about 4/3 n^3 operations. See {@link eigh}.
 *
 * @example
 * ```ts
 * import { eigvalsh, Matrix } from 'numcore'
 * const largest = await eigvalsh(Matrix.from([[2, 1], [1, 2]]), { indices: [1, 1] })
 * console.log(largest[0]?.toFixed(9)) // 3.000000000
 * ```
 */
export function eigvalsh<A extends AnyMatrix>(
  A: A,
  options?: EighOptions & AsyncOptions,
): Promise<WiderParts<A>> {
  return eigvalshOperation.run(options, A) as Promise<WiderParts<A>>
}

/** {@link eigvalsh}, computed while the caller waits. */
export function eigvalshSync<A extends AnyMatrix>(
  A: A,
  options?: EighOptions & SyncOptions,
): WiderParts<A> {
  return eigvalshOperation.runSync(options, A) as WiderParts<A>
}

/** Complex eigenvalues as pairs re, im, re, im, ... and eigenvectors as columns of length 1. */
export interface Eig<T extends Reals = Float64Array> {
  values: T
  vectors: ComplexMatrix<T>
}

function pairsFor(a: Prepared, count: number): Reals {
  const doubles = typeOf(a.data) === 'float64'
  return doubles ? new Float64Array(2 * count) : new Float32Array(2 * count)
}

const eigOperation = operation<[AnyMatrix], object, Eig<Reals>>('eig', [], (_, A) => {
  const a = square(prepare('A', A))
  const n = a.rows
  const [values, vectors] = [pairsFor(a, n), pairsFor(a, n * n)]
  return {
    start: (control) => native.eig(...spread(a), values, vectors, a.complex, control),
    finish: () => ({ values, vectors: new ComplexMatrix<Reals>(n, n, vectors) }),
    reads: [a],
  }
})

/**
 * Eigenvalues and right eigenvectors of a general matrix: A V = V diag(values). Both are complex, also where all imaginary
 * parts are zero; conjugate pairs of a real matrix follow each other. About 25 n^3 operations, LAPACK's geev.
 *
 * @throws ERR_NO_CONVERGENCE, ERR_SHAPE, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { eig, Matrix } from 'numcore'
 * const { values } = await eig(Matrix.from([[0, -1], [1, 0]]))
 * console.log(values.map((x) => +x.toFixed(12))) // Float64Array(4) [ 0, 1, 0, -1 ]
 * ```
 */
export function eig<A extends AnyMatrix>(
  A: A,
  options?: AsyncOptions,
): Promise<Eig<WiderParts<A>>> {
  return eigOperation.run(options, A) as Promise<Eig<WiderParts<A>>>
}

/** {@link eig}, computed while the caller waits. */
export function eigSync<A extends AnyMatrix>(A: A, options?: SyncOptions): Eig<WiderParts<A>> {
  return eigOperation.runSync(options, A) as Eig<WiderParts<A>>
}

const eigvalsOperation = operation<[AnyMatrix], object, Reals>('eigvals', [], (_, A) => {
  const a = square(prepare('A', A))
  const values = pairsFor(a, a.rows)
  return {
    start: (control) => native.eig(...spread(a), values, undefined, a.complex, control),
    finish: () => values,
    reads: [a],
  }
})

/**
 * The eigenvalues alone of a general matrix, as pairs. About 10 n^3 operations. See {@link eig}.
 *
 * @example
 * ```ts
 * import { eigvals, Matrix } from 'numcore'
 * console.log(await eigvals(Matrix.from([[1, 2], [0, 3]]))) // Float64Array(4) [ 1, 0, 3, 0 ]
 * ```
 */
export function eigvals<A extends AnyMatrix>(A: A, options?: AsyncOptions): Promise<WiderParts<A>> {
  return eigvalsOperation.run(options, A) as Promise<WiderParts<A>>
}

/** {@link eigvals}, computed while the caller waits. */
export function eigvalsSync<A extends AnyMatrix>(A: A, options?: SyncOptions): WiderParts<A> {
  return eigvalsOperation.runSync(options, A) as WiderParts<A>
}

/** A = Z T Z^H. */
export interface Schur<M> {
  /** Upper triangular; of a real matrix with 2 x 2 blocks for conjugate pairs of eigenvalues. */
  t: M
  /** Orthogonal (unitary). */
  z: M
  /** The eigenvalues as pairs, in the order of T's diagonal. */
  values: WiderParts<M>
}

const schurOperation = operation<[AnyMatrix], object, Schur<Matrix<Reals> | ComplexMatrix<Reals>>>(
  'schur',
  [],
  (_, A) => {
    const a = square(prepare('A', A))
    const n = a.rows
    const what = `the Schur form of a ${n} x ${n} matrix`
    const [t, z] = [roomLike(a, n * n, what), roomLike(a, n * n, what)]
    const values = pairsFor(a, n)
    return {
      start: (control) => native.schur(...spread(a), t, z, values, a.complex, control),
      finish: () => ({ t: wrap(n, n, t, a.complex), z: wrap(n, n, z, a.complex), values }),
      reads: [a],
    }
  },
)

/**
 * The Schur form A = Z T Z^H of a square matrix. For the complex form of a real matrix pass `ComplexMatrix.from(A)`.
 * LAPACK's gees.
 *
 * @throws ERR_NO_CONVERGENCE, ERR_SHAPE, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { schur, Matrix } from 'numcore'
 * const { t } = await schur(Matrix.from([[1, 2], [0, 3]]))
 * console.log(t.get(1, 0), t.get(0, 0), t.get(1, 1)) // 0 1 3
 * ```
 */
export function schur<A extends AnyMatrix>(
  A: A,
  options?: AsyncOptions,
): Promise<Schur<ResultOf<A>>> {
  return schurOperation.run(options, A) as Promise<Schur<ResultOf<A>>>
}

/** {@link schur}, computed while the caller waits. */
export function schurSync<A extends AnyMatrix>(A: A, options?: SyncOptions): Schur<ResultOf<A>> {
  return schurOperation.runSync(options, A) as Schur<ResultOf<A>>
}
