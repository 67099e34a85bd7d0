/** Discrete Fourier transforms of any length. Complex numbers are pairs in a Float64Array: re, im, re, im, ... */
import { invalidArgument, ShapeError } from './errors.js'
import {
  type AsyncOptions,
  asyncKeys,
  type Control,
  run,
  runSync,
  type SyncOptions,
  syncKeys,
} from './job.js'
import { allocate, dense, type MatrixLike } from './matrix.js'
import { native } from './native.js'
import { checkOptions, expectBoolean, expectInteger, expectOneOf } from './options.js'

/**
 * Where the factor 1/n goes: `'backward'` to the inverse transform (as in NumPy, the default),
 * `'forward'` to the forward one, `'ortho'` as 1/sqrt(n) to both.
 */
export type FftNorm = 'backward' | 'ortho' | 'forward'

export interface RealFftOptions {
  /** Length of the transform: longer input is cut, shorter is filled with zeros. */
  n?: number | undefined
  norm?: FftNorm | undefined
  /** Where the result goes instead of a new array; of exactly its length. It may be the input itself. */
  out?: Float64Array | undefined
}

export interface FftOptions extends RealFftOptions {
  /** The elements of x are real numbers, not pairs. Default false. */
  real?: boolean | undefined
}

export interface Fft2Options {
  /** Rows of x; needed unless x is a Matrix. */
  rows?: number | undefined
  /** Columns of x; needed unless x is a Matrix. */
  columns?: number | undefined
  norm?: FftNorm | undefined
  /** Where the result goes instead of a new array: 2 x rows x columns elements. */
  out?: Float64Array | undefined
}

const realKeys = ['n', 'norm', 'out'] as const
const complexKeys = [...realKeys, 'real'] as const
const planeKeys = ['rows', 'columns', 'norm', 'out'] as const
const norms = ['backward', 'ortho', 'forward'] as const
const longest = 2 ** 31
// Some five microseconds; three times that where a large prime asks for a convolution.
const briefPoints = 1024

interface Prepared {
  points: number
  out: Float64Array
  given: boolean
  start: (control: Control) => unknown
}

function expectValues(name: string, value: unknown): Float64Array {
  if (!(value instanceof Float64Array)) throw invalidArgument('a Float64Array', name, value)
  if (value.length === 0) {
    const why = value.buffer.byteLength === 0 ? ' (empty, or its buffer is detached)' : ''
    throw invalidArgument(`at least one value${why}`, name, value)
  }
  return value
}

function expectPairs(name: string, value: unknown, hint: string): Float64Array {
  const values = expectValues(name, value)
  if (values.length % 2 === 0) return values
  throw new ShapeError(
    `Expected pairs [re, im, ...], an even number of elements,${hint} for ${name} ` +
      `but received ${values.length} of type Float64Array`,
  )
}

function scaleOf(norm: unknown, n: number, backward: boolean): number {
  const where = expectOneOf('norm', norm ?? 'backward', norms)
  if (where === 'ortho') return 1 / Math.sqrt(n)
  return (where === 'backward') === backward ? 1 / n : 1
}

function output(given: Float64Array | undefined, length: number): Float64Array {
  if (given === undefined) {
    return allocate('float64', length, `a transform of ${length} numbers`) as Float64Array
  }
  if (!(given instanceof Float64Array)) throw invalidArgument('a Float64Array', 'out', given)
  if (given.length !== length) {
    throw new ShapeError(
      `Expected ${length} elements for out but received ${given.length} of type Float64Array`,
    )
  }
  return given
}

function prepare(x: Float64Array, options: FftOptions, backward: boolean): Prepared {
  const real = expectBoolean('real', options.real ?? false)
  const values = real ? expectValues('x', x) : expectPairs('x', x, ' or real: true')
  const given = real ? values.length : values.length / 2
  const n = expectInteger('n', options.n ?? given, 1, longest)
  const scale = scaleOf(options.norm, n, backward)
  const out = output(options.out, 2 * n)
  const kind = real ? 'real' : 'complex'
  return {
    points: n,
    out,
    given: options.out !== undefined,
    start: (control) => native.fft(values, out, n, kind, backward, scale, control),
  }
}

function prepareHalf(x: Float64Array, options: RealFftOptions): Prepared {
  const values = expectValues('x', x)
  const n = expectInteger('n', options.n ?? values.length, 1, longest)
  const scale = scaleOf(options.norm, n, false)
  const out = output(options.out, 2 * (Math.floor(n / 2) + 1))
  return {
    points: n,
    out,
    given: options.out !== undefined,
    start: (control) => native.fft(values, out, n, 'half', false, scale, control),
  }
}

function prepareInverseHalf(X: Float64Array, options: RealFftOptions): Prepared {
  const values = expectPairs('X', X, '')
  if (options.n === undefined && values.length < 4) {
    throw invalidArgument('an n (or at least two complex numbers in X)', 'n', options.n)
  }
  const n = expectInteger('n', options.n ?? values.length - 2, 1, longest)
  const scale = scaleOf(options.norm, n, true)
  const out = output(options.out, n)
  return {
    points: n,
    out,
    given: options.out !== undefined,
    start: (control) => native.fft(values, out, n, 'inverse-half', true, scale, control),
  }
}

function preparePlane(
  x: Float64Array | MatrixLike<Float64Array>,
  options: Fft2Options,
  backward: boolean,
): Prepared {
  const matrix = x instanceof Float64Array ? undefined : dense('x', x)
  const real = matrix !== undefined
  const values = matrix?.data ?? x
  if (!(values instanceof Float64Array)) throw invalidArgument('a Matrix of doubles', 'x', x)
  const rows = expectInteger('rows', options.rows ?? matrix?.rows, 1, longest)
  const columns = expectInteger('columns', options.columns ?? matrix?.columns, 1, longest)
  const expected = (real ? 1 : 2) * rows * columns
  if (values.length !== expected || (real && matrix.rows !== rows)) {
    throw new ShapeError(
      `Expected ${expected} elements for x, ${rows} x ${columns}${real ? '' : ' pairs [re, im]'}, ` +
        `but received ${values.length} of type Float64Array`,
    )
  }
  const scale = scaleOf(options.norm, rows * columns, backward)
  const out = output(options.out, 2 * rows * columns)
  if (real && options.out !== undefined && values.buffer === out.buffer) {
    throw invalidArgument('an array that shares no memory with a real x', 'out', out)
  }
  return {
    points: rows * columns,
    out,
    given: options.out !== undefined,
    start: (control) => native.fft2(values, out, rows, columns, real, backward, scale, control),
  }
}

async function compute({ points, out, given, start }: Prepared, options: AsyncOptions) {
  await run(start, options, { lendsOutput: given, brief: points <= briefPoints })
  return out
}

function computeSync({ out, start }: Prepared, options: SyncOptions) {
  runSync(start, options)
  return out
}

/**
 * The discrete Fourier transform: X[k] = sum over j of x[j] exp(-2 pi i j k / n), k = 0 to n - 1.
 *
 * Complex numbers are pairs: element 2 k is the real part of number k, 2 k + 1 its imaginary part. With
 * `real: true` the elements of x are real numbers instead. Any length, O(n log n), primes included;
 * NaN and infinity pass through. The same bits for every number of threads and every instruction set.
 *
 * Mixed radices 2, 3, 4, 5, 7, 8 and primes up to 97 (Stockham), long transforms in Bailey's four
 * steps, Bluestein's convolution for larger primes; the error is a few eps of the root mean square.
 *
 * @param x Pairs, or real numbers. Read while the call runs; not to be changed until it has ended.
 * @returns n pairs, 2 n elements.
 * @throws ERR_SHAPE for an odd number of elements that should be pairs and for an `out` of another
 *   length, ERR_INVALID_ARGUMENT for an empty x.
 *
 * @example
 * ```ts
 * import { fft } from 'numcore'
 * const X = await fft(Float64Array.of(1, 0, 0, 1, -1, 0, 0, -1)) // of 1, i, -1, -i
 * console.log(X.join(' ')) // 0 0 4 0 0 0 0 0
 * ```
 */
export async function fft(
  x: Float64Array,
  options?: FftOptions & AsyncOptions,
): Promise<Float64Array> {
  const keys = [...complexKeys, ...asyncKeys]
  const checked = checkOptions<FftOptions & AsyncOptions>('fft', options, keys)
  return compute(prepare(x, checked, false), checked)
}

/** {@link fft}, computed while the caller waits. */
export function fftSync(x: Float64Array, options?: FftOptions & SyncOptions): Float64Array {
  const keys = [...complexKeys, ...syncKeys]
  const checked = checkOptions<FftOptions & SyncOptions>('fftSync', options, keys)
  return computeSync(prepare(x, checked, false), checked)
}

/**
 * The inverse of {@link fft}: x[j] = 1/n sum over k of X[k] exp(+2 pi i j k / n).
 *
 * @example
 * ```ts
 * import { ifft } from 'numcore'
 * const x = await ifft(Float64Array.of(0, 0, 4, 0, 0, 0, 0, 0)) // 1, i, -1, -i
 * console.log(x.join(' ')) // 1 0 0 1 -1 0 0 -1
 * ```
 */
export async function ifft(
  x: Float64Array,
  options?: FftOptions & AsyncOptions,
): Promise<Float64Array> {
  const keys = [...complexKeys, ...asyncKeys]
  const checked = checkOptions<FftOptions & AsyncOptions>('ifft', options, keys)
  return compute(prepare(x, checked, true), checked)
}

/** {@link ifft}, computed while the caller waits. */
export function ifftSync(x: Float64Array, options?: FftOptions & SyncOptions): Float64Array {
  const keys = [...complexKeys, ...syncKeys]
  const checked = checkOptions<FftOptions & SyncOptions>('ifftSync', options, keys)
  return computeSync(prepare(x, checked, true), checked)
}

/**
 * The transform of real numbers: the first floor(n/2) + 1 of {@link fft}'s n numbers, as pairs. The
 * others are their mirror images, conjugate. Half the work and half the memory.
 *
 * @example
 * ```ts
 * import { rfft } from 'numcore'
 * console.log(await rfft(Float64Array.of(1, 2, 3, 4)))
 * // Float64Array(6) [ 10, 0, -2, 2, -2, 0 ]
 * ```
 */
export async function rfft(
  x: Float64Array,
  options?: RealFftOptions & AsyncOptions,
): Promise<Float64Array> {
  const keys = [...realKeys, ...asyncKeys]
  const checked = checkOptions<RealFftOptions & AsyncOptions>('rfft', options, keys)
  return compute(prepareHalf(x, checked), checked)
}

/** {@link rfft}, computed while the caller waits. */
export function rfftSync(x: Float64Array, options?: RealFftOptions & SyncOptions): Float64Array {
  const keys = [...realKeys, ...syncKeys]
  const checked = checkOptions<RealFftOptions & SyncOptions>('rfftSync', options, keys)
  return computeSync(prepareHalf(x, checked), checked)
}

/**
 * The inverse of {@link rfft}: m pairs to n real numbers, n = 2 (m - 1) unless told. Say `n` when it
 * is odd: the pairs alone do not tell. X is cut, or filled with zeros, to floor(n/2) + 1 pairs;
 * imaginary parts that the transform of real numbers cannot have (of the first, and for even n of
 * the last) are passed over.
 *
 * @example
 * ```ts
 * import { irfft } from 'numcore'
 * console.log(await irfft(Float64Array.of(10, 0, -2, 2, -2, 0))) // Float64Array(4) [ 1, 2, 3, 4 ]
 * ```
 */
export async function irfft(
  X: Float64Array,
  options?: RealFftOptions & AsyncOptions,
): Promise<Float64Array> {
  const keys = [...realKeys, ...asyncKeys]
  const checked = checkOptions<RealFftOptions & AsyncOptions>('irfft', options, keys)
  return compute(prepareInverseHalf(X, checked), checked)
}

/** {@link irfft}, computed while the caller waits. */
export function irfftSync(X: Float64Array, options?: RealFftOptions & SyncOptions): Float64Array {
  const keys = [...realKeys, ...syncKeys]
  const checked = checkOptions<RealFftOptions & SyncOptions>('irfftSync', options, keys)
  return computeSync(prepareInverseHalf(X, checked), checked)
}

/**
 * The transform of a matrix along both of its dimensions. A {@link Matrix} is taken as real; pairs, row by row,
 * come as a Float64Array with `rows` and `columns`.
 *
 * @returns rows x columns pairs, row by row.
 *
 * @example
 * ```ts
 * import { fft2, Matrix } from 'numcore'
 * const X = await fft2(Matrix.from([[1, 2], [3, 4]]))
 * console.log(X.join(' ')) // 10 0 -2 0 -4 0 0 0
 * ```
 */
export async function fft2(
  x: Float64Array | MatrixLike<Float64Array>,
  options?: Fft2Options & AsyncOptions,
): Promise<Float64Array> {
  const keys = [...planeKeys, ...asyncKeys]
  const checked = checkOptions<Fft2Options & AsyncOptions>('fft2', options, keys)
  return compute(preparePlane(x, checked, false), checked)
}

/** {@link fft2}, computed while the caller waits. */
export function fft2Sync(
  x: Float64Array | MatrixLike<Float64Array>,
  options?: Fft2Options & SyncOptions,
): Float64Array {
  const keys = [...planeKeys, ...syncKeys]
  const checked = checkOptions<Fft2Options & SyncOptions>('fft2Sync', options, keys)
  return computeSync(preparePlane(x, checked, false), checked)
}

/**
 * The inverse of {@link fft2}.
 *
 * @example
 * ```ts
 * import { ifft2 } from 'numcore'
 * const X = Float64Array.of(10, 0, -2, 0, -4, 0, 0, 0)
 * console.log((await ifft2(X, { rows: 2, columns: 2 })).join(' ')) // 1 0 2 0 3 0 4 0
 * ```
 */
export async function ifft2(
  x: Float64Array | MatrixLike<Float64Array>,
  options?: Fft2Options & AsyncOptions,
): Promise<Float64Array> {
  const keys = [...planeKeys, ...asyncKeys]
  const checked = checkOptions<Fft2Options & AsyncOptions>('ifft2', options, keys)
  return compute(preparePlane(x, checked, true), checked)
}

/** {@link ifft2}, computed while the caller waits. */
export function ifft2Sync(
  x: Float64Array | MatrixLike<Float64Array>,
  options?: Fft2Options & SyncOptions,
): Float64Array {
  const keys = [...planeKeys, ...syncKeys]
  const checked = checkOptions<Fft2Options & SyncOptions>('ifft2Sync', options, keys)
  return computeSync(preparePlane(x, checked, true), checked)
}
