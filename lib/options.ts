/** Checks of arguments and options: what is wrong is said here, before any native code runs. */
import type * as Levenshtein from 'fastest-levenshtein'
import { InvalidArgumentError, invalidArgument, sentence } from './errors.js'
import { requireDependency } from './load.js'

/**
 * Returns the options object, `{}` when none was given. Anything but an object is refused, and so is
 * a key that is not in `known`: a misspelt option that is silently ignored costs its user an hour.
 */
export function checkOptions<T extends object>(
  name: string,
  given: T | undefined,
  known: readonly string[],
): T | Record<string, never> {
  if (given === undefined) return {}
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw invalidArgument('an object', `options of ${name}`, given)
  }
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue
    // Needed for this message only.
    const { closest, distance } = requireDependency('fastest-levenshtein') as typeof Levenshtein
    const near = closest(key, known)
    const hint =
      known.length > 0 && distance(key, near) <= Math.max(2, key.length / 3)
        ? `; did you mean "${near}"?`
        : `; known are ${known.join(', ')}`
    throw new InvalidArgumentError(
      sentence('a known option', name, key) + (known.length > 0 ? hint : '; it takes none'),
    )
  }
  return given
}

/** `value` as an integer from `min` to `max`, else an error that names both. */
export function expectInteger(
  name: string,
  value: unknown,
  min = 0,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) {
    return value
  }
  const range =
    max === Number.MAX_SAFE_INTEGER
      ? `an integer of at least ${min}`
      : `an integer from ${min} to ${max}`
  throw invalidArgument(range, name, value)
}

export function expectFinite(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw invalidArgument('a finite number', name, value)
}

export function expectString(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw invalidArgument('a string', name, value)
}

export function expectBoolean(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw invalidArgument('a boolean', name, value)
}

export function expectOneOf<T extends string>(
  name: string,
  value: unknown,
  allowed: readonly T[],
): T {
  const found = allowed.find((each) => each === value)
  if (found !== undefined) return found
  const list = allowed.map((each) => `"${each}"`).join(', ')
  throw invalidArgument(allowed.length === 1 ? list : `one of ${list}`, name, value)
}
