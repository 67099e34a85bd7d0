// The parts of the harness that are not public, from where the build puts them.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export const root = dirname(createRequire(import.meta.url).resolve('numcore/package.json'))

/** The built command. */
export const command = join(root, 'dist/cli/main.js')

interface Internals {
  statistics: typeof import('../../dist/scaling/statistics.js')
  plan: typeof import('../../dist/scaling/plan.js')
  panel: typeof import('../../dist/scaling/panel.js')
  noise: typeof import('../../dist/scaling/noise.js')
  energy: typeof import('../../dist/scaling/energy.js')
  cycles: typeof import('../../dist/scaling/cycles.js')
  machine: typeof import('../../dist/scaling/machine.js')
  verdict: typeof import('../../dist/scaling/verdict.js')
  rows: typeof import('../../dist/scaling/rows.js')
  svg: typeof import('../../dist/scaling/svg.js')
  format: typeof import('../../dist/scaling/format.js')
  evaluate: typeof import('../../dist/scaling/evaluate.js')
  words: typeof import('../../dist/scaling/words.js')
  xml: typeof import('../../dist/scaling/xml.js')
  'tasks/eigh': typeof import('../../dist/scaling/tasks/eigh.js')
  'tasks/svd': typeof import('../../dist/scaling/tasks/svd.js')
}

export async function internal<Name extends keyof Internals>(name: Name): Promise<Internals[Name]> {
  return (await import(
    pathToFileURL(join(root, `dist/scaling/${name}.js`)).href
  )) as Internals[Name]
}

/** A task module of the tests, compiled: for `--module`. */
export const fixture = (name: string) =>
  fileURLToPath(new URL(`./fixtures/${name}.js`, import.meta.url))
