/** Right-hand sides: a vector or the columns of a matrix, and a result of the same form. */
import { ShapeError } from '../errors.js'
import type { Reals } from '../matrix/elements.js'
import {
  type AnyMatrix,
  asColumn,
  expectVector,
  isVector,
  type Prepared,
  prepare,
  type ResultOf,
  roomLike,
  unify,
  type Vector,
  type WiderParts,
  wrap,
} from './operands.js'

/** The solution's form is that of the right-hand side: a vector for a vector, a matrix for a matrix. */
export type SolutionOf<A, B> = B extends Vector ? WiderParts<A, B> : ResultOf<A, B>

export interface RightSide {
  /** In the element type that is common to both. */
  a: Prepared
  b: Prepared
  x: Reals
  /** The solution as the caller gets it. */
  result: () => unknown
}

/** `rows` of B are wanted and `height` rows of X come out. */
export function rightSide(
  A: Prepared,
  B: AnyMatrix | Vector,
  rows = A.rows,
  height = A.columns,
): RightSide {
  const vector = isVector(B)
  const given = vector
    ? asColumn('B', expectVector('B', B, rows, A.complex), A.complex)
    : prepare('B', B)
  if (given.rows !== rows) {
    throw new ShapeError(
      `Expected ${rows} rows for B, as many as ${A.name} has, ` +
        `but received ${given.rows} x ${given.columns} of type ${given.type}`,
    )
  }
  const [a, b] = unify(A, given)
  const x = roomLike(a, height * b.columns, () => `a ${height} x ${b.columns} solution`)
  return { a, b, x, result: () => (vector ? x : wrap(height, b.columns, x, a.complex)) }
}
