// The page: one file that needs nothing else, no script and no network.
import { toCsv } from './csv.js'
import { panelHeight, panels, panelWidth } from './figure.js'
import {
  fraction,
  percent,
  range,
  rate,
  shortBits,
  threadsOf,
  timeFormat,
  times,
} from './format.js'
import { pageCss } from './page-style.js'
import type { Report, TaskReport } from './report.js'
import { figureCss, themeCss } from './theme.js'
import { bestPoint, failureText, machineFacts, noDifference, notes, outcome } from './words.js'
import { escapeXml } from './xml.js'

/**
 * A report as one self-contained HTML page: the machine, for each task what came out, three figures
 * and a table, and all single runs. It follows the reader's light or dark theme, prints, and fits a
 * phone; every point of a figure can be reached with the Tab key and then tells its numbers.
 *
 * @example
 * ```ts
 * import { measure, renderHtml } from 'numcore/scaling'
 * const report = await measure({ tasks: ['integral'], bins: 1e5, repeats: 2, threads: [1] })
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

function partialNotice({ partial, warnings }: Report): string {
  const lines = [
    ...(partial ? ['Ended early: what is here was measured, but not all that was asked for.'] : []),
    ...warnings,
  ]
  return lines.map((text) => `<p class="notice">${escapeXml(sentence(text))}</p>\n`).join('')
}

// What a reader in a hurry takes away: one number a task, grey when it may as well be 1.
function summary({ tasks }: Report): string {
  const items = tasks.flatMap((task, i) => {
    const best = bestPoint(task)
    if (best === undefined) return []
    const { speedup, threads } = best
    return [
      `<li class="c${i % 4}${noDifference(best) ? ' unsure' : ''}"><a href="#${escapeXml(task.task)}">`,
      `<b>${times(speedup.median)}<span>×</span></b> ${escapeXml(task.title)}`,
      `<small>${threadsOf(threads)}, <span>95 % ${range(speedup, times)}</span></small></a></li>`,
    ]
  })
  return items.length === 0 ? '' : `<ul class="summary">${items.join('')}</ul>`
}

function section(task: TaskReport, index: number, { machine }: Report): string {
  const figures = panels(task).map(
    ({ label, svg }) =>
      `<svg viewBox="0 0 ${panelWidth} ${panelHeight}" role="group" aria-label="${escapeXml(label)}">${svg}</svg>`,
  )
  const id = escapeXml(task.task)
  return [
    `<section id="${id}" class="c${index % 4}" aria-labelledby="${id}-title">`,
    `<h2 id="${id}-title">${escapeXml(task.title)}</h2>`,
    `<p class="description">${escapeXml(task.description)}</p>`,
    `<p class="outcome">${escapeXml(outcome(task))}</p>`,
    figures.length > 0 ? `<div class="figure">${figures.join('')}</div>` : '',
    task.points.length > 0 ? pointTable(task) : '',
    ...task.failures.map(
      (failure) => `<p class="notice">${escapeXml(sentence(failureText(failure)))}</p>`,
    ),
    `<p class="notes">${escapeXml(task.points.length > 0 ? notes(task, machine).join(' ') : '')}</p>`,
    '</section>',
  ].join('\n')
}

function pointTable(task: TaskReport): string {
  const time = timeFormat(task)
  const heads = [
    'Threads',
    `Median, ${time.unit}`,
    '95 % interval',
    `Minimum, ${time.unit}`,
    'Speed-up',
    '95 % interval',
    'Efficiency',
    'Serial fraction',
    task.unit,
    'CPUs busy',
    'Bits',
  ]
  const rows = task.points.map(({ threads, seconds, speedup, efficiency, karpFlatt, ...point }) => {
    const base = threads === task.baseline
    return [
      `${threads}<span class="phone"> ${threads === 1 ? 'thread' : 'threads'}</span>`,
      time.text(seconds.median),
      range(seconds, time.text),
      time.text(seconds.min),
      times(speedup.median),
      base ? '–' : range(speedup, times),
      percent(efficiency),
      karpFlatt === null ? '–' : fraction(karpFlatt),
      rate(point.rate),
      point.cpu.busy.toFixed(2),
      `<code>${escapeXml(shortBits(point.bits))}</code>`,
    ]
  })
  return table(`${task.title}: the numbers`, heads, rows, 'points')
}

function machineSection(report: Report): string {
  const items = machineFacts(report).map(
    ([name, value]) => `<div><dt>${escapeXml(name)}</dt><dd>${escapeXml(value)}</dd></div>`,
  )
  return `<section id="machine" aria-labelledby="machine-title"><h2 id="machine-title">Machine</h2><dl>${items.join('')}</dl></section>`
}

function rawSection(report: Report): string {
  const rows = report.tasks.flatMap((task) => {
    const time = timeFormat(task)
    return task.points.map(({ threads, batch, seconds }) => [
      escapeXml(task.title),
      String(threads),
      String(batch),
      `${seconds.runs.map(time.text).join('  ')} ${time.unit}`,
    ])
  })
  const heads = ['Task', 'Threads', 'Evaluations a run', 'Time of each run']
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

function method({ settings, elapsedSeconds }: Report): string {
  return `Every row is a fresh process with <code>OMP_NUM_THREADS</code> set, warmed up once without being
counted and then timed ${settings.repeats} times; the runs of all rows are interleaved in random order
(seed ${settings.seed}), and only one process works at a time. Times are medians with 95 % bootstrap
intervals. All of it took ${elapsedSeconds.toFixed(0)} s.`
}

const sentence = (text: string) => {
  const whole = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}
