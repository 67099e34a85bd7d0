// `numcore invert`: from .npy to .npy.
import type { Command } from 'commander'
import { type Assume, invInfo } from '../linalg.js'
import { readNpy, writeNpy } from '../npy.js'
import { assumeArgument, threadsArgument } from './arguments.js'
import { progressBar } from './progress.js'

interface Options {
  assume: Assume
  threads?: number
  json?: boolean
}

async function invert(input: string, output: string, options: Options): Promise<void> {
  const { assume, threads } = options
  const A = await readNpy(input)
  const bar = progressBar('invert')
  const start = performance.now()
  const { inverse, ...facts } = await invInfo(A, {
    assume,
    threads,
    overwrite: false,
    onProgress: (fraction) => bar.update(fraction),
  }).finally(() => bar.stop())
  const seconds = (performance.now() - start) / 1000
  await writeNpy(output, inverse)
  if (options.json) {
    console.log(JSON.stringify({ order: A.rows, seconds, ...facts }, null, 2))
    return
  }
  const { method, rcond, residual } = facts
  console.log(
    `${A.rows} x ${A.columns} inverted in ${seconds.toFixed(3)} s on ${facts.threads} ` +
      `thread${facts.threads === 1 ? '' : 's'} (${method}; reciprocal condition ` +
      `${rcond.toPrecision(3)}, scaled residual ${residual.toPrecision(3)})`,
  )
}

export function register(program: Command): void {
  program
    .command('invert')
    .description('the inverse of the matrix in a .npy file')
    .argument('<IN.npy>', 'n x n, f4 or f8')
    .argument('<OUT.npy>', 'where the inverse goes')
    .addOption(assumeArgument())
    .addOption(threadsArgument())
    .option('--json', 'one JSON document about the result')
    .action(invert)
}
