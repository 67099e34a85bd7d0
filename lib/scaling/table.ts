// The report as text for a terminal.
import { percent, range, rate, shortBits, timeFormat, times } from './format.js'
import type { Report, TaskReport } from './report.js'
import { failureText, machineFacts, notes, outcome } from './words.js'

/** The whole report as text: the machine, then a table for each task. */
export function renderText(report: Report): string {
  const facts = machineFacts(report)
  const widest = Math.max(...facts.map(([name]) => name.length))
  const header = facts.map(([name, value]) => `${name.padEnd(widest)}  ${value}`)
  const parts = [header.join('\n'), ...report.tasks.map((task) => taskText(task, report))]
  if (report.partial) parts.push('Ended early: these are partial results.')
  return `${parts.join('\n\n')}\n`
}

function taskText(task: TaskReport, { machine }: Report): string {
  const title = [task.title, task.description].filter((text) => text !== '').join(': ')
  const lines = [title]
  if (task.points.length > 0)
    lines.push(...pointTable(task), outcome(task), ...notes(task, machine))
  lines.push(...task.failures.map(failureText))
  return lines.join('\n')
}

function pointTable(task: TaskReport): string[] {
  const time = timeFormat(task)
  const base = task.baseline
  const head = ['threads', `median ${time.unit}`, '95 %', 'min', 'speed-up', '95 %', 'efficiency']
  const rows = task.points.map((point) => [
    String(point.threads),
    time.text(point.seconds.median),
    range(point.seconds, time.text),
    time.text(point.seconds.min),
    times(point.speedup.median),
    point.threads === base ? '' : range(point.speedup, times),
    percent(point.efficiency),
    rate(point.rate),
    point.cpu.busy.toFixed(2),
    shortBits(point.bits),
  ])
  return aligned([[...head, task.unit, 'CPUs', 'bits'], ...rows]).map((line) => `  ${line}`)
}

function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows.map((row) => row.map((cell, i) => cell.padStart(widths[i] as number)).join('  '))
}
