// Two reports of the same machine, or of two: what got faster, slower, or stayed, point by point.
import { InvalidArgumentError } from '../errors.js'
import { layoutOf, percent, range, significant, times } from './format.js'
import { type Point, type Report, schema } from './report.js'
import { bootstrapRatio, type Interval } from './statistics.js'
import { same } from './words.js'

/** One point of both reports, or of one of them. */
export interface ComparedPoint {
  task: string
  size: number
  threads: number
  /** MPI ranks that share the threads; null: one process without MPI. */
  ranks: number | null
  /** Seconds: medians with their 95 % intervals. */
  old: Interval | null
  new: Interval | null
  /** Old time over new: above 1, it got faster. */
  ratio: Interval | null
  /** `same` when the interval of the ratio holds 1. */
  change: 'faster' | 'slower' | 'same' | 'only old' | 'only new'
  /** Whether the result has the same bits; null where either has none. */
  sameBits: boolean | null
}

/** What {@link compare} gives. */
export interface Comparison {
  schema: 'numcore-scaling-compare/1'
  /** When each was measured. */
  old: string
  new: string
  /** Old time over new of the reference kernel: how much faster the machine itself was; null: not known. */
  machine: Interval | null
  /** What differs between the two machines and settings, as sentences. */
  differences: string[]
  points: ComparedPoint[]
}

/**
 * Compares two reports point by point: same task, size and thread count. A change counts only when the 95 % bootstrap
 * interval of the ratio of the medians does not hold 1. Runs of one report share one moment of the machine, so look
 * at `machine` too: it tells how much faster the reference kernel, which never changes, was.
 *
 * @throws InvalidArgumentError when either is no report of schema `numcore-scaling/1`.
 *
 * @example
 * ```ts
 * import { compare, measure } from 'numcore/scaling'
 * const report = await measure({ tasks: ['integral'], bins: 1e5, repeats: 3, threads: [1], roofs: false })
 * console.log(compare(report, report).points[0].change) // same
 * ```
 */
export function compare(before: Report, after: Report): Comparison {
  for (const [name, report] of [['the old report', before], ['the new report', after]] as const) {
    if (report?.schema !== schema || !Array.isArray(report.tasks)) {
      const found = JSON.stringify(report?.schema) ?? 'none'
      throw new InvalidArgumentError(`Expected schema "${schema}" for ${name} but received ${found} of type ${typeof report?.schema}`)
    }
  }
  const [old, now] = [placed(before), placed(after)]
  const keys = [...new Set([...old.keys(), ...now.keys()])]
  return {
    schema: 'numcore-scaling-compare/1',
    old: before.started,
    new: after.started,
    machine: machineRatio(before, after),
    differences: differences(before, after),
    points: keys.map((key) => pointOf(old.get(key), now.get(key))),
  }
}

interface Placed {
  task: string
  point: Point
}

function placed(report: Report): Map<string, Placed> {
  const all = report.tasks.flatMap(({ task, points }) => points.map((point) => ({ task, point })))
  return new Map(all.map((each) => [`${each.task} ${each.point.size} ${layoutOf(each.point)}`, each]))
}

function pointOf(old: Placed | undefined, now: Placed | undefined): ComparedPoint {
  const { task, point } = (now ?? old) as Placed
  const interval = (each: Placed | undefined) => {
    if (each === undefined) return null
    const { median, low, high } = each.point.seconds
    return { median, low, high }
  }
  const ratio = old && now ? bootstrapRatio(old.point.seconds.runs, now.point.seconds.runs) : null
  const change =
    ratio === null ? (old ? 'only old' : 'only new') : same(ratio) ? 'same' : ratio.median > 1 ? 'faster' : 'slower'
  const [a, b] = [old?.point.bits ?? null, now?.point.bits ?? null]
  return {
    ...{ task, size: point.size, threads: point.threads, ranks: point.ranks ?? null },
    ...{ old: interval(old), new: interval(now), ratio, change },
    sameBits: a === null || b === null ? null : a === b,
  }
}

function machineRatio({ noise: before }: Report, { noise: after }: Report): Interval | null {
  // Reports of the first harness have no reference kernel.
  const times = [before, after].map((noise) => (noise?.reference ?? []).filter((seconds) => seconds > 0))
  const [old = [], now = []] = times
  return old.length > 0 && now.length > 0 ? bootstrapRatio(old, now) : null
}

function differences(before: Report, after: Report): string[] {
  const tell = (name: string, of: (report: Report) => unknown) => {
    const [a, b] = [of(before), of(after)].map((each) => (typeof each === 'string' ? each : JSON.stringify(each)))
    return a === b ? [] : [`${name}: ${a ?? 'not told'}, then ${b ?? 'not told'}`]
  }
  return [
    ...tell('processor', ({ machine }) => machine.cpu),
    ...tell('CPUs available', ({ machine }) => machine.available),
    ...tell('governor', ({ machine }) => machine.governor),
    ...tell('system', ({ machine }) => machine.system),
    ...tell('Node', ({ machine }) => machine.node),
    ...tell('numcore', ({ machine }) => machine.numcore),
    ...tell('OpenBLAS', ({ machine: { openblas } }) => `${openblas.version} ${openblas.coreType}`),
    ...tell('mode', ({ settings }) => settings.mode),
    ...tell('scaling', ({ settings }) => settings.scaling),
    ...tell('variables', ({ machine }) =>
      machine.variables
        .filter(({ hasSay, name }) => hasSay && name !== 'OMP_NUM_THREADS')
        .map(({ name, value }) => `${name}=${value}`)
        .join(' '),
    ),
  ]
}

/** A comparison as text: one line a point, then what else differs. */
export function renderComparison({ points, machine, differences: notes, old, new: now }: Comparison): string {
  const head = ['task', 'threads', 'old s', 'new s', 'old / new', '95 %', '']
  const rows = points.map((point) => [
    point.task,
    point.ranks === null ? String(point.threads) : layoutOf(point),
    ...[point.old, point.new].map((each) => (each === null ? '–' : significant(each.median))),
    point.ratio === null ? '–' : times(point.ratio.median),
    point.ratio === null ? '–' : range(point.ratio, times),
    words(point),
  ])
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => (row[i] as string).length)))
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, i) => (i === 0 || i === 6 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number)))
      .join('  ')
      .trimEnd(),
  )
  const changed = (what: ComparedPoint['change']) => points.filter(({ change }) => change === what).length
  const sums = `${changed('faster')} faster, ${changed('slower')} slower, ${changed('same')} as before`
  return `${[
    `Old: ${old}; new: ${now}.`,
    '',
    ...lines,
    '',
    `${sums}.`,
    ...(machine === null ? [] : [machineWords(machine)]),
    ...points.filter(({ sameBits }) => sameBits === false).map((point) => `The result of ${point.task} with ${layoutOf(point)} has other bits.`),
    ...notes.map((text) => `Different ${text}.`),
  ].join('\n')}\n`
}

function words({ change, ratio }: ComparedPoint): string {
  if (ratio === null) return change
  if (change === 'same') return 'no difference'
  return `${change} by ${percent(Math.abs(change === 'faster' ? 1 - 1 / ratio.median : 1 / ratio.median - 1))}`
}

function machineWords(ratio: Interval): string {
  if (same(ratio)) return 'The machine itself was as fast: no difference in the reference kernel.'
  const what = ratio.median > 1 ? 'faster' : 'slower'
  const by = ratio.median > 1 ? ratio.median : 1 / ratio.median
  return `The machine itself was ${times(by)} times as ${what === 'faster' ? 'fast' : 'slow'} (reference kernel): so much of each change is not the program’s.`
}
