import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { info, integrate, inv, invInfo, invSync, Matrix } from 'numcore'
import { abortsItself, assertFails, bits, sleep } from './support/assertions.js'

const matrix = (n: number, seed = 1) => Matrix.random(n, n, { seed, symmetric: true })
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] as number

/** A job that goes on until it is stopped; a wide one unless `threads` is 1. */
function endless(threads = 2) {
  const controller = new AbortController()
  const { signal } = controller
  const job = integrate('sin(x)', 0, 1, { bins: 2 ** 53, threads, signal }).catch(() => {})
  return {
    running: () => until(() => info().queue.running > 0),
    abort: () => controller.abort(),
    async stop() {
      controller.abort()
      await job
      await idle()
    },
  }
}

/** Waits for what has to come, as long as mocha lets it: how soon is the machine's affair. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(1)
}

const idle = () => until(() => info().queue.queued + info().queue.running === 0)

describe('jobs', () => {
  beforeEach(idle)
  afterEach(idle)

  it('leave the event loop and files free while a job that never ends runs and eight wait', async () => {
    const blocking = endless()
    await blocking.running()
    const waiting = Array.from({ length: 8 }, (_, i) => inv(matrix(300, i), { threads: 2 }))
    assert.deepEqual(info().queue, { queued: 8, running: 1 })
    // Were the loop or libuv's pool blocked, none of these would ever come.
    const path = join(tmpdir(), `numcore-readfile-${process.pid}`)
    await writeFile(path, Buffer.alloc(1 << 20))
    for (let i = 0; i < 20; i++) {
      const [bytes] = await Promise.all([readFile(path), readFile(path), sleep(1)])
      assert.equal(bytes.length, 1 << 20)
    }
    await rm(path)
    assert.deepEqual(info().queue, { queued: 8, running: 1 })
    await blocking.stop()
    await Promise.all(waiting)
  })

  it('leave the event loop quick (measured, not asserted) while nine inversions run', async () => {
    const path = join(tmpdir(), `numcore-readfile-${process.pid}`)
    await writeFile(path, Buffer.alloc(1 << 20))
    const timeReads = async (count: number) => {
      const times: number[] = []
      for (let i = 0; i < count; i++) {
        const start = performance.now()
        await readFile(path)
        times.push(performance.now() - start)
        await sleep(10)
      }
      return median(times)
    }
    await timeReads(5)
    const quiet = await timeReads(40)

    const A = matrix(2000)
    const threads = info().available
    // One runs and eight wait, for as long as the measurement takes.
    let measuring = true
    const keepBusy = async () => {
      while (measuring) await inv(A, { threads })
    }
    const results = Promise.all(Array.from({ length: 9 }, keepBusy))
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const busy = await timeReads(40)
    delay.disable()
    measuring = false
    await results
    await rm(path)
    const p99 = delay.percentile(99) / 1e6
    console.log(
      `        event-loop delay p99 ${p99.toFixed(2)} ms; readFile of 1 MB: ` +
        `${quiet.toFixed(2)} ms quiet, ${busy.toFixed(2)} ms busy (${(busy / quiet).toFixed(1)} x)`,
    )
  })

  it('reject within moments of an abort, and the queue goes on', async () => {
    const A = matrix(4000)
    const reason = new Error('changed my mind')
    const { signal, onProgress } = abortsItself(reason)
    let start = 0
    signal.addEventListener('abort', () => {
      start = performance.now()
    })
    await assert.rejects(inv(A, { signal, onProgress }), (error) => error === reason)
    const rejected = performance.now() - start
    const small = matrix(300)
    const X = await inv(small, { threads: info().available })
    const ready = performance.now() - start
    console.log(
      `        rejected after ${rejected.toFixed(1)} ms; the next job done after ${ready.toFixed(0)} ms`,
    )
    assert.equal(X.rows, 300)
  })

  it('that wait are taken out of the queue by an abort', async () => {
    const first = endless()
    await first.running()
    const controller = new AbortController()
    const waiting = inv(matrix(300, 2), { threads: 2, signal: controller.signal })
    const third = inv(matrix(300, 3), { threads: 2 })
    assert.deepEqual(info().queue, { queued: 2, running: 1 })
    controller.abort()
    assert.deepEqual(info().queue, { queued: 1, running: 1 })
    await assert.rejects(waiting, { name: 'AbortError' })
    await first.stop()
    assert.equal((await third).rows, 300)
  })

  it('are not even started with a signal that is aborted already', async () => {
    const before = info().queue
    await assert.rejects(
      inv(matrix(1000), { signal: AbortSignal.abort('no') }),
      (error) => error === 'no',
    )
    assert.deepEqual(info().queue, before)
  })

  it('end in a timeout when the signal is one', async () => {
    const task = integrate('x', 0, 1, { bins: 2 ** 53, signal: AbortSignal.timeout(30) })
    await assert.rejects(task, { name: 'TimeoutError' })
  })

  it('settle an aborted promise only when the caller’s own buffer is free again', async () => {
    const A = matrix(1500)
    const out = Matrix.zeros(1500, 1500)
    const outcome = await inv(A, { out, ...abortsItself('enough') }).catch((error) => error)
    // Nobody writes to `out` any more, whichever came first, the abort or the end of the work.
    assert.deepEqual(info().queue, { queued: 0, running: 0 })
    assert.ok(outcome === 'enough' || outcome === out, String(outcome))
    const after = bits(out.data)
    await inv(matrix(300), { threads: 2 })
    assert.equal(bits(out.data), after)

    // The end of one that waits is told as any other: in a macrotask of its own.
    const blocking = endless()
    await blocking.running()
    const controller = new AbortController()
    const waiting = inv(A, { out, threads: 2, signal: controller.signal })
    let settled = false
    waiting.catch(() => {
      settled = true
    })
    controller.abort()
    for (let tick = 0; tick < 50; tick++) await Promise.resolve()
    assert.equal(settled, false)
    await assert.rejects(waiting, { name: 'AbortError' })
    assert.deepEqual(info().queue, { queued: 0, running: 1 })
    assert.equal(bits(out.data), after)
    await blocking.stop()
  })

  it('let small ones pass while a wide one runs', async () => {
    const wide = endless()
    await wide.running()
    const small = await Promise.all(Array.from({ length: 100 }, (_, i) => inv(matrix(3, i))))
    assert.equal(small.length, 100)
    assert.equal(invSync(matrix(4)).rows, 4)
    assert.equal(info().queue.running, 1)
    await wide.stop()
  })

  it('that ask for one thread run beside each other', async () => {
    const tasks = [endless(1), endless(1)]
    // As many as there are CPUs; the others wait for one of them to end.
    const beside = Math.min(2, info().available)
    await until(() => info().queue.running === beside)
    assert.equal(info().queue.queued, 2 - beside)
    for (const task of tasks) task.abort()
    for (const task of tasks) await task.stop()
  })

  it('tell their progress while they run', async () => {
    const controller = new AbortController()
    const seen: number[] = []
    const running = integrate('x', 0, 1, {
      bins: 2 ** 53,
      signal: controller.signal,
      onProgress: (fraction) => {
        if (seen.push(fraction) === 3) controller.abort()
      },
    })
    await assert.rejects(running, { name: 'AbortError' })
    assert.equal(seen.length, 3)
    assert.ok(seen.every((fraction, i) => fraction > (seen[i - 1] ?? 0) && fraction < 1))
  })

  it('tell their progress, rising to 1', async () => {
    const seen: number[] = []
    await inv(matrix(2000), { onProgress: (fraction) => seen.push(fraction) })
    assert.equal(seen.at(-1), 1)
    for (const [i, fraction] of seen.entries()) {
      assert.ok(fraction > (seen[i - 1] ?? 0) && fraction <= 1, String(seen))
    }
  })

  it('tell 1 before they resolve, however short they are', async () => {
    for (const n of [1, 2, 100]) {
      const seen: number[] = []
      await inv(matrix(n), { onProgress: (fraction) => seen.push(fraction) })
      assert.equal(seen.at(-1), 1)
    }
  })

  it('may start others from onProgress', async () => {
    const others: Promise<unknown>[] = []
    await inv(matrix(500), {
      onProgress() {
        for (let i = 0; i < 50; ++i) others.push(inv(matrix(2)))
      },
    })
    assert.equal((await Promise.all(others)).length % 50, 0)
    assert.ok(others.length > 0)
  })

  it('are cancelled, and reject, when onProgress throws', async () => {
    const error = new Error('from the callback')
    const task = inv(matrix(2000), {
      onProgress() {
        throw error
      },
    })
    await assert.rejects(task, (thrown) => thrown === error)
  })

  it('refuse options that are wrong before they start', async () => {
    const A = matrix(3)
    for (const threads of [0, -1, 1.5, Number.NaN, 1e6, '2' as never]) {
      await assertFails(
        () => inv(A, { threads }),
        'ERR_INVALID_ARGUMENT',
        /integer from 1 to 1024 for threads/,
      )
    }
    await assertFails(
      () => inv(A, { signal: {} as never }),
      'ERR_INVALID_ARGUMENT',
      /AbortSignal for signal/,
    )
    await assertFails(
      () => inv(A, { onProgress: 1 as never }),
      'ERR_INVALID_ARGUMENT',
      /function for onProgress/,
    )
    await assertFails(
      () => inv(A, { thread: 2 } as never),
      'ERR_INVALID_ARGUMENT',
      /did you mean "threads"/,
    )
    await assertFails(() => invSync(A, { signal: 1 } as never), 'ERR_INVALID_ARGUMENT', /"signal"/)
    await assertFails(
      () => inv(A, null as never),
      'ERR_INVALID_ARGUMENT',
      /received null of type null/,
    )
  })

  it('keep their buffers alive when the caller forgets them', async () => {
    const tasks = Array.from({ length: 20 }, (_, i) => invInfo(matrix(200, i)))
    // Garbage of every size, so that freed memory would soon hold something else.
    for (let i = 0; i < 200; i++) new Float64Array(200 * 200).fill(i)
    for (const [i, { inverse }] of (await Promise.all(tasks)).entries()) {
      assert.equal(bits(inverse.data), bits(invSync(matrix(200, i)).data))
    }
  })

  it('do not keep the process alive once they are done, and do until then', async () => {
    const script = `
      import { inv, Matrix } from 'numcore'
      inv(Matrix.random(800, 800, { seed: 1 })).then(() => console.log('done'))`
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      script,
    ])
    assert.equal(stdout, 'done\n')
  })

  it('do not hold up process.exit, nor crash it', async () => {
    const script = `
      import { info, integrate, inv, Matrix } from 'numcore'
      import { setTimeout } from 'node:timers/promises'
      for (const threads of [2, 1]) integrate('x', 0, 1, { bins: 2 ** 53, threads })
      for (let i = 0; i < 5; i++) inv(Matrix.random(300, 300, { seed: i }), { threads: 2 })
      while (info().queue.running < 2) await setTimeout(1)
      process.exit(7)`
    await assert.rejects(
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]),
      {
        code: 7,
        signal: null,
      },
    )
  })
})

describe('worker threads', () => {
  const script = `
    import { parentPort, workerData } from 'node:worker_threads'
    import { inv, Matrix } from '${import.meta.resolve('numcore')}'
    const A = Matrix.random(workerData.n, workerData.n, { seed: 1, symmetric: true })
    parentPort.postMessage('ready')
    const X = await inv(A, { threads: workerData.threads })
    parentPort.postMessage(X.data)`
  const start = (n: number, threads: number) =>
    new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
      workerData: { n, threads },
    })

  it('load, compute and exit, twenty of them, some killed in the middle of a job', async () => {
    const expected = [1, 2].map((threads) => bits(invSync(matrix(400), { threads }).data))
    const work = async (i: number) => {
      const kill = i % 4 === 3
      const worker = start(kill ? 1500 : 400, 1 + (i % 2))
      const exited = once(worker, 'exit')
      const messages: unknown[] = []
      worker.on('message', (message) => messages.push(message))
      await once(worker, 'message')
      if (kill) {
        await sleep(i * 3)
        await worker.terminate()
      }
      await exited
      if (!kill) assert.equal(bits(messages[1] as Float64Array), expected[i % 2])
    }
    for (let round = 0; round < 4; round++) {
      await Promise.all(Array.from({ length: 5 }, (_, i) => work(round * 5 + i)))
    }
    await idle()
    assert.deepEqual(info().queue, { queued: 0, running: 0 })
    assert.equal((await inv(matrix(100))).rows, 100)
  })

  it('leave no queued job behind when they are killed', async () => {
    const blocking = endless()
    await blocking.running()
    const worker = start(1000, 2)
    await once(worker, 'message')
    await until(() => info().queue.queued > 0)
    await worker.terminate()
    assert.equal(info().queue.queued, 0)
    await blocking.stop()
  })

  it('may be killed at any moment of loading', async () => {
    // In a process of its own, which an exception that reaches C would end. The workers do nothing but load.
    const killer = `
      import { Worker } from 'node:worker_threads'
      import 'numcore'
      const addon = process.report.getReport().sharedObjects.find((path) => path.endsWith('numcore.node'))
      const loading = \`const { workerData: started } = require('node:worker_threads')
        Atomics.store(started, 0, 1)
        Atomics.notify(started, 0)
        for (;;) process.dlopen({ exports: {} }, \${JSON.stringify(addon)})\`
      for (let i = 0; i < 40; i++) {
        const started = new Int32Array(new SharedArrayBuffer(4))
        const worker = new Worker(loading, { eval: true, execArgv: [], workerData: started })
        Atomics.wait(started, 0, 0, 60_000)
        console.log(await worker.terminate())
      }`
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', killer],
      { timeout: 300_000 },
    )
    assert.equal(stdout, '1\n'.repeat(40))
  })
})
