import assert from 'node:assert/strict'
import {
  Barrier,
  Lock,
  ProcessPoolExecutor,
  Semaphore,
  SharedArray,
  SharedValue,
} from 'numcore/parallel'
import { assertFails } from '../support/assertions.js'
import { kinds, until } from './tasks.js'

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

for (const [name, make] of kinds) {
  const betweens =
    name === 'ThreadPoolExecutor' ? (['threads', 'processes'] as const) : (['processes'] as const)
  for (const between of betweens) {
    const options = { between }

    describe(`Lock between ${between}, ${name}`, () => {
      it('lets one in at a time: no addition is lost', async () => {
        await using pool = make({ maxWorkers: 4 })
        const lock = new Lock(options)
        const counter = new SharedValue('int32', 0, options)
        const sync = (l: Lock, c: SharedValue<'int32'>) => {
          for (let i = 0; i < 20_000; i++) {
            const guard = l.acquireSync()
            c.value += 1
            guard.release()
          }
        }
        const waiting = async (l: Lock, c: SharedValue<'int32'>) => {
          const add = async () => {
            for (let i = 0; i < 50; i++) {
              const guard = await l.acquire()
              const before = c.value
              await new Promise((resolve) => setImmediate(resolve))
              c.value = before + 1
              guard.release()
            }
          }
          // Two in one thread exclude each other as well.
          await Promise.all([add(), add()])
        }
        const both = [lock, counter] as const
        await pool.starmap(sync, [both, both, both, both] as never, { chunkSize: 1 })
        assert.equal(counter.value, 80_000)
        await pool.starmap(waiting, [both, both, both, both] as never, { chunkSize: 1 })
        assert.equal(counter.value, 80_400)
        assert.equal(lock.locked, false)
      })

      it('reports an owner that died to the next one', async () => {
        await using pool = make({ maxWorkers: 1 })
        const lock = new Lock(options)
        const die = (l: Lock, how: string) => {
          l.acquireSync()
          if (how === 'kill') process.kill(process.pid, 'SIGKILL')
          process.exit(1)
        }
        for (const how of name === 'ProcessPoolExecutor' ? ['kill', 'exit'] : ['exit']) {
          await pool.submit(die, lock, how).catch(() => {})
          assert.equal(lock.locked, true)
          const guard = how === 'kill' ? lock.acquireSync() : await lock.acquire()
          assert.equal(guard.ownerDied, true)
          guard.release()
          const next = lock.acquireSync()
          assert.equal(next.ownerDied, false, 'once')
          next.release()
        }
        // One who waits already is told as well.
        const hold = async (l: Lock) => {
          await l.acquire()
          await new Promise((resolve) => setTimeout(resolve, 30))
          process.exit(1)
        }
        const dying = pool.submit(hold, lock).catch(() => {})
        await until(() => lock.locked)
        const guard = await lock.acquire()
        assert.equal(guard.ownerDied, true)
        guard.release()
        await dying
      })
    })

    describe(`Semaphore between ${between}, ${name}`, () => {
      it('lets in as many as it has permits', async () => {
        await using pool = make({ maxWorkers: 3 })
        const semaphore = new Semaphore(2, options)
        const inside = new SharedArray('int32', 2, options)
        const enter = async (s: Semaphore, counts: SharedArray<'int32'>, sync: boolean) => {
          for (let i = 0; i < 30; i++) {
            if (sync) s.acquireSync()
            else await s.acquire()
            const now = Atomics.add(counts.array, 0, 1) + 1
            for (let most = counts.array[1] as number; now > most;) {
              const seen = Atomics.compareExchange(counts.array, 1, most, now)
              if (seen === most) break
              most = seen
            }
            await new Promise((resolve) => setTimeout(resolve, 1))
            Atomics.sub(counts.array, 0, 1)
            s.release()
          }
        }
        const row = (sync: boolean) => [semaphore, inside, sync] as const
        await pool.starmap(enter, [row(true), row(false), row(true)] as never, { chunkSize: 1 })
        assert.ok((inside.array[1] as number) <= 2, `${inside.array[1]} at once`)
        assert.equal(inside.array[0], 0)
        assert.equal(semaphore.value, 2)
      })
    })

    describe(`Barrier between ${between}, ${name}`, () => {
      it('lets nobody through before all have come, again and again', async () => {
        await using pool = make({ maxWorkers: 3 })
        const barrier = new Barrier(3, options)
        const arrived = new SharedArray('int32', 20, options)
        const rounds = async (b: Barrier, counts: SharedArray<'int32'>, sync: boolean) => {
          const places: number[] = []
          for (let round = 0; round < 20; round++) {
            Atomics.add(counts.array, round, 1)
            places.push(sync ? b.waitSync() : await b.wait())
            if (Atomics.load(counts.array, round) !== 3)
              throw new Error(`too early in round ${round}`)
          }
          return places
        }
        const row = (sync: boolean) => [barrier, arrived, sync] as const
        const places = await pool.starmap(rounds, [row(true), row(false), row(true)] as never, {
          chunkSize: 1,
        })
        for (let round = 0; round < 20; round++) {
          const each = (places as number[][]).map((list) => list[round] as number)
          assert.deepEqual(each.sort(), [0, 1, 2])
        }
        assert.equal(barrier.waiting, 0)
      })
    })
  }
}

for (const between of ['threads', 'processes'] as const) {
  describe(`waiting, between ${between}`, () => {
    it('ends when the time is up or a signal aborts', async () => {
      const lock = new Lock({ between })
      const guard = lock.acquireSync()
      assert.equal(lock.tryAcquire(), undefined)
      await assertFails(
        () => lock.acquire({ timeout: 10 }),
        'ERR_TIMEOUT',
        /lock did not come within 10 ms/,
      )
      await assertFails(() => lock.acquireSync(), 'ERR_LOCK', /does not hold/)
      const controller = new AbortController()
      const reason = new Error('enough')
      const first = lock.acquire({ signal: controller.signal })
      const second = lock.acquire({ signal: controller.signal })
      const third = lock.acquire()
      setTimeout(() => controller.abort(reason), 5)
      await assert.rejects(first, reason)
      await assert.rejects(second, reason)
      guard.release()
      guard.release()
      const last = await third
      assert.equal(lock.locked, true)
      last.release()
      assert.equal(lock.locked, false)

      const semaphore = new Semaphore(0, { between })
      await assertFails(() => semaphore.acquireSync({ timeout: 10 }), 'ERR_TIMEOUT', /semaphore/)
      await assertFails(() => semaphore.acquire({ timeout: 10 }), 'ERR_TIMEOUT', /semaphore/)
      const waiting = semaphore.acquire()
      await pause(5)
      semaphore.release(2)
      await waiting
      assert.equal(semaphore.value, 1)
      await assertFails(() => semaphore.release(2 ** 31), 'ERR_INVALID_ARGUMENT', /count/)
    })

    it('at a barrier that breaks ends for everybody', async () => {
      const barrier = new Barrier(3, { between })
      const patient = barrier.wait()
      const broken = assertFails(() => patient, 'ERR_BROKEN_BARRIER', /broken/)
      await assertFails(
        () => barrier.waitSync({ timeout: 10 }),
        'ERR_TIMEOUT',
        /barrier did not come/,
      )
      await broken
      assert.equal(barrier.broken, true)
      await assertFails(() => barrier.wait(), 'ERR_BROKEN_BARRIER', /broken/)
      barrier.reset()
      assert.equal(barrier.broken, false)
      const waiting = assertFails(() => barrier.wait(), 'ERR_BROKEN_BARRIER', /reset/)
      await pause(5)
      barrier.reset()
      await waiting
      const aborted = assertFails(() => barrier.wait(), 'ERR_BROKEN_BARRIER', /broken/)
      barrier.abort()
      await aborted
      barrier.reset()
      assert.deepEqual(
        await Promise.all([barrier.wait(), barrier.wait(), barrier.wait()]),
        [0, 1, 2],
      )
    })
  })
}

describe('using', () => {
  it('releases a lock at the end of its block', () => {
    const lock = new Lock()
    {
      using guard = lock.acquireSync()
      assert.equal(guard.ownerDied, false)
      assert.equal(lock.locked, true)
    }
    assert.equal(lock.locked, false)
  })

  it('only the holder releases', async () => {
    const lock = new Lock()
    lock.acquireSync()
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1 })
    assert.equal(await pool.submit((l: Lock) => l.tryAcquire() === undefined, lock), true)
    await assertFails(
      () => pool.apply((l: Lock) => l.acquireSync({ timeout: 20 }).ownerDied, [lock]),
      'ERR_TIMEOUT',
      /20 ms/,
    )
  })
})
