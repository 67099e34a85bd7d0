/** Numbers as text: read as other programs write them, written so that they come back to the last bit. */
import type { Reals } from '../matrix/elements.js'

const special = /^([+-]?)(nan|inf|infinity)$/i
const letterX = 120
const letterO = 111
const letterB = 98

/** The number that the whole text is, or undefined. Knows NaN and infinity in any case, and Fortran's exponent D. */
export function parseNumber(text: string): number | undefined {
  const value = Number(text)
  if (!Number.isNaN(value) && text !== '' && !hasRadix(text) && text.trim() === text) return value
  const match = special.exec(text)
  if (match !== null) {
    if ((match[2] as string).toLowerCase() === 'nan') return Number.NaN
    return match[1] === '-' ? -Infinity : Infinity
  }
  return /^[\d.+-]+[dD][+-]?\d+$/.test(text) ? parseNumber(text.replace(/d/i, 'e')) : undefined
}

/** JavaScript reads 0x10, 0o7 and 0b1 as numbers; no file format here means them. */
function hasRadix(text: string): boolean {
  const second = text.charCodeAt(1) | 32
  return second === letterX || second === letterO || second === letterB
}

// Below this single precision has fewer than 6 digits.
const smallestNormal = 2 ** -126

/** The shortest text from which a double comes back as it was. */
function formatDouble(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** The shortest text that is nearer to this float than to any other. */
function formatFloat(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatDouble(value)
  for (let digits = Math.abs(value) < smallestNormal ? 1 : 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits))
    if (Math.fround(rounded) === value) return String(rounded)
  }
  return String(Number(value.toPrecision(9)))
}

/** How the elements of the array are written. */
export function formatterOf(data: Reals): (value: number) => string {
  return data instanceof Float64Array ? formatDouble : formatFloat
}
