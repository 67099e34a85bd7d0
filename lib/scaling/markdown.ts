// The report as Markdown, for a README, an issue or a notebook.
import { asRows, type Column, peerColumns, pointColumns } from './columns.js'
import type { Report, TaskReport } from './report.js'
import { failureText, machineFacts, missingText, notes, reportNotes } from './words.js'

/**
 * A report as Markdown (tables as GitHub has them): the machine, then for each task its table, its peers and the
 * verdict.
 *
 * @example
 * ```ts
 * import { measure, toMarkdown } from 'numcore/scaling'
 * const report = await measure({ tasks: ['integral'], bins: 1e5, repeats: 2, threads: [1], roofs: false })
 * console.log(toMarkdown(report).split('\n')[0]) // # Threads versus time
 * ```
 */
export function toMarkdown(report: Report): string {
  const facts = machineFacts(report).map(([name, value]) => [name, value])
  const parts = [
    '# Threads versus time',
    `${report.started.slice(0, 10)}${report.partial ? '; ended early: these are partial results' : ''}`,
    ...report.tasks.map((task) => section(task, report)),
    '## Machine',
    table([['', ''], ...facts], [false, false]),
    ...list(reportNotes(report)),
  ]
  return `${parts.join('\n\n')}\n`
}

function section(task: TaskReport, { machine }: Report): string {
  const parts = [`## ${escape(task.title)}`]
  if (task.description !== '' && task.description !== task.title) parts.push(escape(task.description))
  if (task.points.length > 0) parts.push(columnTable(pointColumns(task)))
  if (task.peers.length > 0) parts.push(columnTable(peerColumns(task)))
  const [outcome, ...findings] = task.verdict
  if (outcome !== undefined) parts.push(escape(outcome))
  const said = [
    ...findings,
    ...(task.points.length > 0 ? notes(task, machine) : []),
    ...task.failures.map(failureText),
    ...task.missing.map(missingText),
  ]
  return [...parts, ...list(said)].filter((part) => part !== '').join('\n\n')
}

const list = (lines: readonly string[]) =>
  lines.length > 0 ? [lines.map((text) => `- ${escape(text)}`).join('\n')] : []

function columnTable(columns: readonly Column[]): string {
  const numeric = columns.map(({ cells }) => cells.every((cell) => /^[−\d–.]/.test(cell)))
  return table(asRows(columns, 'head'), numeric)
}

function table([head = [], ...rows]: string[][], numeric: readonly boolean[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escape).join(' | ')} |`
  const rule = `|${numeric.map((right) => (right ? '---:' : '---')).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

// What would be taken for markup or for the end of a cell.
const escape = (text: string) => text.replace(/[\\|*_`<>[\]]/g, '\\$&').replace(/\s*\n\s*/g, ' ')
