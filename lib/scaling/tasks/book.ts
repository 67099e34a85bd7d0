// The text of the word tasks, as often over as the work has to grow.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Setting } from './task.js'

// Put there by the build, so that an installed package has it too.
export const mobyDick = new URL('../../data/moby-dick.txt', import.meta.url)

export async function readBook({ text: path, grow }: Setting): Promise<{ name: string; bytes: Buffer }> {
  const once = await readFile(path ?? mobyDick)
  const copies = Math.max(1, Math.round(grow))
  const name = path === undefined ? 'Moby Dick' : basename(path)
  if (copies === 1) return { name, bytes: once }
  // A line between the copies, or the last word of one would join the first of the next.
  const parts = Array.from({ length: copies }, () => [once, Buffer.from('\n')]).flat()
  return { name: `${copies} copies of ${name}`, bytes: Buffer.concat(parts) }
}
