// The report as a table for other programs: one line a point, RFC 4180.
import type { Report } from './report.js'

const columns = [
  'task',
  'size',
  'threads',
  'median_s',
  'low_s',
  'high_s',
  'min_s',
  'speedup',
  'speedup_low',
  'speedup_high',
  'efficiency',
  'karp_flatt',
  'rate',
  'unit',
  'batch',
  'cpus_busy',
  'cpus_idle',
  'cpus_others',
  'bits',
  'runs_s',
]

/**
 * The points of a report as CSV (RFC 4180, lines end in CRLF). `runs_s` holds the single runs,
 * separated by spaces; numbers have all their digits.
 *
 * @example
 * ```ts
 * import { measure, toCsv } from 'numcore/scaling'
 * const report = await measure({ tasks: ['integral'], bins: 1e5, repeats: 2, threads: [1] })
 * console.log(toCsv(report).split('\r\n').length) // 3
 * ```
 */
export function toCsv(report: Report): string {
  const lines = report.tasks.flatMap(({ task, size, unit, points }) =>
    points.map(({ threads, seconds, speedup, efficiency, karpFlatt, rate, batch, cpu, bits }) => [
      task,
      size,
      threads,
      seconds.median,
      seconds.low,
      seconds.high,
      seconds.min,
      speedup.median,
      speedup.low,
      speedup.high,
      efficiency,
      karpFlatt ?? '',
      rate,
      unit,
      batch,
      cpu.busy,
      cpu.idle,
      cpu.others,
      bits,
      seconds.runs.join(' '),
    ]),
  )
  return [columns, ...lines].map((line) => `${line.map(field).join(',')}\r\n`).join('')
}

function field(value: string | number): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
