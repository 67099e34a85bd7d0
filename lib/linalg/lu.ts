/** LU with partial pivoting, and the determinants that come from it. */
import type { Complex } from '../complex-matrix.js'
import type { AsyncOptions, SyncOptions } from '../job.js'
import { Matrix } from '../matrix.js'
import type { Reals } from '../matrix/elements.js'
import { native } from '../native.js'
import { type ComplexSignAndLog, forDiagonal, parity, type SignAndLog } from './determinant.js'
import { type DetOf, type Factor, Factorisation, type Kept, type SlogdetOf } from './factors.js'
import { type AnyMatrix, prepare, type ResultOf, room, roomLike, square, wrap } from './operands.js'
import { operation } from './operation.js'

/** P A = L U of an m x n matrix, k = min(m, n). Made by {@link lu}. */
export class LU<M extends Factor = Matrix> extends Factorisation<M> {
  /** m x n: L below the diagonal and U on and above it. */
  readonly factors: M
  /** Row i of P A is row `permutation[i]` of A. */
  readonly permutation: Int32Array

  constructor(factors: M, permutation: Int32Array, kept: Kept) {
    super({ kind: 'lu', factors: factors.data, order: permutation, hermitian: false }, kept)
    this.factors = factors
    this.permutation = permutation
  }

  /** m x k, lower triangular (trapezoidal) with ones on its diagonal. A new matrix each time. */
  get l(): M {
    const { rows, columns } = this.factors
    const k = Math.min(rows, columns)
    return this.#part(rows, k, (row, i, parts) => {
      row.fill(0, parts * Math.min(i, k))
      if (i < k) row[parts * i] = 1
    })
  }

  /** k x n, upper triangular (trapezoidal). A new matrix each time. */
  get u(): M {
    const { rows, columns } = this.factors
    return this.#part(Math.min(rows, columns), columns, (row, i, parts) => {
      row.fill(0, 0, parts * i)
    })
  }

  /**
   * The permutation as a matrix: A = P^T L U, and `p` is P^T, m x m, as `scipy.linalg.lu` has it. Of the precision of the
   * factors, and real. A new matrix each time.
   */
  get p(): Matrix<Reals> {
    const m = this.factors.rows
    const double = this.factors.data instanceof Float64Array
    const P = Matrix.zeros(m, m, { type: double ? 'float64' : 'float32' })
    this.permutation.forEach((row, i) => {
      P.data[row * m + i] = 1
    })
    return P
  }

  /** The first rows and columns of the factors, each row then shaped. */
  #part(rows: number, columns: number, shape: (row: Reals, i: number, parts: 1 | 2) => void): M {
    const { factors } = this
    const complex = 'complex' in factors
    const parts = complex ? 2 : 1
    const double = factors.data instanceof Float64Array
    const data = room(rows * columns, double, complex, `a ${rows} x ${columns} factor`)
    for (let i = 0; i < rows; i++) {
      const from = parts * i * factors.columns
      const row = data.subarray(parts * i * columns, parts * (i + 1) * columns)
      row.set(factors.data.subarray(from, from + parts * columns))
      shape(row, i, parts)
    }
    return wrap(rows, columns, data, complex) as M
  }

  protected forFactors(visit: (re: number, im: number) => void): void {
    visit(parity(this.permutation), 0)
    forDiagonal(this.factors.data, this.n, this.n, 'complex' in this.factors, visit)
  }
}

const luOperation = operation<[AnyMatrix], object, LU<Factor>>('lu', [], (_, A) => {
  const a = prepare('A', A)
  const [m, n] = [a.rows, a.columns]
  const factors = roomLike(a, m * n, () => `the LU factors of a ${m} x ${n} matrix`)
  const order = new Int32Array(m)
  return {
    start: (control, report) =>
      native.lu(
        a.data,
        a.rows,
        a.columns,
        a.leading,
        a.transposed,
        factors,
        order,
        a.complex,
        report,
        control,
      ),
    finish: (__, [lost = -1, norm = 0]) =>
      new LU<Factor>(wrap(m, n, factors, a.complex), order, {
        n: m,
        columns: n,
        complex: a.complex,
        norm,
        lost,
        type: a.type,
      }),
    reads: [a],
  }
})

/**
 * P A = L U with partial pivoting, of any m x n matrix: L is m x k and U is k x n with k = min(m, n). 2/3 n^3 operations for
 * a square one, LAPACK's getrf on threaded BLAS: the same bits for every number of threads are not promised. A singular
 * matrix is factored too, and its `solve` fails; `solve`, `inverse`, `det`, `slogdet` and `rcond` need a square one.
 *
 * @throws ERR_NOT_FINITE.
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

const determinantOperation = <R>(
  name: 'det' | 'slogdet',
  real: (re: number, log: number) => R,
  complex: (value: Complex, log: number) => R,
) =>
  operation<[AnyMatrix], object, R>(name, [], (_, A) => {
    const a = square(prepare('A', A))
    return {
      start: (control, report) =>
        native.determinant(
          a.data,
          a.rows,
          a.columns,
          a.leading,
          a.transposed,
          name === 'slogdet',
          a.complex,
          report,
          control,
        ),
      finish: (__, [re = 0, im = 0, log = 0]) =>
        a.complex ? complex({ re, im }, log) : real(re, log),
      reads: [a],
    }
  })

const detOperation = determinantOperation<number | Complex>(
  'det',
  (re) => re,
  (value) => value,
)
const slogdetOperation = determinantOperation<SignAndLog | ComplexSignAndLog>(
  'slogdet',
  (sign, logdet) => ({ sign, logdet }),
  (sign, logdet) => ({ sign, logdet }),
)

/**
 * The determinant of a square matrix, by LU in double precision; `{ re, im }` of a complex one. Large matrices overflow
 * easily: see {@link slogdet}. Up to order 32 by elimination of our own, beyond by LAPACK's getrf.
 *
 * @throws ERR_SHAPE when A is not square, ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { det, Matrix } from 'numcore'
 * console.log(await det(Matrix.from([[1, 2], [3, 4]]))) // -2
 * ```
 */
export function det<A extends AnyMatrix>(
  A: A,
  options?: AsyncOptions,
): Promise<DetOf<ResultOf<A>>> {
  return detOperation.run(options, A) as Promise<DetOf<ResultOf<A>>>
}

/** {@link det}, computed while the caller waits. */
export function detSync<A extends AnyMatrix>(A: A, options?: SyncOptions): DetOf<ResultOf<A>> {
  return detOperation.runSync(options, A) as DetOf<ResultOf<A>>
}

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
export function slogdet<A extends AnyMatrix>(
  A: A,
  options?: AsyncOptions,
): Promise<SlogdetOf<ResultOf<A>>> {
  return slogdetOperation.run(options, A) as Promise<SlogdetOf<ResultOf<A>>>
}

/** {@link slogdet}, computed while the caller waits. */
export function slogdetSync<A extends AnyMatrix>(
  A: A,
  options?: SyncOptions,
): SlogdetOf<ResultOf<A>> {
  return slogdetOperation.runSync(options, A) as SlogdetOf<ResultOf<A>>
}
