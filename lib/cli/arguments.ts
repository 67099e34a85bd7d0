// Options that several commands share, and how their text becomes a value.
import { InvalidArgumentError, Option } from './commander.js'
import { maxThreads } from '../threads.js'

/** A whole number from `min` to `max`; 1e8 is one too. */
export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
    throw new InvalidArgumentError(`Expected an integer ${range}.`)
  }
}

/** A number of at least 0. */
export function nonNegative(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (value >= 0 && value < Number.POSITIVE_INFINITY) return value
  throw new InvalidArgumentError('Expected a number of at least 0.')
}

export const threadsArgument = () =>
  new Option('--threads <N>', 'threads (default: see numcore info)').argParser(
    wholeNumber(1, maxThreads),
  )

export const assumeArgument = () =>
  new Option('--assume <KIND>', 'what is known of the matrix')
    .choices(['auto', 'general', 'symmetric', 'positive-definite'])
    .default('auto')
