// Upper case: arrays from where they lie, every operation on every class.
import assert from 'node:assert/strict'
import { freemem } from 'node:os'
import {
  BAND,
  BOR,
  BXOR,
  type Comm,
  DOUBLE,
  IN_PLACE,
  LAND,
  LOR,
  LXOR,
  MAX,
  MAXLOC,
  MIN,
  Op,
  PROD,
  Status,
  SUM,
  TWO_INT,
  UINT8,
} from 'numcore/mpi'
import { check, checkEach } from './check.js'
import { classes, like, type TypedArray, withValues } from './typed.js'

const operations: readonly [op: Op, of: (a: bigint, b: bigint) => bigint][] = [
  [SUM, (a, b) => a + b],
  [PROD, (a, b) => a * b],
  [MAX, (a, b) => (a > b ? a : b)],
  [MIN, (a, b) => (a < b ? a : b)],
  [LAND, (a, b) => (a && b ? 1n : 0n)],
  [LOR, (a, b) => (a || b ? 1n : 0n)],
  [LXOR, (a, b) => (!a !== !b ? 1n : 0n)],
  [BAND, (a, b) => a & b],
  [BOR, (a, b) => a | b],
  [BXOR, (a, b) => a ^ b],
]

const isFloat = (array: TypedArray) =>
  array instanceof Float32Array || array instanceof Float64Array
const isBig = (array: TypedArray) =>
  array instanceof BigInt64Array || array instanceof BigUint64Array

/** What the operation gives for ranks `from` to `to`, worked out with BigInts. */
function expected(
  from: (length: number, start: number) => TypedArray,
  of: (a: bigint, b: bigint) => bigint,
  [first, last]: [number, number],
): TypedArray {
  const parts = Array.from({ length: last - first + 1 }, (_, i) => from(7, first + i))
  const example = parts[0] as TypedArray
  const columns = Array.from({ length: 7 }, (_, column) => {
    const values = parts.map((part) => BigInt(part[column] as number | bigint))
    return values.slice(1).reduce(of, values[0] as bigint)
  })
  return withValues(
    example,
    columns.map((value) => (isBig(example) ? value : Number(value))),
  )
}

/** Logical operations on floats, and bitwise ones, are no business of MPI's. */
function applies(op: Op, array: TypedArray): boolean {
  if (!isFloat(array)) return true
  return [SUM, PROD, MAX, MIN].includes(op)
}

checkEach('reductions: every operation on every class of arrays', (comm) => {
  const { rank, size } = comm
  const root = size - 1
  for (const [name, from] of classes) {
    for (const [op, of] of operations) {
      const mine = from(7, rank)
      if (!applies(op, mine)) continue
      const all = expected(from, of, [0, size - 1])
      const result = like(mine)
      comm.Allreduce(mine, result, { op })
      assert.deepEqual(result, all, name)
      const inPlace = mine.slice()
      comm.Allreduce(IN_PLACE, inPlace, { op })
      assert.deepEqual(inPlace, all, name)
      const rooted = like(mine)
      comm.Reduce(mine, rank === root ? rooted : undefined, { op, root })
      assert.deepEqual(rooted, rank === root ? all : like(mine), name)
      const scanned = like(mine)
      comm.Scan(mine, scanned, { op })
      assert.deepEqual(scanned, expected(from, of, [0, rank]), name)
      const before = like(mine)
      comm.Exscan(mine, before, { op })
      if (rank > 0) assert.deepEqual(before, expected(from, of, [0, rank - 1]), name)
    }
  }
})

checkEach('movements: every class of arrays, blocking and awaited', async (comm) => {
  const { rank, size } = comm
  const ranks = Array.from({ length: size }, (_, i) => i)
  const root = size - 1
  const join = (parts: TypedArray[]) =>
    withValues(
      parts[0] as TypedArray,
      parts.flatMap((part) => Array.from(part as ArrayLike<number>)),
    )
  for (const [name, from] of classes) {
    const mine = from(4, rank)
    const all = join(ranks.map((i) => from(4, i)))
    const bcast = rank === root ? from(4, 3) : like(mine)
    comm.Bcast(bcast, { root })
    assert.deepEqual(bcast, from(4, 3), name)
    const results = {
      gather: like(all),
      scatter: like(mine),
      allgather: like(all),
      alltoall: like(all),
    }
    const at = (buffer: TypedArray) => (rank === root ? buffer : null)
    comm.Gather(mine, at(results.gather), { root })
    comm.Scatter(at(all), results.scatter, { root })
    comm.Allgather(mine, results.allgather)
    comm.Alltoall(all, results.alltoall)
    const wanted = {
      gather: rank === root ? all : like(all),
      scatter: mine,
      allgather: all,
      // Part j of rank i, and all ranks sent the same.
      alltoall: join(ranks.map(() => mine)),
    }
    assert.deepEqual(results, wanted, name)
    for (const each of Object.values(results)) each.fill((isBig(each) ? 0n : 0) as never)
    await Promise.all([
      comm.Igather(mine, at(results.gather), { root }),
      comm.Iscatter(at(all), results.scatter, { root }),
      comm.Iallgather(mine, results.allgather),
      comm.Ialltoall(all, results.alltoall),
      comm.Ibarrier(),
    ])
    assert.deepEqual(results, wanted, name)
    const again = rank === root ? from(4, 2) : like(mine)
    await comm.Ibcast(again, { root })
    assert.deepEqual(again, from(4, 2))
  }
})

checkEach('the v-forms: parts of different lengths, in places of their own', async (comm) => {
  const { rank, size } = comm
  const root = 0
  const counts = Array.from({ length: size }, (_, i) => i + 1)
  const total = (size * (size + 1)) / 2
  const displs = counts.map((_, i) => total - ((i + 1) * (i + 2)) / 2)
  const part = (i: number) => Float64Array.from({ length: i + 1 }, (_, k) => 10 * i + k)
  const inOrder = Float64Array.from(counts.flatMap((_, i) => [...part(i)]))
  const reversed = new Float64Array(total)
  counts.forEach((_, i) => reversed.set(part(i), displs[i]))
  for (const [places, wanted] of [
    [undefined, inOrder],
    [displs, reversed],
  ] as const) {
    const data = () => new Float64Array(total)
    const gathered = { data: data(), counts, displs: places }
    comm.Gatherv(part(rank), rank === root ? gathered : undefined, { root })
    if (rank === root) assert.deepEqual(gathered.data, wanted)
    const everywhere = { data: data(), counts, displs: places }
    comm.Allgatherv(part(rank), everywhere)
    assert.deepEqual(everywhere.data, wanted)
    const own = new Float64Array(rank + 1)
    comm.Scatterv(rank === root ? { data: wanted, counts, displs: places } : undefined, own, {
      root,
    })
    assert.deepEqual(own, part(rank))
    gathered.data.fill(0)
    own.fill(0)
    await Promise.all([
      comm.Igatherv(part(rank), rank === root ? gathered : undefined, { root }),
      comm.Iscatterv(rank === root ? { data: wanted, counts, displs: places } : undefined, own, {
        root,
      }),
      comm.Iallgatherv(part(rank), { data: data(), counts, displs: places }),
    ])
    if (rank === root) assert.deepEqual(gathered.data, wanted)
    assert.deepEqual(own, part(rank))
  }
  // Rank i sends i + 1 elements to each, so each gets j + 1 from j.
  const sent = {
    data: Int32Array.from({ length: size * (rank + 1) }, () => rank),
    counts: counts.map(() => rank + 1),
  }
  const got = { data: new Int32Array(total), counts }
  comm.Alltoallv(sent, got)
  const wanted = Int32Array.from(
    counts.flatMap((count, i) => Array.from({ length: count }, () => i)),
  )
  assert.deepEqual(got.data, wanted)
  got.data.fill(0)
  await comm.Ialltoallv(sent, got)
  assert.deepEqual(got.data, wanted)
})

checkEach('reduce-scatter, and the awaited reductions', async (comm) => {
  const { rank, size } = comm
  const contribution = Float64Array.from({ length: 2 * size }, (_, i) => i + rank)
  const own = new Float64Array(2)
  const base = (size * (size - 1)) / 2
  const wanted = Float64Array.of(2 * rank * size + base, (2 * rank + 1) * size + base)
  comm.ReduceScatterBlock(contribution, own)
  assert.deepEqual(own, wanted)
  own.fill(0)
  const [all, rooted, scanned, before] = Array.from({ length: 4 }, () => new Float64Array(1)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const one = Float64Array.of(rank + 1)
  await Promise.all([
    comm.IreduceScatterBlock(contribution, own),
    comm.Iallreduce(one, all),
    comm.Ireduce(one, rank === 0 ? rooted : null),
    comm.Iscan(one, scanned),
    comm.Iexscan(one, before),
  ])
  assert.deepEqual(own, wanted)
  assert.equal(all[0], (size * (size + 1)) / 2)
  assert.equal(rooted[0], rank === 0 ? all[0] : 0)
  assert.equal(scanned[0], ((rank + 1) * (rank + 2)) / 2)
  if (rank > 0) assert.equal(before[0], (rank * (rank + 1)) / 2)
})

checkEach('operations of your own: element by element, in the order of the ranks', (comm) => {
  const { rank, size } = comm
  // 10 a + b: the digits of the ranks, which only come out when nobody is swapped.
  using digits = Op.create((a, b) => a * 10 ** Math.ceil(Math.log10(b + 1)) + b)
  const result = new Float64Array(2)
  comm.Allreduce(Float64Array.of(rank + 1, 5), result, { op: digits })
  assert.equal(result[0], Number('12345678'.slice(0, size)))
  assert.equal(result[1], Number('5'.repeat(size)))
  using longest = Op.create<bigint>((a, b) => (a > b ? a : b), { commute: true })
  const big = new BigInt64Array(1)
  comm.Allreduce(BigInt64Array.of(BigInt(rank) << 40n), big, { op: longest })
  assert.equal(big[0], BigInt(size - 1) << 40n)
  const local = Float64Array.of(2)
  digits.reduceLocal(Float64Array.of(1), local)
  assert.equal(local[0], 12)
})

check('an operation that throws: its error comes out of the call', (comm) => {
  using broken = Op.create(() => {
    throw new RangeError('no sum today')
  })
  // On one rank nothing has to be combined.
  if (comm.size === 1) return
  let caught: unknown
  try {
    comm.Reduce(Float64Array.of(1), comm.rank === 0 ? new Float64Array(1) : null, { op: broken })
  } catch (error) {
    caught = error
  }
  const failed = comm.allreduce(caught === undefined ? 0 : 1)
  assert.ok(failed >= 1)
  if (caught !== undefined) assert.match(String(caught), /RangeError: no sum today/)
})

check('MAXLOC on pairs', (comm) => {
  const pair = Int32Array.of(comm.rank === 1 ? 100 : comm.rank, comm.rank)
  const best = new Int32Array(2)
  comm.Allreduce({ data: pair, type: TWO_INT }, { data: best, type: TWO_INT }, { op: MAXLOC })
  assert.deepEqual([...best], comm.size === 1 ? [0, 0] : [100, 1])
})

checkEach('point to point: all forms, subarrays, shared and foreign memory', async (comm) => {
  const { rank, size } = comm
  const to = (rank + 1) % size
  const source = (rank - 1 + size) % size
  const ring = async (
    out: Parameters<Comm['Send']>[0],
    into: Parameters<Comm['Recv']>[0],
    tag: number,
  ) => {
    const status = new Status()
    comm.Sendrecv(out, into, { dest: to, source, sendtag: tag, recvtag: tag, status })
    assert.deepEqual([status.source, status.tag], [source, tag])
    const receiving = comm.Irecv(into, { source, tag })
    await comm.Issend(out, { dest: to, tag })
    await receiving
    const again = comm.Irecv(into, { source, tag })
    comm.Ssend(out, { dest: to, tag })
    again.wait()
    return receiving.status.bytes
  }
  for (const [, from] of classes) {
    const into = like(from(6))
    assert.equal(await ring(from(6, rank), into, 2), into.byteLength)
    assert.deepEqual(into, from(6, source))
  }
  // 64 bytes would be 8 elements, were a length in bytes taken for one in elements.
  const long = new Float64Array(64)
  assert.equal(await ring(new Float64Array(64).fill(rank), long, 3), 512)
  assert.ok(long.every((value) => value === source))
  const wide = Float64Array.from({ length: 10 }, (_, i) => 100 * rank + i)
  const window = new Float64Array(10)
  await ring({ data: wide, offset: 2, count: 3 }, { data: window, offset: 5 }, 4)
  assert.deepEqual(
    [...window.subarray(5, 8)],
    [2, 3, 4].map((i) => 100 * source + i),
  )
  assert.equal(window[8], 0)
  const shared = new Float64Array(new SharedArrayBuffer(16))
  await ring(Float64Array.of(rank, 1), shared, 5)
  assert.deepEqual([...shared], [source, 1])
  const memory = new WebAssembly.Memory({ initial: 1 })
  const inWasm = new Int32Array(memory.buffer, 64, 2)
  await ring(Int32Array.of(rank, 7), inWasm, 6)
  assert.deepEqual([...inWasm], [source, 7])
  const view = new DataView(new ArrayBuffer(12), 4)
  await ring(Uint8Array.of(1, 2, rank, 4, 5, 6, 7, 8), view, 7)
  assert.equal(view.getUint8(2), source)
  await ring(Buffer.from('harpoons'), Buffer.alloc(8), 8)
  await ring(new ArrayBuffer(3), new ArrayBuffer(3), 9)
  await ring(new Float64Array(0), new Float64Array(0), 10)
})

checkEach('persistent requests', async (comm) => {
  const { rank, size } = comm
  const out = new Float64Array(2)
  const into = new Float64Array(2)
  using sending = comm.SendInit(out, { dest: (rank + 1) % size, tag: 1 })
  using receiving = comm.RecvInit(into, { source: (rank - 1 + size) % size, tag: 1 })
  for (let round = 0; round < 5; round++) {
    out.fill(10 * round + rank)
    receiving.start()
    assert.throws(() => receiving.start(), /under way/)
    sending.start()
    if (round % 2 === 0) await Promise.all([receiving, sending])
    else [receiving, sending].map((each) => each.wait())
    assert.equal(into[1], 10 * round + ((rank - 1 + size) % size))
    assert.equal(receiving.status.bytes, 16)
  }
})

checkEach('types with gaps: columns, blocks, and columns side by side', (comm) => {
  const { rank } = comm
  const rows = 3
  const columns = 4
  const matrix = Float64Array.from({ length: rows * columns }, (_, i) => i)
  using column = DOUBLE.vector(rows, 1, columns)
  assert.deepEqual([column.size, column.extent], [24, 8 * (columns * (rows - 1) + 1)])
  const self = (out: Parameters<Comm['Send']>[0], into: Parameters<Comm['Recv']>[0]) =>
    comm.Sendrecv(out, into, { dest: rank, source: rank })
  const one = new Float64Array(rows)
  self({ data: matrix, offset: 1, count: 1, type: column }, one)
  assert.deepEqual([...one], [1, 5, 9])
  const back = new Float64Array(rows * columns)
  self(one, { data: back, offset: 2, count: 1, type: column })
  assert.deepEqual(
    [...back].filter((value) => value > 0),
    [1, 5, 9],
  )
  using packed = column.resized(8)
  const transposed = new Float64Array(rows * columns)
  self({ data: matrix, count: columns, type: packed }, transposed)
  assert.deepEqual([...transposed], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
  using block = DOUBLE.subarray([rows, columns], [2, 2], [1, 1])
  const four = new Float64Array(4)
  self({ data: matrix, count: 1, type: block }, four)
  assert.deepEqual([...four], [5, 6, 9, 10])
  using some = DOUBLE.indexed([1, 2], [0, 5])
  self({ data: matrix, count: 1, type: some }, four)
  assert.deepEqual([...four.subarray(0, 3)], [0, 5, 6])
  using pair = UINT8.contiguous(2)
  assert.deepEqual([pair.size, pair.extent], [2, 2])
  // More than the array has is refused: MPI would read on.
  assert.throws(() => comm.Send({ data: matrix, offset: 4, count: 1, type: column }, { dest: 0 }), {
    code: 'ERR_INVALID_ARGUMENT',
  })
  const freed = DOUBLE.vector(2, 1, 2)
  freed.free()
  freed.free()
  assert.throws(() => comm.Send({ data: matrix, count: 1, type: freed }, { dest: 0 }), /freed/)
})

check('more than 2^31 elements in one message and one reduction', async (comm) => {
  const count = 2 ** 31 + 24
  // Two arrays of 2 GiB each; other programs have memory to use as well.
  if (process.env.NUMCORE_TEST_SINGLE === undefined || freemem() < 12 * 2 ** 30) return
  const out = new Uint8Array(count)
  const into = new Uint8Array(count)
  for (const place of [0, 2 ** 30, 2 ** 31 - 1, 2 ** 31, count - 1]) out[place] = 200
  const receiving = comm.Irecv(into, { source: 0 })
  await comm.Isend(out, { dest: 0 })
  await receiving
  assert.equal(receiving.status.bytes, count)
  assert.equal(Buffer.compare(out, into), 0)
  into.fill(0)
  comm.Allreduce(out, into, { op: MAX })
  assert.equal(Buffer.compare(out, into), 0)
  await assert.rejects(async () => comm.Iallreduce(out, into), /2147483647/)
})
