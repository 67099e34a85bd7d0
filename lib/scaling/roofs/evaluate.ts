// From the timed roofs to rates, and from rates to the roof of a task.
import type { Roof, RoofName } from '../report.js'
import type { Row } from '../rows.js'
import { bootstrapMedian } from '../statistics.js'
import type { Needs } from '../tasks/task.js'

const names: readonly RoofName[] = ['flops', 'bytes', 'roots']

export function evaluateRoofs(rows: readonly Row[], dropped: readonly boolean[], seed: number): Roof[] {
  return names.flatMap((name) => {
    const points = rows
      .filter(({ who, runs }) => who === name && runs.length > 0)
      .sort((a, b) => a.threads - b.threads)
      .map(({ threads, runs, work }) => {
        const kept = runs.filter(({ round }) => !dropped[round])
        const seconds = (kept.length > 0 ? kept : runs).map((each) => each.seconds)
        const { median, low, high } = bootstrapMedian(seconds, { seed })
        return { threads, perSecond: { median: work / median, low: work / high, high: work / low } }
      })
    return points.length > 0 ? [{ name, points }] : []
  })
}

/**
 * The least time in which the machine could do what a task needs: each need at full rate, and the longest of them
 * counts (the roofline model: Williams, Waterman and Patterson, CACM 52, 2009). Undefined when none was measured.
 */
export function roofSeconds(
  needs: Needs | undefined,
  roofs: readonly Roof[],
  threads: number,
): { name: RoofName; seconds: number } | undefined {
  const times = names.flatMap((name) => {
    const amount = needs?.[name]
    const rate = roofs
      .find((roof) => roof.name === name)
      ?.points.find((point) => point.threads === threads)?.perSecond.median
    return amount === undefined || rate === undefined ? [] : [{ name, seconds: amount / rate }]
  })
  return times.sort((a, b) => b.seconds - a.seconds)[0]
}
