// What all figures are made of: the frame of a panel, its axes, and points that tell their numbers. A panel is a
// string of SVG for a viewport of panelWidth x panelHeight; its style is in theme.ts.
import { scaleLinear } from 'd3-scale'

export const panelWidth = 344
export const panelHeight = 296

const margin = { top: 62, right: 18, bottom: 44, left: 46 }
export const left = margin.left
export const right = panelWidth - margin.right
export const top = margin.top
export const bottom = panelHeight - margin.bottom

export interface Panel {
  /** One word, for the name of a file. */
  name: string
  /** What a screen reader is told the panel is. */
  label: string
  /** Elements for a viewport of panelWidth x panelHeight. */
  svg: string
}

export type Scale = (value: number) => number

export interface Tick {
  value: number
  text: string
}

/** A point of a figure, in the panel's own units. */
export interface Dot {
  x: number
  y: number
  /** Ends of its interval, along y or along x. */
  low: number
  high: number
  along: 'x' | 'y'
  /** Single runs, where the panel shows them. */
  runs: readonly number[]
  /** The numbers, shown while the point has focus. Text, not yet XML. */
  tell: string
  /** A class of its own, such as the colour of another task. */
  kind?: string
}

/** Title and subtitle, and everything else that a screen reader need not hear. */
export function frame(title: string, subtitle: string, parts: readonly string[]): string {
  return `<g aria-hidden="true"><text class="title" x="0" y="15">${title}<tspan class="subtitle" dx="8">${subtitle}</tspan></text>${parts.join('')}</g>`
}

/** Horizontal lines with their values at the left. */
export function yAxis(ticks: readonly Tick[], y: Scale): string {
  return ticks
    .filter(({ value }) => y(value) >= top - 1 && y(value) <= bottom + 1)
    .map(
      ({ value, text }) =>
        (bottom - y(value) < 3 ? '' : `<path class="grid" d="M${left} ${at(y(value))}H${right}"/>`) +
        `<text class="tick" x="${left - 8}" y="${at(y(value) + 4)}" text-anchor="end">${text}</text>`,
    )
    .join('')
}

/** The base line with its marks, the values of those that have room, and the name of the axis. */
export function xAxis(ticks: readonly Tick[], x: Scale, name: string, room = 22): string {
  const labelled = new Set(spaced(ticks.map(({ value }) => value), x, room))
  const marks = ticks.map(({ value, text }) => {
    const label = labelled.has(value)
      ? `<text class="tick" x="${at(x(value))}" y="${bottom + 18}" text-anchor="middle">${text}</text>`
      : ''
    return `<path class="axis" d="M${at(x(value))} ${bottom}v4"/>${label}`
  })
  return [
    `<path class="axis" d="M${left} ${bottom}H${right}"/>`,
    ...marks,
    `<text class="tick" x="${(left + right) / 2}" y="${bottom + 37}" text-anchor="middle">${name}</text>`,
  ].join('')
}

// A point is one thing to a reader: its numbers as a label, and as a line of text at a fixed place
// under the title, where neither a finger nor another point hides it. No script is needed for that.
export function drawDot({ x, y, low, high, along, runs, tell, kind = '' }: Dot, last: boolean): string {
  const [cx, cy] = [at(x), at(y)]
  const [from, to] = [at(low), at(high)]
  const bar =
    Math.abs(low - high) < 3
      ? ''
      : along === 'y'
        ? `<path class="interval" d="M${cx} ${from}V${to}M${at(x - 4)} ${from}h8M${at(x - 4)} ${to}h8"/>`
        : `<path class="interval" d="M${from} ${cy}H${to}M${from} ${at(y - 4)}v8M${to} ${at(y - 4)}v8"/>`
  const name = ['point', last ? 'last' : '', kind].filter((each) => each !== '').join(' ')
  return [
    `<g class="${name}" tabindex="0" role="img" aria-label="${tell}">`,
    `<circle class="target" cx="${cx}" cy="${cy}" r="15"/>`,
    ...runs.map((run) => `<circle class="run" cx="${at(x + 11)}" cy="${at(run)}" r="1.6"/>`),
    bar,
    `<circle class="ring" cx="${cx}" cy="${cy}" r="8.5"/>`,
    `<circle class="dot" cx="${cx}" cy="${cy}" r="4.5"/>`,
    `<text class="tell" x="0" y="35">${tell}</text>`,
    '</g>',
  ].join('')
}

/** Ticks of a logarithmic axis: 1, 2, 5 where the range is wide, else enough to read a slope from. */
export function logTicks(low: number, high: number): number[] {
  const decades: number[] = []
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); ++e) decades.push(e)
  for (const digits of [[1], [1, 2, 5], [1, 2, 3, 4, 6, 8]]) {
    const ticks = decades
      // Through text: 3 * 10 ** -1 is not the number that is written 0.3.
      .flatMap((e) => digits.map((digit) => Number(`${digit}e${e}`)))
      .filter((tick) => tick >= low && tick <= high)
    if (ticks.length >= 4) return ticks
  }
  return scaleLinear().domain([low, high]).ticks(4)
}

// Thread counts crowd at the left of a linear axis: of those too close, the larger is labelled.
function spaced(values: readonly number[], x: Scale, least: number): number[] {
  const kept: number[] = []
  for (const value of [...values].reverse()) {
    const next = kept.at(-1)
    if (next === undefined || x(next) - x(value) >= least) kept.push(value)
  }
  return kept
}

export const at = (value: number) => Math.round(value * 10) / 10
export const plain = (value: number) => String(Number(value.toPrecision(6)))
