/** Files that several ranks read and write at once. */
import { resolve } from 'node:path'
import { FileError, invalidArgument, MpiError } from '../errors.js'
import { checkOptions, expectInteger, expectOneOf, expectString } from '../options.js'
import { areaOf, type BufferLike } from './buffer.js'
import type { Comm } from './comm.js'
import { BYTE, type Datatype } from './datatype.js'
import { Request } from './request.js'
import { constant, mpi } from './runtime.js'
import { Status } from './status.js'

/**
 * As of `fs.open`: `'r'` reads, `'w'` writes a file that is emptied or made, `'wx'` one that must not exist, `'a+'`
 * reads and writes one that is kept or made, `'r+'` one that must exist.
 */
export type FileMode = 'r' | 'r+' | 'w' | 'wx' | 'a+'

const flags: Readonly<Record<FileMode, readonly string[]>> = {
  r: ['RDONLY'],
  'r+': ['RDWR'],
  w: ['RDWR', 'CREATE'],
  wx: ['RDWR', 'CREATE', 'EXCL'],
  'a+': ['RDWR', 'CREATE'],
}

export interface ViewOptions {
  /** Bytes of the file that the view does not show. Default 0. */
  displacement?: number | undefined
  /** What offsets count. Default `BYTE`. */
  elementType?: Datatype | undefined
  /** Which elements this rank sees; repeated to the end. Default: all. */
  fileType?: Datatype | undefined
}

/**
 * A file of a communicator. Every rank reads and writes where it likes; the `…All` functions are collective, which lets MPI join
 * many small accesses. Offsets are bytes until {@link setView}.
 *
 * @example
 * ```ts
 * import { COMM_WORLD as comm, File } from 'numcore/mpi'
 * const file = File.open(comm, 'numbers.bin', 'w')
 * file.writeAtAll(8 * comm.rank, Float64Array.of(comm.rank))
 * const first = new Float64Array(1)
 * file.sync()
 * comm.barrier()
 * file.readAt(0, first)
 * file.close()
 * console.log(first[0]) // 0
 * ```
 */
export class File {
  readonly path: string
  #index: number

  private constructor(index: number, path: string) {
    this.#index = index
    this.path = path
  }

  /** Collective. @throws ERR_FILE when it cannot be opened. */
  static open(comm: Comm, path: string, mode: FileMode = 'r'): File {
    const full = resolve(expectString('path', path))
    const names = flags[expectOneOf('mode', mode, Object.keys(flags) as FileMode[])]
    const bits = names.reduce((sum, name) => sum + constant(`MODE_${name}`), 0)
    const index = named(full, () => mpi.fileOpen(comm.handle, full, bits))
    const file = new File(index, full)
    if (mode === 'w') file.setSize(0)
    return file
  }

  /** Removes a file; one rank does. */
  static delete(path: string): void {
    const full = resolve(expectString('path', path))
    named(full, () => mpi.fileDelete(full))
  }

  get #handle(): number {
    if (this.#index < 0) throw invalidArgument('a file that has not been closed', 'file', this)
    return this.#index
  }

  #transfer(
    name: string,
    offset: number,
    buffer: BufferLike,
    writing: boolean,
    collective: boolean,
  ): Status {
    const { data, count, type } = areaOf('buffer', buffer)
    const at = expectInteger(`offset of ${name}`, offset)
    named(this.path, () =>
      mpi.fileTransfer(this.#handle, at, data, count, type.index, writing, collective),
    )
    const status = new Status()
    status.take()
    return status
  }

  /** Fills the array from the file; `bytes` of what comes back tells how far it goes. */
  readAt(offset: number, buffer: BufferLike): Status {
    return this.#transfer('readAt', offset, buffer, false, false)
  }

  /** {@link readAt} by all ranks at once. */
  readAtAll(offset: number, buffer: BufferLike): Status {
    return this.#transfer('readAtAll', offset, buffer, false, true)
  }

  /** Writes the array into the file, which grows as it has to. */
  writeAt(offset: number, buffer: BufferLike): Status {
    return this.#transfer('writeAt', offset, buffer, true, false)
  }

  /** {@link writeAt} by all ranks at once. */
  writeAtAll(offset: number, buffer: BufferLike): Status {
    return this.#transfer('writeAtAll', offset, buffer, true, true)
  }

  /** {@link readAt} that is awaited. */
  ireadAt(offset: number, buffer: BufferLike): Request<void> {
    return this.#start(offset, buffer, false)
  }

  /** {@link writeAt} that is awaited. */
  iwriteAt(offset: number, buffer: BufferLike): Request<void> {
    return this.#start(offset, buffer, true)
  }

  #start(offset: number, buffer: BufferLike, writing: boolean): Request<void> {
    const { data, count, type } = areaOf('buffer', buffer)
    const at = expectInteger('offset', offset)
    const slot = mpi.fileStart(this.#handle, at, data, count, type.index, writing)
    return new Request(slot, data)
  }

  /** Which part of the file this rank sees, and what its offsets count. Collective. */
  setView(options: ViewOptions): void {
    checkOptions('setView', options, ['displacement', 'elementType', 'fileType'])
    const { displacement = 0, elementType = BYTE, fileType = elementType } = options
    mpi.fileView(
      this.#handle,
      expectInteger('displacement', displacement),
      elementType.index,
      fileType.index,
    )
  }

  /** In bytes. */
  get size(): number {
    return mpi.fileSize(this.#handle)
  }

  /** Cuts it off, or makes it longer. Collective. */
  setSize(bytes: number): void {
    mpi.fileResize(this.#handle, expectInteger('bytes', bytes))
  }

  /** Makes what was written visible to the other ranks (with a barrier behind it). Collective. */
  sync(): void {
    mpi.fileSync(this.#handle)
  }

  /** Collective. */
  close(): void {
    if (this.#index < 0) return
    const index = this.#index
    this.#index = -1
    named(this.path, () => mpi.fileClose(index))
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** Errors that tell which file it was. */
function named<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (cause) {
    if (!(cause instanceof MpiError)) throw cause
    throw new FileError(`'${path}': ${cause.message}`, path, { cause })
  }
}
