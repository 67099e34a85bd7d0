/**
 * xoshiro128** by D. Blackman and S. Vigna (https://prng.di.unimi.it, public domain), seeded through
 * splitmix32: small, fast in 32-bit integers, and the same numbers on every machine for a seed.
 * Not for cryptography.
 */
export function uniform(seed: number): () => number {
  // splitmix32 spreads seeds as near as 1 and 2 over the whole state.
  let mix = seed >>> 0
  const next = () => {
    mix = (mix + 0x9e3779b9) >>> 0
    let z = mix
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return (z ^ (z >>> 16)) | 0
  }
  let a = next()
  let b = next()
  let c = next()
  let d = next()
  const bits = () => {
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = (d << 11) | (d >>> 21)
    return result >>> 0
  }
  // 53 random bits: every multiple of 2^-53 in [0, 1) is equally likely.
  return () => ((bits() >>> 5) * 67108864 + (bits() >>> 6)) / 9007199254740992
}
