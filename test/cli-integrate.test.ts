import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

function numcore(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })
}

/** The value that --json prints. */
async function value(...args: string[]): Promise<number> {
  const { status, stdout, stderr } = await numcore('integrate', '--json', ...args)
  assert.equal(status, 0, stderr)
  return (JSON.parse(stdout) as { value: number }).value
}

describe('numcore integrate', () => {
  it('prints the value on a line of its own, and the error', async () => {
    const { status, stdout, stderr } = await numcore(
      'integrate',
      'x',
      '0',
      '1',
      '--bins',
      '1e4',
      '--threads',
      '1',
    )
    assert.equal(status, 0, stderr)
    assert.match(
      stdout,
      /^0\.5\nerror at most about \S+; midpoint rule, 10000 points, \S+ s on 1 thread\n$/,
    )
    assert.equal(stderr, '')
  })

  it('prints one JSON document with --json', async () => {
    const { stdout } = await numcore(
      'integrate',
      'x**2',
      '0',
      '1',
      '--bins',
      '4',
      '--rule',
      'midpoint',
      '--json',
    )
    const { seconds, error, ...rest } = JSON.parse(stdout) as Record<string, unknown>
    assert.equal(typeof seconds, 'number')
    assert.equal(typeof error, 'number')
    assert.deepEqual(rest, {
      expression: 'x**2',
      a: 0,
      b: 1,
      value: 0.328125,
      evaluations: 4,
      l1: 0.328125,
      condition: 1,
      converged: false,
      rule: 'midpoint',
      threads: 1,
    })
  })

  it('has what cannot be a number in JSON as text', async () => {
    // One point on either side: nothing to compare, and 0 in the sum.
    const { stdout } = await numcore('integrate', 'x', '-1', '1', '--bins', '2', '--json')
    const result = JSON.parse(stdout) as Record<string, unknown>
    const { error, condition, l1 } = result
    assert.deepEqual([result.value, error, condition, l1], [0, 'Infinity', 'Infinity', 1])
  })

  it('takes signs and constant expressions', async () => {
    assert.equal(await value('x', '-1', '-0.5'), -0.375)
    assert.equal(await value('-x', '0', '1'), -0.5)
    assert.equal(await value('-x', '-1', '-.5', '--bins', '10'), 0.375)
    assert.ok(Math.abs((await value('-x**2', '-pi/2', '2*pi')) + (8.125 * Math.PI ** 3) / 3) < 1e-8)
    assert.ok(Math.abs((await value('1/x', '1', 'e')) - 1) < 1e-12)
    assert.ok(Math.abs((await value('1', '-sqrt(2)', '1e1')) - 10 - Math.SQRT2) < 1e-14)
    assert.equal(await value('--bins', '8', '--', '-x', '-1', '0'), 0.5)
  })

  it('ends with 2 for wrong arguments and says which', async () => {
    const table: [string[], RegExp][] = [
      [
        ['x y', '0', '1'],
        /Expected an operator or the end but found 'y' in column 3\n {2}x y\n {4}\^/,
      ],
      [['x', 'x', '1'], /Expected a constant but found 'x'/],
      [['x', '0', 'inf'], /a finite number for b but received Infinity/],
      [['x', '0', '1/0'], /a finite number for b but received Infinity/],
      [['x', '0', ''], /found the end of the expression/],
      [['x', '0'], /missing required argument 'B'/],
      [['x', '0', '1', '2'], /too many arguments/],
      [['x', '0', '1', '--bins', '0'], /Expected an integer of at least 1/],
      [['x', '0', '1', '--bins', '-3'], /argument '-3' is invalid/],
      [['x', '0', '1', '--bins', 'many'], /Expected an integer/],
      [
        ['x', '0', '1', '--rule', 'best'],
        /Allowed choices are midpoint, trapezoid, simpson, gauss/,
      ],
      [['x', '0', '1', '--bin', '5'], /Did you mean --bins/],
      [['x', '0', '1', '--order', '3'], /Expected --rule gauss with --order/],
      [['x', '0', '1', '--rule', 'gauss', '--order', '0'], /Expected an integer from 1 to 1000/],
      [['x', '0', '1', '--tolerance', 'small'], /a number of at least 0/],
      [['x', '0', '1', '--rule', 'adaptive', '--tolerance', '-1'], /a number of at least 0/],
      [['x', '0', '1', '--rule', 'adaptive', '--bins', '9'], /no --bins with --rule adaptive/],
      [['x', '0', 'nan', '--rule', 'adaptive'], /a number or an infinity for b/],
    ]
    for (const [args, message] of table) {
      const { status, stdout, stderr } = await numcore('integrate', ...args)
      assert.match(stderr, message)
      assert.equal(status, 2, args.join(' '))
      assert.equal(stdout, '')
    }
  })

  it('has rules of higher order, and one that chooses its points', async () => {
    assert.ok(
      Math.abs((await value('x**3', '0', '1', '--rule', 'simpson', '--bins', '1')) - 0.25) < 1e-16,
    )
    assert.ok(
      Math.abs((await value('x**5', '0', '1', '--rule', 'gauss', '--order', '3')) - 1 / 6) < 1e-16,
    )
    assert.ok(Math.abs((await value('x', '0', '1', '--rule', 'trapezoid')) - 0.5) < 1e-16)
    const bell = await value(
      'exp(-x**2)',
      '-inf',
      'inf',
      '--rule',
      'adaptive',
      '--tolerance',
      '1e-12',
    )
    assert.ok(Math.abs(bell - Math.sqrt(Math.PI)) < 1e-12)
    const text = await numcore('integrate', 'exp(-x)', '0', 'Infinity', '--rule', 'adaptive')
    assert.match(text.stdout, /; adaptive rule, 135 points, \d\S+ s\n$/)
    const json = await numcore('integrate', 'exp(-x)', '0', 'inf', '--rule', 'adaptive', '--json')
    assert.equal((JSON.parse(json.stdout) as { b: unknown }).b, 'Infinity')
  })

  it('says on standard error when the tolerance is not reached', async () => {
    const args = ['4**(-10)/((x-pi/4)**2+16**(-10))', '0', '1', '--rule', 'adaptive']
    const { status, stderr } = await numcore('integrate', ...args)
    assert.equal(stderr, 'numcore: the tolerance is not reached (divergent)\n')
    assert.equal(status, 0)
    // On a grid only when a tolerance was asked for: who says how many bins knows that they are few.
    const coarse = ['integrate', 'exp(x)', '0', '1', '--bins', '10']
    assert.equal((await numcore(...coarse)).stderr, '')
    const asked = await numcore(...coarse, '--tolerance', '1e-6')
    assert.equal(asked.stderr, 'numcore: the tolerance is not reached (more --bins are needed)\n')
    assert.equal((await numcore(...coarse, '--tolerance', '0.1')).stderr, '')
  })

  it('ends with 1 where the integrand is not finite', async () => {
    const { status, stderr } = await numcore('integrate', '1/x', '-1', '1', '--bins', '101')
    assert.equal(status, 1)
    assert.match(
      stderr,
      /^numcore: Expected a finite value for the integrand at x = 0 but received Infinity\n$/,
    )
  })
})
