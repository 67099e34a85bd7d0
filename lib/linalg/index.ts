/** Linear algebra beside the inverse. */
export * from './batch.js'
export type { ComplexSignAndLog, SignAndLog } from './determinant.js'
export * from './eigen.js'
export type { DetOf, Factor, Factorisation, SlogdetOf } from './factors.js'
export * from './functions.js'
export * from './lu.js'
export * from './norms.js'
export type { AnyMatrix, ResultOf, Vector, WiderParts } from './operands.js'
export * from './products.js'
export * from './qr.js'
export type { SolutionOf } from './right-side.js'
export * from './solve.js'
export { type AnyStack, ComplexMatrixStack, MatrixStack } from './stack.js'
export * from './structured.js'
export {
  type Lstsq,
  lstsq,
  lstsqSync,
  matrixRank,
  matrixRankSync,
  pinv,
  pinvSync,
  type RankOptions,
  type RcondOptions,
  type Svd,
  type SvdOptions,
  svd,
  svdSync,
  svdvals,
  svdvalsSync,
} from './svd.js'
export * from './symmetric-factors.js'
export * from './vectors.js'
