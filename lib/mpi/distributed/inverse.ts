/** The inverse of a block-cyclic matrix, through ScaLAPACK. */
import {
  invalidArgument,
  InvalidArgumentError,
  NoScalapackError,
  OutOfMemoryError,
  ShapeError,
} from '../../errors.js'
import { type Assume, assumptions, faults, warnOfCondition } from '../../linalg.js'
import type { Reals } from '../../matrix.js'
import type { NativeInversion } from '../../native/mpi.js'
import { checkOptions, expectBoolean, expectInteger, expectOneOf } from '../../options.js'
import { maxThreads, resolveThreads } from '../../threads.js'
import { apart } from '../agree.js'
import type { Comm } from '../comm.js'
import { mpi, started } from '../runtime.js'
import { BlockCyclicMatrix } from './block-cyclic.js'
import { reasonAgainst } from './scalapack.js'

export interface DistributedInverseOptions {
  /**
   * `'auto'` looks at the matrix: symmetric to the last bit or not, then positive definite or not.
   * `'symmetric'` and `'positive-definite'` read the lower triangle only (row >= column).
   */
  assume?: Assume | undefined
  /** Writes the inverse over the argument, which saves a matrix. When that fails, the argument is lost. Default false. */
  overwrite?: boolean | undefined
  /** Threads of this rank's BLAS. Default: see `info().threads`. */
  threads?: number | undefined
}

/** What {@link invInfo} tells beside the inverse; the same on all ranks. */
export interface DistributedInverseInfo<T extends Reals = Float64Array> {
  inverse: BlockCyclicMatrix<T>
  /** `'cholesky'` (positive definite: pdpotrf, pdpotri) or `'lu'` (pdgetrf, pdgetri). */
  method: 'cholesky' | 'lu'
  /** Exactly 1 / (||A||_1 ||A^-1||_1): its digits are the digits that are lost. */
  rcond: number
  /**
   * ||I - X A||_F / (||A||_1 ||X||_1 n eps), estimated with random vectors: about 1 or less is as good as the arithmetic
   * allows.
   */
  residual: number
}

const keys = ['assume', 'overwrite', 'threads'] as const

interface Filled {
  comm: Comm
  A: BlockCyclicMatrix<Reals>
  /** Where the inverse goes; undefined when there is no memory for it. */
  out: BlockCyclicMatrix<Reals> | undefined
  assume: Assume
  threads: number
}

function fill(
  name: string,
  comm: Comm,
  A: BlockCyclicMatrix<Reals>,
  options: DistributedInverseOptions | undefined,
): Filled {
  const given = checkOptions<DistributedInverseOptions>(name, options, keys)
  if (!(A instanceof BlockCyclicMatrix)) throw invalidArgument('a BlockCyclicMatrix', 'A', A)
  if (A.comm !== comm) throw invalidArgument('the communicator of A', 'comm', comm)
  if (A.rows !== A.columns) {
    throw new ShapeError(
      `Expected a square matrix for A but received ${A.rows} x ${A.columns} of type BlockCyclicMatrix`,
    )
  }
  const assume = expectOneOf('assume', given.assume ?? 'auto', assumptions)
  const { threads } = given
  if (threads !== undefined) expectInteger('threads', threads, 1, maxThreads)
  const overwrite = expectBoolean('overwrite', given.overwrite ?? false)
  return {
    comm,
    A,
    out: overwrite ? A : copyOf(A),
    assume,
    threads: resolveThreads(threads),
  }
}

/** All ranks have to hear of it when one has no memory. */
function copyOf(A: BlockCyclicMatrix<Reals>): BlockCyclicMatrix<Reals> | undefined {
  try {
    return A.clone()
  } catch (error) {
    if (error instanceof OutOfMemoryError) return undefined
    throw error
  }
}

function start(mine: Comm, { A, out, assume, threads }: Filled, done?: Done) {
  const part = out?.local.data ?? null
  return mpi.inverse(
    mine.handle,
    part,
    A.rows,
    A.block,
    ...A.grid,
    assumptions.indexOf(assume),
    threads,
    A.type === 'float32',
    done,
  )
}

type Done = (report: NativeInversion | undefined, error?: unknown) => void

/** In the order of `Verdict` in native/mpi/inverse.h. */
const verdicts = [
  'done',
  'different arguments',
  'out of memory',
  'not finite',
  'singular',
  'not positive definite',
] as const

function finish({ A, out, comm }: Filled, report: NativeInversion): DistributedInverseInfo<Reals> {
  const { verdict, where, value, cholesky, rcond, residual } = report
  const type = 'BlockCyclicMatrix'
  switch (verdicts[verdict]) {
    case 'different arguments':
      throw new InvalidArgumentError(
        'Expected the same order, blocks, grid, element type and assumption on all ranks',
      )
    case 'out of memory':
      throw new OutOfMemoryError(
        `Not enough memory for the inverse of a ${A.rows} x ${A.rows} matrix on ${comm.size} ranks`,
      )
    case 'not finite':
      throw faults.notFinite(`A[${Math.floor(where / A.rows)}][${where % A.rows}]`, value, where)
    case 'singular':
      throw faults.singular(type, where)
    case 'not positive definite':
      throw faults.notPositiveDefinite(type, where)
    default:
  }
  if (comm.rank === 0) warnOfCondition(rcond, A.type)
  const inverse = out as BlockCyclicMatrix<Reals>
  return { inverse, method: cholesky ? 'cholesky' : 'lu', rcond, residual }
}

/** Opens ScaLAPACK on all ranks, or throws on all. */
function openEverywhere(mine: Comm): void {
  const reason = mine.allreduce(reasonAgainst(), { op: (lower, higher) => lower ?? higher })
  if (reason !== undefined) throw new NoScalapackError(reason)
}

const multiple = 3
/** The last inversion that was started: one follows the other, as all ranks start them in the same order. */
let last: Promise<unknown> = Promise.resolve()

async function compute(
  name: string,
  comm: Comm,
  A: BlockCyclicMatrix<Reals>,
  options: DistributedInverseOptions | undefined,
): Promise<DistributedInverseInfo<Reals>> {
  const filled = fill(name, comm, A, options)
  return apart(comm, async (mine) => {
    openEverywhere(mine)
    const turn = last.then(
      () =>
        new Promise<NativeInversion>((resolve, reject) => {
          // Beside JavaScript where this MPI takes calls from several threads.
          if (started.provided < multiple) {
            resolve(start(mine, filled) as NativeInversion)
            return
          }
          start(mine, filled, (report, error) => {
            if (report === undefined) reject(error as Error)
            else resolve(report)
          })
        }),
    )
    last = turn.catch(() => {})
    return finish(filled, await turn)
  })
}

function computeSync(
  name: string,
  comm: Comm,
  A: BlockCyclicMatrix<Reals>,
  options: DistributedInverseOptions | undefined,
): DistributedInverseInfo<Reals> {
  const filled = fill(name, comm, A, options)
  using mine = comm.dup()
  openEverywhere(mine)
  return finish(filled, start(mine, filled) as NativeInversion)
}

/**
 * The inverse of a matrix that lies on many ranks: collective, with the same options on all. Each rank needs memory for its
 * part of the inverse, for general matrices some blocks' rows and columns more, and for symmetric ones a second part.
 *
 * Positive definite matrices take n^3 operations (Cholesky), all others 2 n^3 (elimination): ScaLAPACK has no
 * factorisation of symmetric indefinite matrices, as {@link BlockCyclicMatrix}'s serial sister `inv` has. The inverse of a
 * symmetric matrix is symmetric to the last bit all the same. Bits depend on the grid, the blocks, and the threads.
 *
 * It runs beside JavaScript, one inversion after the other, and cannot be stopped.
 *
 * @param comm The communicator of `A`.
 * @param A n x n, Float64 or Float32; the inverse has the same type and lies in the same way.
 * @throws On all ranks: ERR_NO_SCALAPACK, naming the package; ERR_SHAPE when A is not square; ERR_NOT_FINITE naming the first NaN or infinity;
 *   ERR_SINGULAR naming the row without a pivot; ERR_NOT_POSITIVE_DEFINITE when `assume` said so and it is not; ERR_OUT_OF_MEMORY;
 *   ERR_INVALID_ARGUMENT when ranks call with different ones. A reciprocal condition
 *   below the machine's precision is a process warning of rank 0.
 */
export async function inv<T extends Reals>(
  comm: Comm,
  A: BlockCyclicMatrix<T>,
  options?: DistributedInverseOptions,
): Promise<BlockCyclicMatrix<T>> {
  return (await compute('inv', comm, A as BlockCyclicMatrix<Reals>, options)).inverse as never
}

/** The inverse with what is known about it. Same arguments and errors as {@link inv}. */
export async function invInfo<T extends Reals>(
  comm: Comm,
  A: BlockCyclicMatrix<T>,
  options?: DistributedInverseOptions,
): Promise<DistributedInverseInfo<T>> {
  return (await compute('invInfo', comm, A as BlockCyclicMatrix<Reals>, options)) as never
}

/** {@link inv}, computed while the caller waits. */
export function invSync<T extends Reals>(
  comm: Comm,
  A: BlockCyclicMatrix<T>,
  options?: DistributedInverseOptions,
): BlockCyclicMatrix<T> {
  return computeSync('invSync', comm, A as BlockCyclicMatrix<Reals>, options).inverse as never
}

/** {@link invInfo}, computed while the caller waits. */
export function invInfoSync<T extends Reals>(
  comm: Comm,
  A: BlockCyclicMatrix<T>,
  options?: DistributedInverseOptions,
): DistributedInverseInfo<T> {
  return computeSync('invInfoSync', comm, A as BlockCyclicMatrix<Reals>, options) as never
}
