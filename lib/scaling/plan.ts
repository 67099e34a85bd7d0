// Which children live at the same time. All of them, if memory allows: then the rounds of all tasks
// and thread counts are interleaved, and a neighbour or a hot processor spoils no single row. What
// does not fit together runs in groups, one after another, tasks kept whole where possible.

/** A task with a thread count, before it is measured. */
export interface Spot {
  task: string
  threads: number
  /** What the child needs at its peak. */
  bytes: number
}

/** Node itself, its code and its heap. */
export const nodeBytes = 64 * 2 ** 20

/**
 * Cuts `spots` into groups whose children fit into `budget` bytes together. One that does not fit by
 * itself is a group by itself.
 */
export function group<T extends Spot>(spots: readonly T[], budget: number): T[][] {
  const groups: { spots: T[]; bytes: number }[] = []
  for (const task of new Set(spots.map((spot) => spot.task))) {
    const whole = spots.filter((spot) => spot.task === task)
    const bytes = sum(whole)
    const open = groups.find((each) => each.bytes + bytes <= budget)
    if (open) {
      open.spots.push(...whole)
      open.bytes += bytes
      continue
    }
    let part = { spots: [] as T[], bytes: 0 }
    for (const spot of whole) {
      if (part.spots.length > 0 && part.bytes + cost(spot) > budget) {
        groups.push(part)
        part = { spots: [], bytes: 0 }
      }
      part.spots.push(spot)
      part.bytes += cost(spot)
    }
    groups.push(part)
  }
  return groups.map((each) => each.spots)
}

const cost = (spot: Spot) => spot.bytes + nodeBytes
const sum = (spots: readonly Spot[]) => spots.reduce((bytes, spot) => bytes + cost(spot), 0)

/** 1, 2, 4, 8, ... and `most` itself. */
export function powersOfTwo(most: number): number[] {
  const counts = [most]
  for (let count = 1; count < most; count *= 2) counts.push(count)
  return counts.sort((a, b) => a - b)
}
