/** Wynn's epsilon algorithm, which finds the limit of a sequence that converges slowly; QUADPACK's qelg. Not public. */

const longest = 50
const epsilon = Number.EPSILON

export class EpsilonTable {
  /** Elements before the last diagonal are gone; 1-based as in the paper, for the sake of comparison. */
  private readonly table = new Float64Array(longest + 3)
  private readonly latest: number[] = []
  length = 0

  push(value: number): void {
    this.table[++this.length] = value
  }

  /** The limit as far as it can be told, and how far it has moved in the last three calls. */
  extrapolate(): { value: number; error: number } {
    const table = this.table
    const at = (i: number) => table[i] as number
    const start = this.length
    const { value, error, exact } = this.diagonal()
    if (exact) return { value, error }
    const elements = Math.floor((start - 1) / 2) + 1
    if (start >= 3) {
      if (this.length === longest) this.length = 2 * Math.floor(longest / 2) - 1
      let i = start % 2 === 0 ? 2 : 1
      for (let k = 0; k < elements; k++, i += 2) table[i] = at(i + 2)
      if (start !== this.length) table.copyWithin(1, start - this.length + 1, start + 1)
    }
    const { latest } = this
    let moved = Number.MAX_VALUE
    if (start >= 3 && latest.length === 3) {
      moved = latest.reduce((sum, before) => sum + Math.abs(value - before), 0)
      latest.shift()
    }
    latest.push(value)
    return { value, error: Math.max(moved, 5 * epsilon * Math.abs(value)) }
  }

  private diagonal(): { value: number; error: number; exact: boolean } {
    const table = this.table
    const at = (i: number) => table[i] as number
    const n = this.length
    let value = at(n)
    let error = Number.MAX_VALUE
    if (n < 3) return { value, error, exact: false }
    table[n + 2] = at(n)
    const elements = Math.floor((n - 1) / 2)
    table[n] = Number.MAX_VALUE
    let k = n
    for (let i = 1; i <= elements; i++, k -= 2) {
      const e0 = at(k - 2)
      const e1 = at(k - 1)
      const e2 = at(k + 2)
      const delta2 = e2 - e1
      const delta3 = e1 - e0
      const still2 = Math.abs(delta2) <= Math.max(Math.abs(e2), Math.abs(e1)) * epsilon
      const still3 = Math.abs(delta3) <= Math.max(Math.abs(e1), Math.abs(e0)) * epsilon
      if (still2 && still3) {
        const left = Math.abs(delta2) + Math.abs(delta3)
        return { value: e2, error: Math.max(left, 5 * epsilon * Math.abs(e2)), exact: true }
      }
      const e3 = at(k)
      table[k] = e1
      const delta1 = e1 - e3
      const still1 = Math.abs(delta1) <= Math.max(Math.abs(e1), Math.abs(e3)) * epsilon
      const ss = 1 / delta1 + 1 / delta2 - 1 / delta3
      // Irregular: a part of the table is left out.
      if (still1 || still2 || still3 || Math.abs(ss * e1) <= 1e-4) {
        this.length = 2 * i - 1
        break
      }
      const next = e1 + 1 / ss
      table[k] = next
      const size = Math.abs(delta2) + Math.abs(next - e2) + Math.abs(delta3)
      if (size <= error) {
        error = size
        value = next
      }
    }
    return { value, error, exact: false }
  }
}
