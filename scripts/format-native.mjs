// clang-format over native/; with --check it changes nothing and fails when something would change.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Versions differ in what they make of the same style, so only this one (Debian 12's) is asked for its opinion. */
const wanted = 14

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const check = process.argv.includes('--check')
const { stdout, error } = spawnSync('clang-format', ['--version'], { encoding: 'utf8' })
const version = error ? undefined : Number(/version (\d+)/.exec(stdout)?.[1])

if (version === wanted) {
  const files = readdirSync(join(root, 'native'), { recursive: true })
    .filter((name) => /\.(cc|h|inc)$/.test(name))
    .map((name) => join('native', name))
    .sort()
  const mode = check ? ['--dry-run', '-Werror'] : ['-i']
  const { status } = spawnSync('clang-format', [...mode, ...files], { cwd: root, stdio: 'inherit' })
  process.exitCode = status ?? 1
} else {
  const found = version === undefined ? 'there is none here' : `here is version ${version}`
  console.error(`native/ is formatted with clang-format ${wanted}; ${found}: skipped`)
  if (!check) process.exitCode = 1
}
