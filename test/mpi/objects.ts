// Lower case: values of every kind, point to point and collectively.
import assert from 'node:assert/strict'
import {
  ANY_SOURCE,
  ANY_TAG,
  LAND,
  LOR,
  MAX,
  MAXLOC,
  MIN,
  MINLOC,
  PROD,
  PROC_NULL,
  Status,
  SUM,
} from 'numcore/mpi'
import { checkEach } from './check.js'
import { values } from './values.js'

/** A structured clone, which keeps the class of a Buffer. */
function expected(value: unknown): unknown {
  return structuredClone(value)
}

function same(actual: unknown, original: unknown): void {
  if (Buffer.isBuffer(original)) {
    assert.ok(Buffer.isBuffer(actual))
    assert.deepEqual(actual, original)
    return
  }
  if (original instanceof Date) {
    // An invalid one is not equal to itself.
    assert.ok(actual instanceof Date && Object.is(actual.getTime(), original.getTime()))
    return
  }
  const wanted = expected(original)
  assert.ok(Object.is(actual, wanted) || typeof actual === 'object' || typeof wanted === 'bigint')
  const plain = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && 'b' in value && Buffer.isBuffer(value.b)
      ? { ...value, b: [...value.b] }
      : value
  if (typeof original === 'object' && original !== null && 'm' in original) {
    assert.deepEqual(plain(actual), plain({ ...(wanted as object), b: Buffer.from('q') }))
  } else {
    assert.deepEqual(actual, wanted)
  }
}

checkEach('send and recv: every kind of value, from the right neighbour', (comm) => {
  const { rank, size } = comm
  for (const [i, [, make]] of values.entries()) {
    const request = comm.isend(make(), { dest: (rank + 1) % size, tag: i })
    const status = new Status()
    const value = comm.recv({ source: (rank - 1 + size) % size, tag: i, status })
    request.wait()
    same(value, make())
    assert.deepEqual([status.source, status.tag], [(rank - 1 + size) % size, i])
    assert.ok(status.bytes >= 16)
  }
})

checkEach('irecv: the same, awaited, without a buffer', async (comm) => {
  const { rank, size } = comm
  const receives = values.map((_, i) => comm.irecv({ source: (rank - 1 + size) % size, tag: i }))
  const sends = values.map(([, make], i) => comm.isend(make(), { dest: (rank + 1) % size, tag: i }))
  const received = await Promise.all(receives)
  received.forEach((value, i) => same(value, values[i]?.[1]()))
  await Promise.all(sends)
})

checkEach('values keep what JSON would lose', (comm) => {
  const trip = (value: unknown) => {
    const request = comm.isend(value, { dest: comm.rank, tag: 5 })
    const result = comm.recv({ source: comm.rank, tag: 5 })
    request.wait()
    return result
  }
  assert.ok(Object.is(trip(-0), -0))
  assert.ok(Object.is(trip({ x: -0 }).x, -0))
  const one = { a: 1 }
  const twice = trip([one, one])
  assert.equal(twice[0], twice[1])
  const ring: Record<string, unknown> = {}
  ring.ring = ring
  const copy = trip(ring)
  assert.equal(copy.ring, copy)
  const sparse = [1, 2, 3]
  delete sparse[1]
  assert.ok(!(1 in trip(sparse)))
  assert.ok('u' in trip({ u: undefined }))
})

checkEach(
  'views of one buffer stay views of one buffer, and nothing else of it is sent',
  (comm) => {
    const buffer = new ArrayBuffer(1_000_000)
    const views = { a: new Float64Array(buffer, 800, 100), b: new Uint8Array(buffer, 808, 16) }
    const request = comm.isend(views, { dest: comm.rank })
    const status = comm.probe({ source: comm.rank })
    assert.ok(status.bytes < 2000, `${status.bytes} bytes`)
    const { a, b } = comm.recv<typeof views>({ source: comm.rank })
    request.wait()
    assert.equal(a.buffer, b.buffer)
    a[1] = 1.5
    assert.equal(new DataView(b.buffer, b.byteOffset).getFloat64(0, true), 1.5)
    // A typed array on its own has memory of its own, and no more than it needs.
    const alone = comm.isend(new Float64Array(buffer, 0, 50_000), { dest: comm.rank })
    const array = comm.recv<Float64Array>({ source: comm.rank })
    alone.wait()
    assert.deepEqual([array.byteOffset, array.buffer.byteLength], [0, 400_000])
  },
)

checkEach('what cannot be cloned is refused before anything is sent', (comm) => {
  const functions = [() => 1, Symbol('s'), { f: () => 1 }]
  for (const value of [...functions, Promise.resolve(1), new WeakMap(), { it: [1].values() }]) {
    assert.throws(() => comm.send(value, { dest: 0 }), { name: 'DataCloneError' })
  }
})

checkEach('mprobe, improbe, probe and iprobe find objects', async (comm) => {
  const { rank } = comm
  assert.equal(comm.iprobe({ source: rank, tag: 3 }), undefined)
  assert.equal(comm.improbe({ source: rank, tag: 3 }), undefined)
  const request = comm.isend({ big: new Float64Array(20_000).fill(rank) }, { dest: rank, tag: 3 })
  const status = comm.probe({ source: ANY_SOURCE, tag: 3 })
  assert.deepEqual([status.source, status.tag], [rank, 3])
  const message = comm.mprobe({ source: ANY_SOURCE, tag: ANY_TAG })
  assert.equal(comm.iprobe({ source: rank, tag: 3 }), undefined)
  assert.equal(message.recv().big[19_999], rank)
  assert.throws(() => message.recv(), { code: 'ERR_INVALID_ARGUMENT' })
  await request
})

checkEach('messages to and from nobody', async (comm) => {
  comm.send({ a: 1 }, { dest: PROC_NULL })
  const status = new Status()
  assert.equal(comm.recv({ source: PROC_NULL, status }), undefined)
  assert.equal(status.source, PROC_NULL)
  assert.equal(await comm.irecv({ source: PROC_NULL }), undefined)
})

checkEach('bcast, gather, scatter, allgather and alltoall, on every root', (comm) => {
  const { rank, size } = comm
  const ranks = Array.from({ length: size }, (_, i) => i)
  const value = (i: number) => ({
    rank: i,
    text: 'x'.repeat(i),
    big: new Float64Array(i % 2 === 0 ? 3 : 10_000).fill(i),
  })
  for (const root of ranks) {
    assert.deepEqual(comm.bcast(rank === root ? value(root) : undefined, { root }), value(root))
    const gathered = comm.gather(value(rank), { root })
    assert.deepEqual(gathered, rank === root ? ranks.map(value) : undefined)
    assert.deepEqual(
      comm.scatter(rank === root ? ranks.map(value) : undefined, { root }),
      value(rank),
    )
  }
  assert.deepEqual(comm.allgather(value(rank)), ranks.map(value))
  const sent = ranks.map((dest) => `${rank}>${dest}`)
  assert.deepEqual(
    comm.alltoall(sent),
    ranks.map((source) => `${source}>${rank}`),
  )
  const mine = { rank }
  assert.notEqual(comm.gather(mine, { root: 0 })?.[0], mine)
})

checkEach(
  'reductions of values: MPI operations, arrays, and functions in the order of the ranks',
  (comm) => {
    const { rank, size } = comm
    const ranks = Array.from({ length: size }, (_, i) => i)
    const join = (a: string, b: string) => a + b
    const letters = (count: number) => 'abcdefgh'.slice(0, count)
    for (const root of ranks) {
      const joined = comm.reduce(letters(size)[rank] as string, { op: join, root })
      assert.equal(joined, rank === root ? letters(size) : undefined)
      const sum = comm.reduce(rank + 1, { root })
      assert.equal(sum, rank === root ? (size * (size + 1)) / 2 : undefined)
    }
    assert.equal(comm.allreduce(letters(size)[rank] as string, { op: join }), letters(size))
    assert.equal(comm.scan(letters(size)[rank] as string, { op: join }), letters(rank + 1))
    assert.equal(
      comm.exscan(letters(size)[rank] as string, { op: join }),
      rank === 0 ? undefined : letters(rank),
    )
    assert.equal(
      comm.allreduce(BigInt(rank + 1), { op: PROD }),
      ranks.reduce((p, i) => p * BigInt(i + 1), 1n),
    )
    assert.equal(comm.allreduce(rank, { op: MAX }), size - 1)
    assert.equal(comm.allreduce(10 - rank, { op: MIN }), 11 - size)
    assert.equal(comm.allreduce(rank === 0, { op: LAND }), size === 1)
    assert.equal(comm.allreduce(rank === 0, { op: LOR }), true)
    assert.deepEqual(comm.allreduce([rank % 2, rank], { op: MAXLOC }), size === 1 ? [0, 0] : [1, 1])
    assert.deepEqual(comm.allreduce([rank % 2, rank], { op: MINLOC }), [0, 0])
    assert.deepEqual(
      comm.allreduce(Float64Array.of(rank, 1), { op: SUM }),
      Float64Array.of((size * (size - 1)) / 2, size),
    )
    assert.deepEqual(comm.allreduce(BigInt64Array.of(3n)), BigInt64Array.of(3n * BigInt(size)))
    // A sum is the same on every rank, to the last bit, however the numbers are rounded.
    const fractions = comm.allgather(comm.allreduce(0.1 + rank * 1e-9))
    assert.equal(new Set(fractions).size, 1)
  },
)

checkEach('the awaited twins, all at once and in another order on every rank', async (comm) => {
  const { rank, size } = comm
  const ranks = Array.from({ length: size }, (_, i) => i)
  const root = size - 1
  const requests = [
    comm.ibcast(rank === root ? new Float64Array(30_000).fill(5) : undefined, { root }),
    comm.iallgather({ rank }),
    comm.ireduce(rank, { op: MAX, root }),
    comm.ibarrier(),
    comm.iscatter(rank === root ? ranks.map((i) => [i]) : undefined, { root }),
    comm.igather(new Map([[rank, 1]]), { root }),
    comm.iallreduce([rank], { op: (a: number[], b: number[]) => [...a, ...b] }),
    comm.ialltoall(ranks.map((dest) => 10 * rank + dest)),
    comm.iscan(1),
    comm.iexscan(1),
  ] as const
  const order = requests.map((_, i) => (i * 3 + rank) % requests.length)
  for (const i of order) await requests[i]
  const [bcast, allgather, reduce, , scatter, gather, allreduce, alltoall, scan, exscan] = requests
  assert.equal((bcast.wait() as Float64Array)[29_999], 5)
  assert.deepEqual(
    allgather.wait(),
    ranks.map((each) => ({ rank: each })),
  )
  assert.equal(reduce.wait(), rank === root ? size - 1 : undefined)
  assert.deepEqual(scatter.wait(), [rank])
  assert.deepEqual(gather.wait(), rank === root ? ranks.map((i) => new Map([[i, 1]])) : undefined)
  assert.deepEqual(allreduce.wait(), ranks)
  assert.deepEqual(
    alltoall.wait(),
    ranks.map((source) => 10 * source + rank),
  )
  assert.equal(scan.wait(), rank + 1)
  assert.equal(exscan.wait(), rank === 0 ? undefined : rank)
})
