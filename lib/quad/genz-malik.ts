/**
 * Adaptive cubature over a box of 2 to 4 dimensions by the rule of Genz and Malik (J. Comput. Appl. Math. 6, 1980, 295-302):
 * degree 7, with a rule of degree 5 on the same points for the error, and fourth differences that tell along which
 * axis to cut. Not public.
 */
import type { Outcome } from './adaptive.js'
import { accepted, type Tolerance } from './outcome.js'
import { notFinite, type Steps } from './steps.js'

interface Box {
  centre: readonly number[]
  half: readonly number[]
  value: number
  error: number
  abs: number
  axis: number
}

type Cut = Pick<Box, 'centre' | 'half'>

const near = Math.sqrt(9 / 70)
const far = Math.sqrt(9 / 10)
const corner = Math.sqrt(9 / 19)

/** The points on [-1, 1]^n: the middle, then along each axis near-, near+, far-, far+, then pairs, then corners. */
function offsets(n: number): number[][] {
  const all: number[][] = [Array.from({ length: n }, () => 0)]
  const unit = (entries: [number, number][]) => {
    const point = Array.from({ length: n }, () => 0)
    for (const [axis, value] of entries) point[axis] = value
    return point
  }
  for (let i = 0; i < n; i++) {
    for (const x of [-near, near, -far, far]) all.push(unit([[i, x]]))
  }
  for (let i = 0; i < n; i++) {
    for (let k = i + 1; k < n; k++) {
      for (const x of [-far, far]) for (const y of [-far, far]) all.push(unit([[i, x], [k, y]])) // prettier-ignore
    }
  }
  for (let bits = 0; bits < 2 ** n; bits++) {
    all.push(Array.from({ length: n }, (_, i) => ((bits >> i) & 1 ? corner : -corner)))
  }
  return all
}

/** Boxes that are cut at once: batches are cheap where points alone are dear. */
const mostAtOnce = 32

export function* genzMalik(
  lower: readonly number[],
  upper: readonly number[],
  tolerance: Tolerance,
  mostEvaluations: number,
): Steps<Outcome> {
  const n = lower.length
  const points = offsets(n)
  const pairs = 2 * n * (n - 1)
  const weights7 = [
    (12824 - 9120 * n + 400 * n * n) / 19683,
    980 / 6561,
    (1820 - 400 * n) / 19683,
    200 / 19683,
    6859 / 19683 / 2 ** n,
  ] as const
  const weights5 = [
    (729 - 950 * n + 50 * n * n) / 729,
    245 / 486,
    (265 - 100 * n) / 1458,
    25 / 729,
  ] as const
  let evaluations = 0

  function* estimate(cuts: readonly Cut[]): Steps<Box[]> {
    const count = points.length
    const coordinates = lower.map(() => new Float64Array(cuts.length * count))
    cuts.forEach(({ centre, half }, b) => {
      points.forEach((point, p) => {
        for (let i = 0; i < n; i++) {
          const x = (centre[i] as number) + (half[i] as number) * (point[i] as number)
          ;(coordinates[i] as Float64Array)[b * count + p] = x
        }
      })
    })
    const values = yield coordinates
    evaluations += values.length
    const wrong = values.findIndex((value) => !Number.isFinite(value))
    if (wrong >= 0) {
      const place = coordinates.map((coordinate) => coordinate[wrong]).join(', ')
      throw notFinite(`(${place})`, values[wrong] as number)
    }
    return cuts.map((cut, b) => apply(cut, values.subarray(b * count, (b + 1) * count)))
  }

  function apply({ centre, half }: Cut, values: Float64Array): Box {
    const at = (i: number) => values[i] as number
    const middle = at(0)
    let nearSum = 0
    let farSum = 0
    let axis = 0
    let roughest = -1
    for (let i = 0; i < n; i++) {
      const close = at(4 * i + 1) + at(4 * i + 2)
      const distant = at(4 * i + 3) + at(4 * i + 4)
      nearSum += close
      farSum += distant
      const difference = Math.abs(close - 2 * middle - (distant - 2 * middle) / 7)
      // Equally rough axes: the longest.
      const longer = (half[i] as number) > (half[axis] as number)
      const same = Math.abs(difference - roughest) <= 1e-10 * (Math.abs(middle) + difference)
      if (difference > roughest ? !same || longer : same && longer) {
        roughest = difference
        axis = i
      }
    }
    let pairSum = 0
    for (let i = 4 * n + 1; i <= 4 * n + pairs; i++) pairSum += at(i)
    let cornerSum = 0
    for (let i = 4 * n + pairs + 1; i < values.length; i++) cornerSum += at(i)
    const volume = half.reduce((product, h) => product * 2 * h, 1)
    const seven =
      weights7[0] * middle +
      weights7[1] * nearSum +
      weights7[2] * farSum +
      weights7[3] * pairSum +
      weights7[4] * cornerSum
    const five =
      weights5[0] * middle + weights5[1] * nearSum + weights5[2] * farSum + weights5[3] * pairSum
    const abs = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length
    const rounding = 50 * Number.EPSILON * abs
    return {
      centre,
      half,
      axis,
      value: volume * seven,
      error: volume * Math.max(Math.abs(seven - five), rounding),
      abs: volume * abs,
    }
  }

  const start = lower.map((low, i) => 0.5 * (low + (upper[i] as number)))
  const widths = lower.map((low, i) => 0.5 * ((upper[i] as number) - low))
  let boxes = yield* estimate([{ centre: start, half: widths }])
  const total = (of: 'value' | 'error' | 'abs') => boxes.reduce((sum, box) => sum + box[of], 0)
  for (;;) {
    const value = total('value')
    const error = total('error')
    const wanted = accepted(tolerance, value)
    const converged = error <= wanted
    const cost = 2 * points.length
    if (converged || evaluations + cost > mostEvaluations) {
      const status = converged ? 'converged' : 'limit'
      return { value, error, l1: Math.max(total('abs'), Math.abs(value)), evaluations, status }
    }
    // As many of the worst as it takes for the rest to be good enough.
    boxes.sort((p, q) => p.error - q.error)
    const cuts: Cut[] = []
    const room = Math.min(mostAtOnce, Math.floor((mostEvaluations - evaluations) / cost))
    let left = error
    for (let k = 0; k < room && left > wanted / 2 && boxes.length > 0; k++) {
      const { centre, half, axis, error: own } = boxes.pop() as Box
      left -= own
      const narrow = half.map((h, i) => (i === axis ? h / 2 : h))
      for (const side of [-1, 1]) {
        const moved = centre.map((x, i) => (i === axis ? x + side * (narrow[i] as number) : x))
        cuts.push({ centre: moved, half: narrow })
      }
    }
    boxes = boxes.concat(yield* estimate(cuts))
  }
}
