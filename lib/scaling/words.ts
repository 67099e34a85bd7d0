// What the figures say, in words, for the terminal and the page alike.
import { idList, percent, range, threadsOf, times } from './format.js'
import { type Machine, type Point, type Report, sameBits, type TaskReport } from './report.js'

/** The fastest row but the baseline; undefined when there is none. */
export function bestPoint({ points }: TaskReport): Point | undefined {
  return points.slice(1).sort((a, b) => b.speedup.median - a.speedup.median)[0]
}

/** True when the measurement cannot tell the row from the baseline. */
export const noDifference = ({ speedup }: Point) => speedup.low <= 1 && speedup.high >= 1

/** What the fastest row gained over the baseline, or that it cannot be told. */
export function outcome(task: TaskReport): string {
  const base = task.points[0]
  if (base === undefined) return 'Nothing was measured.'
  const best = bestPoint(task)
  if (best === undefined) return `Measured with ${threadsOf(base.threads)} only.`
  const [fast, slow] = [threadsOf(best.threads), threadsOf(base.threads)]
  const { speedup } = best
  const interval = `95 % interval ${range(speedup, times)}`
  if (noDifference(best)) {
    const ratio = `ratio ${times(speedup.median)}, ${interval}`
    return `No difference between ${slow} and ${fast} can be told (${ratio}).`
  }
  if (speedup.high < 1) {
    const ratio = `${times(speedup.median)} times the speed`
    return `${capital(fast)} take longer than ${slow}: ${ratio} (${interval}).`
  }
  const efficient = `efficiency ${percent(best.efficiency)}`
  const gain = `${times(speedup.median)} times the speed of ${slow}`
  return `${capital(fast)}: ${gain} (${interval}), ${efficient}.`
}

/** What else a reader of the table must know. */
export function notes(task: TaskReport, machine: Machine): string[] {
  const list: string[] = []
  const same = sameBits(task)
  if (same === true) list.push('The result is the same to the last bit in every row.')
  if (same === false) list.push('The results are not the same to the last bit.')
  const batches = task.points.map(({ batch }) => batch)
  const most = Math.max(...batches)
  if (most > 1) {
    const least = Math.min(...batches)
    const count = least === most ? `${most}` : least === 1 ? `up to ${most}` : `${least} to ${most}`
    list.push(
      `One evaluation is too short to time: each run repeats it ${count} times and divides.`,
    )
  }
  const idle = Math.max(0, ...task.points.map(({ cpu }) => cpu.idle))
  if (idle > 0.05) {
    list.push(`Children that waited for their turn kept ${percent(idle)} of a CPU busy.`)
  }
  // Clock ticks are too coarse for less; and whoever finds a free CPU takes nothing away.
  const disturbed = task.points.filter(
    ({ threads, cpu }) => cpu.others > 0.25 && cpu.others + threads > machine.cpus,
  )
  if (disturbed.length > 0) {
    const most = Math.max(...disturbed.map(({ cpu }) => cpu.others))
    const used = `${most.toFixed(1)} CPUs`
    list.push(`Other programs kept up to ${used} busy meanwhile: a quiet machine would be faster.`)
  }
  return list
}

export function failureText({ threads, stage, message }: TaskReport['failures'][number]): string {
  return `${threadsOf(threads)} failed at the ${stage}: ${message}`
}

/** The machine as pairs of a name and a value; the page and the terminal show the same. */
export function machineFacts({ machine, settings }: Report): [string, string][] {
  const { openblas } = machine
  return [
    ['Processor', machine.cpu],
    ['CPUs', cpus(machine)],
    ['Memory', `${(machine.memoryBytes / 2 ** 30).toFixed(1)} GB`],
    ['System', machine.system],
    ['Node', machine.node],
    ['numcore', machine.numcore],
    ['OpenBLAS', `${openblas.version}, ${openblas.coreType} kernels, ${openblas.threadingLayer}`],
    ['Load before', machine.load.toFixed(2)],
    ['Runs', `${settings.repeats} a row, seed ${settings.seed}`],
    ['Variables', variables(machine)],
  ]
}

function cpus({ cpus, affinity, available, cgroupQuota }: Machine): string {
  const may = `${available} of ${cpus} available`
  const quota = cgroupQuota === null ? 'no quota' : `quota ${cgroupQuota}`
  return `${may}, affinity ${idList(affinity)}, ${quota}`
}

function variables({ variables }: Machine): string {
  const others = variables
    .filter(({ name }) => name !== 'OMP_NUM_THREADS')
    .map(({ name, value, hasSay }) => `${name}=${value}${hasSay ? '' : ' (no say)'}`)
  return ['OMP_NUM_THREADS set for each row', ...others].join(', ')
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
