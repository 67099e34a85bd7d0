/** Matrices whose elements lie anywhere in an array, for property tests. */
import * as fc from 'fast-check'

/** Any strides, also negative, zero and overlapping, over an array that is just large enough; element k of it is k. */
export const layouts = fc
  .record({
    rows: fc.integer({ min: 1, max: 5 }),
    columns: fc.integer({ min: 1, max: 5 }),
    down: fc.integer({ min: -12, max: 12 }),
    across: fc.integer({ min: -12, max: 12 }),
    before: fc.nat(3),
  })
  .map(({ rows, columns, down, across, before }) => {
    const reach = [(rows - 1) * down, (columns - 1) * across]
    const offset = before - reach.reduce((sum, each) => sum + Math.min(0, each), 0)
    const length = offset + reach.reduce((sum, each) => sum + Math.max(0, each), 0) + 1
    const expected = Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (__, j) => offset + i * down + j * across),
    )
    return { shape: [rows, columns], strides: [down, across], offset, length, expected }
  })
