import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BrokenWorkerError, type Executor, ProcessPoolExecutor, task } from 'numcore/parallel'
import { assertFails } from '../support/assertions.js'
import { numbers } from '../support/words.js'
import {
  adder,
  children,
  isAlive,
  kinds,
  pay,
  PaymentError,
  secret,
  segments,
  until,
} from './tasks.js'

async function failure(action: () => unknown): Promise<Error & Record<string, unknown>> {
  try {
    await action()
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  throw new Error('Expected a failure')
}

const forever = () => {
  for (;;);
}
const isGone = (pool: Executor) => assert.deepEqual(pool.load, { workers: 0, busy: 0, queued: 0 })

for (const [name, make] of kinds) {
  describe(`${name}, when something fails`, () => {
    it("brings a task's error with class, code, fields, cause and stack", async () => {
      await using pool = make({ maxWorkers: 1, errorClasses: [PaymentError] })
      const error = await failure(() => pool.map(pay, [5]))
      assert.ok(error instanceof PaymentError)
      assert.equal(error.name, 'PaymentError')
      assert.equal(error.message, 'cannot pay 5')
      assert.equal((error as { code?: string }).code, 'E_PAY')
      assert.equal(error.amount, 5)
      assert.ok(error.cause instanceof RangeError)
      assert.equal(error.cause.message, 'too much')
      assert.match(
        error.stack ?? '',
        /^PaymentError: cannot pay 5\n[\s\S]*tasks\.js:[\s\S]*in (thread|process) \d+$/,
      )

      await using other = make({ maxWorkers: 1 })
      const unknown = await failure(() => other.map(pay, [5]))
      assert.ok(unknown instanceof TypeError, 'the nearest class that is known')
      assert.equal(unknown.name, 'PaymentError')
    })

    it('brings whatever else is thrown', async () => {
      await using pool = make({ maxWorkers: 1 })
      const toss = (what: unknown) => {
        throw what
      }
      for (const value of ['text', 5, null, undefined, { a: [1] }]) {
        const outcome = await pool.submit(toss, value).then(
          () => 'no failure',
          (thrown: unknown) => ({ thrown }),
        )
        assert.deepEqual(outcome, { thrown: value })
      }
      const abort = await failure(() => pool.submit(() => AbortSignal.abort().throwIfAborted()))
      assert.ok(abort instanceof DOMException)
      assert.equal(abort.name, 'AbortError')
      const both = await failure(() =>
        pool.submit(() => {
          throw new AggregateError([new RangeError('one'), 'two'], 'both')
        }),
      )
      assert.ok(both instanceof AggregateError && both.errors[0] instanceof RangeError)
      const odd = await failure(() =>
        pool.submit(() => {
          throw Object.assign(new Error('odd'), { handler: () => 5, list: [1] })
        }),
      )
      assert.deepEqual(odd.list, [1])
      assert.match(String(odd.handler), /=> 5/)
    })

    it('says what cannot be sent', async () => {
      await using pool = make({ maxWorkers: 1 })
      const same = (x: unknown) => x
      await assertFails(() => pool.submit(same, [() => 1]), 'ERR_TASK', /a function/)
      await assertFails(() => pool.submit(same, Symbol('s')), 'ERR_TASK', /a symbol/)
      await assertFails(
        () => pool.submit(same, new WeakMap()),
        'ERR_TASK',
        /arguments that can be sent/,
      )
      await assertFails(() => pool.submit(() => () => 1), 'ERR_TASK', /result that can be sent/)
      await assertFails(
        () => pool.submit(() => new WeakMap()),
        'ERR_TASK',
        /result that can be sent/,
      )
      assert.equal(await pool.submit(same, 1), 1, 'and goes on')
    })

    it('computes the right thing after a task that could not be found, with many numbers', async () => {
      await using pool = make({ maxWorkers: 2 })
      const inputs = Array.from({ length: 1000 }, (_, i) => i)
      for (const length of [1000, 20_000]) {
        // Before these numbers, of which the second ones need more room, the worker has never answered from where they lie.
        const more = Array.from({ length }, (_, i) => i)
        await assertFails(() => pool.map(secret() as never, more), 'ERR_TASK', /usesModule/)
        for (let round = 0; round < 3; round++) {
          const doubled = await pool.map((x: number) => 2 * x, more)
          assert.deepEqual(
            doubled,
            more.map((x) => 2 * x),
          )
        }
      }
      const waiting = pool.map((x: number) => x, inputs, { chunkSize: 100 })
      inputs.length = 0
      const error = await failure(() => waiting)
      assert.match(error.message, /may not change until the results are there/)
    })

    it('ends, and can be closed, when workers cannot even be started', async () => {
      const pool = make({ maxWorkers: 2, initializer: () => {}, initArgs: [new WeakMap()] })
      const error = await failure(() => pool.submit((x: number) => x, 1))
      assert.equal(error.code, 'ERR_BROKEN_POOL')
      await pool.close()
      isGone(pool)
    })

    it('refuses functions that a worker cannot have, and says why', async () => {
      await using pool = make({ maxWorkers: 1 })
      await assertFails(() => pool.map(adder(5), [1]), 'ERR_TASK', /is a closure: it uses 'by'/)
      await assertFails(
        () => pool.map(secret() as never, [1]),
        'ERR_TASK',
        /'usesModule' among what .*tasks\.js exports/,
      )
      await assertFails(() => pool.map(Math.abs, [1]), 'ERR_TASK', /bound or native/)
      await assertFails(() => pool.map(pay.bind(null), [1]), 'ERR_TASK', /bound or native/)
      const url = new URL('./tasks.js', import.meta.url)
      await assertFails(
        () => pool.submit(task(url, 'nothing')),
        'ERR_TASK',
        /exports as 'nothing' but found undefined/,
      )
      await assertFails(() => pool.submit(task(url, 'notExported')), 'ERR_TASK', /found number/)
      await assert.rejects(() => pool.submit(task('/no/such/module.js', 'f')), /no\/such\/module/)
      await assertFails(() => task('relative.js', 'f'), 'ERR_INVALID_ARGUMENT', /import\.meta\.url/)
    })

    it('tells at once when a worker exits, and goes on', async () => {
      await using pool = make({ maxWorkers: 2 })
      const exit = (code: number) => process.exit(code)
      for (const code of [0, 3]) {
        const error = await failure(() => pool.submit(exit, code))
        assert.ok(error instanceof BrokenWorkerError)
        assert.equal(error.exitCode, code)
        assert.equal(error.signal, null)
        assert.match(error.message, new RegExp(`exited with code ${code}`))
      }
      const inMap = await failure(() => pool.map(exit, [3, 3, 3], { chunkSize: 1 }))
      assert.ok(inMap instanceof BrokenWorkerError)
      assert.deepEqual(await pool.map((x: number) => x + 1, [1, 2]), [2, 3])
    })

    it('tells when a worker runs out of memory, and goes on', async () => {
      await using pool = make({ maxWorkers: 1, heapLimit: 24 })
      const fill = () => {
        const all: number[][] = []
        for (;;) all.push(Array.from({ length: 1000 }, Math.random))
      }
      const error = await failure(() => pool.submit(fill))
      assert.ok(error instanceof BrokenWorkerError)
      assert.match(error.message, /r[au]ns? out of memory/)
      assert.equal(await pool.submit((x: number) => x, 1), 1)
    })

    it('tells of what fails in a worker outside of its task', async () => {
      await using pool = make({ maxWorkers: 1 })
      const later = () => {
        setImmediate(() => {
          throw new Error('later')
        })
        return new Promise(() => {})
      }
      const error = await failure(() => pool.submit(later))
      assert.ok(error instanceof BrokenWorkerError)
      assert.equal(error.exitCode, 1)
      const rejected = await failure(() =>
        pool.submit(() => {
          void Promise.reject(new Error('unhandled'))
          return new Promise(() => {})
        }),
      )
      assert.ok(rejected instanceof BrokenWorkerError)
    })

    it('gives up when workers cannot be started', async () => {
      const failing = () => {
        throw new RangeError('no database')
      }
      const pool = make({ maxWorkers: 2, initializer: failing })
      const tasks = [1, 2, 3].map((x) => pool.submit((y: number) => y, x))
      for (const outcome of await Promise.allSettled(tasks)) {
        assert.equal(outcome.status, 'rejected')
        const { code, cause } = outcome.reason as { code: string; cause: unknown }
        assert.equal(code, 'ERR_BROKEN_POOL')
        assert.ok(cause instanceof RangeError)
      }
      await assertFails(() => pool.submit((x: number) => x, 1), 'ERR_BROKEN_POOL', /no database/)
      await pool.close()
      isGone(pool)

      const dying = make({ maxWorkers: 2, initializer: () => process.exit(7) })
      await assertFails(
        () => dying.submit((x: number) => x, 1),
        'ERR_BROKEN_POOL',
        /before they are ready.*code 7/,
      )
      await dying.close()
      isGone(dying)
    })

    it('stops a call at an abort or when its time is up, and goes on', async () => {
      await using pool = make({ maxWorkers: 1 })
      const controller = new AbortController()
      const running = failure(() => pool.map(forever, [1, 2, 3], { signal: controller.signal }))
      const waiting = failure(() => pool.apply(forever, [], { signal: controller.signal }))
      const other = pool.submit((x: number) => x, 5)
      await until(() => pool.load.busy === 1)
      const reason = new Error('enough')
      controller.abort(reason)
      assert.equal(await running, reason)
      assert.equal(await waiting, reason)
      assert.equal(await other, 5)
      await assertFails(() => pool.apply(forever, [], { timeout: 5 }), 'ERR_TIMEOUT', /within 5 ms/)
      const iterator = pool.imap(forever, [1], { timeout: 5 })
      await assertFails(() => iterator.next(), 'ERR_TIMEOUT', /within 5 ms/)
      const aborted = AbortSignal.abort(reason)
      assert.equal(await failure(() => pool.map(forever, [1], { signal: aborted })), reason)
      assert.equal(await pool.submit((x: number) => x, 6), 6)
    })

    it('gives the results before a failure to an iterator', async () => {
      await using pool = make({ maxWorkers: 2 })
      const odd = (x: number) => {
        if (x === 5) throw new Error('five')
        return x
      }
      const seen: number[] = []
      const error = await failure(async () => {
        for await (const x of pool.imap(odd, [0, 1, 2, 3, 4, 5, 6, 7], { chunkSize: 2 }))
          seen.push(x)
      })
      assert.equal(error.message, 'five')
      assert.deepEqual(seen, [0, 1, 2, 3, 4])
    })
  })
}

describe('ProcessPoolExecutor, when processes are killed', () => {
  it('names the signal', async () => {
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1 })
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGSEGV'] as const) {
      const kill = (which: string) => process.kill(process.pid, which)
      const error = await failure(() => pool.submit(kill, signal))
      assert.ok(error instanceof BrokenWorkerError)
      assert.equal(error.signal, signal)
      assert.equal(error.exitCode, null)
      assert.match(error.message, new RegExp(`was killed by ${signal}`))
    }
  })

  it('settles every task once, with the right result or a BrokenWorkerError, whoever is killed when', async () => {
    const next = numbers(1)
    const before = segments()
    const present = new Set(children())
    const pool = new ProcessPoolExecutor({ maxWorkers: 3 })
    const work = async (id: number, data: Float64Array) => {
      await new Promise((resolve) => setTimeout(resolve, 10 + (id % 4)))
      // Every third answer is large, so that some die while it is on its way.
      return id % 3 === 0 ? data.map((x) => x + id) : id
    }
    const data = new Float64Array(40_000).fill(1)
    let killed = 0
    const killer = setInterval(() => {
      const victims = children().filter((pid) => !present.has(pid))
      const victim = victims[next(Math.max(1, victims.length))]
      if (victim !== undefined && next(2) === 0) {
        killed++
        process.kill(victim, 'SIGKILL')
      }
    }, 100)
    const settled = new Map<number, number>()
    let broken = 0
    await Promise.all(
      Array.from({ length: 200 }, async (_, id) => {
        try {
          const result = await pool.submit(work, id, data)
          if (id % 3 === 0) assert.equal((result as Float64Array)[39_999], 1 + id)
          else assert.equal(result, id)
        } catch (error) {
          assert.ok(error instanceof BrokenWorkerError, String(error))
          assert.equal(error.signal, 'SIGKILL')
          broken++
        }
        settled.set(id, (settled.get(id) ?? 0) + 1)
      }),
    ).finally(() => clearInterval(killer))
    await pool.close()
    assert.equal(settled.size, 200)
    assert.ok([...settled.values()].every((times) => times === 1))
    assert.ok(killed > 0 && broken <= killed, `${killed} killed, ${broken} tasks broken`)
    isGone(pool)
    assert.deepEqual(
      children().filter((pid) => !present.has(pid)),
      [],
      'no process is left',
    )
    assert.equal(segments().open, before.open, 'no segment is left open')
  })
})

describe('programs with pools', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-parallel-'))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(
      fileURLToPath(new URL('../../..', import.meta.url)),
      join(folder, 'node_modules/numcore'),
      'dir',
    )
  })
  after(() => rmSync(folder, { recursive: true }))

  function program(
    code: string,
    { args = [], file = 'main.mjs' }: { args?: string[]; file?: string | null } = {},
  ) {
    if (file !== null) writeFileSync(join(folder, file), code)
    const child = spawn(process.execPath, file === null ? args : [...args, file], {
      cwd: folder,
      timeout: 120_000,
      killSignal: 'SIGKILL',
    })
    const output = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk) => (output.stdout += chunk))
    child.stderr.on('data', (chunk) => (output.stderr += chunk))
    const ended = new Promise<{
      code: number | null
      signal: string | null
      stdout: string
      stderr: string
    }>((resolve) =>
      child.on('close', (status, signal) => resolve({ code: status, signal, ...output })),
    )
    return { child, output, ended }
  }

  for (const kind of ['ThreadPoolExecutor', 'ProcessPoolExecutor']) {
    const uses =
      "const offset = 1\nexport const f = (x) => x + offset\nimport { isMain, KIND } from 'numcore/parallel'\n"
    const head = uses.replaceAll('KIND', kind)

    it(`${kind}: say what to do when a worker starts the program again`, async () => {
      const { ended } = program(
        `${head}const pool = new ${kind}({ maxWorkers: 2 })\nawait pool.map(f, [1, 2])`,
      )
      const { code, stderr } = await ended
      assert.equal(code, 1)
      assert.match(stderr, /ReentryError: .*if \(isMain\)/)
    })

    it(`${kind}: say so as well when the pool is made later`, async () => {
      const { ended } = program(
        `${head}const main = async () => {
          await new Promise((resolve) => setTimeout(resolve, 20))
          await using_(new ${kind}({ maxWorkers: 2 }))
        }
        const using_ = async (pool) => { try { console.log(await pool.map(f, [1, 2])) } finally { await pool.close() } }
        main().catch((error) => { console.error(error); process.exitCode = 1 })`,
      )
      const { stdout, stderr } = await ended
      // The task may be done before the worker comes to it; what it must not do is to start pools without end.
      assert.ok(stdout.includes('[ 2, 3 ]') || stderr.includes('ReentryError'), stdout + stderr)
    })

    it(`${kind}: run behind the guard`, async () => {
      const body = `if (isMain) {
        const pool = new ${kind}({ maxWorkers: 2 })
        console.log(await pool.map(f, [1, 2]))
        await pool.close()
      }`
      const { code, stdout, stderr } = await program(head + body).ended
      assert.equal(code, 0, stderr)
      assert.equal(stdout, '[ 2, 3 ]\n')
    })

    it(`${kind}: end by themselves without closing the pool, with the code they have`, async () => {
      const code = `import { ${kind} } from 'numcore/parallel'
        const pool = new ${kind}({ maxWorkers: 2 })
        console.log(await pool.map((x) => x, [1, 2]))
        process.exitCode = 5`
      const outcome = await program(code).ended
      assert.equal(outcome.code, 5, outcome.stderr)
      assert.equal(outcome.stdout, '[ 1, 2 ]\n')
    })

    it(`${kind}: fail as ever when nobody hears a rejection`, async () => {
      const code = `import { ${kind} } from 'numcore/parallel'
        const pool = new ${kind}({ maxWorkers: 1 })
        pool.submit(() => { throw new TypeError('nobody') })`
      const outcome = await program(code).ended
      assert.equal(outcome.code, 1)
      assert.match(outcome.stderr, /TypeError: nobody/)
      const handled = `import { ${kind} } from 'numcore/parallel'
        const pool = new ${kind}({ maxWorkers: 1 })
        await pool.map(() => { throw new TypeError('one') }, [1, 2, 3], { chunkSize: 1 }).catch(() => {})
        await pool.close()`
      assert.equal((await program(handled).ended).code, 0)
    })

    it(`${kind}: work in CommonJS, and with code given on the command line`, async () => {
      const body = `new ${kind}({ maxWorkers: 1 }).map(f, [1, 2]).then((x) => console.log(x.join()))`
      const common = `const { ${kind}, isMain } = require('numcore/parallel')
        const offset = 1
        const f = (x) => x + offset
        exports.f = f
        if (isMain) ${body}`
      const outcome = await program(common, { file: 'main.cjs' }).ended
      assert.equal(outcome.stdout, '2,3\n', outcome.stderr)
      const code = `import { ${kind} } from 'numcore/parallel'; const f = (x) => x + 1; ${body}`
      const given = await program('', { args: ['--input-type=module', '-e', code], file: null })
        .ended
      assert.equal(given.stdout, '2,3\n', given.stderr)
    })
  }

  it('leave no process behind when they are killed, not even one that computes', async () => {
    const code = `import { ProcessPoolExecutor } from 'numcore/parallel'
      const pool = new ProcessPoolExecutor({ maxWorkers: 2 })
      const forever = () => { process.stdout.write(process.pid + '\\n', () => { for (;;); }); return new Promise(() => {}) }
      pool.submit(forever)
      pool.submit(forever)`
    const { child, output, ended } = program(code)
    await until(() => output.stdout.split('\n').length > 2 || child.exitCode !== null)
    const workers = output.stdout.trim().split('\n').map(Number)
    assert.equal(workers.length, 2)
    assert.ok(workers.every(isAlive))
    child.kill('SIGKILL')
    await until(() => !workers.some(isAlive))
    assert.equal((await ended).signal, 'SIGKILL')
  })
})
