import assert from 'node:assert/strict'
import { measure } from 'numcore/scaling'
import { assertFails } from '../support/assertions.js'
import { internal } from './internal.js'

const tiny = {
  tasks: ['integral'],
  bins: 1000,
  threads: [1, 2],
  repeats: 2,
  shortest: 1e-3,
  roofs: false,
  // Some machines have one CPU only.
  oversubscribe: true,
  onWarning: () => {},
}

describe('scaling measure', () => {
  it('gives the report; rows by rising threads, each thread count once', async () => {
    const report = await measure({ ...tiny, threads: [2, 1, 2] })
    const [task] = report.tasks
    assert.equal(task?.task, 'integral')
    assert.equal(task.size, 1000)
    assert.deepEqual(
      task.points.map(({ threads, seconds }) => [threads, seconds.runs.length]),
      [
        [1, 2],
        [2, 2],
      ],
    )
    assert.equal(task.points[0]?.speedup.median, 1)
    assert.equal(task.points[0]?.karpFlatt, null)
    assert.deepEqual(report.settings, {
      ...{ threads: [1, 2], ranks: null, mpi: null, mode: 'process', scaling: 'strong' },
      ...{ repeats: 2, precision: 0.01, budget: null, seed: 1 },
    })
    assert.equal(new Date(report.started).toISOString(), report.started)
    // Plain data: what JSON keeps is all there is.
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report)
  })

  it('says how far it is, never backwards, up to the last step', async () => {
    const told: [number, string][] = []
    await measure({ ...tiny, onProgress: (fraction, note) => told.push([fraction, note]) })
    assert.ok(told.length >= 2 * (2 + 2))
    told.forEach(([fraction], i) => {
      assert.ok(fraction >= (told[i - 1]?.[0] ?? 0) && fraction <= 1)
    })
    assert.equal(told[0]?.[1], 'integral, 1 thread, set-up')
    assert.match(told.at(-1)?.[1] ?? '', /run 2 of 2$/)
  })

  it('every round has every row once, in an order that the seed decides', async () => {
    const orderOf = async (seed: number) => {
      const order: string[] = []
      const threads = [1, 2, 3, 4]
      const onProgress = (_: number, note: string) => {
        const run = /(\d) threads?, run (\d)/.exec(note)
        if (run) order.push(`${run[2]}:${run[1]}`)
      }
      await measure({ ...tiny, threads, repeats: 4, seed, onProgress })
      return order
    }
    const first = await orderOf(1)
    for (let round = 1; round <= 4; ++round) {
      const part = first.slice(4 * (round - 1), 4 * round)
      assert.deepEqual(
        [...part].sort(),
        [1, 2, 3, 4].map((threads) => `${round}:${threads}`),
      )
    }
    const rounds = [0, 4, 8, 12].map((i) =>
      first
        .slice(i, i + 4)
        .map((run) => run.slice(2))
        .join(''),
    )
    assert.ok(new Set(rounds).size > 1, 'always the same order')
    assert.deepEqual(await orderOf(1), first)
    assert.notDeepEqual(await orderOf(2), first)
  })

  it('a signal ends it early: the promise keeps what was measured, partial', async () => {
    const controller = new AbortController()
    const report = await measure({
      ...tiny,
      repeats: 50,
      signal: controller.signal,
      onProgress: (_, note) => {
        if (note.includes('run 3')) controller.abort()
      },
    })
    assert.equal(report.partial, true)
    const runs = report.tasks[0]?.points.map(({ seconds }) => seconds.runs.length)
    // The third round has at most begun.
    assert.ok(runs?.every((count) => count === 2 || count === 3), String(runs))
    const none = await measure({ ...tiny, signal: AbortSignal.abort() })
    assert.equal(none.partial, true)
    assert.deepEqual(none.tasks[0]?.points, [])
    assert.equal(none.tasks[0]?.baseline, null)
  })

  it('options that are wrong', async () => {
    const code = 'ERR_INVALID_ARGUMENT'
    await assertFails(() => measure({ tasks: ['invers'] }), code, /"inverse", "matmul", "solve", "eigh", "svd", "integral", "acf", "wordcount", "fft"/)
    await assertFails(() => measure({ threads: [] }), code, /at least one thread count for threads/)
    await assertFails(() => measure({ threads: [0] }), code, /threads/)
    await assertFails(() => measure({ threads: [1.5] }), code, /threads/)
    await assertFails(() => measure({ threads: [1e6] }), code, /threads/)
    await assertFails(() => measure({ threads: [1000] }), code, /CPUs available.*--oversubscribe/)
    await assertFails(() => measure({ peers: ['nmpy'] }), code, /"numpy"/)
    await assertFails(() => measure({ peers: ['numpy'], weak: true }), code, /no peers beside weak/)
    await assertFails(() => measure({ commands: ['true'], weak: true }), code, /\{threads\}/)
    await assertFails(() => measure({ commands: ['true'], inProcess: true }), code, /inProcess/)
    await assertFails(() => measure({ commands: [' '] }), code, /a command/)
    await assertFails(() => measure({ precision: 1 }), code, /precision/)
    await assertFails(() => measure({ budget: 0 }), code, /budget/)
    await assertFails(() => measure({ points: 0 }), code, /points/)
    await assertFails(() => measure({ modules: ['/no/module.mjs'] }), 'ERR_FILE', /no\/module/)
    await assertFails(() => measure({ repeats: 0 }), code, /repeats/)
    await assertFails(() => measure({ bins: 0 }), code, /bins/)
    await assertFails(() => measure({ size: -1 }), code, /size/)
    await assertFails(() => measure({ timeout: Number.NaN }), code, /timeout/)
    await assertFails(() => measure({ shortest: 0 }), code, /shortest/)
    await assertFails(() => measure({ seed: -1 }), code, /seed/)
    await assertFails(() => measure({ repeat: 3 } as object), code, /"repeats"/)
    await assertFails(() => measure({ tasks: ['acf'], text: '/no/where' }), 'ERR_FILE', /no\/where/)
    await assertFails(() => measure({ tasks: ['acf'], text: '/' }), 'ERR_FILE', /directory/)
  })

  it('speed-up, efficiency and serial fraction refer to the smallest thread count measured', async () => {
    const { evaluate } = await internal('evaluate')
    const { innerRow } = await internal('rows')
    const row = (threads: number, seconds: number, bits = 'aa') => ({
      ...innerRow('roof', blankTask, threads),
      ...{ task: 't', role: 'task' as const, work: 12, needs: { flops: 6e9 } },
      runs: [0, 1, 2].map((round) => ({ round, seconds })),
      bits: new Set([bits]),
      busy: [threads, threads / 2, threads],
      others: { cpu: 1, seconds: 4 },
      idle: { cpu: 0.5, seconds: 10 },
    })
    const filled: Parameters<typeof evaluate>[0] = {
      ...{ task: 't', title: '', description: '', size: 0, unit: '', baseline: null },
      ...{ points: [], peers: [], failures: [], missing: [], verdict: [] },
      fits: { amdahl: null, usl: null, gustafson: null },
    }
    const perSecond = { median: 4e9, low: 4e9, high: 4e9 }
    const measured: Parameters<typeof evaluate>[2] = {
      roofs: [{ name: 'flops', points: [{ threads: 8, perSecond }] }],
      dropped: [false, false, false],
      options: { seed: 1, weak: false },
      available: 8,
    }
    const rows = [row(8, 2), row(2, 6)]
    evaluate(filled, rows, measured)
    assert.equal(filled.baseline, 2)
    const [base, point] = filled.points
    assert.deepEqual([base?.threads, base?.efficiency, base?.karpFlatt], [2, 1, null])
    assert.deepEqual(point?.speedup, { median: 3, low: 3, high: 3 })
    // Four times the threads, three times the speed.
    assert.equal(point?.efficiency, 0.75)
    assert.ok(Math.abs((point?.karpFlatt ?? 0) - 1 / 9) < 1e-12)
    assert.equal(point?.rate, 6)
    assert.deepEqual(point?.cpu, { busy: 8, idle: 0.05, others: 0.25 })
    // 6 Gflop at 4 Gflop/s take 1.5 s at least: 12 units in 1.5 s are the roof, and 2 s are three quarters of it.
    assert.deepEqual([point?.roof, point?.ofRoof, point?.roofName], [8, 0.75, 'flops'])
    assert.deepEqual([base?.roof, base?.ofRoof, base?.roofName], [null, null, null])
    // Amdahl's law through both: 2 * 6 (1 + 7 f) = 8 * 2 (1 + f).
    assert.ok(Math.abs((filled.fits.amdahl?.serialFraction.median ?? 0) - 1 / 17) < 1e-12)

    // Where memory takes longer than arithmetic, memory is the roof: 8e9 bytes at 4e9 a second.
    const both = [row(8, 2), row(2, 6)].map((each) => ({
      ...each,
      needs: { flops: 6e9, bytes: 8e9 },
    }))
    const bytes = { name: 'bytes' as const, points: [{ threads: 8, perSecond }] }
    evaluate(filled, both, { ...measured, roofs: [...measured.roofs, bytes] })
    const bound = filled.points[1]
    assert.deepEqual([bound?.roof, bound?.ofRoof, bound?.roofName], [6, 1, 'bytes'])
    assert.equal(bound?.intensity, 0.75)

    // A round that was off takes its runs with it.
    const off = row(8, 2)
    off.runs.push({ round: 3, seconds: 100 })
    evaluate(filled, [off, row(2, 6)], { ...measured, dropped: [false, false, false, true] })
    assert.deepEqual([filled.points[1]?.dropped, filled.points[1]?.seconds.runs.length], [1, 3])

    // Four times the work in twice the time is twice the speed, and no serial fraction after Karp and Flatt.
    const grown = { ...row(8, 12), work: 48 }
    evaluate(filled, [grown, row(2, 6)], { ...measured, options: { seed: 1, weak: true } })
    assert.deepEqual(filled.points[1]?.speedup, { median: 2, low: 2, high: 2 })
    assert.deepEqual([filled.points[1]?.efficiency, filled.points[1]?.karpFlatt], [0.5, null])
    evaluate(filled, [], measured)
    assert.equal(filled.points.length, 2)
  })
})

const blankTask = {
  module: '',
  task: {
    ...{ name: 't', title: '', unit: '', bytes: () => 0 },
    setup: () => Promise.reject(new Error('not to be set up')),
  },
}
