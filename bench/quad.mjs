// numcore's quad beside SciPy's on integrals whose value is known: prints the table of docs/quad.md.
// node bench/quad.mjs [TOLERANCE]; needs python3 with scipy (PYTHON names another).
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { integrateSync, quadSync } from '../dist/index.js'

const path = (name) => fileURLToPath(new URL(name, import.meta.url))
const list = path('../test/support/integrals.json')
const cases = JSON.parse(readFileSync(list, 'utf8'))
const tolerance = process.argv[2]
const python = process.env.PYTHON ?? 'python3'
const args = [path('quad.py'), list, ...(tolerance ? [tolerance] : [])]
const peers = JSON.parse(execFileSync(python, args, { encoding: 'utf8' }))

// An expression without x, by one midpoint of width 1.
const constant = (text) =>
  /Infinity/.test(text) ? Number(text) : integrateSync(text, 0, 1, { bins: 1 }).value
const goal = tolerance ? { absTolerance: Number(tolerance), relTolerance: Number(tolerance) } : {}

console.log(
  '| integral | from | to | points | evaluations | SciPy | true error | reported | SciPy: true | reported |',
)
console.log('|---|---|---|---|---|---|---|---|---|---|')
const short = (x) => (x === null ? 'NaN' : x === 0 ? '0' : x.toExponential(1))
let ours = 0
let theirs = 0
let within = 0
let most = 0
cases.forEach((each, i) => {
  const exact = constant(each.exact)
  const points = (each.points ?? []).map(constant)
  const options = { ...goal, ...(points.length > 0 ? { points } : {}) }
  const result = quadSync(each.f, constant(each.a), constant(each.b), options)
  const off = Math.abs(result.value - exact)
  const peer = peers[i]
  const peerOff = peer.value === null ? null : Math.abs(peer.value - exact)
  if (off <= result.error) within++
  ours += result.evaluations
  theirs += peer.evaluations
  const ratio = result.evaluations / peer.evaluations
  most = Math.max(most, ratio)
  const mark =
    (result.converged ? '' : ` (${result.status})`) +
    (result.method === 'tanh-sinh' ? ' tanh-sinh' : '')
  const flag = off <= result.error ? '' : ' **above**'
  const peerFlag = peerOff !== null && peerOff <= peer.error ? '' : ' **above**'
  console.log(
    `| \`${each.f.replaceAll('|', '\\|')}\` | ${each.a} | ${each.b} | ${(each.points ?? []).join(' ')} ` +
      `| ${result.evaluations}${mark} | ${peer.evaluations} | ${short(off)}${flag} | ${short(result.error)} ` +
      `| ${short(peerOff)}${peerFlag} | ${short(peer.error)} |`,
  )
})
console.log(
  `\n${cases.length} integrals: the true error within the reported one in ${within}; evaluations ${ours}, SciPy ${theirs}; largest ratio ${most.toFixed(2)}`,
)
