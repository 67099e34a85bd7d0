// Integrals over ranks: the bits, the errors and the points of one process.
import assert from 'node:assert/strict'
import {
  type Integral,
  integrate,
  type IntegrateOptions,
  type NotFiniteError,
  type NumcoreError,
} from 'numcore'
import { type Comm, distributed } from 'numcore/mpi'
import { check, checkEach } from './check.js'

/** Points in a chunk, of which each rank has whole ones. */
const chunk = 2 ** 14

/** All but the number of threads, which add up over the ranks. */
const facts = (integral: Integral) => ({ ...integral, threads: 0 })

async function sameAs(
  comm: Comm,
  f: string,
  a: number,
  b: number,
  options: IntegrateOptions & { threads?: number },
): Promise<void> {
  const alone = await integrate(f, a, b, { ...options, threads: 1 })
  const shared = await distributed.integrate(comm, f, a, b, options)
  // Equal bits: -0 is not 0 here.
  assert.deepEqual(facts(shared), facts(alone), `${f} ${JSON.stringify(options)}`)
}

checkEach('integrate: all rules, below and above the pieces that are shared', async (comm) => {
  const bins = [1, 2, 3, 4, 5, chunk - 1, chunk, chunk + 1, 7 * chunk + 5, 1_000_000]
  for (const rule of ['midpoint', 'trapezoid', 'simpson', 'gauss'] as const) {
    for (const each of bins) {
      await sameAs(comm, 'exp(-x*x)*cos(3*x)', -1.3, 2.1, { rule, bins: each })
    }
  }
  for (const order of [1, 2, 3, 7, 40]) {
    for (const each of [1, 2, 3, 4, 5, 1000, 5 * chunk + 3]) {
      await sameAs(comm, 'log(x)', 0, 1, { rule: 'gauss', order, bins: each })
    }
  }
  await sameAs(comm, 'x**(3/2)', 1, 0, { bins: 300_000, threads: 3 })
  await sameAs(comm, 'a*sqrt(x)', 0, 1, { bins: 300_001, params: { a: -2 }, rule: 'simpson' })
  await sameAs(comm, 'sin(x)', 2, 2, {})
})

check('integrate: more than ranks take at once', async (comm) => {
  await sameAs(comm, 'sqrt(x)', 0, 1, { bins: comm.size * 4096 * chunk + 12_345 })
})

checkEach('integrate: functions', async (comm) => {
  const bins = 3 * chunk + 7
  const alone = await integrate((x) => x * x, 0, 3, { bins })
  const points = await distributed.integrate(comm, (x) => x * x, 0, 3, { bins })
  assert.deepEqual(facts(points), facts(alone))
  let asked = 0
  const square = (x: Float64Array) => {
    asked += x.length
    return x.map((each) => each * each)
  }
  const vectorized = { bins, vectorized: true, rule: 'gauss', order: 2 } as const
  const arrays = await distributed.integrate(comm, square, 0, 3, vectorized)
  assert.equal(comm.allreduce(asked), 2 * bins)
  assert.ok(comm.size > 3 || asked > 0)
  const later = await distributed.integrate(comm, async (x) => square(x), 0, 3, vectorized)
  const one = await integrate('x*x', 0, 3, { bins, rule: 'gauss', order: 2 })
  assert.deepEqual(facts(arrays), facts(one))
  assert.deepEqual(facts(later), facts(one))
})

checkEach('integrate: the lowest bad point of all ranks, on all ranks', async (comm) => {
  const bins = 8 * chunk
  const parts = [
    ['1/(x-0.71)*sqrt(0.72-x)', 'in the last part'],
    ['sqrt(0.2-x)', 'in the first, and in all behind'],
    ['1e308*exp(x)', 'nowhere: the sum overflows'],
    ['1/(x', 'in the text'],
  ] as const
  for (const [f, where] of parts) {
    const alone = await integrate(f, 0, 1, { bins, rule: 'trapezoid' }).catch((error) => error)
    const shared = await distributed
      .integrate(comm, f, 0, 1, { bins, rule: 'trapezoid' })
      .catch((error) => error)
    assert.ok(alone instanceof Error, where)
    assert.equal(shared.constructor, alone.constructor, where)
    assert.equal(shared.message, alone.message)
    assert.equal(shared.code, (alone as NumcoreError).code)
    assert.equal(shared.index, (alone as NotFiniteError).index)
  }
})

check('integrate: what is thrown on one rank is thrown on all', async (comm) => {
  const last = comm.size - 1
  const mine = new RangeError('not here')
  const f = (x: Float64Array) => {
    if (comm.rank === last) throw mine
    return x
  }
  const options = { bins: 4 * comm.size * chunk, vectorized: true } as const
  const thrown = await distributed.integrate(comm, f, 0, 1, options).catch((error) => error)
  assert.ok(thrown instanceof RangeError)
  assert.equal(thrown.message, 'not here')
  assert.equal(thrown === mine, comm.rank === last)
  if (comm.rank !== last) assert.match(thrown.stack ?? '', new RegExp(`in rank ${last} of`))

  const signal = comm.rank === last ? AbortSignal.abort() : undefined
  const aborted = await distributed
    .integrate(comm, 'exp(sin(x))', 0, 1, { signal, bins: 1e9 })
    .catch((error) => error)
  assert.equal(aborted.name, 'AbortError')

  for (const wrong of [{ bin: 3 }, { bins: 0.5 }, { rule: 'best' }]) {
    await assert.rejects(distributed.integrate(comm, 'x', 0, 1, wrong as never), {
      code: 'ERR_INVALID_ARGUMENT',
    })
  }
})

check('integrate: progress rises to 1', async (comm) => {
  const told: number[] = []
  const { threads } = await distributed.integrate(comm, 'exp(sin(x))', 0, 1, {
    bins: 40 * comm.size * chunk,
    threads: 1,
    onProgress: (fraction) => told.push(fraction),
  })
  assert.equal(threads, comm.size)
  assert.equal(told.at(-1), 1)
  assert.deepEqual(
    told.toSorted((a, b) => a - b),
    told,
  )
})
