// What a command checks of its files before it works.
import { stat } from 'node:fs/promises'
import { InvalidArgumentError } from '../errors.js'

/** Refuses an output file that is one of the inputs, by whatever name: a book is easily lost that way. */
export async function expectOtherFile(output: string, inputs: readonly string[]): Promise<void> {
  // What cannot be looked at is not the same; reading or writing it will say what is wrong.
  const look = (path: string) => stat(path, { bigint: true }).catch(() => undefined)
  const target = await look(output)
  if (target === undefined || !target.isFile()) return
  for (const input of inputs) {
    const source = await look(input)
    if (source?.dev === target.dev && source.ino === target.ino) {
      throw new InvalidArgumentError(`Expected another file than '${input}' for the output`)
    }
  }
}

// Up to here a book is read in less time than it takes to start a second thread on a busy machine.
const oneThreadBytes = 8 << 20

/** The threads to read a book with: what was asked for, else one for a book of ordinary length. */
export async function threadsFor(
  book: string,
  threads: number | undefined,
): Promise<number | undefined> {
  if (threads !== undefined) return threads
  const size = await stat(book).then(
    (found) => found.size,
    () => 0,
  )
  return size <= oneThreadBytes ? 1 : undefined
}
