/** A picture of {@link wordDynamics}. */
import type * as Scales from 'd3-scale'
import type { WordDynamics } from './dynamics.js'
import { requireDependency } from './load.js'
import { escapeXml } from './scaling/xml.js'

// Loaded with the first picture: it and what it needs would be a quarter of loading numcore.
const scales = () => requireDependency('d3-scale') as typeof Scales

const panelWidth = 300
const panelHeight = 170
const left = 46
const top = 34
const bottom = 36
const gap = 18
const columns = 3

/**
 * The `panels` / 2 most and least important words of a ranking as one SVG document: the autocorrelation as
 * dots, the stretched exponential and the step drawn through them.
 *
 * @example
 * ```ts
 * import { dynamicsPlot, wordDynamics } from 'numcore'
 * const text = 'The whale came. '.repeat(9) + 'The sea lay still. '.repeat(40)
 * const ranking = await wordDynamics({ text }, { words: 4, timesteps: 10 })
 * console.log(dynamicsPlot(ranking).startsWith('<svg')) // true
 * ```
 */
export function dynamicsPlot(ranking: readonly WordDynamics[], panels = 6): string {
  const half = Math.ceil(panels / 2)
  const shown =
    ranking.length <= panels
      ? ranking
      : [...ranking.slice(0, half), ...ranking.slice(half - panels)]
  const width = columns * (panelWidth + gap) + gap
  const rows = Math.ceil(shown.length / columns)
  const height = rows * (panelHeight + top + bottom) + gap
  const drawn = shown.map((each, i) => {
    const x = gap + (i % columns) * (panelWidth + gap)
    const y = Math.floor(i / columns) * (panelHeight + top + bottom)
    return `<g transform="translate(${x},${y})">${panel(each)}</g>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="autocorrelation of words by sentence" font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n')
}

function panel({ word, acf, kww, step, importance }: WordDynamics): string {
  const lags = acf.length - 1
  // The first value is 1 for every word and would leave no room for the others.
  const most = acf.subarray(1).reduce((a, b) => Math.max(a, b), 1e-9)
  const { scaleLinear } = scales()
  const x = scaleLinear([0, lags], [left, panelWidth])
  const y = scaleLinear([0, most], [top + panelHeight, top]).nice()
  const at = (value: number, scale: (v: number) => number) => scale(value).toFixed(1)
  const model = (t: number) => kww.alpha * Math.exp(-((t / kww.tau) ** kww.beta)) + 1 - kww.alpha
  const dots = Array.from(
    acf.subarray(1),
    (value, i) => `<circle cx="${at(i + 1, x)}" cy="${at(value, y)}" r="1.8" fill="#8a8f98"/>`,
  )
  const curve = Array.from(
    { length: lags },
    (_, i) =>
      `${i === 0 ? 'M' : 'L'}${at(i + 1, x)},${at(Math.max(0, Math.min(most, model(i + 1))), y)}`,
  ).join('')
  const ticks = (values: number[], draw: (v: number) => string) => values.map(draw).join('')
  return [
    `<text x="${left}" y="20" font-size="14">${escapeXml(word)} <tspan fill="#666">importance ${importance.toFixed(1)}</tspan></text>`,
    `<path d="M${left},${top}V${top + panelHeight}H${panelWidth}" fill="none" stroke="#222"/>`,
    ticks(
      y.ticks(4),
      (v) =>
        `<text x="${left - 6}" y="${at(v, y)}" dy="0.32em" text-anchor="end">${y.tickFormat(4)(v)}</text>`,
    ),
    ticks(
      x.ticks(5),
      (v) => `<text x="${at(v, x)}" y="${top + panelHeight + 15}" text-anchor="middle">${v}</text>`,
    ),
    `<text x="${(left + panelWidth) / 2}" y="${top + panelHeight + 30}" text-anchor="middle">sentences</text>`,
    ...dots,
    `<line x1="${at(1, x)}" x2="${at(lags, x)}" y1="${at(step.level, y)}" y2="${at(step.level, y)}" stroke="#c0632a" stroke-dasharray="5 4"/>`,
    `<path d="${curve}" fill="none" stroke="#3b6ea5" stroke-width="1.6"/>`,
  ].join('')
}
