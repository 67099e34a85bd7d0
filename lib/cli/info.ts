// `numcore info`: what numcore runs on, and which settings have a say.
import type { Command } from 'commander'
import { idList } from '../scaling/format.js'
import { type Info, info } from '../threads.js'

function lines(facts: Info): string[] {
  const { openblas, threads } = facts
  const quota = facts.cgroupQuota === null ? 'none' : `${facts.cgroupQuota} CPUs`
  const rows: [string, string][] = [
    ['numcore', facts.numcore],
    ['Node.js', `${facts.node} (${facts.platform})`],
    [
      'OpenBLAS',
      `${openblas.version}, kernels ${openblas.coreType} (chosen by ${openblas.coreTypeSource}), threads by ${openblas.threadingLayer}`,
    ],
    ['', openblas.config],
    ['OpenMP', facts.openmp],
    ['CPU', facts.cpuModel],
    [
      'CPUs',
      `${facts.cpus}, of which this process may use ${facts.affinity.length} (${idList(facts.affinity)})`,
    ],
    ['cgroup quota', quota],
    ['Threads', `${threads.count}, decided by ${threads.source}`],
    ...facts.variables.map((each): [string, string] => [
      each.name,
      `${each.value}  (${each.hasSay ? 'has a say: ' : ''}${each.note})`,
    ]),
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`)
}

export function register(program: Command): void {
  program
    .command('info')
    .description('versions, threads and what decided their number, CPUs, variables that have a say')
    .option('--json', 'one JSON document')
    .action((options: { json?: boolean }) => {
      const facts = info()
      console.log(options.json ? JSON.stringify(facts, null, 2) : lines(facts).join('\n'))
    })
}
