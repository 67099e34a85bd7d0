// What is wrong is said before MPI sees it, or comes back from MPI as an error: nothing crashes, nothing is sent.
import assert from 'node:assert/strict'
import { BAND, MpiError, Window } from 'numcore/mpi'
import { check, checkEach } from './check.js'

checkEach('arguments that are wrong', (comm) => {
  const f64 = new Float64Array(4)
  const refused: [() => unknown, RegExp, string?][] = [
    [() => comm.send(1, { dst: 0 } as never), /"dst".*did you mean "dest"/],
    [() => comm.send(1, {} as never), /a rank for dest/],
    [() => comm.send(1, { dest: 1.5 }), /a rank for dest/],
    [() => comm.send(1, undefined as never), /dest/],
    [() => comm.recv({ sorce: 0 } as never), /did you mean "source"/],
    [() => comm.recv({ status: {} as never }), /a Status/],
    [() => comm.irecv({ signal: 1 as never }), /AbortSignal/],
    [() => comm.Send([1, 2] as never, { dest: 0 }), /typed array/],
    [() => comm.Send({ data: f64, cont: 1 } as never, { dest: 0 }), /did you mean "count"/],
    [() => comm.Send({ data: f64, count: 5 }, { dest: 0 }), /room for 5 elements/],
    [() => comm.Send({ data: f64, offset: 5 }, { dest: 0 }), /offset/],
    [() => comm.Send({ data: f64, count: -1 }, { dest: 0 }), /count/],
    [() => comm.Send({ data: f64, type: 'double' as never }, { dest: 0 }), /a Datatype/],
    [() => comm.bcast(1, { root: comm.size }), /root/],
    [() => comm.Bcast(f64, { root: -1 }), /root/],
    [() => comm.Allreduce(f64, new Float64Array(3)), /4 elements/, 'ERR_SHAPE'],
    [() => comm.Allreduce(f64, new Float32Array(4)), /Float64Array/, 'ERR_SHAPE'],
    [() => comm.Allreduce(f64, f64.slice(), { op: (() => 1) as never }), /Op\.create/],
    [() => comm.allreduce(1, { op: 'sum' as never }), /an Op or a function/],
    [() => comm.Allgatherv(f64, { data: f64, counts: [1, 2, 3, 4, 5, 6] }), /one for each rank/],
    [() => comm.split({ color: -7 }), /color/],
    [() => Window.create(comm, [1] as never), /typed array/],
  ]
  for (const [call, message, code = 'ERR_INVALID_ARGUMENT'] of refused) {
    assert.throws(call, { code, message })
  }
  if (comm.rank === 0) {
    assert.throws(() => comm.Gather(f64, null), /buffer on the root/)
    assert.throws(() => comm.scatter([1, 2, 3, 4, 5, 6, 7]), /one for each rank/)
  }
  const buffer = Reflect.construct(ArrayBuffer, [8, { maxByteLength: 16 }]) as ArrayBuffer
  assert.throws(() => comm.Irecv(new Float64Array(buffer), { source: 0 }), /resized/)
  const gone = new Float64Array(4)
  structuredClone(gone, { transfer: [gone.buffer] })
  assert.throws(() => comm.Send({ data: gone, count: 4 }, { dest: 0 }), /room/)
})

checkEach('errors of MPI have class, code and string', (comm) => {
  const f64 = new Float64Array(1)
  for (const [call, errorClass] of [
    [() => comm.Send(f64, { dest: comm.size }), 'ERR_RANK'],
    [() => comm.Send(f64, { dest: 0, tag: -5 }), 'ERR_TAG'],
    [() => comm.send(1, { dest: -99 }), 'ERR_RANK'],
    [() => comm.Recv(f64, { source: comm.size + 3 }), 'ERR_RANK'],
    [() => comm.Allreduce(f64, f64.slice(), { op: BAND }), 'ERR_OP'],
  ] as const) {
    assert.throws(call, (error: unknown) => {
      assert.ok(error instanceof MpiError)
      assert.equal(error.errorClass, errorClass)
      assert.ok(error.errorCode > 0)
      assert.match(error.message, /^MPI_/)
      assert.ok(error.errorString.length > 0 && error.message.includes(error.errorString))
      return true
    })
  }
})

check('an access outside of a WebAssembly memory is a JavaScript exception', () => {
  // (module (memory 1) (func (export "f") (param i32) (result i32) local.get 0 i32.load))
  const code = Uint8Array.of(
    0,
    97,
    115,
    109,
    1,
    0,
    0,
    0,
    1,
    6,
    1,
    96,
    1,
    127,
    1,
    127,
    3,
    2,
    1,
    0,
    5,
    3,
    1,
    0,
    1,
    7,
    5,
    1,
    1,
    102,
    0,
    0,
    10,
    9,
    1,
    7,
    0,
    32,
    0,
    40,
    2,
    0,
    11,
  )
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports as {
    f(at: number): number
  }
  assert.equal(f(0), 0)
  assert.throws(() => f(100_000_000), WebAssembly.RuntimeError)
})
