// Joins the library's modules into one file, dist/core.js: each module of its own costs about a millisecond of every
// program's start, and there are some fifty. Everything else in dist/ stays a file with its name: commands and
// scaling tasks are loaded when they are asked for, errors.js must load where the add-on cannot (the command line
// says why), and a module of the library is a line that hands on its part of core.js. What a worker of a pool needs,
// the add-on and the checks of options, is dist/base.js: a worker whose task is no matter of numcore loads no more.
import { readdirSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rollup } from 'rollup'

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist')
const modules = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith('.js'))
const name = (path) => relative(dist, path).split(sep).join('/')
const apart = ['index.js', 'errors.js', 'dynamics-plot.js']
// numcore/mpi is one file as well. The modules apart run without MPI: they start programs that have it.
const mpiApart = ['index', 'launch', 'launcher', 'library'].map((each) => `mpi/${each}.js`)
const isMpi = (path) => path.startsWith('mpi/') && !mpiApart.includes(path)
const isBase = (path) => path === 'native.js' || path === 'options.js'
const isCore = (path) =>
  /^(quad\/)?[^/]+\.js$/.test(path) && !apart.includes(path) && !isBase(path)

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
    if (isMpi(name(path))) return 'mpi/core'
    // Named, or it would go where it is used.
    return name(path) === 'errors.js' ? 'errors' : undefined
  },
  entryFileNames: '[name].js',
  // A chunk that nobody planned would be a file of no known name.
  chunkFileNames: ({ name: chunk }) => {
    if (!['core', 'base', 'errors', 'mpi/core'].includes(chunk))
      throw new Error(`Expected no chunk but core, base and mpi/core and received ${chunk}`)
    return '[name].js'
  },
  hoistTransitiveImports: false,
})
await bundle.close()
