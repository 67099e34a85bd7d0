/** How a matrix looks in `console.log`. */
import type { InspectOptions } from 'node:util'

/** Rows, and columns, of which more are not printed: the first and last half of them. */
const shown = 10

function indices(length: number): (number | undefined)[] {
  const all = Array.from({ length: Math.min(length, shown) }, (_, i) => i)
  if (length <= shown) return all
  const half = shown / 2
  return all.map((i) => (i < half ? i : length - shown + i)).toSpliced(half, 0, undefined as never)
}

/** Six significant digits, as short as that allows. */
export function shortNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(Number(value.toPrecision(6)))
}

/** Pads column k so that decimal points stand below each other, and all texts end at the same place. */
function alignColumn(texts: string[][], k: number): void {
  const fraction = (text: string) =>
    /^-?\d*\./.test(text) && !text.endsWith('i') ? text.length - text.indexOf('.') : 0
  const column = texts.map((row) => row[k] as string)
  const behind = Math.max(...column.map(fraction))
  const padded = column.map((text) => text + ' '.repeat(behind - fraction(text)))
  const width = Math.max(...padded.map((text) => text.length))
  for (const [i, row] of texts.entries()) row[k] = (padded[i] as string).padStart(width)
}

/**
 * A heading with class, dimensions and type, and below it the elements in columns.
 *
 * @param cell The text of element (i, j).
 */
export function inspectMatrix(
  name: string,
  type: string,
  { rows, columns }: { rows: number; columns: number },
  depth: number,
  { compact }: InspectOptions,
  cell: (i: number, j: number) => string,
): string {
  const heading = `${name} ${rows} x ${columns} (${type})`
  // Deep inside of another object, or where the caller wants one line.
  if (depth < 0 || compact === true || rows === 0 || columns === 0) return heading
  const across = indices(columns)
  const texts = indices(rows).map((i) =>
    across.map((j) => (i === undefined ? '⋮' : j === undefined ? '…' : cell(i, j))),
  )
  for (const [k] of across.entries()) alignColumn(texts, k)
  const lines = texts.map((row) => row.join('  ').trimEnd())
  return [heading, ...lines.map((line) => `  ${line}`)].join('\n')
}
