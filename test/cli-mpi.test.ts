import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { numcore } from './support/cli.js'
import { installed, missing, runRanks } from './support/mpi.js'
import { generateText } from './support/words.js'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** Whether `message` is in the text exactly once. */
const once = (text: string, message: string) => text.split(message).length === 2

describe('numcore on the ranks of an MPI job', function () {
  // As in mpi.test.ts: it is launchers that fail now and then on a crowded machine.
  this.retries(2)
  let folder: string
  const at = (...parts: string[]) => join(folder, ...parts)
  const read = (...parts: string[]) => readFileSync(at(...parts), 'utf8')
  const lines: Record<string, readonly string[]> = {}

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'numcore-ranks-'))
    mkdirSync(at('books'))
    for (const seed of [1, 2, 3, 4, 5]) {
      writeFileSync(at('books', `b${seed}.txt`), generateText(seed, 1000 * seed))
    }
    writeFileSync(at('books', 'bad.txt'), Buffer.from('caf\xe9', 'latin1'))
    writeFileSync(at('books', 'empty.txt'), '')
    writeFileSync(at('foreign.dat'), 'nowhere 3 100.0\n')
    await numcore(['wordcount', at('books', 'b5.txt'), at('b5.dat')])
    const acf = (...more: string[]) => [
      'acf',
      at('books', 'b5.txt'),
      at('b5.dat'),
      at('out.csv'),
      ...more,
    ]
    Object.assign(lines, {
      words: acf('--json'),
      few: acf('--words', '2', '--timesteps', '7'),
      uneven: acf('--words', '5', '--threads', '2'),
      sentences: acf('--unit', 'sentence', '--words', '3', '--json'),
      corpus: ['corpus', at('books'), at('gone.txt'), '--out', at('out'), '--threads', '2'],
      json: ['corpus', at('books'), at('gone.txt'), '--out', at('out'), '--json'],
      integral: ['integrate', 'exp(-x*x)', '-1', 'pi/2', '--bins', '1e6', '--json'],
      gauss: ['integrate', 'sin(x)', '0', '1', '--rule', 'gauss', '--bins', '40000', '--json'],
      adaptive: ['integrate', '1/sqrt(x)', '0', '1', '--rule', 'adaptive', '--json'],
      pole: ['integrate', '1/(x-0.75)', '0', '1', '--bins', '1e6', '--rule', 'trapezoid'],
      formula: ['integrate', '1/(x', '0', '1'],
      range: ['integrate', 'x', '0', '1', '--order', '3'],
      file: ['acf', at('gone.txt'), at('b5.dat'), at('none.csv')],
      foreign: ['acf', at('books', 'b5.txt'), at('foreign.dat'), at('none.csv')],
      argument: acf('--words', 'some'),
      input: ['acf', at('books', 'b5.txt'), at('b5.dat'), at('b5.dat')],
      unwritable: ['acf', at('books', 'b5.txt'), at('b5.dat'), at('nowhere', 'none.csv')],
      noBooks: ['corpus', at('b5'), '--out', at('b5.dat')],
      folder: ['corpus', at('books'), '--out', at('b5.dat')],
    })
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** What one process writes, says and ends with; and all files that it leaves. */
  async function outcome(line: string, mpi?: 'openmpi' | 'mpich', ranks?: number) {
    rmSync(at('out.csv'), { force: true })
    const args = lines[line] as readonly string[]
    const { code, stdout, stderr } =
      mpi === undefined ? await numcore(args) : await runRanks({ mpi, ranks, program: main, args })
    return {
      code,
      stdout,
      stderr,
      output: line in lines && args[0] === 'acf' && code === 0 ? read('out.csv') : '',
    }
  }

  for (const mpi of ['openmpi', 'mpich'] as const) {
    describe(mpi, () => {
      before(function () {
        if (installed(mpi)) return
        console.log(missing(mpi))
        this.skip()
      })

      for (const ranks of [1, 2, 3, 4]) {
        it(`acf writes and prints the same on ${ranks}`, async () => {
          for (const line of ['words', 'few', 'uneven', 'sentences']) {
            const serial = await outcome(line)
            assert.equal(serial.code, 0, serial.stderr)
            const shared = await outcome(line, mpi, ranks)
            assert.equal(shared.code, 0, shared.stderr)
            assert.ok(serial.output.length > 100)
            assert.equal(shared.output, serial.output, line)
            assert.equal(shared.stdout, serial.stdout, line)
          }
        })

        it(`corpus writes and prints the same on ${ranks}, reports bad books, and goes on where it was`, async () => {
          const files = () =>
            readdirSync(at('out'))
              .sort()
              .map((name) => [name, read('out', name)])
          rmSync(at('out'), { recursive: true, force: true })
          const serial = await outcome('corpus')
          assert.equal(serial.code, 1)
          const wanted = files()
          assert.equal(wanted.length, 5 * 4 + 1)
          rmSync(at('out'), { recursive: true })
          const shared = await outcome('corpus', mpi, ranks)
          assert.equal(shared.code, 1, shared.stderr)
          assert.deepEqual(files(), wanted)
          assert.equal(shared.stdout, serial.stdout)
          // Launchers add that a rank has ended with 1.
          for (const message of serial.stderr.trimEnd().split('\n')) {
            assert.ok(once(shared.stderr, message), shared.stderr)
          }
          rmSync(at('out', 'b2.done.json'))
          const again = await outcome('json', mpi, ranks)
          assert.deepEqual(files(), wanted)
          const { done, kept, failures } = JSON.parse(again.stdout) as Record<string, unknown[]>
          assert.deepEqual([done, kept, failures?.length], [1, 4, 3])
        })
      }

      it('integrate prints the same bits', async () => {
        for (const ranks of [1, 2, 3, 4]) {
          for (const line of ['integral', 'gauss', 'adaptive']) {
            const factsOf = (stdout: string) => {
              const facts = JSON.parse(stdout) as Record<string, unknown>
              assert.equal(typeof facts.seconds, 'number')
              return { ...facts, seconds: 0, threads: 0 }
            }
            const shared = await outcome(line, mpi, ranks)
            assert.equal(shared.code, 0, shared.stderr)
            assert.deepEqual(factsOf(shared.stdout), factsOf((await outcome(line)).stdout))
          }
        }
      })

      it('fails with one message and the exit code of one process', async () => {
        for (const line of [
          'file',
          'foreign',
          'argument',
          'input',
          'unwritable',
          'noBooks',
          'pole',
          'formula',
          'range',
          'folder',
        ]) {
          const serial = await outcome(line)
          assert.notEqual(serial.code, 0)
          const shared = await outcome(line, mpi, 3)
          assert.equal(shared.code, serial.code, shared.stderr)
          assert.equal(shared.stdout, '')
          const [message = ''] = serial.stderr.split('\n')
          assert.ok(once(shared.stderr, message), `${message}\n---\n${shared.stderr}`)
          assert.doesNotMatch(shared.stderr, /rank \d of 3 on/)
        }
        assert.ok(!readdirSync(folder).some((name) => /none|tmp/.test(name)))
      })

      it('shares tasks', async () => {
        for (const ranks of [1, 2, 4]) {
          const { code, stdout, stderr } = await runRanks({ mpi, ranks, program: 'sharing.js' })
          assert.equal(code, 0, stderr)
          assert.equal(stdout, '5 rounds\n')
        }
      })

      it('says once that the library is not that of the launcher', async function () {
        const other = mpi === 'openmpi' ? 'mpich' : 'openmpi'
        const { code, stderr } = await runRanks({
          mpi,
          ranks: 3,
          program: '/usr/bin/env',
          args: [
            `NUMCORE_MPI=${other}`,
            process.execPath,
            main,
            ...(lines.few as readonly string[]),
          ],
          isScript: false,
        })
        assert.equal(code, 1)
        assert.ok(once(stderr, 'every rank would be alone'), stderr)
      })
    })
  }

  it('numcore mpirun starts commands of its own', async function () {
    if (!installed('openmpi') && !installed('mpich')) return this.skip()
    const serial = await outcome('few')
    rmSync(at('out.csv'))
    const { code, stderr } = await numcore(
      ['mpirun', '-np', '2', 'numcore', ...(lines.few as readonly string[])],
      { OMPI_MCA_btl_vader_single_copy_mechanism: 'none', HYDRA_LAUNCHER: 'fork' },
    )
    assert.equal(code, 0, stderr)
    assert.equal(read('out.csv'), serial.output)
  })
})
