// `npm run prebuild [-- TARGET...]`: every binary that ships, made on one Debian machine, into prebuilds/.
// `--check` makes nothing and only asks whether what is there may be shipped. docs/releasing.md says why it is done
// this way and not by prebuildify.
import { execFileSync, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sysroot, versionsIn } from './prebuild/sysroot.mjs'
import { complaints } from './prebuild/symbols.mjs'
import { addons, beside, licences, targets } from './prebuild/targets.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const build = join(root, 'build')
const prebuilds = join(root, 'prebuilds')

function stop(message, code = 1) {
  console.error(`numcore prebuild: ${message}`)
  process.exit(code)
}

/** The exit code of programs that failed for a reason that may be gone later (EX_TEMPFAIL). */
const laterPerhaps = 75

function checkTools(names) {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const present = (command) => folders.some((folder) => existsSync(join(folder, command)))
  const missing = new Set()
  for (const name of names) {
    const { processor } = targets[name]
    const triple = `${processor}-linux-gnu`
    if (!present(`${triple}-g++-12`)) missing.add(`g++-12-${triple.replace('_', '-')}`)
    if (!present(`${triple}-objdump`)) missing.add(`binutils-${triple.replace('_', '-')}`)
  }
  if (!present('apt-get') || !present('dpkg-deb')) stop('Debian (12 or later) is needed')
  if (!present('cmake')) missing.add('cmake')
  if (!present('make') && !present('ninja')) missing.add('make')
  if (!existsSync('/usr/share/keyrings/debian-archive-keyring.gpg'))
    missing.add('debian-archive-keyring')
  if (missing.size > 0)
    stop(
      `tools are missing. Please run\n\n  sudo apt-get install ${[...missing].join(' ')}\n`,
      laterPerhaps,
    )
}

function fetchSysroot(target) {
  try {
    return sysroot(target, build)
  } catch (error) {
    return stop(`Debian's packages could not be had: ${error.message}`, laterPerhaps)
  }
}

function compile(target, folder) {
  const output = join(build, 'prebuild', target, 'out')
  rmSync(output, { recursive: true, force: true })
  const settings = {
    CMAKE_TOOLCHAIN_FILE: join(root, 'native/portable/toolchain.cmake'),
    NUMCORE_PROCESSOR: targets[target].processor,
    NUMCORE_SYSROOT: folder,
    NUMCORE_PORTABLE: 'ON',
    NUMCORE_OUTPUT: output,
  }
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/cmake-js/bin/cmake-js'),
      'compile',
      '--out',
      join('build/prebuild', target, 'cmake'),
      ...Object.entries(settings).map(([name, value]) => `--CD${name}=${value}`),
    ],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
      env: { CMAKE_BUILD_PARALLEL_LEVEL: String(availableParallelism()), ...process.env },
    },
  )
  if (status !== 0) stop(`${target}: the build failed (exit code ${status})`)
  return output
}

/** Add-ons and the libraries beside them, in the folder that lib/load.ts looks into. */
function collect(target, folder, output) {
  const triple = `${targets[target].processor}-linux-gnu`
  const place = join(prebuilds, target)
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { recursive: true })
  for (const { file } of addons) {
    mkdirSync(dirname(join(place, file)), { recursive: true })
    execFileSync(`${triple}-strip`, ['-o', join(place, file), join(output, file)])
  }
  for (const library of beside)
    copyFileSync(join(folder, 'usr/lib', triple, library), join(place, library))
  writeFileSync(join(place, 'built-from.json'), `${JSON.stringify(versionsIn(folder), null, 2)}\n`)
}

function collectLicences(folder) {
  const place = join(prebuilds, 'licenses')
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { recursive: true })
  for (const [name, from] of Object.entries(licences))
    copyFileSync(join(folder, 'usr/share/doc', from, 'copyright'), join(place, `${name}.txt`))
  // The text that libgomp.txt and libstdc++.txt refer to.
  copyFileSync('/usr/share/common-licenses/GPL-3', join(place, 'GPL-3.txt'))
}

const check = process.argv.includes('--check')
const given = process.argv.slice(2).filter((each) => each !== '--check')
const names = given.length > 0 ? given : Object.keys(targets)
for (const name of names) {
  if (!Object.hasOwn(targets, name))
    stop(`expected one of ${Object.keys(targets).join(', ')} but received ${name}`)
}
if (!check) {
  checkTools(names)
  for (const target of names) {
    console.error(`numcore prebuild: ${target}`)
    const folder = fetchSysroot(target)
    collect(target, folder, compile(target, folder))
    collectLicences(folder)
  }
}
const wrong = names.flatMap((target) => {
  const place = join(prebuilds, target)
  const absent = [...addons.map(({ file }) => file), ...beside].filter(
    (file) => !existsSync(join(place, file)),
  )
  const found =
    absent.length > 0
      ? absent.map((file) => `${file} is not there`)
      : complaints(place, `${targets[target].processor}-linux-gnu-objdump`)
  return found.map((each) => `${target}: ${each}`)
})
if (wrong.length > 0) stop(`\n  ${wrong.join('\n  ')}`)
console.error(`numcore prebuild: ${names.join(', ')} ${check ? 'may be shipped' : 'made'}`)
