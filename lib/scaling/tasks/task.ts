// What a task of the harness is: something that can be set up once and then run again and again.

/** What the caller chose; every task takes from it what it needs. */
export interface TaskOptions {
  /** Order of the matrices of `inverse`, `matmul` and `solve`, default 4000, and of `eigh` and `svd`, default 1500. */
  size?: number | undefined
  /** Bins of `integral`, default 1e8. */
  bins?: number | undefined
  /** Length of the transform of `fft`, default 2^22. */
  points?: number | undefined
  /** A text file for `acf` and `wordcount`, default Moby Dick. */
  text?: string | undefined
}

/** What a process that runs a task is told beside the options. */
export interface Setting extends TaskOptions {
  /** The thread count of the row; of several ranks, of all together. */
  threads: number
  /** Of a row under mpirun: its ranks, the threads of each, and by what factor the work of each grows. */
  ranks?: { count: number; threads: number; grow: number } | undefined
  /** By what factor the work grows with the threads: 1, or for weak scaling threads / smallest count. */
  grow: number
  /** The caller's own command, for the task that runs it. */
  command?: string | undefined
}

/** One kind of work. Its module exports one as `task`. */
export interface Task {
  /** One word, as typed on the command line. */
  readonly name: string
  /** As a heading. */
  readonly title: string
  /** Of the rate, per second of the work: `Gflop/s`. */
  readonly unit: string
  /** Bytes that one child needs at its peak, without Node itself, when the work grows by `grow`. */
  bytes(options: TaskOptions, grow: number): number
  /** Everything that is not to be timed. */
  setup(setting: Setting): Promise<Prepared>
}

/** What one evaluation needs of the machine at least: the roof is the time that this takes at full rate. */
export interface Needs {
  /** Floating-point operations, at the rate of matrix products. */
  flops?: number
  /** Bytes read from memory and written to it, each once. */
  bytes?: number
  /** Square roots. */
  roots?: number
}

/** A task that is ready to be timed. */
export interface Prepared {
  /** The one number that tells how big the problem is. */
  readonly size: number
  /** What is computed, in a phrase: `inv() of a 4000 × 4000 symmetric matrix`. */
  readonly description: string
  /** Work of one evaluation, in `unit` times seconds: the rate is work / seconds. */
  readonly work: number
  /** Where the roof is the machine's. */
  readonly needs?: Needs | undefined
  /** Where the roof is the task's own: work per second, in `unit`. */
  readonly roof?: number | undefined
  /** Of the rate, where only the task's set-up can tell. */
  readonly unit?: string | undefined
  /** One evaluation with as many threads as the environment says: this is what is timed. */
  run(): Promise<unknown>
  /** The bytes of a result, to see that they are the same for every thread count; undefined: none. */
  bits(result: unknown): Uint8Array | undefined
  /** How wrong the result is, against mathematics or a plain reference; asked once a row, not timed. */
  error?(result: unknown): { name: string; value: number }
}

/** The bytes behind an array. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** The bytes behind several arrays, one after the other. */
export function joined(...arrays: readonly ArrayBufferView[]): Uint8Array {
  const all = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let end = 0
  for (const each of arrays) {
    all.set(bytesOf(each), end)
    end += each.byteLength
  }
  return all
}

/** 12345678 as `12 345 678`, with narrow spaces that do not break. */
export const grouped = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f')
