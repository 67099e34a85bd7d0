// A row: one implementation of one task with one thread count, while it is measured.
import { launchNode, launchRanks, type Launch, type Probe } from './probe.js'
import type { PeerInput } from './messages.js'
import { nodeBytes, type Spot } from './plan.js'
import type { RoofName } from './report.js'
import type { TaskModule } from './tasks/index.js'
import type { Needs, Setting, TaskOptions } from './tasks/task.js'

export type Role = 'task' | 'peer' | 'roof' | 'reference'

export interface Row extends Spot {
  role: Role
  /** `numcore`, the peer's name, or the roof's. */
  who: string
  /** MPI ranks that share the threads; null: one process without MPI. */
  ranks: number | null
  /** Rows of the same process have the same key. */
  process: string
  launch: Launch
  module: string
  setting: Setting
  input: PeerInput
  probe?: Probe
  batch: number
  size: number
  work: number
  unit?: string | undefined
  needs?: Needs | undefined
  roof?: number | undefined
  version: string
  blas: string
  reported: number | null
  /** Seconds of one evaluation, and in which round. */
  runs: { round: number; seconds: number }[]
  bits: Set<string>
  busy: number[]
  joules: number[]
  others: { cpu: number; seconds: number }
  idle: { cpu: number; seconds: number }
  error?: { name: string; value: number } | undefined
  cycles?: { cycles: number; instructions: number } | undefined
  /** Wall-clock seconds that the last run took with all that belongs to it: what the next will take. */
  lasts: number
  failed: boolean
}

/** So many threads, of one process or of the ranks of a job. */
export interface Layout {
  threads: number
  ranks: number | null
}

export interface Plan {
  /** The smallest first. */
  layouts: readonly Layout[]
  task: TaskOptions
  inProcess: boolean
  weak: boolean
}

export function taskRow(given: TaskModule, layout: Layout, plan: Plan): Row {
  const { task, module, command } = given
  const { threads, ranks } = layout
  const [least] = plan.layouts as [Layout]
  const grow = plan.weak ? threads / least.threads : 1
  if (ranks !== null) return ranksRow(given, { threads, ranks }, grow, plan)
  return {
    ...blank(task.name, 'numcore', 'task', threads),
    bytes: task.bytes(plan.task, grow),
    process: plan.inProcess ? task.name : `${task.name} ${threads}`,
    launch: launchNode(plan.inProcess ? undefined : threads, command !== undefined),
    module,
    setting: { ...plan.task, threads, grow, ...(command !== undefined && { command }) },
  }
}

function ranksRow(
  { task, onRanks = '', module, command }: TaskModule,
  { threads, ranks }: { threads: number; ranks: number },
  grow: number,
  plan: Plan,
): Row {
  const each = threads / ranks
  const [least] = plan.layouts as [Layout]
  const inRanks = { count: ranks, threads: each, grow: plan.weak ? (grow * (least.ranks ?? 1)) / ranks : 1 }
  const isCommand = command !== undefined
  return {
    ...blank(task.name, 'numcore', 'task', threads),
    ranks,
    bytes: ranks * (task.bytes(plan.task, grow) + nodeBytes),
    process: `${task.name} ${ranks} ${threads}`,
    // A command is started anew for each run, by a child that is no rank.
    launch: isCommand ? launchNode(threads, true) : launchRanks(ranks, each),
    module: isCommand ? module : onRanks,
    setting: { ...plan.task, threads, ranks: inRanks, grow, ...(isCommand && { command }) },
  }
}

/** A row of our own machinery: a roof, or the reference kernel. */
export function innerRow(role: 'roof' | 'reference', { task, module }: TaskModule, threads: number): Row {
  return {
    ...blank(`(${task.name})`, task.name, role, threads),
    bytes: task.bytes({}, 1),
    launch: launchNode(threads),
    module,
  }
}

export function peerRow(
  peer: { name: string; launch: Launch; bytes: number; input: PeerInput },
  task: string,
  threads: number,
  plan: Plan,
): Row {
  const { name, launch, bytes, input } = peer
  return {
    ...blank(task, name, 'peer', threads),
    ...{ bytes, launch, input },
    setting: { ...plan.task, threads, grow: 1 },
  }
}

function blank(task: string, who: string, role: Role, threads: number): Row {
  return {
    ...{ task, who, role, threads },
    ranks: null,
    bytes: 0,
    process: `${task} ${who} ${threads}`,
    launch: launchNode(threads),
    module: '',
    setting: { threads, grow: 1 },
    input: {},
    batch: 1,
    size: 0,
    work: 0,
    version: '',
    blas: '',
    reported: null,
    runs: [],
    bits: new Set(),
    busy: [],
    joules: [],
    others: { cpu: 0, seconds: 0 },
    idle: { cpu: 0, seconds: 0 },
    lasts: 0,
    failed: false,
  }
}

/** Which of the machine's rates the rows that were set up ask for. */
export function roofsNeeded(rows: readonly Row[]): RoofName[] {
  const names: RoofName[] = ['flops', 'bytes', 'roots']
  return names.filter((name) => rows.some(({ needs }) => needs?.[name] !== undefined))
}
