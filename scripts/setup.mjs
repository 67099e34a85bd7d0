// All set-up that `npm start` and `npm test` need, each step only when it is needed: system packages, npm ci, the
// native build, the TypeScript build. Plain Node without dependencies, because it runs before they are installed.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** What the build needs, and how one sees on Debian and Ubuntu that it is there. */
const packages = JSON.parse(readFileSync(join(root, 'native/requirements.json'), 'utf8')).map(
  ({ what, debian, commands }) => ({
    what,
    name: debian,
    isTool: commands !== undefined,
    present: () => (commands === undefined ? installed(debian) : commands.some(onPath)),
  }),
)

function stop(message) {
  console.error(`\nnumcore set-up: ${message}`)
  process.exit(1)
}

function onPath(command) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.some((folder) => existsSync(join(folder, command)))
}

function installed(name) {
  const { stdout } = spawnSync('dpkg', ['-s', name], { encoding: 'utf8' })
  return /^Status: install ok installed$/m.test(stdout ?? '')
}

/** Tries a step that needs the network or a lock `attempts` times; what fails for good ends the set-up. */
function run(step, command, args, { attempts = 1, ...options } = {}) {
  for (let attempt = 1; ; attempt++) {
    console.error(`numcore set-up: ${step}${attempt > 1 ? ` (attempt ${attempt})` : ''}`)
    const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
    if (error) stop(`${command} could not be started: ${error.message}`)
    if (status === 0) return
    if (attempt >= attempts) stop(`"${[command, ...args].join(' ')}" failed (exit code ${status})`)
    pause(5 * attempt)
  }
}

function pause(seconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000)
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    stop(`Node.js 20.19 or newer is needed; this is ${process.versions.node}`)
  }
}

function systemPackages() {
  const debian = onPath('dpkg-query') && onPath('apt-get')
  if (!debian) {
    const named = (wanted) => wanted.map(({ what }) => what).join('; ')
    const tools = packages.filter(({ isTool, present }) => isTool && !present())
    const libraries = packages.filter(({ isTool }) => !isTool)
    if (tools.length > 0) stop(`missing: ${named(tools)}. Needed as well: ${named(libraries)}`)
    return // CMake says which library it does not find
  }
  const missing = packages.filter((each) => !each.present()).map((each) => each.name)
  if (missing.length === 0) return
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing]
  const isRoot = process.getuid?.() === 0
  const sudo =
    !isRoot && onPath('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0
  if (!isRoot && !sudo) {
    stop(
      `system packages are missing. Please run\n\n  sudo apt-get update && sudo ${install.join(' ')}\n\nand start again.`,
    )
  }
  // Another program may be at work with the package system, and mirrors have bad moments. sudo keeps no variables.
  const patient = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3']
  const apt = (step, [command, ...words]) => {
    const all = ['env', 'DEBIAN_FRONTEND=noninteractive', command, ...patient, ...words]
    const [first, ...rest] = isRoot ? all : ['sudo', '-n', ...all]
    run(step, first, rest, { attempts: 5 })
  }
  apt('apt-get update', ['apt-get', 'update', '-qq'])
  apt(`installing ${missing.join(', ')}`, install)
}

/** Newest change below a path, or 0 when there is nothing. */
function newest(path) {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function stale(output, inputs) {
  const made = existsSync(join(root, output)) ? statSync(join(root, output)).mtimeMs : 0
  return made === 0 || inputs.some((input) => newest(join(root, input)) > made)
}

function lockedVersions() {
  // npm rewrites this file with every install; comparing it tells whether node_modules fits the lock file.
  const mine = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(mine)) return false
  const { packages: wanted } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const { packages: have } = JSON.parse(readFileSync(mine, 'utf8'))
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || have[path]?.version === entry.version,
  )
}

// make compiles one file at a time unless it is told otherwise.
process.env.CMAKE_BUILD_PARALLEL_LEVEL ??= String(availableParallelism())
checkNode()
systemPackages()
const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
const npmRun = (step, args, options) => run(step, npm[0], [...npm.slice(1), ...args], options)
if (!lockedVersions()) npmRun('npm ci', ['ci', '--no-audit', '--no-fund'], { attempts: 3 })
if (stale('build/Release/numcore.node', ['native', 'CMakeLists.txt', 'package.json'])) {
  npmRun('native build', ['run', '--silent', 'build:native'])
  // CMake leaves a file alone that needs no new link; the time stamp says that we looked.
  execFileSync('touch', [join(root, 'build/Release/numcore.node')])
}
if (
  stale('dist/.built', [
    'lib',
    'examples',
    'tsconfig.json',
    'package.json',
    'node_modules/.package-lock.json',
  ])
) {
  npmRun('TypeScript build', ['run', '--silent', 'build:ts'])
}
