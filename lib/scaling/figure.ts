// The figures of a task: time, speed-up and efficiency against threads, and how the peers compare. The page and the
// SVG file draw the same panels.
import { scaleLinear, scaleLog } from 'd3-scale'
import { line } from 'd3-shape'
import { fraction, layoutOf, percent, range, timeFormat, times } from './format.js'
import {
  at,
  bottom,
  type Dot,
  drawDot,
  frame,
  left,
  logTicks,
  type Panel,
  plain,
  right,
  type Scale,
  type Tick,
  top,
  xAxis,
  yAxis,
} from './panel.js'
import { peersPanel } from './peers-figure.js'
import type { Point, Report, TaskReport } from './report.js'

/** What one panel draws. Dots and lines are in the units of x and y. */
interface Plot {
  name: string
  title: string
  subtitle: string
  label: string
  x: Scale
  y: Scale
  yTicks: Tick[]
  /** The line that a computation without any loss would follow. */
  ideal: [number, number][]
  idealLabel: { x: number; y: number; anchor: 'middle' | 'end' }
  /** What the fitted model expects, where there is one. */
  model: [number, number][]
  dots: (Pick<Dot, 'y' | 'low' | 'high' | 'runs' | 'tell'> & { threads: number })[]
}

export function panels(task: TaskReport, { settings }: Report): Panel[] {
  if (task.points.length === 0) return []
  const weak = settings.scaling === 'weak'
  const three = [timePlot(task, weak), speedupPlot(task), efficiencyPlot(task)].map(draw)
  const peers = peersPanel(task)
  return peers === undefined ? three : [...three, peers]
}

function timePlot(task: TaskReport, weak: boolean): Plot {
  const time = timeFormat(task)
  const base = task.points[0] as Point
  const first = time.value(base.seconds.median)
  const ideal = (threads: number) => (weak ? first : (first * base.threads) / threads)
  const counts = task.points.map(({ threads }) => threads)
  const last = Math.max(...counts)
  const values = task.points.flatMap(({ seconds }) => seconds.runs.map(time.value))
  // Where the work differs, as when each rank brings its own, there is no one line of ideal times.
  const grows = task.points.some((point) => differs(workOf(point), workOf(base)))
  const low = Math.min(grows ? first : ideal(last), ...values)
  const high = Math.max(first, ...values)
  // Room above and below, and never less than a factor that makes a slope visible.
  const room = Math.max(1.12, Math.sqrt(1.6 / (high / low)))
  const y = scaleLog()
    .domain([low / room, high * room])
    .range([bottom - 16, top])
  const x = threadScale(counts)
  return {
    name: 'time',
    title: 'Time',
    subtitle: `${time.unit} per evaluation, both axes logarithmic`,
    label: `${task.title}: time against threads, both axes logarithmic`,
    x,
    y,
    yTicks: logTicks(y.invert(bottom), high * room).map((value) => ({ value, text: plain(value) })),
    ideal: grows && !weak ? [] : [base.threads, last].map((threads) => [threads, ideal(threads)]),
    idealLabel: { x: x(last) - 9, y: y(ideal(last)) + 11, anchor: 'end' },
    model: [],
    dots: task.points.map(({ threads, ranks, seconds }) => ({
      threads,
      y: time.value(seconds.median),
      low: time.value(seconds.low),
      high: time.value(seconds.high),
      runs: seconds.runs.map(time.value),
      tell:
        `${layoutOf({ threads, ranks })}: ${time.text(seconds.median)} ${time.unit}, ` +
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
    name: 'speedup',
    title: 'Speed-up',
    subtitle: `over ${layoutOf(task.points[0] as Point)}${modelName(task)}`,
    label: `${task.title}: speed-up over ${layoutOf(task.points[0] as Point)} against threads`,
    x,
    y,
    yTicks: y.ticks(most > 3 ? 5 : 3).map((value) => ({ value, text: `${plain(value)}×` })),
    ideal: [
      [base, 1],
      [last, last / base],
    ],
    idealLabel: { x: x(last) - 10, y: y(last / base) + 1, anchor: 'end' },
    model: modelCurve(task, base, last),
    dots: task.points.map(({ threads, ranks, speedup }, i) => ({
      threads,
      y: speedup.median,
      low: speedup.low,
      high: speedup.high,
      runs: [],
      tell:
        i === 0
          ? `${layoutOf({ threads, ranks })}: 1, by definition`
          : `${layoutOf({ threads, ranks })}: ${times(speedup.median)}×, 95 % ${range(speedup, times)}`,
    })),
  }
}

// With two points a model only joins them.
const hasModel = ({ points, fits: { usl, amdahl } }: TaskReport) =>
  points.length > 2 && (usl !== null || amdahl !== null)

const modelName = (task: TaskReport) =>
  hasModel(task) ? `, thin: ${task.fits.usl === null ? 'Amdahl’s law' : 'scalability law'}` : ''

function modelCurve(task: TaskReport, base: number, last: number): [number, number][] {
  const { usl, amdahl } = task.fits
  if (!hasModel(task)) return []
  const [wait, pairs] =
    usl === null ? [amdahl?.serialFraction.median ?? 0, 0] : [usl.sigma.median, usl.kappa.median]
  const speedup = (p: number) => p / (1 + wait * (p - 1) + pairs * p * (p - 1))
  return Array.from({ length: 49 }, (_, i) => {
    const p = base + ((last - base) * i) / 48
    return [p, speedup(p) / speedup(base)]
  })
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
    name: 'efficiency',
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
    model: [],
    dots: task.points.map(({ threads, ranks, speedup, efficiency, karpFlatt, ofRoof }, i) => ({
      threads,
      y: 100 * efficiency,
      low: part(speedup.low, threads),
      high: part(speedup.high, threads),
      runs: [],
      tell: [
        `${layoutOf({ threads, ranks })}: ${percent(efficiency)}`,
        ...(i === 0 ? ['by definition'] : []),
        ...(karpFlatt === null ? [] : [`serial fraction ${fraction(karpFlatt)}`]),
        ...(ofRoof === null ? [] : [`${percent(ofRoof)} of the roof`]),
      ].join(', '),
    })),
  }
}

const workOf = ({ rate, seconds }: Point) => rate * seconds.median
const differs = (a: number, b: number) => Math.abs(a - b) > 0.01 * b

function draw(plot: Plot): Panel {
  const { name, label, x, y, dots, ideal, idealLabel, model } = plot
  // Of times the smaller is the faster, of everything else the larger.
  const faster = (a: number, b: number) => (name === 'time' ? a < b : a > b)
  const path = line<[number, number]>(
    ([threads]) => x(threads),
    ([, value]) => y(value),
  ).digits(1)
  // Several layouts of as many threads: the line goes through the fastest.
  const fastest = new Map<number, (typeof dots)[number]>()
  for (const dot of dots) {
    const known = fastest.get(dot.threads)
    if (known === undefined || faster(dot.y, known.y)) fastest.set(dot.threads, dot)
  }
  const measured = [...fastest.values()].map(({ threads, y: value }): [number, number] => [threads, value])
  const lines =
    dots.length > 1
      ? [
          ideal.length > 0 ? `<path class="ideal" d="${path(ideal)}"/>` : '',
          model.length > 0 ? `<path class="model" d="${path(model)}"/>` : '',
          ideal.length > 0
            ? `<text class="tick halo" x="${at(idealLabel.x)}" y="${at(idealLabel.y)}" text-anchor="${idealLabel.anchor}">ideal</text>`
            : '',
          `<path class="line" d="${path(measured)}"/>`,
        ]
      : []
  const counts = [...fastest.keys()].map((threads): Tick => ({ value: threads, text: String(threads) }))
  const drawn = dots.map((dot, i) =>
    drawDot(
      {
        ...dot,
        x: x(dot.threads),
        y: y(dot.y),
        low: y(dot.low),
        high: y(dot.high),
        along: 'y',
        runs: dot.runs.map(y),
      },
      i === dots.length - 1,
    ),
  )
  const parts = [yAxis(plot.yTicks, y), xAxis(counts, x, 'threads'), ...lines]
  return { name, label, svg: frame(plot.title, plot.subtitle, parts) + drawn.join('') }
}

function threadScale(counts: readonly number[]): Scale {
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  const room = Math.max((most / least) ** 0.12, 1.19)
  return scaleLog()
    .base(2)
    .domain([least / room, most * room])
    .range([left, right])
}
