// Numbers as the lesson's Python programs print them.

/**
 * Python's `repr(x)` of a finite float. Digits are the same as JavaScript's (the shortest that read back
 * as x); only the form differs: exponents below 1e-4 and from 1e16, of at least two digits.
 */
export function repr(x: number): string {
  if (Object.is(x, -0)) return '-0.0'
  const size = Math.abs(x)
  if (x === 0 || (size >= 1e-4 && size < 1e16)) {
    // Here JavaScript writes no exponent either.
    const plain = String(x)
    return plain.includes('.') ? plain : `${plain}.0`
  }
  const [mantissa = '', exponent = ''] = x.toExponential().split('e')
  return `${mantissa}e${pad(Number(exponent))}`
}

/**
 * C's `%.18e` of a finite double, exact to the last digit. toExponential is exact too and needs no
 * native call, but takes a tie upwards where C takes it to the even digit; and ties do occur here,
 * for counts are divided by numbers like 2^k.
 */
export function exponential18(x: number): string {
  const [mantissa = '', exponent = ''] = roundHalfEven(x).split('e')
  return `${mantissa}e${pad(Number(exponent))}`
}

// Digits that toExponential can give. A tie ends in a 5 and zeros to infinity; no double has 81 zeros after
// 20 digits and then another digit, so the digits that are not shown are zeros as well.
const mostDigits = 100

function roundHalfEven(x: number): string {
  const exact = x.toExponential(mostDigits)
  const tie = /^(-?\d\.\d{17}[02468])50*(e.*)$/.exec(exact)
  return tie ? `${tie[1]}${tie[2]}` : x.toExponential(18)
}

const pad = (power: number): string =>
  `${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
