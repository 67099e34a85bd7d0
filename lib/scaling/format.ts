// Numbers as people read them: one unit and one number of decimals for a whole column.

import type { TaskReport } from './report.js'
import type { Interval } from './statistics.js'

export interface TimeFormat {
  unit: 's' | 'ms' | 'µs'
  /** Of a number of seconds, without the unit. */
  text(seconds: number): string
  /** In `unit`, as a number. */
  value(seconds: number): number
}

/** The unit that suits the longest time of a task, with three digits for the shortest. */
export function timeFormat({ points, peers }: TaskReport): TimeFormat {
  const own = points.map(({ seconds }) => seconds.median)
  // Where only peers could be measured, theirs.
  const medians = own.length > 0 ? own : peers.map(({ seconds }) => seconds.median)
  const longest = Math.max(...medians)
  const unit = longest >= 0.5 ? 's' : longest >= 0.5e-3 ? 'ms' : 'µs'
  const factor = { s: 1, ms: 1e3, µs: 1e6 }[unit]
  const decimals = decimalsFor(Math.min(...medians) * factor)
  return {
    unit,
    text: (seconds) => (seconds * factor).toFixed(decimals),
    value: (seconds) => seconds * factor,
  }
}

/** Decimals that leave `value` three significant digits. */
export function decimalsFor(value: number): number {
  if (!(value > 0)) return 2
  return Math.min(6, Math.max(0, 2 - Math.floor(Math.log10(value))))
}

export const range = ({ low, high }: Interval, text: (value: number) => string) =>
  `${text(low)}–${text(high)}`

/** Three digits that count. */
export const significant = (value: number) => value.toFixed(decimalsFor(Math.abs(value)))
export const times = (value: number) => value.toFixed(2)
export const percent = (value: number) =>
  `${(100 * value).toFixed(value >= 0.0995 ? 0 : value >= 0.00095 || value === 0 ? 1 : 3)} %`
export const rate = (value: number) => value.toFixed(decimalsFor(value))
/** A serial fraction, with a true minus sign: faster than ideal is possible. */
export const fraction = (value: number) => value.toFixed(3).replace('-', '−')
export const threadsOf = (count: number) => (count === 1 ? '1 thread' : `${count} threads`)
/** `2 threads`, or of a job under mpirun `2 ranks × 1 thread`. */
export function layoutOf({ threads, ranks }: { threads: number; ranks?: number | null }): string {
  // Reports of earlier versions know of no ranks.
  if (ranks === null || ranks === undefined) return threadsOf(threads)
  return `${ranks === 1 ? '1 rank' : `${ranks} ranks`} × ${threadsOf(threads / ranks)}`
}
export const shortBits = (bits: string) => (bits === 'varies' ? bits : bits.slice(0, 8))

/** CPU ids as people write them: `0-3,8`. */
export function idList(ids: readonly number[]): string {
  const runs: string[] = []
  for (let i = 0; i < ids.length; ) {
    let end = i
    while (end + 1 < ids.length && ids[end + 1] === (ids[end] as number) + 1) end += 1
    runs.push(end === i ? `${ids[i]}` : `${ids[i]}-${ids[end]}`)
    i = end + 1
  }
  return runs.join(',')
}
