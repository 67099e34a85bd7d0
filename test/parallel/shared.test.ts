import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { inv, integrate, Matrix, rfft } from 'numcore'
import {
  partial,
  ProcessPoolExecutor,
  SharedArray,
  type SharedType,
  SharedValue,
  task,
} from 'numcore/parallel'
import { assertFails } from '../support/assertions.js'
import { kinds, segments, until } from './tasks.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const types: readonly SharedType[] = [
  ...(['float64', 'float32', 'int8', 'uint8', 'int16', 'uint16', 'int32', 'uint32'] as const),
  ...(['bigint64', 'biguint64'] as const),
]

for (const [name, make] of kinds) {
  const betweens =
    name === 'ThreadPoolExecutor' ? (['threads', 'processes'] as const) : (['processes'] as const)
  for (const between of betweens) {
    describe(`shared memory between ${between}, ${name}`, () => {
      it('is seen by tasks, of every type', async () => {
        await using pool = make({ maxWorkers: 2 })
        for (const type of types) {
          const big = type.startsWith('big')
          const shared = new SharedArray(type, (big ? [1n, 2n, 3n] : [1, 2, 3]) as never, {
            between,
          })
          const change = (array: SharedArray<'int8'>, i: number) => {
            array.array[i] = (array.array[0] as number) + (array.array[1] as number)
            return [array.type, array.length, array.array.constructor.name]
          }
          const seen = await pool.submit(change as never, shared as never, 2 as never)
          assert.deepEqual(seen, [type, 3, shared.array.constructor.name])
          assert.equal(shared.array[2], big ? 3n : 3, type)
        }
      })

      it('goes by reference wherever it is, and comes back as itself', async () => {
        const initializer = (array: SharedArray) => {
          ;(globalThis as { kept?: SharedArray }).kept = array
        }
        const shared = new SharedArray('float64', 4, { between })
        await using pool = make({ maxWorkers: 1, initializer, initArgs: [shared] })
        const write = (a: { deep: [Map<string, SharedArray>] }, i: number) => {
          const array = a.deep[0].get('x') as SharedArray
          array.array[i] = 1
          ;((globalThis as { kept?: SharedArray }).kept as SharedArray).array[i + 1] = 2
          return { array, view: array.array.subarray(1, 3) }
        }
        const bound = partial(write, {
          deep: [new Map([['x', shared]])] as [Map<string, SharedArray>],
        })
        const { array, view } = await pool.submit(bound, 0)
        assert.equal(shared.array.join(), '1,2,0,0')
        array.array[3] = 9
        view[1] = 8
        assert.equal(shared.array.join(), '1,2,8,9')
      })

      it('goes as a view or a matrix as well', async () => {
        await using pool = make({ maxWorkers: 1 })
        const shared = new SharedArray('float64', 6, { between })
        const fill = (view: Float64Array, matrix: { data: Float64Array }) => {
          view.fill(5)
          matrix.data[0] = 7
        }
        await pool.submit(fill, shared.array.subarray(2, 4), new Matrix(2, 3, shared.array))
        assert.equal(shared.array.join(), '7,0,5,5,0,0')
      })

      it('adds atomically', async () => {
        await using pool = make({ maxWorkers: 2 })
        for (const type of ['float64', 'float32', 'int32', 'biguint64'] as const) {
          const value = new SharedValue(type, (type === 'biguint64' ? 5n : 5) as never, { between })
          const add = (counter: SharedValue<'int32'>, one: number) => {
            for (let i = 0; i < 20_000; i++) counter.add(one)
          }
          const one = type === 'biguint64' ? 1n : 1
          await pool.starmap(
            add as never,
            [
              [value, one],
              [value, one],
            ] as never,
            { chunkSize: 1 },
          )
          assert.equal(Number(value.value), 40_005, type)
        }
        const small = new SharedValue('uint8', 250, { between })
        assert.equal(small.add(10), 4)
        assert.equal(small.value, 4)
      })
    })
  }
}

describe('shared memory', () => {
  it('is taken by kernels without a copy', async () => {
    for (const between of ['threads', 'processes'] as const) {
      const a = new SharedArray('float64', [4, 2, 2, 2], { between })
      const out = new SharedArray('float64', 4, { between })
      await inv(new Matrix(2, 2, a.array), { out: new Matrix(2, 2, out.array) })
      assert.equal(out.array.join(), '0.5,-0.5,-0.5,1')
      await inv(new Matrix(2, 2, a.array), { overwrite: true })
      assert.equal(a.array.join(), '0.5,-0.5,-0.5,1')
      const spectrum = await rfft(new SharedArray('float64', [1, 2, 3, 4], { between }).array)
      assert.equal(spectrum.join(), '10,0,-2,2,-2,0')
    }
    assert.ok((await integrate('x', 0, 1)).value > 0)
  })

  it('is freed when it is disposed of, and when it is collected', async () => {
    collect()
    const before = segments()
    {
      using shared = new SharedArray('float64', 100_000)
      assert.deepEqual(segments(), { open: before.open + 1, mapped: before.mapped + 1 })
      assert.equal(shared.length, 100_000)
    }
    // Without a collection, but not before the event loop has turned.
    await until(() => segments().open <= before.open && segments().mapped <= before.mapped)
    const disposed = new SharedArray('int32', 3)
    disposed[Symbol.dispose]()
    disposed[Symbol.dispose]()
    assert.equal(disposed.array.length, 0)
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1 })
    await assertFails(
      () => pool.submit((x: unknown) => x, disposed),
      'ERR_INVALID_ARGUMENT',
      /disposed/,
    )

    for (let i = 0; i < 10; i++) assert.equal(new SharedArray('float64', 1000).length, 1000)
    await until(() => {
      collect()
      const { open, mapped } = segments()
      return open <= before.open && mapped <= before.mapped
    })
  })

  it('outlives the one who made it, and is freed with its last user, also when that is killed', async () => {
    const named = () => readdirSync('/dev/shm').filter((name) => name.includes('numcore'))
    const inShm = named()
    collect()
    const before = segments()
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1 })
    const create = task<() => SharedArray>(new URL('./who.js', import.meta.url), 'create')
    const shared = await pool.submit(create)
    assert.equal(shared.array.join(), '1,2,3')
    await pool.submit(() => process.kill(process.pid, 'SIGKILL')).catch(() => {})
    assert.equal(shared.array[2], 3, 'its maker is dead, and it is still there')
    assert.equal(await pool.submit((x: SharedArray) => x.array[1], shared), 2, 'and can be sent on')
    shared[Symbol.dispose]()
    await until(() => {
      collect()
      return segments().open <= before.open && segments().mapped <= before.mapped
    })
    assert.deepEqual(named(), inShm, 'it has no name that could stay behind')
  })

  it('says what is wrong', async () => {
    await assertFails(
      () => new SharedArray('float' as never, 3),
      'ERR_INVALID_ARGUMENT',
      /one of "float64"/,
    )
    await assertFails(() => new SharedArray('int8', -1), 'ERR_INVALID_ARGUMENT', /length/)
    await assertFails(
      () => new SharedArray('int8', {} as never),
      'ERR_INVALID_ARGUMENT',
      /a length or an array/,
    )
    await assertFails(
      () => new SharedArray('int8', 1, { shared: 1 } as never),
      'ERR_INVALID_ARGUMENT',
      /between/,
    )
    await assertFails(
      () => new SharedArray('float64', 2 ** 50),
      'ERR_OUT_OF_MEMORY',
      /shared memory/,
    )
    await assertFails(
      () => new SharedValue('int32', 'x' as never),
      'ERR_INVALID_ARGUMENT',
      /a number for value/,
    )
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1 })
    const local = new SharedArray('int8', 1, { between: 'threads' })
    await assertFails(
      () => pool.submit((x: unknown) => x, local),
      'ERR_TASK',
      /between: 'processes'/,
    )
    await assertFails(
      () => pool.submit((x: unknown) => x, local.array),
      'ERR_TASK',
      /SharedArrayBuffer/,
    )
  })
})
