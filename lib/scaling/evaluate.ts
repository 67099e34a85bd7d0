// From timed runs to the figures of a report.
import type { Point, TaskReport } from './report.js'
import type { Running } from './session.js'
import { bootstrapMedian, bootstrapRatio, efficiency, karpFlatt, median } from './statistics.js'

/** Fills in baseline and points of `report`. `measured` has at least one run each. */
export function evaluate(report: TaskReport, measured: readonly Running[], seed: number): void {
  const order = [...measured].sort((a, b) => a.threads - b.threads)
  const base = order[0]
  if (base === undefined) return
  report.baseline = base.threads
  report.points = order.map((point) => evaluatePoint(point, base, seed))
}

function evaluatePoint(point: Running, base: Running, seed: number): Point {
  const { threads, runs, batch } = point
  const seconds = bootstrapMedian(runs, { seed })
  // A row against itself is 1 by definition; resampling it twice would pretend that it is unsure.
  const faster =
    point === base ? { median: 1, low: 1, high: 1 } : bootstrapRatio(base.runs, runs, { seed })
  const times = threads / base.threads
  return {
    threads,
    seconds: { ...seconds, min: Math.min(...runs), runs },
    speedup: faster,
    efficiency: efficiency(faster.median, times),
    karpFlatt: point === base ? null : karpFlatt(faster.median, times),
    rate: point.work / seconds.median,
    batch,
    cpu: { busy: median(point.busy), idle: part(point.idle), others: part(point.others) },
    bits: point.bits.size === 1 ? ([...point.bits][0] as string) : 'varies',
  }
}

const part = ({ cpu, seconds }: { cpu: number; seconds: number }) =>
  seconds > 0 ? cpu / seconds : 0
