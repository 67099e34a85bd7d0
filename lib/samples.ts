/** Integrals of samples: values that were measured or computed elsewhere, and where. */
import { invalidArgument, NotFiniteError, ShapeError } from './errors.js'
import { checkOptions, expectFinite } from './options.js'

/** The points at which samples were taken, rising or falling, or the distance between neighbours. */
export type Spacing = Float64Array | number

/** A sum and what rounding has taken from it so far (Neumaier 1974). */
class Sum {
  private high = 0
  private low = 0
  add(value: number): void {
    const sum = this.high + value
    this.low +=
      Math.abs(this.high) >= Math.abs(value) ? this.high - sum + value : value - sum + this.high
    this.high = sum
  }
  get value(): number {
    return this.high + this.low
  }
}

function expectSamples(name: string, values: unknown): Float64Array {
  if (!(values instanceof Float64Array)) throw invalidArgument('a Float64Array', name, values)
  const wrong = values.findIndex((value) => !Number.isFinite(value))
  if (wrong >= 0) {
    const message = `Expected a finite number for ${name}[${wrong}] but received ${values[wrong]} of type number`
    throw new NotFiniteError(message, wrong)
  }
  return values
}

/** The distances between neighbours, as a function of the left one's index. */
function steps(y: Float64Array, spacing: Spacing): (i: number) => number {
  if (typeof spacing === 'number') {
    const dx = expectFinite('dx', spacing)
    return () => dx
  }
  if (!(spacing instanceof Float64Array)) {
    throw invalidArgument('a Float64Array or a number', 'x', spacing)
  }
  const x = expectSamples('x', spacing)
  if (x.length !== y.length) {
    throw new ShapeError(
      `Expected as many values for x as for y, ${y.length}, but received ${x.length}`,
    )
  }
  return (i) => (x[i + 1] as number) - (x[i] as number)
}

/**
 * The integral of samples by the trapezoid rule: straight lines between neighbours.
 *
 * `y` are the values at the points `x`, or at points `dx` apart (default 1). Points may fall, and repeat; the error
 * is of the second order in the spacing. Fewer than two samples have the integral 0. The sum is compensated: n
 * samples cost a few nanoseconds each, and rounding does not grow with n.
 *
 * ```ts
 * import { trapezoid } from 'numcore'
 * console.log(trapezoid(Float64Array.of(1, 2, 4), Float64Array.of(0, 1, 3))) // 7.5
 * ```
 *
 * @throws {ShapeError} `ERR_SHAPE` when `x` and `y` differ in length.
 * @throws {NotFiniteError} `ERR_NOT_FINITE` for NaN or infinity, with the `index`.
 * @throws {InvalidArgumentError} `ERR_INVALID_ARGUMENT` for anything but a Float64Array or a number.
 */
export function trapezoid(y: Float64Array, spacing: Spacing = 1): number {
  const values = expectSamples('y', y)
  const step = steps(values, spacing)
  const sum = new Sum()
  for (let i = 0; i + 1 < values.length; i++) {
    sum.add(step(i) * 0.5 * ((values[i] as number) + (values[i + 1] as number)))
  }
  return sum.value
}

/**
 * The integral of samples by Simpson's rule: parabolas through three neighbours, whatever their spacing.
 *
 * `y` are the values at the points `x`, or at points `dx` apart (default 1). With an even number of samples, that is, an
 * odd number of intervals, the last one is what the parabola through the last three samples has there (Cartwright
 * 2017, as SciPy from 1.11 on). Exact for cubics when the spacing is even and the number of samples odd, for
 * parabolas always. Two samples: the trapezoid; fewer: 0. The sum is compensated.
 *
 * ```ts
 * import { simpson } from 'numcore'
 * const x = Float64Array.of(0, 1, 3, 4)
 * console.log(simpson(x.map((each) => each ** 2), x).toFixed(12)) // 21.333333333333
 * ```
 *
 * @throws {ShapeError} `ERR_SHAPE` when `x` and `y` differ in length.
 * @throws {NotFiniteError} `ERR_NOT_FINITE` for NaN or infinity, with the `index`.
 * @throws {InvalidArgumentError} `ERR_INVALID_ARGUMENT` for points that do not rise, or do not fall, all along.
 */
export function simpson(y: Float64Array, spacing: Spacing = 1): number {
  const values = expectSamples('y', y)
  const step = steps(values, spacing)
  const count = values.length
  const at = (i: number) => values[i] as number
  // A parabola needs three different points.
  const direction = Math.sign(count > 1 ? step(0) : 1)
  for (let i = 0; i + 1 < count; i++) {
    const h = step(i)
    if (h !== 0 && Math.sign(h) === direction) continue
    if (typeof spacing === 'number') return 0
    throw invalidArgument('points that rise or fall all along', `x[${i + 1}]`, spacing[i + 1])
  }
  if (count < 2) return 0
  if (count === 2) return step(0) * 0.5 * (at(0) + at(1))
  const sum = new Sum()
  for (let i = 0; i + 2 < count; i += 2) {
    const h = step(i)
    const k = step(i + 1)
    const both = h + k
    sum.add((both / 6) * (2 - k / h) * at(i))
    sum.add((both / 6) * (both / h) * (both / k) * at(i + 1))
    sum.add((both / 6) * (2 - h / k) * at(i + 2))
  }
  if (count % 2 === 0) {
    const h = step(count - 3)
    const k = step(count - 2)
    const both = h + k
    sum.add((k / 6) * (2 + h / both) * at(count - 1))
    sum.add((k / 6) * (3 + k / h) * at(count - 2))
    sum.add((-k / 6) * (k / h) * (k / both) * at(count - 3))
  }
  return sum.value
}

export interface CumulativeOptions {
  /** Put in front, so that the result is as long as `y`; usually 0. Not added to what follows. */
  initial?: number | undefined
}

/**
 * The integral of samples from the first to each of the others, by the trapezoid rule: n - 1 values, or n with `initial`
 * in front. The last is {@link trapezoid} of the same samples. The sum is compensated, so that it does not drift.
 *
 * ```ts
 * import { cumulativeTrapezoid } from 'numcore'
 * console.log(cumulativeTrapezoid(Float64Array.of(1, 2, 4), 1, { initial: 0 }).join()) // 0,1.5,4.5
 * ```
 *
 * @throws {ShapeError} `ERR_SHAPE` when `x` and `y` differ in length.
 * @throws {NotFiniteError} `ERR_NOT_FINITE` for NaN or infinity, with the `index`.
 * @throws {InvalidArgumentError} `ERR_INVALID_ARGUMENT` for an unknown option.
 */
export function cumulativeTrapezoid(
  y: Float64Array,
  spacing: Spacing = 1,
  options?: CumulativeOptions,
): Float64Array {
  const { initial } = checkOptions('cumulativeTrapezoid', options, ['initial'])
  const values = expectSamples('y', y)
  const step = steps(values, spacing)
  const lead = initial === undefined ? 0 : 1
  const out = new Float64Array(Math.max(0, values.length - 1 + lead))
  if (initial !== undefined && out.length > 0) out[0] = expectFinite('initial', initial)
  const sum = new Sum()
  for (let i = 0; i + 1 < values.length; i++) {
    sum.add(step(i) * 0.5 * ((values[i] as number) + (values[i + 1] as number)))
    out[i + lead] = sum.value
  }
  return out
}
