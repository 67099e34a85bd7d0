/** What the results of all rules have in common: how good is good enough, and how far a value can be trusted. Not public. */
import { invalidArgument } from '../errors.js'

/** An error is accepted that is within the larger of an absolute one and a part of the value. */
export interface Tolerance {
  absTolerance: number
  relTolerance: number
}

/** As SciPy's `quad`. */
export const defaultTolerance: Tolerance = { absTolerance: 1.49e-8, relTolerance: 1.49e-8 }

function expectTolerance(name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY) return value
  throw invalidArgument('a number of at least 0', name, value)
}

export function fillTolerance(
  given: { absTolerance?: number | undefined; relTolerance?: number | undefined },
  byDefault: Tolerance,
): Tolerance {
  const { absTolerance = byDefault.absTolerance, relTolerance = byDefault.relTolerance } = given
  return {
    absTolerance: expectTolerance('absTolerance', absTolerance),
    relTolerance: expectTolerance('relTolerance', relTolerance),
  }
}

/** The error that is accepted. */
export function accepted({ absTolerance, relTolerance }: Tolerance, value: number): number {
  return Math.max(absTolerance, relTolerance * Math.abs(value))
}

export function isWithin(tolerance: Tolerance, value: number, error: number): boolean {
  return error <= accepted(tolerance, value)
}

/** The integral of |f| by that of f; f of one sign has 1, but for the rounding of two sums. */
export function conditionOf(value: number, l1: number): number {
  const size = Math.abs(value)
  if (size === 0) return l1 === 0 ? 1 : Number.POSITIVE_INFINITY
  return Math.max(1, l1 / size)
}
