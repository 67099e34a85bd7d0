// `numcore integrate`: the integral of an expression, on the command line.
import type { Command, ParseOptionsResult } from 'commander'
import { Option } from './commander.js'
import { evaluateConstant } from '../expression.js'
import { InvalidArgumentError } from '../errors.js'
import { quad } from '../quad.js'
import { integrate as integral, type Rule, rules } from '../quadrature.js'
import { nonNegative, threadsArgument, wholeNumber } from './arguments.js'
import { progressBar } from './progress.js'
import { theRanks } from './ranks.js'

/** The rule that chooses its points by itself. */
const adaptiveRule = 'adaptive'

interface Options {
  bins?: number
  rule: Rule | typeof adaptiveRule
  order?: number
  tolerance?: number
  threads?: number
  json?: boolean
}

/** An end of the range: a number, or an expression such as pi/2. Not finite ones are refused later. */
function end(text: string): number {
  const isNumber = /^[+-]?(inf|infinity|nan)$/i.test(text.trim())
  return isNumber ? Number(text.replace(/inf(inity)?/i, 'Infinity')) : evaluateConstant(text)
}

/** What is printed of either kind of integral. */
interface Result {
  value: number
  error: number
  evaluations: number
  l1: number
  condition: number
  converged: boolean
  /** Of a rule on a fixed grid. */
  threads?: number
  /** Of the adaptive one. */
  status?: string
}

/** A rule on a fixed grid, with a progress bar; ranks of an MPI job share its points. */
async function fixed(source: string, a: number, b: number, options: Options): Promise<Result> {
  const { bins, rule, order, tolerance, threads } = options
  const { comm, isRoot } = theRanks()
  const bar = isRoot ? progressBar('integrate') : undefined
  const settings = {
    bins,
    rule: rule as Rule,
    order,
    absTolerance: tolerance,
    relTolerance: tolerance,
    threads,
    onProgress: (fraction: number) => bar?.update(fraction),
  }
  const computing =
    comm === undefined
      ? integral(source, a, b, settings)
      : (await import('../mpi/index.js')).distributed.integrate(comm, source, a, b, settings)
  return await computing.finally(() => bar?.stop())
}

/** Few points, chosen one after the other: there is nothing to share. */
async function adaptive(source: string, a: number, b: number, options: Options): Promise<Result> {
  const { tolerance, threads } = options
  const tolerances = { absTolerance: tolerance, relTolerance: tolerance }
  return await theRanks().atRoot(() => quad(source, a, b, { ...tolerances, threads }))
}

/** An option that the rule does not take is an error, not a wish that is passed over. */
function checkOptions({ rule, bins, order }: Options): void {
  if (rule === adaptiveRule && bins !== undefined) {
    throw new InvalidArgumentError('Expected no --bins with --rule adaptive, which chooses them')
  }
  if (rule !== 'gauss' && order !== undefined) {
    throw new InvalidArgumentError('Expected --rule gauss with --order')
  }
}

function describe(result: Result, rule: string, seconds: number): string {
  const { error, evaluations, threads } = result
  const size = `error at most about ${error.toPrecision(2)}; ${rule} rule, ${evaluations} points, `
  const on = threads === undefined ? '' : ` on ${threads} thread${threads === 1 ? '' : 's'}`
  return `${size}${seconds.toFixed(3)} s${on}`
}

async function integrate(
  expression: string,
  a: string,
  b: string,
  options: Options,
): Promise<void> {
  const ranks = theRanks()
  const { rule } = options
  const source = expression.trim()
  const [from, to] = await ranks.together(() => {
    checkOptions(options)
    return [end(a.trim()), end(b.trim())] as const
  })
  const start = performance.now()
  const compute = rule === adaptiveRule ? adaptive : fixed
  const result = await ranks.together(() => compute(source, from, to, options))
  if (!ranks.isRoot) return
  const seconds = (performance.now() - start) / 1000
  // A grid is as fine as it was asked for; its error is on the next line.
  if (!result.converged && (rule === adaptiveRule || options.tolerance !== undefined)) {
    const reason = result.status === undefined ? 'more --bins are needed' : result.status
    console.error(`numcore: the tolerance is not reached (${reason})`)
  }
  if (options.json) {
    const { value, error, condition, ...facts } = result
    // JSON has no infinity; a string reads back as one with Number().
    const shown = (x: number) => (Number.isFinite(x) ? x : String(x))
    const document = {
      expression: source,
      a: shown(from),
      b: shown(to),
      value,
      error: shown(error),
      condition: shown(condition),
      rule,
      ...facts,
      seconds,
    }
    console.log(JSON.stringify(document, null, 2))
    return
  }
  console.log(String(result.value))
  console.log(describe(result, rule, seconds))
}

/**
 * -x**2 and -pi/2 are operands here, though they look like options: a space in front hides them from
 * commander. An option has two dashes, but for -h.
 */
function hideSigns(command: Command): void {
  const parse = command.parseOptions.bind(command)
  command.parseOptions = (argv: string[]): ParseOptionsResult => {
    const literal = argv.indexOf('--')
    const isValue = (i: number) =>
      command.options.some((option) => option.required && option.long === argv[i - 1])
    const hidden = argv.map((text, i) => {
      const signed = /^-[^-]/.test(text) && text !== '-h'
      return signed && !isValue(i) && (literal < 0 || i < literal) ? ` ${text}` : text
    })
    return parse(hidden)
  }
}

export function register(program: Command): void {
  const command = program
    .command('integrate')
    .description('the integral of an expression of x')
    .argument('<EXPRESSION>', "such as 'x**(3/2)' or 'exp(-x*x)*cos(3*x)'")
    .argument(
      '<A>',
      'the lower end: a number, or an expression such as -pi/2; -inf with --rule adaptive',
    )
    .argument('<B>', 'the upper end')
    .option('--bins <N>', 'parts that the range is cut into (default: 1e6)', wholeNumber(1))
    .addOption(
      new Option('--rule <RULE>', 'how it is approximated')
        .choices([...rules, adaptiveRule])
        .default('midpoint'),
    )
    .option(
      '--order <N>',
      'nodes in each part, for --rule gauss (default: 10)',
      wholeNumber(1, 1000),
    )
    .option(
      '--tolerance <T>',
      'the error that is good enough, absolute and relative; --rule adaptive works to it (default: 1.49e-8)',
      nonNegative,
    )
    .addOption(threadsArgument())
    .option('--json', 'one JSON document about the result')
    .action(integrate)
  hideSigns(command)
}
