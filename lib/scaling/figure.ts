// The geometry of the figures: three panels for a task (time, speed-up, efficiency), each a string of
// SVG. The page and the SVG file draw the same panels and share the style of theme.ts.
import { scaleLinear, scaleLog } from 'd3-scale'
import { line } from 'd3-shape'
import { fraction, percent, range, threadsOf, timeFormat, times } from './format.js'
import type { Point, TaskReport } from './report.js'

export const panelWidth = 344
export const panelHeight = 296

const margin = { top: 62, right: 18, bottom: 44, left: 46 }
const left = margin.left
const right = panelWidth - margin.right
const top = margin.top
const bottom = panelHeight - margin.bottom

export interface Panel {
  /** What a screen reader is told the panel is. */
  label: string
  /** Elements for a viewport of panelWidth x panelHeight. */
  svg: string
}

type Scale = (value: number) => number

/** What one panel draws, in the panel's own units. */
interface Plot {
  title: string
  subtitle: string
  label: string
  x: Scale
  y: Scale
  yTicks: { value: number; text: string }[]
  /** The line that a computation without any loss would follow. */
  ideal: [number, number][]
  idealLabel: { x: number; y: number; anchor: 'middle' | 'end' }
  points: Dot[]
}

interface Dot {
  threads: number
  y: number
  low: number
  high: number
  /** Single runs, where the panel shows them. */
  runs: readonly number[]
  /** The numbers, shown while the point has focus. */
  tell: string
}

export function panels(task: TaskReport): Panel[] {
  if (task.points.length === 0) return []
  return [timePlot(task), speedupPlot(task), efficiencyPlot(task)].map((plot) => ({
    label: plot.label,
    svg: draw(plot),
  }))
}

function timePlot(task: TaskReport): Plot {
  const time = timeFormat(task)
  const base = task.points[0] as Point
  const first = time.value(base.seconds.median)
  const ideal = (threads: number) => (first * base.threads) / threads
  const counts = task.points.map(({ threads }) => threads)
  const last = Math.max(...counts)
  const values = task.points.flatMap(({ seconds }) => seconds.runs.map(time.value))
  const low = Math.min(ideal(last), ...values)
  const high = Math.max(first, ...values)
  // Room above and below, and never less than a factor that makes a slope visible.
  const room = Math.max(1.12, Math.sqrt(1.6 / (high / low)))
  const y = scaleLog()
    .domain([low / room, high * room])
    .range([bottom - 16, top])
  const x = threadScale(counts)
  return {
    title: 'Time',
    subtitle: `${time.unit} per evaluation, both axes logarithmic`,
    label: `${task.title}: time against threads, both axes logarithmic`,
    x,
    y,
    yTicks: logTicks(y.invert(bottom), high * room).map((value) => ({ value, text: plain(value) })),
    ideal: [base.threads, last].map((threads) => [threads, ideal(threads)]),
    idealLabel: { x: x(last) - 9, y: y(ideal(last)) + 11, anchor: 'end' },
    points: task.points.map(({ threads, seconds }) => ({
      threads,
      y: time.value(seconds.median),
      low: time.value(seconds.low),
      high: time.value(seconds.high),
      runs: seconds.runs.map(time.value),
      tell:
        `${threadsOf(threads)}: ${time.text(seconds.median)} ${time.unit}, ` +
        `95 % ${range(seconds, time.text)}, min ${time.text(seconds.min)}`,
    })),
  }
}

function speedupPlot(task: TaskReport): Plot {
  const base = (task.points[0] as Point).threads
  const counts = task.points.map(({ threads }) => threads)
  const last = Math.max(...counts)
  const most = Math.max(last / base, ...task.points.map(({ speedup }) => speedup.high))
  // Linear on both axes: the picture every textbook shows, with the ideal as a straight line.
  const pad = Math.max((last - base) * 0.12, 0.25)
  const x = scaleLinear()
    .domain([base - pad, last + pad])
    .range([left, right])
  const least = Math.min(...task.points.map(({ speedup }) => speedup.low))
  const y = scaleLinear()
    .domain([Math.min(0, least), most * 1.08])
    .range([bottom, top])
  return {
    title: 'Speed-up',
    subtitle: `over ${threadsOf(base)}`,
    label: `${task.title}: speed-up over ${threadsOf(base)} against threads`,
    x,
    y,
    yTicks: y.ticks(most > 3 ? 5 : 3).map((value) => ({ value, text: `${plain(value)}×` })),
    ideal: [
      [base, 1],
      [last, last / base],
    ],
    idealLabel: { x: x(last) - 10, y: y(last / base) + 1, anchor: 'end' },
    points: task.points.map(({ threads, speedup }) => ({
      threads,
      y: speedup.median,
      low: speedup.low,
      high: speedup.high,
      runs: [],
      tell:
        threads === base
          ? `${threadsOf(threads)}: 1, by definition`
          : `${threadsOf(threads)}: ${times(speedup.median)}×, 95 % ${range(speedup, times)}`,
    })),
  }
}

function efficiencyPlot(task: TaskReport): Plot {
  const base = (task.points[0] as Point).threads
  const counts = task.points.map(({ threads }) => threads)
  const part = (value: number, threads: number) => (100 * value * base) / threads
  const most = Math.max(100, ...task.points.map((p) => part(p.speedup.high, p.threads)))
  const x = threadScale(counts)
  const y = scaleLinear()
    .domain([0, most * 1.08])
    .range([bottom, top])
  const last = Math.max(...counts)
  return {
    title: 'Efficiency',
    subtitle: 'part of the ideal speed-up',
    label: `${task.title}: efficiency against threads`,
    x,
    y,
    yTicks: [0, 25, 50, 75, 100].map((value) => ({ value, text: `${value} %` })),
    ideal: [
      [base, 100],
      [last, 100],
    ],
    // Between the first two rows: there no interval can reach it.
    idealLabel: { x: (x(base) + x(counts[1] ?? base)) / 2, y: y(100) - 8, anchor: 'middle' },
    points: task.points.map(({ threads, speedup, efficiency, karpFlatt }) => ({
      threads,
      y: 100 * efficiency,
      low: part(speedup.low, threads),
      high: part(speedup.high, threads),
      runs: [],
      tell:
        `${threadsOf(threads)}: ${percent(efficiency)}` +
        (karpFlatt === null ? ', by definition' : `, serial fraction ${fraction(karpFlatt)}`),
    })),
  }
}

function draw(plot: Plot): string {
  const { x, y, points } = plot
  const path = line<[number, number]>(
    ([threads]) => x(threads),
    ([, value]) => y(value),
  ).digits(1)
  const measured = points.map(({ threads, y }): [number, number] => [threads, y])
  const labelled = new Set(
    spaced(
      points.map(({ threads }) => threads),
      x,
      22,
    ),
  )
  const ticks = plot.yTicks.filter(({ value }) => inside(y(value)))
  const { idealLabel: ideal } = plot
  return [
    '<g aria-hidden="true">',
    `<text class="title" x="0" y="15">${plot.title}<tspan class="subtitle" dx="8">${plot.subtitle}</tspan></text>`,
    ...ticks.map(
      ({ value, text }) =>
        (bottom - y(value) < 3
          ? ''
          : `<path class="grid" d="M${left} ${at(y(value))}H${right}"/>`) +
        `<text class="tick" x="${left - 8}" y="${at(y(value) + 4)}" text-anchor="end">${text}</text>`,
    ),
    `<path class="axis" d="M${left} ${bottom}H${right}"/>`,
    ...points.map(({ threads }) => {
      const text = labelled.has(threads)
        ? `<text class="tick" x="${at(x(threads))}" y="${bottom + 18}" text-anchor="middle">${threads}</text>`
        : ''
      return `<path class="axis" d="M${at(x(threads))} ${bottom}v4"/>${text}`
    }),
    `<text class="tick" x="${(left + right) / 2}" y="${bottom + 37}" text-anchor="middle">threads</text>`,
    ...(points.length > 1
      ? [
          `<path class="ideal" d="${path(plot.ideal)}"/>`,
          `<text class="tick halo" x="${at(ideal.x)}" y="${at(ideal.y)}" text-anchor="${ideal.anchor}">ideal</text>`,
          `<path class="line" d="${path(measured)}"/>`,
        ]
      : []),
    '</g>',
    ...points.map((dot, i) => drawDot(dot, plot, i === points.length - 1)),
  ].join('')
}

// A point is one thing to a reader: its numbers as a label, and as a line of text at a fixed place
// under the title, where neither a finger nor another point hides it. No script is needed for that.
function drawDot(
  { threads, y: value, low, high, runs, tell }: Dot,
  plot: Plot,
  last: boolean,
): string {
  const cx = at(plot.x(threads))
  const cy = at(plot.y(value))
  const [from, to] = [plot.y(low), plot.y(high)]
  const bar =
    from - to < 3
      ? ''
      : `<path class="interval" d="M${cx} ${at(from)}V${at(to)}M${cx - 4} ${at(from)}h8M${cx - 4} ${at(to)}h8"/>`
  return [
    `<g class="point${last ? ' last' : ''}" tabindex="0" role="img" aria-label="${tell}">`,
    `<circle class="target" cx="${cx}" cy="${cy}" r="15"/>`,
    ...runs.map(
      (run) => `<circle class="run" cx="${at(cx + 11)}" cy="${at(plot.y(run))}" r="1.6"/>`,
    ),
    bar,
    `<circle class="ring" cx="${cx}" cy="${cy}" r="8.5"/>`,
    `<circle class="dot" cx="${cx}" cy="${cy}" r="4.5"/>`,
    `<text class="tell" x="0" y="35">${tell}</text>`,
    '</g>',
  ].join('')
}

function threadScale(counts: readonly number[]): Scale {
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  const room = Math.max((most / least) ** 0.12, 1.19)
  return scaleLog()
    .base(2)
    .domain([least / room, most * room])
    .range([left, right])
}

/** Ticks of a logarithmic axis: 1, 2, 5 where the range is wide, else enough to read a slope from. */
export function logTicks(low: number, high: number): number[] {
  const decades: number[] = []
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); ++e) decades.push(e)
  for (const digits of [[1], [1, 2, 5], [1, 2, 3, 4, 6, 8]]) {
    const ticks = decades
      // Through text: 3 * 10 ** -1 is not the number that is written 0.3.
      .flatMap((e) => digits.map((digit) => Number(`${digit}e${e}`)))
      .filter((tick) => tick >= low && tick <= high)
    if (ticks.length >= 4) return ticks
  }
  return scaleLinear().domain([low, high]).ticks(4)
}

// Thread counts crowd at the left of a linear axis: of those too close, the larger is labelled.
function spaced(counts: readonly number[], x: Scale, least: number): number[] {
  const kept: number[] = []
  for (const count of [...counts].reverse()) {
    const next = kept.at(-1)
    if (next === undefined || x(next) - x(count) >= least) kept.push(count)
  }
  return kept
}

const inside = (y: number) => y >= top - 1 && y <= bottom + 1
const at = (value: number) => Math.round(value * 10) / 10
const plain = (value: number) => String(Number(value.toPrecision(6)))
