// A report in any of the forms in which it is left behind.
import { expectOneOf } from '../options.js'
import { toCsv } from './csv.js'
import { renderHtml } from './html.js'
import { toMarkdown } from './markdown.js'
import type { Report } from './report.js'
import { renderRoofline, renderSvg } from './svg.js'
import { renderText } from './table.js'

const renderers = {
  text: (measured) => renderText(measured),
  markdown: toMarkdown,
  csv: toCsv,
  json: (measured) => `${JSON.stringify(measured, null, 2)}\n`,
  svg: renderSvg,
  roofline: renderRoofline,
  html: renderHtml,
} satisfies Record<string, (measured: Report) => string>

export type ReportFormat = keyof typeof renderers

/** The formats of {@link report}. */
export const reportFormats = Object.keys(renderers) as readonly ReportFormat[]

/**
 * What was measured, as `'text'` for a terminal, `'markdown'`, `'csv'` (one line a point), `'json'`, `'svg'` (time,
 * speed-up and efficiency of every task), `'roofline'` (an SVG too) or `'html'`, one self-contained page.
 *
 * @throws InvalidArgumentError for a format that is none of these.
 *
 * @example
 * ```ts
 * import { measure, report } from 'numcore/scaling'
 * const measured = await measure({ tasks: ['integral'], bins: 1e5, repeats: 2, threads: [1], roofs: false })
 * console.log(report(measured, 'markdown').startsWith('# Threads versus time')) // true
 * ```
 */
export function report(measured: Report, format: ReportFormat = 'text'): string {
  return renderers[expectOneOf('format', format, reportFormats)](measured)
}
