import assert from 'node:assert/strict'
import { measure } from 'numcore/scaling'
import { assertFails } from '../support/assertions.js'
import { internal } from './internal.js'

const tiny = { tasks: ['integral'], bins: 1000, threads: [1, 2], repeats: 2, shortest: 1e-3 }

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
    assert.deepEqual(report.settings, { threads: [1, 2], repeats: 2, seed: 1 })
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
      await measure({ ...tiny, threads, repeats: 4, seed, onProgress, onWarning: () => {} })
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
    assert.deepEqual(runs, [2, 2])
    const none = await measure({ ...tiny, signal: AbortSignal.abort() })
    assert.equal(none.partial, true)
    assert.deepEqual(none.tasks[0]?.points, [])
    assert.equal(none.tasks[0]?.baseline, null)
  })

  it('options that are wrong', async () => {
    const code = 'ERR_INVALID_ARGUMENT'
    await assertFails(() => measure({ tasks: ['invers'] }), code, /"inverse", "integral", "acf"/)
    await assertFails(() => measure({ threads: [] }), code, /at least one thread count for threads/)
    await assertFails(() => measure({ threads: [0] }), code, /threads/)
    await assertFails(() => measure({ threads: [1.5] }), code, /threads/)
    await assertFails(() => measure({ threads: [1e6] }), code, /threads/)
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
    const row = (threads: number, seconds: number, bits = 'aa') => ({
      ...{ task: 't', threads, bytes: 0, module: '', batch: 1, work: 12, failed: false },
      runs: [seconds, seconds, seconds],
      bits: new Set([bits]),
      busy: [threads, threads / 2, threads],
      others: { cpu: 1, seconds: 4 },
      idle: { cpu: 0.5, seconds: 10 },
    })
    const report = {
      ...{ task: 't', title: '', description: '', size: 0, unit: '' },
      ...{ baseline: null, points: [], failures: [] },
    }
    const filled: Parameters<typeof evaluate>[0] = report
    evaluate(filled, [row(8, 2), row(2, 6)], 1)
    assert.equal(filled.baseline, 2)
    const [base, point] = filled.points
    assert.deepEqual([base?.threads, base?.efficiency, base?.karpFlatt], [2, 1, null])
    assert.deepEqual(point?.speedup, { median: 3, low: 3, high: 3 })
    // Four times the threads, three times the speed.
    assert.equal(point?.efficiency, 0.75)
    assert.ok(Math.abs((point?.karpFlatt ?? 0) - 1 / 9) < 1e-12)
    assert.equal(point?.rate, 6)
    assert.deepEqual(point?.cpu, { busy: 8, idle: 0.05, others: 0.25 })
    evaluate(filled, [], 1)
    assert.equal(filled.points.length, 2)
  })
})
