import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  ThreadPoolExecutor,
  partial,
  Pool,
  ProcessPoolExecutor,
  task,
  move,
} from 'numcore/parallel'
import { assertFails } from '../support/assertions.js'
import { children, kinds, threadsHere } from './tasks.js'

const range = (n: number) => Array.from({ length: n }, (_, i) => i)

/** The chunk sizes of CPython's Pool.map, asked of CPython itself. */
function pythonChunks(lengths: readonly number[], workers: number): number[] | undefined {
  const code = `
from multiprocessing.pool import ThreadPool, Pool
seen = []
original = Pool._get_tasks
def spy(func, it, size):
    seen.append(size)
    return original(func, it, size)
Pool._get_tasks = staticmethod(spy)
with ThreadPool(${workers}) as pool:
    for n in [${lengths.join()}]: pool.map(abs, range(n))
print(*seen)`
  const { status, stdout } = spawnSync('python3', ['-c', code], { encoding: 'utf8' })
  return status === 0 ? stdout.trim().split(' ').map(Number) : undefined
}

for (const [name, make] of kinds) {
  describe(name, () => {
    it('maps in the order of the inputs', async () => {
      await using pool = make({ maxWorkers: 2 })
      const inputs = range(1000)
      const squares = inputs.map((x) => x * x)
      for (const chunkSize of [undefined, 1, 7, 5000]) {
        assert.deepEqual(await pool.map((x: number) => x * x, inputs, { chunkSize }), squares)
      }
      assert.deepEqual(await pool.map((x: number) => x, []), [])
    })

    it('spreads arguments, and runs single tasks', async () => {
      await using pool = make({ maxWorkers: 2 })
      const power = (x: number, n: number) => x ** n
      assert.deepEqual(await pool.starmap(power, [[2, 3] as const, [3, 2] as const]), [8, 9])
      assert.equal(await pool.submit(power, 2, 10), 1024)
      assert.equal(await pool.apply(power, [5, 2]), 25)
    })

    it('waits for asynchronous tasks', async () => {
      await using pool = make({ maxWorkers: 2 })
      const slow = async (x: number) => {
        await new Promise((resolve) => setTimeout(resolve, 5))
        return -x
      }
      assert.deepEqual(await pool.map(slow, [1, 2, 3]), [-1, -2, -3])
    })

    it('carries every kind of value', async () => {
      await using pool = make({ maxWorkers: 1 })
      const circle: { self?: unknown; list: number[] } = { list: [1] }
      circle.self = circle
      const values = [
        ...[0, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 1e-320],
        ...[undefined, null, true, 'text', '\ud800', 10n ** 30n],
        ...[
          new Date(5),
          /x/g,
          new Map([[{ a: 1 }, [2]]]),
          new Set([1, 'a']),
          Object.assign([1], { 2: 3 }),
        ],
        ...[
          new Float64Array([1, 2]),
          new Uint8Array([3]).buffer,
          { deep: { deeper: [{}] } },
          circle,
        ],
      ]
      for (const value of values) {
        assert.deepStrictEqual(await pool.submit((x: unknown) => x, value), value)
      }
      // Alone numbers take a way of their own.
      assert.deepStrictEqual(await pool.map((x: number) => x, [0, -0, Number.NaN]), [
        0,
        -0,
        Number.NaN,
      ])
      const mixed = await pool.map((x: number) => (x % 2 ? x : String(x)), [1, 2, 3])
      assert.deepEqual(mixed, [1, '2', 3])
    })

    it('keeps large arrays apart that came one after another', async () => {
      await using pool = make({ maxWorkers: 1 })
      const keep = (x: Float64Array) => {
        const place = globalThis as { kept?: Float64Array[] }
        place.kept ??= []
        place.kept.push(x)
        return x.map((each) => -each)
      }
      const results: Float64Array[] = []
      for (const value of [1, 2, 3]) {
        results.push(await pool.submit(keep, new Float64Array(50_000 * value).fill(value)))
      }
      assert.deepEqual(
        results.map((each) => [each.length, each.every((x) => x === each[0]), each[0]]),
        [1, 2, 3].map((value) => [50_000 * value, true, -value]),
      )
      const kept = await pool.submit(() =>
        (globalThis as unknown as { kept: Float64Array[] }).kept.map((each) => [
          each.length,
          each[0],
          each.at(-1),
        ]),
      )
      assert.deepEqual(
        kept,
        [1, 2, 3].map((value) => [50_000 * value, value, value]),
      )
    })

    it('carries many numbers, of which results take the places', async () => {
      await using pool = make({ maxWorkers: 2 })
      const half = (x: number) => x / 2
      // Around what is sent as it is, what makes the shared memory grow, and what is too much for it.
      for (const length of [63, 64, 65, 20_000, 700, 2 ** 20 + 1]) {
        const inputs = range(length)
        const halves = inputs.map(half)
        for (const each of [inputs, Float64Array.from(inputs), new Set(inputs)]) {
          assert.deepEqual(await pool.map(half, each, { chunkSize: length }), halves)
        }
        assert.equal(inputs[length - 1], length - 1, 'the program has its own')
      }
      const inputs = range(5000)
      const twoKinds = (x: number) => (x % 1000 === 999 ? String(x) : -x)
      assert.deepEqual(await pool.map(twoKinds, inputs), inputs.map(twoKinds))
      const later = async (x: number) => x + 1
      assert.deepEqual(await pool.map(later, inputs), range(5001).slice(1))
      const add = (a: number, b: number) => a + b
      assert.deepEqual(await pool.map(partial(add, 1), inputs), range(5001).slice(1))
      const mixed = [...inputs, 'end']
      assert.deepEqual(await pool.map((x: unknown) => x, mixed, { chunkSize: 5001 }), mixed)
      const special = [-0, Number.NaN, Number.NEGATIVE_INFINITY, ...inputs]
      assert.deepStrictEqual(await pool.map((x: number) => x, special), special)
    })

    it('gives the numbers before a failure, also of a chunk that is overwritten by the next', async () => {
      await using pool = make({ maxWorkers: 1 })
      const failing = (x: number) => {
        if (x === 2500) throw new Error('2500')
        return -x
      }
      const seen: number[] = []
      const reading = async () => {
        for await (const x of pool.imap(failing, range(5000), { chunkSize: 1000 })) {
          // The next chunks come meanwhile.
          if (seen.length === 0) await pool.submit(() => 0)
          seen.push(x)
        }
      }
      await assert.rejects(reading, /2500/)
      assert.deepEqual(
        seen,
        range(2500).map((x) => -x),
      )
    })

    it('knows how many results there are when its inputs become fewer', async () => {
      await using pool = make({ maxWorkers: 1 })
      const inputs = new Set([1, 2, 3])
      const mapped = pool.map((x: number) => x, inputs, { chunkSize: 1 })
      inputs.delete(3)
      assert.deepEqual(await mapped, [1, 2])
    })

    it('carries large arrays, deep inside as well, each of its own', async () => {
      await using pool = make({ maxWorkers: 2 })
      const large = Float64Array.from({ length: 100_000 }, (_, i) => i)
      const view = large.subarray(10_000, 90_000)
      const change = (x: { a: Float64Array; list: [Map<string, Float64Array>] }) => {
        const inner = x.list[0].get('view') as Float64Array
        x.a[0] = 99
        inner[0] = (inner[0] as number) + 1
        return { first: inner.slice(0, 2), whole: x.a, buffer: inner }
      }
      const input = { a: large, list: [new Map([['view', view]])] as [Map<string, Float64Array>] }
      const results = await pool.map(change, [input, input, input], { chunkSize: 1 })
      for (const { first, whole, buffer } of results) {
        assert.equal(first.join(), '10001,10001')
        assert.equal(whole.length, 100_000)
        assert.equal(whole[0], 99)
        assert.equal(buffer.length, 80_000)
        assert.ok(whole instanceof Float64Array && buffer instanceof Float64Array)
      }
      assert.equal(large[0], 0, 'the program has its own')
      const bytes = new ArrayBuffer(400_000)
      const others = [
        ...[Buffer.from(bytes), new Uint8ClampedArray(bytes), new BigInt64Array(bytes)],
        ...[new Float32Array(bytes), new DataView(bytes), bytes],
      ]
      for (const value of others) {
        const back = (await pool.submit((x: unknown) => x, value)) as ArrayBuffer
        assert.equal(back.byteLength, 400_000)
        // A Buffer becomes a Uint8Array between threads, as structured clone has it.
        if (!Buffer.isBuffer(value)) assert.equal(back.constructor, value.constructor)
      }
    })

    it('iterates in order, and in any order', async () => {
      await using pool = make({ maxWorkers: 2 })
      const wait = async (x: number) => {
        await new Promise((resolve) => setTimeout(resolve, x === 0 ? 50 : 1))
        return x
      }
      const ordered: number[] = []
      for await (const x of pool.imap(wait, range(20))) ordered.push(x)
      assert.deepEqual(ordered, range(20))
      const any: number[] = []
      for await (const x of pool.imapUnordered(wait, range(20), { chunkSize: 3 })) any.push(x)
      assert.deepEqual(
        [...any].sort((a, b) => a - b),
        range(20),
      )
    })

    it('reads inputs no further than it needs, and closes them', async () => {
      await using pool = make({ maxWorkers: 2 })
      let read = 0
      let closed = false
      function* endless() {
        try {
          for (;;) yield read++
        } finally {
          closed = true
        }
      }
      const seen: number[] = []
      for await (const x of pool.imap((y: number) => y + 1, endless())) {
        seen.push(x)
        if (seen.length === 10) break
      }
      assert.deepEqual(seen, range(11).slice(1))
      assert.ok(read <= 10 + 1 + 2 * 2, `${read} were read`)
      assert.ok(closed)
    })

    it('reads asynchronous inputs, and says what they throw', async () => {
      await using pool = make({ maxWorkers: 2 })
      async function* inputs() {
        yield 1
        await new Promise((resolve) => setTimeout(resolve, 5))
        yield 2
      }
      assert.deepEqual(await pool.map((x: number) => x * 10, inputs()), [10, 20])
      async function* failing() {
        yield 1
        throw new Error('no more')
      }
      await assert.rejects(() => pool.map((x: number) => x, failing()), /no more/)
      function* throwing() {
        yield 1
        throw new Error('none left')
      }
      await assert.rejects(() => pool.map((x: number) => x, throwing()), /none left/)
    })

    it('tells its progress', async () => {
      await using pool = make({ maxWorkers: 2 })
      const told: number[] = []
      await pool.map((x: number) => x, range(16), { onProgress: (part) => told.push(part) })
      assert.deepEqual(
        told,
        [1, 2, 3, 4, 5, 6, 7, 8].map((i) => i / 8),
      )
      const failing = () => {
        throw new Error('enough')
      }
      await assert.rejects(() => pool.map((x: number) => x, [1], { onProgress: failing }), /enough/)
    })

    it('runs an initializer in each worker', async () => {
      const start = (a: number, b: number[]) => {
        ;(globalThis as { started?: number }).started = a + (b[0] as number)
      }
      await using pool = make({ maxWorkers: 2, initializer: start, initArgs: [40, [2]] })
      const read = () => (globalThis as { started?: number }).started
      assert.deepEqual(await pool.map(read, [1, 2, 3, 4], { chunkSize: 1 }), [42, 42, 42, 42])
    })

    it('sends what is bound once to a worker', async () => {
      await using pool = make({ maxWorkers: 1 })
      const count = (state: { calls: number }, x: number) => `${(state.calls += 1)}:${x}`
      const bound = partial(count, { calls: 0 })
      assert.deepEqual(await pool.map(bound, [7, 8], { chunkSize: 1 }), ['1:7', '2:8'])
      assert.deepEqual(await pool.map(bound, [9]), ['3:9'])
      const three = (a: string, b: string, c: string) => a + b + c
      assert.equal(await pool.submit(partial(partial(three, 'a'), 'b'), 'c'), 'abc')
    })

    it('replaces workers after their tasks', async () => {
      await using pool = make({ maxWorkers: 1, maxTasksPerWorker: 3 })
      const seen = await pool.map(task(import.meta.resolve('./who.js'), 'who'), range(9))
      const runs = new Map<unknown, number>()
      for (const each of seen) runs.set(each, (runs.get(each) ?? 0) + 1)
      assert.deepEqual([...runs.values()], [3, 3, 3])
    })

    it('divides the CPUs among the workers', async () => {
      const { count } = threadsHere()
      await using many = make({ maxWorkers: 64 })
      assert.equal((await many.submit(threadsHere)).count, 1)
      await using one = make({ maxWorkers: 1, threadsPerWorker: 3 })
      const inside = await one.submit(threadsHere)
      assert.equal(inside.count, 3)
      assert.match(inside.source, /threadsPerWorker|OMP_NUM_THREADS/)
      assert.equal(threadsHere().count, count, 'the program keeps its number')
    })

    it('gives its environment to workers, but not that of an MPI rank', async () => {
      const ranks = {
        OMPI_COMM_WORLD_RANK: '3',
        PMIX_RANK: '3',
        PMI_RANK: '3',
        HYDI_CONTROL_FD: '9',
      }
      Object.assign(process.env, ranks, { NUMCORE_TEST_VARIABLE: 'kept' })
      try {
        await using pool = make({ maxWorkers: 1, env: { ADDED: 'yes' } })
        const read = () => Object.fromEntries(Object.entries(process.env))
        const seen = await pool.submit(read)
        assert.equal(seen.ADDED, 'yes')
        assert.equal(seen.NUMCORE_TEST_VARIABLE, 'kept')
        for (const variable of Object.keys(ranks)) assert.equal(seen[variable], undefined, variable)
      } finally {
        for (const variable of [...Object.keys(ranks), 'NUMCORE_TEST_VARIABLE'])
          delete process.env[variable]
      }
    })

    it('waits for its tasks when it is closed, and takes no more', async () => {
      const pool = make({ maxWorkers: 2 })
      const slow = (x: number) => new Promise<number>((resolve) => setTimeout(() => resolve(x), 20))
      const running = pool.map(slow, range(6), { chunkSize: 1 })
      const closing = pool.close()
      await assertFails(() => pool.submit(slow, 1), 'ERR_POOL_CLOSED', /takes no more tasks/)
      await closing
      assert.deepEqual(await running, range(6))
      assert.deepEqual(pool.load, { workers: 0, busy: 0, queued: 0 })
      await pool.close()
    })

    it('fails what runs and what waits when it is terminated', async () => {
      const pool = make({ maxWorkers: 1 })
      const forever = () => {
        for (;;);
      }
      const tasks = [pool.submit(forever), pool.submit(forever), pool.map(forever, [1, 2])]
      const iterator = pool.imap(forever, [1])
      const settled = Promise.allSettled([...tasks, iterator.next()])
      await pool.terminate()
      for (const outcome of await settled) {
        assert.equal(outcome.status, 'rejected')
        assert.equal((outcome.reason as { code: string }).code, 'ERR_POOL_CLOSED')
      }
      assert.deepEqual(pool.load, { workers: 0, busy: 0, queued: 0 })
    })

    it('does not wait for an iterator that nobody reads any more', async () => {
      const pool = make({ maxWorkers: 1 })
      function* endless() {
        for (;;) yield 1
      }
      const iterator = pool.imap((x: number) => x, endless())
      assert.equal((await iterator.next()).value, 1)
      await pool.close()
      await assertFails(
        async () => {
          for await (const _ of iterator);
        },
        'ERR_POOL_CLOSED',
        /closed before all inputs/,
      )
    })

    it('refuses options that mean nothing', async () => {
      await assertFails(() => make({ maxWorker: 2 } as never), 'ERR_INVALID_ARGUMENT', /maxWorkers/)
      await assertFails(() => make({ maxWorkers: 0 }), 'ERR_INVALID_ARGUMENT', /from 1 to 1024/)
      await using pool = make({ maxWorkers: 1 })
      const same = (x: number) => x
      await assertFails(
        () => pool.map(same, [1], { chunk: 1 } as never),
        'ERR_INVALID_ARGUMENT',
        /chunk/,
      )
      await assertFails(
        () => pool.map(same, [1], { chunkSize: 0 }),
        'ERR_INVALID_ARGUMENT',
        /chunkSize/,
      )
      await assertFails(
        () => pool.map(same, 5 as never),
        'ERR_INVALID_ARGUMENT',
        /an iterable for inputs/,
      )
      await assertFails(() => pool.map(5 as never, [1]), 'ERR_INVALID_ARGUMENT', /a function/)
    })
  })
}

describe('Pool', () => {
  it('ends its workers at once when its block is left', async () => {
    let pid: number
    let waiting: Promise<unknown>
    {
      await using pool = new Pool(1)
      pid = await pool.submit(() => process.pid)
      assert.ok(children().includes(pid))
      waiting = pool
        .submit(() => new Promise(() => {}))
        .catch((error: { code: string }) => error.code)
    }
    assert.equal(await waiting, 'ERR_POOL_CLOSED')
    assert.ok(!children().includes(pid))
  })

  it("cuts inputs as CPython's does", async function () {
    const lengths = [1, 7, 8, 9, 16, 17, 100, 1001]
    const sizes = pythonChunks(lengths, 2)
    if (sizes === undefined) {
      console.log('      (skipped: no python3)')
      return this.skip()
    }
    await using pool = new ThreadPoolExecutor({ maxWorkers: 2 })
    const ours: number[] = []
    for (const length of lengths) {
      const parts: number[] = []
      await pool.map((x: number) => x, range(length), {
        onProgress: (part) => parts.push(Math.round(part * length)),
      })
      // All chunks but the last are of that size, and they may come in any order.
      ours.push(Math.max(...parts.map((part, i) => part - (parts[i - 1] ?? 0))))
    }
    assert.deepEqual(ours, sizes)
  })
})

describe('move', () => {
  it('gives memory away between threads, and copies it to processes', async () => {
    const sum = (x: Float64Array) => x.reduce((total, each) => total + each, 0)
    await using threads = new ThreadPoolExecutor({ maxWorkers: 1 })
    const given = new Float64Array([1, 2, 3])
    assert.equal(await threads.submit(sum, move(given)), 6)
    assert.equal(given.length, 0)
    await using processes = new ProcessPoolExecutor({ maxWorkers: 1 })
    const kept = new Float64Array([1, 2, 3])
    assert.equal(await processes.submit(sum, move(kept)), 6)
    assert.equal(kept.length, 3)
  })
})
