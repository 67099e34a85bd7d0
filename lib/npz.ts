/** NumPy's archives of named arrays: `.npz`, which are zip files of `.npy` files. */
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { crc32, inflateRaw, type ZlibOptions } from 'node:zlib'
import type * as Yauzl from 'yauzl'
import type * as Yazl from 'yazl'
import { FormatError, InvalidArgumentError, invalidArgument, sentence } from './errors.js'
import { pathOf, readFully, reading } from './formats/files.js'
import {
  bodyOf,
  fault,
  headerSize,
  type NpyArray,
  type NpyBody,
  npyPieces,
  parseHeader,
} from './formats/npy-format.js'
import { type ArraySource, arrayOf, decodeNpy } from './npy.js'
import { checkOptions, expectBoolean } from './options.js'
import { requireDependency } from './load.js'
import { writeWhole } from './output.js'

export interface ReadNpzOptions {
  /** The arrays to read. Default: all; then every one has to be of numbers. */
  names?: readonly string[] | undefined
}

export interface WriteNpzOptions {
  /** Deflates, as `numpy.savez_compressed`. Default false, as `numpy.savez`. */
  compress?: boolean | undefined
}

// Loaded when a file asks for them; every other program need not wait for it.
const yauzl = () => requireDependency('yauzl') as typeof Yauzl
const yazl = () => requireDependency('yazl') as typeof Yazl

/** Takes the bytes of one .npy file as they come and keeps its elements only. */
class NpyCollector {
  readonly #size: number
  #head = Buffer.alloc(0)
  #body: NpyBody | undefined
  #filled = 0

  constructor(size: number) {
    this.#size = size
  }

  push(bytes: Buffer): void {
    if (this.#body !== undefined) return this.#fill(this.#body, bytes)
    this.#head = Buffer.concat([this.#head, bytes])
    if (this.#head.length < Math.min(12, this.#size)) return
    const { prefix, length } = headerSize(this.#head)
    if (prefix + length > this.#size) throw fault('it ends within its header')
    if (this.#head.length < prefix + length) return
    const header = parseHeader(this.#head)
    this.#body = bodyOf(header, this.#size - header.start)
    this.#fill(this.#body, this.#head.subarray(header.start))
  }

  #fill(body: NpyBody, bytes: Buffer): void {
    body.bytes.set(bytes, this.#filled)
    this.#filled += bytes.length
  }

  finish(): NpyArray {
    if (this.#body === undefined) throw fault('it ends within its header')
    return this.#body.finish()
  }
}

/** The bytes of an archive: fills `target` with those from `start` on; false when there are not so many. */
type ReadAt = (target: Uint8Array, start: number) => Promise<boolean>

const damaged = () => fault('its checksum is wrong: the archive is damaged')
const shortened = () => fault('the archive became shorter while it was read')

// What deflate can make of a byte at the most; who promises more is not believed.
const mostInflation = 1032

// Inflated in one go up to here, beyond piece by piece.
const largeEntry = 2 ** 30

// Of what is read at once, so that a checksum never keeps the event loop for long.
const piece = 2 ** 24

async function readEntry(
  zip: Yauzl.ZipFile,
  entry: Yauzl.Entry,
  readAt: ReadAt,
): Promise<NpyArray> {
  const { compressionMethod, compressedSize, uncompressedSize } = entry
  if (!entry.isEncrypted()) {
    if (compressionMethod === 0 && compressedSize === uncompressedSize) {
      return readStored(await startOf(zip, entry), entry, readAt)
    }
    if (
      compressionMethod === 8 &&
      uncompressedSize <= Math.min(largeEntry, mostInflation * compressedSize)
    ) {
      return readDeflated(await startOf(zip, entry), entry, readAt)
    }
  }
  return readStream(zip, entry)
}

const startOf = async (zip: Yauzl.ZipFile, entry: Yauzl.Entry) =>
  (await zip.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart

/** Elements go from the file straight to where they stay. */
async function readStored(start: number, entry: Yauzl.Entry, readAt: ReadAt): Promise<NpyArray> {
  const size = entry.uncompressedSize
  const first = Buffer.alloc(Math.min(12, size))
  if (!(await readAt(first, start))) throw shortened()
  const { prefix, length } = headerSize(first)
  if (prefix + length > size) throw fault('it ends within its header')
  const head = Buffer.alloc(prefix + length)
  if (!(await readAt(head, start))) throw shortened()
  const header = parseHeader(head)
  const body = bodyOf(header, size - header.start)
  let checksum = crc32(head)
  for (let at = 0; at < body.bytes.length; at += piece) {
    const part = body.bytes.subarray(at, at + piece)
    if (!(await readAt(part, start + header.start + at))) throw shortened()
    checksum = crc32(part, checksum)
  }
  if (checksum !== entry.crc32) throw damaged()
  return body.finish()
}

const inflate = promisify(inflateRaw) as (
  bytes: Uint8Array,
  options: ZlibOptions,
) => Promise<Buffer>

async function readDeflated(start: number, entry: Yauzl.Entry, readAt: ReadAt): Promise<NpyArray> {
  const size = entry.uncompressedSize
  const deflated = Buffer.alloc(entry.compressedSize)
  if (!(await readAt(deflated, start))) throw shortened()
  // One chunk for the whole, and room for one byte too many, which is not to go unnoticed.
  const options = { chunkSize: Math.max(64, size + 1), maxOutputLength: size + 1 }
  const bytes = await inflate(deflated, options).catch((error: Error) => {
    throw fault(`it cannot be inflated (${error.message})`)
  })
  if (bytes.length !== size) throw fault(`it has not the ${size} bytes that the archive promises`)
  if (crc32(bytes) !== entry.crc32) throw damaged()
  return decodeNpy(bytes)
}

async function readStream(zip: Yauzl.ZipFile, entry: Yauzl.Entry): Promise<NpyArray> {
  const collector = new NpyCollector(entry.uncompressedSize)
  let checksum = 0
  for await (const chunk of await zip.openReadStreamPromise(entry)) {
    checksum = crc32(chunk as Buffer, checksum)
    collector.push(chunk as Buffer)
  }
  if (checksum !== entry.crc32) throw damaged()
  return collector.finish()
}

async function readEntries(
  zip: Yauzl.ZipFile,
  names: readonly string[] | undefined,
  readAt: ReadAt,
): Promise<Record<string, NpyArray>> {
  // Without a prototype: any name is only a name.
  const arrays = Object.create(null) as Record<string, NpyArray>
  const present: string[] = []
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.replace(/\.npy$/, '')
    present.push(name)
    if (names !== undefined && !names.includes(name)) continue
    try {
      arrays[name] = await readEntry(zip, entry, readAt)
    } catch (error) {
      if (error instanceof FormatError) {
        throw new FormatError(`${error.message} (array ${JSON.stringify(name)})`, { cause: error })
      }
      throw error
    }
  }
  const missing = names?.find((name) => !present.includes(name))
  if (missing === undefined) return arrays
  throw new InvalidArgumentError(
    `${sentence('the name of an array', 'names', missing)}; there are ${present.join(', ')}`,
  )
}

/** What yauzl and zlib complain of is the file's format, unless it is the system's failure or an error of ours. */
async function translating<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (!(error instanceof Error) || error.constructor !== Error || 'syscall' in error) throw error
    throw new FormatError(`Expected a .npz file, a zip of .npy files, but ${error.message}`, {
      cause: error,
    })
  }
}

function checkNames(name: string, options: ReadNpzOptions | undefined) {
  const { names } = checkOptions<ReadNpzOptions>(name, options, ['names'])
  if (names === undefined) return undefined
  if (!Array.isArray(names) || !names.every((each) => typeof each === 'string')) {
    throw invalidArgument('an array of names', 'names', names)
  }
  return names as readonly string[]
}

/**
 * Reads the arrays of a .npz file, by name. `Matrix.from` and `ComplexMatrix.from` make matrices of those of two
 * dimensions. Archives that `numpy.savez` and `numpy.savez_compressed` wrote, of more than 4 GiB too; elements go
 * straight into the memory that they will have, and checksums are compared.
 *
 * @returns A record without a prototype: array names are its only keys.
 * @throws ERR_FILE when it cannot be read, ERR_FORMAT when it is no such file, is damaged, or an array is not of
 *   numbers, ERR_INVALID_ARGUMENT when it holds no array of a wanted name.
 *
 * @example
 * ```ts
 * import { Matrix, readNpz, writeNpz } from 'numcore'
 * await writeNpz('model.npz', { weights: Matrix.identity(2), bias: Float64Array.of(1, 2) })
 * const { weights, bias } = await readNpz('model.npz')
 * console.log(Matrix.from(weights).rows, bias.shape) // 2 [ 2 ]
 * ```
 */
export async function readNpz(
  path: string | URL,
  options?: ReadNpzOptions,
): Promise<Record<string, NpyArray>> {
  const names = checkNames('readNpz', options)
  const name = pathOf(path)
  // Opened twice: yauzl closes its own when its last read has ended, which may be after an error.
  return reading(name, (file) =>
    translating(async () =>
      readEntries(await yauzl().openPromise(name), names, (target, start) =>
        readFully(file, target, start),
      ),
    ),
  )
}

/** Reads the arrays of a .npz file that is in memory; see {@link readNpz}. */
export async function decodeNpz(
  bytes: Uint8Array,
  options?: ReadNpzOptions,
): Promise<Record<string, NpyArray>> {
  if (!(bytes instanceof Uint8Array)) throw invalidArgument('a Uint8Array', 'bytes', bytes)
  const names = checkNames('decodeNpz', options)
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const readAt: ReadAt = async (target, start) => {
    target.set(buffer.subarray(start, start + target.length))
    return start + target.length <= buffer.length
  }
  return translating(async () =>
    readEntries(await yauzl().fromBufferPromise(buffer), names, readAt),
  )
}

// A zip file's first day, as NumPy writes it: the same arrays give the same bytes.
const mtime = new Date(1980, 0, 1)

function zipOf(
  name: string,
  arrays: Readonly<Record<string, ArraySource>>,
  options: WriteNpzOptions | undefined,
): AsyncIterable<Uint8Array> {
  const { compress = false } = checkOptions<WriteNpzOptions>(name, options, ['compress'])
  expectBoolean('compress', compress)
  if (typeof arrays !== 'object' || arrays === null || Array.isArray(arrays)) {
    throw invalidArgument('an object of arrays by name', 'arrays', arrays)
  }
  const checked = Object.entries(arrays).map(([key, source]) => {
    if (key === '' || /^\/|\\|(^|\/)\.\.(\/|$)/.test(key)) {
      throw invalidArgument('a name that is no path out of the archive', 'an array', key)
    }
    return { key, array: arrayOf(`arrays.${key}`, source) }
  })
  const zip = new (yazl().ZipFile)()
  const output = zip.outputStream as unknown as Readable
  zip.on('error', (error: Error) => output.destroy(error))
  for (const { key, array } of checked) {
    const settings = { compress, mtime, forceDosTimestamp: true }
    zip.addReadStreamLazy(`${key}.npy`, settings, (callback) => {
      callback(null, Readable.from(npyPieces(array), { objectMode: false }))
    })
  }
  zip.end()
  return output
}

/** The bytes of a .npz file of the arrays, in the order of the keys; see {@link writeNpz}. */
export async function encodeNpz(
  arrays: Readonly<Record<string, ArraySource>>,
  options?: WriteNpzOptions,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of zipOf('encodeNpz', arrays, options)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/**
 * Writes matrices, typed arrays and arrays as a .npz file, whole or not at all; `numpy.load` reads it. The elements
 * are read while it is being written, and are not to be changed until then.
 *
 * @throws ERR_FILE when it cannot be written.
 */
export async function writeNpz(
  path: string | URL,
  arrays: Readonly<Record<string, ArraySource>>,
  options?: WriteNpzOptions,
): Promise<void> {
  await writeWhole(pathOf(path), zipOf('writeNpz', arrays, options))
}
