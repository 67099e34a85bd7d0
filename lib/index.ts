/** numcore: arrays and kernels. See `numcore/scaling` for the harness. */
export {
  type AnyComplex,
  type Complex,
  type ComplexLike,
  ComplexMatrix,
  ComplexMatrixView,
  type ComplexSource,
  type ComplexValue,
  type CreateComplexOptions,
} from './complex-matrix.js'
export * from './correlation.js'
export * from './csv.js'
export type {
  BoxIntegral,
  BoxOptions,
  ManyIntegrand,
  ManyPointIntegrand,
  ManyVectorIntegrand,
  QmcOptions,
} from './cubature.js'
export { cubature, cubatureSync, qmc, qmcSync } from './cubature.js'
export type { DynamicsOptions, WordDynamics } from './dynamics.js'
export { wordDynamics, wordDynamicsSync } from './dynamics.js'
export { dynamicsPlot } from './dynamics-plot.js'
export * from './errors.js'
export {
  type EvaluateOptions,
  evaluate,
  evaluateSync,
  type Params,
  type Variables,
} from './expression.js'
export * from './fft.js'
export * from './interop.js'
export * from './linalg.js'
export * from './linalg/index.js'
export type {
  CreateOptions,
  DenseLike,
  MatrixLike,
  RandomOptions,
  Reals,
  RealType,
  Strided,
  ViewOptions,
} from './matrix.js'
export { Matrix, MatrixView } from './matrix.js'
export { type ComplexType, type ElementType, resultType } from './matrix/elements.js'
export type {
  ForeignMatrix,
  MathjsMatrixLike,
  MlMatrixLike,
  NdarrayLike,
  ShapedLike,
  StdlibNdarrayLike,
} from './matrix/foreign.js'
export type { RealSource } from './matrix/source.js'
export { type Widened, widen } from './matrix/widen.js'
export type { WriteMatrixMarketOptions } from './matrix-market.js'
export {
  decodeMatrixMarket,
  encodeMatrixMarket,
  readMatrixMarket,
  writeMatrixMarket,
} from './matrix-market.js'
export type { ArraySource, NpyArray, ReadMatrixOptions } from './npy.js'
export { decodeNpy, encodeNpy, readNpy, readNpyArray, writeNpy } from './npy.js'
export * from './npz.js'
export type { Integrand, PointIntegrand, Quad, QuadOptions, VectorIntegrand } from './quad.js'
export { quad, quadSync } from './quad.js'
export type { Integral, IntegrateOptions, Rule } from './quadrature.js'
export { integrate, integrateSync } from './quadrature.js'
export type { CumulativeOptions, Spacing } from './samples.js'
export { cumulativeTrapezoid, simpson, trapezoid } from './samples.js'
export type { Sentences, TextUnit } from './sentences.js'
export { readSentences, readSentencesSync } from './sentences.js'
export * from './series.js'
export type { TextStream } from './text.js'
export { readText, readTextSync, readTexts, readTextsSync, Text } from './text.js'
export type { TextSource } from './text-source.js'
export * from './threads.js'
export type { WordCount, WordCountOptions } from './word-count.js'
export { wordCount, wordCountSync } from './word-count.js'
