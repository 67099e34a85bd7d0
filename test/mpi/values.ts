// Values for the tests of messages: every kind of object, and every class of arrays.
import { classes } from './typed.js'

class Point {
  readonly x = 1
  readonly y = 2
}

function cycle(): unknown {
  const value: Record<string, unknown> = { name: 'ring', list: [1, 2] }
  value.self = value
  value.list = [value, value.list]
  return value
}

function nested(): unknown {
  let value: unknown = 1
  for (let depth = 0; depth < 40; depth++) value = [value]
  return value
}

function aliases(): unknown {
  const buffer = new ArrayBuffer(80)
  const whole = new Float64Array(buffer, 8, 8)
  whole.forEach((_, i) => {
    whole[i] = i + 0.5
  })
  return { whole, tail: new Float64Array(buffer, 40, 2), bytes: new Uint8Array(buffer, 16, 3) }
}

const shared = { deep: true }
const sparse: unknown[] = [1, undefined, 3]
delete sparse[1]
const named = Object.assign([1, 2], { extra: 'kept' })

export const values: readonly (readonly [name: string, make: () => unknown])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['true', () => true],
  ['false', () => false],
  ['0', () => 0],
  ['-0', () => -0],
  ['NaN', () => Number.NaN],
  ['-Infinity', () => Number.NEGATIVE_INFINITY],
  ['a number', () => Math.PI],
  ['the smallest number', () => Number.MIN_VALUE],
  ['a BigInt', () => -(2n ** 70n)],
  ['an empty string', () => ''],
  ['a string', () => 'Ahoy'],
  ['a Latin string', () => 'café ÿ'],
  ['another string', () => 'ε ≠ 0 🐋'],
  ['a lone surrogate', () => 'a\ud800b'],
  ['a long string', () => 'whale '.repeat(50_000)],
  ['a long string of others', () => '鯨'.repeat(70_000)],
  ['a small object', () => ({ a: 7, b: 3.14, c: [1, 2, 3], d: { e: null, f: 'x' } })],
  ['an object with undefined', () => ({ a: undefined, b: [undefined] })],
  ['an object with -0 and NaN', () => ({ zero: -0, nan: Number.NaN, list: [-0] })],
  ['an object with a key named __proto__', () => JSON.parse('{"__proto__": 1, "a": 2}')],
  ['a toJSON that is data', () => ({ toJSON: 1 })],
  ['an empty list', () => []],
  ['a list of numbers', () => [1, 2, -0, 4.5]],
  ['a long list of numbers', () => Array.from({ length: 10_000 }, (_, i) => i / 3)],
  ['a list with a hole', () => sparse],
  ['a list with a name', () => named],
  ['a nested list', nested],
  ['one object twice', () => [shared, shared]],
  ['a cycle', cycle],
  [
    'a Map',
    () =>
      new Map<unknown, unknown>([
        ['a', 1],
        [{ key: 1 }, new Set([1, 'b'])],
      ]),
  ],
  ['a Set', () => new Set([Number.NaN, -0, 'x'])],
  ['a Date', () => new Date(1_234_567_890_123)],
  ['an invalid Date', () => new Date(Number.NaN)],
  ['a RegExp', () => /whale+/giu],
  ['an error', () => new RangeError('too far', { cause: 'wind' })],
  ['boxed values', () => [Object(1), Object('s'), Object(true), Object(5n)]],
  ['a class instance', () => new Point()],
  ['views of one buffer', aliases],
  ['an ArrayBuffer', () => Uint8Array.of(1, 2, 3).buffer],
  ['a large ArrayBuffer', () => new Uint8Array(200_000).fill(7).buffer],
  ['a DataView', () => new DataView(Uint8Array.of(9, 8, 7, 6).buffer, 1, 2)],
  ['a Buffer', () => Buffer.from('pooled')],
  ['a large Buffer', () => Buffer.alloc(100_000, 'ab')],
  [
    'a mixture',
    () => ({
      m: new Map([[1, new Float64Array(9000).fill(2)]]),
      s: new Uint8Array(3),
      b: Buffer.from('q'),
      d: new DataView(new ArrayBuffer(9), 2),
    }),
  ],
  ...classes.flatMap(([name, from]): [string, () => unknown][] => [
    [`an empty ${name}`, () => from(0)],
    [`a ${name}`, () => from(5)],
    [`a ${name} that is a part`, () => from(9).subarray(2, 6)],
    [`a long ${name}`, () => from(70_000)],
  ]),
]
