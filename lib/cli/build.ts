// `numcore build`: compiles the add-on from the sources in the package, where no prebuilt one fits. Loads nothing of
// the library, which cannot be loaded then.
import { execFileSync, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { FileError, NativeLoadError } from '../errors.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const addon = join(root, 'build', 'Release', 'numcore.node')

/** What the build needs of the system: commands on the path, or headers (each one of several names). */
interface Requirement {
  what: string
  debian: string
  commands?: string[]
  headers?: string[]
}

/** Folders in which compilers look for headers, with those that Debian has one of for each kind of processor. */
function headerFolders(): string[] {
  const processor = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch
  const given = [process.env.CPATH, process.env.CPLUS_INCLUDE_PATH].join(delimiter).split(delimiter)
  return [...given.filter((each) => each !== ''), '/usr/local/include', '/usr/include'].flatMap(
    (folder) => [folder, join(folder, `${processor}-linux-gnu`)],
  )
}

function missing(): Requirement[] {
  const file = readFileSync(join(root, 'native/requirements.json'), 'utf8')
  const commands = (process.env.PATH ?? '').split(delimiter)
  const headers = headerFolders()
  const isIn = (folders: string[], names: string[]) =>
    names.some((name) => folders.some((folder) => existsSync(join(folder, name))))
  return (JSON.parse(file) as Requirement[]).filter(
    (each) => !isIn(commands, each.commands ?? []) && !isIn(headers, each.headers ?? []),
  )
}

/** cmake-js and the headers of Node-API: where they are installed already, else fetched into build/tools. */
function tools(): { cmakeJs: string; headers: string[] } {
  const wanted = ['cmake-js', 'node-addon-api', 'node-api-headers'] as const
  const find = (from: string) => {
    const require = createRequire(from)
    const [cmakeJs = '', addonApi = '', apiHeaders = ''] = wanted.map((name) =>
      dirname(require.resolve(`${name}/package.json`)),
    )
    return {
      cmakeJs: join(cmakeJs, 'bin/cmake-js'),
      headers: [addonApi, join(apiHeaders, 'include')],
    }
  }
  try {
    return find(join(root, 'package.json'))
  } catch {
    // An installed package comes without the tools that few need.
  }
  const folder = join(root, 'build', 'tools')
  mkdirSync(folder, { recursive: true })
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  const names = wanted.map((name) => `${name}@${devDependencies[name] ?? 'latest'}`)
  console.error(`numcore build: fetching ${names.join(', ')}`)
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm']
  const [program = 'npm', ...first] = npm
  const settings = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--prefix', folder]
  execFileSync(program, [...first, 'install', ...settings, ...names], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  })
  return find(join(folder, 'package.json'))
}

function build(): void {
  const lacks = missing()
  if (lacks.length > 0) {
    const debian = lacks.map((each) => each.debian).join(' ')
    throw new NativeLoadError(
      `Expected these on the system to compile numcore, but they were not found:\n` +
        `${lacks.map((each) => `  ${each.what}`).join('\n')}\n` +
        `On Debian and Ubuntu: apt-get install ${debian}`,
    )
  }
  try {
    accessSync(root, constants.W_OK)
  } catch (cause) {
    throw new FileError(`Expected to be able to write to ${root} but may not`, root, { cause })
  }
  const { cmakeJs, headers } = tools()
  const settings = { CMAKE_JS_INC: headers.join(';'), NUMCORE_STRICT: 'OFF' }
  const { status } = spawnSync(
    process.execPath,
    [
      cmakeJs,
      'compile',
      '--out',
      'build/native',
      ...Object.entries(settings).map(([name, value]) => `--CD${name}=${value}`),
    ],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
      env: { CMAKE_BUILD_PARALLEL_LEVEL: String(availableParallelism()), ...process.env },
    },
  )
  if (status !== 0)
    throw new NativeLoadError(
      `The compilation failed (exit code ${status}); what is wrong stands above`,
    )
  // In a process of its own: an add-on that crashes must not take this one with it.
  const check = 'const { version } = require(process.argv[1]).info(); console.log(version)'
  execFileSync(process.execPath, ['-e', check, addon], { stdio: ['ignore', 'ignore', 'inherit'] })
  console.log(addon)
}

export function register(program: Command): void {
  program
    .command('build')
    .description(
      'compiles the native add-on from the sources in the package, where no prebuilt one fits',
    )
    .action(build)
}
