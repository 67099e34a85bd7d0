// MPI: every process says which one it is
import { COMM_WORLD as comm } from 'numcore/mpi'

console.log(`Hello from process ${comm.rank} out of ${comm.size}`)
