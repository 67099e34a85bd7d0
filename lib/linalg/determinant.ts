/** Determinants from the diagonal of a factor: as sign and logarithm, which neither overflow nor underflow. */
import type { Complex } from '../complex-matrix.js'
import type { Reals } from '../matrix/elements.js'

/** `sign` times e^`logdet` is the determinant; sign 0 and logdet -Infinity for a singular matrix. */
export interface SignAndLog {
  sign: number
  logdet: number
}

/** The same of a complex matrix, whose sign is a number of absolute value 1, or 0. */
export interface ComplexSignAndLog {
  sign: Complex
  logdet: number
}

/** A product of many numbers. */
export class LongProduct {
  #re = 1
  #im = 0
  #log = 0

  multiply(re: number, im = 0): this {
    const size = Math.hypot(re, im)
    if (size === 0) {
      this.#re = 0
      this.#im = 0
      this.#log = Number.NEGATIVE_INFINITY
      return this
    }
    const [c, s] = [re / size, im / size]
    const [x, y] = [this.#re, this.#im]
    this.#re = x * c - y * s
    this.#im = x * s + y * c
    this.#log += Math.log(size)
    return this
  }

  real(): SignAndLog {
    return { sign: Math.sign(this.#re), logdet: this.#log }
  }

  complex(): ComplexSignAndLog {
    return { sign: { re: this.#re, im: this.#im }, logdet: this.#log }
  }
}

/** 1 for an even permutation, -1 for an odd one. */
export function parity(order: Int32Array): 1 | -1 {
  const seen = new Uint8Array(order.length)
  let sign: 1 | -1 = 1
  for (let i = 0; i < order.length; i++) {
    if (seen[i]) continue
    for (let j = order[i] as number; j !== i; j = order[j] as number) {
      seen[j] = 1
      sign = sign === 1 ? -1 : 1
    }
  }
  return sign
}

/** Calls `visit(re, im)` for the diagonal of a row-major matrix with rows `columns` apart. */
export function forDiagonal(
  data: Reals,
  n: number,
  columns: number,
  complex: boolean,
  visit: (re: number, im: number) => void,
): void {
  for (let i = 0; i < n; i++) {
    const k = i * columns + i
    if (complex) visit(data[2 * k] as number, data[2 * k + 1] as number)
    else visit(data[k] as number, 0)
  }
}

/** The determinant itself, multiplied out: exact for small integer matrices, as e^logdet is not. */
export function determinant(
  product: (multiply: (re: number, im: number) => void) => void,
): Complex {
  let [re, im] = [1, 0]
  product((x, y) => {
    // Without the second case an infinite product of real numbers would be NaN.
    if (y !== 0 || im !== 0) [re, im] = [re * x - im * y, re * y + im * x]
    else re *= x
  })
  return { re, im }
}
