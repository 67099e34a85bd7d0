/** Matrix Market files: `.mtx`. */
import { type AnyComplex, ComplexMatrix, isComplex } from './complex-matrix.js'
import { FormatError, invalidArgument, ShapeError } from './errors.js'
import { parseFile, parseText, pathOf, pieces } from './formats/files.js'
import {
  type Format,
  formats,
  type MarketElements,
  MarketParser,
  type Symmetry,
  symmetries,
} from './formats/matrix-market-format.js'
import { formatterOf } from './formats/numbers.js'
import { Matrix, type MatrixLike } from './matrix.js'
import { denseComplex, partOf } from './matrix/complex-operand.js'
import { stridedOf } from './matrix/operand.js'
import { at, type Strided } from './matrix/strided.js'
import type { ReadMatrixOptions } from './npy.js'
import { checkOptions, expectBoolean, expectOneOf, expectString } from './options.js'
import { writeWhole } from './output.js'

export interface WriteMatrixMarketOptions {
  /** `'array'` writes every element, `'coordinate'` those that are not zero with their indices. Default `'array'`. */
  format?: Format | undefined
  /**
   * `'symmetric'`, `'skew-symmetric'` and `'hermitian'` matrices are written by their lower triangle, and have to be
   * so exactly (0 equals -0, whose sign may get lost then). Default `'auto'`: what loses nothing.
   */
  symmetry?: 'auto' | Symmetry | undefined
  /** Lines of text for the top of the file. */
  comment?: string | undefined
}

function matrixOf({ rows, columns, complex, data }: MarketElements, wanted: boolean) {
  if (complex && !wanted) {
    throw new FormatError(
      'Expected real numbers in the Matrix Market file but received complex ones; { complex: true } reads them',
    )
  }
  if (complex) return new ComplexMatrix(rows, columns, data as Float64Array)
  const matrix = new Matrix(rows, columns, data as Float64Array)
  return wanted ? ComplexMatrix.from(matrix) : matrix
}

function wantsComplex(name: string, options: ReadMatrixOptions | undefined): boolean {
  const { complex = false } = checkOptions<ReadMatrixOptions>(name, options, ['complex'])
  return expectBoolean('complex', complex)
}

/**
 * Reads the text of a Matrix Market file to a dense matrix of doubles: coordinate and array format; real, integer,
 * complex and pattern (as ones) fields; general, symmetric, skew-symmetric and Hermitian. Entries that are given twice
 * are added. Needs the memory of the whole matrix, zeros too.
 *
 * @throws ERR_FORMAT naming the line when it is no such file, or has complex numbers and `complex` was not asked for.
 *
 * @example
 * ```ts
 * import { decodeMatrixMarket } from 'numcore'
 * const A = decodeMatrixMarket(`%%MatrixMarket matrix coordinate real symmetric
 * % row column value
 * 2 2 2
 * 1 1 4
 * 2 1 -0.5
 * `)
 * console.log(A.toArray()) // [ [ 4, -0.5 ], [ -0.5, 0 ] ]
 * ```
 */
export function decodeMatrixMarket(
  source: string | Uint8Array,
  options?: { complex?: false | undefined },
): Matrix
export function decodeMatrixMarket(
  source: string | Uint8Array,
  options: { complex: true },
): ComplexMatrix
export function decodeMatrixMarket(
  source: string | Uint8Array,
  options?: ReadMatrixOptions,
): Matrix | ComplexMatrix {
  const complex = wantsComplex('decodeMatrixMarket', options)
  return matrixOf(parseText(source, new MarketParser()), complex)
}

/**
 * Reads a Matrix Market file; see {@link decodeMatrixMarket}. The file is read piece by piece.
 *
 * @throws ERR_FILE when it cannot be read, and what {@link decodeMatrixMarket} throws.
 */
export async function readMatrixMarket(
  path: string | URL,
  options?: { complex?: false | undefined },
): Promise<Matrix>
export async function readMatrixMarket(
  path: string | URL,
  options: { complex: true },
): Promise<ComplexMatrix>
export async function readMatrixMarket(
  path: string | URL,
  options?: ReadMatrixOptions,
): Promise<Matrix | ComplexMatrix> {
  const complex = wantsComplex('readMatrixMarket', options)
  return matrixOf(await parseFile(path, new MarketParser()), complex)
}

/** Its parts, and how a number of it is written. */
interface Prepared {
  re: Strided
  im: Strided | undefined
  format: Format
  symmetry: Symmetry
  comment: string | undefined
  text: (i: number, j: number) => string
}

const writeKeys = ['format', 'symmetry', 'comment'] as const

function prepare(
  name: string,
  matrix: MatrixLike | AnyComplex,
  options: WriteMatrixMarketOptions | undefined,
): Prepared {
  const checked = checkOptions<WriteMatrixMarketOptions>(name, options, writeKeys)
  const format = expectOneOf('format', checked.format ?? 'array', formats)
  const wanted = expectOneOf('symmetry', checked.symmetry ?? 'auto', ['auto', ...symmetries])
  const comment =
    checked.comment === undefined ? undefined : expectString('comment', checked.comment)
  const complex = isComplex(matrix) ? denseComplex('matrix', matrix) : undefined
  const re = complex ? partOf(complex, 0) : stridedOf('matrix', matrix as MatrixLike)
  const im = complex && partOf(complex, 1)
  const symmetry = wanted === 'auto' ? symmetryOf(re, im) : wanted
  if (wanted !== 'auto' && !isSymmetric(re, im, wanted, sameNumber)) {
    throw wanted === 'hermitian' && im === undefined
      ? invalidArgument('"symmetric" of a real matrix', 'symmetry', wanted)
      : new ShapeError(`Expected a ${wanted} matrix for matrix but received one that is not`)
  }
  const number = formatterOf(re.elements)
  const text = (i: number, j: number) =>
    im === undefined ? number(at(re, i, j)) : `${number(at(re, i, j))} ${number(at(im, i, j))}`
  return { re, im, format, symmetry, comment, text }
}

function symmetryOf(re: Strided, im: Strided | undefined): Symmetry {
  const candidates = ['symmetric', 'skew-symmetric', 'hermitian'] as const
  return candidates.find((each) => isSymmetric(re, im, each, Object.is)) ?? 'general'
}

type Same = (a: number, b: number) => boolean

/** Of a real matrix "hermitian" is never said, and of an empty one nothing. */
function isSymmetric(
  re: Strided,
  im: Strided | undefined,
  symmetry: Symmetry,
  same: Same,
): boolean {
  if (symmetry === 'general') return true
  if (re.rows !== re.columns || re.rows === 0) return false
  if (symmetry === 'hermitian' && im === undefined) return false
  const skew = { re: symmetry === 'skew-symmetric', im: symmetry !== 'symmetric' }
  for (let i = 0; i < re.rows; i++) {
    for (let j = 0; j <= i; j++) {
      if (!mirrors(re, i, j, skew.re, same)) return false
      if (im !== undefined && !mirrors(im, i, j, skew.im, same)) return false
    }
  }
  return true
}

/** Whether what a reader makes of the element below the diagonal is the one above it. */
function mirrors(part: Strided, i: number, j: number, skew: boolean, same: Same): boolean {
  const below = at(part, i, j)
  if (i === j) return !skew || same(below, 0)
  return same(at(part, j, i), skew ? 0 - below : below)
}

const sameNumber: Same = (a, b) => a === b || (Number.isNaN(a) && Number.isNaN(b))

function* lines(prepared: Prepared): Generator<string, void, undefined> {
  const { re, im, format, symmetry, comment, text } = prepared
  const { rows, columns } = re
  const field = im === undefined ? 'real' : 'complex'
  yield `%%MatrixMarket matrix ${format} ${field} ${symmetry}\n`
  for (const each of comment?.split(/\r\n|[\r\n]/) ?? []) yield `%${each}\n`
  if (format === 'array') {
    yield `${rows} ${columns}\n`
    for (const [i, j] of stored(prepared)) yield `${text(i, j)}\n`
    return
  }
  const zero = (i: number, j: number) =>
    Object.is(at(re, i, j), 0) && (im === undefined || Object.is(at(im, i, j), 0))
  let entries = 0
  for (const [i, j] of stored(prepared)) if (!zero(i, j)) entries++
  yield `${rows} ${columns} ${entries}\n`
  for (const [i, j] of stored(prepared)) {
    if (!zero(i, j)) yield `${i + 1} ${j + 1} ${text(i, j)}\n`
  }
}

/** The places that are written, column by column: all, or the lower triangle. */
function* stored({ re, symmetry }: Prepared): Generator<[number, number], void, undefined> {
  const skew = symmetry === 'skew-symmetric' ? 1 : 0
  for (let j = 0; j < re.columns; j++) {
    for (let i = symmetry === 'general' ? 0 : j + skew; i < re.rows; i++) yield [i, j]
  }
}

/**
 * The matrix as the text of a Matrix Market file, in digits from which every number comes back to the last bit.
 *
 * @throws ERR_SHAPE when `symmetry` says what the matrix is not.
 *
 * @example
 * ```ts
 * import { encodeMatrixMarket, Matrix } from 'numcore'
 * const text = encodeMatrixMarket(Matrix.from([[2, 0], [0, 0.1]]), { format: 'coordinate' })
 * console.log(text.split('\n')[0]) // %%MatrixMarket matrix coordinate real symmetric
 * console.log(text.split('\n').slice(1).join(' | ')) // 2 2 2 | 1 1 2 | 2 2 0.1 |
 * ```
 */
export function encodeMatrixMarket(
  matrix: MatrixLike | AnyComplex,
  options?: WriteMatrixMarketOptions,
): string {
  return [...pieces(lines(prepare('encodeMatrixMarket', matrix, options)))].join('')
}

/**
 * Writes a Matrix Market file, whole or not at all; see {@link encodeMatrixMarket}. The elements are read while it is
 * being written, and are not to be changed until then.
 *
 * @throws ERR_FILE when it cannot be written.
 */
export async function writeMatrixMarket(
  path: string | URL,
  matrix: MatrixLike | AnyComplex,
  options?: WriteMatrixMarketOptions,
): Promise<void> {
  await writeWhole(pathOf(path), pieces(lines(prepare('writeMatrixMarket', matrix, options))))
}
