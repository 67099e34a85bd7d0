/**
 * Finds and loads the add-ons. A thin loader of our own, because there is more than one add-on, because musl has to be
 * told from glibc by what is loaded, and because a failure has to say what was looked for and what to type.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { NativeLoadError } from './errors.js'

// A bundler that makes CommonJS leaves no import.meta.url.
const here = (import.meta.url as string | undefined) ?? pathToFileURL(__filename).href
const require = createRequire(here)

/** Where the package lies: above this file, or, when this file is part of a bundle, where Node finds numcore. */
function* roots(): Generator<string> {
  const above = join(dirname(fileURLToPath(here)), '..')
  yield above
  try {
    const found = dirname(require.resolve('numcore/package.json'))
    if (found !== above) yield found
  } catch {
    // Not installed: the places above are all there are.
  }
}

/**
 * A dependency that is loaded when it is needed, because loading it costs every short program a few milliseconds.
 * A bundler does not see it, so the bundle has to find it where numcore is installed.
 */
export function requireDependency(name: string): unknown {
  try {
    return require(name)
  } catch {
    const [above = '', installed = above] = roots()
    return createRequire(join(installed, 'package.json'))(name)
  }
}

/**
 * The C library of this process, by what is mapped into it: /etc/alpine-release knows one distribution only, and a
 * process of a glibc system may run on musl and the other way round.
 */
function libc(): 'glibc' | 'musl' | undefined {
  let maps: string
  try {
    maps = readFileSync('/proc/self/maps', 'latin1')
  } catch {
    return undefined // No /proc, or no permission to read it.
  }
  if (/\/(ld-musl-|libc\.musl-)/.test(maps)) return 'musl'
  return /\/(libc\.so\.6|libc-2\.\d+\.so|ld-linux)/.test(maps) ? 'glibc' : undefined
}

/** The folder of prebuilds/ that fits this process. */
function system(): string {
  const { platform, arch } = process
  return platform === 'linux' && libc() === 'musl' ? `linuxmusl-${arch}` : `${platform}-${arch}`
}

/** Where the add-on may lie in a package, one after another: to know the C library takes a millisecond. */
function* places(root: string, file: string): Generator<string> {
  yield join(root, 'build', 'Release', file)
  yield join(root, 'prebuilds', system(), file)
}

/** Why one place did not give the add-on; undefined when there is nothing. */
function reason(error: unknown, path: string): string | undefined {
  const { code, message } = error as NodeJS.ErrnoException
  // Of this file, and not of one that it needs.
  if (code === 'MODULE_NOT_FOUND' && message.includes(path)) return undefined
  if (code === 'ERR_ACCESS_DENIED') return 'Node may not read it (ERR_ACCESS_DENIED)'
  if (code === 'ERR_DLOPEN_DISABLED') return 'Node may not load add-ons (ERR_DLOPEN_DISABLED)'
  return message
}

function advice(tried: readonly { path: string; why?: string }[], root: string): string {
  const whys = tried.map(({ why = '' }) => why).join('\n')
  if (/ERR_ACCESS_DENIED|ERR_DLOPEN_DISABLED/.test(whys))
    return `Under the permission model Node has to be started with --allow-addons and --allow-fs-read=${join(root, '*')}`
  return 'Compile it from the C++ sources in the package with: npx numcore build'
}

/**
 * The exports of the add-on in `file` (`numcore.node`): from build/Release, where a clone and `numcore build` put
 * theirs, else from prebuilds/. What is there and does not load is an error; nothing else is tried then.
 */
export function loadAddon(file: string): unknown {
  const tried: { path: string; why?: string }[] = []
  const [first = ''] = roots()
  for (const root of roots()) {
    for (const path of places(root, file)) {
      try {
        return require(path)
      } catch (error) {
        const why = reason(error, path)
        tried.push(why === undefined ? { path } : { path, why })
        if (why !== undefined) throw failure(file, tried, root, error)
      }
    }
  }
  throw failure(file, tried, first)
}

function failure(
  file: string,
  tried: readonly { path: string; why?: string }[],
  root: string,
  cause?: unknown,
): NativeLoadError {
  const kind = process.platform === 'linux' ? `, ${libc() ?? 'C library unknown'}` : ''
  const places = tried.map(({ path, why }) => `  ${path}: ${why ?? 'not there'}`)
  return new NativeLoadError(
    `Expected ${file} for ${process.platform}-${process.arch}${kind}, Node ${process.versions.node}, but none could be loaded. ` +
      `Looked for:\n${places.join('\n')}\n${advice(tried, root)}`,
    cause === undefined ? undefined : { cause },
  )
}
