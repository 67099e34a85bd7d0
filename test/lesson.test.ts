import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MpiFlavour } from 'numcore/mpi'
import { mainProgram, numcore } from './support/cli.js'
import { installed, missing, runRanks } from './support/mpi.js'

const sources = fileURLToPath(new URL('../../examples', import.meta.url))
const names = readdirSync(sources)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
  .sort()

async function lesson(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await numcore(['lesson', ...args])
  assert.equal(code, 0, stderr)
  return stdout
}

const mobyDick = fileURLToPath(new URL('../../dist/data/moby-dick.txt', import.meta.url))

/** The command as a reader types it, with a limit of time: it starts the launcher itself. */
async function lessonOnRanks(
  mpi: MpiFlavour,
  ranks: number,
  name: string,
  ...args: string[]
): Promise<string> {
  const { code, stdout, stderr } = await runRanks({
    mpi,
    ranks: undefined,
    program: mainProgram,
    args: ['lesson', name, '--ranks', String(ranks), ...args],
  })
  assert.equal(code, 0, stderr)
  return stdout
}

const twenty = Array.from({ length: 20 }, (_, i) => i * i).join(' ')
const time = '[\\d.:]+( ?m?s)?( \\(.*\\))?'
const lines = (...parts: string[]) => new RegExp(`^${parts.join('\\n')}\\n$`)

/** What each example of this lesson prints, with sizes small enough for a test. */
const expected: Readonly<Record<string, { args: string[]; output: RegExp }>> = {
  'omp-test': {
    args: ['50'],
    output: lines(
      'Time spent on inverting A \\(50 x 50\\) is \\d\\.\\d\\d seconds',
      '\\d+ threads, decided by .*',
    ),
  },
  'io-bound': {
    args: ['5'],
    output: lines(
      ...[
        'one after another  ',
        'promises           ',
        'ThreadPoolExecutor ',
        'ProcessPoolExecutor',
      ].map((label) => `${label}: ${time}`),
    ),
  },
  'cpu-bound': { args: ['1000'], output: /ThreadPoolExecutor : [\s\S]*\n168 primes below 1000\n/ },
  'pool-map': { args: [], output: lines(twenty) },
  'pool-starmap': {
    args: [],
    output: lines(
      `starmap: ${twenty}`,
      `adapter: ${twenty}`,
      'two lists: 0 8 1024 279936 134217728',
    ),
  },
  race: {
    args: ['1000'],
    output: lines(
      ...['Thread', 'Process'].map(
        (kind) => `${kind}PoolExecutor: expected 4000, counted \\d+, lost \\d+ \\(\\d+\\.\\d %\\)`,
      ),
    ),
  },
  'race-lock': {
    args: ['1000'],
    output: lines(
      ...['Thread', 'Process'].map(
        (kind) => `${kind}PoolExecutor: expected 4000, counted 4000, \\d+ ms`,
      ),
    ),
  },
  'race-duplicate': {
    args: ['1000'],
    output: lines(
      ...['Thread', 'Process'].map(
        (kind) => `${kind}PoolExecutor: expected 4000, counted 4000, \\d+ ms`,
      ),
    ),
  },
  'integral-serial': {
    args: ['10000'],
    output:
      /plain loop: .*\nIntegral value is 0\.3999999.*, error .*\nintegrate : .*\nIntegral value is 0\.3999999/,
  },
  'integral-threads': {
    args: ['10001', '3'],
    output: /^3 threads: .*\nIntegral value is 0\.3999999/,
  },
  'integral-processes': {
    args: ['10001', '3'],
    output: /^3 processes: .*\nIntegral value is 0\.3999999/,
  },
  wordcount: {
    args: [],
    output: /^time to count: .*\n212614 words, \d+ different ones\nthe 13984 6\.5/,
  },
  autocorrelation: {
    args: [],
    output:
      /ACF of 16 words at t = 1 to 5: 0\.00077\d+ .*\nlargest difference between the two: [\d.]+e(-1[5-9]|\+0)\n$/,
  },
  'autocorrelation-pool': {
    args: [],
    output: /ACF of 16 words at t = 1 to 5: 0\.00077\d+ .*\nthe same as one after another: true\n$/,
  },
}

const greeting = (rank: number) => `Hello World, I'm rank ${rank}`
const took = '\\d+\\.\\d\\d ms'

/** What the MPI examples print on three ranks, line by line as text sorts it: ranks print when they get to it. */
const expectedOfRanks: Readonly<Record<string, { args: string[]; lines: (string | RegExp)[] }>> = {
  'mpi-hello': {
    args: [],
    lines: [0, 1, 2].map((rank) => `Hello from process ${rank} out of 3`),
  },
  'mpi-send-recv': {
    args: ['50000'],
    lines: [
      greeting(1),
      greeting(2),
      new RegExp(`^Send, Recv: 2 x 50000 numbers in ${took}$`),
      new RegExp(`^send, recv: 2 greetings in ${took}$`),
      'the last numbers add up to 3',
    ],
  },
  'mpi-isend-irecv': {
    args: ['50000'],
    lines: [
      greeting(1),
      greeting(2),
      new RegExp(`^Isend, Irecv: 2 x 50000 numbers in ${took}$`),
      new RegExp(`^isend, irecv: 2 greetings in ${took}$`),
      'the last numbers add up to 3',
    ],
  },
  'mpi-broadcast': {
    args: ['1000'],
    lines: [
      new RegExp(`^Bcast: 1000 numbers in ${took}, 3 of 3 ranks have pi$`),
      new RegExp(`^bcast: a greeting in ${took}$`),
      'rank 1 received message: Hello World from rank 0',
      'rank 2 received message: Hello World from rank 0',
    ],
  },
  'mpi-gather': {
    args: ['1000'],
    lines: [
      new RegExp(`^Gather: 3 x 1000 numbers in ${took}, in order: true$`),
      greeting(0),
      greeting(1),
      greeting(2),
      new RegExp(`^gather: 3 greetings in ${took}$`),
    ],
  },
  'mpi-scatter': {
    args: ['1000'],
    lines: [
      new RegExp(`^Scatter: 3 x 1000 numbers in ${took}, 3 of 3 ranks have theirs$`),
      ...[0, 1, 2].map(
        (rank) => `rank ${rank} received message: Hello World from rank 0 to rank ${rank}`,
      ),
      new RegExp(`^scatter: 3 greetings in ${took}$`),
    ],
  },
  'mpi-reduce': {
    args: ['10001'],
    lines: [
      /^3 ranks: \d+\.\d+ s$/,
      /^Reduce: integral value is 0\.39999999\d+, of 10001 bins$/,
      /^reduce: integral value is 0\.39999999\d+, error [\d.]+e-\d+$/,
    ],
  },
  ...Object.fromEntries(
    ['mpi-autocorrelation-p2p', 'mpi-autocorrelation-gather'].map((name) => [
      name,
      {
        args: [],
        lines: [
          /^ACF of 16 words at t = 1 to 5: 0\.00077\d+ /,
          'the same in upper case: true',
          /^time to compute the ACF on 3 ranks: \d+\.\d+ s$/,
        ],
      },
    ]),
  ),
}

describe('numcore lesson', () => {
  it('lists every example with what it is about', async () => {
    const listed = JSON.parse(await lesson('--json')) as { name: string; title: string }[]
    assert.deepEqual(
      listed.map(({ name }) => name),
      names,
    )
    for (const { name, title } of listed) {
      assert.ok(readFileSync(`${sources}/${name}.ts`, 'utf8').startsWith(`// ${title}\n`), name)
      assert.match(await lesson(), new RegExp(`^${name} +\\S`, 'm'))
    }
  })

  for (const name of names.filter((each) => !each.startsWith('mpi-'))) {
    it(`${name} prints what the lesson prints`, async () => {
      const known = expected[name]
      assert.ok(known, 'an example that no test knows')
      assert.match(await lesson(name, ...known.args), known.output)
    })
  }

  for (const mpi of ['openmpi', 'mpich'] as const) {
    describe(`under ${mpi}`, function () {
      // As in mpi.test.ts: on a crowded machine launchers fail to start or to end now and then.
      this.retries(2)
      before(function () {
        if (installed(mpi)) return
        console.log(missing(mpi))
        this.skip()
      })

      for (const name of names.filter((each) => each.startsWith('mpi-'))) {
        it(`${name} prints what the lesson prints`, async () => {
          const known = expectedOfRanks[name]
          assert.ok(known, 'an example that no test knows')
          const output = await lessonOnRanks(mpi, 3, name, ...known.args)
          const printed = output.trimEnd().split('\n').sort()
          assert.equal(printed.length, known.lines.length, output)
          for (const [i, line] of known.lines.entries()) {
            if (typeof line === 'string') assert.equal(printed[i], line)
            else assert.match(printed[i] as string, line)
          }
        })
      }

      it('gives the bytes of the serial program, however many words each rank has', async () => {
        const folder = mkdtempSync(join(tmpdir(), 'numcore-lesson-'))
        try {
          const [counts, serial, parallel] = ['counts.dat', 'serial.csv', 'parallel.csv'].map(
            (file) => join(folder, file),
          ) as [string, string, string]
          const written = await numcore(['wordcount', mobyDick, counts])
          assert.equal(written.code, 0, written.stderr)
          // Words that three ranks cannot divide evenly; and fewer words than ranks.
          for (const [ranks, words] of [
            [3, '7'],
            [4, '3'],
          ] as const) {
            const sizes = ['--words', words, '--timesteps', '40']
            const computed = await numcore(['acf', mobyDick, counts, serial, ...sizes])
            assert.equal(computed.code, 0, computed.stderr)
            for (const how of ['p2p', 'gather']) {
              const name = `mpi-autocorrelation-${how}`
              rmSync(parallel, { force: true })
              await lessonOnRanks(mpi, ranks, name, '--', mobyDick, parallel, ...sizes)
              assert.equal(readFileSync(parallel, 'utf8'), readFileSync(serial, 'utf8'), name)
            }
          }
        } finally {
          rmSync(folder, { recursive: true })
        }
      })
    })
  }

  it('counts what a race loses', async () => {
    const output = await lesson('race', '1000000')
    for (const line of output.trim().split('\n')) {
      const [, total, counted, lost] =
        /expected (\d+), counted (\d+), lost (\d+)/.exec(line)?.map(Number) ?? []
      assert.equal((counted as number) + (lost as number), total)
      assert.ok((lost as number) >= 0)
    }
    console.log(output.replace(/^/gm, '      ').trimEnd())
  })

  it('says what is wrong', async () => {
    const unknown = await numcore(['lesson', 'race-lok'])
    assert.equal(unknown.code, 2)
    assert.match(unknown.stderr, /race-lock/)
    const ranks = await numcore(['lesson', 'race', '--ranks', '2'])
    assert.equal(ranks.code, 2)
    assert.match(ranks.stderr, /no --ranks/)
    const failing = await numcore(['lesson', 'integral-threads', '100', '0'])
    assert.notEqual(failing.code, 0, 'the code of the example')
  })
})
