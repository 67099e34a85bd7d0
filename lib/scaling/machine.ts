// The header of every report: what one needs to know to measure the same again.
import { readdirSync, readFileSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { info } from '../threads.js'
import { EnergyMeter } from './energy.js'
import type { Machine } from './report.js'

export function machine(cycles: string): Machine {
  const facts = info()
  return {
    cpu: facts.cpuModel.trim(),
    cpus: facts.cpus,
    ...processor(),
    affinity: facts.affinity,
    cgroupQuota: facts.cgroupQuota,
    available: facts.available,
    memoryBytes: os.totalmem(),
    load: os.loadavg()[0] ?? 0,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: facts.node,
    numcore: facts.numcore,
    openblas: facts.openblas,
    variables: facts.variables,
    counters: { energy: new EnergyMeter().reason, cycles },
  }
}

/** What Linux tells of its processor under `root`; null for what it does not tell. */
export function processor(root = '/') {
  const text = (path: string): string | null => {
    try {
      return readFileSync(join(root, path), 'utf8').trim()
    } catch {
      return null
    }
  }
  const list = (path: string) => {
    try {
      return readdirSync(join(root, path))
    } catch {
      return []
    }
  }
  const cpuinfo = text('proc/cpuinfo') ?? ''
  const line = (name: string) => new RegExp(`^${name}\\s*:\\s*(.*)$`, 'm').exec(cpuinfo)?.[1]
  const cpu = 'sys/devices/system/cpu'
  const kilohertz = (path: string) => thousandth(text(`${cpu}/cpu0/cpufreq/${path}`))
  const siblings = text(`${cpu}/cpu0/topology/thread_siblings_list`)
  const perCore = siblings === null ? null : count(siblings)
  const online = text(`${cpu}/online`)
  const nodes = list('sys/devices/system/node').filter((name) => /^node\d+$/.test(name)).length
  const boost = text(`${cpu}/cpufreq/boost`) ?? inverted(text(`${cpu}/intel_pstate/no_turbo`))
  return {
    cores: perCore === null || online === null ? null : Math.round(count(online) / perCore),
    threadsPerCore: perCore,
    numaNodes: nodes > 0 ? nodes : null,
    megahertz: {
      base: kilohertz('base_frequency'),
      max: kilohertz('cpuinfo_max_freq'),
      now: kilohertz('scaling_cur_freq') ?? rounded(line('cpu MHz')),
    },
    governor: text(`${cpu}/cpu0/cpufreq/scaling_governor`),
    boost: boost === null ? null : boost === '1',
    caches: list(`${cpu}/cpu0/cache`)
      .filter((name) => /^index\d+$/.test(name))
      .sort()
      .flatMap((name) => {
        const [level, size, type] = ['level', 'size', 'type'].map((each) => text(`${cpu}/cpu0/cache/${name}/${each}`))
        if (level == null || size == null) return []
        return [`L${level}${type === 'Data' ? 'd' : type === 'Instruction' ? 'i' : ''} ${size}`]
      }),
    virtual: (line('flags') ?? '').split(' ').includes('hypervisor'),
  }
}

/** How many numbers there are in `0-3,8`. */
function count(list: string): number {
  return list.split(',').reduce((sum, each) => {
    const [from, to = from] = each.split('-').map(Number)
    return sum + (to as number) - (from as number) + 1
  }, 0)
}

const rounded = (text: string | undefined) => (text === undefined ? null : Math.round(Number(text)) || null)
const thousandth = (text: string | null) => (text === null ? null : Math.round(Number(text) / 1000) || null)
const inverted = (text: string | null) => (text === null ? null : text === '0' ? '1' : '0')

/** Bytes that several children may share without driving anybody else out of memory: half of these. */
export function freeBytes(): number {
  return Math.min(os.freemem(), process.availableMemory())
}

/**
 * Bytes above which one child is hopeless. Not `availableMemory()`: in a container that counts the
 * file cache, which the system gives back when asked.
 */
export function mostBytes(): number {
  const limit = process.constrainedMemory()
  return Math.min(os.freemem(), limit > 0 ? limit : Number.POSITIVE_INFINITY)
}
