// The machine as the harness sees it: noise, energy, cycles, header.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { sampleReport } from './fixtures/report.js'
import { internal } from './internal.js'

describe('scaling: the machine', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-machine-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const file = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }

  it('a round more than 3 MAD off is dropped, in either direction; one that is not stays', async () => {
    const { offRounds } = await internal('noise')
    // Median 101, distances 1 1 3 3 5 7 21 39: MAD 4, times 1.4826 times 3 are 17.8.
    const reference = [96, 98, 100, 102, 104, 108, 140, 80]
    const dropped = offRounds(reference)
    assert.deepEqual(
      reference.filter((_, i) => dropped[i]),
      [140, 80],
    )
  })

  it('a quiet machine drops no round for a thousandth, fewer than five rounds none at all', async () => {
    const { offRounds } = await internal('noise')
    assert.deepEqual(offRounds([1, 1, 1, 1, 1.019]), [false, false, false, false, false])
    assert.deepEqual(offRounds([1, 1, 1, 1, 1.021]), [false, false, false, false, true])
    assert.deepEqual(offRounds([1, 1, 1, 9]), [false, false, false, false])
    // 0 was not measured.
    assert.deepEqual(offRounds([1, 1, 0, 1, 1, 1]), Array(6).fill(false))
    assert.deepEqual(offRounds([]), [])
  })

  it('too noisy: a reference that wanders, too many rounds dropped, no row known', async () => {
    const { judge } = await internal('noise')
    assert.deepEqual(judge([1, 1, 1, 1, 1], [0.01]).reasons, [])
    assert.match(judge([1, 1.5, 0.7, 1.4, 0.8, 1.2], [0.01]).reasons.join(), /varies by \d\d %/)
    const lost = judge([1, 1, 1, 1, 1, 1, 2, 2, 2, 2], [0.01])
    assert.match(lost.reasons.join(), /40 % of the rounds had to be dropped/)
    assert.match(judge([1, 1, 1, 1, 1], [0.3, 0.4]).reasons.join(), /no row is known better than to 30 %/)
    assert.deepEqual(judge([1, 1, 1, 1, 1], [0.3, 0.1]).reasons, [])
    // Nothing was measured: nothing is claimed of the machine.
    assert.deepEqual(judge([], []), { reference: [], dropped: [], spread: 0, drift: 0, reasons: [] })
    assert.deepEqual(judge([0, 0, 0, 0, 0], []).reasons, [])
  })

  it('drift: the last third against the first', async () => {
    const { judge } = await internal('noise')
    assert.ok(Math.abs(judge([1, 1, 1, 1.05, 1.05, 1.05, 1.1, 1.1, 1.1], []).drift - 0.1) < 1e-12)
  })

  it('energy: the packages are summed, parts of them are not, and a counter may start again', async () => {
    const { EnergyMeter } = await internal('energy')
    const zone = (name: string, kind: string, energy: number) => {
      file(`${name}/name`, `${kind}\n`)
      file(`${name}/energy_uj`, `${energy}\n`)
      file(`${name}/max_energy_range_uj`, '10000000\n')
    }
    zone('intel-rapl:0', 'package-0', 1_000_000)
    zone('intel-rapl:0:0', 'core', 5)
    zone('intel-rapl:1', 'package-1', 9_500_000)
    zone('intel-rapl:2', 'psys', 77)
    const meter = new EnergyMeter(folder)
    assert.equal(meter.reason, '')
    const before = meter.now()
    zone('intel-rapl:0', 'package-0', 3_000_000)
    zone('intel-rapl:1', 'package-1', 500_000)
    assert.equal(meter.since(before), 2 + 1)
    assert.equal(new EnergyMeter(join(folder, 'nowhere')).reason, 'no RAPL here')
    assert.deepEqual(new EnergyMeter(join(folder, 'nowhere')).now(), [])
  })

  it('cycles: what perf says is read; what it does not count is not made up', async () => {
    const { parseCycles } = await internal('cycles')
    const text = '# started\n123456,,cycles:u,1000,100.00,,\n654321,,instructions:u,1000,100.00,5.3,insn per cycle\n'
    assert.deepEqual(parseCycles(text), { cycles: 123456, instructions: 654321 })
    assert.equal(parseCycles('<not supported>,,cycles,0,100.00,,\n5,,instructions,1,2,,\n'), undefined)
    assert.equal(parseCycles(''), undefined)
  })

  it('cycles: perf is told when to count and is ended; a perf that says nothing is no cycles', async () => {
    const { countCycles, whyNoCycles } = await internal('cycles')
    const path = process.env.PATH
    const log = join(folder, 'log')
    const perf = (body: string) => {
      file('bin/perf', `#!/bin/sh\n${body}`)
      chmodSync(join(folder, 'bin/perf'), 0o755)
    }
    const target = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])
    try {
      process.env.PATH = `${join(folder, 'bin')}:${path}`
      // Like the real one: acknowledges each order, and tells its counts when it is interrupted.
      perf(
        `trap 'echo "11,,cycles,1,100,," >&2; echo "22,,instructions,1,100,," >&2; exit 0' INT
         echo "$@" >> ${log}
         while read -r order <&3; do echo "$order" >> ${log}; echo ack >&4; done
         while true; do sleep 0.05; done`,
      )
      let worked = 0
      const counted = await countCycles(target.pid as number, async () => {
        worked += 1
      })
      assert.deepEqual([counted, worked], [{ cycles: 11, instructions: 22 }, 1])
      perf('echo "<not supported>,,cycles,0,100.00,," >&2')
      assert.match(whyNoCycles(), /not to be had/)
      perf('echo "Access denied" >&2; exit 255')
      assert.match(whyNoCycles(), /not allowed/)
      assert.equal(await countCycles(target.pid as number, async () => {}), undefined)
      perf('echo "5,,cycles,1,100,," >&2; echo "7,,instructions,1,100,," >&2')
      assert.equal(whyNoCycles(), '')
      process.env.PATH = join(folder, 'empty')
      assert.match(whyNoCycles(), /not installed/)
    } finally {
      process.env.PATH = path
      target.kill('SIGKILL')
    }
  })

  it('header: what Linux tells of its processor, and null for what it does not', async () => {
    const { processor } = await internal('machine')
    const cpu = 'sys/devices/system/cpu'
    file('proc/cpuinfo', 'model name\t: Thing\ncpu MHz\t\t: 2599.98\nflags\t\t: fpu hypervisor sse\n')
    file(`${cpu}/online`, '0-7\n')
    file(`${cpu}/cpu0/topology/thread_siblings_list`, '0,4\n')
    file(`${cpu}/cpu0/cpufreq/scaling_governor`, 'performance\n')
    file(`${cpu}/cpu0/cpufreq/base_frequency`, '2400000\n')
    file(`${cpu}/cpu0/cpufreq/cpuinfo_max_freq`, '3600000\n')
    file(`${cpu}/intel_pstate/no_turbo`, '1\n')
    for (const [index, level, type, size] of [
      [0, 1, 'Data', '48K'],
      [1, 2, 'Unified', '1024K'],
    ] as const) {
      const cache = `${cpu}/cpu0/cache/index${index}`
      file(`${cache}/level`, `${level}\n`)
      file(`${cache}/type`, `${type}\n`)
      file(`${cache}/size`, `${size}\n`)
    }
    file('sys/devices/system/node/node0/x', '')
    file('sys/devices/system/node/node1/x', '')
    assert.deepEqual(processor(folder), {
      cores: 4,
      threadsPerCore: 2,
      numaNodes: 2,
      megahertz: { base: 2400, max: 3600, now: 2600 },
      governor: 'performance',
      boost: false,
      caches: ['L1d 48K', 'L2 1024K'],
      virtual: true,
    })
    assert.deepEqual(processor(join(folder, 'nowhere')), {
      cores: null,
      threadsPerCore: null,
      numaNodes: null,
      megahertz: { base: null, max: null, now: null },
      governor: null,
      boost: null,
      caches: [],
      virtual: false,
    })
  })

  it('verdict: what limits it, from what was measured', async () => {
    const { verdict } = await internal('verdict')
    const said = (change: (report: ReturnType<typeof sampleReport>) => void) => {
      const report = sampleReport()
      change(report)
      const [task] = report.tasks
      assert.ok(task)
      return verdict(task, report).join(' ')
    }
    const last = (report: ReturnType<typeof sampleReport>) => {
      const point = report.tasks[0]?.points[2]
      assert.ok(point)
      return point
    }
    assert.match(said(() => {}), /^4 threads: 2\.50 times the speed.*busy but slower together/)
    assert.match(said(() => {}), /By Amdahl’s law a part of 0\.210 \(95 % 0\.180–0\.250\) is serial/)
    assert.match(said((r) => Object.assign(last(r).cpu, { busy: 2 })), /Limiting: waiting.*sleep 50 %/)
    assert.match(said((r) => Object.assign(last(r).cpu, { others: 2 })), /Limiting: other programs/)
    assert.match(said((r) => Object.assign(last(r), { ofRoof: 0.9 })), /Limiting: the rate of OpenBLAS’s matrix products, of which it reaches 90 %/)
    assert.match(said((r) => Object.assign(last(r), { ofRoof: 1.2 })), /faster than the rate of OpenBLAS/)
    assert.match(said((r) => Object.assign(last(r), { efficiency: 0.95 })), /Nothing in the threads limits it/)
    // The roof of four threads is only twice that of one: no program could do better.
    assert.match(said((r) => Object.assign(last(r), { roof: 80 })), /Limiting: the machine.*only 2\.00 times/)
    const grows = said((r) => Object.assign(last(r), { karpFlatt: 0.4 }))
    assert.match(grows, /from 0\.250 to 0\.400: the cost of each further thread grows/)
    assert.match(said((r) => Object.assign(last(r), { karpFlatt: 0.26 })), /a serial part limits it/)
    // Two CPUs: four threads are a loss, and are told as one.
    const loss = said((r) => {
      r.machine.available = 2
      last(r).speedup = { median: 1.2, low: 1.1, high: 1.3 }
    })
    assert.match(loss, /4 threads on 2 CPUs take 1\.33 times as long as 2 threads/)
    const noisy = said((r) => r.noise.reasons.push('the reference kernel varies by 40 %'))
    assert.match(noisy, /too noisy to say more: the reference kernel varies by 40 %/)
    assert.doesNotMatch(noisy, /Amdahl/)
    const sure = { sigma: { median: 0.1, low: 0.1, high: 0.1 }, kappa: { median: 0.1, low: 0.1, high: 0.1 } }
    const usl = (low: number, high: number) => ({ ...sure, bestThreads: { median: 3, low, high }, bestSpeedup: 2, error: 0 })
    assert.match(said((r) => Object.assign(r.tasks[0]?.fits ?? {}, { usl: usl(2, 4) })), /3 threads are fastest \(95 % 2 to 4\)/)
    // An interval from 2 to 40 is not told.
    assert.doesNotMatch(said((r) => Object.assign(r.tasks[0]?.fits ?? {}, { usl: usl(2, 40) })), /fastest/)
  })
})
