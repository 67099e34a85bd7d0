/** Functions as workers find them: a module and a name, or code that stands alone. */
import { pathToFileURL } from 'node:url'
import { invalidArgument, show } from '../errors.js'
import { expectString } from '../options.js'
import { TaskError } from './errors.js'
import { type Inspected, inspectFunction } from './inspect.js'

/** Where a worker finds a function. */
export type TaskPlace =
  | { module: string; name: string; source?: undefined }
  /** An export that looks like this; its name is a first guess. */
  | { module: string; name: string; source: string }
  /** Code that needs nothing from around it. */
  | { module?: undefined; name: string; source: string }

declare const signature: unique symbol

/** A function by module and name; see {@link task}. `F` is its type. */
export class Task<F extends AnyFunction = AnyFunction> {
  declare readonly [signature]: F
  readonly module: string
  readonly name: string
  /** @internal */
  constructor(module: string, name: string) {
    this.module = module
    this.name = name
  }
}

/** A function with its first arguments; see {@link partial}. `F` is the type of what is left of it. */
export class Partial<F extends AnyFunction = AnyFunction> {
  declare readonly [signature]: F
  readonly task: TaskFunction
  readonly bound: readonly unknown[]
  /** @internal */
  constructor(inner: TaskFunction, bound: readonly unknown[]) {
    this.task = inner
    this.bound = bound
  }
}

// The widest function type: parameters are checked where one is used.
type AnyFunction = (...parameters: never[]) => unknown

/** What executors run: a function, or what {@link task} or {@link partial} gave. */
export type TaskFunction<F extends AnyFunction = AnyFunction> = F | Task<F> | Partial<F>

/**
 * The function that module `url` exports as `name`: what always works, wherever the function is. Workers
 * load the module.
 *
 * @param url `import.meta.url` for the module itself, or an address or absolute path of another.
 *
 * @example
 * ```ts
 * import { Pool, task } from 'numcore/parallel'
 * const pool = new Pool(2)
 * console.log(await pool.map(task('node:path', 'basename'), ['/a/b', '/c/d'])) // [ 'b', 'd' ]
 * await pool.close()
 * ```
 */
export function task<F extends AnyFunction = (...parameters: unknown[]) => unknown>(
  url: string | URL,
  name: string,
): Task<NoInfer<F>> {
  const address = url instanceof URL ? url.href : expectString('url', url)
  const isUrl = /^[a-z][a-z0-9+.-]+:/i.test(address)
  if (!isUrl && !address.startsWith('/')) {
    throw invalidArgument('an address (import.meta.url) or an absolute path', 'url', url)
  }
  return new Task<F>(isUrl ? address : pathToFileURL(address).href, expectString('name', name))
}

/**
 * The function with its first arguments given, as Python's `functools.partial`. What is bound is sent to
 * each worker once, not with every task: for a text or a matrix that all tasks need.
 *
 * @example
 * ```ts
 * import { partial, Pool } from 'numcore/parallel'
 * const distance = (from, to) => Math.abs(to - from)
 * const pool = new Pool(2)
 * console.log(await pool.map(partial(distance, 10), [7, 12])) // [ 3, 2 ]
 * await pool.close()
 * ```
 */
export function partial<Bound extends unknown[], Rest extends unknown[], R>(
  inner: TaskFunction<(...parameters: [...Bound, ...Rest]) => R>,
  ...bound: Bound
): Partial<(...rest: Rest) => R> {
  expectTask(inner)
  return new Partial(inner as TaskFunction, bound)
}

function expectTask(value: unknown): void {
  if (typeof value === 'function' || value instanceof Task || value instanceof Partial) return
  throw invalidArgument('a function, a task() or a partial()', 'the task', value)
}

/** A task with everything that was bound to it, innermost first. */
export interface Resolved {
  place: TaskPlace
  bound: readonly unknown[]
}

const places = new WeakMap<AnyFunction, TaskPlace>()
// Arrow functions are made anew each time a line runs; the code stays the same.
const alone = new Map<string, TaskPlace>()
const mostAlone = 1000

/** How workers find a task. Throws when they could not. */
export function resolveTask(value: TaskFunction): Resolved {
  expectTask(value)
  if (value instanceof Task) return { place: { module: value.module, name: value.name }, bound: [] }
  if (value instanceof Partial) {
    const { place, bound } = resolveTask(value.task)
    return { place, bound: [...bound, ...value.bound] }
  }
  const found = places.get(value) ?? alone.get(sourceOf(value))
  if (found !== undefined) return { place: found, bound: [] }
  const place = findPlace(value)
  places.set(value, place)
  if (place.module === undefined) {
    if (alone.size >= mostAlone) alone.clear()
    alone.set(place.source, place)
  }
  return { place, bound: [] }
}

const sourceOf = (code: AnyFunction) => Function.prototype.toString.call(code)

const remedy =
  'Export it from a module and pass it, or task(import.meta.url, name); bind values with partial(f, ...values) ' +
  'or pass them as arguments'

function findPlace(code: AnyFunction): TaskPlace {
  const { name } = code
  const source = sourceOf(code)
  const inspected = inspectFunction(code)
  if (inspected === undefined) {
    throw new TaskError(
      `Expected a function whose code can be sent to a worker but received ${described(code)}, which is bound or ` +
        `native. ${remedy}`,
    )
  }
  refuseClosure(code, inspected)
  const { place, outer } = inspected
  if (inspected.alone && outer.length === 0) return { name, source }
  // It needs its module, which the worker loads; whether the module exports it is seen there.
  if (place.url !== undefined && /^(file|node|data):/.test(toAddress(place.url)) && name !== '') {
    return { module: toAddress(place.url), name, source }
  }
  const uses = outer.length > 0 ? ` uses ${list(outer)} from around it` : ' does not stand alone'
  throw new TaskError(
    `Expected a function that a worker can find, but ${described(code)}${uses}. ${remedy}`,
  )
}

function refuseClosure(code: AnyFunction, { closed }: Inspected): void {
  if (closed.length === 0) return
  throw new TaskError(
    `Expected a function that a worker can run, but ${described(code)} is a closure: it uses ${list(closed)} of the ` +
      `function around it, which no other thread or process has. ${remedy}`,
  )
}

const toAddress = (url: string) => (url.startsWith('/') ? pathToFileURL(url).href : url)
const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ')
const described = (code: AnyFunction) =>
  code.name === '' ? `the function ${show(sourceOf(code))}` : `the function '${code.name}'`
