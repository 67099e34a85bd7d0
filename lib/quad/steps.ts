/**
 * How the adaptive rules ask for values. A rule is a generator that yields a batch of points and is given the
 * values there, so that it is written once for expressions and functions, and for callers that wait and callers
 * that do not. Not public.
 */
import { setImmediate } from 'node:timers/promises'
import { invalidArgument, NotFiniteError } from '../errors.js'
import { translateParse } from '../expression.js'
import { type AsyncOptions, checkAsync, run, runSync, type SyncOptions } from '../job.js'
import { type NativeExpression, type NativeNames, native } from '../native.js'
import { expectBoolean } from '../options.js'

/** Points, as one array for each coordinate. */
export type Points = readonly Float64Array[]

/** Yields points, is given values, returns a result. */
export type Steps<T> = Generator<Points, T, Float64Array>

export type Evaluate = (points: Points) => Float64Array
export type EvaluateLater = (points: Points) => Float64Array | Promise<Float64Array>

/** A function of one number. */
export type PointIntegrand = (x: number) => number

/** A function of many points at once, with `vectorized`; a promise is for the asynchronous forms only. */
export type VectorIntegrand = (x: Float64Array) => ArrayLike<number> | Promise<ArrayLike<number>>

/** What can be integrated; a string is an expression of x. */
export type Integrand = string | PointIntegrand | VectorIntegrand

/** A function of several numbers. */
export type ManyPointIntegrand = (...x: number[]) => number

/** A function of several arrays, with `vectorized`; a promise is for the asynchronous forms only. */
export type ManyVectorIntegrand = (
  ...x: Float64Array[]
) => ArrayLike<number> | Promise<ArrayLike<number>>

/** What can be integrated over a box; a string is an expression. */
export type ManyIntegrand = string | ManyPointIntegrand | ManyVectorIntegrand

/** How an integrand is called. */
export interface Calling {
  names: NativeNames
  vectorized: boolean
}

/** Checks what is integrated together with the options that say how. */
export function expectIntegrand(
  name: string,
  f: unknown,
  options: { params?: unknown; vectorized?: unknown },
): void {
  if (typeof f !== 'string' && typeof f !== 'function') {
    throw invalidArgument('a string or a function', name, f)
  }
  const vectorized = expectBoolean('vectorized', options.vectorized ?? false)
  if (vectorized && typeof f === 'string') {
    throw invalidArgument('a function, to be vectorized,', name, f)
  }
  if (options.params !== undefined && typeof f === 'function') {
    throw invalidArgument('an expression, to have params,', name, f)
  }
}

/** How long, in milliseconds, the event loop may wait for us. */
const patience = 8

export function follow<T>(steps: Steps<T>, evaluate: Evaluate): T {
  let step = steps.next()
  while (!step.done) step = steps.next(evaluate(step.value))
  return step.value
}

/**
 * `most` is the number of evaluations at which the rule gives up, or would be complete: progress is told as a part
 * of it, so a rule that converges early jumps from there to 1.
 */
export async function followLater<T>(
  steps: Steps<T>,
  evaluate: EvaluateLater,
  options: AsyncOptions,
  most: number,
): Promise<T> {
  checkAsync(options)
  const { signal, onProgress } = options
  signal?.throwIfAborted()
  let since = performance.now()
  let evaluated = 0
  let step = steps.next()
  while (!step.done) {
    const count = lengthOf(step.value)
    const values = evaluate(step.value)
    step = steps.next(values instanceof Float64Array ? values : await values)
    evaluated += count
    if (performance.now() - since > patience) {
      onProgress?.(Math.min(1, evaluated / most))
      await setImmediate()
      since = performance.now()
    }
    signal?.throwIfAborted()
  }
  onProgress?.(1)
  // As with every job: who aborts from the last call has not got the value yet.
  signal?.throwIfAborted()
  return step.value
}

/** Values of a function one by one. */
function pointwise(f: (...x: number[]) => unknown): Evaluate {
  return (points) => {
    const [first] = points as [Float64Array]
    const values = new Float64Array(first.length)
    for (let i = 0; i < first.length; i++) {
      const value =
        points.length === 1
          ? f(first[i] as number)
          : f(...points.map((coordinate) => coordinate[i] as number))
      if (typeof value !== 'number') throw invalidArgument('a number', 'the value of f', value)
      values[i] = value
    }
    return values
  }
}

function checkValues(values: unknown, count: number): Float64Array {
  const isList = Array.isArray(values) || (ArrayBuffer.isView(values) && 'length' in values)
  const length = isList ? (values as ArrayLike<unknown>).length : -1
  if (length !== count) {
    throw invalidArgument(
      `an array of ${count} numbers`,
      'the values of f',
      isList ? length : values,
    )
  }
  if (values instanceof Float64Array) return values
  const list = values as ArrayLike<unknown>
  const out = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const value = list[i]
    if (typeof value !== 'number')
      throw invalidArgument('a number', `the values of f at ${i}`, value)
    out[i] = value
  }
  return out
}

type VectorFunction = (...x: Float64Array[]) => unknown

const lengthOf = (points: Points) => (points[0] as Float64Array).length
/** A function may keep or change what it is given, and the points are ours. */
const copies = (points: Points) => points.map((coordinate) => coordinate.slice())

export function evaluator(
  f: Integrand | ManyIntegrand,
  { names, vectorized }: Calling,
  options: SyncOptions,
): Evaluate {
  if (typeof f === 'string') {
    const handle = runSync<NativeExpression>(
      (control) => native.compileExpression(f, names, control),
      options,
      { translate: translateParse(f) },
    )
    return (points) => {
      const values = new Float64Array(lengthOf(points))
      runSync((control) => native.sampleExpression(handle, points, values, control), options)
      return values
    }
  }
  if (!vectorized) return pointwise(f as (...x: number[]) => unknown)
  return (points) => checkValues((f as VectorFunction)(...copies(points)), lengthOf(points))
}

/** A batch that is evaluated in less time than it takes to hand it over. */
const shortText = 400
const shortBatch = 1024

export async function evaluatorLater(
  f: Integrand | ManyIntegrand,
  { names, vectorized }: Calling,
  options: AsyncOptions,
): Promise<EvaluateLater> {
  const { threads, signal } = options
  if (typeof f === 'string') {
    const handle = await run<NativeExpression>(
      (control) => native.compileExpression(f, names, control),
      { threads, signal },
      { translate: translateParse(f) },
    )
    return (points) => {
      const values = new Float64Array(lengthOf(points))
      if (f.length <= shortText && values.length <= shortBatch) {
        runSync((control) => native.sampleExpression(handle, points, values, control), {
          threads,
        })
        return values
      }
      return run<void>((control) => native.sampleExpression(handle, points, values, control), {
        threads,
        signal,
      }).then(() => values)
    }
  }
  if (!vectorized) return pointwise(f as (...x: number[]) => unknown)
  return (points) => {
    const values = (f as VectorFunction)(...copies(points))
    if (values !== null && typeof values === 'object' && 'then' in values) {
      return Promise.resolve(values).then((list) => checkValues(list, lengthOf(points)))
    }
    return checkValues(values, lengthOf(points))
  }
}

export function notFinite(point: string, value: number): NotFiniteError {
  return new NotFiniteError(
    `Expected a finite value for the integrand at ${point} but received ${value}`,
    -1,
  )
}
