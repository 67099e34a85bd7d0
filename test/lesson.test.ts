import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { numcore } from './support/cli.js'

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
