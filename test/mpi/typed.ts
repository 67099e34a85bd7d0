// Every class of typed arrays, with small numbers in it that every operation can be told from.
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array

const numbers = (length: number, start: number) =>
  Array.from({ length }, (_, i) => ((i + start) % 5) + 1)
const bigs = (length: number, start: number) => numbers(length, start).map(BigInt)

/** Arrays of small positive numbers that differ with `start`. */
export const classes: readonly [
  name: string,
  from: (length: number, start?: number) => TypedArray,
][] = [
  ['Int8Array', (n, start = 0) => Int8Array.from(numbers(n, start))],
  ['Uint8Array', (n, start = 0) => Uint8Array.from(numbers(n, start))],
  ['Uint8ClampedArray', (n, start = 0) => Uint8ClampedArray.from(numbers(n, start))],
  ['Int16Array', (n, start = 0) => Int16Array.from(numbers(n, start))],
  ['Uint16Array', (n, start = 0) => Uint16Array.from(numbers(n, start))],
  ['Int32Array', (n, start = 0) => Int32Array.from(numbers(n, start))],
  ['Uint32Array', (n, start = 0) => Uint32Array.from(numbers(n, start))],
  ['Float32Array', (n, start = 0) => Float32Array.from(numbers(n, start))],
  ['Float64Array', (n, start = 0) => Float64Array.from(numbers(n, start))],
  ['BigInt64Array', (n, start = 0) => BigInt64Array.from(bigs(n, start))],
  ['BigUint64Array', (n, start = 0) => BigUint64Array.from(bigs(n, start))],
]

/** A new array of the same class. */
export function like(array: TypedArray, length = array.length): TypedArray {
  return new (array.constructor as new (length: number) => TypedArray)(length)
}

/** An array of the same class with these elements. */
export function withValues(array: TypedArray, values: readonly (number | bigint)[]): TypedArray {
  const result = like(array, values.length)
  values.forEach((value, i) => {
    result[i] = value as never
  })
  return result
}
