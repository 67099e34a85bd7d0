// The report as text for a terminal.
import { asRows, type Column, peerColumns, pointColumns } from './columns.js'
import { layoutOf, times } from './format.js'
import type { Report, TaskReport } from './report.js'
import { failureText, machineFacts, missingText, notes, reportNotes } from './words.js'

/** The whole report as text: the machine, then for each task a table, a plot and the verdict. */
export function renderText(report: Report): string {
  const facts = machineFacts(report)
  const widest = Math.max(...facts.map(([name]) => name.length))
  const header = facts.map(([name, value]) => `${name.padEnd(widest)}  ${value}`)
  const parts = [header.join('\n'), ...report.tasks.map((task) => taskText(task, report))]
  const last = reportNotes(report)
  if (last.length > 0) parts.push(last.join('\n'))
  if (report.partial) parts.push('Ended early: these are partial results.')
  return `${parts.join('\n\n')}\n`
}

function taskText(task: TaskReport, { machine }: Report): string {
  const title = [task.title, task.description].filter((text) => text !== '' && text !== undefined)
  const lines = [[...new Set(title)].join(': ')]
  if (task.points.length > 0) {
    lines.push(...aligned(pointColumns(task)), ...bars(task))
    if (task.peers.length > 0) lines.push('', ...aligned(peerColumns(task)), '')
    lines.push(...[...task.verdict, ...notes(task, machine)].flatMap(wrapped))
  } else if (task.peers.length > 0) lines.push(...aligned(peerColumns(task)))
  lines.push(...task.failures.map(failureText), ...task.missing.map(missingText))
  return lines.join('\n')
}

function aligned(columns: readonly Column[]): string[] {
  const rows = asRows(columns, 'short')
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)))
  // Numbers end where they are compared, names begin there.
  const words = columns.map(({ cells }) => cells.some((cell) => /[a-z]{4}/i.test(cell) && !/^[0-9a-f]{8}$/.test(cell)))
  return rows.map((row) =>
    `  ${row.map((cell, i) => (words[i] ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join('  ')}`.trimEnd(),
  )
}

const width = 48

// Speed-up as bars: full up to the lower end of the interval, hatched up to the upper one.
function bars({ points }: TaskReport): string[] {
  const base = points[0]
  if (base === undefined || points.length < 2) return []
  const ideal = (threads: number) => threads / base.threads
  const most = Math.max(...points.map(({ threads, speedup }) => Math.max(ideal(threads), speedup.high)))
  const place = (value: number) => Math.round((width * value) / most)
  const names = points.map(layoutOf)
  const widest = Math.max(...names.map((name) => name.length))
  const lines = points.map(({ threads, speedup }, i) => {
    const [low, high, goal] = [place(speedup.low), place(speedup.high), place(ideal(threads))]
    const cells = Array.from({ length: width + 1 }, (_, at) =>
      at < low ? '█' : at < high ? '▒' : at === goal ? '│' : ' ',
    )
    return `  ${(names[i] as string).padEnd(widest)}  ${cells.join('')} ${times(speedup.median)}`
  })
  return ['', ...lines, `  ${' '.repeat(widest)}  █ speed-up   ▒ its 95 % interval   │ ideal`, '']
}

const longest = 110

// By words, with their percent signs: a verdict is a paragraph, and a terminal breaks anywhere.
function wrapped(text: string): string[] {
  const lines: string[] = []
  for (const word of text.split(/ (?!%)/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < longest) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
