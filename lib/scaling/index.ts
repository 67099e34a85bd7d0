/** Threads versus time: measure how well computations use their threads, and show it. */
export { toCsv } from './csv.js'
export { renderHtml } from './html.js'
export { type MeasureOptions, measure } from './measure.js'
export type { Failure, Machine, Point, Report, Settings, TaskReport } from './report.js'
export { sameBits, schema } from './report.js'
export {
  type BootstrapOptions,
  bootstrapMedian,
  bootstrapRatio,
  efficiency,
  type Interval,
  karpFlatt,
  mad,
  median,
  quantile,
  quartiles,
  speedup,
} from './statistics.js'
export { renderSvg } from './svg.js'
export { renderText } from './table.js'
export type { Prepared, Task, TaskOptions } from './tasks/task.js'
