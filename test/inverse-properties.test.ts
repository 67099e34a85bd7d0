import assert from 'node:assert/strict'
import {
  type Arbitrary,
  assert as assertProperty,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  property,
  record,
  tuple,
} from 'fast-check'
import { numbers } from './support/algebra.js'
import { type Assume, eigvalshSync, invInfoSync, invSync, Matrix } from 'numcore'
import { bits } from './support/assertions.js'

/** Fixed, so that a run can be repeated; another one by NUMCORE_SEED. */
const seed = Number(process.env['NUMCORE_SEED'] ?? 20261122)

/** `across`: [0 B; B' 0], whose pivots are all off the diagonal and, from order 100 on, in different blocks. */
const kinds = ['general', 'symmetric', 'definite', 'graded', 'across'] as const
type Kind = (typeof kinds)[number]
type Precision = 'double' | 'single'

interface Case {
  n: number
  kind: Kind
  precision: Precision
  seed: number
}

const assumptions: Record<Kind, Assume[]> = {
  general: ['auto', 'general'],
  symmetric: ['auto', 'general', 'symmetric'],
  definite: ['auto', 'general', 'symmetric', 'positive-definite'],
  graded: ['auto', 'symmetric'],
  across: ['auto', 'general', 'symmetric'],
}

/** Sizes from 1 to 200, the edges of vectors, blocks and tiles more often than the rest. */
const sizes = oneof(
  integer({ min: 1, max: 200 }),
  constantFrom(1, 2, 3, 7, 8, 9, 15, 16, 17, 23, 24, 25, 47, 48, 49, 63, 64, 65, 95, 96, 97),
  constantFrom(127, 128, 129, 143, 144, 145, 191, 192, 193),
)
const cases = record<Case>({
  n: sizes,
  kind: constantFrom(...kinds),
  precision: constantFrom('double', 'single'),
  seed: nat(),
})
const casesWithAssume = cases.chain((one) =>
  record({ one: constant(one), assume: constantFrom(...assumptions[one.kind]) }),
)

function build({ n, kind, precision, seed: from }: Case) {
  const draw = numbers(from)
  const half = n >> 1
  const data = precision === 'double' ? new Float64Array(n * n) : new Float32Array(n * n)
  // What single precision can still tell from singular.
  const decades = precision === 'double' ? 5 : 2
  const scale = (i: number) => (kind === 'graded' ? 10 ** ((-decades * i) / n / 2) : 1)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (kind !== 'general' && j < i) {
        data[i * n + j] = data[j * n + i] as number
        continue
      }
      if (kind === 'across' && i < half === j < half) {
        data[i * n + j] = i === j && i === 2 * half ? 1 : 0
        continue
      }
      const shift =
        i === j ? { general: 0, symmetric: 0, definite: 2 * n, graded: 2, across: 0 }[kind] : 0
      data[i * n + j] = (draw() + shift) * scale(i) * scale(j)
    }
  }
  return new Matrix(n, n, data)
}

type Any = ReturnType<typeof build>

function norm1({ rows: n, data }: Any): number {
  let most = 0
  for (let j = 0; j < n; j++) {
    let sum = 0
    for (let i = 0; i < n; i++) sum += Math.abs(data[i * n + j] as number)
    most = Math.max(most, sum)
  }
  return most
}

const epsilon = (a: Any) => (a.data instanceof Float64Array ? 2 ** -52 : 2 ** -23)

/** || A X - I ||_F / (|| A ||_1 || X ||_1 n eps) */
function backwardError(a: Any, x: Any): number {
  const n = a.rows
  let square = 0
  const row = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    row.fill(0)
    row[i] = -1
    for (let k = 0; k < n; k++) {
      const factor = a.data[i * n + k] as number
      for (let j = 0; j < n; j++) {
        row[j] = (row[j] as number) + factor * (x.data[k * n + j] as number)
      }
    }
    for (const entry of row) square += entry * entry
  }
  return Math.sqrt(square) / norm1(a) / norm1(x) / n / epsilon(a)
}

function check<T>(values: Arbitrary<T>, numRuns: number, holds: (value: T) => void) {
  assertProperty(property(values, holds), { numRuns, seed })
}

describe('properties of the inverse', () => {
  it('the backward error is within ten times that of LU', () => {
    check(casesWithAssume, 150, ({ one, assume }) => {
      const a = build(one)
      const kept = bits(a.data)
      const x = invSync<Any['data']>(a, { assume })
      assert.equal(bits(a.data), kept, 'the argument is untouched')
      const lu = backwardError(a, invSync<Any['data']>(a, { assume: 'general' }))
      const error = backwardError(a, x)
      assert.ok(error <= Math.max(10 * lu, 1 / one.n), `${error} where LU has ${lu}`)
    })
  })

  it('a symmetric matrix has a symmetric inverse, to the bit, and its signs are all counted', () => {
    check(cases, 100, (one) => {
      const a = build(one)
      const { inverse: x, inertia, method } = invInfoSync<Any['data']>(a)
      if (one.kind === 'general') {
        if (one.n > 1) assert.equal(method, 'lu')
        return
      }
      for (let i = 0; i < one.n; i++) {
        for (let j = 0; j < i; j++) {
          assert.ok(Object.is(x.data[i * one.n + j], x.data[j * one.n + i]), `at ${i}, ${j}`)
        }
      }
      assert.ok(inertia)
      assert.equal(inertia.positive + inertia.negative + inertia.zero, one.n)
      if (one.kind === 'definite') assert.equal(inertia.positive, one.n)
    })
  })

  it('the inertia of a small symmetric matrix is that of its eigenvalues', () => {
    const small = record<Case>({
      n: integer({ min: 1, max: 18 }),
      kind: constantFrom('symmetric', 'definite', 'across'),
      precision: constantFrom('double', 'single'),
      seed: nat(),
    })
    check(small, 200, (one) => {
      const a = build(one)
      const { inertia, rcond } = invInfoSync(a, { assume: 'symmetric' })
      if (rcond < 1e3 * epsilon(a)) return
      const values = [...eigvalshSync(a)]
      assert.deepEqual(inertia, {
        positive: values.filter((each) => each > 0).length,
        negative: values.filter((each) => each < 0).length,
        zero: 0,
      })
    })
  })

  it('the inverse of the inverse is the matrix, as far as its condition lets it', () => {
    check(cases, 100, (one) => {
      const a = build(one)
      const { inverse, rcond } = invInfoSync<Any['data']>(a)
      const back = invSync<Any['data']>(inverse)
      let difference = 0
      a.data.forEach((entry, i) => {
        difference = Math.max(difference, Math.abs(entry - (back.data[i] as number)))
      })
      const bound = (10 * one.n * epsilon(a)) / rcond
      assert.ok(
        difference <= bound * norm1(a),
        `${difference / norm1(a)} where ${bound} is allowed`,
      )
    })
  })

  it('a power of two passes through without rounding', () => {
    check(tuple(cases, integer({ min: -20, max: 20 })), 100, ([one, exponent]) => {
      const a = build(one)
      const { inverse: x, method } = invInfoSync<Any['data']>(a)
      // Cholesky takes the square root, which has to be a power of two as well.
      const factor = 2 ** (method === 'cholesky' ? 2 * exponent : exponent)
      const times = (data: Any['data']) => data.map((v) => v * factor) as Any['data']
      const scaled = invSync<Any['data']>(new Matrix(one.n, one.n, times(a.data)))
      assert.equal(bits(times(scaled.data)), bits(x.data))
    })
  })

  it('the bits are the same on every number of threads, in `out` and with `overwrite`', () => {
    check(
      tuple(casesWithAssume, integer({ min: 2, max: 4 })),
      100,
      ([{ one, assume }, threads]) => {
        const a = build(one)
        const x = invSync<Any['data']>(a, { assume, threads: 1 })
        assert.equal(bits(invSync<Any['data']>(a, { assume, threads }).data), bits(x.data))
        const out = new Matrix(one.n, one.n, a.data.map(() => Number.NaN) as Any['data'])
        invSync<Any['data']>(a, { assume, threads, out })
        assert.equal(bits(out.data), bits(x.data))
        invSync<Any['data']>(a, { assume, threads, overwrite: true })
        assert.equal(bits(a.data), bits(x.data))
      },
    )
  })
})
