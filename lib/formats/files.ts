/** What the readers and writers of files have in common. */
import { type FileHandle, open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { FileError, FormatError, invalidArgument } from '../errors.js'

/** The path of a file as a string. */
export function pathOf(path: string | URL): string {
  if (path instanceof URL) return fileURLToPath(path)
  if (typeof path !== 'string') throw invalidArgument('a path', 'path', path)
  return path
}

/**
 * What goes wrong while `read` is at work, told together with the file's name: failures of the system as ERR_FILE, and
 * contents that are not as they should be as ERR_FORMAT.
 */
export async function naming<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) {
      throw new FileError(`Could not read ${name}: ${error.message}`, name, { cause: error })
    }
    if (error instanceof FormatError) {
      throw new FormatError(`${error.message} (${name})`, { cause: error })
    }
    throw error
  }
}

/** Opens the file for `read` and closes it afterwards; failures as {@link naming} tells them. */
export async function reading<T>(
  path: string | URL,
  read: (file: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  const name = pathOf(path)
  return naming(name, async () => {
    await using file = await open(name)
    const stat = await file.stat()
    if (stat.isDirectory()) throw new FileError(`Could not read ${name}: it is a directory`, name)
    return await read(file, stat.size)
  })
}

/** Fills `target` from byte `start` of the file on; false when the file ends before that. */
export async function readFully(
  file: FileHandle,
  target: Uint8Array,
  start: number,
): Promise<boolean> {
  // One read of Linux moves at most 2 GiB.
  for (let done = 0; done < target.length;) {
    const step = Math.min(target.length - done, 2 ** 30)
    const { bytesRead } = await file.read(target, done, step, start + done)
    if (bytesRead === 0) return false
    done += bytesRead
  }
  return true
}

/** What takes a text line by line. */
export interface LineParser<T> {
  /** A line without its end; lines count from 1. */
  line(text: string, number: number): void
  /** After the last line. */
  finish(): T
}

/** Parses a text that is in memory. */
export function parseText<T>(source: string | Uint8Array, parser: LineParser<T>): T {
  const feed = new LineFeed(parser)
  if (typeof source === 'string') {
    feed.text(source.replace(/^\uFEFF/, ''))
  } else if (source instanceof Uint8Array) {
    // In pieces, because a string holds at most half a gigabyte.
    for (let at = 0; at < source.length; at += chunk) feed.bytes(source.subarray(at, at + chunk))
  } else {
    throw invalidArgument('a string or Uint8Array', 'source', source)
  }
  return feed.end()
}

/** Parses a file piece by piece; the event loop runs between the pieces. */
export function parseFile<T>(path: string | URL, parser: LineParser<T>): Promise<T> {
  return reading(path, async (file) => {
    const feed = new LineFeed(parser)
    const buffer = Buffer.allocUnsafe(chunk)
    for (;;) {
      // Without a position, so that pipes can be read.
      const { bytesRead } = await file.read(buffer, 0, chunk)
      if (bytesRead === 0) return feed.end()
      feed.bytes(buffer.subarray(0, bytesRead))
    }
  })
}

const chunk = 2 ** 20

// Half of what a string can hold, and more than a line of ten million numbers.
const longestLine = 2 ** 28

class LineFeed<T> {
  readonly #parser: LineParser<T>
  readonly #decoder = new TextDecoder()
  #rest = ''
  #number = 0

  constructor(parser: LineParser<T>) {
    this.#parser = parser
  }

  bytes(bytes: Uint8Array): void {
    this.text(this.#decoder.decode(bytes, { stream: true }))
  }

  text(text: string): void {
    let start = 0
    for (;;) {
      const end = text.indexOf('\n', start)
      if (end === -1) break
      this.#line(this.#rest + text.slice(start, end))
      this.#rest = ''
      start = end + 1
    }
    this.#rest += text.slice(start)
    if (this.#rest.length > longestLine) {
      throw new FormatError(
        `Expected lines of at most ${longestLine} characters but line ${this.#number + 1} is longer`,
      )
    }
  }

  end(): T {
    this.text(this.#decoder.decode())
    if (this.#rest !== '') this.#line(this.#rest)
    return this.#parser.finish()
  }

  #line(text: string): void {
    this.#parser.line(text.endsWith('\r') ? text.slice(0, -1) : text, ++this.#number)
  }
}

/** Joins short texts to pieces that are worth a write. */
export function* pieces(texts: Iterable<string>): Generator<string, void, undefined> {
  let piece = ''
  for (const text of texts) {
    piece += text
    if (piece.length < 2 ** 16) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}
