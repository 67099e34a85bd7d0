// Errors between workers and the program: class, message, code, own fields, cause and the worker's stack.
import * as known from '../errors.js'
import * as ours from './errors.js'

export interface EncodedError {
  /** Names of its class and those above it, nearest first. */
  classes: string[]
  name: string
  message: string
  stack: string | undefined
  /** Own fields that can be sent. */
  fields: [string, unknown][]
  /** Boxed, so that a cause that is undefined is one. */
  cause?: [EncodedValue]
  errors?: EncodedValue[]
}

/** What was thrown: most often an error. */
export type EncodedValue = { error: EncodedError } | { value: unknown } | { text: string }

/** A class of errors; constructors take what they like. */
export type ErrorClass = abstract new (...parameters: never[]) => Error

// Deeper chains of causes are cut: nobody reads them, and a cycle has no end.
const deepest = 16

/** `sendable` says whether a value survives the way. */
export function encodeThrown(
  thrown: unknown,
  sendable: (value: unknown) => boolean,
  depth = 0,
): EncodedValue {
  if (!(thrown instanceof Error)) {
    return sendable(thrown) ? { value: thrown } : { text: described(thrown) }
  }
  const classes: string[] = []
  for (
    let prototype: unknown = Object.getPrototypeOf(thrown);
    typeof prototype === 'object' && prototype !== null && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    classes.push((prototype as { constructor: { name: string } }).constructor.name)
  }
  const skipped = new Set(['message', 'stack', 'name', 'cause', 'errors'])
  const fields = Object.entries(thrown)
    .filter(([field]) => !skipped.has(field))
    .map(([field, value]): [string, unknown] => [field, sendable(value) ? value : described(value)])
  const encoded: EncodedError = {
    classes,
    name: String(thrown.name),
    message: String(thrown.message),
    stack: typeof thrown.stack === 'string' ? thrown.stack : undefined,
    fields,
  }
  if (depth < deepest) {
    if ('cause' in thrown) encoded.cause = [encodeThrown(thrown.cause, sendable, depth + 1)]
    if (thrown instanceof AggregateError) {
      encoded.errors = thrown.errors.map((each) => encodeThrown(each, sendable, depth + 1))
    }
  }
  return { error: encoded }
}

function described(value: unknown): string {
  try {
    return String(value)
  } catch {
    return 'a value that has no text'
  }
}

/** The error again, of the nearest class that both sides know. `where` is added to its stack. */
export function decodeThrown(
  encoded: EncodedValue,
  classes: readonly ErrorClass[],
  where: string,
): unknown {
  if ('value' in encoded) return encoded.value
  if ('text' in encoded) return encoded.text
  const { name, message, stack, fields, cause, errors } = encoded.error
  const error = make(encoded.error, classes)
  for (const [field, value] of fields) set(error, field, value, true)
  if (error.name !== name) set(error, 'name', name)
  if (stack !== undefined) set(error, 'stack', `${stack}\n    in ${where}`)
  if (error.message !== message) set(error, 'message', message)
  if (cause) set(error, 'cause', decodeThrown(cause[0], classes, where))
  if (errors) {
    set(
      error,
      'errors',
      errors.map((each) => decodeThrown(each, classes, where)),
    )
  }
  return error
}

function make({ classes, name, message }: EncodedError, given: readonly ErrorClass[]): Error {
  // Its name and code are not fields but come from inside.
  if (classes[0] === 'DOMException') return new DOMException(message, name)
  for (const each of classes) {
    const found = given.find((one) => one.name === each) ?? lookUp(each)
    if (found === undefined) continue
    const error = new Error(message)
    Object.setPrototypeOf(error, found.prototype as object)
    return error
  }
  return new Error(message)
}

function lookUp(name: string): ErrorClass | undefined {
  for (const place of [known, ours, globalThis] as Readonly<Record<string, unknown>>[]) {
    const found = Object.hasOwn(place, name) ? place[name] : undefined
    if (typeof found === 'function' && isErrorClass(found)) return found as unknown as ErrorClass
  }
  return undefined
}

const isErrorClass = (value: { prototype?: unknown }) =>
  value.prototype === Error.prototype || value.prototype instanceof Error

function set(error: Error, field: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, field, { value, enumerable, writable: true, configurable: true })
}
