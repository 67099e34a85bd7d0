/**
 * Gauss-Kronrod pairs on one interval, with QUADPACK's error estimate (Piessens, de Doncker-Kapenga, Überhuber,
 * Kahaner, "QUADPACK", Springer 1983; routines qk21 and qk15). Not public.
 */

export interface Rule {
  /** In (0, 1], falling; the rule also has their mirror images, and 0 last. */
  nodes: readonly number[]
  weights: readonly number[]
  /** Of the Gauss rule that has every other node: 0 where it has none. */
  gauss: readonly number[]
}

export const kronrod21: Rule = {
  nodes: [
    0.9956571630258081, 0.9739065285171717, 0.9301574913557082, 0.8650633666889845,
    0.7808177265864169, 0.6794095682990244, 0.5627571346686047, 0.4333953941292472,
    0.2943928627014602, 0.14887433898163122, 0,
  ],
  weights: [
    0.011694638867371874, 0.032558162307964725, 0.054755896574351995, 0.07503967481091996,
    0.0931254545836976, 0.10938715880229764, 0.12349197626206584, 0.13470921731147334,
    0.14277593857706009, 0.14773910490133849, 0.1494455540029169,
  ],
  gauss: [
    0, 0.06667134430868814, 0, 0.1494513491505806, 0, 0.21908636251598204, 0, 0.26926671930999635,
    0, 0.29552422471475287, 0,
  ],
}

export const kronrod15: Rule = {
  nodes: [
    0.9914553711208126, 0.9491079123427585, 0.8648644233597691, 0.7415311855993945,
    0.5860872354676911, 0.4058451513773972, 0.20778495500789848, 0,
  ],
  weights: [
    0.022935322010529224, 0.06309209262997856, 0.10479001032225019, 0.14065325971552592,
    0.16900472663926791, 0.19035057806478542, 0.20443294007529889, 0.20948214108472782,
  ],
  gauss: [
    0, 0.1294849661688697, 0, 0.27970539148927664, 0, 0.3818300505051189, 0, 0.4179591836734694,
  ],
}

/** Points of the rule: `2 nodes - 1`. */
export const size = (rule: Rule): number => 2 * rule.nodes.length - 1

/** Writes the rule's points on [a, b] to out[at...], rising. */
export function place(rule: Rule, a: number, b: number, out: Float64Array, at: number): void {
  const half = 0.5 * (b - a)
  const middle = 0.5 * (a + b)
  const count = size(rule)
  for (let i = 0; i < rule.nodes.length; i++) {
    const x = half * (rule.nodes[i] as number)
    out[at + i] = middle - x
    out[at + count - 1 - i] = middle + x
  }
}

export interface Estimate {
  value: number
  error: number
  /** The integral of |f|. */
  abs: number
  /** The integral of |f - its mean|. */
  asc: number
}

/** The rule applied to the values at its points, for an interval of half the width `half`. */
export function apply(rule: Rule, half: number, values: Float64Array, at: number): Estimate {
  const count = size(rule)
  const last = rule.nodes.length - 1
  const middle = values[at + last] as number
  let kronrod = (rule.weights[last] as number) * middle
  let gauss = (rule.gauss[last] as number) * middle
  let abs = Math.abs(kronrod)
  // In the order of QUADPACK: where an estimate is all rounding, as for steps, it decides what is done next.
  for (const first of [1, 0]) {
    for (let i = first; i < last; i += 2) {
      const left = values[at + i] as number
      const right = values[at + count - 1 - i] as number
      const weight = rule.weights[i] as number
      kronrod += weight * (left + right)
      gauss += (rule.gauss[i] as number) * (left + right)
      abs += weight * (Math.abs(left) + Math.abs(right))
    }
  }
  const mean = kronrod / 2
  let asc = (rule.weights[last] as number) * Math.abs(middle - mean)
  for (let i = 0; i < last; i++) {
    const left = values[at + i] as number
    const right = values[at + count - 1 - i] as number
    asc += (rule.weights[i] as number) * (Math.abs(left - mean) + Math.abs(right - mean))
  }
  const width = Math.abs(half)
  abs *= width
  asc *= width
  let error = Math.abs((kronrod - gauss) * half)
  if (asc !== 0 && error !== 0) error = asc * Math.min(1, ((200 * error) / asc) ** 1.5)
  if (abs > Number.MIN_VALUE / (50 * Number.EPSILON)) {
    error = Math.max(error, 50 * Number.EPSILON * abs)
  }
  return { value: kronrod * half, error, abs, asc }
}
