// Requests: awaited, tested, cancelled, many, and beside everything else that the event loop does.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { type Comm, MpiError, progress, Request, Status } from 'numcore/mpi'
import { check, checkEach } from './check.js'

const right = ({ rank, size }: Comm) => (rank + 1) % size
const left = ({ rank, size }: Comm) => (rank - 1 + size) % size

checkEach('test, wait, await: the same value, as often as one asks', async (comm) => {
  const request = comm.irecv({ source: left(comm), tag: 1 })
  assert.deepEqual(request.test(), { done: false })
  comm.barrier()
  comm.send({ from: comm.rank }, { dest: right(comm), tag: 1 })
  assert.deepEqual(await request, { from: left(comm) })
  assert.deepEqual(request.wait(), { from: left(comm) })
  const tested = request.test()
  assert.ok(tested.done)
  assert.equal(tested.value, await request)
  assert.equal(tested.status.source, left(comm))
  const status = new Status()
  request.wait(status)
  assert.equal(status.tag, 1)
})

checkEach('receives get their messages in the order in which they were started', async (comm) => {
  const dest = right(comm)
  const source = left(comm)
  const [a, any, c] = [
    comm.irecv({ source, tag: 1 }),
    comm.irecv({ source }),
    comm.irecv({ source, tag: 1 }),
  ] as const
  // A blocking receive comes after those that were started before it.
  comm.send('first', { dest, tag: 1 })
  comm.send('second', { dest, tag: 1 })
  comm.send('third', { dest, tag: 1 })
  const sending = comm.isend('fourth', { dest, tag: 1 })
  const fourth = comm.recv({ source, tag: 1 })
  await sending
  assert.deepEqual([await c, await any, await a, fourth], ['third', 'second', 'first', 'fourth'])
})

checkEach('waitAll, waitAny, testAll', (comm) => {
  const requests = [3, 2, 1].map((tag) => comm.irecv<number>({ source: left(comm), tag }))
  comm.send(20, { dest: right(comm), tag: 2 })
  const { index, value } = Request.waitAny(requests)
  assert.deepEqual([index, value], [1, 20])
  assert.ok(!Request.testAll(requests.slice(2)))
  comm.barrier()
  comm.send(10, { dest: right(comm), tag: 1 })
  comm.send(30, { dest: right(comm), tag: 3 })
  assert.deepEqual(Request.waitAll(requests), [30, 20, 10])
  assert.ok(Request.testAll(requests))
})

checkEach('a receive can be cancelled, by hand and by a signal', async (comm) => {
  for (const start of [
    (signal?: AbortSignal) => comm.irecv({ source: left(comm), tag: 77, signal }),
    (signal?: AbortSignal) =>
      comm.Irecv(new Float64Array(1), { source: left(comm), tag: 77, signal }),
  ]) {
    const request = start()
    request.cancel()
    await request
    assert.ok(request.status.cancelled)
    const controller = new AbortController()
    const waiting = start(controller.signal)
    setTimeout(() => controller.abort(new Error('enough')), 1)
    await assert.rejects(async () => waiting, /enough/)
    await assert.rejects(async () => start(AbortSignal.abort(new Error('before'))), /before/)
    const fine = start(new AbortController().signal)
    fine.cancel()
    await fine
  }
  // What was cancelled takes no message away.
  comm.barrier()
  const sending = comm.isend('still here', { dest: right(comm), tag: 77 })
  assert.equal(comm.recv({ source: left(comm), tag: 77 }), 'still here')
  await sending
})

checkEach('a message that is too long fails the await and the wait', async (comm) => {
  const small = new Float64Array(1)
  const sends = [1, 2, 3].map((tag) => comm.Isend(new Float64Array(4), { dest: right(comm), tag }))
  const receive = { source: left(comm), tag: 1 }
  const truncated = (error: unknown) =>
    error instanceof MpiError && error.errorClass === 'ERR_TRUNCATE' && error.code === 'ERR_MPI'
  assert.throws(() => comm.Recv(small, receive), truncated)
  await assert.rejects(async () => comm.Irecv(small, { ...receive, tag: 2 }), truncated)
  const request = comm.Irecv(small, { ...receive, tag: 3 })
  assert.throws(() => request.wait(), truncated)
  assert.throws(() => request.test(), truncated)
  await Promise.all(sends)
})

check('several requests fail and end together', async (comm) => {
  // Open MPI 4.1 does not notice it in a message to oneself.
  if (comm.size === 1) return
  const long = new Float64Array(2)
  const receives = Array.from({ length: 20 }, (_, i) =>
    comm.Irecv(new Float64Array(i % 2 === 0 ? 2 : 1), { source: left(comm), tag: i }),
  )
  const sends = receives.map((_, tag) => comm.Isend(long, { dest: right(comm), tag }))
  const outcomes = await Promise.allSettled(receives)
  await Promise.all(sends)
  outcomes.forEach(({ status }, i) => assert.equal(status, i % 2 === 0 ? 'fulfilled' : 'rejected'))
})

check('messages(): an iterator of what comes', async (comm) => {
  const { rank, size } = comm
  const total = 3 * size
  for (let i = 0; i < 3; i++) {
    for (let dest = 0; dest < size; dest++) comm.isend({ i, from: rank }, { dest, tag: 9 })
  }
  const seen: string[] = []
  for await (const { value, status } of comm.messages<{ i: number; from: number }>({ tag: 9 })) {
    assert.equal(status.source, value.from)
    seen.push(`${value.from}:${value.i}`)
    if (seen.length === total) break
  }
  assert.equal(new Set(seen).size, total)
  // Of one sender they come in order.
  for (let from = 0; from < size; from++) {
    assert.deepEqual(
      seen.filter((each) => each.startsWith(`${from}:`)),
      [0, 1, 2].map((i) => `${from}:${i}`),
    )
  }
})

check(
  '100,000 messages in flight on one rank, some thousands between ranks, arrays and values',
  async (comm) => {
    // Between ranks fewer: Open MPI's time for what waits grows with its square.
    const count = comm.size === 1 ? 100_000 : 5_000
    const into = new Float64Array(count)
    const out = Float64Array.from({ length: count }, (_, i) => i + comm.rank)
    const receives: Request<void>[] = []
    const sends: Request<void>[] = []
    for (let i = 0; i < count; i++) {
      receives.push(comm.Irecv(into.subarray(i, i + 1), { source: left(comm), tag: 1 }))
    }
    comm.barrier()
    for (let i = 0; i < count; i++) {
      sends.push(comm.Isend(out.subarray(i, i + 1), { dest: right(comm), tag: 1 }))
    }
    await Promise.all([...receives, ...sends])
    assert.ok(into.every((value, i) => value === i + left(comm)))
    const values = Array.from({ length: count }, () =>
      comm.irecv<number>({ source: left(comm), tag: 2 }),
    )
    const sent = Array.from({ length: count }, (_, i) =>
      comm.isend(i, { dest: right(comm), tag: 2 }),
    )
    const received = await Promise.all(values)
    await Promise.all(sent)
    assert.ok(received.every((value, i) => value === i))
  },
)

check('awaiting does not starve the event loop', async (comm) => {
  // Messages are always there, so every await could end at once; the timer has to come all the same.
  let timer = false
  setTimeout(() => {
    timer = true
  }, 1)
  for (let i = 0; !timer; i++) {
    const request = comm.Irecv(new Float64Array(1), { source: comm.rank, tag: 4 })
    await comm.Isend(Float64Array.of(i), { dest: comm.rank, tag: 4 })
    await request
  }
  // And a server answers while a receive waits for a message that only comes afterwards.
  const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const waiting = comm.irecv({ source: comm.rank, tag: 5 })
  const told = waiting.then((value) => `got ${value as string}`)
  const { port } = server.address() as { port: number }
  const response = await fetch(`http://127.0.0.1:${port}/`)
  assert.equal(await response.text(), 'hello')
  server.closeAllConnections()
  server.close()
  await comm.isend('at last', { dest: comm.rank, tag: 5 })
  assert.equal(await told, 'got at last')
})

check('steps of others go on while a rank waits', (comm) => {
  if (comm.size < 3) return
  // The value goes 0 -> 2 -> ... -> 1 through ranks that are inside of blocking calls meanwhile.
  const request = comm.ibcast(comm.rank === 0 ? { chain: 'ok' } : undefined)
  if (comm.rank === 1) comm.Send(Float64Array.of(1), { dest: 2, tag: 8 })
  if (comm.rank === 2) {
    const got = new Float64Array(1)
    comm.Recv(got, { source: 1, tag: 8 })
  }
  assert.deepEqual(request.wait(), { chain: 'ok' })
})

check('progress() moves what was started', async (comm) => {
  const request = comm.irecv({ source: comm.rank, tag: 6 })
  comm.isend('x', { dest: comm.rank, tag: 6 })
  while (!request.done) progress()
  assert.equal(request.wait(), 'x')
  await turn()
})
