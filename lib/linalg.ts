/** Linear algebra: the inverse of a matrix. */
import {
  fromNative,
  invalidArgument,
  isNativeFailure,
  NotFiniteError,
  ShapeError,
  SingularError,
  sentence,
} from './errors.js'
import {
  type AsyncOptions,
  asyncKeys,
  type Control,
  reportFor,
  run,
  runSync,
  type SyncOptions,
  syncKeys,
} from './job.js'
import {
  allocate,
  checkMatrix,
  type DenseLike,
  dense,
  Matrix,
  type MatrixLike,
  type Reals,
  typeOf,
} from './matrix.js'
import { sharesMemory } from './linalg/operands.js'
import { native } from './native.js'
import { checkOptions, expectBoolean, expectOneOf } from './options.js'

const assumptions = ['auto', 'general', 'symmetric', 'positive-definite'] as const

/** What is known of a matrix beforehand. */
export type Assume = (typeof assumptions)[number]

const methods = ['cholesky', 'ldlt', 'bunch-kaufman', 'lu'] as const

/** How an inverse was computed. */
export type InverseMethod = (typeof methods)[number]

export interface InverseOptions<T extends Reals = Reals> {
  /**
   * `'auto'` looks at the matrix: symmetric to the last bit or not, then positive definite or not.
   * `'symmetric'` and `'positive-definite'` read the lower triangle only (row >= column).
   */
  assume?: Assume | undefined
  /** Where the inverse goes; same order and type as the argument. Default: a new matrix. */
  out?: Matrix<T> | undefined
  /** Writes the inverse over the argument, which saves a matrix. Default false. */
  overwrite?: boolean | undefined
}

/** What {@link invInfo} tells beside the inverse. */
export interface InverseInfo<T extends Reals = Float64Array> {
  inverse: Matrix<T>
  /**
   * `'cholesky'` (positive definite), `'ldlt'` (symmetric, tiles), `'bunch-kaufman'` (symmetric, the
   * safe route) or `'lu'`.
   */
  method: InverseMethod
  /** Exactly 1 / (||A||_1 ||A^-1||_1), between 0 and 1: its digits are the digits that are lost. */
  rcond: number
  /**
   * ||I - A X||_F / (||A||_1 ||X||_1 n eps), estimated with random vectors: about 1 or less is as good
   * as the arithmetic allows. With `overwrite` too: what it needs of A is taken beforehand.
   */
  residual: number
  /** Largest element met during elimination over the largest of A. */
  growth: number
  /** Number of positive, negative and zero eigenvalues; null where the route does not tell (LU). */
  inertia: { positive: number; negative: number; zero: number } | null
  /** True when the first result did not pass the check and was corrected. */
  repaired: boolean
  /** The threads that worked on it: one for small matrices, whatever was asked for. */
  threads: number
}

const inverseKeys = ['assume', 'out', 'overwrite'] as const

interface Filled {
  a: DenseLike
  /** The class of the argument, for messages: a view's elements may have been copied. */
  type: string
  out: Matrix<Reals>
  assume: Assume
  given: boolean
  /** What the add-on has to tell, in the order of native/addon/linalg.cc. */
  report?: Float64Array
}

function fill(A: MatrixLike, options: InverseOptions): Filled {
  const overwrite = expectBoolean('overwrite', options.overwrite ?? false)
  // A copy of a view would be overwritten instead of it.
  const a = overwrite ? checkMatrix('A', A as DenseLike) : dense('A', A)
  const type = A.constructor.name
  if (a.rows !== a.columns) {
    throw new ShapeError(
      `Expected a square matrix for A but received ${a.rows} x ${a.columns} of type ${type}`,
    )
  }
  const assume = expectOneOf('assume', options.assume ?? 'auto', assumptions)
  const { out } = options
  const n = a.rows
  if (overwrite) {
    if (out !== undefined) throw invalidArgument('nothing, beside overwrite,', 'out', out)
    return { a, type, out: new Matrix<Reals>(n, n, a.data), assume, given: true }
  }
  if (out === undefined) {
    const data = allocate(typeOf(a.data), n * n, () => `the inverse of a ${n} x ${n} matrix`)
    return { a, type, out: new Matrix<Reals>(n, n, data), assume, given: false }
  }
  checkMatrix('out', out)
  if (out.rows !== n || out.columns !== n || typeOf(out.data) !== typeOf(a.data)) {
    throw new ShapeError(
      `Expected a ${n} x ${n} matrix of ${typeOf(a.data)} for out but received ` +
        `${out.rows} x ${out.columns} of type ${out.data.constructor.name}`,
    )
  }
  if (sharesMemory(a.data, out.data)) {
    throw invalidArgument('a matrix that shares no memory with A (or overwrite: true)', 'out', out)
  }
  return { a, type, out, assume, given: true }
}

function start(filled: Filled) {
  const { a, out, assume } = filled
  return (control: Control) => {
    filled.report = reportFor(control)
    return native.inv(a.data, out.data, a.rows, assumptions.indexOf(assume), filled.report, control)
  }
}

function translate({ a, type }: Filled) {
  return (error: unknown): unknown => {
    if (!isNativeFailure(error)) return error
    const { where = 0 } = error
    const n = a.rows
    switch (error.code) {
      case 'ERR_NOT_FINITE': {
        const place = `A[${Math.floor(where / n)}][${where % n}]`
        return new NotFiniteError(sentence('a finite number', place, a.data[where]), where)
      }
      case 'ERR_SINGULAR':
        return new SingularError(
          `Expected an invertible matrix for A but received a singular one of type ` +
            `${type}: elimination found no pivot in row ${where}`,
          where,
          'ERR_SINGULAR',
        )
      case 'ERR_NOT_POSITIVE_DEFINITE':
        return new SingularError(
          `Expected a positive definite matrix for A but received one of type ${type} ` +
            `whose leading minor of order ${where + 1} is not positive`,
          where,
          'ERR_NOT_POSITIVE_DEFINITE',
        )
      default:
        return fromNative(error)
    }
  }
}

function finish({ out, report }: Filled): InverseInfo<Reals> {
  const [
    method = 0,
    rcond = 0,
    residual = 0,
    growth = 0,
    positive = 0,
    negative = 0,
    zero = 0,
    inertiaKnown = 0,
    repaired = 0,
    threads = 0,
  ] = report as Float64Array
  const epsilon = typeOf(out.data) === 'float64' ? Number.EPSILON : 2 ** -23
  if (rcond < epsilon) {
    process.emitWarning(
      `The matrix is ill-conditioned (reciprocal condition ${rcond.toPrecision(3)}): ` +
        'the inverse may have no correct digit',
      { type: 'NumcoreWarning', code: 'NUMCORE_ILL_CONDITIONED' },
    )
  }
  return {
    inverse: out,
    method: methods[method] as InverseMethod,
    rcond,
    residual,
    growth,
    inertia: inertiaKnown === 1 ? { positive, negative, zero } : null,
    repaired: repaired === 1,
    threads,
  }
}

/**
 * The inverse of a square matrix. Symmetric matrices take a route of half the work; a matrix that is
 * not symmetric to the last bit is general. Reads A, writes a new matrix (or `out`, or A itself with
 * `overwrite`).
 *
 * Cost: n^3 operations for symmetric and 2 n^3 for general matrices; memory for the result and little
 * more. If what you want is A^-1 b, solving costs less and is more accurate.
 *
 * @param A n x n, Float64 or Float32; the inverse has the same type. A view is copied first, unless its elements lie
 *   dense anyway; `overwrite` takes no view.
 * @throws ERR_SHAPE when A is not square, ERR_NOT_FINITE naming the first NaN or infinity, ERR_SINGULAR
 *   naming the pivot, ERR_NOT_POSITIVE_DEFINITE when `assume` said so and it is not,
 *   ERR_OUT_OF_MEMORY. A reciprocal condition below the machine's precision is a process warning.
 *
 * @example
 * ```ts
 * import { inv, Matrix } from 'numcore'
 * const X = await inv(Matrix.from([[4, 2], [2, 2]]))
 * console.log(X.toArray()) // [ [ 0.5, -0.5 ], [ -0.5, 1 ] ]
 * ```
 */
export async function inv<T extends Reals>(
  A: MatrixLike<T>,
  options?: InverseOptions<T> & AsyncOptions,
): Promise<Matrix<T>> {
  return (await compute('inv', A, options)).inverse as Matrix<T>
}

/**
 * The inverse with what is known about it: how it was computed, how well conditioned the matrix is,
 * how good the result is, and the signs of its eigenvalues. Same arguments and errors as {@link inv}.
 *
 * @example
 * ```ts
 * import { invInfo, Matrix } from 'numcore'
 * const { method, inertia, rcond } = await invInfo(Matrix.from([[0, 1], [1, 0]]))
 * console.log(inertia, rcond) // { positive: 1, negative: 1, zero: 0 } 1
 * ```
 */
export async function invInfo<T extends Reals>(
  A: MatrixLike<T>,
  options?: InverseOptions<T> & AsyncOptions,
): Promise<InverseInfo<T>> {
  return (await compute('invInfo', A, options)) as InverseInfo<T>
}

async function compute(
  name: string,
  A: MatrixLike,
  options: (InverseOptions & AsyncOptions) | undefined,
): Promise<InverseInfo<Reals>> {
  const checked = checkOptions<InverseOptions & AsyncOptions>(name, options, [
    ...inverseKeys,
    ...asyncKeys,
  ])
  const filled = fill(A, checked)
  await run(start(filled), checked, { translate: translate(filled), lendsOutput: filled.given })
  return finish(filled)
}

/** {@link inv}, computed while the caller waits. */
export function invSync<T extends Reals>(
  A: MatrixLike<T>,
  options?: InverseOptions<T> & SyncOptions,
): Matrix<T> {
  return computeSync('invSync', A, options).inverse as Matrix<T>
}

/** {@link invInfo}, computed while the caller waits. */
export function invInfoSync<T extends Reals>(
  A: MatrixLike<T>,
  options?: InverseOptions<T> & SyncOptions,
): InverseInfo<T> {
  return computeSync('invInfoSync', A, options) as InverseInfo<T>
}

function computeSync(
  name: string,
  A: MatrixLike,
  options: (InverseOptions & SyncOptions) | undefined,
): InverseInfo<Reals> {
  const checked = checkOptions<InverseOptions & SyncOptions>(name, options, [
    ...inverseKeys,
    ...syncKeys,
  ])
  const filled = fill(A, checked)
  runSync(start(filled), checked, { translate: translate(filled) })
  return finish(filled)
}
