// What is large, on two ranks: values of 300 MB, and, when asked for, more elements than an int counts.
import assert from 'node:assert/strict'
import { COMM_WORLD as comm, Status } from 'numcore/mpi'

const { rank } = comm
const other = 1 - rank

/** An array that can be told from any other by a few of its elements. */
function filled(length: number, seed: number): Int8Array<ArrayBuffer> {
  const array = new Int8Array(length)
  for (let i = 0; i < length; i += 4093) array[i] = (i + seed) % 101
  array[length - 1] = 77
  return array
}

function same(actual: Int8Array, length: number, seed: number): void {
  assert.equal(actual.length, length)
  for (let i = 0; i < length - 1; i += 4093) {
    if (actual[i] !== (i + seed) % 101) assert.fail(`element ${i} is ${actual[i]}`)
  }
  assert.equal(actual[length - 1], 77)
}

async function values(): Promise<void> {
  const length = 300_000_000
  const bytes = filled(length, rank)
  const value = { text: 'large', bytes, half: new Float64Array(bytes.buffer, 8, 10) }
  const sending = comm.isend(value, { dest: other })
  const got = await comm.irecv<typeof value>({ source: other })
  await sending
  assert.equal(got.text, 'large')
  same(got.bytes, length, other)
  assert.equal(got.half.buffer, got.bytes.buffer)
  console.log('values of 300 MB')
  const everywhere = comm.bcast(rank === 1 ? value.bytes : undefined, { root: 1 }) as Int8Array
  same(everywhere, length, 1)
  console.log('a broadcast of 300 MB')
  const text = 'whale '.repeat(10_000_000)
  if (rank === 0) comm.send(text, { dest: 1 })
  else assert.equal(comm.recv({ source: 0 }), text)
  console.log('a string of 60 MB')
}

function counts(): void {
  const length = 2 ** 31 + 5
  const status = new Status()
  const mine = filled(length, rank)
  let theirs: Int8Array = new Int8Array(length)
  if (rank === 0) comm.Send(mine, { dest: 1 })
  else comm.Recv(theirs, { source: 0, status })
  if (rank === 1) {
    same(theirs, length, 0)
    assert.equal(status.bytes, length)
  }
  console.log('Send and Recv of 2^31 + 5 elements')
  if (rank === 1) theirs.set(mine)
  comm.Bcast(theirs, { root: 1 })
  same(theirs, length, 1)
  console.log('Bcast of 2^31 + 5 elements')
  theirs = new Int8Array(0)
  // An array of Node 20 has 2^32 - 1 elements at most, so each gives less than an int counts, and all more.
  const part = 1_500_000_000
  const all = new Int8Array(rank === 0 ? 2 * part : 0)
  mine[part - 1] = 77
  comm.Gather(mine.subarray(0, part), rank === 0 ? all : undefined)
  if (rank === 0) {
    same(all.subarray(0, part), part, 0)
    same(all.subarray(part), part, 1)
  }
  console.log('Gather of 3e9 elements')
  mine[part - 1] = (part - 1) % 4093 === 0 ? (part - 1 + rank) % 101 : 0
  if (rank === 0) comm.send(mine, { dest: 1 })
  else same(comm.recv<Int8Array>({ source: 0 }), length, 0)
  console.log('a value of 2^31 + 5 bytes')
}

if (process.argv[2] === 'counts') counts()
else await values()
if (rank === 0) console.log('all is well')
