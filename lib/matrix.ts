/** Dense matrices: a typed array in row-major order with its two dimensions. */
import os from 'node:os'
import { invalidArgument, OutOfMemoryError, ShapeError, sentence } from './errors.js'
import { checkOptions, expectBoolean, expectInteger, expectOneOf } from './options.js'
import { uniform } from './random.js'

/** Element types of a matrix. */
export type Reals = Float64Array | Float32Array

/** `'float64'` or `'float32'`. */
export type RealType = 'float64' | 'float32'

/** What every function that takes a matrix accepts: a {@link Matrix}, or one that lost its class on
 * the way between workers. Element (i, j) is `data[i * columns + j]`. */
export interface MatrixLike<T extends Reals = Reals> {
  readonly rows: number
  readonly columns: number
  readonly data: T
}

export interface CreateOptions {
  /** Element type. Default `'float64'`. */
  type?: RealType | undefined
}

export interface RandomOptions extends CreateOptions {
  /** 0 to 2^32 - 1. The same seed gives the same matrix on every machine. Default 0. */
  seed?: number | undefined
  /** Gives `R .* R^T`, the elementwise product of a uniform R with its transpose. Default false. */
  symmetric?: boolean | undefined
}

/** Memory that this process could ever have: the machine's, or what its cgroup grants. */
function memoryLimit(): number {
  const constrained = process.constrainedMemory()
  const total = os.totalmem()
  return constrained > 0 && constrained < total ? constrained : total
}

/** A zeroed array of `length` elements, or ERR_OUT_OF_MEMORY: never the kernel's out-of-memory killer. */
export function allocate(type: RealType, length: number, name: string): Reals {
  const bytes = length * (type === 'float64' ? 8 : 4)
  const refuse = (cause?: unknown) =>
    new OutOfMemoryError(
      `Not enough memory for ${name}: it needs ${(bytes / 2 ** 30).toFixed(1)} GiB, ` +
        `and this process can have ${(memoryLimit() / 2 ** 30).toFixed(1)} GiB in all`,
      { cause },
    )
  // Linux grants more than there is and kills whoever uses it, so the sum is done beforehand.
  if (bytes + process.memoryUsage.rss() > memoryLimit()) throw refuse()
  try {
    return type === 'float64' ? new Float64Array(length) : new Float32Array(length)
  } catch (error) {
    throw refuse(error)
  }
}

export function typeOf(data: Reals): RealType {
  return data instanceof Float64Array ? 'float64' : 'float32'
}

/** Refuses what is no matrix, and a matrix whose data were transferred away or do not fit. */
export function checkMatrix<T extends Reals>(name: string, value: MatrixLike<T>): MatrixLike<T> {
  if (
    value === null ||
    typeof value !== 'object' ||
    !(value.data instanceof Float64Array || value.data instanceof Float32Array)
  ) {
    const hint = Array.isArray(value) ? ' (Matrix.from makes one of nested arrays)' : ''
    throw invalidArgument(`a Matrix${hint}`, name, value)
  }
  const rows = expectInteger(`${name}.rows`, value.rows)
  const columns = expectInteger(`${name}.columns`, value.columns)
  if (value.data.length !== rows * columns) {
    const why =
      value.data.buffer.byteLength === 0 && rows * columns > 0 ? ' (its buffer is detached)' : ''
    throw new ShapeError(
      `Expected ${rows * columns} elements for ${name}.data of a ${rows} x ${columns} matrix ` +
        `but received ${value.data.length}${why} of type ${value.data.constructor.name}`,
    )
  }
  return value
}

/**
 * A dense matrix of doubles (or floats), row-major: element (i, j) is `data[i * columns + j]`.
 * Indices count from 0. The constructor takes the array as it is, without copying.
 *
 * @example
 * ```ts
 * import { Matrix } from 'numcore'
 * const A = Matrix.from([[2, 1], [1, 3]])
 * console.log(A.get(1, 0), A.rows, A.columns) // 1 2 2
 * ```
 */
export class Matrix<T extends Reals = Float64Array> implements MatrixLike<T> {
  readonly rows: number
  readonly columns: number
  readonly data: T

  constructor(rows: number, columns: number, data: T) {
    this.rows = rows
    this.columns = columns
    this.data = data
    checkMatrix('data', this)
  }

  /** A matrix of zeros. */
  static zeros(rows: number, columns: number): Matrix
  static zeros(rows: number, columns: number, options: { type: 'float32' }): Matrix<Float32Array>
  static zeros(rows: number, columns: number, options?: CreateOptions): Matrix<Reals>
  static zeros(rows: number, columns: number, options?: CreateOptions): Matrix<Reals> {
    const type = checkType('Matrix.zeros', options, ['type'])
    return new Matrix(rows, columns, allocateFor(rows, columns, type))
  }

  /** The identity of order n. */
  static identity(n: number): Matrix
  static identity(n: number, options: { type: 'float32' }): Matrix<Float32Array>
  static identity(n: number, options?: CreateOptions): Matrix<Reals>
  static identity(n: number, options?: CreateOptions): Matrix<Reals> {
    const type = checkType('Matrix.identity', options, ['type'])
    const data = allocateFor(n, n, type)
    for (let i = 0; i < n; i++) data[i * n + i] = 1
    return new Matrix(n, n, data)
  }

  /** Copies nested arrays, one a row; rows of different lengths are an error. */
  static from(rows: readonly ArrayLike<number>[]): Matrix
  static from(
    rows: readonly ArrayLike<number>[],
    options: { type: 'float32' },
  ): Matrix<Float32Array>
  static from(rows: readonly ArrayLike<number>[], options?: CreateOptions): Matrix<Reals>
  static from(rows: readonly ArrayLike<number>[], options?: CreateOptions): Matrix<Reals> {
    const type = checkType('Matrix.from', options, ['type'])
    if (!Array.isArray(rows)) throw invalidArgument('an array of rows', 'rows', rows)
    const columns = expectLength('rows[0]', rows[0] ?? [])
    const data = allocateFor(rows.length, columns, type)
    rows.forEach((row: ArrayLike<number>, i) => {
      if (expectLength(`rows[${i}]`, row) !== columns) {
        throw new ShapeError(
          `Expected ${columns} elements for rows[${i}] but received ${row.length} of type ${row.constructor.name}`,
        )
      }
      for (let j = 0; j < columns; j++) {
        const value = row[j]
        if (typeof value !== 'number') throw invalidArgument('a number', `rows[${i}][${j}]`, value)
        data[i * columns + j] = value
      }
    })
    return new Matrix(rows.length, columns, data)
  }

  /**
   * Uniform random numbers from [0, 1). With `symmetric` the lesson's matrix `R .* R^T`: symmetric,
   * indefinite, all elements in [0, 1).
   */
  static random(
    rows: number,
    columns: number,
    options?: RandomOptions & { type?: 'float64' },
  ): Matrix
  static random(
    rows: number,
    columns: number,
    options: RandomOptions & { type: 'float32' },
  ): Matrix<Float32Array>
  static random(rows: number, columns: number, options?: RandomOptions): Matrix<Reals>
  static random(rows: number, columns: number, options?: RandomOptions): Matrix<Reals> {
    const type = checkType('Matrix.random', options, ['type', 'seed', 'symmetric'])
    const seed = expectInteger('seed', options?.seed ?? 0, 0, 2 ** 32 - 1)
    const symmetric = expectBoolean('symmetric', options?.symmetric ?? false)
    if (symmetric && rows !== columns) {
      throw new ShapeError(
        sentence(`${rows}, as many as rows,`, 'columns of a symmetric matrix', columns),
      )
    }
    const data = allocateFor(rows, columns, type)
    const next = uniform(seed)
    for (let i = 0; i < data.length; i++) data[i] = next()
    if (symmetric) multiplyByTranspose(data, rows)
    return new Matrix(rows, columns, data)
  }

  get(row: number, column: number): number {
    return this.data[this.#index(row, column)] as number
  }

  set(row: number, column: number, value: number): void {
    this.data[this.#index(row, column)] = value
  }

  /** The elements of a row: a view, not a copy. */
  row(row: number): T {
    expectInteger('row', row, 0, this.rows - 1)
    return this.data.subarray(row * this.columns, (row + 1) * this.columns) as T
  }

  /** A copy of its own. */
  clone(): Matrix<T> {
    return new Matrix(this.rows, this.columns, this.data.slice() as T)
  }

  /** The transpose, as a copy. */
  transpose(): Matrix<T> {
    const { rows, columns, data } = this
    const result = allocateFor(columns, rows, typeOf(data)) as T
    forTiles(rows, columns, (i, j) => {
      result[j * rows + i] = data[i * columns + j] as number
    })
    return new Matrix(columns, rows, result)
  }

  /** True when dimensions, type and all elements are the same (NaN equals NaN, 0 equals -0). */
  equals(other: MatrixLike): boolean {
    checkMatrix('other', other)
    return (
      this.rows === other.rows &&
      this.columns === other.columns &&
      typeOf(this.data) === typeOf(other.data) &&
      this.data.every(
        (value, i) =>
          value === other.data[i] || (Number.isNaN(value) && Number.isNaN(other.data[i])),
      )
    )
  }

  /** Nested arrays, one a row. */
  toArray(): number[][] {
    return Array.from({ length: this.rows }, (_, i) => Array.from(this.row(i)))
  }

  #index(row: number, column: number): number {
    expectInteger('row', row, 0, this.rows - 1)
    expectInteger('column', column, 0, this.columns - 1)
    return row * this.columns + column
  }
}

function checkType(
  name: string,
  options: CreateOptions | undefined,
  keys: readonly string[],
): RealType {
  const { type = 'float64' } = checkOptions<CreateOptions>(name, options, keys)
  return expectOneOf('type', type, ['float64', 'float32'])
}

function allocateFor(rows: number, columns: number, type: RealType): Reals {
  expectInteger('rows', rows)
  expectInteger('columns', columns)
  return allocate(type, rows * columns, `a ${rows} x ${columns} matrix of type ${type}`)
}

function expectLength(name: string, row: ArrayLike<number>): number {
  if (Array.isArray(row) || (ArrayBuffer.isView(row) && 'length' in row)) return row.length
  throw invalidArgument('an array of numbers', name, row)
}

// A cache holds a tile of rows and one of columns, so neither order of access leaves it.
const tile = 64

/** Calls `visit(i, j)` for every element, tile by tile. */
export function forTiles(
  rows: number,
  columns: number,
  visit: (i: number, j: number) => void,
): void {
  for (let top = 0; top < rows; top += tile) {
    const bottom = Math.min(top + tile, rows)
    for (let left = 0; left < columns; left += tile) {
      const right = Math.min(left + tile, columns)
      for (let i = top; i < bottom; i++) for (let j = left; j < right; j++) visit(i, j)
    }
  }
}

function multiplyByTranspose(data: Reals, n: number): void {
  forTiles(n, n, (i, j) => {
    if (j > i) return
    const product = (data[i * n + j] as number) * (data[j * n + i] as number)
    data[i * n + j] = product
    data[j * n + i] = product
  })
}
