// What the figures say, in words, for the terminal and the page alike.
import { idList, layoutOf, percent, range, times } from './format.js'
import type { Interval } from './statistics.js'
import { type Failure, type Machine, type Point, type Report, sameBits, type TaskReport } from './report.js'

/** The fastest row but the baseline; undefined when there is none. */
export function bestPoint({ points }: TaskReport): Point | undefined {
  return points.slice(1).sort((a, b) => b.speedup.median - a.speedup.median)[0]
}

/** True when the interval of a ratio holds 1: no difference can be told. */
export const same = ({ low, high }: Interval) => low <= 1 && high >= 1

/** True when the measurement cannot tell the row from the baseline. */
export const noDifference = ({ speedup }: Point) => same(speedup)

/** What the fastest row gained over the baseline, or that it cannot be told. */
export function outcome(task: TaskReport): string {
  const base = task.points[0]
  if (base === undefined) return 'Nothing was measured.'
  const best = bestPoint(task)
  if (best === undefined) return `Measured with ${layoutOf(base)} only.`
  const [fast, slow] = [layoutOf(best), layoutOf(base)]
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

export function failureText(failure: Failure): string {
  const { who, stage, message } = failure
  const name = who === 'numcore' ? layoutOf(failure) : `${who} with ${layoutOf(failure)}`
  return `${name} failed at the ${stage}: ${message}`
}

export const missingText = ({ name, reason }: TaskReport['missing'][number]) => `${name} was left out: it ${reason}`

/** What a reader must know of the whole run. */
export function reportNotes({ noise, warnings }: Report): string[] {
  const list: string[] = []
  const dropped = noise.dropped.filter(Boolean).length
  if (dropped > 0) {
    list.push(`${dropped} of ${noise.dropped.length} rounds were left out: the reference kernel was more than 3 MAD off.`)
  }
  if (Math.abs(noise.drift) > 0.03) {
    const what = noise.drift > 0 ? 'slower' : 'faster'
    list.push(`The machine became ${percent(Math.abs(noise.drift))} ${what} during the run, by the reference kernel.`)
  }
  if (noise.reasons.length > 0) list.push(`Too noisy to say anything: ${noise.reasons.join(', ')}.`)
  return [...list, ...warnings.map((text) => `Note: ${text}.`)]
}

/** The machine as pairs of a name and a value; the page and the terminal show the same. */
export function machineFacts({ machine, settings, noise }: Report): [string, string][] {
  const { openblas, counters } = machine
  return [
    ['Processor', machine.cpu + (machine.virtual ? ', a virtual machine' : '')],
    ['CPUs', cpus(machine)],
    ['Frequency', frequency(machine)],
    ['Caches', machine.caches.join(', ') || 'not told'],
    ['Memory', `${(machine.memoryBytes / 2 ** 30).toFixed(1)} GB${machine.numaNodes === null ? '' : `, ${counted(machine.numaNodes, 'NUMA node')}`}`],
    ['System', machine.system],
    ['Node', machine.node],
    ['numcore', machine.numcore],
    ['OpenBLAS', `${openblas.version}, ${openblas.coreType} kernels (chosen by ${openblas.coreTypeSource}), ${openblas.threadingLayer}`],
    ['Load before', machine.load.toFixed(2)],
    ['Energy', counters.energy || 'by RAPL'],
    ['Cycles', counters.cycles || 'by perf'],
    ['Runs', runs(settings)],
    ['Reference', reference(noise)],
    ['Variables', variables(machine)],
  ]
}

function cpus({ cpus, cores, threadsPerCore, affinity, available, cgroupQuota }: Machine): string {
  const may = `${available} of ${cpus} available`
  const smt = cores === null ? '' : `, ${counted(cores, 'core')}${threadsPerCore === 1 ? ' without SMT' : ` with ${threadsPerCore} CPUs each`}`
  const quota = cgroupQuota === null ? 'no quota' : `quota ${cgroupQuota}`
  return `${may}${smt}, affinity ${idList(affinity)}, ${quota}`
}

function frequency({ megahertz: { base, max, now }, governor, boost }: Machine): string {
  const parts = [
    now === null ? '' : `${now} MHz now`,
    base === null ? '' : `${base} MHz base`,
    max === null ? '' : `${max} MHz at most`,
    governor === null ? 'no governor told' : `governor ${governor}`,
    boost === null ? '' : `boost ${boost ? 'on' : 'off'}`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function runs({ repeats, precision, budget, seed, mode, scaling, mpi }: Report['settings']): string {
  const many = repeats === null ? `until known to ${percent(precision)}` : `${repeats} a row`
  const most = budget === null ? '' : `, at most ${budget} s`
  const how = mode === 'in-process' ? ', in one process a task' : mpi ? `, on ranks of ${mpi}` : ''
  return `${many}${most}, seed ${seed}, ${scaling} scaling${how}`
}

function reference({ reference, dropped, spread }: Report['noise']): string {
  if (reference.every((seconds) => seconds === 0)) return 'not measured'
  const left = dropped.filter(Boolean).length
  return `${counted(reference.length, 'round')}, ${left} left out, spread ${percent(spread)}`
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

function variables({ variables }: Machine): string {
  const others = variables
    .filter(({ name }) => name !== 'OMP_NUM_THREADS')
    .map(({ name, value, hasSay }) => `${name}=${value}${hasSay ? '' : ' (no say)'}`)
  return ['OMP_NUM_THREADS set for each row', ...others].join(', ')
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
