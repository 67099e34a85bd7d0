/**
 * Adaptive Gauss-Kronrod quadrature with extrapolation: QUADPACK's QAGS, QAGP and QAGI in one (Piessens and others 1983;
 * the Fortran is in the public domain). The interval with the largest error is halved; where halving goes to
 * ever smaller intervals, the sums form a sequence whose limit the epsilon algorithm finds. Not public.
 */
import { EpsilonTable } from './epsilon.js'
import { apply, type Estimate, kronrod15, kronrod21, place, type Rule, size } from './kronrod.js'
import { accepted, type Tolerance } from './outcome.js'
import { notFinite, type Steps } from './steps.js'

/** Why a rule ended. */
export type Status =
  'converged' | 'limit' | 'roundoff' | 'singularity' | 'no-convergence' | 'divergent'

export interface Outcome {
  value: number
  error: number
  l1: number
  evaluations: number
  status: Status
  /** Whether the largest error is next to an end or a break point. */
  atEnd?: boolean
}

export interface Goal extends Tolerance {
  limit: number
}

/** From the variable of the rule to x. */
interface Range {
  rule: Rule
  /** Ends and break points in the rule's variable. */
  marks: number[]
  /** Points for one point of the rule, and how their values become one. */
  points(t: number): number[]
  weight(t: number): number
}

/** [a, b] as it is, or x = a + (1 - t) / t with t in (0, 1], and both halves of the line at once. */
export function rangeOf(a: number, b: number, points: readonly number[]): Range {
  if (Number.isFinite(a) && Number.isFinite(b)) {
    return { rule: kronrod21, marks: [a, ...points, b], points: (t) => [t], weight: () => 1 }
  }
  const weight = (t: number) => 1 / (t * t)
  if (!Number.isFinite(a) && !Number.isFinite(b)) {
    const both = (t: number) => [(1 - t) / t, -(1 - t) / t]
    return { rule: kronrod15, marks: [0, 1], points: both, weight }
  }
  const sign = Number.isFinite(a) ? 1 : -1
  const from = Number.isFinite(a) ? a : b
  const marks = points.map((x) => 1 / (1 + Math.abs(x - from))).sort((p, q) => p - q)
  return {
    rule: kronrod15,
    marks: [0, ...marks, 1],
    points: (t) => [from + (sign * (1 - t)) / t],
    weight,
  }
}

interface Interval extends Estimate {
  a: number
  b: number
  level: number
}

const epsilon = Number.EPSILON
const tiny = 2.2250738585072014e-308
const huge = Number.MAX_VALUE

/** Intervals by falling error. */
class Queue {
  readonly all: Interval[] = []
  add(interval: Interval): void {
    let low = 0
    let high = this.all.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.all[middle] as Interval).error >= interval.error) low = middle + 1
      else high = middle
    }
    this.all.splice(low, 0, interval)
  }
  total(of: 'value' | 'error' | 'abs'): number {
    return this.all.reduce((sum, interval) => sum + interval[of], 0)
  }
}

export function* adaptive(range: Range, goal: Goal): Steps<Outcome> {
  const { rule, marks } = range
  let evaluations = 0

  /** All intervals between neighbouring marks, in one batch. */
  function* estimate(ends: readonly number[], level: number): Steps<Interval[]> {
    const count = size(rule)
    const intervals = ends.length - 1
    const t = new Float64Array(intervals * count)
    for (let i = 0; i < intervals; i++) {
      place(rule, ends[i] as number, ends[i + 1] as number, t, i * count)
    }
    const each = range.points(0.5).length
    const points = new Float64Array(each * t.length)
    for (let i = 0; i < t.length; i++) {
      const group = range.points(t[i] as number)
      for (let k = 0; k < each; k++) points[i * each + k] = group[k] as number
    }
    const values = yield [points]
    evaluations += points.length
    for (let i = 0; i < t.length; i++) {
      let sum = 0
      for (let k = 0; k < each; k++) {
        const value = values[i * each + k] as number
        if (!Number.isFinite(value)) throw notFinite(`x = ${points[i * each + k]}`, value)
        sum += value
      }
      t[i] = sum * range.weight(t[i] as number)
      if (!Number.isFinite(t[i])) throw notFinite(`x = ${points[i * each]}`, t[i] as number)
    }
    const made: Interval[] = []
    for (let i = 0; i < intervals; i++) {
      const a = ends[i] as number
      const b = ends[i + 1] as number
      made.push({ a, b, level, ...apply(rule, 0.5 * (b - a), t, i * count) })
    }
    return made
  }

  const { limit } = goal
  const wanted = (value: number) => accepted(goal, value)
  const queue = new Queue()
  const first = yield* estimate(marks, 0)
  const single = first.length === 1
  const l1First = first.reduce((sum, { abs }) => sum + abs, 0)
  for (const interval of first) {
    // With break points, an interval that the rule says nothing about counts with all that is unsure.
    const unsure = interval.error === interval.asc && interval.error !== 0
    if (!single && unsure) interval.error = first.reduce((sum, { error }) => sum + error, 0)
    queue.add(interval)
  }
  let area = queue.total('value')
  let errorSum = queue.total('error')
  let bound = wanted(area)
  const atEnd = () => {
    const { a, b } = queue.all[0] as Interval
    return marks.includes(a) || marks.includes(b)
  }
  const finish = (status: Status, value = queue.total('value'), error = queue.total('error')) =>
    ({
      value,
      error,
      // What extrapolation added belongs to it as well.
      l1: queue.total('abs') + Math.abs(value - queue.total('value')),
      evaluations,
      atEnd: atEnd(),
      status: error <= wanted(value) ? 'converged' : status,
    }) satisfies Outcome

  const sure = !single || (first[0] as Interval).error !== (first[0] as Interval).asc
  if (errorSum === 0 || (errorSum <= bound && sure)) return finish('converged')
  if (errorSum <= 100 * epsilon * l1First) return finish('roundoff')
  if (queue.all.length >= limit) return finish('limit')

  const table = new EpsilonTable()
  table.push(area)
  // Extrapolation goes on with intervals above this level only: those are the small ones.
  let largest = single ? 1 : 0
  let result = area
  let resultError = huge
  let correction = 0
  let rank = 0 // in the queue, of the interval that is halved next
  let extrapolating = false
  let finished = false // with extrapolation
  let largeErrors = errorSum
  let target = bound
  let stale = 0
  let rounded1 = 0
  let rounded2 = 0
  let rounded3 = 0
  let roundedTable = false
  let status: Status | undefined
  const sameSign = Math.abs(area) >= (1 - 50 * epsilon) * l1First

  while (true) {
    const worst = queue.all[rank] as Interval
    const middle = 0.5 * (worst.a + worst.b)
    const [left, right] = (yield* estimate([worst.a, middle, worst.b], worst.level + 1)) as [
      Interval,
      Interval,
    ]
    const value = left.value + right.value
    const error = left.error + right.error
    errorSum = errorSum + error - worst.error
    area = area + value - worst.value
    const count = queue.all.length + 1
    if (left.asc !== left.error && right.asc !== right.error) {
      const same = Math.abs(worst.value - value) <= 1e-5 * Math.abs(value)
      if (same && error >= 0.99 * worst.error) {
        if (extrapolating) rounded2++
        else rounded1++
      }
      if (count > 10 && error > worst.error) rounded3++
    }
    bound = wanted(area)
    if (rounded1 + rounded2 >= 10 || rounded3 >= 20) status = 'roundoff'
    if (rounded2 >= 5) roundedTable = true
    if (count >= limit) status = 'limit'
    if (
      Math.max(Math.abs(left.a), Math.abs(right.b)) <=
      (1 + 100 * epsilon) * (Math.abs(right.a) + 1000 * tiny)
    ) {
      status = 'singularity'
    }
    queue.all.splice(rank, 1)
    const bigger = Math.max(left.error, right.error)
    while (rank > 0 && bigger > (queue.all[rank - 1] as Interval).error) rank--
    queue.add(left)
    queue.add(right)

    if (errorSum <= bound) return finish('converged')
    if (status !== undefined) break
    if (single && count === 2) {
      largeErrors = errorSum
      target = bound
      table.push(area)
      continue
    }
    if (finished) continue
    largeErrors -= worst.error
    if (worst.level + 1 <= largest) largeErrors += error
    if (!extrapolating) {
      if ((queue.all[rank] as Interval).level <= largest) continue
      extrapolating = true
      rank = 1
    }
    if (!roundedTable && largeErrors > target) {
      // The smallest interval has the largest error: large ones go first, as long as there are any.
      const found = queue.all.findIndex(({ level }, k) => k >= rank && level <= largest)
      if (found >= 0) {
        rank = found
        continue
      }
    }
    table.push(area)
    if (table.length > 2) {
      const limitOf = table.extrapolate()
      stale++
      if (stale > 5 && resultError < 1e-3 * errorSum) status = 'no-convergence'
      if (limitOf.error < resultError) {
        stale = 0
        resultError = limitOf.error
        result = limitOf.value
        correction = largeErrors
        target = wanted(result)
        if (resultError <= target) break
      }
      if (table.length === 1) finished = true
      if (status !== undefined) break
    }
    rank = 0
    extrapolating = false
    largest++
    largeErrors = errorSum
  }

  if (resultError === huge) return finish(status ?? 'no-convergence')
  if (status !== undefined || roundedTable) {
    if (roundedTable) resultError += correction
    status ??= 'roundoff'
    if (result !== 0 && area !== 0) {
      if (resultError / Math.abs(result) > errorSum / Math.abs(area)) return finish(status)
    } else if (resultError > errorSum) {
      return finish(status)
    }
  }
  const small = Math.max(Math.abs(result), Math.abs(area)) <= l1First * 0.01
  if (area !== 0 && (sameSign || !small)) {
    const ratio = result / area
    // An extrapolation that went wrong: the plain sum and its error are the better answer.
    if (ratio < 0.01 || ratio > 100 || errorSum > Math.abs(area)) return finish('divergent')
  }
  // The limit's error is a guess from three steps; where the tolerance leaves room, it is taken ten times.
  const careful = Math.max(resultError, Math.min(10 * resultError, wanted(result)))
  return finish(status ?? 'converged', result, careful)
}
