// Executors, shared memory and locks beside tinypool, piscina, workerpool and CPython's multiprocessing: each part asks
// all sides in turns, and what is printed are medians and ratios of one run.
//   node bench/parallel.mjs [--only map,dispatch,arrays,threshold,lock,kill] [--rounds N] [--python python3]
// The other pools are installed into a temporary folder the first time.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { median, quantile } from '../dist/scaling/index.js'
import {
  BrokenWorkerError,
  Lock,
  ProcessPoolExecutor,
  SharedValue,
  ThreadPoolExecutor,
} from '../dist/parallel/index.js'

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'map,dispatch,arrays,threshold,lock' },
    rounds: { type: 'string', default: '7' },
    python: { type: 'string', default: 'python3' },
    kills: { type: 'string', default: '1000' },
  },
})
const rounds = Number(options.rounds)
const workers = 2

const folder = join(tmpdir(), 'numcore-parallel-peers')
const versions = { tinypool: '2.2.0', piscina: '5.3.2', workerpool: '10.0.3' }
if (!existsSync(join(folder, 'node_modules/workerpool'))) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const wanted = Object.entries(versions).map(([name, version]) => `${name}@${version}`)
  execFileSync('npm', ['install', '--no-audit', '--no-fund', ...wanted], { cwd: folder })
}
writeFileSync(
  join(folder, 'task.mjs'),
  'export const square = (x) => x * x\nexport const same = (x) => x\nexport default square\n',
)
const require = createRequire(join(folder, 'package.json'))
const load = (name) => import(pathToFileURL(require.resolve(name)).href)
const { default: Tinypool } = await load('tinypool')
const { default: Piscina } = await load('piscina')
const { default: workerpool } = await load('workerpool')
const task = join(folder, 'task.mjs')

const square = (x) => x * x
const same = (x) => x
const tiny = (runtime, more = {}) =>
  new Tinypool({ filename: task, runtime, minThreads: workers, maxThreads: workers, ...more })

/** Asks every side once a round, in turns; milliseconds by name, sorted. */
async function inTurns(sides, count = rounds, warm = 1) {
  const times = Object.fromEntries(Object.keys(sides).map((name) => [name, []]))
  for (let round = -warm; round < count; round++) {
    for (const [name, side] of Object.entries(sides)) {
      const start = performance.now()
      const own = await side()
      if (round >= 0) times[name].push(own ?? performance.now() - start)
    }
  }
  for (const list of Object.values(times)) list.sort((a, b) => a - b)
  return times
}

/** Medians, the quartiles around them, and how many times as long as ours. */
function table(title, times, ours, unit = 'ms', per = 1) {
  console.log(`\n${title}`)
  const show = (value) => (value / per).toPrecision(3)
  for (const [name, list] of Object.entries(times)) {
    const middle = median(list)
    const quartiles = `${show(quantile(list, 0.25))} to ${show(quantile(list, 0.75))}`
    const ratio = (middle / median(times[ours])).toFixed(2)
    console.log(
      `  ${name.padEnd(34)} ${show(middle).padStart(9)} ${unit} (${quartiles})   ${ratio} x`,
    )
  }
}

/** A Python that stays, warm as our workers are: it runs `code` for each line and answers with milliseconds. */
function pythonThatStays(head, code) {
  const program = `import sys, time\n${head}\n  for line in sys.stdin:\n    s = time.perf_counter(); ${code}; print((time.perf_counter() - s) * 1e3, flush=True)`
  const child = spawn(options.python, ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask() {
      child.stdin.write('\n')
      return Number((await answers.next()).value)
    },
    end: () => child.stdin.end(),
  }
}

function python(code, argument) {
  const { status, stdout, stderr } = spawnSync(options.python, ['-c', code, String(argument)], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return Number(stdout)
}

const parts = {
  async map() {
    const inputs = Array.from({ length: 1e5 }, (_, i) => i)
    const fewer = inputs.slice(0, 1e4)
    const oneByOne = (run) => async () => void (await Promise.all(fewer.map(run)))
    const threads = new ThreadPoolExecutor({ maxWorkers: workers })
    const processes = new ProcessPoolExecutor({ maxWorkers: workers })
    const tinyThreads = tiny('worker_threads')
    const tinyProcesses = tiny('child_process')
    const piscina = new Piscina({ filename: task, minThreads: workers, maxThreads: workers })
    const settings = { maxWorkers: workers, minWorkers: workers }
    const poolThreads = workerpool.pool({ ...settings, workerType: 'thread' })
    const poolProcesses = workerpool.pool({ ...settings, workerType: 'process' })
    const cpython = pythonThatStays(
      'import multiprocessing as mp\ndef square(x): return x * x\nwith mp.get_context("fork").Pool(2) as p:',
      'p.map(square, range(100000))',
    )
    const times = await inTurns(
      {
        'numcore threads': async () => void (await threads.map(square, inputs)),
        'numcore processes': async () => void (await processes.map(square, inputs)),
        'CPython Pool.map': () => cpython.ask(),
      },
      rounds * 6,
      10,
    )
    cpython.end()
    table('map of 1e5 tiny tasks', times, 'numcore processes')
    // Fewer, and twice: the others take seconds.
    const others = await inTurns(
      {
        'numcore threads': async () => void (await threads.map(square, fewer)),
        'numcore processes': async () => void (await processes.map(square, fewer)),
        'tinypool threads': oneByOne((x) => tinyThreads.run(x)),
        'tinypool processes': oneByOne((x) => tinyProcesses.run(x)),
        'piscina threads': oneByOne((x) => piscina.run(x)),
        'workerpool threads': oneByOne((x) => poolThreads.exec(square, [x])),
        'workerpool processes': oneByOne((x) => poolProcesses.exec(square, [x])),
      },
      2,
      1,
    )
    table('map of 1e4 tiny tasks, the others one by one', others, 'numcore processes')
    await Promise.all([
      threads.close(),
      processes.close(),
      tinyThreads.destroy(),
      tinyProcesses.destroy(),
    ])
    await Promise.all([piscina.destroy(), poolThreads.terminate(), poolProcesses.terminate()])
  },

  async dispatch() {
    const many = 2000
    const each = (run) => async () => {
      for (let i = 0; i < many; i++) await run(i)
    }
    for (const [kind, Executor, runtime] of [
      ['threads', ThreadPoolExecutor, 'worker_threads'],
      ['processes', ProcessPoolExecutor, 'child_process'],
    ]) {
      const ours = new Executor({ maxWorkers: workers })
      const theirs = tiny(runtime)
      const times = await inTurns(
        {
          numcore: each((i) => ours.submit(same, i)),
          tinypool: each((i) => theirs.run(i, { name: 'same' })),
        },
        rounds * 2,
      )
      table(`one task after another, ${kind}, a task`, times, 'numcore', 'us', many / 1e3)
      await ours.close()
      await theirs.destroy()
    }
  },

  async arrays() {
    const data = new Float64Array(8 << 20).fill(1.5)
    const ours = new ProcessPoolExecutor({ maxWorkers: 4 })
    const theirs = tiny('child_process', {
      minThreads: 4,
      maxThreads: 4,
      serialization: 'advanced',
    })
    const four = [data, data, data, data]
    const times = await inTurns(
      {
        'numcore, the same array': async () => void (await ours.map(same, four, { chunkSize: 1 })),
        'numcore, four arrays': async () => {
          const copies = four.map((each) => each.slice())
          const start = performance.now()
          await ours.map(same, copies, { chunkSize: 1 })
          return performance.now() - start
        },
        'tinypool, its own channel': async () =>
          void (await Promise.all(four.map((each) => theirs.run(each, { name: 'same' })))),
      },
      3,
    )
    table('a 64 MB Float64Array to each of four processes and back', times, 'numcore, four arrays')
    await ours.close()
    await theirs.destroy()
  },

  async threshold() {
    const ours = new ProcessPoolExecutor({ maxWorkers: 1 })
    console.log('\nan array to a process and back: bytes, through the pipe, by shared memory (us)')
    for (const kilobytes of [4, 16, 32, 64, 128, 256, 1024]) {
      // An object of halves stays below the limit and goes through the pipe.
      const whole = new Uint8Array(kilobytes * 1024)
      const { sharedAbove } = await import('../dist/parallel/wire.js')
      const part = Math.min(whole.length, sharedAbove / 2)
      const halves = Array.from({ length: whole.length / part }, (_, i) =>
        whole.slice(i * part, (i + 1) * part),
      )
      const forced = new Uint8Array(Math.max(whole.length, sharedAbove))
      const many = 50
      const times = (value) => async () => {
        for (let i = 0; i < many; i++) await ours.submit(same, value)
      }
      const { pipe, shared } = await inTurns({ pipe: times(halves), shared: times(forced) })
      console.log(
        `  ${String(whole.length).padStart(8)} ${((median(pipe) / many) * 1e3).toFixed(0).padStart(8)} ` +
          `${((median(shared) / many) * 1e3).toFixed(0).padStart(8)}${forced.length > whole.length ? `  (of ${forced.length})` : ''}`,
      )
    }
    await ours.close()
  },

  async lock() {
    const many = 1e5
    const lock = new Lock()
    const local = new Lock({ between: 'threads' })
    const loop = (l) => () => {
      for (let i = 0; i < many; i++) l.acquireSync().release()
    }
    const alone = await inTurns({
      'numcore, processes': loop(lock),
      'numcore, threads': loop(local),
    })
    table('an uncontended lock, taken and released', alone, 'numcore, processes', 'us', many / 1e3)

    const increment = (l, counter, times) => {
      for (let i = 0; i < times; i++) {
        const guard = l.acquireSync()
        counter.value += 1
        guard.release()
      }
    }
    const code =
      'import multiprocessing as mp, sys, time\ncontext = mp.get_context("fork")\n' +
      'lock = context.Lock(); counter = context.Value("i", 0, lock=False)\n' +
      'def increment(times):\n  for _ in range(times):\n    with lock: counter.value += 1\n' +
      'with context.Pool(4) as p:\n  p.map(abs, range(4), 1)\n  s = time.perf_counter(); p.map(increment, [100000] * 4, 1); t = time.perf_counter() - s\n' +
      'assert counter.value == 400000\nprint(t * 1e3)'
    const pool = new ProcessPoolExecutor({ maxWorkers: 4 })
    const times = await inTurns({
      'numcore, 4 processes': async () => {
        const counter = new SharedValue('int32')
        const rows = Array.from({ length: 4 }, () => [lock, counter, many])
        await pool.starmap(increment, rows, { chunkSize: 1 })
        if (counter.value !== 4 * many) throw new Error(`${counter.value} instead of ${4 * many}`)
      },
      'CPython Lock, 4 processes': () => python(code, 0),
    })
    table(
      '4 processes x 1e5 increments under a lock (exact in every round)',
      times,
      'numcore, 4 processes',
    )
    await pool.close()
  },

  /** Not a time but a count: workers are killed at random for as long as it takes. */
  async kill() {
    const wanted = Number(options.kills)
    const pool = new ProcessPoolExecutor({ maxWorkers: 4 })
    const children = () =>
      readdirSync('/proc/self/task').flatMap((thread) =>
        readFileSync(`/proc/self/task/${thread}/children`, 'utf8')
          .trim()
          .split(' ')
          .filter(Boolean)
          .map(Number),
      )
    const open = () => readdirSync('/proc/self/fd').length
    const before = open()
    const data = new Float64Array(40_000).fill(1)
    const work = async (id, array) => {
      await new Promise((resolve) => setTimeout(resolve, id % 7))
      return id % 3 === 0 ? array.map((x) => x + id) : id
    }
    let killed = 0
    let id = 0
    let right = 0
    let broken = 0
    let wrong = 0
    const killer = setInterval(() => {
      const victims = children()
      const victim = victims[Math.floor(Math.random() * victims.length)]
      if (victim === undefined) return
      try {
        process.kill(victim, 'SIGKILL')
        killed++
      } catch {}
    }, 30)
    const one = async () => {
      while (killed < wanted) {
        const mine = id++
        try {
          const result = await pool.submit(work, mine, data)
          if ((mine % 3 === 0 ? result[39_999] - 1 : result) === mine) right++
          else wrong++
        } catch (error) {
          if (error instanceof BrokenWorkerError) broken++
          else throw error
        }
      }
    }
    await Promise.all(Array.from({ length: 12 }, one))
    clearInterval(killer)
    await pool.close()
    console.log(
      `\n${killed} processes killed: ${id} tasks, ${right} right, ${broken} broken, ${wrong} wrong, ` +
        `${id - right - broken - wrong} never settled; processes left ${children().length}, descriptors ${before} before and ${open()} after`,
    )
  },
}

for (const name of options.only.split(',')) await parts[name]()
