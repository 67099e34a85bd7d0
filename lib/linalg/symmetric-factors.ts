/** Factorisations of symmetric and Hermitian matrices. */
import type { AsyncOptions, SyncOptions } from '../job.js'
import type { Matrix } from '../matrix.js'
import type { Reals } from '../matrix/elements.js'
import { native } from '../native.js'
import { expectBoolean } from '../options.js'
import { forDiagonal } from './determinant.js'
import { type Factor, Factorisation, type Held, type Kept } from './factors.js'
import {
  type AnyMatrix,
  prepare,
  type ResultOf,
  roomLike,
  spread,
  square,
  wrap,
} from './operands.js'
import { operation, type Task } from './operation.js'

/** A = L L^H of a positive definite matrix. Made by {@link cholesky}. */
export class Cholesky<M extends Factor = Matrix> extends Factorisation<M> {
  /** Lower triangular, its diagonal positive. */
  readonly l: M

  constructor(l: M, kept: Kept) {
    super({ kind: 'cholesky', factors: l.data, hermitian: true }, kept)
    this.l = l
  }

  protected forFactors(visit: (re: number, im: number) => void): void {
    forDiagonal(this.l.data, this.n, this.n, 'complex' in this.l, (re) => visit(re * re, 0))
  }
}

const choleskyOperation = operation<[AnyMatrix], object, Cholesky<Factor>>(
  'cholesky',
  [],
  (_, A) => {
    const a = square(prepare('A', A))
    const n = a.rows
    const l = roomLike(a, n * n, () => `the Cholesky factor of a ${n} x ${n} matrix`)
    return {
      start: (control) =>
        native.cholesky(a.data, a.rows, a.columns, a.leading, a.transposed, l, a.complex, control),
      finish: (norm: number) =>
        new Cholesky<Factor>(wrap(n, n, l, a.complex), {
          n,
          complex: a.complex,
          norm,
          lost: -1,
          type: a.type,
        }),
      reads: [a],
    }
  },
)

/**
 * The Cholesky factorisation A = L L^H of a symmetric (Hermitian) positive definite matrix, of which the lower triangle
 * is read. n^3/3 operations, LAPACK's potrf on threaded BLAS: the same bits for every number of threads are not promised.
 *
 * @throws ERR_NOT_POSITIVE_DEFINITE naming the leading minor, ERR_SHAPE, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { cholesky, Matrix } from 'numcore'
 * const C = await cholesky(Matrix.from([[4, 2], [2, 5]]))
 * console.log(C.l.toArray(), C.det()) // [ [ 2, 0 ], [ 1, 2 ] ] 16
 * console.log(await C.solve(Float64Array.of(8, 12))) // Float64Array(2) [ 1, 2 ]
 * ```
 */
export function cholesky<A extends AnyMatrix>(
  A: A,
  options?: AsyncOptions,
): Promise<Cholesky<ResultOf<A>>> {
  return choleskyOperation.run(options, A) as Promise<Cholesky<ResultOf<A>>>
}

/** {@link cholesky}, computed while the caller waits. */
export function choleskySync<A extends AnyMatrix>(
  A: A,
  options?: SyncOptions,
): Cholesky<ResultOf<A>> {
  return choleskyOperation.runSync(options, A) as Cholesky<ResultOf<A>>
}

/** P A P^T = L D L^H, or L D L^T. Made by {@link ldl}. */
export class LDL<M extends Factor = Matrix> extends Factorisation<M> {
  /** Lower triangular with ones on its diagonal. */
  readonly l: M
  /** Row i of P A P^T is row `permutation[i]` of A, and likewise the columns. */
  readonly permutation: Int32Array
  /** How it was computed: by our own tiles (`'ldlt'`) or by LAPACK's Bunch-Kaufman pivoting. */
  readonly method: 'ldlt' | 'bunch-kaufman'
  /** Numbers of positive, negative and zero eigenvalues of A; null for a complex symmetric matrix. */
  readonly inertia: { positive: number; negative: number; zero: number } | null
  readonly #d: Reals
  readonly #e: Reals
  readonly #hermitian: boolean
  readonly #complex: boolean

  /** `report` is that of native/addon/factor.cc. */
  constructor(
    l: M,
    held: Held & { d: Reals; e: Reals; order: Int32Array },
    kept: Kept,
    report: Float64Array,
  ) {
    super(held, kept)
    const [tiles, , positive = 0, negative = 0, zero = 0] = report
    this.l = l
    this.permutation = held.order
    this.method = tiles === 1 ? 'ldlt' : 'bunch-kaufman'
    this.inertia = kept.complex && !held.hermitian ? null : { positive, negative, zero }
    this.#d = held.d
    this.#e = held.e
    this.#hermitian = held.hermitian
    this.#complex = kept.complex
  }

  /** Block diagonal, blocks of 1 x 1 and 2 x 2. A new matrix each time. */
  get d(): M {
    const { n } = this
    const D = wrap(
      n,
      n,
      this.l.data.constructor === Float64Array
        ? new Float64Array(this.l.data.length)
        : new Float32Array(this.l.data.length),
      this.#complex,
    )
    const parts = this.#complex ? 2 : 1
    const sign = this.#hermitian ? -1 : 1
    for (let k = 0; k < n; k++) {
      for (let part = 0; part < parts; part++) {
        D.data[parts * (k * n + k) + part] = this.#d[parts * k + part] as number
        if (k + 1 === n) continue
        const beside = this.#e[parts * k + part] as number
        D.data[parts * ((k + 1) * n + k) + part] = beside
        D.data[parts * (k * n + k + 1) + part] = part === 1 ? sign * beside : beside
      }
    }
    return D as M
  }

  protected forFactors(visit: (re: number, im: number) => void): void {
    const parts = this.#complex ? 2 : 1
    const get = (v: Reals, k: number): [number, number] => [
      v[parts * k] as number,
      this.#complex ? (v[2 * k + 1] as number) : 0,
    ]
    for (let k = 0; k < this.n; k++) {
      const [a, ai] = get(this.#d, k)
      const [b, bi] = get(this.#e, k)
      if (b === 0 && bi === 0) {
        visit(a, ai)
        continue
      }
      const [c, ci] = get(this.#d, k + 1)
      if (this.#hermitian) visit(a * c - (b * b + bi * bi), 0)
      else visit(a * c - ai * ci - (b * b - bi * bi), a * ci + ai * c - 2 * b * bi)
      k++
    }
  }
}

export interface LdlOptions {
  /** Takes a complex A as Hermitian (default) or as symmetric, A = A^T. Means nothing for a real one. */
  hermitian?: boolean | undefined
}

const ldlOperation = operation<[AnyMatrix], LdlOptions, LDL<Factor>>(
  'ldl',
  ['hermitian'],
  (options, A): Task<LDL<Factor>> => {
    const hermitian = expectBoolean('hermitian', options.hermitian ?? true)
    const a = square(prepare('A', A))
    const n = a.rows
    const factors = roomLike(a, n * n, `the LDL factor of a ${n} x ${n} matrix`)
    const [d, e] = [roomLike(a, n, 'D'), roomLike(a, n, 'D')]
    const order = new Int32Array(n)
    return {
      start: (control, report) =>
        native.ldl(...spread(a), hermitian, factors, d, e, order, a.complex, report, control),
      finish: (_, report) => {
        const [, lost = -1, , , , norm = 0] = report
        return new LDL<Factor>(
          wrap(n, n, factors, a.complex),
          { kind: 'd', factors, d, e, order, hermitian },
          {
            n,
            complex: a.complex,
            norm,
            lost: lost < 0 ? -1 : (order[lost] as number),
            type: a.type,
          },
          report,
        )
      },
      reads: [a],
    }
  },
)

/**
 * P A P^T = L D L^H of a symmetric (Hermitian) indefinite matrix, of which the lower triangle is read; half the work
 * of {@link lu}, and it tells the signs of the eigenvalues. D has blocks of 1 x 1 and 2 x 2.
 *
 * Real matrices by tiles with a posteriori threshold pivoting (Duff, Hogg and Lopez 2020), the same bits for every number
 * of threads; complex ones, and those whose pivots lie across blocks, by LAPACK's sytrf and hetrf, which do not promise
 * that. A singular matrix is factored too, and its `solve` fails. n^3/3 operations.
 *
 * @throws ERR_SHAPE, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { ldl, Matrix } from 'numcore'
 * const F = await ldl(Matrix.from([[0, 2], [2, 0]]))
 * console.log(F.inertia, F.det()) // { positive: 1, negative: 1, zero: 0 } -4
 * ```
 */
export function ldl<A extends AnyMatrix>(
  A: A,
  options?: LdlOptions & AsyncOptions,
): Promise<LDL<ResultOf<A>>> {
  return ldlOperation.run(options, A) as Promise<LDL<ResultOf<A>>>
}

/** {@link ldl}, computed while the caller waits. */
export function ldlSync<A extends AnyMatrix>(
  A: A,
  options?: LdlOptions & SyncOptions,
): LDL<ResultOf<A>> {
  return ldlOperation.runSync(options, A) as LDL<ResultOf<A>>
}
