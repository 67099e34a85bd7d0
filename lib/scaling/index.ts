/** Threads versus time: measure how well computations use their threads, and show it. */
export { compare, type Comparison, type ComparedPoint, renderComparison } from './compare.js'
export { toCsv } from './csv.js'
export {
  type AmdahlFit,
  fitAmdahl,
  fitGustafson,
  type FitOptions,
  fitUsl,
  type GustafsonFit,
  type Timing,
  type UslFit,
} from './fits.js'
export { renderHtml } from './html.js'
export { toMarkdown } from './markdown.js'
export { measure } from './measure.js'
export type { Noise } from './noise.js'
export type {
  Failure,
  Fits,
  Machine,
  Peer,
  Point,
  Report,
  Roof,
  RoofName,
  Seconds,
  Settings,
  TaskReport,
} from './report.js'
export { sameBits, schema } from './report.js'
export { report, type ReportFormat, reportFormats } from './render.js'
export type { MeasureOptions } from './settings.js'
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
export { renderRoofline, renderSvg } from './svg.js'
export { renderText } from './table.js'
export type { Growth, UserModule, UserWork } from './tasks/module.js'
export type { Needs, Prepared, Setting, Task, TaskOptions } from './tasks/task.js'
