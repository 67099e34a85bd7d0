// clang-format over native/; with --check it changes nothing and fails when something would change.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const files = readdirSync(join(root, 'native'), { recursive: true })
  .filter((name) => /\.(cc|h|inc)$/.test(name))
  .map((name) => join('native', name))
  .sort()
const mode = process.argv.includes('--check') ? ['--dry-run', '-Werror'] : ['-i']
const { status, error } = spawnSync('clang-format', [...mode, ...files], {
  cwd: root,
  stdio: 'inherit',
})
if (error) {
  console.error(
    `clang-format could not be started (${error.message}). On Debian: apt-get install clang-format`,
  )
}
process.exitCode = status ?? 1
