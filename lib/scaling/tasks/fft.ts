// One long complex transform: too big for the caches, so that memory counts as much as arithmetic.
import { fft } from '../../fft.js'
import { bytesOf, grouped, type Task, type TaskOptions } from './task.js'

const length = ({ points = 2 ** 22 }: TaskOptions, grow: number) => Math.round(points * grow)

export const task: Task = {
  name: 'fft',
  title: 'Fourier transform',
  unit: 'Gflop/s',

  // The series, its transform, and as much again to work in.
  bytes: (options, grow) => 3 * 16 * length(options, grow),

  async setup(setting) {
    const n = length(setting, setting.grow)
    const x = series(n)
    const out = new Float64Array(2 * n)
    // 5 n log2 n is what is reported of every transform, whatever it really does (FFTW's convention).
    const flops = 5 * n * Math.log2(Math.max(2, n))
    return {
      size: n,
      description: `fft() of ${grouped(n)} complex numbers`,
      work: flops / 1e9,
      needs: { flops, bytes: 2 * 16 * n },
      run: () => fft(x, { out }),
      bits: (result) => bytesOf(result as Float64Array),
      error: (result) => ({
        name: 'relative, from the definition',
        value: difference(x, result as Float64Array),
      }),
    }
  },
}

// Two waves and a remainder that looks like noise and is the same everywhere.
function series(n: number): Float64Array {
  const x = new Float64Array(2 * n)
  for (let i = 0; i < n; ++i) {
    x[2 * i] = Math.cos(i * 0.01) + ((i * 7919) % 1009) / 1009 - 0.5
    x[2 * i + 1] = Math.sin(i * 0.03)
  }
  return x
}

// Three of the sums by the definition, O(n) each, against the root mean square of the transform (Parseval).
function difference(x: Float64Array, result: Float64Array): number {
  const n = x.length / 2
  let square = 0
  for (const each of x) square += each * each
  let most = 0
  for (const k of new Set([1 % n, Math.floor(n / 3), n - 1])) {
    const [re, im] = [new Sum(), new Sum()]
    for (let j = 0; j < n; ++j) {
      const angle = (-2 * Math.PI * remainder(j, k, n)) / n
      const [c, s] = [Math.cos(angle), Math.sin(angle)]
      const [a, b] = [x[2 * j] as number, x[2 * j + 1] as number]
      re.add(a * c - b * s)
      im.add(a * s + b * c)
    }
    const miss = Math.hypot((result[2 * k] as number) - re.value, (result[2 * k + 1] as number) - im.value)
    most = Math.max(most, miss)
  }
  return square > 0 ? most / Math.sqrt(square) : most
}

// With what each addition rounds off kept apart (Neumaier): a plain sum would be less exact than the transform.
class Sum {
  #sum = 0
  #rest = 0
  add(value: number): void {
    const sum = this.#sum + value
    this.#rest += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - sum + value : value - sum + this.#sum
    this.#sum = sum
  }
  get value(): number {
    return this.#sum + this.#rest
  }
}

/** j k mod n, exactly for n below 2^32: the product in two halves, each below 2^53. */
function remainder(j: number, k: number, n: number): number {
  const [high, low] = [Math.floor(j / 65536), j % 65536]
  return (((high * k) % n) * 65536 + low * k) % n
}
