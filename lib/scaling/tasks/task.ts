// What a task of the harness is: something that can be set up once and then run again and again.

/** What the caller chose; every task takes from it what it needs. */
export interface TaskOptions {
  /** Order of the matrix of `inverse`, default 4000. */
  size?: number | undefined
  /** Bins of `integral`, default 1e8. */
  bins?: number | undefined
  /** A text file for `acf`, default Moby Dick. */
  text?: string | undefined
}

/** One kind of work. Its module exports one as `task`. */
export interface Task {
  /** One word, as typed on the command line. */
  readonly name: string
  /** As a heading. */
  readonly title: string
  /** Of the rate, per second of the work: `Gflop/s`. */
  readonly unit: string
  /** Bytes that one child needs at its peak, without Node itself. */
  bytes(options: TaskOptions): number
  /** Everything that is not to be timed. */
  setup(options: TaskOptions): Promise<Prepared>
}

/** A task that is ready to be timed. */
export interface Prepared {
  /** The one number that tells how big the problem is. */
  readonly size: number
  /** What is computed, in a phrase: `inv() of a 4000 × 4000 symmetric matrix`. */
  readonly description: string
  /** Work of one evaluation, in `unit` times seconds: the rate is work / seconds. */
  readonly work: number
  /** One evaluation with as many threads as the environment says: this is what is timed. */
  run(): Promise<unknown>
  /** The bytes of a result, to see that they are the same for every thread count. */
  bits(result: unknown): Uint8Array
}

/** The bytes behind an array. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** 12345678 as `12 345 678`, with narrow spaces that do not break. */
export const grouped = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f')
