import assert from 'node:assert/strict'
import { info } from 'numcore'
import { compare, measure, type MeasureOptions, report as render, type Report } from 'numcore/scaling'
import { numcore } from '../support/cli.js'
import { installed, missing } from '../support/mpi.js'
import { sampleReport } from './fixtures/report.js'
import { fixture, internal } from './internal.js'

const { layoutOf } = await internal('format')
const { verdict } = await internal('verdict')

const tiny: MeasureOptions = {
  bins: 100_000,
  size: 60,
  repeats: 2,
  shortest: 1e-3,
  roofs: false,
  // Some machines have one CPU only.
  oversubscribe: true,
  timeout: 120,
  onWarning: () => {},
}

const layouts = (report: Report, name: string) =>
  report.tasks.find(({ task }) => task === name)?.points.map(layoutOf)

describe('scaling on ranks', function () {
  // As in mpi.test.ts: on a crowded machine launchers fail to start or to end now and then.
  this.retries(2)
  const before = { ...process.env }
  afterEach(() => {
    for (const name of ['NUMCORE_MPI', 'NUMCORE_TEST_LEAK']) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  })

  for (const mpi of ['openmpi', 'mpich'] as const) {
    describe(mpi, () => {
      beforeEach(function () {
        process.env.NUMCORE_MPI = mpi
        if (installed(mpi)) return
        console.log(missing(mpi))
        this.skip()
      })

      it('measures tasks with each number of ranks and threads', async () => {
        const report = await measure({ ...tiny, ranks: [2, 1], threads: [1, 2] })
        assert.deepEqual(
          report.tasks.map(({ task, failures }) => [task, failures]),
          ['inverse', 'integral', 'acf'].map((task) => [task, []]),
        )
        assert.deepEqual(report.settings.ranks, [1, 2])
        assert.match(String(report.settings.mpi), mpi === 'openmpi' ? /^Open MPI \d/ : /^MPICH \d/)
        for (const { task, points, fits } of report.tasks) {
          assert.deepEqual(
            points.map(({ ranks, threads }) => [ranks, threads]),
            [
              [1, 1],
              [1, 2],
              [2, 2],
              [2, 4],
            ],
          )
          // One result, whoever has computed how much of it.
          assert.equal(new Set(points.map(({ bits }) => bits)).size, 1, task)
          assert.ok(points.every(({ error }) => error === null || error.value < 10))
          assert.ok(points.every(({ karpFlatt }) => karpFlatt === null))
          assert.deepEqual(fits, { amdahl: null, usl: null, gustafson: null })
        }
        const [inverse, integral] = report.tasks as [Report['tasks'][0], Report['tasks'][0]]
        const done = ({ rate, seconds }: Report['tasks'][0]['points'][0]) => rate * seconds.median
        const works = inverse.points.map(done).map((work) => Math.round(work / done(inverse.points[0] as never)))
        assert.deepEqual(works, [1, 1, 2, 2], 'a matrix on each rank')
        assert.equal(Math.round(done(integral.points[3] as never) * 1e9), 100_000, 'one integral')

        assert.match(render(report, 'text'), /1 rank × 2 threads +\S/)
        assert.match(render(report, 'markdown'), /\| Ranks \| Threads of each \|/)
        assert.match(render(report, 'csv').split('\r\n')[0] as string, /,ranks,/)
        assert.match(render(report, 'html'), /2 ranks × 2 threads/)
        const compared = compare(report, report)
        assert.equal(compared.points.length, 12)
        assert.ok(compared.points.every(({ change }) => change === 'same'))
      })

      it('lets all work grow for weak scaling', async () => {
        const report = await measure({ ...tiny, tasks: ['inverse', 'integral'], ranks: [1, 2], weak: true })
        const [inverse, integral] = report.tasks
        assert.deepEqual(
          inverse?.points.map(({ size }) => size),
          [60, 60],
        )
        assert.deepEqual(
          integral?.points.map(({ size }) => size),
          [100_000, 200_000],
        )
      })

      it('starts commands under mpirun', async () => {
        const says = 'test "${OMPI_COMM_WORLD_SIZE:-$PMI_SIZE} $OMP_NUM_THREADS" = "{ranks} {threads}"'
        const report = await measure({ ...tiny, commands: [says], ranks: [1, 2], threads: [2] })
        const [task] = report.tasks
        assert.deepEqual(task?.failures, [])
        assert.deepEqual(task?.points.map(layoutOf), ['1 rank × 2 threads', '2 ranks × 2 threads'])
        const wrong = await measure({ ...tiny, commands: ['exit 3'], ranks: [2] })
        assert.match(wrong.tasks[0]?.failures[0]?.message ?? '', /exit code 3/)
      })

      it('runs modules on every rank, and names the rank that fails', async () => {
        const report = await measure({ ...tiny, modules: [fixture('ranked')], ranks: [1, 2] })
        assert.deepEqual(report.tasks[0]?.failures, [])
        assert.deepEqual(layouts(report, 'ranked'), ['1 rank × 1 thread', '2 ranks × 1 thread'])
        assert.equal(new Set(report.tasks[0]?.points.map(({ bits }) => bits)).size, 1)
        process.env.NUMCORE_TEST_LEAK = '1'
        const failed = await measure({ ...tiny, modules: [fixture('ranked')], ranks: [2] })
        const [failure] = failed.tasks[0]?.failures ?? []
        assert.equal(failure?.message, 'rank 1: there is a leak, and 1 pump')
        assert.equal(failure.ranks, 2)
      })
    })
  }

  it('leaves out what does not fit, and refuses what cannot be', async () => {
    const { available } = info()
    const strict = { ...tiny, tasks: ['integral'], oversubscribe: false }
    await assert.rejects(measure({ ...strict, ranks: [1, available + 1] }), {
      code: 'ERR_INVALID_ARGUMENT',
      message: new RegExp(`nothing with ${available + 1} fits`),
    })
    await assert.rejects(measure({ ...strict, ranks: [1], threads: [1, available + 1] }), {
      code: 'ERR_INVALID_ARGUMENT',
      message: /oversubscribe/,
    })
    await assert.rejects(measure({ ...tiny, tasks: ['fft'], ranks: [1] }), {
      message: /inverse, integral, acf, a module or a command .*'fft'/,
    })
    await assert.rejects(measure({ ...tiny, ranks: [1], inProcess: true }), { message: /inProcess/ })
    await assert.rejects(measure({ ...tiny, ranks: [1], peers: ['numpy'] }), { message: /peers/ })
    await assert.rejects(measure({ ...tiny, ranks: [] }), { message: /ranks/ })
    const place = globalThis as Record<symbol, unknown>
    place[Symbol.for('numcore.mpi')] = true
    try {
      await assert.rejects(measure({ ...tiny, ranks: [1] }), /await import\('numcore\/mpi'\)/)
    } finally {
      delete place[Symbol.for('numcore.mpi')]
    }
  })

  it('numcore scaling --ranks gives the same as JSON, and warns of what was left out', async function () {
    if (!installed('openmpi') && !installed('mpich')) {
      console.log(missing('openmpi'))
      return this.skip()
    }
    const { available } = info()
    if (available < 2) return this.skip()
    const list = `1,${available}`
    const small = ['--bins', '100000', '--repeats', '2', '--no-roofs', '--timeout', '120']
    const args = ['scaling', 'integral', '--ranks', list, '--threads', list, ...small, '--json']
    const { stdout, stderr } = await numcore(args)
    const report = JSON.parse(stdout) as Report
    assert.deepEqual(layouts(report, 'integral'), [
      '1 rank × 1 thread',
      `1 rank × ${available} threads`,
      `${available} ranks × 1 thread`,
    ])
    assert.match(stderr, new RegExp(`${available} ranks × ${available} threads would be more than`))
  })

  it('says which layout of the same threads is the fastest', () => {
    const report = sampleReport()
    const [task] = report.tasks as [Report['tasks'][0]]
    const [one] = task.points as [Report['tasks'][0]['points'][0]]
    const speed = (median: number) => ({ median, low: median - 0.01, high: median + 0.01 })
    const point = (ranks: number, threads: number, median: number) => ({
      ...one,
      ...{ ranks, threads, speedup: speed(median), karpFlatt: null },
    })
    const told = (...points: Report['tasks'][0]['points']) =>
      verdict({ ...task, points, fits: { amdahl: null, usl: null, gustafson: null } }, report).join(' ')
    const base = point(1, 1, 1)
    assert.match(
      told(base, point(1, 4, 2), point(4, 4, 3)),
      /Of 4 threads, 4 ranks × 1 thread are fastest: 1\.50 times the speed of 1 rank × 4 threads\./,
    )
    assert.match(
      told(base, point(1, 4, 3), point(4, 4, 3)),
      /No difference between 1 rank × 4 threads and 4 ranks × 1 thread can be told\./,
    )
  })
})
