// Was the machine quiet enough to say anything? A small kernel that never changes is timed in every round: when it
// takes longer than usual, the processor was throttled or somebody else was at work, and so the round tells nothing.
import { mad, median } from './statistics.js'

/** What the reference kernel told about the machine. */
export interface Noise {
  /** Seconds of the reference kernel, one number a round. */
  reference: number[]
  /** For each round, whether it was left out: more than 3 MAD from the others. */
  dropped: boolean[]
  /** Spread of the reference kernel relative to its median: 1.4826 MAD, which is one standard deviation. */
  spread: number
  /** How much longer the reference kernel took at the end than at the beginning: 0.1 is 10 %. */
  drift: number
  /** Why nothing can be said; empty when something can. */
  reasons: string[]
}

// A quiet machine repeats the reference kernel to a thousandth, and then 3 MAD would be a round dropped for nothing.
const leastOff = 0.02
/** Fewer rounds tell nothing about the machine. */
export const fewest = 5
const mostSpread = 0.1
const mostDropped = 1 / 3

/**
 * For each round whether its reference time is more than 3 MAD, and 2 %, off the median of all. The MAD is scaled by
 * 1.4826 to be a standard deviation. A time of 0 was not measured, and its round stays.
 */
export function offRounds(reference: readonly number[]): boolean[] {
  const timed = reference.filter((seconds) => seconds > 0)
  if (timed.length < fewest) return reference.map(() => false)
  const middle = median(timed)
  const bound = Math.max(3 * 1.4826 * mad(timed), leastOff * middle)
  return reference.map((seconds) => seconds > 0 && Math.abs(seconds - middle) > bound)
}

/** The verdict on the machine. `widths`: half the 95 % interval of every row, relative to its median. */
export function judge(reference: readonly number[], widths: readonly number[]): Noise {
  const dropped = offRounds(reference)
  const timed = reference.filter((seconds) => seconds > 0)
  const spread = timed.length > 0 ? (1.4826 * mad(timed)) / median(timed) : 0
  const third = Math.floor(timed.length / 3)
  const drift = third > 0 ? median(timed.slice(-third)) / median(timed.slice(0, third)) - 1 : 0
  const reasons: string[] = []
  const percent = (part: number) => `${(100 * part).toFixed(0)} %`
  if (timed.length >= fewest) {
    const lost = dropped.filter(Boolean).length / timed.length
    if (spread > mostSpread) reasons.push(`the reference kernel varies by ${percent(spread)}`)
    if (lost > mostDropped) reasons.push(`${percent(lost)} of the rounds had to be dropped`)
  }
  if (widths.length > 0 && widths.every((width) => width > 0.25)) {
    reasons.push(`no row is known better than to ${percent(Math.min(...widths))}`)
  }
  return { reference: [...reference], dropped, spread, drift, reasons }
}
