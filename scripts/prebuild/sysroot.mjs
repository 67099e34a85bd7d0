// A folder that looks like the old system a binary has to run on, from Debian's packages: fetched by apt, which checks
// their signatures, with lists and settings of its own (the machine's are left alone), and unpacked, not installed.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { packages, targets } from './targets.mjs'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Debian's mirror: NUMCORE_DEBIAN_MIRROR, or the one that this machine's apt uses. */
export function mirror() {
  if (process.env.NUMCORE_DEBIAN_MIRROR) return process.env.NUMCORE_DEBIAN_MIRROR
  const format = '$(REPO_URI) $(ORIGIN) $(LABEL)'
  const all = execFileSync(
    'apt-get',
    ['indextargets', '--format', format, 'Created-By: Packages'],
    {
      encoding: 'utf8',
    },
  )
  const found = all.split('\n').find((line) => line.endsWith(' Debian Debian'))
  if (found === undefined)
    throw new Error(
      'Expected apt to know a mirror of Debian but it does not: run apt-get update, or set NUMCORE_DEBIAN_MIRROR',
    )
  return found.split(' ')[0]
}

/** Mirrors have bad moments. */
export function patiently(action, attempts = 5) {
  for (let attempt = 1; ; attempt++) {
    try {
      return action()
    } catch (error) {
      if (attempt === attempts) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5000 * attempt)
    }
  }
}

/** Fetches the packages of one release into `folder`. */
function download(release, architecture, names, folder) {
  const apt = join(folder, release)
  for (const each of ['state/lists/partial', 'cache/archives/partial', 'packages'])
    mkdirSync(join(apt, each), { recursive: true })
  writeFileSync(join(apt, 'state/status'), '')
  writeFileSync(
    join(apt, 'sources.list'),
    `deb [signed-by=${keyring}] ${mirror()} ${release} main\n`,
  )
  const settings = {
    'Dir::State': join(apt, 'state'),
    'Dir::State::status': join(apt, 'state/status'),
    'Dir::Cache': join(apt, 'cache'),
    'Dir::Etc::sourcelist': join(apt, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'APT::Architecture': architecture,
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
    // The user that apt would change to may not write here.
    'APT::Sandbox::User': 'root',
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`)
  writeFileSync(
    join(apt, 'apt.conf'),
    `${lines.join('\n')}\nAPT::Architectures { "${architecture}"; };\n`,
  )
  const get = (...args) =>
    patiently(() =>
      execFileSync('apt-get', ['-qq', ...args], {
        cwd: join(apt, 'packages'),
        env: { ...process.env, APT_CONFIG: join(apt, 'apt.conf') },
        stdio: ['ignore', 'ignore', 'inherit'],
        timeout: 300_000,
      }),
    )
  get('update', '-o', 'APT::Update::Error-Mode=any')
  get('download', ...names)
  return readdirSync(join(apt, 'packages')).map((name) => join(apt, 'packages', name))
}

/** Links that begin at / would lead out of the folder. */
function keepLinksInside(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue
    const path = join(entry.parentPath, entry.name)
    const to = readlinkSync(path)
    if (!to.startsWith('/')) continue
    unlinkSync(path)
    symlinkSync(relative(dirname(path), join(folder, to)) || '.', path)
  }
}

/** Makes the folder for a target, when it is not there yet, and returns its path. */
export function sysroot(target, build) {
  const root = join(build, 'sysroot', target)
  const list = join(root, 'packages.json')
  const wanted = JSON.stringify(packages)
  if (existsSync(list) && JSON.parse(readFileSync(list, 'utf8')).wanted === wanted) return root
  rmSync(root, { recursive: true, force: true })
  const fetched = join(build, 'sysroot', `${target}.fetched`)
  rmSync(fetched, { recursive: true, force: true })
  const versions = {}
  for (const [release, names] of Object.entries(packages)) {
    for (const file of download(release, targets[target].debian, names, fetched)) {
      execFileSync('dpkg-deb', ['-x', file, root])
      const fields = execFileSync('dpkg-deb', ['-W', file], { encoding: 'utf8' })
      const [name, version] = fields.trim().split('\t')
      versions[name] = `${version} (${release})`
    }
  }
  keepLinksInside(root)
  rmSync(fetched, { recursive: true })
  writeFileSync(list, JSON.stringify({ wanted, versions }))
  return root
}

/** The versions of the packages in a folder that `sysroot` made. */
export function versionsIn(root) {
  return JSON.parse(readFileSync(join(root, 'packages.json'), 'utf8')).versions
}
