/** Reduction operations. */
import { invalidArgument, ShapeError } from '../errors.js'
import type { TypedArray } from '../native/mpi.js'
import { checkOptions, expectBoolean } from '../options.js'
import { mpi, started } from './runtime.js'

/** How two values become one: the first is from the lower ranks. */
export type Combine<T> = (a: T, b: T) => T

export interface OpOptions {
  /** Whether f(a, b) = f(b, a). Then MPI may combine in any order. Default false. */
  commute?: boolean | undefined
}

type Scalar = number | bigint | boolean
type AnyCombine = (a: never, b: never) => unknown

/**
 * An operation for reductions: one of MPI's, or your own from {@link Op.create}. The lower-case functions take a plain
 * function as well.
 *
 * @example
 * ```ts
 * import { COMM_WORLD as comm, Op } from 'numcore/mpi'
 * const hypot = Op.create((a, b) => Math.hypot(a, b), { commute: true })
 * const sums = new Float64Array(2)
 * comm.Allreduce(Float64Array.of(3, 4), sums, { op: hypot })
 * console.log(sums.length) // 2
 * ```
 */
export class Op {
  readonly #index: number
  readonly #combine: AnyCombine | undefined
  #freed = false
  /** Whether the order does not matter. */
  readonly commutes: boolean

  /** @internal */
  constructor(index: number, combine: AnyCombine | undefined, commutes: boolean) {
    this.#index = index
    this.#combine = combine
    this.commutes = commutes
  }

  /** @internal */
  get index(): number {
    if (this.#freed) throw invalidArgument('an operation that has not been freed', 'op', this)
    return this.#index
  }

  /**
   * An operation of your own, element by element: `combine` gets two elements and returns one. What it throws is thrown
   * by the call that needed it; the other ranks then wait for this one, so let the error end the job. At most 64 at a
   * time.
   */
  static create<T extends Scalar = number>(combine: Combine<T>, options?: OpOptions): Op {
    if (typeof combine !== 'function') throw invalidArgument('a function', 'combine', combine)
    const { commute = false } = checkOptions<OpOptions>('Op.create', options, ['commute'])
    const commutes = expectBoolean('commute', commute)
    const apply = (from: TypedArray, to: TypedArray) => {
      for (let i = 0; i < to.length; i++) to[i] = combine(from[i] as T, to[i] as T) as never
    }
    return new Op(mpi.opCreate(apply, commutes), combine, commutes)
  }

  /** Combines two arrays on this rank alone: `to[i] = from[i] op to[i]`. */
  reduceLocal(from: TypedArray, to: TypedArray): void {
    if (from.constructor !== to.constructor || from.length !== to.length) {
      throw new ShapeError(
        `Expected two arrays of one class and length for reduceLocal but received ${from.length} and ${to.length} ` +
          `elements of type ${from.constructor.name} and ${to.constructor.name}`,
      )
    }
    to.set(this.combine(from, to) as never)
  }

  /** Two values of a lower-case reduction: numbers, or arrays element by element. @internal */
  combine<T>(a: T, b: T): T {
    const combine = this.#combine as Combine<unknown> | undefined
    if (combine === undefined) throw invalidArgument('an operation that combines', 'op', this)
    if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) return combine(a, b) as T
    const [first, second] = [a as unknown as TypedArray, b as unknown as TypedArray]
    if (first.length !== second.length || first.constructor !== second.constructor) {
      throw new ShapeError(
        `Expected arrays of one class and length in a reduction but received ${first.length} and ${second.length} ` +
          `elements of type ${first.constructor.name} and ${second.constructor.name}`,
      )
    }
    // A Buffer's `slice` is no copy.
    const result = Buffer.isBuffer(first) ? Buffer.from(first) : first.slice()
    for (let i = 0; i < result.length; i++) {
      const value = combine(first[i], second[i]) as Scalar
      result[i] = (typeof value === 'boolean' ? castOf(result, value) : value) as never
    }
    return result as T
  }

  /** Gives its place back. */
  free(): void {
    if (this.#freed) return
    mpi.opFree(this.#index)
    this.#freed = true
  }

  [Symbol.dispose](): void {
    this.free()
  }
}

function castOf(array: TypedArray, value: boolean): number | bigint {
  const isBig = array instanceof BigInt64Array || array instanceof BigUint64Array
  return isBig ? BigInt(value) : Number(value)
}

// Numbers and BigInts follow the same operators; which of the two a value is, the caller knows.
type N = number
type Located = readonly [value: N, place: N]

function located(value: unknown): Located {
  if (Array.isArray(value) && value.length === 2) return value as unknown as Located
  throw invalidArgument('[value, place]', 'the value of MAXLOC or MINLOC', value)
}

function extreme(isBetter: (a: N, b: N) => boolean): Combine<Located> {
  return (first, second) => {
    const [a, b] = [located(first), located(second)]
    if (a[0] === b[0]) return a[1] <= b[1] ? a : b
    return isBetter(a[0], b[0]) ? a : b
  }
}

function predefined(name: string, combine: AnyCombine): Op {
  return new Op(started.ops[name] as number, combine, true)
}

function arithmetic(name: string, combine: Combine<N>): Op {
  const checked = (a: unknown, b: unknown) => {
    for (const value of [a, b]) {
      if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
        continue
      throw invalidArgument(
        'numbers, or arrays of one class and length, or a function as op,',
        `the values of ${name}`,
        value,
      )
    }
    return combine(a as N, b as N)
  }
  return predefined(name, checked)
}

export const MAX = arithmetic('MAX', (a, b) => (a > b ? a : b))
export const MIN = arithmetic('MIN', (a, b) => (a < b ? a : b))
export const SUM = arithmetic('SUM', (a, b) => a + b)
export const PROD = arithmetic('PROD', (a, b) => a * b)
/** Logical and: true where both are. */
export const LAND = predefined('LAND', (a: unknown, b: unknown) => Boolean(a) && Boolean(b))
export const BAND = arithmetic('BAND', (a, b) => a & b)
export const LOR = predefined('LOR', (a: unknown, b: unknown) => Boolean(a) || Boolean(b))
export const BOR = arithmetic('BOR', (a, b) => a | b)
export const LXOR = predefined('LXOR', (a: unknown, b: unknown) => Boolean(a) !== Boolean(b))
export const BXOR = arithmetic('BXOR', (a, b) => a ^ b)
/** The largest value and its place: `[value, place]`, or pairs of type `TWO_INT`; the lowest place when several are. */
export const MAXLOC = predefined(
  'MAXLOC',
  extreme((a, b) => a > b),
)
/** The smallest value and its place. */
export const MINLOC = predefined(
  'MINLOC',
  extreme((a, b) => a < b),
)
/** One-sided: what is put replaces what was there. */
export const REPLACE = predefined('REPLACE', (_: unknown, b: unknown) => b)
/** One-sided: what was there stays. */
export const NO_OP = predefined('NO_OP', (a: unknown) => a)

/** @internal */
export function expectOp(op: unknown): Op {
  if (op instanceof Op) return op
  const hint = typeof op === 'function' ? ' (Op.create makes one of a function)' : ''
  throw invalidArgument(`an Op${hint}`, 'op', op)
}

/** What a lower-case reduction combines with. @internal */
export function combineOf<T>(op: unknown): Combine<T> {
  if (op === undefined) return (a, b) => SUM.combine(a, b)
  if (op instanceof Op) return (a, b) => op.combine(a, b)
  if (typeof op === 'function') return op as Combine<T>
  throw invalidArgument('an Op or a function', 'op', op)
}
