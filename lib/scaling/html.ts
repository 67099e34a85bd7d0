// The page: one file that needs nothing else, no script and no network.
import { asRows, type Column, peerColumns, pointColumns } from './columns.js'
import { toCsv } from './csv.js'
import { panels } from './figure.js'
import { layoutOf, percent, range, timeFormat, times } from './format.js'
import { pageCss } from './page-style.js'
import { type Panel, panelHeight, panelWidth } from './panel.js'
import type { Point, Report, TaskReport } from './report.js'
import { colours, rooflinePanel } from './roofline.js'
import { figureCss, themeCss } from './theme.js'
import {
  bestPoint,
  failureText,
  machineFacts,
  missingText,
  noDifference,
  notes,
  reportNotes,
} from './words.js'
import { escapeXml } from './xml.js'

/**
 * A report as one self-contained HTML page: for each task what came out, its figures, a table and its peers; the
 * machine with its roofline, and all single runs. It follows the reader's light or dark theme, prints, and fits a
 * phone; every point of a figure can be reached with the Tab key and then tells its numbers.
 *
 * @example
 * ```ts
 * import { measure, renderHtml } from 'numcore/scaling'
 * const report = await measure({ tasks: ['integral'], bins: 1e5, repeats: 2, threads: [1], roofs: false })
 * console.log(renderHtml(report).startsWith('<!doctype html>')) // true
 * ```
 */
export function renderHtml(report: Report): string {
  const { machine } = report
  const day = new Date(report.started).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>Threads versus time: ${escapeXml(machine.cpu)}</title>
<link rel="icon" href="data:,">
<style>${themeCss}${figureCss}${pageCss}</style>
</head>
<body>
<header>
<h1>Threads versus time</h1>
<p class="lede">${escapeXml(machine.cpu)}, ${machine.available} of ${machine.cpus} CPUs, <time datetime="${escapeXml(report.started)}">${day}</time></p>
${partialNotice(report)}${summary(report)}
</header>
<main>
${report.tasks.map((task, i) => section(task, i, report)).join('\n')}
${machineSection(report)}
${rawSection(report)}
</main>
<footer>
<p>${method(report)}</p>
</footer>
</body>
</html>
`
}

function partialNotice(report: Report): string {
  const early = 'Ended early: what is here was measured, but not all that was asked for.'
  const lines = [...(report.partial ? [early] : []), ...reportNotes(report)]
  return lines.map((text) => `<p class="notice">${escapeXml(sentence(text))}</p>\n`).join('')
}

// What a reader in a hurry takes away: one number a task, grey when it may as well be 1.
function summary({ tasks }: Report): string {
  const items = tasks.flatMap((task, i) => {
    const best = bestPoint(task)
    if (best === undefined) return []
    const { speedup } = best
    return [
      `<li class="c${i % colours}${noDifference(best) ? ' unsure' : ''}"><a href="#${escapeXml(task.task)}">`,
      `<b>${times(speedup.median)}<span>×</span></b> ${escapeXml(task.title)}`,
      `<small>${layoutOf(best)}, <span>95 % ${range(speedup, times)}</span></small></a></li>`,
    ]
  })
  return items.length === 0 ? '' : `<ul class="summary">${items.join('')}</ul>`
}

function section(task: TaskReport, index: number, report: Report): string {
  const id = escapeXml(task.task)
  const lines = [
    ...task.failures.map((failure) => sentence(failureText(failure))),
    ...task.missing.map((missing) => sentence(missingText(missing))),
  ]
  return [
    `<section id="${id}" class="c${index % colours}" aria-labelledby="${id}-title">`,
    `<h2 id="${id}-title">${escapeXml(task.title)}</h2>`,
    task.description === task.title ? '' : `<p class="description">${escapeXml(task.description)}</p>`,
    `<p class="outcome">${escapeXml(task.verdict[0] ?? '')}</p>`,
    listed(task.verdict.slice(1)),
    drawn(panels(task, report)),
    columnTable(`${task.title}: the numbers`, pointColumns(task), 'points'),
    columnTable(`${task.title}: other implementations`, peerColumns(task), 'points peers'),
    ...lines.map((text) => `<p class="notice">${escapeXml(text)}</p>`),
    task.points.length > 0
      ? `<p class="notes">${escapeXml(notes(task, report.machine).join(' '))}</p>`
      : '',
    '</section>',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

const listed = (sentences: readonly string[]) =>
  sentences.length === 0
    ? ''
    : `<ul class="findings">${sentences.map((text) => `<li>${escapeXml(text)}</li>`).join('')}</ul>`

function drawn(figures: readonly Panel[]): string {
  const all = figures.map(
    ({ label, svg }) =>
      `<svg viewBox="0 0 ${panelWidth} ${panelHeight}" role="group" aria-label="${escapeXml(label)}">${svg}</svg>`,
  )
  // Four are two rows of two: one alone in a row would be lost.
  return all.length > 0 ? `<div class="figure n${all.length}">${all.join('')}</div>` : ''
}

function columnTable(caption: string, columns: readonly Column[], kind: string): string {
  const [heads, ...rows] = asRows(columns, 'head')
  if (heads === undefined) return ''
  const cells = rows.map((row) => row.map((cell, i) => shown(cell, heads[i] as string)))
  return table(caption, heads, cells, kind)
}

function shown(cell: string, head: string): string {
  const text = escapeXml(cell)
  if (head === 'Bits' && cell !== '–') return `<code>${text}</code>`
  // Where every row is a block of its own, its heading has to say what it counts.
  return head === 'Threads' ? `${text}<span class="phone"> ${cell === '1' ? 'thread' : 'threads'}</span>` : text
}

function machineSection(report: Report): string {
  const items = machineFacts(report).map(
    ([name, value]) => `<div><dt>${escapeXml(name)}</dt><dd>${escapeXml(value)}</dd></div>`,
  )
  const roofline = rooflinePanel(report)
  return [
    '<section id="machine" aria-labelledby="machine-title"><h2 id="machine-title">Machine</h2>',
    `<div class="machine${roofline === undefined ? '' : ' beside'}"><dl>${items.join('')}</dl>`,
    roofline === undefined ? '' : drawn([roofline]),
    '</div></section>',
  ].join('')
}

const countOf = (point: Point) => ((point.ranks ?? null) === null ? String(point.threads) : layoutOf(point))

function rawSection(report: Report): string {
  const rows = report.tasks.flatMap((task) => {
    const time = timeFormat(task)
    const row = (who: string, threads: string, batch: string, runs: readonly number[]) => [
      escapeXml(task.title),
      escapeXml(who),
      threads,
      batch,
      `${runs.map(time.text).join('  ')} ${time.unit}`,
    ]
    return [
      ...task.points.map((point) => row('numcore', countOf(point), String(point.batch), point.seconds.runs)),
      ...task.peers.map(({ name, threads, seconds }) => row(name, String(threads), '–', seconds.runs)),
    ]
  })
  const heads = ['Task', 'By', 'Threads', 'Evaluations a run', 'Time of each run']
  const data = (type: string, text: string) =>
    `data:${type};charset=utf-8,${encodeURIComponent(text)}`
  const csv = data('text/csv', toCsv(report))
  const json = data('application/json', JSON.stringify(report, null, 2))
  return [
    '<section id="raw" aria-labelledby="raw-title"><h2 id="raw-title">Raw data</h2>',
    '<p class="description">Time of one evaluation in each run, in the order in which they were measured.</p>',
    table('Single runs', heads, rows, 'raw'),
    `<p class="downloads"><a download="scaling.csv" href="${csv}">scaling.csv</a> <a download="scaling.json" href="${json}">scaling.json</a></p>`,
    '</section>',
  ].join('\n')
}

// On a phone each row becomes a block of its own, its cells named by their column: `data-name`.
function table(
  caption: string,
  heads: readonly string[],
  rows: readonly string[][],
  kind: string,
): string {
  const head = heads.map((name) => `<th scope="col">${escapeXml(name)}</th>`).join('')
  const body = rows.map((cells) => {
    const [first, ...rest] = cells.map((cell, i) => ({ cell, name: escapeXml(heads[i] ?? '') }))
    const others = rest.map(({ cell, name }) => `<td data-name="${name}">${cell}</td>`)
    return `<tr><th scope="row" data-name="${first?.name}">${first?.cell}</th>${others.join('')}</tr>`
  })
  return `<table class="${kind}"><caption>${escapeXml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`
}

function method({ settings, elapsedSeconds, noise }: Report): string {
  const { mode, scaling, repeats, precision, seed } = settings
  const process =
    mode === 'process'
      ? 'Every row is a fresh process with <code>OMP_NUM_THREADS</code> set'
      : 'Every task is one process that is told the thread count before each run'
  const often =
    repeats === null
      ? `timed at least five times, and on until the interval was within ${percent(precision)} of the median or the time was up`
      : `timed ${repeats} ${repeats === 1 ? 'time' : 'times'}`
  const work = scaling === 'weak' ? ' The work grows with the thread count.' : ''
  const watched = noise.reference.some((seconds) => seconds > 0)
    ? ' A reference kernel was timed before and after each round; rounds in which it was more than 3 MAD off are left out.'
    : ''
  return `${process}, warmed up without being counted and then ${often}; the runs of all rows are
interleaved in random order (seed ${seed}), and only one process works at a time.${work}${watched} Times are medians with 95 % bootstrap
intervals. All of it took ${elapsedSeconds.toFixed(0)} s.`
}

const sentence = (text: string) => {
  const whole = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}
