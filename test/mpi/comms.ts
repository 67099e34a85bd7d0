// Communicators, groups, grids, windows and files.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import {
  COMM_SELF,
  COMM_WORLD,
  type Comm,
  dimensions,
  DOUBLE,
  File,
  MAX,
  type MpiError,
  mpiInfo,
  PROC_NULL,
  processorName,
  SUM,
  UNDEFINED,
  Window,
  wtime,
} from 'numcore/mpi'
import { check, checkEach } from './check.js'

check('split, dup, create: ranks in the order of their keys', (comm) => {
  const { rank, size } = comm
  using half = comm.split({ color: rank % 2, key: -rank }) as Comm
  const members = Array.from({ length: size }, (_, i) => i).filter((i) => i % 2 === rank % 2)
  assert.equal(half.size, members.length)
  assert.deepEqual(half.allgather(rank), members.toReversed())
  const nobody = comm.split({ color: rank === 0 ? UNDEFINED : 1 })
  assert.equal(nobody === undefined, rank === 0)
  nobody?.free()
  using copy = comm.dup()
  assert.equal(copy.compare(comm), 'congruent')
  assert.equal(comm.compare(comm), 'ident')
  copy.name = 'a copy'
  assert.equal(copy.name, 'a copy')
  // Messages of one are not found on the other.
  const sending = copy.isend('here', { dest: rank })
  assert.equal(comm.iprobe(), undefined)
  assert.equal(copy.recv(), 'here')
  sending.wait()
  using near = comm.splitType('shared')
  assert.equal(near.size, size)
})

check('groups', (comm) => {
  const { rank, size } = comm
  using all = comm.group()
  assert.deepEqual([all.size, all.rank], [size, rank])
  using backwards = all.include(Array.from({ length: size }, (_, i) => size - 1 - i))
  assert.equal(backwards.compare(all), size === 1 ? 'ident' : 'similar')
  assert.deepEqual(backwards.translate([0], all), [size - 1])
  using first = all.include([0])
  using others = all.exclude([0])
  assert.deepEqual(first.translate([0], others), [undefined])
  using union = first.union(others)
  assert.equal(union.compare(all), 'ident')
  using none = first.intersection(others)
  assert.equal(none.size, 0)
  using rest = all.difference(first)
  assert.equal(rest.size, size - 1)
  assert.equal(first.rank, rank === 0 ? 0 : undefined)
  const made = comm.create(backwards)
  assert.equal(made?.rank, size - 1 - rank)
  made?.free()
  const alone = rank === 0 ? comm.createGroup(first, { tag: 3 }) : undefined
  assert.equal(alone?.size, rank === 0 ? 1 : undefined)
  alone?.free()
})

check('grids: places, neighbours, rows', (comm) => {
  const { size } = comm
  assert.deepEqual(dimensions(12, [0, 0]), [4, 3])
  assert.deepEqual(dimensions(6, [0, 2]), [3, 2])
  using ring = comm.cartesian({ dims: [0], periods: [true] })
  assert.ok(ring)
  const { source, dest } = ring.shift(0)
  assert.deepEqual([source, dest], [(ring.rank - 1 + size) % size, (ring.rank + 1) % size])
  using line = comm.cartesian({ dims: [size] })
  assert.equal(line?.shift(0).source, line?.rank === 0 ? PROC_NULL : (line?.rank ?? 0) - 1)
  if (size !== 4) return
  using grid = comm.cartesian({ dims: [2, 2], periods: [false, true] })
  assert.ok(grid)
  const [row, column] = grid.coords()
  assert.equal(grid.rankAt([row as number, column as number]), grid.rank)
  assert.deepEqual([row, column], [Math.floor(grid.rank / 2), grid.rank % 2])
  using rows = grid.sub([false, true])
  assert.deepEqual([rows.size, rows.dims], [2, [2]])
  assert.deepEqual(rows.allgather(row), [row, row])
})

checkEach('use after free is an error', (comm) => {
  const copy = comm.dup()
  const group = copy.group()
  copy.free()
  copy.free()
  group.free()
  for (const use of [
    () => copy.barrier(),
    () => copy.Send(new Float64Array(1), { dest: 0 }),
    () => copy.irecv(),
    () => copy.isend(1, { dest: 0 }),
    () => copy.dup(),
    () => copy.allreduce(1),
    () => group.size,
  ]) {
    assert.throws(use, { code: 'ERR_INVALID_ARGUMENT', message: /has not been freed/ })
  }
  assert.throws(() => COMM_WORLD.free(), { code: 'ERR_INVALID_ARGUMENT' })
  assert.throws(() => COMM_SELF.free(), { code: 'ERR_INVALID_ARGUMENT' })
})

check('shared memory: all ranks of a machine read and write one array', (comm) => {
  const { rank, size } = comm
  const window = Window.allocateShared(comm, Float64Array, rank === 0 ? 2 * size : 0)
  const table = window.shared(0)
  assert.equal(table.length, 2 * size)
  window.fence()
  table[2 * rank] = rank
  table[2 * rank + 1] = rank ** 2
  window.fence()
  assert.deepEqual([...table], Array.from({ length: size }, (_, i) => [i, i ** 2]).flat())
  // Atomics work across processes, because it is the same memory.
  const counters = Window.allocateShared(comm, Int32Array, 1)
  counters.fence()
  const first = counters.shared(0)
  for (let i = 0; i < 1000; i++) Atomics.add(first, 0, 1)
  counters.fence()
  comm.barrier()
  assert.equal(Atomics.load(first, 0), 1000 * size)
  comm.barrier()
  counters.free()
  window.free()
  // The memory has gone, and so have the arrays.
  assert.deepEqual([table.length, window.array.length, first.length], [0, 0, 0])
  assert.throws(() => window.fence(), /freed/)
})

check('one-sided: put, get, accumulate between fences, and with locks', (comm) => {
  const { rank, size } = comm
  using window = Window.allocate(comm, Float64Array, size + 1)
  window.fence()
  for (let target = 0; target < size; target++) {
    window.put(Float64Array.of(10 * rank), { target, offset: rank })
    window.accumulate(Float64Array.of(rank + 1), { target, offset: size })
  }
  window.fence()
  const wanted = [...Array.from({ length: size }, (_, i) => 10 * i), (size * (size + 1)) / 2]
  assert.deepEqual([...window.array], wanted)
  const read = new Float64Array(size + 1)
  window.get(read, { target: size - 1 })
  window.fence()
  assert.deepEqual([...read], wanted)
  window.accumulate(Float64Array.of(-1), { target: 0, offset: 0, op: MAX })
  window.fence()
  if (rank === 0) assert.equal(window.array[0], 0)
  // A ticket each: get and add in one step.
  using tickets = Window.allocate(comm, Int32Array, 1)
  comm.barrier()
  const mine = new Int32Array(1)
  tickets.lock(0, { shared: true })
  tickets.getAccumulate(Int32Array.of(1), mine, { target: 0, op: SUM })
  tickets.unlock(0)
  assert.deepEqual(
    comm.allgather(mine[0] as number).sort(),
    Array.from({ length: size }, (_, i) => i),
  )
  comm.barrier()
  const seen = new Int32Array(1)
  tickets.lockAll()
  if (rank === 0) {
    tickets.compareAndSwap(Int32Array.of(99), Int32Array.of(size), seen, { target: 0 })
    tickets.flush(0)
    assert.equal(seen[0], size)
  }
  tickets.unlockAll()
  comm.barrier()
  tickets.lock(0)
  tickets.get(seen, { target: 0 })
  tickets.unlock(0)
  assert.equal(seen[0], 99)
  comm.barrier()
})

check('a window over an array of the caller', (comm) => {
  const array = new Float64Array(2)
  let made: Window | undefined
  try {
    made = Window.create(comm, array)
  } catch (error) {
    // Open MPI cannot everywhere: docs/mpi.md says so.
    if (mpiInfo().flavour !== 'openmpi' || (error as MpiError).errorClass !== 'ERR_WIN') throw error
    return
  }
  using window = made
  window.fence()
  window.put(Float64Array.of(comm.rank), { target: (comm.rank + 1) % comm.size, offset: 1 })
  window.fence()
  assert.deepEqual([...array], [0, (comm.rank - 1 + comm.size) % comm.size])
})

check('files: written together, read at offsets, seen through views', async (comm) => {
  const { rank, size } = comm
  const folder = process.env.NUMCORE_TEST_FOLDER as string
  const path = join(folder, `numbers-${size}.bin`)
  const file = File.open(comm, path, 'w')
  file.writeAtAll(16 * rank, Float64Array.of(rank, rank + 0.5))
  file.sync()
  comm.barrier()
  assert.equal(file.size, 16 * size)
  const all = new Float64Array(2 * size)
  file.readAtAll(0, all)
  assert.deepEqual([...all], Array.from({ length: size }, (_, i) => [i, i + 0.5]).flat())
  const next = new Float64Array(1)
  await file.ireadAt(16 * ((rank + 1) % size), next)
  assert.equal(next[0], (rank + 1) % size)
  comm.barrier()
  await file.iwriteAt(16 * rank + 8, Float64Array.of(-rank))
  file.sync()
  comm.barrier()
  file.readAt(8, next)
  assert.equal(next[0], -0)
  // Beyond the end there is nothing.
  assert.equal(file.readAt(16 * size, next).bytes, 0)
  // Every size-th pair is mine.
  using pair = DOUBLE.contiguous(2)
  using mine = pair.resized(16 * size)
  comm.barrier()
  file.setView({ displacement: 16 * rank, elementType: DOUBLE, fileType: mine })
  const own = new Float64Array(2)
  file.readAtAll(0, own)
  assert.deepEqual([...own], [rank, -rank])
  file.close()
  file.close()
  assert.throws(() => file.size, { code: 'ERR_INVALID_ARGUMENT' })
  if (rank === 0) {
    const bytes = readFileSync(path)
    assert.equal(bytes.length, 16 * size)
    File.delete(path)
  }
  comm.barrier()
  assert.throws(() => File.open(comm, path, 'r'), { code: 'ERR_FILE' })
})

check('mpiInfo and the clock', (comm) => {
  const info = mpiInfo()
  assert.equal(info.flavour, process.env.NUMCORE_TEST_MPI)
  assert.match(info.library, info.flavour === 'openmpi' ? /Open MPI/ : /MPICH/)
  assert.ok(info.tagLimit >= 32_767)
  assert.equal(info.host, processorName())
  assert.equal(info.launcher === undefined, process.env.NUMCORE_TEST_SINGLE !== undefined)
  const before = wtime()
  comm.barrier()
  assert.ok(wtime() >= before)
})
