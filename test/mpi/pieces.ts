// More elements than an int counts travel as one element of a type that is made for them. Here that begins with four
// elements already, so that every class of arrays and every operation can be tried.
import assert from 'node:assert/strict'
import { COMM_WORLD, DOUBLE, IN_PLACE, type MpiError, Status } from 'numcore/mpi'
import { check, checkEach } from './check.js'
import { classes, like } from './typed.js'

// Not public: nobody but a test has a reason.
const { mpi } = (await import(new URL('../../../dist/mpi/runtime.js', import.meta.url).href)) as {
  mpi: { setMostElements(count: number): void }
}

/** Three at most, so pieces of two. */
async function inPieces(run: () => unknown): Promise<void> {
  mpi.setMostElements(3)
  try {
    await run()
  } finally {
    mpi.setMostElements(2 ** 31 - 1)
  }
}

checkEach('in pieces: messages of every class and of many lengths, with their length', (comm) =>
  inPieces(async () => {
    const { rank, size } = comm
    const [next, previous] = [(rank + 1) % size, (rank - 1 + size) % size]
    for (const [name, from] of classes) {
      for (const length of [0, 1, 3, 4, 5, 8, 9, 31]) {
        const sending = comm.Isend(from(length, rank), { dest: next, tag: length })
        const received = like(from(0), length + 2)
        const status = new Status()
        comm.Recv(received, { source: previous, tag: length, status })
        await sending
        assert.deepEqual(received.subarray(0, length), from(length, previous), `${name} ${length}`)
        assert.equal(status.bytes, length * received.BYTES_PER_ELEMENT)
      }
    }
    // Elements with gaps, more of them than fit.
    using column = DOUBLE.vector(1, 1, 2)
    using wide = column.resized(16)
    const pairs = Float64Array.from({ length: 14 }, (_, i) => 100 * rank + i)
    const sending = comm.Isend({ data: pairs, count: 7, type: wide }, { dest: next })
    const odd = new Float64Array(7)
    await comm.Irecv(odd, { source: previous })
    await sending
    assert.deepEqual(
      odd,
      Float64Array.from({ length: 7 }, (_, i) => 100 * previous + 2 * i),
    )
    // Values too, whose bytes are many.
    const value = { a: [1, 2, 3], b: 'x'.repeat(100) }
    const request = comm.isend(value, { dest: next })
    assert.deepEqual(comm.recv({ source: previous }), value)
    await request
  }),
)

check('in pieces: a message that is longer than its receive is an error', (comm) =>
  inPieces(async () => {
    if (comm.size < 2) return
    if (comm.rank === 0) comm.Send(new Float64Array(9), { dest: 1, tag: 4 })
    if (comm.rank === 1) {
      assert.throws(
        () => comm.Recv(new Float64Array(5), { source: 0, tag: 4 }),
        (error: MpiError) => error.errorClass === 'ERR_TRUNCATE',
      )
    }
  }),
)

checkEach('in pieces: collective operations', (comm) =>
  inPieces(() => {
    const { rank, size } = comm
    const ranks = Array.from({ length: size }, (_, i) => i)
    for (const [name, from] of classes) {
      for (const length of [3, 4, 7]) {
        const all = like(from(0), length * size)
        ranks.forEach((i) => all.set(from(length, i) as never, i * length))
        for (const root of ranks) {
          const buffer = rank === root ? from(length, 2) : like(from(0), length)
          comm.Bcast(buffer, { root })
          assert.deepEqual(buffer, from(length, 2), `${name} ${length}`)
          const gathered = like(all)
          comm.Gather(from(length, rank), gathered, { root })
          if (rank === root) assert.deepEqual(gathered, all)
          const part = like(all, length)
          comm.Scatter(rank === root ? all : undefined, part, { root })
          assert.deepEqual(part, from(length, rank))
        }
        const gathered = like(all)
        comm.Allgather(from(length, rank), gathered)
        assert.deepEqual(gathered, all)
        // Part j of rank i is rank i's array, whatever j.
        const sent = like(all)
        for (const i of ranks) sent.set(from(length, rank) as never, i * length)
        comm.Alltoall(sent, gathered)
        assert.deepEqual(gathered, all)
      }
    }
    const sum = Float64Array.from({ length: 9 }, (_, i) => i * ((size * (size + 1)) / 2))
    const mine = sum.map((_, i) => i * (rank + 1))
    const result = new Float64Array(9)
    comm.Allreduce(mine, result)
    assert.deepEqual(result, sum)
    result.fill(0)
    comm.Reduce(mine, result, { root: size - 1 })
    assert.deepEqual(result, rank === size - 1 ? sum : new Float64Array(9))
    result.set(mine)
    comm.Scan(IN_PLACE, result)
    assert.deepEqual(
      result,
      sum.map((_, i) => i * (((rank + 1) * (rank + 2)) / 2)),
    )
    assert.equal(COMM_WORLD.allreduce(1), COMM_WORLD.size)
  }),
)
