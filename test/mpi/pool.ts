// A program with an MPIPoolExecutor: rank 0 runs it, and the others are its workers. They load it too, for its tasks.
import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { getThreads } from 'numcore'
import { MPIPoolExecutor } from 'numcore/mpi/pool'
import {
  BrokenPoolError,
  BrokenWorkerError,
  isMain,
  Lock,
  partial,
  PoolClosedError,
  SharedArray,
  SharedValue,
  task,
  TaskError,
  TimeoutError,
  workerId,
} from 'numcore/parallel'

const offset = 10
let given: unknown

export class KeelError extends RangeError {
  readonly depth: number
  constructor(message: string, depth: number, options?: ErrorOptions) {
    super(message, options)
    this.name = 'KeelError'
    this.depth = depth
  }
}

export const shift = (x: number) => x + offset
export const fail = (depth: number): never => {
  throw Object.assign(new KeelError('the keel broke', depth, { cause: new TypeError('rot') }), {
    code: 'E_KEEL',
  })
}
export const remember = (value: unknown) => {
  given = value
}
export const refuse = () => {
  throw new Error('no crew')
}
export const recall = () => given
export const who = () => `${process.pid}.${threadId}`
export const threads = () => getThreads()
export const fill = (shared: SharedArray<'float64'>, i: number) => {
  shared.array[i] = i
  return shared.array.length
}
export const fillView = (view: Float64Array) => {
  view[1] = 7
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
const range = (n: number) => Array.from({ length: n }, (_, i) => i)

async function main(ranks: number, sharesMemory: boolean): Promise<void> {
  const done = (what: string) => console.log(`ok ${what}`)
  const workers = Math.max(1, ranks - 1)

  {
    await using pool = new MPIPoolExecutor(ranks === 1 ? { maxWorkers: 1 } : {})
    assert.equal(pool.maxWorkers, workers)
    const inputs = range(1000)
    for (const chunkSize of [undefined, 1, 7, 5000]) {
      const squares = await pool.map((x: number) => x * x, inputs, { chunkSize })
      assert.deepEqual(
        squares,
        inputs.map((x) => x * x),
      )
    }
    assert.deepEqual(await pool.map((x: number) => x, []), [])
    assert.deepEqual(await pool.starmap((x: number, n: number) => x ** n, [[2, 3] as const]), [8])
    assert.equal(await pool.submit((x: number, n: number) => x ** n, 2, 10), 1024)
    assert.deepEqual(await pool.map(shift, [1, 2]), [11, 12])
    assert.equal(await pool.submit(task<typeof shift>(import.meta.url, 'shift'), 5), 15)
    const shares: number[] = []
    await pool.map((x: number) => x, inputs, { onProgress: (fraction) => shares.push(fraction) })
    assert.equal(shares.at(-1), 1)
    done('map, starmap, submit, tasks of the main program')

    const places = new Set(await pool.map(who, range(20 * workers), { chunkSize: 1 }))
    const pids = new Set([...places].map((place) => place.split('.')[0]))
    // The quick ones may take all: those that wait for each other cannot.
    assert.ok(pids.size <= workers && !pids.has(String(process.pid)))
    if (sharesMemory) {
      const counter = new SharedValue('int32')
      const together = async (count: SharedValue<'int32'>, all: number) => {
        count.add(1)
        while (count.value < all) await new Promise((resolve) => setTimeout(resolve, 1))
        return process.pid
      }
      const tasks = range(workers).map((): [SharedValue<'int32'>, number] => [counter, workers])
      const all = await pool.starmap(together, tasks, { chunkSize: 1 })
      assert.equal(new Set(all).size, workers, 'all ranks at once')
    }
    done('all ranks work')

    const circle: { self?: unknown } = {}
    circle.self = circle
    const large = Float64Array.from({ length: 200_000 }, (_, i) => i)
    for (const value of [
      ...[0, -0, Number.NaN, undefined, null, 'text', '\ud800', 10n ** 30n],
      ...[new Date(5), new Map([[{ a: 1 }, [2]]]), new Set([1]), circle],
      ...[large, { deep: [large.subarray(10, 150_000)] }, new Uint8Array([3]).buffer],
      ...[new BigInt64Array(9000), new Float32Array(3)],
    ]) {
      assert.deepStrictEqual(await pool.submit((x: unknown) => x, value), value)
    }
    const twice = await pool.map((x: Float64Array) => x.fill(1).length, [large, large], {
      chunkSize: 1,
    })
    assert.deepEqual([...twice, large[5]], [200_000, 200_000, 5], 'arguments are copies')
    const sum = (text: Float64Array, i: number) => (text[i] as number) + text.length
    assert.deepEqual(await pool.map(partial(sum, large), [1, 2, 3]), [200_001, 200_002, 200_003])
    done('every kind of value')

    const ordered: number[] = []
    const wait = async (x: number) => {
      await new Promise((resolve) => setTimeout(resolve, x === 0 ? 50 : 1))
      return x
    }
    for await (const x of pool.imap(wait, range(20))) ordered.push(x)
    assert.deepEqual(ordered, range(20))
    const any: number[] = []
    for await (const x of pool.imapUnordered(wait, range(20), { chunkSize: 3 })) any.push(x)
    assert.deepEqual(
      any.sort((a, b) => a - b),
      range(20),
    )
    let read = 0
    function* endless() {
      for (;;) yield read++
    }
    for await (const x of pool.imap((y: number) => y, endless())) if (x === 100) break
    assert.ok(read < 200 + 4 * workers, `${read} inputs were read for 100 results`)
    done('iterators')

    await assert.rejects(pool.submit(fail, 3), (error) => {
      assert.ok(error instanceof RangeError)
      const { name, message, code, depth, cause, stack } = error as KeelError & { code: string }
      assert.deepEqual([name, message, code, depth], ['KeelError', 'the keel broke', 'E_KEEL', 3])
      assert.ok(cause instanceof TypeError)
      assert.match(String(stack), ranks === 1 ? /in process \d+/ : /in rank \d+/)
      return true
    })
    assert.throws(() => new MPIPoolExecutor({ maxWorker: 2 } as object), /maxWorkers/)
    const closed = offset + ranks
    await assert.rejects(
      pool.map((x: number) => x + closed, [1]),
      TaskError,
    )
    await assert.rejects(
      pool.submit((x: unknown) => x, Promise.resolve()),
      TaskError,
    )
    await assert.rejects(
      pool.submit((x: unknown) => x, new SharedArrayBuffer(8)),
      TaskError,
    )
    await assert.rejects(
      pool.submit(() => () => 1),
      TaskError,
    )
    // Between threads a blob can be cloned, between ranks it cannot.
    if (ranks > 1) {
      await assert.rejects(
        pool.submit(() => new Blob(['x'])),
        TaskError,
      )
    }
    done('errors')

    const forever = () => {
      for (;;);
    }
    await assert.rejects(pool.apply(forever, [], { timeout: 50 }), TimeoutError)
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await assert.rejects(pool.map(forever, [1, 2, 3], { signal: controller.signal }), /enough/)
    await assert.rejects(
      pool.submit(() => process.exit(5)),
      (error) => error instanceof BrokenWorkerError && error.exitCode === 5,
    )
    await assert.rejects(
      pool.submit(() => process.exit(0)),
      (error) => error instanceof BrokenWorkerError && error.exitCode === 0,
    )
    assert.deepEqual(await pool.map(shift, range(100)), range(100).map(shift))
    done('what hangs or exits is replaced')

    const shared = new SharedArray('float64', 4)
    if (sharesMemory) {
      assert.deepEqual(
        await pool.starmap(fill, [[shared, 1] as const, [shared, 2] as const]),
        [4, 4],
      )
      await pool.submit(fillView, shared.array.subarray(2))
      assert.equal(shared.array.join(), '0,1,2,7')
      const lock = new Lock()
      const add = (mutex: Lock, counter: SharedArray<'float64'>) => {
        for (let i = 0; i < 500; i++) {
          const guard = mutex.acquireSync()
          counter.array[0] = (counter.array[0] as number) + 1
          guard.release()
        }
      }
      await pool.starmap(
        add,
        range(4).map((): [Lock, SharedArray<'float64'>] => [lock, shared]),
        { chunkSize: 1 },
      )
      assert.equal(shared.array[0], 2000)
      const made = await pool.submit(() => new Uint8Array(3))
      assert.equal(made.length, 3)
    } else {
      shared.array[3] = 5
      assert.equal(await pool.submit(fill, shared, 1), 4)
      assert.equal(shared.array.join(), '0,0,0,5', 'by value')
      assert.equal(
        await pool.submit((x: SharedArray<'float64'>) => x.array[3], shared),
        5,
        'with what was in it',
      )
      assert.equal(await pool.submit((x: Float64Array) => x[1], shared.array.subarray(2)), 5)
      for (const each of [new SharedValue('int32'), new Lock()]) {
        await assert.rejects(
          pool.submit((x: unknown) => x, each),
          (error) => error instanceof TaskError && /does not see/.test(error.message),
        )
      }
    }
    done('shared memory')

    if (ranks > 1) {
      assert.throws(() => new MPIPoolExecutor(), BrokenPoolError)
      assert.throws(() => new MPIPoolExecutor({ maxWorkers: ranks }), /maxWorkers|one/)
    }
  }

  {
    await using pool = new MPIPoolExecutor({
      maxWorkers: 1,
      initializer: remember,
      initArgs: [{ sea: 'calm' }],
      threadsPerWorker: 2,
      maxTasksPerWorker: 3,
      heapLimit: 64,
      env: { NUMCORE_TEST_SEA: 'rough' },
      errorClasses: [KeelError],
    })
    assert.deepEqual(await pool.submit(recall), { sea: 'calm' })
    assert.equal(await pool.submit(threads), 2)
    assert.equal(await pool.submit(() => process.env.NUMCORE_TEST_SEA), 'rough')
    await assert.rejects(pool.submit(fail, 1), KeelError)
    const inOneRank = await pool.map(who, range(9), { chunkSize: 1 })
    // Four tasks have been before: the second worker has two left.
    assert.equal(new Set(inOneRank).size, 4)
    const fat = () => {
      const kept: unknown[] = []
      for (;;) kept.push(Array.from({ length: 100_000 }, (_, i) => ({ i })))
    }
    await assert.rejects(pool.submit(fat), BrokenWorkerError)
    assert.deepEqual(await pool.submit(recall), { sea: 'calm' })
    await pool.shutdown()
    await assert.rejects(pool.submit(recall), PoolClosedError)
    done('options')
  }

  {
    const pool = new MPIPoolExecutor({ initializer: refuse })
    await assert.rejects(pool.submit(recall), /no crew/)
    await pool.close()
    const again = new MPIPoolExecutor()
    assert.equal(await again.submit(recall), undefined, 'nothing is left of the pools before')
    const endless = again.submit(() => {
      for (;;);
    })
    const failed = assert.rejects(endless, PoolClosedError)
    await sleep(50)
    await again.terminate()
    await failed
    done('pools that fail and pools that are ended')
  }

  const last = new MPIPoolExecutor()
  assert.equal(await last.submit(() => 1), 1)
  console.log('all is well')
  // Nobody closes it, and one task never ends.
  void last.submit(() => {
    for (;;);
  })
  await sleep(20)
  process.exit(0)
}

if (isMain) {
  const folder = process.env.NUMCORE_TEST_FOLDER as string
  const mark = join(folder, 'started')
  assert.ok(!existsSync(mark), 'the program runs once')
  writeFileSync(mark, '')
  assert.equal(workerId(), undefined)
  await main(Number(process.argv[2]), process.argv[3] === 'shared')
}
