import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installed, type Job, missing, runRanks } from './support/mpi.js'

describe('numcore/mpi', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-mpi-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs all checks, and shows the last that went well when one does not. */
  async function passes(job: Omit<Job, 'program'>): Promise<void> {
    const environment = { NUMCORE_TEST_FOLDER: folder, NUMCORE_TEST_MPI: job.mpi }
    const { code, stdout, stderr } = await runRanks({
      ...job,
      program: 'checks.js',
      env: { ...environment, ...job.env },
    })
    assert.equal(code, 0, `${stdout.split('\n').slice(-4).join('\n')}\n${stderr}`)
    assert.match(stdout, /^\d+ checks passed$/m, stderr)
  }

  for (const mpi of ['openmpi', 'mpich'] as const) {
    describe(mpi, () => {
      before(function () {
        if (installed(mpi)) return
        console.log(missing(mpi))
        this.skip()
      })
      it('does all it should on a rank that nobody launched', async () => {
        await passes({ mpi, ranks: undefined, env: { NUMCORE_TEST_SINGLE: '1' } })
      })
      for (const ranks of [1, 2, 3, 4]) {
        it(`does all it should on ${ranks} rank${ranks === 1 ? '' : 's'}`, async () => {
          await passes({ mpi, ranks })
        })
      }
    })
  }
})
