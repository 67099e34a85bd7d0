// Joins the library's modules into two files, dist/words.js and dist/core.js, and the commands that draw nothing into two
// more: each module of its own costs about a millisecond of every program's start, and there are some sixty. Two, because
// the commands for books last a few milliseconds, and two thirds of the library is nothing to them. Everything else
// in dist/ stays a file with its name: other commands and scaling tasks are loaded when they are asked for, errors.js
// must load where the add-on cannot (the command line says why), and a module that has been joined is a line that
// hands on its part. What a worker of a pool needs, the add-on and the checks of options, is dist/base.js: a worker
// whose task is no matter of numcore loads no more.
import { readdirSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rollup } from 'rollup'

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist')
const modules = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.js'))
const name = (path) => relative(dist, path).split(sep).join('/')
const apart = ['index.js', 'errors.js']
// What commands share, and those that need no package but commander. Not program.js: with it `numcore build` would load
// the library, which cannot be loaded then.
const inFolder = (files) => files.map((file) => `cli/${file}.js`)
const wordCommands = inFolder([
  ...['arguments', 'counts', 'inputs', 'progress', 'python-numbers'],
  ...['acf', 'wordcount', 'zipf'],
])
const otherCommands = inFolder(['integrate', 'invert'])
// What is there before any command, and where the library cannot be loaded.
const starting = inFolder(['commander', 'failure', 'ranks'])
// numcore/mpi is one file as well, and another that runs without MPI: who starts programs that have it is no rank.
const mpiStart = ['launcher', 'library'].map((each) => `mpi/${each}.js`)
const mpiEntries = ['index', 'launch', 'pool', 'workers'].map((each) => `mpi/${each}.js`)
// These need numcore/parallel, which must not become a part of MPI.
const mpiPool = ['enlist', 'rank-host', 'rank-worker', 'team'].map((each) => `mpi/${each}.js`)
const isMpi = (path) => path.startsWith('mpi/') && ![...mpiEntries, ...mpiPool].includes(path)
// Folders whose files are loaded when they are asked for.
const later = /^(cli|scaling|parallel|mpi|examples)\//
// Types only: nothing to join, and the joined file would get the name of one of them.
const types = /^native\//
const isBase = (path) => ['native.js', 'load.js', 'options.js'].includes(path)
// Texts and what is counted in them, and what that needs: jobs, files, and the matrices in which it is given.
const isWords = (path) =>
  /^(text|text-source|text-stream|word-count|sentences|correlation|job|threads|output)\.js$/.test(
    path,
  ) ||
  /^(matrix|random|matrix\/(complex-operand|elements|foreign|operand|print|source|strided))\.js$/.test(
    path,
  )
const isCore = (path) =>
  path.endsWith('.js') &&
  !later.test(path) &&
  !types.test(path) &&
  !apart.includes(path) &&
  !isBase(path) &&
  !isWords(path)

// Under names of their own, or rollup would number them: errors.js is the file that hands them on. And how errors travel:
// pools and MPI both have it, and neither may bring the other.
const errorClasses = new Map([
  ['errors.js', 'error-classes'],
  ['parallel/errors.js', 'parallel/error-classes'],
  ['parallel/failure.js', 'parallel/thrown'],
])
const chunks = [
  ...['base', 'words', 'core', 'cli/start', 'cli/words', 'cli/commands'],
  ...['mpi/core', 'mpi/start'],
  ...errorClasses.values(),
]

const bundle = await rollup({
  input: Object.fromEntries(modules.map((file) => [file.replace(/\.js$/, ''), join(dist, file)])),
  // Packages and Node's own modules are left to Node.
  external: (id) => !id.startsWith('.') && !id.startsWith(dist),
  onwarn: (warning) => {
    // The compiler's helper for `using` asks whether there is a `this`, and an ES module has none either way.
    if (warning.code === 'THIS_IS_UNDEFINED') return
    // Modules that hold types only.
    if (warning.code === 'EMPTY_BUNDLE') return
    throw new Error(warning.message)
  },
})
await bundle.write({
  dir: dist,
  format: 'es',
  manualChunks: (path) => {
    if (isCore(name(path))) return 'core'
    if (isBase(name(path))) return 'base'
    if (isWords(name(path))) return 'words'
    if (mpiStart.includes(name(path))) return 'mpi/start'
    if (isMpi(name(path))) return 'mpi/core'
    if (wordCommands.includes(name(path))) return 'cli/words'
    if (otherCommands.includes(name(path))) return 'cli/commands'
    if (starting.includes(name(path))) return 'cli/start'
    // Named, or they would go where they are used.
    return errorClasses.get(name(path))
  },
  entryFileNames: '[name].js',
  // A chunk that nobody planned would be a file of no known name.
  chunkFileNames: ({ name: chunk }) => {
    if (!chunks.includes(chunk))
      throw new Error(`Expected no chunk of that name but received ${chunk}`)
    return '[name].js'
  },
  hoistTransitiveImports: false,
})
await bundle.close()
