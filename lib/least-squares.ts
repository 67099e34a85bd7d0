/**
 * Curve fits by Levenberg and Marquardt's method, for a handful of parameters. Our own, because the
 * package for it (ml-levenberg-marquardt) brings a matrix library along and differentiates by
 * differences, while three parameters need thirty lines and have exact derivatives.
 */

/** A curve: its value at t, and the derivatives by the parameters written to `slope`. */
export type Curve = (t: number, parameters: Float64Array, slope: Float64Array) => number

export interface Fit {
  parameters: Float64Array
  /** Sum of squared differences. */
  rss: number
}

const mostSteps = 300

/** The parameters that bring the curve nearest to `y` at `t`, searched from `start`. */
export function fitCurve(
  curve: Curve,
  t: Float64Array,
  y: Float64Array,
  start: readonly number[],
): Fit {
  const count = start.length
  let parameters = Float64Array.from(start)
  let system = normalEquations(curve, t, y, parameters)
  let damping = 1e-3
  for (let step = 0; step < mostSteps; step++) {
    const move = solveDamped(system.matrix, system.right, damping, count)
    const next = parameters.map((p, i) => p + (move[i] as number))
    const tried = normalEquations(curve, t, y, next)
    if (tried.rss < system.rss) {
      const gain = system.rss - tried.rss
      const settled = gain <= 1e-14 * system.rss
      parameters = next
      system = tried
      damping = Math.max(damping / 10, 1e-12)
      if (settled) break
    } else {
      damping *= 10
      if (!(damping < 1e12)) break
    }
  }
  return { parameters, rss: system.rss }
}

function normalEquations(curve: Curve, t: Float64Array, y: Float64Array, p: Float64Array) {
  const count = p.length
  const matrix = new Float64Array(count * count)
  const right = new Float64Array(count)
  const slope = new Float64Array(count)
  let rss = 0
  for (let k = 0; k < t.length; k++) {
    const residual = (y[k] as number) - curve(t[k] as number, p, slope)
    rss += residual * residual
    for (let i = 0; i < count; i++) {
      const s = slope[i] as number
      right[i] = (right[i] as number) + s * residual
      for (let j = 0; j < count; j++) {
        matrix[i * count + j] = (matrix[i * count + j] as number) + s * (slope[j] as number)
      }
    }
  }
  return { matrix, right, rss: Number.isFinite(rss) ? rss : Number.POSITIVE_INFINITY }
}

// (A + damping * diag A) x = b by Gaussian elimination; A is positive semidefinite, and damped it is definite.
function solveDamped(a: Float64Array, b: Float64Array, damping: number, n: number): Float64Array {
  const m = Float64Array.from(a)
  const x = Float64Array.from(b)
  const at = (i: number, j: number) => m[i * n + j] as number
  for (let i = 0; i < n; i++) m[i * n + i] = at(i, i) * (1 + damping) + 1e-30
  for (let i = 0; i < n; i++) {
    for (let row = i + 1; row < n; row++) {
      const factor = at(row, i) / at(i, i)
      for (let j = i; j < n; j++) m[row * n + j] = at(row, j) - factor * at(i, j)
      x[row] = (x[row] as number) - factor * (x[i] as number)
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = x[i] as number
    for (let j = i + 1; j < n; j++) sum -= at(i, j) * (x[j] as number)
    x[i] = sum / at(i, i)
  }
  return x
}
