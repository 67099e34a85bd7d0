// The figures as one SVG file: a row of three panels for each task.
import { panelHeight, panels, panelWidth } from './figure.js'
import type { Report } from './report.js'
import { figureCss, themeCss } from './theme.js'
import { outcome } from './words.js'
import { escapeXml } from './xml.js'

const gap = 36
const edge = 28
const heading = 64
const rowGap = 34

/**
 * The figures of a report as one SVG document: for each task time, speed-up and efficiency.
 *
 * @example
 * ```ts
 * import { measure, renderSvg } from 'numcore/scaling'
 * const report = await measure({ tasks: ['integral'], bins: 1e5, repeats: 2, threads: [1] })
 * console.log(renderSvg(report).startsWith('<svg')) // true
 * ```
 */
export function renderSvg(report: Report): string {
  const tasks = report.tasks.filter(({ points }) => points.length > 0)
  const width = 2 * edge + 3 * panelWidth + 2 * gap
  const rowHeight = heading + panelHeight + rowGap
  const footer = 30
  const height = edge + tasks.length * rowHeight + footer
  const rows = tasks.map((task, row) => {
    const drawn = panels(task).map(
      ({ label, svg }, column) =>
        `<g transform="translate(${column * (panelWidth + gap)} ${heading})" role="group" aria-label="${escapeXml(label)}">${svg}</g>`,
    )
    return [
      `<g class="figure c${row % 4}" transform="translate(${edge} ${edge + row * rowHeight})">`,
      `<text class="heading" y="18">${escapeXml(task.title)}<tspan class="subtitle" dx="10">${escapeXml(task.description)}</tspan></text>`,
      `<text class="outcome" y="40">${escapeXml(outcome(task))}</text>`,
      ...drawn,
      '</g>',
    ].join('')
  })
  const { machine } = report
  const source = `${machine.cpu}, ${machine.available} of ${machine.cpus} CPUs, Node ${machine.node}, numcore ${machine.numcore}, OpenBLAS ${machine.openblas.version} (${machine.openblas.coreType}), ${report.started.slice(0, 10)}`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    '<title>Threads versus time</title>',
    `<style>${themeCss}${figureCss}${fileCss}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...rows,
    `<g class="figure"><text class="tick" x="${edge}" y="${height - 22}">${escapeXml(source)}</text></g>`,
    '</svg>\n',
  ].join('\n')
}

const fileCss = `
.paper{fill:var(--paper)}
.figure .heading{font:600 20px var(--serif)}
.figure .heading .subtitle{font:15px var(--serif)}
.figure .outcome{font:15px var(--serif)}
.figure .point:focus{outline:none}
.figure .last .tell{visibility:visible}
`
