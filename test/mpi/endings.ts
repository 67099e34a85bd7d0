// One rank ends in the way that it is told, while the others wait for it: test/mpi.test.ts looks at what the job does.
import { COMM_WORLD as comm } from 'numcore/mpi'

const [how, code = '0'] = process.argv.slice(2)
const last = comm.size - 1

console.log(`rank ${comm.rank} is here`)
comm.barrier()
if (comm.rank === last) {
  if (how === 'throw') throw new RangeError('the keel broke')
  if (how === 'reject') void Promise.reject(new RangeError('the keel broke'))
  if (how === 'exit') process.exit(Number(code))
  if (how === 'exitCode') process.exitCode = Number(code)
  if (how === 'abort') comm.abort(Number(code))
  if (how === 'kill') process.kill(process.pid, 'SIGKILL')
  if (how === 'pending') comm.Irecv(new Float64Array(1), { source: 0, tag: 99 })
} else if (how !== 'clean' && how !== 'pending') {
  comm.Recv(new Float64Array(1), { source: last, tag: 1 })
}
