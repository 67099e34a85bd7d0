// Random traffic against a model: every rank knows from the seed alone what everybody sends, in which form and order.
import assert from 'node:assert/strict'
import { ANY_SOURCE, type Comm, type Request, Status } from 'numcore/mpi'
import { numbers } from '../support/words.js'
import { checkEach } from './check.js'

interface Sent {
  from: number
  to: number
  tag: number
  serial: number
  length: number
  upper: boolean
  synchronous: boolean
}

function plan({ size }: Comm, seed: number): Sent[] {
  const next = numbers(seed)
  return Array.from({ length: 200 }, (_, serial) => ({
    from: next(size),
    to: next(size),
    tag: next(3),
    serial,
    length: next(12) === 0 ? 20_000 + next(9) : next(40),
    upper: next(2) === 0,
    synchronous: next(4) === 0,
  }))
}

const contents = ({ serial, length }: Sent) =>
  Float64Array.from({ length }, (_, i) => serial + i / 1024)

checkEach(
  'random traffic: every message arrives once, whole, in order, where it should',
  async (comm) => {
    for (let seed = 1; seed <= 5; seed++) {
      const messages = plan(comm, seed)
      const mine = messages.filter(({ to }) => to === comm.rank)
      const sends: Request<void>[] = []
      for (const sent of messages) {
        if (sent.from !== comm.rank) continue
        const options = { dest: sent.to, tag: 2 * sent.tag + Number(sent.upper) }
        const data = contents(sent)
        if (sent.upper)
          sends.push(sent.synchronous ? comm.Issend(data, options) : comm.Isend(data, options))
        else {
          const value = { serial: sent.serial, data }
          sends.push(sent.synchronous ? comm.issend(value, options) : comm.isend(value, options))
        }
      }
      const next = numbers(seed + 100 + comm.rank)
      const received: { sent: Sent; request: Request<unknown>; read(): Float64Array }[] = []
      // Of one sender and tag they are asked for in the order in which they are sent.
      for (const sent of mine) {
        const from = { source: sent.from, tag: 2 * sent.tag + Number(sent.upper) }
        if (sent.upper) {
          const room = new Float64Array(sent.length + next(3))
          const request = comm.Irecv(room, from)
          received.push({ sent, request, read: () => room.subarray(0, sent.length) })
        } else {
          const request = comm.irecv<{ serial: number; data: Float64Array }>(from)
          received.push({
            sent,
            request,
            read: () => {
              assert.equal(request.wait().serial, sent.serial)
              return request.wait().data
            },
          })
        }
      }
      for (const { request } of received) {
        const way = next(3)
        if (way === 0) await request
        else if (way === 1) request.wait()
        else while (!request.test().done);
      }
      for (const { sent, request, read } of received) {
        assert.deepEqual(read(), contents(sent))
        assert.equal(request.status.source, sent.from)
        if (sent.upper) assert.equal(request.status.bytes, 8 * sent.length)
      }
      await Promise.all(sends)
    }
  },
)

checkEach('a master that takes whoever comes', (comm) => {
  const { rank, size } = comm
  const each = 20
  if (rank !== 0) {
    for (let i = 0; i < each; i++) comm.send({ rank, i }, { dest: 0, tag: i % 2 })
    return
  }
  const counts = Array.from({ length: size }, () => 0)
  const status = new Status()
  for (let k = 0; k < each * (size - 1); k++) {
    const value = comm.recv({ source: ANY_SOURCE, status })
    assert.equal(value.rank, status.source)
    assert.equal(value.i % 2, status.tag)
    counts[value.rank] = (counts[value.rank] as number) + 1
  }
  assert.deepEqual(counts, [0, ...Array.from({ length: size - 1 }, () => each)])
})
