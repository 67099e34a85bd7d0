// `numcore dynamics`: which words of a book recur in bursts, as a table and a plot.
import type { Command } from 'commander'
import { wordDynamics } from '../dynamics.js'
import { dynamicsPlot } from '../dynamics-plot.js'
import { writeWhole } from '../output.js'
import { threadsArgument, wholeNumber } from './arguments.js'
import { expectOtherFile } from './inputs.js'
import { progressBar } from './progress.js'

interface Options {
  words: number
  timesteps: number
  minLength: number
  threads?: number
  out?: string
  json?: boolean
}

async function dynamics(book: string, options: Options) {
  const { words, timesteps, minLength, threads, out } = options
  if (out !== undefined) await expectOtherFile(out, [book])
  const bar = progressBar('dynamics')
  const ranking = await wordDynamics(book, {
    words,
    timesteps,
    minLength,
    threads,
    onProgress: (fraction) => bar.update(fraction),
  }).finally(() => bar.stop())
  if (out !== undefined) await writeWhole(out, dynamicsPlot(ranking))
  if (options.json) {
    const rows = ranking.map((each) => ({ ...each, acf: [...each.acf] }))
    console.log(JSON.stringify({ words: rows }, null, 2))
    return
  }
  console.log('word,sentences,importance,alpha,tau,beta,level')
  for (const { word, sentences, importance, kww, step } of ranking) {
    const numbers = [importance, kww.alpha, kww.tau, kww.beta, step.level]
    console.log([word, sentences, ...numbers.map((x) => x.toPrecision(6))].join(','))
  }
}

export function register(program: Command): void {
  program
    .command('dynamics')
    .description('words ranked by how much their recurrence, counted in sentences, fades')
    .argument('<BOOK>', 'text in UTF-8')
    .option('--words <N>', 'number of words', wholeNumber(1), 50)
    .option('--timesteps <N>', 'largest lag, in sentences', wholeNumber(3, 1e6), 100)
    .option('--min-length <N>', 'shorter words are passed over', wholeNumber(0), 1)
    .option('--out <FILE.svg>', 'a plot of the most and the least important words')
    .addOption(threadsArgument())
    .option('--json', 'one JSON document instead')
    .action(dynamics)
}
