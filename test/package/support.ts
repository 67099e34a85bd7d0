/** What the tests of the installed package share: the tarball, programs from npm, clean root trees, emulated processors. */
import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sleep } from '../support/assertions.js'

export const root = fileURLToPath(new URL('../../..', import.meta.url))
export const prebuilds = join(root, 'prebuilds')
export const smoke = join(root, 'test/package/smoke.mjs')
const build = join(root, 'build')

/** How long a child process may take before it counts as hanging; not a measure of anything. */
const patience = 600_000

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

interface RunOptions {
  cwd?: string
  env?: Record<string, string | undefined>
}

/** Runs a program to its end, whatever its exit code. */
export function run(
  program: string,
  args: readonly string[],
  { cwd = root, env = {} }: RunOptions = {},
): Promise<Outcome> {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: patience,
    killSignal: 'SIGKILL',
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** {@link run}, and an error with everything it said unless it ends with 0. */
export async function must(
  program: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, options)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} (${code})\n${stdout}\n${stderr}`)
  return stdout
}

const troubles =
  /network|ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|EPIPE|E429|E5\d\d|Failed to fetch|Couldn't download|Connection|Temporary/i

/**
 * Tries what needs a mirror or registry three times. When it does not answer, the test is skipped and says so: another
 * machine's bad moment is no fault of the package. Any other failure is one.
 */
export async function fromNetwork<T>(test: Mocha.Context, action: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action()
    } catch (error) {
      if (!troubles.test(String(error))) throw error
      if (attempt === 3) {
        console.log(`      (skipped: no answer from the network: ${String(error).slice(0, 300)})`)
        test.skip()
      }
      await sleep(5000 * attempt)
    }
  }
}

/** Skips the test, with the reason on the screen. */
export function skip(test: Mocha.Context, why: string): never {
  console.log(`      (skipped: ${why})`)
  return test.skip()
}

const temporaries: string[] = []
process.on('exit', () => {
  for (const folder of temporaries) rmSync(folder, { recursive: true, force: true })
})

/** A folder that is removed when the process ends. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'numcore-'))
  temporaries.push(folder)
  return folder
}

let packed:
  Promise<{ tarball: string; size: number; unpackedSize: number; files: string[] }> | undefined

/** The tarball that would be published, packed once. */
export function pack() {
  return (packed ??= (async () => {
    const folder = temporary()
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
    const [facts] = JSON.parse(await must('npm', args)) as [
      { filename: string; size: number; unpackedSize: number; files: { path: string }[] },
    ]
    const { filename, size, unpackedSize, files } = facts
    return {
      tarball: join(folder, filename),
      size,
      unpackedSize,
      files: files.map(({ path }) => path),
    }
  })())
}

/** Installs the tarball with npm into an empty project, as a user would. */
export async function install(
  test: Mocha.Context,
  folder: string,
  ...more: string[]
): Promise<void> {
  const { tarball } = await pack()
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
  await fromNetwork(test, () => must('npm', [...args, tarball, ...more], { cwd: folder }))
}

/**
 * Where a package of npm lies, fetched into build/packages when it is not there. For programs that a few tests need
 * and that are too large to be dependencies.
 */
export async function fetchPackage(
  test: Mocha.Context,
  name: string,
  version: string,
): Promise<string> {
  const folder = join(build, 'packages', `${name.replace('/', '+')}@${version}`)
  const found = join(folder, 'node_modules', name)
  if (existsSync(found)) return found
  const partial = `${folder}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  writeFileSync(join(partial, 'package.json'), '{"private":true}')
  // --force: a Node for another processor is meant.
  const args = [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--force',
    `${name}@${version}`,
  ]
  await fromNetwork(test, () => must('npm', args, { cwd: partial }))
  rmSync(folder, { recursive: true, force: true })
  renameSync(partial, folder)
  return found
}

/** A Node of another version or processor. */
export async function fetchNode(
  test: Mocha.Context,
  version: string,
  arch: 'x64' | 'arm64' = 'x64',
) {
  return join(await fetchPackage(test, `node-linux-${arch}`, version), 'bin/node')
}

/** Whether a command can be run here. */
export function has(command: string): boolean {
  return spawnSync('which', [command]).status === 0
}

/** A clean Debian root tree: the smallest that debootstrap makes, kept in build/roots. */
export async function cleanRoot(test: Mocha.Context, release: string): Promise<string> {
  if (process.getuid?.() !== 0 || !has('debootstrap'))
    skip(test, 'a clean root tree takes debootstrap, and root')
  const folder = join(build, 'roots', release)
  if (existsSync(join(folder, '.complete'))) return folder
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { mirror } = (await import(join(root, 'scripts/prebuild/sysroot.mjs'))) as {
    mirror(): string
  }
  await fromNetwork(test, () =>
    must('debootstrap', ['--variant=minbase', release, folder, mirror()]),
  )
  writeFileSync(join(folder, '.complete'), '')
  return folder
}

/** Runs a command in a root tree, with a /proc of its own that is gone with it and no variables but these. */
export function inRoot(
  folder: string,
  cwd: string,
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  const variables = Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', HOME: '/root', ...env })
  const inner = `mount -t proc proc "$0/proc" && exec chroot "$0" "$@"`
  const program = ['/usr/bin/env', '-i', ...variables.map(([name, value]) => `${name}=${value}`)]
  const change = ['/bin/sh', '-c', `cd '${cwd}' && exec "$@"`, 'sh', ...command]
  return run('unshare', [
    '--mount',
    '--pid',
    '--fork',
    'sh',
    '-c',
    inner,
    folder,
    ...program,
    ...change,
  ])
}

export interface Smoke {
  arch: string
  coreType: string
  wrong: string[]
  values: Record<string, unknown>
}

/** The names under which two runs of the smoke test differ by more than rounding. */
export function differences(a: Smoke, b: Smoke): string[] {
  const names = new Set([...Object.keys(a.values), ...Object.keys(b.values)])
  return [...names].filter((name) => {
    const [one, other] = [a.values[name], b.values[name]]
    if (typeof one !== 'number' || typeof other !== 'number')
      return JSON.stringify(one) !== JSON.stringify(other)
    return !(Math.abs(one - other) <= 1e-11 * Math.max(1, Math.abs(one)))
  })
}

/** The folder of the prebuilt binaries, or a skipped test where `npm run prebuild` has not run. */
export function needPrebuilds(test: Mocha.Context, target: string): string {
  const folder = join(prebuilds, target)
  if (!existsSync(folder) || !readdirSync(folder).some((name) => name.endsWith('.node')))
    skip(test, `there are no binaries in prebuilds/${target}: npm run prebuild makes them`)
  return folder
}
