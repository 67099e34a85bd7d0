// From timed runs to the figures of a report.
import { fitAmdahl, fitGustafson, fitUsl, type Timing } from './fits.js'
import type { Fits, Peer, Point, Roof, Seconds, TaskReport } from './report.js'
import { roofSeconds } from './roofs/evaluate.js'
import type { Row } from './rows.js'
import {
  bootstrapMedian,
  bootstrapRatio,
  efficiency,
  karpFlatt,
  median,
  relativeWidth,
} from './statistics.js'

export interface Measured {
  roofs: readonly Roof[]
  /** Of each round, whether its runs are left out. */
  dropped: readonly boolean[]
  options: { seed: number; weak: boolean }
  /** CPUs. */
  available: number
}

/** Fills in baseline, points, fits and peers of `report` from its rows. */
export function evaluate(report: TaskReport, rows: readonly Row[], measured: Measured): void {
  const own = rows.filter(({ task, runs }) => task === report.task && runs.length > 0)
  const order = own.filter(({ role }) => role === 'task').sort((a, b) => a.threads - b.threads || (a.ranks ?? 0) - (b.ranks ?? 0))
  const base = order[0]
  if (base !== undefined) {
    report.baseline = base.threads
    report.points = order.map((row) => pointOf(row, base, measured))
    report.fits = fitsOf(order, measured)
  }
  report.peers = own
    .filter(({ role }) => role === 'peer')
    .map((row) => peerOf(row, order.find(({ threads }) => threads === row.threads), measured))
}

/** Of all rows with three runs or more: half the interval relative to the median. */
export function relativeWidths(tasks: readonly TaskReport[]): number[] {
  const points = tasks.flatMap((task) => task.points)
  return points.filter(({ seconds }) => seconds.runs.length >= 3).map(({ seconds }) => relativeWidth(seconds))
}

// A row all of whose rounds were off keeps them: a doubtful number is more than none, and the noise is told.
function kept({ runs }: Row, dropped: readonly boolean[]): number[] {
  const good = runs.filter(({ round }) => !dropped[round])
  return (good.length > 0 ? good : runs).map(({ seconds }) => seconds)
}

function secondsOf(runs: number[], seed: number): Seconds {
  return { ...bootstrapMedian(runs, { seed }), min: Math.min(...runs), runs }
}

function pointOf(row: Row, base: Row, { roofs, dropped, options }: Measured): Point {
  const { seed, weak } = options
  const { threads, ranks, batch, size, work, needs } = row
  const runs = kept(row, dropped)
  const seconds = secondsOf(runs, seed)
  const grown = work / base.work
  const faster = scaled(bootstrapRatio(kept(base, dropped), runs, { seed }), grown)
  // A row against itself is 1 by definition; resampling it twice would pretend that it is unsure.
  const speedup = row === base ? { median: 1, low: 1, high: 1 } : faster
  const times = threads / base.threads
  const rate = work / seconds.median
  const limit = roofSeconds(needs, roofs, threads)
  const roof = row.roof ?? (limit === undefined ? null : work / limit.seconds)
  return {
    threads,
    ranks,
    size,
    seconds,
    speedup,
    efficiency: efficiency(speedup.median, times),
    karpFlatt: row === base || weak || ranks !== null ? null : karpFlatt(speedup.median, times),
    rate,
    roof,
    ofRoof: roof === null ? null : rate / roof,
    roofName: row.roof === undefined ? (limit?.name ?? null) : 'own',
    intensity: needs?.flops !== undefined && needs.bytes !== undefined ? needs.flops / needs.bytes : null,
    flops: needs?.flops ?? null,
    batch,
    dropped: row.runs.length - runs.length,
    cpu: {
      busy: row.busy.length > 0 ? median(row.busy) : 0,
      idle: part(row.idle),
      others: part(row.others),
    },
    bits: row.bits.size === 0 ? null : row.bits.size === 1 ? ([...row.bits][0] as string) : 'varies',
    error: row.error ?? null,
    joules: row.joules.length > 0 ? median(row.joules) : null,
    cycles: row.cycles ?? null,
  }
}

function fitsOf(rows: readonly Row[], { dropped, available, options: { weak, seed } }: Measured): Fits {
  const base = rows[0] as Row
  // The models know of threads, not of how many ranks share them.
  if (base.ranks !== null) return { amdahl: null, usl: null, gustafson: null }
  const timings = rows.map(
    (row): Timing => ({ threads: row.threads, seconds: kept(row, dropped), work: row.work / base.work }),
  )
  // Amdahl and Gustafson know nothing of threads that share a CPU; for the scalability law that is contention.
  const within = timings.filter(({ threads }) => threads <= available)
  const enough = within.length >= 2
  return {
    amdahl: enough && !weak ? fitAmdahl(within, { seed }) : null,
    usl: timings.length >= 4 ? fitUsl(timings, { seed }) : null,
    gustafson: enough && weak ? fitGustafson(within, { seed }) : null,
  }
}

function peerOf(row: Row, ours: Row | undefined, { dropped, options: { seed } }: Measured): Peer {
  const { who, version, blas, reported, threads } = row
  const runs = kept(row, dropped)
  return {
    name: who,
    version,
    blas,
    reportedThreads: reported,
    threads,
    seconds: secondsOf(runs, seed),
    ratio: ours === undefined ? null : bootstrapRatio(runs, kept(ours, dropped), { seed }),
  }
}

const scaled = ({ median, low, high }: { median: number; low: number; high: number }, by: number) => ({
  median: median * by,
  low: low * by,
  high: high * by,
})

const part = ({ cpu, seconds }: { cpu: number; seconds: number }) =>
  seconds > 0 ? cpu / seconds : 0
