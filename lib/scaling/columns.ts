// The tables of a report as cells of text: the terminal, Markdown and the page show the same columns.
import { fraction, percent, range, rate, shortBits, significant, timeFormat, times } from './format.js'
import type { Point, TaskReport } from './report.js'
import { same } from './words.js'

export interface Column {
  /** As the head of a column of a page. */
  head: string
  /** As the head of a column of a terminal. */
  short: string
  cells: string[]
}

/** One row a point. Columns that would be empty are left out. */
export function pointColumns(task: TaskReport): Column[] {
  const time = timeFormat(task)
  const { points, baseline } = task
  const of = (head: string, short: string, cell: (point: Point) => string | null): Column[] => {
    const cells = points.map(cell)
    return cells.every((each) => each === null)
      ? []
      : [{ head, short, cells: cells.map((each) => each ?? '–') }]
  }
  const grows = points.some(({ size }) => size !== task.size)
  const onRanks = points.some(({ ranks }) => (ranks ?? null) !== null)
  const errorName = points.find(({ error }) => error !== null)?.error?.name
  return [
    ...of('Threads', 'threads', ({ threads }) => String(threads)),
    ...of('Ranks', 'ranks', ({ ranks }) => (ranks ?? null) === null ? null : String(ranks)),
    ...of('Threads of each', 'each', ({ threads, ranks }) =>
      (ranks ?? null) === null ? null : String(threads / (ranks as number)),
    ),
    ...of('Size', 'size', ({ size }) => (grows ? String(size) : null)),
    ...of(`Median, ${time.unit}`, `median ${time.unit}`, ({ seconds }) => time.text(seconds.median)),
    ...of('95 % interval', '95 %', ({ seconds }) => range(seconds, time.text)),
    ...of(`Minimum, ${time.unit}`, 'min', ({ seconds }) => time.text(seconds.min)),
    ...of('Speed-up', 'speed-up', ({ speedup }) => times(speedup.median)),
    ...of('95 % interval', '95 %', (point) =>
      point === points[0] ? '–' : range(point.speedup, times),
    ),
    ...of('Efficiency', 'efficiency', ({ efficiency }) => percent(efficiency)),
    ...of('Serial fraction', 'serial', ({ karpFlatt, threads }) =>
      karpFlatt === null ? (threads === baseline && points.length > 1 && !grows && !onRanks ? '–' : null) : fraction(karpFlatt),
    ),
    ...of(task.unit, task.unit, (point) => rate(point.rate)),
    ...of('Of the roof', 'of roof', ({ ofRoof }) => (ofRoof === null ? null : percent(ofRoof))),
    ...of('CPUs busy', 'CPUs', ({ cpu }) => cpu.busy.toFixed(2)),
    ...of('Energy, J', 'J', ({ joules }) => (joules === null ? null : significant(joules))),
    ...of('10⁹ cycles', 'Gcycles', ({ cycles }) => (cycles === null ? null : significant(cycles.cycles / 1e9))),
    ...of(`Error: ${errorName}`, 'error', ({ error }) => (error === null ? null : exponent(error.value))),
    ...of('Bits', 'bits', ({ bits }) => (bits === null ? null : shortBits(bits))),
  ]
}

/** One row a peer and thread count; none where no peer was measured. */
export function peerColumns(task: TaskReport): Column[] {
  const { peers } = task
  if (peers.length === 0) return []
  const time = timeFormat(task)
  const column = (head: string, short: string, cell: (peer: (typeof peers)[number]) => string): Column => ({
    head,
    short,
    cells: peers.map(cell),
  })
  return [
    column('Peer', 'peer', ({ version, name }) => version || name),
    column('BLAS or threading, as it says', 'BLAS or threading', ({ blas }) => blas || '–'),
    column('Threads given', 'threads', ({ threads }) => String(threads)),
    column('Threads as it says', 'says', ({ reportedThreads }) => String(reportedThreads ?? '–')),
    column(`Median, ${time.unit}`, `median ${time.unit}`, ({ seconds }) => time.text(seconds.median)),
    column('95 % interval', '95 %', ({ seconds }) => range(seconds, time.text)),
    column('Times ours', 'x ours', ({ ratio }) => (ratio === null ? '–' : times(ratio.median))),
    column('95 % interval', '95 %', ({ ratio }) => (ratio === null ? '–' : range(ratio, times))),
    column('Than numcore', 'than ours', ({ ratio }) =>
      ratio === null ? '–' : same(ratio) ? 'no difference' : ratio.median > 1 ? 'slower' : 'faster',
    ),
  ]
}

const exponent = (value: number) => (value === 0 ? '0' : value.toExponential(1).replace('-', '−'))

/** Columns turned into rows, with the heads first. */
export function asRows(columns: readonly Column[], head: 'head' | 'short'): string[][] {
  const count = columns[0]?.cells.length ?? 0
  const rows = Array.from({ length: count }, (_, i) => columns.map(({ cells }) => cells[i] as string))
  return count === 0 ? [] : [columns.map((column) => column[head]), ...rows]
}
