/** The only place that loads the core add-on. Types of what the add-on offers live here as well. */
import type { Control } from './job.js'
import { loadAddon } from './load.js'
import type { NativeLinalg } from './native/linalg.js'
import type { MpiFlavour, NativeMpi } from './native/mpi.js'
import type { NativeRoof } from './native/roof.js'
import type { NativeShared } from './native/shared.js'

/** What the kernel of `inv` reports beside the inverse, which is written to the output array. */

/** What the kernel of `integrate` reports. */
export interface NativeIntegral {
  value: number
  error: number
  l1: number
  evaluations: number
  threads: number
}

/** What `integrateParts` gives: of a rule that several processes share. */
export interface NativeParts {
  bytes: Uint8Array
  threads: number
}

/** A compiled expression; the add-on frees it with its last use. */
export interface NativeExpression {
  readonly kind: unique symbol
}

/** A fixed-grid rule that is given the values of its integrand. */
export interface NativeGrid {
  readonly kind: unique symbol
}

/** Quasi-Monte Carlo that is given the values of its integrand. */
export interface NativeQuasi {
  readonly kind: unique symbol
}

/** A box, low < high; `shifts[copy * dimensions + axis]`; where to stop, `most` in evaluations. */
export interface NativeQuasiSettings {
  low: Float64Array
  high: Float64Array
  shifts: Uint32Array
  absTolerance: number
  relTolerance: number
  most: number
}

export interface NativeQuasiResult {
  value: number
  error: number
  l1: number
  evaluations: number
  converged: boolean
}

/** What an expression may name: variables in the order of their arrays, and parameters with their values. */
export interface NativeNames {
  variables: readonly string[]
  params: readonly string[]
  values: Float64Array
}

export interface NativeInfo {
  version: string
  openblas: {
    version: string
    config: string
    coreType: string
    coreTypeSource: string
    threadingLayer: string
    maxThreads: number
  }
  openmp: string
  threads: { count: number; source: string }
  online: number
  affinity: number[]
  quota: number | null
  available: number
  maxThreads: number
  queue: { queued: number; running: number }
}

/** A text as the add-on makes it: word `id` is `arena[begins[id] .. begins[id + 1] - 1)`, and a newline follows. */
export interface NativeText {
  ids: Uint32Array
  counts: Uint32Array
  arena: Uint8Array
  begins: Uint32Array
  /** The first token of each sentence, when asked for. */
  starts?: Uint32Array
}

/** What `readText` gives: the text, or for a long one what `takeIds` takes the ids from. */
export type NativeReading = Omit<NativeText, 'ids'> & { length: number } & (
    { ids: Uint32Array; waiting?: undefined } | { ids?: undefined; waiting: object }
  )

/** One word of what `wordDynamics` gives. */
export interface NativeDynamics {
  id: number
  sentences: number
  acf: Float64Array
  kww: { alpha: number; tau: number; beta: number; rss: number; bic: number }
  step: { level: number; rss: number; bic: number }
}

export interface NativeSeriesOptions {
  lags: number
  adjusted: boolean
  demean: boolean
  method: 'direct' | 'fft' | 'auto'
  missing: 'none' | 'raise' | 'conservative' | 'drop'
}

/** What the kernel of `acfInfo` gives. */
export interface NativeAcfInfo {
  values: Float64Array
  widths: Float64Array
  statistic: Float64Array
  p: Float64Array
}

type Reals = Float64Array | Float32Array

/** The add-on's functions. Arguments have been validated by lib/ before they get here. */
export interface Native extends NativeLinalg, NativeRoof, NativeShared {
  info(): NativeInfo
  /** Opens a shared library for whatever is loaded after it; the reason when that fails. */
  openLibrary(file: string): string | undefined
  /** Whether a library that was opened so has the symbol. */
  hasSymbol(name: string): boolean
  defaultThreads(): number
  setDefaultThreads(count: number): void
  inv(
    a: Reals,
    x: Reals,
    n: number,
    assume: number,
    report: Float64Array,
    control: Control,
  ): unknown
  integrate(
    expression: string,
    names: NativeNames,
    a: number,
    b: number,
    bins: number,
    rule: string,
    order: number,
    control: Control,
  ): unknown
  gridSession(a: number, b: number, bins: number, rule: string, order: number): NativeGrid
  gridPoints(session: NativeGrid): Float64Array
  gridGive(session: NativeGrid, values: Float64Array, control: Control): unknown
  gridFinish(session: NativeGrid, control: Control): unknown
  integrateParts(
    expression: string,
    names: NativeNames,
    a: number,
    b: number,
    bins: number,
    rule: string,
    order: number,
    first: number,
    last: number,
    control: Control,
  ): unknown
  gridChunks(session: NativeGrid): number
  gridSelect(session: NativeGrid, first: number, last: number): void
  gridParts(session: NativeGrid): Uint8Array
  gridTake(session: NativeGrid, parts: Uint8Array, control: Control): unknown
  compileExpression(expression: string, names: NativeNames, control: Control): unknown
  sampleExpression(
    handle: NativeExpression,
    arrays: readonly Float64Array[],
    out: Float64Array,
    control: Control,
  ): unknown
  qmc(
    expression: string,
    names: NativeNames,
    settings: NativeQuasiSettings,
    control: Control,
  ): unknown
  qmcSession(settings: NativeQuasiSettings): NativeQuasi
  qmcPoints(session: NativeQuasi, dimensions: number): Float64Array[]
  qmcGive(session: NativeQuasi, values: Float64Array, control: Control): unknown
  qmcResult(session: NativeQuasi): NativeQuasiResult
  evaluate(expression: string, x: number | undefined, control: Control): unknown
  evaluateArrays(
    expression: string,
    names: NativeNames,
    arrays: readonly Float64Array[],
    out: Float64Array,
    control: Control,
  ): unknown
  readText(
    source: string | Uint8Array,
    small: boolean,
    sentences: boolean,
    control: Control,
  ): unknown
  takeIds(waiting: object, ids: Uint32Array, control: Control): unknown
  wordOrder(
    arena: Uint8Array,
    begins: Uint32Array,
    counts: Uint32Array,
    minLength: number,
    control: Control,
  ): unknown
  wordAcf(
    ids: Uint32Array,
    starts: Uint32Array,
    arena: Uint8Array,
    begins: Uint32Array,
    words: readonly string[],
    timesteps: number,
    first: number,
    counts: Float64Array,
    values: Float64Array,
    occurrences: Float64Array,
    control: Control,
  ): unknown
  wordDynamics(
    ids: Uint32Array,
    starts: Uint32Array,
    arena: Uint8Array,
    begins: Uint32Array,
    counts: Uint32Array,
    words: number,
    minLength: number,
    timesteps: number,
    control: Control,
  ): unknown
  fitDynamics(acf: Float64Array, control: Control): unknown
  fft(
    from: Float64Array,
    to: Float64Array,
    n: number,
    kind: 'complex' | 'real' | 'half' | 'inverse-half',
    backward: boolean,
    scale: number,
    control: Control,
  ): unknown
  fft2(
    from: Float64Array,
    to: Float64Array,
    rows: number,
    columns: number,
    real: boolean,
    backward: boolean,
    scale: number,
    control: Control,
  ): unknown
  series(
    kind: 'acf' | 'ccf' | 'autocovariance',
    x: Float64Array,
    y: Float64Array,
    options: NativeSeriesOptions,
    control: Control,
  ): unknown
  acfInfo(
    x: Float64Array,
    options: NativeSeriesOptions,
    level: number,
    fitted: number,
    control: Control,
  ): unknown
}

export const native = loadAddon('numcore.node') as Native

/**
 * Loads the add-on of numcore/mpi. The MPI library that it uses must have been opened: the add-on is linked
 * against none.
 */
export function loadMpi(flavour: MpiFlavour): NativeMpi {
  return loadAddon(`mpi/numcore-mpi-${flavour}.node`) as NativeMpi
}
