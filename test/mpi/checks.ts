// The program that test/mpi.test.ts runs under each MPI with 1 to 4 ranks: all checks, each reported by rank 0.
import { runChecks } from './check.js'
// Each adds its checks.
import './objects.js'
import './arrays.js'
import './requests.js'
import './comms.js'
import './misuse.js'
import './traffic.js'

await runChecks()
