/** What the add-on offers for linear algebra. A matrix is five arguments: see native/addon/operands.h. */
import type { Control } from '../job.js'
import type { Reals } from '../matrix.js'

type Matrix = [data: Reals, rows: number, columns: number, leading: number, transposed: boolean]

export interface NativeProducts {
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
