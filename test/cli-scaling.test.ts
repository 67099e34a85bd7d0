import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { info } from 'numcore'
import type { Report, TaskReport } from 'numcore/scaling'
import { command, fixture } from './scaling/internal.js'
import { sleep } from './support/assertions.js'

const small = [
  ...['--size', '64', '--bins', '1e4', '--points', '1024', '--repeats', '2', '--threads', '1,2'],
  '--no-roofs',
]
const module = (name: string) => ['--module', fixture(name)]

/** The environment without what others may have set for their own OpenMP programs. */
const clean = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(OMP|GOMP|OPENBLAS|GOTO)_/.test(name)),
  )

/** Some machines have one CPU only. */
const many = ['--oversubscribe']

/** `warned`: of more threads than CPUs, as it is right on a machine with one; not in `stderr` then. */
function scaling(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [command, 'scaling', ...many, ...args],
    {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...clean(), ...environment },
    },
  )
  const warning = /^numcore: [\d, ]+ threads are more than .* available.*\n/gm
  return {
    status,
    stdout,
    stderr: stderr.replace(warning, ''),
    warned: stderr.match(warning) ?? [],
  }
}

function taskOf(report: Report, name: string): TaskReport {
  const task = report.tasks.find((each) => each.task === name)
  assert.ok(task, `no task ${name}`)
  return task
}

const alive = (pid: number) => {
  try {
    process.kill(pid, 0)
    // A zombie that nobody has waited for is not alive.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits for what has to come, as long as mocha lets it: how soon is the machine's affair. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20)
}

describe('numcore scaling', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-scaling-'))
  })
  const started: ChildProcess[] = []
  afterEach(() => {
    // What a test that failed has left behind; those that have ended do not mind.
    for (const child of started.splice(0)) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  it('--json: the kernels, one document on stdout, nothing else, nothing on stderr', () => {
    const text = join(folder, 'text.txt')
    writeFileSync(text, 'It was the best of times, it was the worst of times.\n'.repeat(300))
    const { status, stdout, stderr } = scaling([...small, '--text', text, '--json'])
    assert.equal(stderr, '')
    assert.equal(status, 0)
    const report = JSON.parse(stdout) as Report
    assert.equal(report.schema, 'numcore-scaling/1')
    assert.equal(report.partial, undefined)
    assert.deepEqual(
      report.tasks.map(({ task, size }) => [task, size]),
      [
        ['inverse', 64],
        ['matmul', 64],
        ['solve', 64],
        ['eigh', 64],
        ['svd', 64],
        ['integral', 10_000],
        ['acf', 12 * 300],
        ['wordcount', 53 * 300],
        ['fft', 1024],
      ],
    )
    for (const { task, baseline, points, failures, verdict } of report.tasks) {
      assert.ok(verdict.length >= 1, task)
      assert.deepEqual(failures, [], task)
      assert.deepEqual(
        points.map(({ threads }) => threads),
        [1, 2],
      )
      assert.equal(baseline, 1)
      for (const { seconds, speedup, efficiency, threads, batch, bits } of points) {
        assert.equal(seconds.runs.length, 2)
        assert.ok(
          seconds.min > 0 && seconds.low <= seconds.median && seconds.median <= seconds.high,
        )
        assert.equal(efficiency, speedup.median / threads)
        assert.ok(Number.isInteger(batch) && batch >= 1)
        assert.match(bits ?? '', /^[0-9a-f]{16}$/)
      }
      assert.equal(new Set(points.map(({ bits }) => bits)).size, 1, `${task}: other bits`)
    }
    assert.ok(report.machine.cpus >= 1 && report.machine.openblas.version !== '')
  })

  it('without --text, acf reads Moby Dick', () => {
    const { stdout } = scaling(['acf', '--repeats', '1', '--threads', '1', '--no-roofs', '--json'])
    const { size, description } = taskOf(JSON.parse(stdout) as Report, 'acf')
    // More than 200,000 words, whatever a word is taken to be.
    assert.ok(size > 200_000 && size < 230_000, String(size))
    assert.match(description, /16 most frequent words of Moby Dick/)
  })

  it('each row is its own process with OMP_NUM_THREADS set, other variables left alone', () => {
    const mark = join(folder, 'mark')
    const { stdout, status } = scaling(
      [...module('steady'), 'steady', '--threads', '1,2', '--repeats', '2', '--json'],
      { NUMCORE_TEST_MARK: mark, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '7' },
    )
    assert.equal(status, 0)
    const pids = new Set(readFileSync(mark, 'utf8').trim().split('\n'))
    assert.equal(pids.size, 2)
    for (const pid of pids) assert.ok(!alive(Number(pid)), `${pid} was left behind`)
    const { machine } = JSON.parse(stdout) as Report
    const blas = machine.variables.find(({ name }) => name === 'OPENBLAS_NUM_THREADS')
    assert.deepEqual([blas?.value, blas?.hasSay], ['7', false])
  })

  it('a run too short to be timed is repeated, and the time divided', () => {
    // The clock of the child is the task's own: each run takes a thousandth of a second on it.
    const { status, stdout } = scaling([
      ...[...module('clockwork'), 'clockwork', '--threads', '1', '--repeats', '2', '--json'],
    ])
    assert.equal(status, 0)
    const [point] = taskOf(JSON.parse(stdout) as Report, 'clockwork').points
    assert.ok(point)
    // One measurement has to last for a twentieth of a second, and does with a margin of a tenth.
    assert.ok(point.batch >= 55 && point.batch <= 57, String(point.batch))
    for (const seconds of point.seconds.runs) assert.ok(Math.abs(seconds - 1e-3) < 1e-9)
  })

  it('the largest default thread count is what OMP_NUM_THREADS says', () => {
    const { stdout } = scaling([...module('steady'), 'steady', '--repeats', '1', '--json'], {
      OMP_NUM_THREADS: '3',
    })
    assert.deepEqual((JSON.parse(stdout) as Report).settings.threads, [1, 2, 3])
  })

  it('text: machine and table on stdout; no bar, no control characters without a terminal', () => {
    const { status, stdout, stderr } = scaling(['integral', ...small])
    assert.equal(status, 0)
    assert.equal(stderr, '')
    assert.match(stdout, /^Processor {2,}\S/)
    assert.match(stdout, /^ +threads +median \S+ +95 % +min +speed-up/m)
    assert.match(stdout, /^ +1 .* 1\.00 .* 100 % /m)
    assert.ok(!stdout.includes('\u001b'))
  })

  it('--out leaves whole files in a folder that it makes', () => {
    const out = join(folder, 'new', 'scaling')
    const { status, stdout } = scaling(['integral', ...small, '--out', out])
    assert.equal(status, 0)
    assert.deepEqual(readdirSync(out).sort(), [
      'index.html',
      'plots',
      'roofline.svg',
      'scaling.csv',
      'scaling.json',
      'scaling.md',
      'scaling.svg',
    ])
    assert.deepEqual(readdirSync(join(out, 'plots')).sort(), [
      'integral-efficiency.svg',
      'integral-speedup.svg',
      'integral-time.svg',
    ])
    assert.match(stdout, /index\.html/)
    const report = JSON.parse(readFileSync(join(out, 'scaling.json'), 'utf8')) as Report
    assert.equal(report.tasks.length, 1)
    assert.match(readFileSync(join(out, 'index.html'), 'utf8'), /^<!doctype html>/)
  })

  it('an --out that cannot be written is an error before anything is measured', () => {
    const file = join(folder, 'file')
    writeFileSync(file, 'mine')
    const mark = join(folder, 'mark')
    const { status, stdout, stderr } = scaling(
      [...module('steady'), 'steady', '--out', join(file, 'sub')],
      { NUMCORE_TEST_MARK: mark },
    )
    assert.equal(status, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /^numcore: Cannot write '.*sub': a part of the path is a file/)
    assert.ok(!existsSync(mark))
    assert.equal(readFileSync(file, 'utf8'), 'mine')
  })

  it('an --out without permission is named as such', function () {
    if (process.getuid?.() === 0) return this.skip()
    chmodSync(folder, 0o500)
    const { status, stderr } = scaling(['integral', ...small, '--out', folder])
    assert.equal(status, 1)
    assert.match(stderr, /permission denied/)
  })

  it('wrong arguments: exit code 2, and the reason', () => {
    const cases: [string[], RegExp][] = [
      [['invers'], /"inverse"/],
      [['--threads', '0'], /from 1 to/],
      [['--threads', '2,x'], /from 1 to/],
      [['--threads', ''], /from 1 to/],
      [['--threads', '1.5'], /from 1 to/],
      [['--threads', '5000'], /from 1 to/],
      [['--repeats', '0'], /at least|from 1/],
      [['--bins', '-3'], /at least 1/],
      [['--bins', '0.5'], /at least 1/],
      [['--size', '0'], /from 1/],
      [['--timeout', '0'], /above 0/],
      [['--repeat', '3'], /--repeats/],
      [['--precision', '1'], /between 0 and 1/],
      [['--budget', '-1'], /above 0/],
      [['--peers', 'numpy,nmpy'], /numpy, scipy/],
      [['--weak', '--command', 'true'], /\{threads\}/],
      [['--in-process', '--command', 'true'], /inProcess/],
      [['--compare', 'one.json'], /two files/],
      [['--compare', 'a', 'b', 'c'], /two files/],
    ]
    for (const [args, message] of cases) {
      const { status, stdout, stderr } = scaling(args)
      assert.equal(status, 2, `${args.join(' ')}: ${stderr}`)
      assert.match(stderr, message)
      assert.equal(stdout, '')
    }
  })

  it('a text that is missing, or a folder, is an error before anything is measured', () => {
    for (const [path, reason] of [
      [join(folder, 'nowhere.txt'), /Cannot read '.*nowhere\.txt'/],
      [folder, /it is a directory/],
    ] as const) {
      const { status, stdout, stderr } = scaling(['acf', '--text', path])
      assert.equal(status, 1)
      assert.equal(stdout, '')
      assert.match(stderr, reason)
    }
  })

  it('a text that is no UTF-8 fails in its own rows, with the offset', () => {
    const text = join(folder, 'latin1.txt')
    writeFileSync(text, Buffer.from([0x61, 0x20, 0xe9, 0x20]))
    const { status, stderr } = scaling(['acf', '--text', text, '--threads', '1', '--repeats', '1'])
    assert.equal(status, 1)
    assert.match(stderr, /failed at the set-up: .*offset 2/)
  })

  it('a module that is none', () => {
    const { status, stderr } = scaling([...module('no-task'), 'steady'])
    assert.equal(status, 1)
    assert.match(stderr, /exports no function run/)
  })

  it('more threads than CPUs: one warning, measured all the same', () => {
    const counts = [info().available + 1, info().available + 100]
    const { status, stdout, stderr, warned } = scaling([
      ...module('steady'),
      'steady',
      ...['--threads', `1,${counts.join(',')}`, '--repeats', '1', '--json'],
    ])
    assert.equal(status, 0)
    assert.equal(stderr, '')
    assert.equal(warned.length, 1)
    assert.ok(warned[0]?.startsWith(`numcore: ${counts.join(', ')} threads are more than `))
    const report = JSON.parse(stdout) as Report
    assert.equal(taskOf(report, 'steady').points.length, 3)
    assert.equal(report.warnings.length, 1)
  })

  it('a child that crashes, leaves or throws is named, and the rest goes on', () => {
    const { status, stdout, stderr } = scaling([
      ...[...module('troubled'), ...module('steady'), 'troubled', 'steady', '--json'],
      ...['--threads', '1,2,3,5,6,8', '--repeats', '2'],
    ])
    assert.equal(status, 1)
    const report = JSON.parse(stdout) as Report
    assert.equal(report.partial, undefined)
    const { points, failures } = taskOf(report, 'troubled')
    const said = new Map(
      failures.map(({ threads, stage, message }) => [threads, `${stage}: ${message}`]),
    )
    assert.match(said.get(2) ?? '', /^warm-up: crashed \(SIGABRT\)/)
    assert.match(said.get(3) ?? '', /^warm-up: ended by itself with exit code 3/)
    assert.match(said.get(5) ?? '', /^set-up: the lid is stuck/)
    assert.match(said.get(6) ?? '', /^run: no more ink/)
    assert.equal(failures.length, 4)
    for (const { message } of failures) assert.ok(stderr.includes(message), message)
    // Row 6 was measured once before it failed; what was measured stays.
    const rows = points.map(({ threads, seconds, bits }) => [
      threads,
      seconds.runs.length,
      bits === 'varies',
    ])
    assert.deepEqual(rows, [
      [1, 2, false],
      [6, 1, false],
      [8, 2, true],
    ])
    assert.equal(taskOf(report, 'steady').points.length, 6)
    assert.deepEqual(taskOf(report, 'steady').failures, [])
  })

  it('a child that hangs is named, and the report comes all the same', () => {
    // The limit may be too short for the start of Node on a busy machine; too late is too late at either stage.
    const { status, stdout, stderr } = scaling([
      ...[...module('troubled'), 'troubled', '--threads', '4,9', '--timeout', '2', '--json'],
    ])
    assert.equal(status, 1)
    assert.match(stderr, /4 threads.* gave no answer within 2 s/)
    const { points, failures } = taskOf(JSON.parse(stdout) as Report, 'troubled')
    assert.deepEqual(points, [])
    assert.deepEqual(
      failures.map(({ threads, message }) => [threads, message]),
      [4, 9].map((threads) => [threads, 'gave no answer within 2 s']),
    )
  })

  it('a child that runs out of memory is named as such', () => {
    const { status, stderr } = scaling(
      [...module('troubled'), 'troubled', '--threads', '7', '--repeats', '1'],
      { NODE_OPTIONS: '--max-old-space-size=64' },
    )
    assert.equal(status, 1)
    assert.match(stderr, /7 threads.* ran out of memory/)
  })

  it('what cannot fit into memory is not even started', () => {
    const { status, stderr } = scaling([
      ...[...module('huge'), ...module('steady'), 'huge', 'steady'],
      ...['--threads', '1', '--repeats', '1'],
    ])
    assert.equal(status, 1)
    assert.match(stderr, /huge.*needs about 1073741824\.0 GB of memory/)
    assert.doesNotMatch(stderr, /started all the same/)
  })

  it('Ctrl-C: what is measured is told as partial, 130, and no child stays', async () => {
    const mark = join(folder, 'mark')
    const out = join(folder, 'out')
    const args = ['scaling', ...many, ...module('steady'), 'steady', '--threads', '1,2']
    const child = spawn(
      process.execPath,
      [command, ...args, '--repeats', '10000', '--json', '--out', out],
      // A process group of its own, so that the children get the signal as they do from a terminal.
      { detached: true, env: { ...clean(), NUMCORE_TEST_MARK: mark } },
    )
    started.push(child)
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    const marks = () => (existsSync(mark) ? readFileSync(mark, 'utf8').trim().split('\n') : [])
    // Past both warm-ups: a batch of the warm-up is a few hundred runs at most.
    await until(() => new Set(marks()).size === 2 && marks().length > 3000)
    process.kill(-(child.pid as number), 'SIGINT')
    assert.equal(await ended, 130)
    const report = JSON.parse(stdout) as Report
    assert.equal(report.partial, true)
    const { points, failures } = taskOf(report, 'steady')
    assert.deepEqual(failures, [])
    assert.ok(points.length > 0)
    for (const { seconds } of points) assert.ok(seconds.runs.length < 10_000)
    assert.deepEqual(JSON.parse(readFileSync(join(out, 'scaling.json'), 'utf8')), report)
    assert.match(readFileSync(join(out, 'index.html'), 'utf8'), /Ended early.*<\/html>/s)
    assert.match(readFileSync(join(out, 'scaling.md'), 'utf8'), /ended early/)
    for (const pid of new Set(marks())) assert.ok(!alive(Number(pid)), `${pid} was left behind`)
  })

  it('Ctrl-C before anything is measured: an empty partial report, 130', async () => {
    const mark = join(folder, 'mark')
    const child = spawn(
      process.execPath,
      // As many runs as there can be, so that the signal comes before the last of them.
      [command, 'scaling', ...module('steady'), 'steady', '--json', '--repeats', '10000'],
      { env: { ...clean(), NUMCORE_TEST_MARK: mark } },
    )
    started.push(child)
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    await until(() => existsSync(mark))
    child.kill('SIGINT')
    assert.equal(await ended, 130)
    assert.equal((JSON.parse(stdout) as Report).partial, true)
  })

  it('a child ends with its parent, however that ends, even in the middle of a run', async () => {
    const mark = join(folder, 'mark')
    const child = spawn(
      process.execPath,
      [command, 'scaling', ...many, ...module('troubled'), 'troubled', '--threads', '4'],
      { env: { ...clean(), NUMCORE_TEST_MARK: mark }, stdio: 'ignore' },
    )
    started.push(child)
    await until(() => existsSync(mark) && readFileSync(mark, 'utf8').includes('\n'))
    const pid = Number(readFileSync(mark, 'utf8'))
    assert.ok(alive(pid))
    child.kill('SIGKILL')
    await until(() => !alive(pid))
  })
})
