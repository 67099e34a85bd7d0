/** Expressions as text: their names, their errors, and their values at many points. */
import { fromNative, invalidArgument, isNativeFailure, ParseError, ShapeError } from './errors.js'
import {
  type AsyncOptions,
  asyncKeys,
  type Control,
  run,
  runSync,
  type SyncOptions,
  syncKeys,
} from './job.js'
import { type NativeNames, native } from './native.js'
import { checkOptions, expectFinite, expectString } from './options.js'

/** Constants that an expression names. */
export type Params = Readonly<Record<string, number>>

/** What the variables of an expression are: an array of values each, or one number for all points. */
export type Variables = Readonly<Record<string, Float64Array | number>>

export interface EvaluateOptions {
  /** Constants that the expression names. A number among the variables does the same. */
  params?: Params | undefined
  /** Where the values go, and what is returned: as long as the variables, and it may be one of them. */
  out?: Float64Array | undefined
}

/** What the language itself names; the parser has the same list. */
const taken = new Set(
  (
    'pi e sqrt exp log log10 log2 sin cos tan asin acos atan sinh cosh tanh abs floor ceil ' +
    'pow min max'
  ).split(' '),
)
const evaluateKeys = ['params', 'out'] as const

/** How much of a long expression an error shows before and after the column. */
const shownBefore = 40
const shownAfter = 30

/**
 * The line of the expression with a caret under the column. Nothing before the column is wider than
 * one place: it is ASCII, since the first character that is not is an error.
 */
function pointAt(source: string, index: number): string {
  const begin = index > shownBefore + 1 ? index - shownBefore : 0
  const end = source.length > index + shownAfter + 1 ? index + shownAfter : source.length
  const head = begin > 0 ? '…' : ''
  const tail = end < source.length ? '…' : ''
  const line = source
    .slice(begin, end)
    // Line breaks and other controls would move the caret; half of a character cannot be shown.
    .replace(/\p{Cc}/gu, ' ')
    .replace(/[\uD800-\uDBFF]$/, '')
  return `  ${head}${line}${tail}\n  ${' '.repeat(head.length + index - begin)}^`
}

/** The add-on's ERR_PARSE as a {@link ParseError}; other failures as they are for every family. */
export function translateParse(source: string) {
  return (error: unknown): unknown => {
    if (!isNativeFailure(error) || error.code !== 'ERR_PARSE') return fromNative(error)
    const index = Math.min(error.where ?? 0, source.length)
    const message = `${error.message} in column ${index + 1}\n${pointAt(source, index)}`
    return new ParseError(message, source, index + 1)
  }
}

/** The value of an expression without x, such as `2*pi`. */
export function evaluateConstant(expression: string): number {
  return runSync<number>(
    (control) => native.evaluate(expression, undefined, control),
    { threads: 1 },
    { translate: translateParse(expression) },
  )
}

/** `name` when an expression can name it: letters, digits and `_`, and not a function, `pi` or `e`. */
function checkName(of: string, name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !taken.has(name)) return name
  const reason = taken.has(name) ? 'that is not one of the language' : 'of letters, digits and _'
  throw invalidArgument(`a name ${reason}`, of, name)
}

/** What an expression may name, for the add-on: only own keys count, so that a prototype names nothing. */
export function fillNames(variables: readonly string[], params: Params | undefined): NativeNames {
  if (params === undefined) return { variables, params: [], values: new Float64Array(0) }
  if (params === null || typeof params !== 'object' || Array.isArray(params)) {
    throw invalidArgument('an object of numbers', 'params', params)
  }
  const entries = Object.entries(params)
  for (const [name, value] of entries) {
    checkName('params', name)
    if (variables.includes(name)) {
      throw invalidArgument('a name that is not a variable', 'params', name)
    }
    expectFinite(`params.${name}`, value)
  }
  return {
    variables,
    params: entries.map(([name]) => name),
    values: Float64Array.from(entries, ([, value]) => value),
  }
}

/** Whether two arrays share memory without being the same place. */
function overlaps(a: Float64Array, b: Float64Array): boolean {
  return (
    a.buffer === b.buffer &&
    a.byteOffset !== b.byteOffset &&
    a.byteOffset < b.byteOffset + b.byteLength &&
    b.byteOffset < a.byteOffset + a.byteLength
  )
}

interface Filled {
  expression: string
  names: NativeNames
  arrays: Float64Array[]
  out: Float64Array
}

function fill(expression: string, variables: Variables, options: EvaluateOptions): Filled {
  expectString('expression', expression)
  if (variables === null || typeof variables !== 'object' || ArrayBuffer.isView(variables)) {
    throw invalidArgument('an object of arrays and numbers by name', 'variables', variables)
  }
  const given = Object.entries(variables)
  const arrays: Float64Array[] = []
  const arrayNames: string[] = []
  const numbers: [string, number][] = []
  for (const [name, value] of given) {
    checkName('variables', name)
    if (typeof value === 'number') {
      numbers.push([name, value])
    } else if (value instanceof Float64Array) {
      arrayNames.push(name)
      arrays.push(value)
    } else {
      throw invalidArgument('a Float64Array or a number', `variables.${name}`, value)
    }
  }
  const named = fillNames(
    given.map(([name]) => name),
    options.params,
  )
  const names = {
    variables: arrayNames,
    params: [...named.params, ...numbers.map(([name]) => name)],
    values: Float64Array.from([...named.values, ...numbers.map(([, value]) => value)]),
  }
  if (options.out !== undefined && !(options.out instanceof Float64Array)) {
    throw invalidArgument('a Float64Array', 'out', options.out)
  }
  const length = arrays[0]?.length ?? options.out?.length ?? 1
  for (const [index, { length: each }] of arrays.entries()) {
    if (each === length) continue
    throw new ShapeError(
      `Expected ${length} values, as in ${arrayNames[0]}, for variables.${arrayNames[index]} ` +
        `but received ${each}`,
    )
  }
  const out = options.out ?? new Float64Array(length)
  if (out.length !== length) {
    throw new ShapeError(`Expected room for ${length} values for out but received ${out.length}`)
  }
  if (arrays.some((array) => overlaps(array, out))) {
    throw invalidArgument('an array that is a variable or shares no memory with one', 'out', out)
  }
  return { expression, names, arrays, out }
}

function start({ expression, names, arrays, out }: Filled) {
  return (control: Control) => native.evaluateArrays(expression, names, arrays, out, control)
}

/**
 * The values of an expression at many points: `out[i]` is the expression with the i-th value of every
 * variable. Arrays have one length; a number stands for the same value at every point (without any array
 * the result has one value, or as many as `out`).
 *
 * The grammar is that of {@link integrate}, with any names. Values that are infinite or NaN are results
 * like others. A value depends on its own point alone: the same bits for every number of threads, at any
 * place in the array, and from {@link evaluateSync}. Functions are within 1.1 units in the last place
 * of the exact value.
 *
 * ```ts
 * import { evaluate } from 'numcore'
 * const y = await evaluate('a*x + b', { x: Float64Array.of(1, 2, 3), a: 2 }, { params: { b: 0.5 } })
 * console.log(y.join(' ')) // 2.5 4.5 6.5
 * ```
 *
 * Time is proportional to the number of points; memory beside the result is some kilobytes a thread.
 *
 * @throws {ParseError} `ERR_PARSE`, pointing at the column.
 * @throws {ShapeError} `ERR_SHAPE` for arrays of different lengths.
 * @throws {InvalidArgumentError} `ERR_INVALID_ARGUMENT` for names that an expression cannot have, values
 *   of another type, an `out` that shares only part of its memory with a variable.
 */
export async function evaluate(
  expression: string,
  variables: Variables,
  options?: EvaluateOptions & AsyncOptions,
): Promise<Float64Array> {
  const given = checkOptions('evaluate', options, [...evaluateKeys, ...asyncKeys])
  const filled = fill(expression, variables, given)
  const translate = translateParse(expression)
  await run<undefined>(start(filled), given, { translate, lendsOutput: given.out !== undefined })
  return filled.out
}

/** {@link evaluate} that keeps the caller waiting; the same bits. */
export function evaluateSync(
  expression: string,
  variables: Variables,
  options?: EvaluateOptions & SyncOptions,
): Float64Array {
  const given = checkOptions('evaluateSync', options, [...evaluateKeys, ...syncKeys])
  const filled = fill(expression, variables, given)
  runSync<undefined>(start(filled), given, { translate: translateParse(expression) })
  return filled.out
}
