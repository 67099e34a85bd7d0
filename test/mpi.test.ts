import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { numcore } from './support/cli.js'
import { installed, type Job, missing, runRanks } from './support/mpi.js'

// Not public: which library is chosen has to be tried with libraries that are not there.
const { expectConnection, expectJob, openMpi } = (await import(
  new URL('../../dist/mpi/library.js', import.meta.url).href
)) as Library

const endings = fileURLToPath(new URL('./mpi/endings.js', import.meta.url))

type Environment = Readonly<Record<string, string>>
interface Chosen {
  flavour: string
  file: string
  launcher?: { name: string; size: number }
}
interface Library {
  openMpi(
    environment: Environment,
    loader: { openLibrary(file: string): string | undefined; hasSymbol(name: string): boolean },
  ): Chosen
  expectConnection(
    library: Chosen,
    environment: Environment,
    isSocket: (file: number) => boolean,
  ): void
  expectJob(library: Chosen, size: number, environment: Environment): void
}

function skip(test: Mocha.Context, why: string): void {
  console.log(`      (skipped: ${why})`)
  test.skip()
}

describe('numcore/mpi', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-mpi-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs all checks, and shows the last that went well when one does not. */
  async function passes(job: Omit<Job, 'program'>, program = 'checks.js'): Promise<string> {
    const environment = { NUMCORE_TEST_FOLDER: folder, NUMCORE_TEST_MPI: job.mpi }
    const { code, stdout, stderr } = await runRanks({
      ...job,
      program,
      env: { ...environment, ...job.env },
    })
    assert.equal(code, 0, `${stdout.split('\n').slice(-4).join('\n')}\n${stderr}`)
    if (stdout.startsWith('no ScaLAPACK')) return stdout
    assert.match(stdout, /^\d+ checks passed$/m, stderr)
    return stdout
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
      it('ends well: clean exits finalize, and what is still pending keeps nobody', async () => {
        for (const how of ['clean', 'pending']) {
          const { code, stdout, stderr } = await runRanks({
            mpi,
            ranks: 2,
            program: 'endings.js',
            args: [how],
          })
          assert.equal(code, 0, stderr)
          assert.match(stdout, /rank 1 is here/)
        }
      })
      it('ends at once when one rank does not end well, with its exit code and its stack', async function () {
        // On a crowded machine mpirun of Open MPI hung once after a rank had been killed. It did not in 160 more.
        this.retries(2)
        for (const [how, given, wanted] of [
          ['throw', '1', 1],
          ['reject', '1', 1],
          ['exit', '7', 7],
          ['exitCode', '9', 9],
          ['abort', '5', 5],
        ] as const) {
          const { code, stderr } = await runRanks({
            mpi,
            ranks: 2,
            program: 'endings.js',
            args: [how, given],
          })
          assert.equal(code, wanted, `${how}: ${stderr}`)
          if (how === 'throw' || how === 'reject') {
            assert.match(stderr, /\[rank 1 of 2 on .*\].*RangeError: the keel broke/)
          }
        }
        const killed = await runRanks({ mpi, ranks: 2, program: 'endings.js', args: ['kill'] })
        assert.notEqual(killed.code, 0)
        assert.doesNotMatch(killed.stderr, /it hangs/)
      })
      it('says which package has ScaLAPACK when there is none', async () => {
        const nowhere = { NUMCORE_SCALAPACK: '/nowhere/libscalapack.so' }
        const none = await runRanks({ mpi, ranks: 2, program: 'inverses.js', env: nowhere })
        assert.equal(none.code, 0, none.stderr)
        assert.match(none.stdout, /NUMCORE_SCALAPACK could not be loaded: .*nowhere/)
        const foreign = { NUMCORE_SCALAPACK: 'libm.so.6' }
        const other = await runRanks({ mpi, ranks: 1, program: 'inverses.js', env: foreign })
        assert.match(other.stdout, /libm\.so\.6: (has no|belongs to another MPI)/)
      })
      it('refuses the library of another launcher, on every rank', async function () {
        const other = mpi === 'openmpi' ? 'mpich' : 'openmpi'
        if (!installed(other)) {
          console.log(missing(other))
          return this.skip()
        }
        const { code, stderr } = await runRanks({
          mpi,
          ranks: 2,
          program: '/usr/bin/env',
          args: [`NUMCORE_MPI=${other}`, process.execPath, endings, 'clean'],
          isScript: false,
        })
        assert.notEqual(code, 0)
        assert.match(stderr, /every rank would be alone/)
        assert.match(stderr, new RegExp(`NUMCORE_MPI=${mpi}`))
      })
      it('moves values of 300 MB', async function () {
        if (freemem() < 4e9) return skip(this, 'that takes 4 GB of free memory')
        const { code, stdout, stderr } = await runRanks({ mpi, ranks: 2, program: 'large.js' })
        assert.equal(code, 0, `${stdout}\n${stderr}`)
        assert.match(stdout, /all is well/)
      })
      it('moves more than 2^31 elements', async function () {
        if (process.env.NUMCORE_TEST_LARGE !== '1') {
          return skip(this, 'takes a minute and 14 GB; NUMCORE_TEST_LARGE=1 asks for it')
        }
        if (freemem() < 14e9) return skip(this, 'that takes 14 GB of free memory')
        const job = { mpi, ranks: 2, program: 'large.js', args: ['counts'] }
        const { code, stdout, stderr } = await runRanks(job)
        assert.equal(code, 0, `${stdout}\n${stderr}`)
        assert.match(stdout, /all is well/)
      })
      for (const ranks of [1, 2, 3, 4]) {
        it(`does all it should on ${ranks} rank${ranks === 1 ? '' : 's'}`, async () => {
          await passes({ mpi, ranks })
        })
        it(`inverts on ${ranks} rank${ranks === 1 ? '' : 's'}`, async function () {
          const said = await passes({ mpi, ranks }, 'inverses.js')
          if (!said.startsWith('no ScaLAPACK')) return
          console.log(`      (skipped: ${said.split('\n', 1)[0]})`)
          this.skip()
        })
      }
    })
  }

  it('starts programs without being a rank', function () {
    if (!existsSync('/proc/self/maps')) return this.skip()
    // Though what starts them has been loaded.
    assert.doesNotMatch(readFileSync('/proc/self/maps', 'latin1'), /libmpi/)
  })

  it('says what to install when there is no MPI', async () => {
    const { code, stderr } = await runRanks({
      mpi: 'openmpi',
      ranks: undefined,
      program: 'endings.js',
      env: { NUMCORE_TEST_LIBRARY: '/nowhere/libmpi.so' },
    })
    assert.equal(code, 1)
    assert.match(stderr, /NUMCORE_MPI could not be loaded: .*nowhere/)
    const found = { openLibrary: (file: string) => `${file}: no such file`, hasSymbol: () => false }
    assert.throws(() => openMpi({}, found), {
      code: 'ERR_NO_MPI',
      message: /libmpi\.so\.40.*libmpich\.so\.12.*apt-get install openmpi-bin, or mpich/,
    })
  })

  it('chooses the library: NUMCORE_MPI, then the launcher, then what is installed', () => {
    const has = (...files: string[]) => ({
      openLibrary: (file: string) => (files.includes(file) ? undefined : `${file}: not found`),
      hasSymbol: (name: string) => name === 'MPI_Init_thread',
    })
    const both = has('libmpi.so.40', 'libmpich.so.12')
    const hydra = { PMI_RANK: '1', PMI_SIZE: '4', HYDI_CONTROL_FD: '7' }
    const orte = { OMPI_COMM_WORLD_RANK: '0', OMPI_COMM_WORLD_SIZE: '2' }
    assert.equal(openMpi({}, both).file, 'libmpi.so.40')
    assert.equal(openMpi({}, has('libmpich.so.12')).flavour, 'mpich')
    assert.equal(openMpi({ NUMCORE_MPI: 'mpich' }, both).file, 'libmpich.so.12')
    assert.deepEqual(openMpi(hydra, both).launcher, {
      name: "MPICH's mpirun",
      flavour: 'mpich',
      size: 4,
      rank: 1,
      localRank: 1,
    })
    assert.equal(openMpi(orte, both).flavour, 'openmpi')
    assert.throws(() => openMpi({ ...hydra, NUMCORE_MPI: 'openmpi' }, both), /rank 1 of 4/)
    assert.throws(() => openMpi({ NUMCORE_MPI: 'lam' }, both), /"lam"/)
    const lost = openMpi({ ...hydra, PMI_FD: '6' }, both)
    const connect = (isOpen: boolean) =>
      expectConnection(lost, { PMI_FD: '6' }, (file) => file === 6 && isOpen)
    connect(true)
    assert.throws(() => connect(false), /npx does.*-pmi-port/)
    const slurm = { SLURM_PROCID: '3', SLURM_STEP_NUM_TASKS: '8' }
    assert.equal(openMpi(slurm, both).launcher?.name, 'srun')
    const lonely = openMpi(slurm, both)
    assert.throws(() => expectJob(lonely, 1, slurm), /srun --mpi=pmix/)
    expectJob(lonely, 8, slurm)
  })

  it('numcore mpirun finds the launcher, passes the rest on, and ends as the job ends', async function () {
    if (!installed('openmpi') && !installed('mpich')) {
      console.log(missing('openmpi'))
      return this.skip()
    }
    const tamed = { OMPI_MCA_btl_vader_single_copy_mechanism: 'none', HYDRA_LAUNCHER: 'fork' }
    const well = await numcore(['mpirun', '-np', '2', endings, 'clean'], tamed)
    assert.equal(well.code, 0, well.stderr)
    assert.match(well.stdout, /rank 1 is here/)
    const badly = await numcore(['mpirun', '-np', '2', endings, 'exit', '4'], tamed)
    assert.equal(badly.code, 4)
    for (const [args, message] of [
      [['mpirun', '-np', '2'], /Expected a program/],
      [['mpirun', '-np', 'x', 'a.js'], /whole number/],
    ] as const) {
      const { code, stderr } = await numcore(args)
      assert.equal(code, 2)
      assert.match(stderr, message)
    }
  })
})
