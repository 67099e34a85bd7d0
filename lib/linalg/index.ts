/** Linear algebra beside the inverse. */
export type { AnyMatrix, ResultOf, Vector, WiderParts } from './operands.js'
export * from './products.js'
export * from './vectors.js'
