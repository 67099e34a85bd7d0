// Inverses of block-cyclic matrices, on 1 to 4 ranks under each MPI: test/mpi.test.ts.
import assert from 'node:assert/strict'
import { inv, Matrix, type NotFiniteError, type SingularError } from 'numcore'
import { type Comm, COMM_SELF, distributed, NoScalapackError } from 'numcore/mpi'
import { check, runChecks } from './check.js'

const { BlockCyclicMatrix } = distributed
type Grid = readonly [number, number]

const grids = ({ size }: Comm): (Grid | undefined)[] =>
  size === 1 ? [undefined] : [undefined, [size, 1], [1, size]]

/** Neither symmetric nor special, the same on all ranks. */
const general = (i: number, j: number) => Math.sin(1 + 3 * i + 7 * j + i * j)
const symmetric = (i: number, j: number) => Math.sin(1 + i + j + i * j)
const definite = (n: number) => (i: number, j: number) => symmetric(i, j) + (i === j ? n : 0)

function whole(n: number, f: (i: number, j: number) => number, type: 'float64' | 'float32') {
  const made = Matrix.zeros(n, n, { type })
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) made.set(i, j, f(i, j))
  return made
}

/** The largest sum of magnitudes in a column. */
function norm(n: number, at: (i: number, j: number) => number): number {
  let largest = 0
  for (let j = 0; j < n; j++) {
    let sum = 0
    for (let i = 0; i < n; i++) sum += Math.abs(at(i, j))
    largest = Math.max(largest, sum)
  }
  return largest
}

/** ||A X - I|| over what rounding allows: of the order of 1 at the most (Higham 2002, chapter 14). */
function scaledResidual(A: Matrix<never>, X: Matrix<never>, type: 'float64' | 'float32'): number {
  const n = A.rows
  const epsilon = type === 'float64' ? 2 ** -52 : 2 ** -23
  const miss = norm(n, (i, j) => {
    let sum = i === j ? -1 : 0
    for (let k = 0; k < n; k++) sum += A.get(i, k) * X.get(k, j)
    return sum
  })
  const sizes = norm(n, (i, j) => A.get(i, j)) * norm(n, (i, j) => X.get(i, j))
  return n === 0 ? 0 : miss / (sizes * n * epsilon)
}

check('every element is on one rank, in its place', async (comm) => {
  for (const [rows, columns] of [
    [0, 0],
    [1, 1],
    [3, 0],
    [5, 13],
    [130, 67],
  ] as const) {
    for (const block of [1, 7, 64]) {
      for (const grid of grids(comm)) {
        const A = BlockCyclicMatrix.from(comm, rows, columns, (i, j) => 1000 * i + j, {
          block,
          grid,
        })
        assert.equal(comm.allreduce(A.local.rows * A.local.columns), rows * columns)
        for (const [i, j] of [
          [0, 0],
          [rows - 1, columns - 1],
          [Math.floor(rows / 2), Math.floor(columns / 3)],
        ] as const) {
          if (rows * columns === 0) continue
          const found = comm.allgather(A.get(i, j))
          const owner = A.ownerOf(i, j)
          found.forEach((each, rank) =>
            assert.equal(each, rank === owner ? 1000 * i + j : undefined),
          )
        }
        for (const root of [0, comm.size - 1]) {
          const all = await A.gather({ root })
          assert.equal(all !== undefined, comm.rank === root)
          all?.data.forEach((each, k) =>
            assert.equal(each, 1000 * Math.floor(k / columns) + (k % columns)),
          )
          const back = await BlockCyclicMatrix.scatter(comm, all, { root, block, grid })
          assert.ok(back.local.equals(A.local))
        }
      }
    }
  }
  const B = new BlockCyclicMatrix(comm, 9, 9, { type: 'float32', block: 2 })
  B.set(8, 3, 0.1)
  const shown = await B.gather()
  assert.equal(shown?.get(8, 3), comm.rank === 0 ? Math.fround(0.1) : undefined)
  assert.equal(shown?.type, comm.rank === 0 ? 'float32' : undefined)
})

check('inverses of all kinds, orders, blocks, grids and types', async (comm) => {
  for (const [n, blocks] of [
    [0, [64]],
    [1, [64]],
    [2, [1]],
    [5, [2]],
    [20, [64]],
    [41, [16]],
    [97, [32]],
  ] as const) {
    for (const [kind, f] of Object.entries({ general, symmetric, definite: definite(n) })) {
      for (const block of blocks) {
        for (const grid of grids(comm)) {
          for (const type of ['float64', 'float32'] as const) {
            // Ranks that wait spin, and there may be more of them than CPUs: every column costs turns of the scheduler.
            if (grid !== undefined && (type === 'float32' || n === 97)) continue
            const what = `${n} ${kind} ${block} ${String(grid)} ${type}`
            const A = BlockCyclicMatrix.from(comm, n, n, f, { block, grid, type })
            const before = A.local.clone()
            const { inverse, method, rcond, residual } = await distributed.invInfo(comm, A)
            assert.ok(A.local.equals(before), what)
            assert.ok(residual < 2, what)
            const X = await inverse.gather()
            if (X === undefined) continue
            assert.ok(scaledResidual(whole(n, f, type) as never, X as never, type) < 2, what)
            assert.equal(X.type, type)
            const bySize = n > 2 && kind !== 'definite'
            if (bySize) assert.equal(method, 'lu', what)
            if (kind === 'definite' && n > 0) assert.equal(method, 'cholesky', what)
            if (kind !== 'general') assert.ok(X.equals(X.transpose()), what)
            if (n === 97 && type === 'float64') {
              const serial = await inv(whole(n, f, type))
              const scale = norm(n, (i, j) => serial.get(i, j))
              const miss = norm(n, (i, j) => X.get(i, j) - serial.get(i, j))
              assert.ok(miss <= (n * 2 ** -52 * scale) / rcond, what)
            }
          }
        }
      }
    }
  }
})

check('inverses: what is assumed is not looked at', async (comm) => {
  const n = 29
  const lower = (f: (i: number, j: number) => number) => (i: number, j: number) =>
    j > i ? Number.NaN : f(i, j)
  for (const [assume, f] of [
    ['symmetric', symmetric],
    ['positive-definite', definite(n)],
  ] as const) {
    const A = BlockCyclicMatrix.from(comm, n, n, lower(f), { block: 8 })
    const X = await (await distributed.inv(comm, A, { assume })).gather()
    if (X === undefined) continue
    assert.ok(scaledResidual(whole(n, f, 'float64') as never, X as never, 'float64') < 2)
    assert.ok(X.equals(X.transpose()))
  }
  const A = BlockCyclicMatrix.from(comm, n, n, definite(n), { block: 8 })
  const { method } = await distributed.invInfo(comm, A, { assume: 'general' })
  assert.equal(method, 'lu')
})

check('inverses: over the argument, while the caller waits, and several at once', async (comm) => {
  const n = 30
  const make = () => BlockCyclicMatrix.from(comm, n, n, symmetric, { block: 8 })
  const wanted = distributed.invSync(comm, make())
  const A = make()
  const { data } = A.local
  const over = await distributed.inv(comm, A, { overwrite: true })
  assert.equal(over, A)
  assert.equal(over.local.data, data)
  assert.ok(over.local.equals(wanted.local))
  const running = [0, 1, 2].map(() => distributed.inv(comm, make(), { threads: 1 }))
  // Other messages on the same communicator do not meet theirs.
  assert.equal(comm.allreduce(1), comm.size)
  const integral = distributed.integrate(comm, 'x', 0, 2, { bins: 1000 })
  for (const each of await Promise.all(running)) assert.ok(each.local.equals(wanted.local))
  assert.equal((await integral).value, 2)
  if (comm.rank === 0) {
    const alone = BlockCyclicMatrix.from(COMM_SELF, n, n, symmetric)
    const X = await (await distributed.inv(COMM_SELF, alone)).gather()
    assert.ok(scaledResidual(whole(n, symmetric, 'float64') as never, X as never, 'float64') < 2)
  }
})

check('inverses: errors are the same on all ranks, and say where', async (comm) => {
  const n = 40
  const fails = (
    f: (i: number, j: number) => number,
    options: Parameters<typeof distributed.inv>[2] = {},
  ) =>
    distributed.inv(comm, BlockCyclicMatrix.from(comm, n, n, f, { block: 6 }), options).then(
      () => assert.fail('no error'),
      (error: unknown) => error,
    )
  const bad = (await fails((i, j) => {
    if (i === 31 && j === 7) return Number.NaN
    return i === 20 && j === 33 ? -Infinity : general(i, j)
  })) as NotFiniteError
  assert.equal(bad.code, 'ERR_NOT_FINITE')
  assert.equal(bad.index, 20 * n + 33)
  assert.match(bad.message, /A\[20\]\[33\] but received -Infinity/)

  // Whole numbers: elimination is exact, and row 23 twice row 9.
  const band = (i: number, j: number) => (i === j ? 4 : Math.abs(i - j) === 1 ? 1 : 0)
  const singular = (await fails((i, j) =>
    i === 23 ? 2 * band(9, j) : band(i, j),
  )) as SingularError
  const zero = (await fails((i, j) => (j === 17 ? 0 : general(i, j)))) as SingularError
  const alone = (await inv(whole(n, (i, j) => (j === 17 ? 0 : general(i, j)), 'float64')).catch(
    (error) => error,
  )) as SingularError
  for (const each of [singular, zero]) {
    assert.equal(each.code, 'ERR_SINGULAR')
    assert.match(each.message, /no pivot in row \d+$/)
  }
  assert.equal(alone.code, 'ERR_SINGULAR')
  assert.equal(comm.allreduce(zero.pivot), comm.size * zero.pivot)

  const indefinite = (i: number, j: number) => (i === j ? (i === 29 ? -1 : 2) : 0)
  const minor = (await fails(indefinite, { assume: 'positive-definite' })) as SingularError
  assert.equal(minor.code, 'ERR_NOT_POSITIVE_DEFINITE')
  assert.equal(minor.pivot, 29)

  const A = new BlockCyclicMatrix(comm, 3, 4)
  await assert.rejects(distributed.inv(comm, A), { code: 'ERR_SHAPE' })
  const B = BlockCyclicMatrix.from(comm, 3, 3, general)
  await assert.rejects(distributed.inv(COMM_SELF, B), /the communicator of A/)
  await assert.rejects(distributed.inv(comm, B, { asume: 'auto' } as never), /"assume"/)
  assert.throws(() => new BlockCyclicMatrix(comm, 3, 3, { grid: [comm.size, 2] }), /grid/)
  assert.throws(() => new BlockCyclicMatrix(comm, 2 ** 31, 1), /rows/)
  if (comm.size > 1) {
    const other = BlockCyclicMatrix.from(comm, 3 + (comm.rank % 2), 3 + (comm.rank % 2), general)
    await assert.rejects(distributed.inv(comm, other), /the same order/)
  }
  await assert.rejects(BlockCyclicMatrix.scatter(comm, undefined), { code: 'ERR_INVALID_ARGUMENT' })
})

try {
  distributed.scalapackInfo()
  await runChecks()
} catch (error) {
  if (!(error instanceof NoScalapackError)) throw error
  console.log(`no ScaLAPACK: ${error.message}`)
}
