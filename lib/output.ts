// Files that are left behind: whole or not at all.
import { constants } from 'node:fs'
import {
  access,
  type FileHandle,
  mkdir,
  open,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { FileError, NumcoreError } from './errors.js'

/** What is written: at once, or piece by piece as it is made. */
export type Output =
  string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>

/**
 * Writes `data` to `path` so that a reader finds the old file or the whole new one, never a half: a
 * temporary file in the same folder (rename works only within one file system), flushed to disk,
 * then renamed. Nothing is left behind when it fails.
 *
 * A symbolic link is followed, not replaced. What is no regular file (`/dev/stdout`, a named pipe)
 * cannot be renamed onto and is written straight.
 *
 * @throws FileError `ERR_FILE` naming the file and the reason when it cannot be written.
 */
export async function writeWhole(path: string, data: Output): Promise<void> {
  try {
    const target = await realpath(path).catch(unlessMissing(path))
    const present = await stat(target).catch(unlessMissing(undefined))
    if (present?.isDirectory()) throw errno('EISDIR')
    if (present && !present.isFile()) return await writeFile(target, data)
    // Renaming asks only the folder; a file that was write-protected on purpose must stay.
    if (present) await access(target, constants.W_OK)
    await replace(target, data, present?.mode)
  } catch (error) {
    throw outputError(path, error)
  }
}

/**
 * Makes the folder `path` (and those above it) and proves that a file can be written there, so that
 * a command finds out before the work and not after it.
 *
 * @throws FileError `ERR_FILE` naming the folder and the reason when it cannot.
 */
export async function prepareFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
    const probe = join(path, temporaryName())
    const file = await open(probe, 'wx')
    await file.close()
    await rm(probe)
  } catch (error) {
    throw outputError(path, error)
  }
}

async function replace(target: string, data: Output, mode = 0o666): Promise<void> {
  const temporary = join(dirname(target), temporaryName())
  let file: FileHandle | undefined
  try {
    file = await open(temporary, 'wx', mode & 0o777)
    await writeFile(file, data)
    await file.sync()
    await file.close()
    file = undefined
    await rename(temporary, target)
  } catch (error) {
    await file?.close().catch(() => {})
    await rm(temporary, { force: true }).catch(() => {})
    throw error
  }
}

// Short, so that a file name of the longest length allowed has room beside it. Opened with 'wx', it need only be
// unlikely to be there already.
const temporaryName = () => `.numcore-${process.pid}-${Math.random().toString(36).slice(2, 10)}.tmp`

function unlessMissing<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (codeOf(error) === 'ENOENT') return instead
    throw error
  }
}

const errno = (code: string) => Object.assign(new Error(code), { code })

function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}

function outputError(path: string, cause: unknown): NumcoreError {
  // What makes the pieces has failed, not the file.
  if (cause instanceof NumcoreError) return cause
  const code = codeOf(cause)
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'no space is left on the device',
    EDQUOT: 'the disk quota is used up',
    EISDIR: 'it is a directory',
    EEXIST: 'a file of that name is in the way',
    ENOTDIR: 'a part of the path is a file, not a directory',
    ENOENT: `there is no directory '${dirname(path)}'`,
    ENAMETOOLONG: `the name '${basename(path).slice(0, 40)}…' is too long`,
    ELOOP: 'its symbolic links run in a circle',
  }
  const reason = (code && reasons[code]) || (cause instanceof Error ? cause.message : String(cause))
  return new FileError(`Cannot write '${path}': ${reason}`, path, { cause })
}
