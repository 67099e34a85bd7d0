// `numcore scaling` with what a user brings: commands and modules; and its modes, budgets and exit codes.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Comparison, Report, TaskReport } from 'numcore/scaling'
import { sampleReport } from './scaling/fixtures/report.js'
import { command, fixture } from './scaling/internal.js'
import { sleep } from './support/assertions.js'

/** As a user types it. Some machines have one CPU only, so that two threads are too many there. */
function scaling(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [command, 'scaling', '--oversubscribe', ...args],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      timeout: 800_000,
      env: { ...process.env, ...environment },
    },
  )
  const report = () => JSON.parse(stdout) as Report
  return { status, stdout, stderr, report }
}

function only(report: Report): TaskReport {
  assert.equal(report.tasks.length, 1)
  return report.tasks[0] as TaskReport
}

const alive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe('numcore scaling: commands, modules, modes', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-own-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function file(name: string, text: string): string {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }

  it('a command is run with OMP_NUM_THREADS set and {threads} replaced; its output is its result', () => {
    const seen = join(folder, 'seen')
    const { status, stderr, report } = scaling([
      ...['--command', `echo $OMP_NUM_THREADS {threads} >> ${seen}; echo same`],
      ...['--threads', '1,2', '--repeats', '2', '--json'],
    ])
    assert.equal(status, 0, stderr)
    const task = only(report())
    assert.deepEqual([...new Set(readFileSync(seen, 'utf8').trim().split('\n'))].sort(), [
      '1 1',
      '2 2',
    ])
    assert.equal(task.unit, 'runs/s')
    assert.match(task.title, /^echo /)
    assert.deepEqual(
      task.points.map(({ threads, seconds }) => [threads, seconds.runs.length]),
      [
        [1, 2],
        [2, 2],
      ],
    )
    assert.match(task.points[0]?.bits ?? '', /^[0-9a-f]{16}$/)
    assert.equal(task.points[0]?.bits, task.points[1]?.bits)
  })

  it('the CPU time of a command is counted as its own, whatever processes it is made of', () => {
    // All of it in a process that the shell waits for.
    const { report } = scaling([
      ...[
        '--command',
        `${process.execPath} -e "const e=performance.now()+400;while(performance.now()<e);"; true`,
      ],
      ...['--threads', '1', '--repeats', '2', '--json'],
    ])
    const [point] = only(report()).points
    assert.ok(point && point.cpu.busy > 0, String(point?.cpu.busy))
  })

  it('a command that fails is named with what it said, and the rest goes on', () => {
    const { status, stderr, report } = scaling([
      ...['--command', 'echo the cat sat on the keys >&2; exit 7', '--command', 'true'],
      ...['--command', '/no/such/program --fast', '--threads', '1', '--repeats', '1', '--json'],
    ])
    assert.equal(status, 1)
    assert.match(stderr, /ended with exit code 7: the cat sat on the keys/)
    assert.match(stderr, /ended with exit code 127: .*not found/)
    const [failing, working, missing] = report().tasks
    assert.deepEqual(
      failing?.failures.map(({ stage, threads }) => [stage, threads]),
      [['warm-up', 1]],
    )
    assert.deepEqual(failing.points, [])
    assert.equal(working?.points.length, 1)
    assert.equal(missing?.failures.length, 1)
  })

  it('a command that hangs is named and ended with all that it started, and the rest goes on', async () => {
    const mark = join(folder, 'pid')
    const { status, stderr, report } = scaling([
      ...['--command', `sh -c 'echo $$ > ${mark}; sleep 100000' | cat`, '--command', 'true'],
      ...['--threads', '1', '--repeats', '1', '--timeout', '4', '--json', '--no-roofs'],
    ])
    assert.equal(status, 1)
    assert.match(stderr, /gave no answer within 4 s/)
    const [hanging, working] = report().tasks
    assert.equal(hanging?.failures.length, 1)
    // A busy machine may not even start the other within the limit; it is named then, too.
    assert.equal((working?.points.length ?? 0) + (working?.failures.length ?? 0), 1)
    if (existsSync(mark)) {
      const pid = Number(readFileSync(mark, 'utf8'))
      while (alive(pid)) await sleep(20)
    }
  })

  it('a module: setup once, run(threads), work, roof, error', () => {
    const path = file(
      'mine.mjs',
      `let ready = 0
       export const title = 'Mine & <yours>'
       export const size = 42
       export const setup = (threads) => { ready = threads }
       export const work = (threads) => ({ flops: 1e6 * ready / threads, bytes: 10 })
       export const roof = () => 5e15
       export const error = (result) => result[0] - 1
       export function run(threads) {
         if (ready !== threads) throw new Error('not set up for ' + threads)
         return Float64Array.of(1.5)
       }`,
    )
    const { status, stderr, report } = scaling([
      ...['--module', path, '--threads', '1,2', '--repeats', '2', '--json', '--no-roofs'],
    ])
    assert.equal(status, 0, stderr)
    const task = only(report())
    assert.deepEqual(
      [task.task, task.title, task.size, task.unit],
      ['mine', 'Mine & <yours>', 42, 'Gflop/s'],
    )
    for (const { rate, roof, ofRoof, roofName, error, intensity, seconds, bits } of task.points) {
      assert.ok(Math.abs(rate * seconds.median - 1e-3) < 1e-12)
      assert.deepEqual([roof, roofName, intensity], [5e6, 'own', 1e5])
      assert.equal(ofRoof, rate / 5e6)
      assert.deepEqual(error, { name: 'error', value: 0.5 })
      assert.notEqual(bits, null)
    }
  })

  it('a module without work counts runs; one with impossible work fails in its rows', () => {
    const plain = file('plain.mjs', 'export const run = () => undefined')
    const odd = file('odd.mjs', 'export const work = { flops: -1 }; export const run = () => 1')
    const { status, stderr, report } = scaling([
      ...[
        '--module',
        plain,
        '--module',
        odd,
        '--threads',
        '1',
        '--repeats',
        '1',
        '--json',
        '--no-roofs',
      ],
    ])
    assert.equal(status, 1)
    assert.match(stderr, /odd: 1 thread failed at the set-up: Expected \{ flops \}/)
    const [first] = report().tasks
    assert.deepEqual([first?.unit, first?.points[0]?.bits], ['runs/s', null])
  })

  it('--in-process: one process a task, told the thread count before each run', () => {
    const mark = join(folder, 'mark')
    const path = file(
      'sweep.mjs',
      `import { appendFileSync } from 'node:fs'
       import { getThreads } from ${JSON.stringify(pathToFileURL(join(command, '../../index.js')).href)}
       export function run(threads) {
         appendFileSync(process.env.NUMCORE_TEST_MARK, process.pid + ' ' + threads + ' ' + getThreads() + '\\n')
         const end = performance.now() + 1
         while (performance.now() < end);
       }`,
    )
    const { status, stderr, report } = scaling(
      ['--module', path, '--in-process', '--threads', '1,2', '--repeats', '2', '--json'],
      { NUMCORE_TEST_MARK: mark },
    )
    assert.equal(status, 0, stderr)
    assert.equal(report().settings.mode, 'in-process')
    assert.deepEqual(
      only(report()).points.map(({ threads }) => threads),
      [1, 2],
    )
    const lines = new Set(readFileSync(mark, 'utf8').trim().split('\n'))
    assert.deepEqual([...lines].map((line) => line.split(' ').slice(1).join(' ')).sort(), [
      '1 1',
      '2 2',
    ])
    assert.equal(new Set([...lines].map((line) => line.split(' ')[0])).size, 1)
  })

  it('--weak: the work grows with the threads, and so do sizes; every task can', () => {
    const text = file(
      'text.txt',
      'It was the best of times, it was the worst of times.\n'.repeat(200),
    )
    const { status, stderr, report } = scaling([
      ...['--weak', '--size', '40', '--bins', '1e4', '--points', '1000', '--text', text],
      ...['--threads', '1,2', '--repeats', '2', '--json', '--no-roofs'],
    ])
    assert.equal(status, 0, stderr)
    assert.equal(report().settings.scaling, 'weak')
    const sizes = report().tasks.map(({ task, points }) => [
      task,
      ...points.map(({ size }) => size),
    ])
    assert.deepEqual(sizes, [
      // The cube root of two: 40^3 becomes about twice as much.
      ['inverse', 40, 50],
      ['matmul', 40, 50],
      ['solve', 40, 50],
      ['eigh', 40, 50],
      ['svd', 40, 50],
      ['integral', 10_000, 20_000],
      ['acf', 2400, 4800],
      // A line end after each copy.
      ['wordcount', 53 * 200, 2 * (53 * 200 + 1)],
      ['fft', 1000, 2000],
    ])
    for (const { points, fits } of report().tasks) {
      const [one, two] = points
      assert.ok(one && two)
      const grown = (two.rate * two.seconds.median) / (one.rate * one.seconds.median)
      assert.ok(
        Math.abs(two.speedup.median / ((grown * one.seconds.median) / two.seconds.median) - 1) <
          1e-9,
      )
      assert.equal(two.karpFlatt, null)
      assert.ok(fits.gustafson !== null && fits.amdahl === null)
    }
  })

  it('roofs are measured in the same run, with as many threads as the rows that they are over', () => {
    const { status, stderr, report } = scaling([
      ...[
        'integral',
        'inverse',
        '--bins',
        '1e5',
        '--size',
        '50',
        '--threads',
        '1,2',
        '--repeats',
        '2',
        '--json',
      ],
    ])
    assert.equal(status, 0, stderr)
    const { roofs, tasks } = report()
    assert.deepEqual(
      roofs.map(({ name, points }) => [name, ...points.map(({ threads }) => threads)]),
      ['flops', 'bytes', 'roots'].map((name) => [name, 1, 2]),
    )
    for (const { points } of roofs)
      for (const { perSecond } of points) assert.ok(perSecond.low > 1e6)
    for (const { points } of tasks) {
      for (const { rate, roof, ofRoof } of points) assert.equal(ofRoof, rate / (roof as number))
    }
    const roots = roofs.find(({ name }) => name === 'roots')?.points[0]?.perSecond.median ?? 0
    const [integral] = tasks
    assert.equal(integral?.points[0]?.roofName, 'roots')
    assert.ok(Math.abs((integral?.points[0]?.roof ?? 0) / (roots / 1e9) - 1) < 1e-12)
  })

  it('no more threads than CPUs without --oversubscribe: 2, with what to type', () => {
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [command, 'scaling', 'integral', '--threads', '1,1000'],
      { encoding: 'utf8', timeout: 800_000 },
    )
    assert.equal(status, 2)
    assert.equal(stdout, '')
    assert.match(
      stderr,
      /Expected at most \d+, the CPUs available, .* received 1000.*--oversubscribe/,
    )
  })

  it('too noisy to say anything: 3, and the report says why', () => {
    // By the clock of its own process every third run takes ten times as long.
    const path = file(
      'wild.mjs',
      `let clock = 0, runs = 0
       performance.now = () => clock
       export const run = () => { clock += 1000 * [1, 4, 10][runs++ % 3] }`,
    )
    const { status, stderr, report } = scaling([
      ...['--module', path, '--threads', '1', '--repeats', '4', '--json'],
    ])
    assert.equal(status, 3)
    assert.match(stderr, /too noisy to say anything: no row is known better than/)
    const { noise, tasks } = report()
    assert.equal(noise.reasons.length, 1)
    assert.match(tasks[0]?.verdict.join(' ') ?? '', /too noisy to say more/)
  })

  it('without --repeats: at least five runs, and no more once the interval is narrow', () => {
    const path = file(
      'calm.mjs',
      `let clock = 0
       performance.now = () => clock
       export const run = () => { clock += 1000 }`,
    )
    const { report } = scaling(['--module', path, '--threads', '1', '--json'])
    const task = only(report())
    assert.equal(report().settings.repeats, null)
    const { seconds, dropped } = task.points[0] as TaskReport['points'][number]
    const rounds = report().noise.reference.length
    assert.equal(seconds.runs.length + dropped, rounds)
    // A busy machine has rounds dropped and others added, but never as many as there may be.
    assert.ok(seconds.runs.length >= 5 && rounds < 100, `${seconds.runs.length} of ${rounds}`)
  })

  it('--budget ends it in time: what was not begun is named, what was measured is there', () => {
    const { status, stderr, report } = scaling([
      ...['--command', 'true', '--command', 'sleep 100000'],
      ...['--threads', '1', '--budget', '8', '--json'],
    ])
    assert.equal(status, 1)
    assert.match(stderr, /sleep-100000: .* was not measured: the budget of 8 s was spent/)
    assert.equal(report().partial, undefined)
    assert.equal(report().settings.budget, 8)
  })

  it('--compare: faster, slower, no difference, new and gone; text and JSON; not a report', () => {
    const old = sampleReport()
    const now = sampleReport()
    const times = (index: number, factor: number) => {
      const seconds = now.tasks[0]?.points[index]?.seconds
      assert.ok(seconds)
      seconds.runs = seconds.runs.map((run) => run * factor)
      seconds.median *= factor
    }
    times(0, 0.5)
    times(1, 2)
    now.tasks.pop()
    now.machine.node = '22.0.0'
    const [one, two] = [old, now].map((report, i) => file(`${i}.json`, JSON.stringify(report)))
    const { status, stdout } = scaling(['--compare', one as string, two as string])
    assert.equal(status, 0)
    assert.match(stdout, /^inverse +1 +2\.00 +1\.00 +2\.00 .* faster by 50 %$/m)
    assert.match(stdout, /^inverse +2 +1\.25 +2\.50 +0\.50 .* slower by 100 %$/m)
    assert.match(stdout, /^inverse +4 .* no difference$/m)
    assert.match(stdout, /^acf +1 .* only old$/m)
    assert.match(stdout, /1 faster, 1 slower, 1 as before/)
    assert.match(stdout, /Different Node: 20\.19\.0, then 22\.0\.0/)
    assert.match(stdout, /no difference in the reference kernel/)
    const json = scaling(['--json', '--compare', one as string, two as string])
    const { schema, points } = JSON.parse(json.stdout) as Comparison
    assert.equal(schema, 'numcore-scaling-compare/1')
    assert.deepEqual(
      points.map(({ change }) => change),
      ['faster', 'slower', 'same', 'only old'],
    )
    const other = scaling(['--compare', one as string, file('x.json', '{}')])
    assert.equal(other.status, 2)
    assert.match(other.stderr, /Expected schema "numcore-scaling\/1" for the new report/)
    const broken = scaling(['--compare', one as string, file('y.json', '{')])
    assert.equal(broken.status, 1)
    assert.match(broken.stderr, /Cannot read '.*y\.json'/)
  })

  it('a fixture of the tests in the same sweep: its rows are told as its own', () => {
    const { report } = scaling([
      ...[
        '--module',
        fixture('steady'),
        '--command',
        'true',
        '--threads',
        '1',
        '--repeats',
        '1',
        '--json',
        '--no-roofs',
      ],
    ])
    assert.deepEqual(
      report().tasks.map(({ task, points }) => [task, points.length]),
      [
        ['steady', 1],
        ['true', 1],
      ],
    )
  })
})
