import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { numcore } from './support/cli.js'
import { installed, type Job, missing, runRanks } from './support/mpi.js'

const workers = new URL('../../dist/mpi/workers.js', import.meta.url).href
const endings = fileURLToPath(new URL('./mpi/pool-endings.js', import.meta.url))

describe('MPIPoolExecutor', function () {
  // As in mpi.test.ts: on a crowded machine launchers fail to start or to end now and then.
  this.retries(2)
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-pool-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  async function passes(job: Omit<Job, 'program'>, memory: 'shared' | 'apart'): Promise<void> {
    const { code, stdout, stderr } = await runRanks({
      ...job,
      program: 'pool.js',
      args: [String(job.ranks ?? 1), memory],
      nodeArgs: ['--import', workers],
      env: { NUMCORE_TEST_FOLDER: folder, ...job.env },
    })
    assert.equal(code, 0, `${stdout}\n${stderr}`)
    assert.match(stdout, /^all is well$/m, stderr)
  }

  it('works without a launcher, and without MPI', async () => {
    const env = { NUMCORE_TEST_LIBRARY: '/nowhere/libmpi.so' }
    await passes({ mpi: 'openmpi', ranks: undefined, env }, 'shared')
  })

  for (const mpi of ['openmpi', 'mpich'] as const) {
    describe(mpi, () => {
      before(function () {
        if (installed(mpi)) return
        console.log(missing(mpi))
        this.skip()
      })
      for (const ranks of [1, 2, 4]) {
        it(`does all it should on ${ranks} rank${ranks === 1 ? '' : 's'}`, async () => {
          await passes({ mpi, ranks }, 'shared')
        })
      }
      it('sends by value what ranks cannot share', async () => {
        await passes({ mpi, ranks: 3, env: { NUMCORE_MPI_SHARED_MEMORY: '0' } }, 'apart')
      })
      it('ends with the program, whatever its workers are doing', async () => {
        for (const [how, wanted] of [
          ['nothing', 0],
          ['open', 0],
          ['abandoned', 0],
          ['large result', 0],
          ['exit', 4],
          ['throw', 1],
        ] as const) {
          const { code, stdout, stderr } = await runRanks({
            mpi,
            ranks: 3,
            program: endings,
            args: [how],
            nodeArgs: ['--import', workers],
          })
          assert.equal(code, wanted, `${how}: ${stdout}\n${stderr}`)
          assert.equal(stdout.trim(), 'the program', how)
          if (how === 'throw') assert.match(stderr, /\[rank 0 of 3 on .*\].*the mast broke/)
        }
      })
      it('ends when one of its ranks does', async () => {
        const { code, stdout, stderr } = await runRanks({
          mpi,
          ranks: 3,
          program: endings,
          args: ['kill'],
          nodeArgs: ['--import', workers],
        })
        assert.notEqual(code, 0)
        assert.doesNotMatch(stdout, /went on/)
        assert.doesNotMatch(stderr, /it hangs/)
      })
      it('says how to start a program whose ranks are no workers', async () => {
        const { code, stderr } = await runRanks({ mpi, ranks: 2, program: endings, args: ['open'] })
        assert.equal(code, 1)
        assert.match(stderr, /numcore mpirun -np 2 --pool PROGRAM/)
      })
      it('is started by numcore mpirun --pool', async () => {
        const tamed = {
          NUMCORE_MPI: mpi,
          OMPI_MCA_btl_vader_single_copy_mechanism: 'none',
          HYDRA_LAUNCHER: 'fork',
        }
        const { code, stdout, stderr } = await numcore(
          ['mpirun', '-np', '2', '--pool', endings, 'open'],
          tamed,
        )
        assert.equal(code, 0, stderr)
        assert.equal(stdout.trim(), 'the program')
      })
    })
  }

  it('wants a script for numcore mpirun --pool', async () => {
    const { code, stderr } = await numcore(['mpirun', '-np', '2', '--pool', '--', 'true'])
    assert.equal(code, 2)
    assert.match(stderr, /Expected a script/)
  })
})
