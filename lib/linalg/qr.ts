/** QR factorisation. */
import type { Complex } from '../complex-matrix.js'
import { ShapeError, SingularError } from '../errors.js'
import type { AsyncOptions, SyncOptions } from '../job.js'
import type { Matrix } from '../matrix.js'
import { native } from '../native.js'
import { expectBoolean, expectOneOf } from '../options.js'
import { determinant, forDiagonal, LongProduct, parity } from './determinant.js'
import type { DetOf, Factor, SlogdetOf } from './factors.js'
import {
  type AnyMatrix,
  isVector,
  prepare,
  type ResultOf,
  roomLike,
  spread,
  type Vector,
  wrap,
} from './operands.js'
import { operation } from './operation.js'
import { matmul, matmulSync, matvec, matvecSync } from './products.js'
import type { SolutionOf } from './right-side.js'
import { solveTriangular, solveTriangularSync } from './structured.js'

const modes = ['thin', 'full'] as const

export interface QrOptions {
  /** `'thin'`: Q has as many columns as the smaller dimension. `'full'`: Q is square. Default `'thin'`. */
  mode?: (typeof modes)[number] | undefined
  /** Orders the columns so that R's diagonal falls, which tells the rank. Slower. Default false. */
  pivoting?: boolean | undefined
}

/** A = Q R, or A P = Q R. Made by {@link qr}. */
export class QR<M extends Factor = Matrix> {
  /** Orthonormal columns. */
  readonly q: M
  /** Upper triangular (trapezoidal for a wide A). */
  readonly r: M
  /** Column i of A P is column `permutation[i]` of A; null without pivoting. */
  readonly permutation: Int32Array | null
  readonly #sign: Complex

  constructor(q: M, r: M, permutation: Int32Array | null, sign: Complex) {
    this.q = q
    this.r = r
    this.permutation = permutation
    this.#sign = sign
  }

  /**
   * The least-squares solution of A X = B for an A of full column rank, at least as many rows as columns:
   * R^-1 Q^H B. For one that may lack rank, see `lstsq`.
   *
   * @throws ERR_SHAPE for an A with more columns than rows, ERR_SINGULAR when R has a zero on its diagonal.
   */
  async solve<B extends AnyMatrix | Vector>(
    B: B,
    options?: AsyncOptions,
  ): Promise<SolutionOf<M, B>> {
    const R = this.#triangle()
    const right = isVector(B)
      ? await matvec(this.#thin(), B, { adjoint: true, ...options })
      : await matmul(this.#thin(), B as AnyMatrix, { adjointA: true, ...options })
    const X = await solveTriangular(R, right as AnyMatrix, { ...options, lower: false })
    return this.#inOrder(X as never) as SolutionOf<M, B>
  }

  /** {@link solve}, computed while the caller waits. */
  solveSync<B extends AnyMatrix | Vector>(B: B, options?: SyncOptions): SolutionOf<M, B> {
    const R = this.#triangle()
    const right = isVector(B)
      ? matvecSync(this.#thin(), B, { adjoint: true, ...options })
      : matmulSync(this.#thin(), B as AnyMatrix, { adjointA: true, ...options })
    const X = solveTriangularSync(R, right as AnyMatrix, { ...options, lower: false })
    return this.#inOrder(X as never) as SolutionOf<M, B>
  }

  /** A^-1 of a square A. */
  async inverse(options?: AsyncOptions): Promise<M> {
    return (await this.solve(this.#identity(), options)) as unknown as M
  }

  /** {@link inverse}, computed while the caller waits. */
  inverseSync(options?: SyncOptions): M {
    return this.solveSync(this.#identity(), options) as unknown as M
  }

  /**
   * 1 / (||R||_1 ||R^-1||_1) of a square A, exactly: within a factor n of A's own, as Q changes lengths in the 1-norm by
   * at most the root of n. 0 for a singular matrix.
   */
  async rcond(options?: AsyncOptions): Promise<number> {
    try {
      const inverse = await solveTriangular(this.#triangle(), this.#identity(), {
        ...options,
        lower: false,
      })
      return Math.min(1, 1 / (normOne(this.r) * normOne(inverse as Factor)))
    } catch (error) {
      if (error instanceof SingularError) return 0
      throw error
    }
  }

  /** {@link rcond}, computed while the caller waits. */
  rcondSync(options?: SyncOptions): number {
    try {
      const inverse = solveTriangularSync(this.#triangle(), this.#identity(), {
        ...options,
        lower: false,
      })
      return Math.min(1, 1 / (normOne(this.r) * normOne(inverse as Factor)))
    } catch (error) {
      if (error instanceof SingularError) return 0
      throw error
    }
  }

  /** The determinant of a square A. */
  det(): DetOf<M> {
    const { re, im } = determinant((visit) => this.#forFactors(visit))
    return ('complex' in this.r ? { re, im } : re) as DetOf<M>
  }

  /** Sign and logarithm of the determinant of a square A. */
  slogdet(): SlogdetOf<M> {
    const product = new LongProduct()
    this.#forFactors((re, im) => product.multiply(re, im))
    return ('complex' in this.r ? product.complex() : product.real()) as SlogdetOf<M>
  }

  #forFactors(visit: (re: number, im: number) => void): void {
    this.#expectSquare()
    visit(this.#sign.re, this.#sign.im)
    if (this.permutation !== null) visit(parity(this.permutation), 0)
    forDiagonal(this.r.data, this.r.columns, this.r.columns, 'complex' in this.r, visit)
  }

  #expectSquare(): void {
    if (this.q.rows === this.r.columns) return
    throw new ShapeError(
      `Expected a square matrix for A but received ${this.q.rows} x ${this.r.columns} of type ${this.q.constructor.name}`,
    )
  }

  #identity(): Factor {
    this.#expectSquare()
    const n = this.r.columns
    const parts = 'complex' in this.r ? 2 : 1
    const data = new (this.r.data.constructor as Float64ArrayConstructor)(parts * n * n)
    for (let i = 0; i < n; i++) data[parts * (i * n + i)] = 1
    return wrap(n, n, data, parts === 2)
  }

  /** The first n rows of R. */
  #triangle(): Factor {
    const n = this.r.columns
    if (this.q.rows < n) {
      throw new ShapeError(
        `Expected at least as many rows as columns for A but received ${this.q.rows} x ${n} ` +
          `of type ${this.q.constructor.name} (lstsq solves such systems)`,
      )
    }
    const parts = 'complex' in this.r ? 2 : 1
    return wrap(n, n, this.r.data.subarray(0, parts * n * n), parts === 2)
  }

  /** The first n columns of Q. */
  #thin(): Factor {
    const { q } = this
    const n = this.r.columns
    if (q.columns === n) return q
    const parts = 'complex' in q ? 2 : 1
    const data = new (q.data.constructor as Float64ArrayConstructor)(parts * q.rows * n)
    for (let i = 0; i < q.rows; i++) {
      const from = parts * i * q.columns
      data.set(q.data.subarray(from, from + parts * n), parts * i * n)
    }
    return wrap(q.rows, n, data, parts === 2)
  }

  /** Undoes the order of the columns: the rows of the solution. */
  #inOrder(X: Vector | Factor): Vector | Factor {
    if (this.permutation === null) return X
    const [data, n] = [isVector(X) ? X : X.data, this.permutation.length]
    const width = n === 0 ? 0 : data.length / n
    const sorted = data.slice()
    this.permutation.forEach((to, i) => {
      sorted.set(data.subarray(i * width, (i + 1) * width), to * width)
    })
    return isVector(X) ? sorted : wrap(X.rows, X.columns, sorted, 'complex' in X)
  }
}

function normOne(M: Factor): number {
  const parts = 'complex' in M ? 2 : 1
  const sums = new Float64Array(M.columns)
  for (let k = 0; k < M.rows * M.columns; k++) {
    const im = parts === 2 ? (M.data[2 * k + 1] as number) : 0
    ;(sums[k % M.columns] as number) += Math.hypot(M.data[parts * k] as number, im)
  }
  return sums.reduce((most, sum) => Math.max(most, sum), 0)
}

const qrOperation = operation<[AnyMatrix], QrOptions, QR<Factor>>(
  'qr',
  ['mode', 'pivoting'],
  (options, A) => {
    const mode = expectOneOf('mode', options.mode ?? 'thin', modes)
    const pivoting = expectBoolean('pivoting', options.pivoting ?? false)
    const a = prepare('A', A)
    const [m, n] = [a.rows, a.columns]
    const width = mode === 'full' ? m : Math.min(m, n)
    const q = roomLike(a, m * width, `the Q of a ${m} x ${n} matrix`)
    const r = roomLike(a, width * n, `the R of a ${m} x ${n} matrix`)
    const pivots = pivoting ? new Int32Array(n) : undefined
    return {
      start: (control, report) =>
        native.qr(...spread(a), width, q, r, pivots, a.complex, report, control),
      finish: (_, [re = 0, im = 0]) =>
        new QR<Factor>(wrap(m, width, q, a.complex), wrap(width, n, r, a.complex), pivots ?? null, {
          re,
          im,
        }),
      reads: [a],
    }
  },
)

/**
 * A = Q R with orthonormal columns in Q and an upper triangular R, of any m x n matrix; with `pivoting` A P = Q R. About
 * 4 m n^2 operations. LAPACK's geqrf or geqp3, and orgqr, on threaded BLAS: the same bits for every number of threads are
 * not promised.
 *
 * @throws ERR_NOT_FINITE.
 *
 * @example
 * ```ts
 * import { qr, Matrix } from 'numcore'
 * const { q, r } = await qr(Matrix.from([[3, 1], [4, 2]]))
 * console.log(Math.abs(r.get(0, 0)).toFixed(9), q.rows, q.columns) // 5.000000000 2 2
 * ```
 */
export function qr<A extends AnyMatrix>(
  A: A,
  options?: QrOptions & AsyncOptions,
): Promise<QR<ResultOf<A>>> {
  return qrOperation.run(options, A) as Promise<QR<ResultOf<A>>>
}

/** {@link qr}, computed while the caller waits. */
export function qrSync<A extends AnyMatrix>(
  A: A,
  options?: QrOptions & SyncOptions,
): QR<ResultOf<A>> {
  return qrOperation.runSync(options, A) as QR<ResultOf<A>>
}
