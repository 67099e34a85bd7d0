// The report as a table for other programs: one line a point, RFC 4180.
import type { Peer, Point, Report, Seconds, TaskReport } from './report.js'

const columns = [
  'task',
  'implementation',
  'version',
  'blas',
  'size',
  'threads',
  'ranks',
  'reported_threads',
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
  'roof',
  'of_roof',
  'roof_name',
  'ratio',
  'ratio_low',
  'ratio_high',
  'error',
  'joules',
  'cycles',
  'instructions',
  'batch',
  'dropped',
  'cpus_busy',
  'cpus_idle',
  'cpus_others',
  'bits',
  'runs_s',
] as const

type Line = Partial<Record<(typeof columns)[number], string | number | null>>

/**
 * The points of a report and of its peers as CSV (RFC 4180, lines end in CRLF). `ratio` is the peer's time over ours.
 * `runs_s` holds the single runs, separated by spaces; numbers have all their digits.
 *
 * @example
 * ```ts
 * import { measure, toCsv } from 'numcore/scaling'
 * const report = await measure({ tasks: ['integral'], bins: 1e5, repeats: 2, threads: [1], roofs: false })
 * console.log(toCsv(report).split('\r\n').length) // 3
 * ```
 */
export function toCsv(report: Report): string {
  const lines = report.tasks.flatMap((task) => [
    ...task.points.map((point) => pointLine(task, point)),
    ...task.peers.map((peer) => peerLine(task, peer)),
  ])
  const rows = lines.map((line) => columns.map((name) => line[name] ?? ''))
  return [columns, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('')
}

function pointLine({ task, unit }: TaskReport, point: Point): Line {
  const { threads, ranks, size, seconds, speedup, efficiency, karpFlatt, rate, roof, ofRoof, roofName } = point
  const { batch, dropped, cpu, bits, error, joules, cycles } = point
  return {
    ...{ task, implementation: 'numcore', size, threads, ranks, unit, rate, roof, of_roof: ofRoof },
    ...secondsOf(seconds),
    speedup: speedup.median,
    speedup_low: speedup.low,
    speedup_high: speedup.high,
    efficiency,
    karp_flatt: karpFlatt,
    roof_name: roofName,
    error: error?.value ?? null,
    joules,
    cycles: cycles?.cycles ?? null,
    instructions: cycles?.instructions ?? null,
    ...{ batch, dropped, bits },
    cpus_busy: cpu.busy,
    cpus_idle: cpu.idle,
    cpus_others: cpu.others,
  }
}

function peerLine({ task, size }: TaskReport, peer: Peer): Line {
  const { name, version, blas, threads, reportedThreads, seconds, ratio } = peer
  return {
    ...{ task, implementation: name, version, blas, size, threads },
    reported_threads: reportedThreads,
    ...secondsOf(seconds),
    ratio: ratio?.median ?? null,
    ratio_low: ratio?.low ?? null,
    ratio_high: ratio?.high ?? null,
  }
}

const secondsOf = ({ median, low, high, min, runs }: Seconds): Line => ({
  median_s: median,
  low_s: low,
  high_s: high,
  min_s: min,
  runs_s: runs.join(' '),
})

function field(value: string | number): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
