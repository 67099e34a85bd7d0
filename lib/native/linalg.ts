/** What the add-on offers for linear algebra. A matrix is five arguments: see native/addon/operands.h. */
import type { Control } from '../job.js'
import type { Reals } from '../matrix.js'

type Matrix = [data: Reals, rows: number, columns: number, leading: number, transposed: boolean]

export interface NativeLinalg
  extends NativeProducts, NativeFactors, NativeSolvers, NativeSpectra, NativeBatches {}

export interface NativeProducts {
  multiply(
    a: Reals,
    b: Reals,
    c: Reals,
    m: number,
    k: number,
    n: number,
    pairs: boolean,
    control: Control,
  ): unknown
  matmul(
    ...call: [
      ...a: Matrix,
      conjugateA: boolean,
      ...b: Matrix,
      conjugateB: boolean,
      c: Reals,
      pairs: boolean,
      structureA: string | undefined,
      structureB: string | undefined,
      alphaRe: number,
      alphaIm: number,
      betaRe: number,
      betaIm: number,
      control: Control,
    ]
  ): unknown
  gram(...call: [...a: Matrix, outer: boolean, c: Reals, pairs: boolean, control: Control]): unknown
  matvec(
    ...call: [
      ...a: Matrix,
      conjugated: boolean,
      x: Reals,
      y: Reals,
      pairs: boolean,
      alphaRe: number,
      alphaIm: number,
      betaRe: number,
      betaIm: number,
      control: Control,
    ]
  ): unknown
  dot(x: Reals, y: Reals, pairs: boolean, conjugated: boolean, control: Control): unknown
  outer(
    x: Reals,
    y: Reals,
    c: Reals,
    pairs: boolean,
    conjugated: boolean,
    control: Control,
  ): unknown
  kron(...call: [...a: Matrix, ...b: Matrix, c: Reals, pairs: boolean, control: Control]): unknown
}

type Held = [
  kind: 'cholesky' | 'd' | 'lu',
  factors: Reals,
  d: Reals | undefined,
  e: Reals | undefined,
  order: Int32Array | undefined,
  hermitian: boolean,
  pairs: boolean,
]

export interface NativeFactors {
  cholesky(...call: [...a: Matrix, l: Reals, pairs: boolean, control: Control]): unknown
  ldl(
    ...call: [
      ...a: Matrix,
      hermitian: boolean,
      l: Reals,
      d: Reals,
      e: Reals,
      order: Int32Array,
      pairs: boolean,
      report: Float64Array,
      control: Control,
    ]
  ): unknown
  lu(
    ...call: [
      ...a: Matrix,
      factors: Reals,
      order: Int32Array,
      pairs: boolean,
      report: Float64Array,
      control: Control,
    ]
  ): unknown
  determinant(
    ...call: [
      ...a: Matrix,
      logarithm: boolean,
      pairs: boolean,
      report: Float64Array,
      control: Control,
    ]
  ): unknown
  qr(
    ...call: [
      ...a: Matrix,
      width: number,
      q: Reals,
      r: Reals,
      pivots: Int32Array | undefined,
      pairs: boolean,
      report: Float64Array,
      control: Control,
    ]
  ): unknown
  factorSolve(...call: [...held: Held, ...b: Matrix, x: Reals, control: Control]): unknown
  factorRcond(...call: [...held: Held, n: number, norm: number, control: Control]): unknown
}

export interface NativeSolvers {
  solve(
    ...call: [
      ...a: Matrix,
      ...b: Matrix,
      x: Reals,
      pairs: boolean,
      assume: number,
      report: Float64Array | undefined,
      control: Control,
    ]
  ): unknown
  solveTriangular(
    ...call: [
      ...a: Matrix,
      ...b: Matrix,
      x: Reals,
      pairs: boolean,
      lower: boolean,
      transposition: 'N' | 'T' | 'C',
      unit: boolean,
      control: Control,
    ]
  ): unknown
  solveBanded(
    ...call: [
      ...bands: Matrix,
      ...b: Matrix,
      x: Reals,
      pairs: boolean,
      below: number,
      above: number,
      control: Control,
    ]
  ): unknown
  solveTridiagonal(
    below: Reals,
    diagonal: Reals,
    above: Reals,
    ...call: [...b: Matrix, x: Reals, pairs: boolean, control: Control]
  ): unknown
  lstsq(
    ...call: [
      ...a: Matrix,
      ...b: Matrix,
      x: Reals,
      residuals: Reals,
      singularValues: Reals,
      pairs: boolean,
      rcond: number,
      control: Control,
    ]
  ): unknown
}

export interface NativeSpectra {
  eigh(
    ...call: [
      ...a: Matrix,
      kind: 'A' | 'I' | 'V',
      low: number,
      high: number,
      values: Reals,
      vectors: Reals | undefined,
      pairs: boolean,
      control: Control,
    ]
  ): unknown
  eig(
    ...call: [
      ...a: Matrix,
      values: Reals,
      vectors: Reals | undefined,
      pairs: boolean,
      control: Control,
    ]
  ): unknown
  svd(
    ...call: [
      ...a: Matrix,
      full: boolean,
      u: Reals | undefined,
      s: Reals,
      vt: Reals | undefined,
      pairs: boolean,
      control: Control,
    ]
  ): unknown
  schur(
    ...call: [...a: Matrix, t: Reals, z: Reals, values: Reals, pairs: boolean, control: Control]
  ): unknown
  pinv(...call: [...a: Matrix, x: Reals, rcond: number, pairs: boolean, control: Control]): unknown
  matrixFunction(
    ...call: [...a: Matrix, name: 'expm' | 'sqrtm', x: Reals, pairs: boolean, control: Control]
  ): unknown
  matrixNorm(...call: [...a: Matrix, kind: string, pairs: boolean, control: Control]): unknown
  vectorNorm(x: Reals, p: number, pairs: boolean, control: Control): unknown
}

export interface NativeBatches {
  batch(
    name: 'inv' | 'det' | 'cholesky' | 'eigh' | 'svd',
    a: Reals,
    count: number,
    rows: number,
    columns: number,
    first: Reals,
    second: Reals | undefined,
    third: Reals | undefined,
    control: Control,
  ): unknown
  batchSolve(
    a: Reals,
    count: number,
    n: number,
    b: Reals,
    k: number,
    x: Reals,
    control: Control,
  ): unknown
  batchMatmul(
    a: Reals,
    count: number,
    m: number,
    k: number,
    b: Reals,
    countB: number,
    rowsB: number,
    n: number,
    c: Reals,
    control: Control,
  ): unknown
}
