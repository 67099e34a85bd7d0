/** Norms of matrices and vectors, and condition numbers. */
import { invalidArgument, SingularError } from '../errors.js'
import type { AsyncOptions, Control, SyncOptions } from '../job.js'
import { native } from '../native.js'
import { expectBoolean } from '../options.js'
import { lu, luSync } from './lu.js'
import {
  type AnyMatrix,
  expectVector,
  isVector,
  prepare,
  spread,
  square,
  type Vector,
} from './operands.js'
import { operation } from './operation.js'
import { planSingularValues } from './svd.js'

/**
 * NumPy's orders of matrix norms: `'fro'` the root of the sum of squares, 1 and -1 the largest and smallest sum of a
 * column, Infinity and -Infinity of a row, 2 and -2 the largest and smallest singular value, `'nuc'` their sum.
 */
export type MatrixOrder = 'fro' | 'nuc' | number

export interface NormOptions {
  /**
   * Of a matrix: see {@link MatrixOrder}; default `'fro'`. Of a vector: any p, (sum |x_i|^p)^(1/p); Infinity and -Infinity
   * the largest and smallest |x_i|, 0 the number of nonzeros; default 2.
   */
  order?: MatrixOrder | number | undefined
  /** The elements of a vector are pairs re, im. Default false. */
  complex?: boolean | undefined
}

const bySums = new Map<unknown, string>([
  ['fro', 'fro'],
  [1, '1'],
  [-1, '-1'],
  [Number.POSITIVE_INFINITY, 'inf'],
  [Number.NEGATIVE_INFINITY, '-inf'],
])

function expectOrder(order: unknown): void {
  if (bySums.has(order) || order === 'nuc' || order === 2 || order === -2) return
  throw invalidArgument('one of "fro", "nuc", 1, -1, 2, -2, Infinity, -Infinity', 'order', order)
}

function planNorm(value: AnyMatrix | Vector, options: NormOptions) {
  if (isVector(value)) {
    const complex = expectBoolean('complex', options.complex ?? false)
    const x = expectVector(
      'x',
      value,
      complex ? Math.ceil(value.length / 2) : value.length,
      complex,
    )
    const p = options.order ?? 2
    if (typeof p !== 'number' || Number.isNaN(p)) throw invalidArgument('a number', 'order', p)
    return {
      start: (control: Control) => native.vectorNorm(x, p, complex, control),
      finish: (length: number) => length,
    }
  }
  if (options.complex !== undefined) {
    throw invalidArgument('nothing, beside a matrix,', 'complex', options.complex)
  }
  const order = options.order ?? 'fro'
  expectOrder(order)
  const kind = bySums.get(order)
  if (kind !== undefined) {
    const a = prepare('A', value)
    return {
      start: (control: Control) => native.matrixNorm(...spread(a), kind, a.complex, control),
      finish: (length: number) => length,
    }
  }
  return planSingularValues(value, (s) => {
    if (order === 2) return s[0] ?? 0
    if (order === -2) return s.at(-1) ?? 0
    let sum = 0
    for (const each of s) sum += each
    return sum
  })
}

const normOperation = operation<[AnyMatrix | Vector], NormOptions, number>(
  'norm',
  ['order', 'complex'],
  (options, value) => planNorm(value, options),
)

/**
 * The norm of a matrix or vector, all of NumPy's orders. NaN and infinity pass through, except where singular values are
 * needed, which refuse them.
 *
 * @example
 * ```ts
 * import { Matrix, norm } from 'numcore'
 * const A = Matrix.from([[3, 0], [4, 0]])
 * console.log(await norm(A), await norm(A, { order: 1 }), await norm(Float64Array.of(3, 4))) // 5 7 5
 * ```
 */
export function norm(A: AnyMatrix | Vector, options?: NormOptions & AsyncOptions): Promise<number> {
  return normOperation.run(options, A)
}

/** {@link norm}, computed while the caller waits. */
export function normSync(A: AnyMatrix | Vector, options?: NormOptions & SyncOptions): number {
  return normOperation.runSync(options, A)
}

export interface CondOptions {
  /** The norm, see {@link MatrixOrder}. Default 2, also for matrices that are not square; others need a square one. */
  order?: MatrixOrder | undefined
}

const condOperation = operation<[AnyMatrix], CondOptions, number>(
  'cond',
  ['order'],
  ({ order = 2 }, A) =>
    planSingularValues(A, (s) => {
      const [most, least] = [s[0] ?? 0, s.at(-1) ?? 0]
      return order === 2 ? most / least : least / most
    }),
)

/** The other orders need the inverse, as in NumPy. */
const bySingularValues = (order: unknown) => order === undefined || order === 2 || order === -2

/**
 * The condition number ||A|| ||A^-1||: the digits that a solution can lose. For the 2-norm the largest over the smallest
 * singular value. Infinity for a singular matrix. `solveInfo` and `invInfo` tell it along the way for less.
 *
 * @throws ERR_SHAPE, ERR_NOT_FINITE, ERR_NO_CONVERGENCE.
 *
 * @example
 * ```ts
 * import { cond, Matrix } from 'numcore'
 * console.log(await cond(Matrix.from([[1, 0], [0, 0.5]]))) // 2
 * ```
 */
export async function cond(A: AnyMatrix, options?: CondOptions & AsyncOptions): Promise<number> {
  if (bySingularValues(options?.order)) return condOperation.run(options, A)
  const { order, rest } = splitCond(A, options)
  try {
    const factors = await lu(A, rest)
    return (
      (await norm(A, { ...rest, order })) *
      (await norm(await factors.inverse(rest), { ...rest, order }))
    )
  } catch (error) {
    if (error instanceof SingularError) return Number.POSITIVE_INFINITY
    throw error
  }
}

/** {@link cond}, computed while the caller waits. */
export function condSync(A: AnyMatrix, options?: CondOptions & SyncOptions): number {
  if (bySingularValues(options?.order)) return condOperation.runSync(options, A)
  const { order, rest } = splitCond(A, options)
  try {
    const inverse = luSync(A, rest).inverseSync(rest)
    return normSync(A, { ...rest, order }) * normSync(inverse, { ...rest, order })
  } catch (error) {
    if (error instanceof SingularError) return Number.POSITIVE_INFINITY
    throw error
  }
}

function splitCond<O extends CondOptions>(A: AnyMatrix, options: O | undefined) {
  const { order = 2, ...rest } = options ?? ({} as O)
  expectOrder(order)
  square(prepare('A', A))
  return { order, rest: rest as Omit<O, 'order'> }
}
