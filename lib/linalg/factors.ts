/** What the factorisations of square matrices have in common: they solve, invert, and know their determinant. */
import { type Complex, ComplexMatrix } from '../complex-matrix.js'
import { ShapeError, SingularError } from '../errors.js'
import type { AsyncOptions, Control, SyncOptions } from '../job.js'
import { Matrix } from '../matrix.js'
import type { Reals } from '../matrix/elements.js'
import { native } from '../native.js'
import { type ComplexSignAndLog, determinant, LongProduct, type SignAndLog } from './determinant.js'
import { type AnyMatrix, Prepared, spread, type Vector } from './operands.js'
import { operation, type Task } from './operation.js'
import { rightSide, type SolutionOf } from './right-side.js'

/** Real or complex. */
export type Factor = Matrix<Reals> | ComplexMatrix<Reals>

/** A determinant: a number, and of a complex matrix a complex one. */
export type DetOf<M> = M extends { complex: true } ? Complex : number
export type SlogdetOf<M> = M extends { complex: true } ? ComplexSignAndLog : SignAndLog

/** The arrays of a factorisation as the add-on takes them. */
export interface Held {
  kind: 'cholesky' | 'd' | 'lu'
  factors: Reals
  d?: Reals
  e?: Reals
  order?: Int32Array
  hermitian: boolean
}

/** What a factorisation keeps beside its factors. */
export interface Kept {
  n: number
  /** Other than n for the LU of a rectangular matrix, which is only to be looked at. */
  columns?: number
  complex: boolean
  /** ||A||_1 */
  norm: number
  /** The pivot that is zero or nothing but rounding error, in the rows of A, or -1. */
  lost: number
  type: string
}

const arrays = ({ kind, factors, d, e, order, hermitian }: Held, complex: boolean) =>
  [kind, factors, d, e, order, hermitian, complex] as const

/** Refuses what cannot be done with the factors of a rectangular matrix. */
function expectSquare({ n, columns = n, type }: Kept): void {
  if (columns === n) return
  throw new ShapeError(
    `Expected a square matrix for A but received ${n} x ${columns} of type ${type}`,
  )
}

const solveOperation = operation<[Held, Kept, AnyMatrix | Vector], object, unknown>(
  'solve',
  [],
  (_, held, kept, B) => {
    const { n, complex, lost, type } = kept
    expectSquare(kept)
    if (lost >= 0) {
      throw new SingularError(
        `Expected an invertible matrix for A but received a singular one of type ${type}: ` +
          `elimination found no pivot in row ${lost}`,
        lost,
        'ERR_SINGULAR',
      )
    }
    const value = complex
      ? new ComplexMatrix<Reals>(n, n, held.factors)
      : new Matrix<Reals>(n, n, held.factors)
    const leading = Math.max(1, n)
    const like = new Prepared(held.factors, n, n, leading, false, complex, 'A', value)
    const { a, b, x, result } = rightSide(like, B)
    // A right-hand side of more precision or with imaginary parts takes the factors along.
    const wide = a === like ? held : widened(held, a)
    return {
      start: (control) => native.factorSolve(...arrays(wide, a.complex), ...spread(b), x, control),
      finish: result,
      reads: [b],
    }
  },
)

function widened(held: Held, a: Prepared): Held {
  const convert = (values: Reals | undefined): Reals | undefined => {
    if (values === undefined) return undefined
    const parts = a.complex && held.factors.length * 2 === a.data.length ? 2 : 1
    const Class = a.data instanceof Float64Array ? Float64Array : Float32Array
    const result = new Class(values.length * parts)
    for (let i = 0; i < values.length; i++) result[i * parts] = values[i] as number
    return result
  }
  const [d, e] = [convert(held.d), convert(held.e)]
  return {
    ...held,
    factors: a.data,
    ...(d === undefined ? {} : { d }),
    ...(e === undefined ? {} : { e }),
  }
}

const rcondOperation = operation<[Held, Kept], object, number>(
  'rcond',
  [],
  (_, held, kept): Task<number> => {
    const { n, complex, norm, lost } = kept
    expectSquare(kept)
    if (lost >= 0) return { start: (control) => finishAtOnce(control), finish: () => 0 }
    return {
      start: (control) => native.factorRcond(...arrays(held, complex), n, norm, control),
      finish: (rcond: number) => rcond,
    }
  },
)

/** A job that has nothing to do. */
function finishAtOnce(control: Control): unknown {
  if (typeof control !== 'number') control.done(null)
  return () => {}
}

/**
 * A factorisation of a square matrix A, to be used as often as wanted. (The LU of a rectangular one can only be looked at:
 * all methods refuse it with ERR_SHAPE.)
 */
export abstract class Factorisation<M extends Factor> {
  /** Order of the matrix; its number of rows, if it is rectangular. */
  readonly n: number
  readonly #held: Held
  readonly #kept: Kept

  constructor(held: Held, kept: Kept) {
    this.n = kept.n
    this.#held = held
    this.#kept = kept
  }

  /** The numbers whose product is the determinant. */
  protected abstract forFactors(visit: (re: number, im: number) => void): void

  /**
   * X = A^-1 B for one right-hand side (an array) or many (the columns of a matrix): 2 n^2 operations each.
   *
   * @throws ERR_SINGULAR naming the pivot, ERR_SHAPE, ERR_NOT_FINITE for B.
   */
  solve<B extends AnyMatrix | Vector>(B: B, options?: AsyncOptions): Promise<SolutionOf<M, B>> {
    return solveOperation.run(options, this.#held, this.#kept, B) as Promise<SolutionOf<M, B>>
  }

  /** {@link solve}, computed while the caller waits. */
  solveSync<B extends AnyMatrix | Vector>(B: B, options?: SyncOptions): SolutionOf<M, B> {
    return solveOperation.runSync(options, this.#held, this.#kept, B) as SolutionOf<M, B>
  }

  /** A^-1, by solving with the identity: 2 n^3 operations. `inv(A)` takes half of that, and less of a symmetric A. */
  async inverse(options?: AsyncOptions): Promise<M> {
    expectSquare(this.#kept)
    return (await this.solve(this.#identity(), options)) as unknown as M
  }

  /** {@link inverse}, computed while the caller waits. */
  inverseSync(options?: SyncOptions): M {
    expectSquare(this.#kept)
    return this.solveSync(this.#identity(), options) as unknown as M
  }

  /**
   * Estimate of 1 / (||A||_1 ||A^-1||_1), from a few solves (LAPACK's lacn2): seldom more than three times too large.
   * 0 for a singular matrix.
   */
  rcond(options?: AsyncOptions): Promise<number> {
    return rcondOperation.run(options, this.#held, this.#kept)
  }

  /** {@link rcond}, computed while the caller waits. */
  rcondSync(options?: SyncOptions): number {
    return rcondOperation.runSync(options, this.#held, this.#kept)
  }

  /** The determinant; of a large matrix it overflows easily, {@link slogdet} does not. O(n). */
  det(): DetOf<M> {
    expectSquare(this.#kept)
    const { re, im } = determinant((visit) => this.forFactors(visit))
    return (this.#kept.complex ? { re, im } : re) as DetOf<M>
  }

  /** Sign and logarithm of the determinant. O(n). */
  slogdet(): SlogdetOf<M> {
    expectSquare(this.#kept)
    const product = new LongProduct()
    this.forFactors((re, im) => product.multiply(re, im))
    return (this.#kept.complex ? product.complex() : product.real()) as SlogdetOf<M>
  }

  #identity(): Factor {
    const { n, complex } = this.#kept
    const double = this.#held.factors instanceof Float64Array
    if (complex) return ComplexMatrix.identity(n, { type: double ? 'complex128' : 'complex64' })
    return Matrix.identity(n, { type: double ? 'float64' : 'float32' })
  }
}
