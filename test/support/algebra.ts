/** Plain arithmetic of real and complex matrices, to test identities with: slow, and obviously right. */
import { spawnSync } from 'node:child_process'
import { type AnyMatrix, ComplexMatrix, ComplexMatrixView, Matrix, type Reals } from 'numcore'
import { pythonWith } from './python.js'
import { random } from './random.js'

export const kinds = ['float64', 'float32', 'complex128', 'complex64'] as const
export type Kind = (typeof kinds)[number]

export const isComplexKind = (kind: Kind) => kind.startsWith('complex')
export const epsilonOf = (kind: Kind) =>
  kind === 'float64' || kind === 'complex128' ? Number.EPSILON : 2 ** -23

/** Numbers with real and imaginary parts apart, row by row. */
export interface Plain {
  rows: number
  columns: number
  re: Float64Array
  im: Float64Array
}

type Source = AnyMatrix | Plain

export function plain(M: Source): Plain {
  if ('re' in M) return M
  const { rows, columns } = M
  const re = new Float64Array(rows * columns)
  const im = new Float64Array(rows * columns)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const k = i * columns + j
      if ('elements' in M) {
        const at = M.offset + i * M.rowStride + j * M.columnStride
        re[k] = M.elements[at] as number
        if (M.complex) im[k] = (M.conjugated ? -1 : 1) * (M.elements[at + 1] as number)
      } else if ('complex' in M && M.complex) {
        re[k] = M.data[2 * k] as number
        im[k] = M.data[2 * k + 1] as number
      } else {
        re[k] = M.data[k] as number
      }
    }
  }
  return { rows, columns, re, im }
}

/** A vector as a column; of pairs when `complex`. */
export function column(v: ArrayLike<number>, complex = false): Plain {
  const values = Float64Array.from(v)
  if (!complex) return { rows: v.length, columns: 1, re: values, im: new Float64Array(v.length) }
  return {
    rows: v.length / 2,
    columns: 1,
    re: values.filter((_, i) => i % 2 === 0),
    im: values.filter((_, i) => i % 2 === 1),
  }
}

export function times(...factors: Source[]): Plain {
  const [first, ...others] = factors.map(plain) as [Plain, ...Plain[]]
  return others.reduce((a, b) => {
    const re = new Float64Array(a.rows * b.columns)
    const im = new Float64Array(a.rows * b.columns)
    for (let i = 0; i < a.rows; i++) {
      for (let k = 0; k < a.columns; k++) {
        const x = a.re[i * a.columns + k] as number
        const y = a.im[i * a.columns + k] as number
        for (let j = 0; j < b.columns; j++) {
          const u = b.re[k * b.columns + j] as number
          const v = b.im[k * b.columns + j] as number
          ;(re[i * b.columns + j] as number) += x * u - y * v
          ;(im[i * b.columns + j] as number) += x * v + y * u
        }
      }
    }
    return { rows: a.rows, columns: b.columns, re, im }
  }, first)
}

export function adjoint(M: Source, sign: 1 | -1 = -1): Plain {
  const { rows, columns, re, im } = plain(M)
  const result = {
    rows: columns,
    columns: rows,
    re: new Float64Array(re.length),
    im: new Float64Array(re.length),
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      result.re[j * rows + i] = re[i * columns + j] as number
      result.im[j * rows + i] = sign * (im[i * columns + j] as number)
    }
  }
  return result
}

export const transposeOf = (M: Source) => adjoint(M, 1)

/** Zeros where `keep(i, j)` is false. */
export function masked(M: Source, keep: (i: number, j: number) => boolean): Plain {
  const { rows, columns, re, im } = plain(M)
  const at = (k: number) => keep(Math.floor(k / columns), k % columns)
  return {
    rows,
    columns,
    re: re.map((x, k) => (at(k) ? x : 0)),
    im: im.map((x, k) => (at(k) ? x : 0)),
  }
}

/** Rows in another order: row i of the result is row `order[i]`. */
export function permuted(M: Source, order: ArrayLike<number>): Plain {
  const { rows, columns, re, im } = plain(M)
  const pick = (v: Float64Array) =>
    Float64Array.from(
      v,
      (_, k) => v[(order[Math.floor(k / columns)] as number) * columns + (k % columns)] as number,
    )
  return { rows, columns, re: pick(re), im: pick(im) }
}

export function diagonalOf(values: ArrayLike<number>): Plain {
  const n = values.length
  const re = new Float64Array(n * n)
  for (let i = 0; i < n; i++) re[i * n + i] = values[i] as number
  return { rows: n, columns: n, re, im: new Float64Array(n * n) }
}

export const identityOf = (n: number) => diagonalOf(new Float64Array(n).fill(1))

/** Largest absolute difference; NaN anywhere makes it NaN, and other dimensions infinity. */
export function distance(A: Source, B: Source): number {
  const [a, b] = [plain(A), plain(B)]
  if (a.rows !== b.rows || a.columns !== b.columns) return Number.POSITIVE_INFINITY
  let most = 0
  for (let k = 0; k < a.re.length; k++) {
    const d = Math.hypot(
      (a.re[k] as number) - (b.re[k] as number),
      (a.im[k] as number) - (b.im[k] as number),
    )
    if (!(d <= most)) most = d
  }
  return most
}

/** Numbers from -1 to 1. */
export function numbers(seed: number): () => number {
  const next = random(seed)
  return () => next() * 2 - 1
}

export function randomMatrix(rows: number, columns: number, kind: Kind, seed: number) {
  const draw = numbers(seed)
  const complex = isComplexKind(kind)
  const length = rows * columns * (complex ? 2 : 1)
  const data =
    epsilonOf(kind) === Number.EPSILON ? new Float64Array(length) : new Float32Array(length)
  for (let i = 0; i < length; i++) data[i] = draw()
  return complex
    ? new ComplexMatrix<Reals>(rows, columns, data)
    : new Matrix<Reals>(rows, columns, data)
}

/** The matrix plus its adjoint; with `shift` on the diagonal it is positive definite from a shift of 2 n on. */
export function randomHermitian(n: number, kind: Kind, seed: number, shift = 0) {
  const M = randomMatrix(n, n, kind, seed)
  const [a, b] = [plain(M), adjoint(M)]
  const parts = isComplexKind(kind) ? 2 : 1
  for (let k = 0; k < n * n; k++) {
    M.data[parts * k] = (a.re[k] as number) + (b.re[k] as number) + (k % (n + 1) === 0 ? shift : 0)
    if (parts === 2) M.data[2 * k + 1] = (a.im[k] as number) + (b.im[k] as number)
  }
  return M
}

/** The same numbers in a view: transposed, as a part of more, or the conjugate of their conjugates. */
export function asComplexView(
  M: ComplexMatrix<Reals>,
  how: 'transposed' | 'block' | 'conjugated' | 'adjoint' | 'odd',
) {
  const { rows, columns, type } = M
  if (how === 'block') {
    const big = ComplexMatrix.zeros(rows + 3, columns + 2, { type })
    big.fill([Number.NaN, Number.NaN])
    return big.block(2, 1, rows, columns).assign(M)
  }
  if (how === 'odd') {
    // Pairs three elements apart: a layout that BLAS cannot have.
    const Class = type === 'complex128' ? Float64Array : Float32Array
    const place = { offset: 1, rowStride: 3 * columns, columnStride: 3 }
    const elements = new Class(3 * rows * columns + 3)
    return new ComplexMatrixView<Reals>(rows, columns, elements, place).assign(M)
  }
  if (how === 'conjugated') return ComplexMatrix.zeros(rows, columns, { type }).conj().assign(M)
  const turned = ComplexMatrix.zeros(columns, rows, { type })
  return (how === 'adjoint' ? turned.adjoint() : turned.transpose()).assign(M)
}

/** The same numbers in a view of a larger matrix, transposed or with holes between the elements. */
export function asView(M: Matrix<Reals>, how: 'transposed' | 'block' | 'spread') {
  const { rows, columns } = M
  const big = Matrix.zeros(2 * rows + 3, 2 * columns + 3, { type: M.type })
  if (how === 'transposed') {
    const flipped = Matrix.zeros(columns, rows, { type: M.type })
    flipped.transpose().assign(M)
    return flipped.transpose()
  }
  if (how === 'block') {
    const view = big.block(2, 1, rows, columns)
    view.assign(M)
    return view
  }
  const everySecond = {
    rows,
    columns,
    elements: big.data,
    offset: 1,
    rowStride: 2 * big.columns,
    columnStride: 2,
  }
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      big.data[1 + 2 * big.columns * i + 2 * j] = M.get(i, j)
    }
  }
  return everySecond
}

/** What a Python program with NumPy and SciPy prints, as JSON, or undefined (and a message) where they are missing. */
export function askPython(program: string, input: unknown): unknown {
  const python = pythonWith('numpy', 'scipy.linalg')
  if (python === undefined) {
    console.log('      skipped: no Python with NumPy and SciPy')
    return undefined
  }
  const { status, stdout, stderr } = spawnSync(python, ['-c', program], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}
