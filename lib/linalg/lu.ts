/** LU with partial pivoting, and the determinants that come from it. */
import type { AsyncOptions, Control, SyncOptions } from '../job.js'
import type { Matrix } from '../matrix.js'
import type { Reals } from '../matrix/elements.js'
import { native } from '../native.js'
import { forDiagonal, parity } from './determinant.js'
import { type DetOf, type Factor, Factorisation, type Kept, type SlogdetOf } from './factors.js'
import {
  type AnyMatrix,
  prepare,
  type ResultOf,
  roomLike,
  spread,
  square,
  wrap,
} from './operands.js'
import { operation } from './operation.js'

/** P A = L U. Made by {@link lu}. */
export class LU<M extends Factor = Matrix> extends Factorisation<M> {
  /** L below the diagonal and U on and above it. */
  readonly factors: M
  /** Row i of P A is row `permutation[i]` of A. */
  readonly permutation: Int32Array

  constructor(factors: M, permutation: Int32Array, kept: Kept) {
    super({ kind: 'lu', factors: factors.data, order: permutation, hermitian: false }, kept)
    this.factors = factors
    this.permutation = permutation
  }

  /** Lower triangular with ones on its diagonal. A new matrix each time. */
  get l(): M {
    const { n } = this
    const [L, parts] = this.#copy()
    for (let i = 0; i < n; i++) {
      L.data.fill(0, parts * (i * n + i), parts * (i + 1) * n)
      L.data[parts * (i * n + i)] = 1
    }
    return L
  }

  /** Upper triangular. A new matrix each time. */
  get u(): M {
    const { n } = this
    const [U, parts] = this.#copy()
    for (let i = 0; i < n; i++) U.data.fill(0, parts * i * n, parts * (i * n + i))
    return U
  }

  #copy(): [M, number] {
    const copy = this.factors.clone() as M
    return [copy, 'complex' in copy ? 2 : 1]
  }

  protected forFactors(visit: (re: number, im: number) => void): void {
    visit(parity(this.permutation), 0)
    forDiagonal(this.factors.data, this.n, this.n, 'complex' in this.factors, visit)
  }
}

function plan(A: AnyMatrix) {
  const a = square(prepare('A', A))
  const n = a.rows
  const factors: Reals = roomLike(a, n * n, `the LU factors of a ${n} x ${n} matrix`)
  const order = new Int32Array(n)
  return {
    start: (control: Control) => native.lu(...spread(a), factors, order, a.complex, control),
    finish: ({ lost, norm }: { lost: number; norm: number }) =>
      new LU<Factor>(wrap(n, n, factors, a.complex), order, {
        n,
        complex: a.complex,
        norm,
        lost,
        type: a.type,
      }),
    reads: [a],
  }
}

const luOperation = operation<[AnyMatrix], object, LU<Factor>>('lu', [], (_, A) => plan(A))

/**
 * P A = L U with partial pivoting. 2/3 n^3 operations, LAPACK's getrf on threaded BLAS: the same bits for every number of
 * threads are not promised. A singular matrix is factored too, and its `solve` fails.
 *
 * @throws ERR_SHAPE when A is not square, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { lu, Matrix } from 'numcore'
 * const F = await lu(Matrix.from([[1, 2], [4, 4]]))
 * console.log(F.permutation, F.u.toArray()) // Int32Array(2) [ 1, 0 ] [ [ 4, 4 ], [ 0, 1 ] ]
 * console.log(F.det(), await F.solve(Float64Array.of(3, 8))) // -4 Float64Array(2) [ 1, 1 ]
 * ```
 */
export function lu<A extends AnyMatrix>(A: A, options?: AsyncOptions): Promise<LU<ResultOf<A>>> {
  return luOperation.run(options, A) as Promise<LU<ResultOf<A>>>
}

/** {@link lu}, computed while the caller waits. */
export function luSync<A extends AnyMatrix>(A: A, options?: SyncOptions): LU<ResultOf<A>> {
  return luOperation.runSync(options, A) as LU<ResultOf<A>>
}

/**
 * The determinant of a square matrix, from its LU factors; `{ re, im }` of a complex one. Large matrices overflow
 * easily: see {@link slogdet}.
 *
 * @example
 * ```ts
 * import { det, Matrix } from 'numcore'
 * console.log(await det(Matrix.from([[1, 2], [3, 4]]))) // -2
 * ```
 */
export async function det<A extends AnyMatrix>(
  A: A,
  options?: AsyncOptions,
): Promise<DetOf<ResultOf<A>>> {
  return (await detOperation.run(options, A)).det() as DetOf<ResultOf<A>>
}

/** {@link det}, computed while the caller waits. */
export function detSync<A extends AnyMatrix>(A: A, options?: SyncOptions): DetOf<ResultOf<A>> {
  return detOperation.runSync(options, A).det() as DetOf<ResultOf<A>>
}

const detOperation = operation<[AnyMatrix], object, LU<Factor>>('det', [], (_, A) => plan(A))
const slogdetOperation = operation<[AnyMatrix], object, LU<Factor>>('slogdet', [], (_, A) =>
  plan(A),
)

/**
 * Sign and logarithm of the determinant, `{ sign, logdet }`: sign times e^logdet, without overflow. Sign 0 and logdet
 * -Infinity for a matrix with a pivot that is exactly zero. The sign of a complex matrix is `{ re, im }`.
 *
 * @example
 * ```ts
 * import { slogdet, Matrix } from 'numcore'
 * console.log(await slogdet(Matrix.from([[-1, 0], [0, 1]]))) // { sign: -1, logdet: 0 }
 * ```
 */
export async function slogdet<A extends AnyMatrix>(
  A: A,
  options?: AsyncOptions,
): Promise<SlogdetOf<ResultOf<A>>> {
  return (await slogdetOperation.run(options, A)).slogdet() as SlogdetOf<ResultOf<A>>
}

/** {@link slogdet}, computed while the caller waits. */
export function slogdetSync<A extends AnyMatrix>(
  A: A,
  options?: SyncOptions,
): SlogdetOf<ResultOf<A>> {
  return slogdetOperation.runSync(options, A).slogdet() as SlogdetOf<ResultOf<A>>
}
