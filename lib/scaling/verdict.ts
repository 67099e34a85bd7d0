// What limits a computation, in words, from what was measured of it and of the machine.
import { fraction, layoutOf, percent, range, threadsOf, times } from './format.js'
import type { Point, Report, RoofName, TaskReport } from './report.js'
import type { Interval } from './statistics.js'
import { outcome } from './words.js'

const roofWords: Record<RoofName | 'own', string> = {
  flops: 'the rate of OpenBLAS’s matrix products',
  bytes: 'the rate of memory',
  roots: 'the rate of square roots',
  own: 'the roof that the task brought',
}

/** What came out, what limits it, and what the models make of it. One sentence each. */
export function verdict(task: TaskReport, { noise, machine }: Pick<Report, 'noise' | 'machine'>): string[] {
  const base = task.points[0]
  if (base === undefined) return [outcome(task)]
  if (noise.reasons.length > 0) {
    return [outcome(task), `The machine was too noisy to say more: ${noise.reasons.join(', ')}.`]
  }
  // More threads than CPUs are a question of their own.
  const within = task.points.filter(({ threads }) => threads <= machine.available)
  const top = within.at(-1) ?? base
  const more = task.points.filter(({ threads }) => threads > machine.available)
  return [
    outcome(task),
    ...limit(base, top),
    ...shared(within),
    ...trend(within),
    ...models(task, machine.available),
    ...more.map((point) => loss(top, point, machine.available)),
  ]
}

function limit(base: Point, top: Point): string[] {
  const many = top.threads / base.threads
  const roof = roofSentence(top)
  // Kernels of our own may be faster than those that OpenBLAS was told to take.
  if (top.ofRoof !== null && top.ofRoof > 1.02) {
    return [`It is faster than ${roofWords[top.roofName ?? 'own']}, which it reaches to ${percent(top.ofRoof)}.`]
  }
  if (top.ofRoof !== null && top.ofRoof >= 0.8) {
    return [`Limiting: ${roofWords[top.roofName ?? 'own']}, of which it reaches ${percent(top.ofRoof)}.`]
  }
  if (top === base) return roof
  if (top.efficiency >= 0.9) {
    return [`Nothing in the threads limits it: what is left to gain is in the computation itself.`, ...roof]
  }
  const gained = top.roof !== null && base.roof !== null ? top.roof / base.roof : null
  // The machine's own rate grows no better than the task: no program could.
  if (gained !== null && gained / many <= top.efficiency + 0.05 && gained / many < 0.9) {
    const what = roofWords[top.roofName ?? 'own']
    return [`Limiting: the machine. On ${layoutOf(top)} ${what} itself is only ${times(gained)} times that on ${layoutOf(base)}.`, ...roof]
  }
  if (top.cpu.others > 0.25) {
    return [`Limiting: other programs, which used ${top.cpu.others.toFixed(1)} CPUs meanwhile.`, ...roof]
  }
  const busy = top.cpu.busy / top.threads
  if (busy < 0.85) {
    const idle = percent(1 - busy)
    return [`Limiting: waiting. The threads sleep ${idle} of the time, in serial parts or for each other.`, ...roof]
  }
  return [`Limiting: the threads are busy but slower together: shared memory, caches or cores, or spinning while they wait.`, ...roof]
}

const roofSentence = (point: Point): string[] => {
  const { ofRoof, roofName } = point
  return ofRoof === null
    ? []
    : [`With ${layoutOf(point)} it reaches ${percent(ofRoof)} of ${roofWords[roofName ?? 'own']}.`]
}

// Karp and Flatt's test: a serial fraction that stays is a serial part, one that grows is overhead.
function trend(points: readonly Point[]): string[] {
  const fractions = points.flatMap(({ karpFlatt }) => (karpFlatt === null ? [] : [karpFlatt]))
  const [first, last] = [fractions[0], fractions.at(-1)]
  if (first === undefined || last === undefined || fractions.length < 2) return []
  const said = `The serial fraction goes from ${fraction(first)} to ${fraction(last)}`
  if (last - first > Math.max(0.01, 0.25 * Math.abs(first))) {
    return [`${said}: the cost of each further thread grows.`]
  }
  return last > 0.01 && Math.abs(last - first) <= 0.25 * Math.abs(first) ? [`${said}: a serial part limits it.`] : []
}

// Of the most threads: whether it matters how many ranks share them.
function shared(points: readonly Point[]): string[] {
  const most = points.at(-1)?.threads
  const layouts = points.filter(({ threads, ranks }) => threads === most && (ranks ?? null) !== null)
  const [best, ...others] = layouts.sort((a, b) => b.speedup.median - a.speedup.median)
  if (best === undefined || others.length === 0) return []
  const next = others[0] as Point
  if (next.speedup.high >= best.speedup.low) {
    return [`No difference between ${layoutOf(best)} and ${layoutOf(next)} can be told.`]
  }
  const ratio = best.speedup.median / next.speedup.median
  return [`Of ${threadsOf(best.threads)}, ${layoutOf(best)} are fastest: ${times(ratio)} times the speed of ${layoutOf(next)}.`]
}

// A model is told of only where the data say something of its parameters.
function models({ fits: { amdahl, usl, gustafson }, points }: TaskReport, available: number): string[] {
  const said: string[] = []
  const known = ({ low, high }: Interval) => high - low <= 0.3
  const part = (f: Interval) => `${fraction(f.median)} (95 % ${range(f, fraction)})`
  if (amdahl !== null && amdahl.maxSpeedup !== null && known(amdahl.serialFraction) && amdahl.serialFraction.low > 0 && amdahl.maxSpeedup > 1.01) {
    said.push(
      `By Amdahl’s law a part of ${part(amdahl.serialFraction)} is serial, and no number of threads is more than ${times(amdahl.maxSpeedup)} times as fast.`,
    )
  }
  if (gustafson !== null && known(gustafson.serialFraction)) {
    said.push(`By Gustafson’s law a part of ${part(gustafson.serialFraction)} of the time does not grow with the work.`)
  }
  if (usl === null) return said
  const { median, low, high } = usl.bestThreads
  if (median === null) {
    said.push('The universal scalability law sees no thread count beyond which more are slower.')
  } else if (low !== null && high !== null && high <= 4 * low) {
    const far = median > 4 * Math.max(available, ...points.map(({ threads }) => threads))
    const doubt = far ? ', far beyond what was measured' : ''
    const best = threadsOf(Math.max(1, Math.round(median)))
    said.push(`By the universal scalability law ${best} are fastest (95 % ${low.toFixed(0)} to ${high.toFixed(0)})${doubt}.`)
  }
  return said
}

function loss(top: Point, more: Point, available: number): string {
  const what = `${layoutOf(more)} on ${available} ${available === 1 ? 'CPU' : 'CPUs'}`
  const apart = more.speedup.high < top.speedup.low || more.speedup.low > top.speedup.high
  if (!apart || more === top) return `${what}: no difference from ${layoutOf(top)} can be told.`
  const ratio = top.speedup.median / more.speedup.median
  return ratio > 1
    ? `${what} take ${times(ratio)} times as long as ${layoutOf(top)}.`
    : `${what} are ${times(1 / ratio)} times as fast as ${layoutOf(top)}.`
}
