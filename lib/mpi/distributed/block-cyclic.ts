/** Matrices whose elements lie on many ranks, as ScaLAPACK wants them. */
import { invalidArgument } from '../../errors.js'
import {
  allocate,
  dense,
  type DenseLike,
  Matrix,
  type MatrixLike,
  type Reals,
  type RealType,
  typeOf,
} from '../../matrix.js'
import { checkOptions, expectInteger, expectOneOf } from '../../options.js'
import { agree, agreeAtRoot, apart } from '../agree.js'
import { Comm, dimensions } from '../comm.js'
import { rootOf } from '../message-options.js'

export interface BlockCyclicOptions {
  /** Rows and columns of a block. Default 64. */
  block?: number | undefined
  /** Rows and columns of the process grid; their product is the number of ranks. Default: as even as possible. */
  grid?: readonly [rows: number, columns: number] | undefined
}

export interface BlockCyclicCreateOptions extends BlockCyclicOptions {
  /** Element type. Default `'float64'`. */
  type?: RealType | undefined
}

export interface ScatterOptions extends BlockCyclicOptions {
  /** The rank that has the matrix. Default 0. */
  root?: number | undefined
}

const layoutKeys = ['block', 'grid'] as const
const defaultBlock = 64
/** ScaLAPACK counts in 32 bits. */
const most = 2 ** 31 - 1

/** How many of n rows or columns are at a place along the grid. */
function share(n: number, block: number, place: number, count: number): number {
  const blocks = Math.floor(n / block)
  const whole = Math.floor(blocks / count) * block
  const extra = blocks % count
  if (place < extra) return whole + block
  return place === extra ? whole + (n % block) : whole
}

function gridOf(comm: Comm, given: unknown): readonly [number, number] {
  if (given === undefined) return dimensions(comm.size, [0, 0]) as [number, number]
  if (!Array.isArray(given) || given.length !== 2) {
    throw invalidArgument('[rows, columns]', 'grid', given)
  }
  const [rows, columns] = given.map((each, i) => expectInteger(`grid[${i}]`, each, 1)) as [
    number,
    number,
  ]
  if (rows * columns !== comm.size) {
    throw invalidArgument(`${comm.size} places, one for each rank,`, 'grid', `${rows} x ${columns}`)
  }
  return [rows, columns]
}

/**
 * A matrix whose elements lie on the ranks of a communicator: cut into square blocks, which are dealt out in turn to a grid
 * of processes, so that all have about as much of every corner (ScaLAPACK's two-dimensional block-cyclic distribution).
 * Rank r is at row floor(r / grid columns) of the grid, and at column r mod grid columns. No rank needs
 * memory for more than its part, `local`, of about rows x columns / ranks elements.
 *
 * Making one is no message: each rank makes its own part, with the same arguments.
 *
 * @example
 * ```ts
 * import { COMM_WORLD as comm, distributed } from 'numcore/mpi'
 * const hilbert = distributed.BlockCyclicMatrix.from(comm, 3, 3, (i, j) => 1 / (i + j + 1))
 * console.log((await hilbert.gather())?.row(1)) // Float64Array(3) [ 0.5, 0.3333333333333333, 0.25 ]
 * ```
 */
export class BlockCyclicMatrix<T extends Reals = Float64Array> {
  readonly comm: Comm
  readonly rows: number
  readonly columns: number
  /** Rows and columns of a block. */
  readonly block: number
  /** Rows and columns of the process grid. */
  readonly grid: readonly [rows: number, columns: number]
  /** Where this rank is in it. */
  readonly place: readonly [row: number, column: number]
  /** This rank's part, row by row; may be written to. */
  readonly local: Matrix<T>

  /**
   * A matrix of zeros.
   *
   * @throws ERR_INVALID_ARGUMENT for a grid that does not fit the ranks, or when a part would have 2^31 elements or more: ScaLAPACK
   *   counts in 32 bits. ERR_OUT_OF_MEMORY.
   */
  constructor(comm: Comm, rows: number, columns: number, options?: BlockCyclicCreateOptions) {
    if (!(comm instanceof Comm)) throw invalidArgument('a communicator', 'comm', comm)
    const given = checkOptions<BlockCyclicCreateOptions>('BlockCyclicMatrix', options, [
      ...layoutKeys,
      'type',
    ])
    this.comm = comm
    this.rows = expectInteger('rows', rows, 0, most)
    this.columns = expectInteger('columns', columns, 0, most)
    this.block = expectInteger('block', given.block ?? defaultBlock, 1, most)
    this.grid = gridOf(comm, given.grid)
    this.place = placeOf(comm.rank, this.grid)
    const type = expectOneOf('type', given.type ?? 'float64', ['float64', 'float32'] as const)
    // Those of the first have the most.
    const largest =
      share(rows, this.block, 0, this.grid[0]) * share(columns, this.block, 0, this.grid[1])
    if (largest > most) {
      throw invalidArgument(
        'ranks enough for parts of less than 2^31 elements',
        'comm',
        `${comm.size} ranks`,
      )
    }
    const [height, width] = this.#shapeAt(this.place)
    const data = allocate(type, height * width, `a part of a ${rows} x ${columns} matrix`)
    this.local = new Matrix<T>(height, width, data as T)
  }

  /** The matrix of these elements, of which each rank asks for its own. */
  static from(
    comm: Comm,
    rows: number,
    columns: number,
    f: (row: number, column: number) => number,
    options?: BlockCyclicCreateOptions & { type?: 'float64' | undefined },
  ): BlockCyclicMatrix
  static from(
    comm: Comm,
    rows: number,
    columns: number,
    f: (row: number, column: number) => number,
    options: BlockCyclicCreateOptions & { type: 'float32' },
  ): BlockCyclicMatrix<Float32Array>
  static from(
    comm: Comm,
    rows: number,
    columns: number,
    f: (row: number, column: number) => number,
    options?: BlockCyclicCreateOptions,
  ): BlockCyclicMatrix<Reals>
  static from(
    comm: Comm,
    rows: number,
    columns: number,
    f: (row: number, column: number) => number,
    options?: BlockCyclicCreateOptions,
  ): BlockCyclicMatrix<Reals> {
    if (typeof f !== 'function') throw invalidArgument('a function', 'f', f)
    const made = new BlockCyclicMatrix<Reals>(comm, rows, columns, options)
    const { data, columns: width, rows: height } = made.local
    const columnsHere = Array.from({ length: width }, (_, j) => made.columnOf(j))
    for (let i = 0; i < height; i++) {
      const row = made.rowOf(i)
      for (let j = 0; j < width; j++) data[i * width + j] = f(row, columnsHere[j] as number)
    }
    return made
  }

  /**
   * Deals out a matrix that one rank has; collective. The others pass `undefined`. The root needs memory for one part beside
   * the matrix.
   *
   * @throws What is wrong with the root's matrix, on all ranks.
   */
  static async scatter<T extends Reals>(
    comm: Comm,
    matrix: MatrixLike<T> | undefined,
    options?: ScatterOptions,
  ): Promise<BlockCyclicMatrix<T>> {
    const keys = [...layoutKeys, 'root']
    const { block, grid, root: asked } = checkOptions<ScatterOptions>('scatter', options, keys)
    const root = rootOf('scatter', { root: asked }, comm.size)
    return apart(comm, async (mine) => {
      let source: DenseLike<T> | undefined
      const shape = await agreeAtRoot(
        mine,
        () => {
          source = dense('matrix', matrix as MatrixLike<T>)
          return [source.rows, source.columns, typeOf(source.data)] as const
        },
        root,
      )
      const [rows, columns, type] = shape
      const made = await agree(
        mine,
        () => new BlockCyclicMatrix<T>(comm, rows, columns, { block, grid, type }),
      )
      if (source === undefined) {
        if (made.local.data.length > 0) await mine.Irecv(made.local.data, { source: root })
        return made
      }
      const whole = source.data
      const desk = made.#desk()
      for (let rank = 0; rank < mine.size; rank++) {
        const part = rank === root ? made.local.data : made.#partOf(desk, rank)
        made.#pieces(rank, (at, from, length) => {
          part.set(whole.subarray(from, from + length), at)
        })
        if (rank !== root && part.length > 0) await mine.Isend(part, { dest: rank })
      }
      return made
    })
  }

  /**
   * The whole matrix on one rank, `undefined` on the others; collective. The root needs memory for one part beside the matrix.
   *
   * @param options `root`: the rank that gets it, default 0.
   * @throws ERR_OUT_OF_MEMORY on all ranks when the root has no room for it.
   */
  async gather(options?: { root?: number | undefined }): Promise<Matrix<T> | undefined> {
    const { comm, rows, columns, type } = this
    const root = rootOf('gather', options, comm.size)
    return apart(comm, async (mine) => {
      let whole: Matrix<T> | undefined
      let desk: T | undefined
      await agreeAtRoot(
        mine,
        () => {
          const data = allocate(type, rows * columns, `a ${rows} x ${columns} matrix`)
          whole = new Matrix<T>(rows, columns, data as T)
          desk = this.#desk()
        },
        root,
      )
      if (whole === undefined || desk === undefined) {
        if (this.local.data.length > 0) await mine.Isend(this.local.data, { dest: root })
        return undefined
      }
      const { data } = whole
      for (let rank = 0; rank < mine.size; rank++) {
        const part = rank === root ? this.local.data : this.#partOf(desk, rank)
        if (rank !== root && part.length > 0) await mine.Irecv(part, { source: rank })
        this.#pieces(rank, (at, to, length) => data.set(part.subarray(at, at + length), to))
      }
      return whole
    })
  }

  /** Element type. */
  get type(): RealType {
    return typeOf(this.local.data)
  }

  /** The row of the matrix that is row `local` of this rank's part. */
  rowOf(local: number): number {
    return globalIndex(local, this.block, this.place[0], this.grid[0])
  }

  /** The column of the matrix that is column `local` of this rank's part. */
  columnOf(local: number): number {
    return globalIndex(local, this.block, this.place[1], this.grid[1])
  }

  /** The rank that has an element. */
  ownerOf(row: number, column: number): number {
    const { block, grid } = this
    const i = Math.floor(expectInteger('row', row, 0, this.rows - 1) / block) % grid[0]
    const j = Math.floor(expectInteger('column', column, 0, this.columns - 1) / block) % grid[1]
    return i * grid[1] + j
  }

  /** An element, on the rank that has it; undefined on the others. No message. */
  get(row: number, column: number): number | undefined {
    if (this.ownerOf(row, column) !== this.comm.rank) return undefined
    return this.local.get(...this.#localIndex(row, column))
  }

  /** Sets an element on the rank that has it; nothing on the others. No message. */
  set(row: number, column: number, value: number): void {
    if (this.ownerOf(row, column) !== this.comm.rank) return
    this.local.set(...this.#localIndex(row, column), value)
  }

  /** The same elements in memory of their own. */
  clone(): BlockCyclicMatrix<T> {
    const { block, grid, type } = this
    const made = new BlockCyclicMatrix<T>(this.comm, this.rows, this.columns, { block, grid, type })
    made.local.data.set(this.local.data)
    return made
  }

  #localIndex(row: number, column: number): [number, number] {
    const { block, grid } = this
    const local = (index: number, count: number) =>
      Math.floor(index / (block * count)) * block + (index % block)
    return [local(row, grid[0]), local(column, grid[1])]
  }

  #shapeAt([row, column]: readonly [number, number]): [number, number] {
    const { block, grid } = this
    return [share(this.rows, block, row, grid[0]), share(this.columns, block, column, grid[1])]
  }

  /** Memory for the part of any rank: the first has the largest. */
  #desk(): T {
    const [height, width] = this.#shapeAt([0, 0])
    return allocate(this.type, height * width, 'a part of a matrix') as T
  }

  #partOf(desk: T, rank: number): T {
    const [height, width] = this.#shapeAt(placeOf(rank, this.grid))
    return desk.subarray(0, height * width) as T
  }

  /** Where the elements of a rank's part are that lie beside each other: in the part, in the whole, and how many. */
  #pieces(rank: number, f: (inPart: number, inWhole: number, length: number) => void): void {
    const { block, grid, columns } = this
    const place = placeOf(rank, grid)
    const [height, width] = this.#shapeAt(place)
    for (let i = 0; i < height; i++) {
      const row = globalIndex(i, block, place[0], grid[0])
      for (let j = 0; j < width; j += block) {
        const column = globalIndex(j, block, place[1], grid[1])
        f(i * width + j, row * columns + column, Math.min(block, width - j))
      }
    }
  }
}

function placeOf(rank: number, [, columns]: readonly [number, number]): [number, number] {
  return [Math.floor(rank / columns), rank % columns]
}

function globalIndex(local: number, block: number, place: number, count: number): number {
  return (Math.floor(local / block) * count + place) * block + (local % block)
}
