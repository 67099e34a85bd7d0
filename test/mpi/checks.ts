// The program that test/mpi.test.ts runs under each MPI with 1 to 4 ranks: all checks, each reported by rank 0.
import { runChecks } from './check.js'

// In this order, and each adds its checks.
for (const file of ['objects', 'arrays', 'requests', 'comms', 'misuse', 'traffic', 'integrals']) {
  await import(`./${file}.js`)
}
await runChecks()
