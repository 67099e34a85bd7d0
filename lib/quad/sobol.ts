/**
 * Sobol's points with random digital shifts: quasi-Monte Carlo whose error can be estimated. Direction numbers of
 * S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci. Comput. 30,
 * 2635-2654 (2008), the first 21 dimensions of new-joe-kuo-6.21201. Not public. Their licence, of the numbers:
 *
 * Copyright (c) 2008, Frances Y. Kuo and Stephen Joe
 * All rights reserved.
 *
 * Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
 * following conditions are met:
 *
 * - Redistributions of source code must retain the above copyright notice, this list of conditions and the following
 *   disclaimer.
 * - Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
 *   following disclaimer in the documentation and/or other materials provided with the distribution.
 * - Neither the names of the copyright holders nor the names of the University of New South Wales and the University
 *   of Waikato and its contributors may be used to endorse or promote products derived from this software without
 *   specific prior written permission.
 *
 * THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS ``AS IS'' AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT
 * NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN
 * NO EVENT SHALL THE COPYRIGHT HOLDERS OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL,
 * EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES;
 * LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN
 * CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS
 * SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
 */
import { uniform } from '../random.js'

/** A primitive polynomial, as bits, and the initial numbers, for each dimension after the first. */
const table: readonly (readonly [polynomial: number, ...initial: number[]])[] = [
  [3, 1],
  [7, 1, 3],
  [11, 1, 3, 1],
  [13, 1, 1, 1],
  [19, 1, 1, 3, 3],
  [25, 1, 3, 5, 13],
  [37, 1, 1, 5, 5, 17],
  [41, 1, 1, 5, 5, 5],
  [47, 1, 1, 7, 11, 19],
  [55, 1, 1, 5, 1, 1],
  [59, 1, 1, 1, 3, 11],
  [61, 1, 3, 5, 5, 31],
  [67, 1, 3, 3, 9, 7, 49],
  [91, 1, 1, 1, 15, 21, 21],
  [97, 1, 3, 1, 13, 27, 49],
  [103, 1, 1, 1, 15, 7, 5],
  [109, 1, 3, 1, 15, 13, 25],
  [115, 1, 1, 5, 5, 19, 61],
  [131, 1, 3, 7, 11, 23, 15, 103],
  [137, 1, 3, 7, 13, 13, 15, 69],
]

export const mostDimensions = table.length + 1

const bits = 32

function directions(dimension: number): Uint32Array {
  const v = new Uint32Array(bits)
  const row = table[dimension - 1]
  if (row === undefined) {
    for (let k = 0; k < bits; k++) v[k] = 2 ** (bits - 1 - k)
    return v
  }
  const [polynomial, ...initial] = row
  const degree = initial.length
  for (let k = 0; k < bits; k++) {
    if (k < degree) {
      v[k] = (initial[k] as number) * 2 ** (bits - 1 - k)
      continue
    }
    const before = v[k - degree] as number
    let next = before ^ (before >>> degree)
    for (let j = 1; j < degree; j++) {
      if ((polynomial >> (degree - j)) & 1) next ^= v[k - j] as number
    }
    v[k] = next
  }
  return v
}

/** Several randomly shifted copies of one sequence, each point of which is uniform in the open unit cube. */
export class Sobol {
  private readonly numbers: Uint32Array[]
  private readonly state: Uint32Array
  private readonly shifts: Uint32Array[]
  private index = 0

  private readonly dimensions: number
  private readonly copies: number

  constructor(dimensions: number, copies: number, seed: number) {
    this.dimensions = dimensions
    this.copies = copies
    this.numbers = Array.from({ length: dimensions }, (_, i) => directions(i))
    this.state = new Uint32Array(dimensions)
    const random = uniform(seed)
    this.shifts = Array.from({ length: copies }, () =>
      Uint32Array.from({ length: dimensions }, () => random() * 2 ** bits),
    )
  }

  /** The next `count` points of every copy, copy after copy: one array for each dimension. */
  next(count: number): Float64Array[] {
    const { dimensions, copies, state } = this
    const out = Array.from({ length: dimensions }, () => new Float64Array(copies * count))
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < dimensions; i++) {
        const here = state[i] as number
        const coordinate = out[i] as Float64Array
        for (let c = 0; c < copies; c++) {
          const shifted = (here ^ ((this.shifts[c] as Uint32Array)[i] as number)) >>> 0
          coordinate[c * count + k] = (shifted + 0.5) / 2 ** bits
        }
      }
      // Gray code: one number changes the point into the next.
      this.index++
      const bit = 31 - Math.clz32(this.index & -this.index)
      for (let i = 0; i < dimensions; i++) {
        state[i] = (state[i] as number) ^ ((this.numbers[i] as Uint32Array)[bit] as number)
      }
    }
    return out
  }
}
