/** What the add-on offers the harness: the machine's own rates. See native/kernels/roof/roof.h. */
import type { Control } from '../job.js'

export interface NativeRoof {
  /** `times` products of order `n` on each thread; `workspace` has 3 n^2 numbers for each. */
  roofMultiply(workspace: Float64Array, n: number, times: number, control: Control): unknown
  /** Gives the number of square roots taken: `count` rounded up to whole passes. */
  roofRoots(count: number, width: number, control: Control): unknown
  /** The vector widths that `roofRoots` takes, narrowest first. */
  roofWidths(): number[]
  roofCopy(from: Float64Array, to: Float64Array, control: Control): unknown
}
