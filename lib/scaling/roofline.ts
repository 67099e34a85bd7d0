// The roofline (Williams, Waterman and Patterson, CACM 52, 2009): how fast each task computes, under the roof that the
// machine's memory and arithmetic put over it. Tasks that tell no flops or no bytes have no place in it.
import { scaleLog } from 'd3-scale'
import { layoutOf, percent, rate as rateText, threadsOf } from './format.js'
import {
  at,
  bottom,
  drawDot,
  frame,
  left,
  logTicks,
  type Panel,
  plain,
  right,
  type Scale,
  top,
  xAxis,
  yAxis,
} from './panel.js'
import type { Point, Report, TaskReport } from './report.js'
import { escapeXml } from './xml.js'

interface Placed {
  task: TaskReport
  index: number
  point: Point & { intensity: number; flops: number }
}

/** Undefined when no task has a place in it, or the machine's rates were not measured. */
export function rooflinePanel({ tasks, roofs }: Report): Panel | undefined {
  const placed = tasks.flatMap((task, index) =>
    task.points.flatMap((point): Placed[] =>
      point.intensity !== null && point.flops !== null
        ? [{ task, index, point: { ...point, intensity: point.intensity, flops: point.flops } }]
        : [],
    ),
  )
  const peak = roofs.find(({ name }) => name === 'flops')?.points ?? []
  const memory = roofs.find(({ name }) => name === 'bytes')?.points ?? []
  const ceilings = peak.flatMap(({ threads, perSecond }) => {
    const bytes = memory.find((each) => each.threads === threads)?.perSecond.median
    return bytes === undefined ? [] : [{ threads, flops: perSecond.median / 1e9, bytes: bytes / 1e9 }]
  })
  const [one, all] = [ceilings[0], ceilings.at(-1)]
  if (placed.length === 0 || one === undefined || all === undefined) return undefined

  const speed = ({ flops, seconds }: Placed['point']) => flops / seconds.median / 1e9
  const ridges = ceilings.map(({ flops, bytes }) => flops / bytes)
  const intensities = placed.map(({ point }) => point.intensity)
  const x = scaleLog()
    .domain([Math.min(...ridges, ...intensities) / 3, Math.max(...ridges, ...intensities) * 3])
    .range([left, right])
  const [from, to] = x.domain() as [number, number]
  const roofAt = ({ flops, bytes }: typeof one, intensity: number) => Math.min(flops, bytes * intensity)
  const slowest = placed.map(({ point }) => point.flops / point.seconds.high / 1e9)
  const fastest = placed.map(({ point }) => point.flops / point.seconds.low / 1e9)
  const y = scaleLog()
    .domain([
      Math.min(...slowest, roofAt(one, from)) / 1.3,
      Math.max(...fastest, all.flops) * 1.5,
    ])
    .range([bottom, top])
  const drawn = one === all ? [one] : [one, all]
  const lines = drawn.map((roof) => {
    const ridge = roof.flops / roof.bytes
    const d = `M${at(x(from))} ${at(y(roofAt(roof, from)))}L${at(x(ridge))} ${at(y(roof.flops))}H${right}`
    // Beside the bend, where the points are not: above the higher roof and below the lower one.
    const place = at(y(roof.flops) + (roof === all ? -6 : 15))
    const label = `<text class="tick halo" x="${at(x(ridge) + 8)}" y="${place}">${threadsOf(roof.threads)}</text>`
    return `<path class="roof" d="${d}"/>${label}`
  })
  const tick = (value: number) => ({ value, text: plain(value) })
  const dots = placed.map(({ task, index, point }, i) => {
    const tell = `${task.task}, ${layoutOf(point)}: ${rateText(speed(point))} Gflop/s${point.ofRoof === null ? '' : `, ${percent(point.ofRoof)} of the roof`}`
    const { seconds, flops } = point
    return drawDot(
      {
        x: x(point.intensity),
        y: y(speed(point)),
        low: y(flops / seconds.high / 1e9),
        high: y(flops / seconds.low / 1e9),
        along: 'y',
        runs: [],
        tell: escapeXml(tell),
        kind: `c${index % colours}`,
      },
      i === placed.length - 1,
    )
  })
  const [lowest, highest] = y.domain() as [number, number]
  const parts = [
    yAxis(logTicks(lowest, highest).map(tick), y),
    xAxis(logTicks(from, to).map(tick), x, 'flop per byte of memory traffic'),
    ...lines,
    ...taskNames(placed, x, (point) => y(speed(point))),
  ]
  return {
    name: 'roofline',
    label: 'Roofline: speed against flops per byte, both axes logarithmic',
    svg: frame('Roofline', 'Gflop/s, both axes logarithmic', parts) + dots.join(''),
  }
}

// Each task once, left of its fastest point, and not on another's name.
function taskNames(
  placed: readonly Placed[],
  x: Scale,
  y: (point: Placed['point']) => number,
): string[] {
  const best = new Map<TaskReport, Placed>()
  for (const each of placed) {
    const known = best.get(each.task)
    if (known === undefined || y(each.point) < y(known.point)) best.set(each.task, each)
  }
  let last = Number.NEGATIVE_INFINITY
  return [...best.values()]
    .sort((a, b) => y(a.point) - y(b.point))
    .map(({ task, index, point }) => {
      last = Math.max(last + 14, y(point) + 4)
      return `<text class="tick halo name c${index % colours}" x="${at(x(point.intensity) - 12)}" y="${at(last)}" text-anchor="end">${escapeXml(task.task)}</text>`
    })
}

/** As many hues as theme.ts has. */
export const colours = 7
