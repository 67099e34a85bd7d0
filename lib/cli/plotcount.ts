// `numcore plotcount`: a bar chart of a word count.
import type { Command } from 'commander'
import { scaleBand, scaleLinear } from 'd3-scale'
import { writeWhole } from '../output.js'
import type { WordCount } from '../word-count.js'
import { wholeNumber } from './arguments.js'
import { readCounts } from './counts.js'
import { expectOtherFile } from './inputs.js'

const barWidth = 46
const plotHeight = 320
const margin = { top: 48, right: 20, bottom: 96, left: 84 }
// Wide enough for the title whatever the number of bars.
const leastWidth = 300
const longestLabel = 16

// Control characters are not allowed in XML, not even escaped.
const notXml = /[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]/g

function escapeXml(text: string): string {
  return text
    .replace(notXml, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

function shorten(word: string): string {
  const characters = [...word]
  return characters.length > longestLabel
    ? `${characters.slice(0, longestLabel - 1).join('')}…`
    : word
}

/** The first `n` counts as a bar chart in SVG. */
export function barChart(counts: readonly WordCount[], n: number): string {
  const shown = counts.slice(0, n)
  const plotWidth = Math.max(leastWidth, shown.length * barWidth)
  const width = margin.left + plotWidth + margin.right
  const height = margin.top + plotHeight + margin.bottom
  // By place, not by word: a file may list a word twice.
  const x = scaleBand(
    shown.map((_, i) => i),
    [margin.left, margin.left + plotWidth],
  ).padding(0.2)
  const y = scaleLinear(
    [0, Math.max(1, ...shown.map(({ count }) => count))],
    [margin.top + plotHeight, margin.top],
  ).nice()
  const zero = y(0)
  const title = `${n} most common words`

  const ticks = y.ticks(6).filter(Number.isInteger)
  const grid = ticks.flatMap((tick) => [
    `<line x1="${margin.left}" x2="${margin.left + plotWidth}" y1="${y(tick)}" y2="${y(tick)}" stroke="#ddd"/>`,
    `<text x="${margin.left - 8}" y="${y(tick)}" dy="0.32em" text-anchor="end">${tick.toLocaleString('en')}</text>`,
  ])
  const bars = shown.flatMap(({ word, count }, i) => {
    const left = x(i) ?? 0
    const middle = left + x.bandwidth() / 2
    const label = escapeXml(word)
    return [
      `<rect x="${left}" y="${y(count)}" width="${x.bandwidth()}" height="${zero - y(count)}" fill="#3b6ea5"><title>${label}: ${count}</title></rect>`,
      `<text transform="translate(${middle},${zero + 12}) rotate(-45)" dy="0.32em" text-anchor="end">${escapeXml(shorten(word))}</text>`,
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" font-family="sans-serif" font-size="13" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${margin.left + plotWidth / 2}" y="28" text-anchor="middle" font-size="18">${title}</text>`,
    ...grid,
    ...bars,
    `<line x1="${margin.left}" x2="${margin.left + plotWidth}" y1="${zero}" y2="${zero}" stroke="#222"/>`,
    `<text transform="translate(18,${margin.top + plotHeight / 2}) rotate(-90)" text-anchor="middle">occurrences</text>`,
    '</svg>',
    '',
  ].join('\n')
}

async function plot(countsFile: string, output: string, options: { n: number }) {
  await expectOtherFile(output, [countsFile])
  await writeWhole(output, barChart(await readCounts(countsFile, options.n), options.n))
}

export function register(program: Command): void {
  program
    .command('plotcount')
    .description('a bar chart of the most frequent words')
    .argument('<COUNTS.dat>', 'a word count')
    .argument('<OUT.svg>', 'where the picture goes')
    // A picture of more bars could not be shown.
    .option('-n <N>', 'number of words', wholeNumber(1, 1000), 10)
    .action(plot)
}
