/**
 * What numcore touches of `@stdlib/ndarray/ctor` and `@stdlib/array/complex128`, after their documentation. The packages
 * themselves come with some 1,900 others (@stdlib/ndarray-ctor 0.1.0), or need git and GitHub to install (0.3.1).
 */

/** Two doubles a number; not an ArrayBufferView, as the original. */
export class Complex128Array {
  static readonly BYTES_PER_ELEMENT = 16
  readonly BYTES_PER_ELEMENT = 16
  readonly buffer: ArrayBuffer
  readonly byteOffset: number
  readonly length: number

  constructor(buffer: ArrayBuffer, byteOffset: number, length: number) {
    this.buffer = buffer
    this.byteOffset = byteOffset
    this.length = length
  }

  get(index: number) {
    const [re, im] = new Float64Array(this.buffer, this.byteOffset + 16 * index, 2)
    return { re, im }
  }
}

interface Indexed {
  readonly length: number
  readonly [index: number]: number
}

/** Strides and offset count elements, complex numbers as one. */
export class StdlibNdarray {
  readonly dtype: string
  readonly data: Indexed | Complex128Array
  readonly shape: number[]
  readonly strides: number[]
  readonly offset: number
  readonly order: string

  constructor(
    dtype: string,
    buffer: Indexed | Complex128Array,
    shape: number[],
    strides: number[],
    offset: number,
    order: string,
  ) {
    this.dtype = dtype
    this.data = buffer
    this.shape = shape
    this.strides = strides
    this.offset = offset
    this.order = order
  }

  get(...index: number[]): unknown {
    const place = index.reduce(
      (sum, i, axis) => sum + i * (this.strides[axis] as number),
      this.offset,
    )
    return this.data instanceof Complex128Array ? this.data.get(place) : this.data[place]
  }
}
