// Figures as SVG files: all of a report, its roofline, or one panel by itself.
import { panels } from './figure.js'
import { panelHeight, panelWidth, type Panel } from './panel.js'
import type { Report } from './report.js'
import { colours, rooflinePanel } from './roofline.js'
import { figureCss, themeCss } from './theme.js'
import { outcome } from './words.js'
import { escapeXml } from './xml.js'

const gap = 36
const edge = 28
const heading = 64
const rowGap = 34
const footer = 30

/**
 * The figures of a report as one SVG document: for each task time, speed-up and efficiency, and its peers.
 *
 * @example
 * ```ts
 * import { measure, renderSvg } from 'numcore/scaling'
 * const report = await measure({ tasks: ['integral'], bins: 1e5, repeats: 2, threads: [1], roofs: false })
 * console.log(renderSvg(report).startsWith('<svg')) // true
 * ```
 */
export function renderSvg(report: Report): string {
  const tasks = report.tasks.flatMap((task, index) =>
    task.points.length > 0 ? [{ task, index, drawn: panels(task, report) }] : [],
  )
  const most = Math.max(3, ...tasks.map(({ drawn }) => drawn.length))
  const width = 2 * edge + most * panelWidth + (most - 1) * gap
  const rowHeight = heading + panelHeight + rowGap
  const height = edge + tasks.length * rowHeight + footer
  const rows = tasks.map(({ task, index, drawn }, row) =>
    [
      `<g class="figure c${index % colours}" transform="translate(${edge} ${edge + row * rowHeight})">`,
      `<text class="heading" y="18">${escapeXml(task.title)}<tspan class="subtitle" dx="10">${escapeXml(task.description)}</tspan></text>`,
      `<text class="outcome" y="40">${escapeXml(outcome(task))}</text>`,
      ...drawn.map((panel, column) => placed(panel, column * (panelWidth + gap), heading)),
      '</g>',
    ].join(''),
  )
  return whole('Threads versus time', width, height, [...rows, footnote(report, height)])
}

/**
 * The roofline of a report as an SVG document: speed against flops per byte, under the machine's own rates. Empty but
 * for a sentence when no task tells both flops and bytes, or the rates were not measured.
 */
export function renderRoofline(report: Report): string {
  const panel = rooflinePanel(report)
  const [width, height] = [2 * edge + panelWidth, 2 * edge + panelHeight + 12]
  const none = `<g class="figure"><text class="tick" x="${edge}" y="${edge + 15}">No task tells flops and bytes.</text></g>`
  const drawn = panel === undefined ? none : `<g class="figure">${placed(panel, edge, edge)}</g>`
  return whole('Roofline', width, height, [drawn])
}

/** Every panel of a report as an SVG document of its own, by the name of a file: `inverse-time`. */
export function renderPanels(report: Report): { name: string; svg: string }[] {
  return report.tasks.flatMap((task, index) =>
    panels(task, report).map((panel) => ({
      name: `${task.task}-${panel.name}`,
      svg: whole(panel.label, 2 * edge + panelWidth, 2 * edge + panelHeight, [
        `<g class="figure c${index % colours}">${placed(panel, edge, edge)}</g>`,
      ]),
    })),
  )
}

const placed = ({ label, svg }: Panel, x: number, y: number) =>
  `<g transform="translate(${x} ${y})" role="group" aria-label="${escapeXml(label)}">${svg}</g>`

function footnote({ machine, started }: Report, height: number): string {
  const { cpu, available, cpus, node, numcore, openblas } = machine
  const text = `${cpu}, ${available} of ${cpus} CPUs, Node ${node}, numcore ${numcore}, OpenBLAS ${openblas.version} (${openblas.coreType}), ${started.slice(0, 10)}`
  return `<g class="figure"><text class="tick" x="${edge}" y="${height - 22}">${escapeXml(text)}</text></g>`
}

function whole(title: string, width: number, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${themeCss}${figureCss}${fileCss}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...parts,
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
