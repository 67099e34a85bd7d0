import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findLaunchers } from 'numcore/mpi/launch'
import { install, needPrebuilds, run, skip, temporary } from './support.js'

/** Tells what was loaded, and lets the ranks talk to each other in every way that has its own code in the add-on. */
const program = `
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { COMM_WORLD as comm, mpiInfo, Window } from 'numcore/mpi'
assert.equal(comm.size, 2)
const { rank } = comm
const sum = new Float64Array(1)
comm.Allreduce(Float64Array.of(rank + 1), sum)
assert.equal(sum[0], 3)
const request = comm.isend({ from: rank, big: new Float64Array(1e6).fill(rank) }, { dest: 1 - rank })
const { from, big } = await comm.irecv({ source: 1 - rank })
await request
assert.deepEqual([from, big[999_999]], [1 - rank, 1 - rank])
const window = Window.allocateShared(comm, Int32Array, 1)
window.array[0] = rank
window.fence()
assert.equal(window.shared(1 - rank)[0], 1 - rank)
window.fence()
const addon = /\\/\\S*numcore-mpi-\\w+\\.node/.exec(readFileSync('/proc/self/maps', 'utf8'))[0]
if (rank === 0) console.log(JSON.stringify({ flavour: mpiInfo().flavour, addon }))
`

describe('the installed package under MPI', function () {
  let folder: string
  before(async function () {
    needPrebuilds(this, process.arch === 'arm64' ? 'linux-arm64' : 'linux-x64')
    folder = join(temporary(), 'project')
    await install(this, folder)
    writeFileSync(join(folder, 'app.mjs'), program)
  })

  for (const mpi of ['openmpi', 'mpich'] as const) {
    it(`loads the add-on that ships for ${mpi}, started with numcore mpirun`, async function () {
      if (!findLaunchers().some((each) => each.mpi === mpi)) skip(this, `there is no ${mpi} here`)
      const executable = join(folder, 'node_modules/.bin/numcore')
      assert.ok(existsSync(executable))
      const { code, stdout, stderr } = await run(executable, ['mpirun', '-np', '2', 'app.mjs'], {
        cwd: folder,
        env: {
          NUMCORE_MPI: mpi,
          OMPI_MCA_btl_vader_single_copy_mechanism: 'none',
          HYDRA_LAUNCHER: 'fork',
        },
      })
      assert.equal(code, 0, stderr)
      const told = JSON.parse(/\{.*\}/.exec(stdout)?.[0] ?? '{}') as Record<string, string>
      assert.equal(told.flavour, mpi)
      assert.match(
        told.addon ?? '',
        new RegExp(`^${folder}/node_modules/numcore/prebuilds/.*/mpi/numcore-mpi-${mpi}\\.node$`),
      )
    })
  }
})
