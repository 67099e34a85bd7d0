/** Where a text comes from, checked: a path, the bytes, or a string. */
import { type Stats, statSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import {
  EncodingError,
  FileError,
  fromNative,
  InvalidArgumentError,
  invalidArgument,
  isNativeFailure,
} from './errors.js'
import { checkOptions } from './options.js'

/**
 * Where a text comes from. A string is a **path**, as everywhere in Node, and so is a `file:` URL;
 * a Uint8Array or Buffer is the text itself in UTF-8 (not to be changed while the call runs), and
 * `{ text }` is the text itself as a string.
 */
export type TextSource = string | URL | Uint8Array | { readonly text: string }

export interface Source {
  /** A path or the bytes. */
  from: string | Uint8Array
  translate: (error: unknown) => unknown
}

export function expectSource(source: TextSource): Source {
  if (typeof source === 'string' || source instanceof URL) return fromPath(source)
  const name = 'the text'
  if (source instanceof Uint8Array) return { from: source, translate: translator(name) }
  if (source !== null && typeof source === 'object' && typeof source.text === 'string') {
    checkOptions('text', source, ['text'])
    if (/\p{Surrogate}/u.test(source.text)) {
      throw invalidArgument('a string without lone surrogates', 'text', source.text)
    }
    return { from: Buffer.from(source.text), translate: translator(name) }
  }
  throw invalidArgument('a path, URL, Uint8Array or { text: string }', 'source', source)
}

function fromPath(source: string | URL): Source {
  let path: string
  try {
    path = typeof source === 'string' ? source : fileURLToPath(source)
  } catch (cause) {
    throw new InvalidArgumentError(
      `Expected a file: URL for source but received ${String(source)}`,
      {
        cause,
      },
    )
  }
  if (path === '' || path.includes('\0')) {
    throw invalidArgument('a path, not empty and without NUL,', 'source', path)
  }
  return { from: path, translate: translator(`'${path}'`, path) }
}

export function translator(name: string, path = '') {
  return (error: unknown): unknown => {
    if (!isNativeFailure(error)) return error
    switch (error.code) {
      case 'ERR_INVALID_UTF8':
        return new EncodingError(
          `Expected UTF-8 for ${name} but received an invalid byte sequence at offset ${error.where}`,
          error.where ?? -1,
        )
      case 'ERR_FILE':
        return new FileError(error.message, path, { cause: error })
      case 'ERR_INVALID_ARGUMENT':
        return new InvalidArgumentError(error.message)
      default:
        return fromNative(error)
    }
  }
}

// Up to here one thread is as quick as many. A small text need not wait for a large matrix; and a pipe, whose writer
// may take its time, must not make large matrices wait.
const smallBytes = 256 * 1024
const isSmallFile = (stats: Stats | undefined) => !stats?.isFile() || stats.size <= smallBytes
// Whatever is wrong with the file, reading it will say.
const noStats = () => undefined

export const fits = (bytes: Uint8Array): boolean => bytes.length <= smallBytes

/** Whether a text belongs to the lane of small jobs. */
export async function isSmall(from: string | Uint8Array): Promise<boolean> {
  return typeof from === 'string' ? isSmallFile(await stat(from).catch(noStats)) : fits(from)
}

export function isSmallSync(from: string | Uint8Array): boolean {
  if (typeof from !== 'string') return fits(from)
  try {
    return isSmallFile(statSync(from))
  } catch {
    return isSmallFile(undefined)
  }
}
