/**
 * Double exponential quadrature (Takahasi and Mori 1974): the trapezoid rule after a change of variable that squeezes
 * the ends so far away that it does not matter how f behaves there. tanh-sinh for a finite range, exp-sinh for
 * half of the line, sinh-sinh for all of it. The ends themselves are never evaluated. Not public.
 */
import type { Goal, Outcome } from './adaptive.js'
import { accepted } from './outcome.js'
import { notFinite, type Steps } from './steps.js'

interface Node {
  x: number
  /** dx/dt */
  weight: number
  /** To the nearest end, for the tail that is left out: 0 when it is infinitely far. */
  distance: number
}

type Map = (t: number) => Node

const halfPi = Math.PI / 2

function mapOf(a: number, b: number): Map {
  if (Number.isFinite(a) && Number.isFinite(b)) {
    const width = b - a
    return (t) => {
      // The distance to the nearer end in full precision: 1 - tanh(|s|) = 2 / (1 + exp(2 |s|)).
      const s = halfPi * Math.sinh(Math.abs(t))
      const part = 1 / (1 + Math.exp(2 * s))
      const distance = width * part
      const weight = 2 * width * part * (1 - part) * halfPi * Math.cosh(t)
      return { x: t < 0 ? a + distance : b - distance, weight, distance }
    }
  }
  if (!Number.isFinite(a) && !Number.isFinite(b)) {
    return (t) => {
      const s = halfPi * Math.sinh(t)
      return { x: Math.sinh(s), weight: Math.cosh(s) * halfPi * Math.cosh(t), distance: 0 }
    }
  }
  const sign = Number.isFinite(a) ? 1 : -1
  const from = Number.isFinite(a) ? a : b
  return (t) => {
    const distance = Math.exp(halfPi * Math.sinh(t))
    const x = from + sign * distance
    return { x, weight: distance * halfPi * Math.cosh(t), distance: t < 0 ? distance : 0 }
  }
}

/** Beyond this |t| the distance to an end is below the smallest double, or x above the largest. */
const farthest = 6.1
const firstStep = 0.5
const mostLevels = 9
const epsilon = Number.EPSILON

export function* tanhSinh(a: number, b: number, goal: Goal): Steps<Outcome> {
  const map = mapOf(a, b)
  let evaluations = 0
  let sum = 0
  let sumOfAbs = 0
  // Terms beyond these do not count.
  let low = -farthest
  let high = farthest
  // What lies beyond the outermost points is left out: as much as if f were a power of the distance to the end, at
  // least to the -9/10.
  const outermost = [
    { t: Number.POSITIVE_INFINITY, rest: 0 },
    { t: Number.NEGATIVE_INFINITY, rest: 0 },
  ] as const

  function* level(step: number, first: boolean): Steps<void> {
    const ts: number[] = []
    const nodes: Node[] = []
    const limit = Math.floor(farthest / step)
    for (let i = -limit; i <= limit; i++) {
      if (!first && i % 2 === 0) continue
      const t = i * step
      if (t < low || t > high) continue
      const node = map(t)
      const { x, weight } = node
      if (x === a || x === b || !Number.isFinite(x) || !Number.isFinite(weight) || weight === 0)
        continue
      ts.push(t)
      nodes.push(node)
    }
    const values = yield [Float64Array.from(nodes, ({ x }) => x)]
    evaluations += nodes.length
    const terms = nodes.map(({ weight }, i) => weight * (values[i] as number))
    if (first) trim(ts, nodes, values, terms, step)
    terms.forEach((term, i) => {
      const t = ts[i] as number
      if (t < low || t > high) return
      if (!Number.isFinite(term)) throw notFinite(`x = ${nodes[i]?.x}`, values[i] as number)
      sum += term
      sumOfAbs += Math.abs(term)
      const rest = 10 * Math.abs(values[i] as number) * (nodes[i] as Node).distance
      if (t < outermost[0].t) Object.assign(outermost[0], { t, rest })
      if (t > outermost[1].t) Object.assign(outermost[1], { t, rest })
    })
  }

  /** Finds where terms no longer count, going outwards from the middle. */
  function trim(
    ts: number[],
    nodes: Node[],
    values: Float64Array,
    terms: number[],
    step: number,
  ): void {
    const finite = terms.filter(Number.isFinite)
    const peak = finite.reduce((most, term) => Math.max(most, Math.abs(term)), 0)
    const counts = (i: number) => !(Math.abs(terms[i] as number) <= peak * epsilon * 1e-2)
    const middle = ts.findIndex((t) => t >= 0)
    // Two negligible terms in a row end a side; one alone may be a zero of f.
    let left = middle
    while (left > 0 && (counts(left - 1) || counts(Math.max(0, left - 2)))) left--
    let right = middle
    const last = ts.length - 1
    while (right < last && (counts(right + 1) || counts(Math.min(last, right + 2)))) right++
    // Overflow far out, where what is finite has vanished, is no fault of the integrand.
    for (let i = left; i < middle; i++) if (!Number.isFinite(terms[i])) fault(i)
    for (let i = right; i > middle; i--) if (!Number.isFinite(terms[i])) fault(i)
    low = (ts[left] as number) - step
    high = (ts[right] as number) + step
    function fault(i: number): never {
      throw notFinite(`x = ${nodes[i]?.x}`, values[i] as number)
    }
  }

  let step = firstStep
  yield* level(step, true)
  let value = sum * step
  let before = Number.NaN
  let change = Number.POSITIVE_INFINITY
  let error = Number.POSITIVE_INFINITY
  const wanted = () => accepted(goal, value)
  for (let k = 1; k <= mostLevels; k++) {
    step /= 2
    yield* level(step, false)
    before = value
    value = sum * step
    const last = change
    change = Math.abs(value - before)
    // Each level doubles the digits when all goes well; count on falling no faster than the last time.
    const falling = k > 2 && last > 0 ? Math.min(1, (10 * change) / last) : 1
    const lost = outermost[0].rest + outermost[1].rest + 10 * epsilon * sumOfAbs * step
    error = change * falling + lost
    if (k > 1 && error <= wanted()) break
    // More levels do not help against the tail or rounding, nor where they have not helped so far.
    if (k > 4 && change > 0.5 * last) break
    if (k > 4 && change <= lost) break
  }
  const status = error <= wanted() ? 'converged' : 'no-convergence'
  return { value, error, l1: sumOfAbs * step, evaluations, status }
}
