import assert from 'node:assert/strict'
import {
  type Report,
  renderHtml,
  renderRoofline,
  renderSvg,
  renderText,
  report as render,
  reportFormats,
  sameBits,
  toCsv,
  toMarkdown,
} from 'numcore/scaling'
import { sampleReport } from './fixtures/report.js'
import { internal } from './internal.js'

const entity = /&(?:[a-z]+|#\d+);/g
const voidElements = new Set(['meta', 'link'])

/** Throws unless every element is closed in order, every attribute quoted once, every & an entity. */
function assertWellFormed(source: string): void {
  const open: string[] = []
  const text = source.replace(/<style>[^<]*<\/style>/g, '').replace(/^<!doctype html>/, '')
  let end = 0
  for (const { 0: tag, index } of text.matchAll(/<[^>]*>/g)) {
    assert.doesNotMatch(text.slice(end, index).replace(entity, ''), /[&>]/)
    end = index + tag.length
    const match = /^<(\/?)([a-z][\w-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>$/i.exec(tag)
    assert.ok(match, `not a tag: ${tag}`)
    const [, closing, name = '', attributes = '', empty] = match
    assert.doesNotMatch(attributes.replace(entity, ''), /&/)
    const names = [...attributes.matchAll(/([\w:-]+)=/g)].map((each) => each[1])
    const values = attributes.replace(/="[^"]*"/g, '')
    assert.equal(new Set(names).size, names.length, `twice in ${tag}: ${values}`)
    if (closing) assert.equal(open.pop(), name, `at ${tag}`)
    else if (!empty && !voidElements.has(name)) open.push(name)
  }
  assert.deepEqual(open, [])
  assert.equal(text.slice(end).trim(), '')
}

function parseCsv(text: string): string[][] {
  return text
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
    )
}

/** Pixels of a decade along x: two ticks that are one apart. */
function widthOfDecade(svg: string): number {
  const ticks = [...svg.matchAll(/x="([\d.]+)" y="270" text-anchor="middle">([\d.]+)</g)].map((match) => ({
    at: Number(match[1]),
    value: Number(match[2]),
  }))
  const [first, last] = [ticks[0], ticks.at(-1)]
  assert.ok(first && last && first !== last)
  return (last.at - first.at) / Math.log10(last.value / first.value)
}

describe('scaling renderers', () => {
  it('CSV: a head and one line a point, every line as long, numbers with all their digits', () => {
    const report = sampleReport()
    const third = report.tasks[0]?.points[1]
    if (third) third.seconds.median = 1 / 3
    const lines = parseCsv(toCsv(report))
    assert.deepEqual(lines.pop(), [''])
    assert.equal(lines.length, 8)
    const [head = [], ...rows] = lines
    for (const row of rows) assert.equal(row.length, head.length)
    const cell = (row: number, name: string) => rows[row]?.[head.indexOf(name)]
    assert.equal(cell(1, 'threads'), '2')
    assert.equal(Number(cell(1, 'median_s')), 1 / 3)
    assert.equal(cell(0, 'karp_flatt'), '')
    assert.equal(cell(2, 'bits'), '0123456789abcdef')
    assert.equal(cell(2, 'runs_s')?.split(' ').length, 3)
    // Peers come after the points of their task.
    assert.deepEqual([cell(4, 'implementation'), cell(4, 'ratio')], ['numpy', '1.04'])
    assert.deepEqual([cell(5, 'reported_threads'), cell(5, 'speedup')], ['', ''])
  })

  it('CSV: commas and quotes in a name are quoted', () => {
    const report = sampleReport()
    const task = report.tasks[1]
    if (task) task.task = 'a,"b"'
    assert.match(toCsv(report), /^"a,""b""",numcore,,,100,1,/m)
    assert.equal(parseCsv(toCsv(report))[7]?.[0], 'a,"b"')
  })

  it('SVG: well-formed, three panels a task, no number that is none', () => {
    const svg = renderSvg(sampleReport())
    assertWellFormed(svg)
    // Three panels for each task, and the peers of one.
    assert.equal(svg.match(/role="group"/g)?.length, 7)
    assert.equal(svg.match(/class="dot"/g)?.length, 12 + 3)
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/)
    assert.match(svg, /Words, &quot;quoted&quot; &amp; &lt;tagged&gt;/)
  })

  it('HTML: well-formed, self-contained, with every number, failures and raw runs', () => {
    const html = renderHtml(sampleReport())
    assertWellFormed(html)
    assert.doesNotMatch(html, /NaN|Infinity|undefined/)
    assert.doesNotMatch(html, /(?:src|href)="(?!#|data:)|@import|url\(|<script/)
    for (const text of [
      'NumPy &lt;1.24&gt;',
      'Haswell kernels',
      'no difference',
      'Limiting: waiting &lt;here&gt;.',
      'Octave with 2 threads failed at the run',
      'Numba was left out',
      'powersave',
      '3100 MHz now',
      '64 %',
      '2.5e−4',
      '1.25',
      '0.625',
      '2.40–2.60',
      '01234567',
      '3.5',
      '0-3,6',
      'SIGSEGV',
      '50',
    ]) {
      assert.ok(html.includes(text), text)
    }
    assert.match(html, /Imaginary &lt;CPU&gt; &amp; &quot;Sons&quot;/)
    assert.match(html, /OPENBLAS_NUM_THREADS=7 \(no say\)/)
  })

  it('figures show time falling, speed-up rising, and the ideal where it belongs', () => {
    const svg = renderSvg(sampleReport())
    const dots = [...svg.matchAll(/class="dot" cx="([\d.]+)" cy="([\d.]+)"/g)].slice(0, 9)
    const [time, speedup, efficiency] = [0, 3, 6].map((start) =>
      dots.slice(start, start + 3).map(([, x, y]) => ({ x: Number(x), y: Number(y) })),
    )
    assert.ok(time && speedup && efficiency)
    const rises = (values: number[]) =>
      values.every((v, i) => i === 0 || v > (values[i - 1] as number))
    for (const dots of [time, speedup, efficiency]) assert.ok(rises(dots.map(({ x }) => x)))
    // y runs downwards.
    assert.ok(rises(time.map(({ y }) => y)))
    assert.ok(rises(speedup.map(({ y }) => -y)))
    assert.ok(rises(efficiency.map(({ y }) => y)))
    // Logarithmic: 1, 2, 4 threads are equally far apart; the same factor in time is the same height.
    const [one, two, four] = time
    assert.ok(one && two && four)
    assert.ok(Math.abs(two.x - one.x - (four.x - two.x)) < 0.2)
    const scale = (two.y - one.y) / Math.log(2 / 1.25)
    assert.ok(Math.abs((four.y - two.y) / Math.log(1.25 / 0.8) - scale) < 0.5)
    // Linear: twice the way from 2 to 4 as from 1 to 2.
    const [a, b, c] = speedup
    assert.ok(a && b && c)
    assert.ok(Math.abs((c.x - b.x) / (b.x - a.x) - 2) < 0.02)
    assert.ok(Math.abs((b.y - c.y) / (a.y - b.y) - 0.9 / 0.6) < 0.02)
  })

  it('text: a table with the rows in line, what failed, and what the bits say', () => {
    const text = renderText(sampleReport())
    assert.match(
      text,
      /^ +2 +1\.250 +1\.238–1\.275 +1\.225 +1\.60 +1\.50–1\.70 +80 % +0\.250 +51\.2 +64 % +1\.90 +2\.5e−4 +01234567$/m,
    )
    assert.match(text, /4 threads: 2\.50 times the speed of 1 thread\.\nLimiting/)
    assert.match(text, /NumPy <1\.24> .* 2 +2 .* 1\.04 +0\.98–1\.10 +no difference/)
    assert.match(text, /numba was left out: it is not installed/)
    assert.match(text, /same to the last bit in every row/)
    assert.match(text, /2 threads failed at the run: crashed \(SIGSEGV\)/)
    assert.match(text, /each run repeats it 50 times and divides/)
    const table = text.split('\n').filter((line) => line.startsWith('  '))
    assert.equal(new Set(table.slice(0, 4).map((line) => line.length)).size, 1)
  })

  it('text: bars are as long as the speed-ups, the ideal is marked', () => {
    const lines = renderText(sampleReport()).split('\n')
    const bars = lines.filter((line) => /^ {2}\d threads? +█/.test(line))
    assert.equal(bars.length, 3)
    const full = bars.map((line) => line.match(/█/g)?.length ?? 0)
    const part = bars.map((line) => line.match(/▒/g)?.length ?? 0)
    // 48 columns for four times the speed: 12 each.
    assert.deepEqual(full, [12, 18, 29])
    assert.deepEqual(part, [0, 2, 2])
    const ideal = bars.map((line) => line.indexOf('│') - line.indexOf('█'))
    assert.deepEqual(ideal, [12, 24, 48])
  })

  it('Markdown: a table a task, as many cells in every line, markup escaped', () => {
    const markdown = toMarkdown(sampleReport())
    const tables = markdown.split('\n\n').filter((part) => part.startsWith('|'))
    assert.equal(tables.length, 4)
    for (const table of tables) {
      const cells = table.trim().split('\n').map((line) => line.replaceAll('\\|', '').split('|').length)
      assert.equal(new Set(cells).size, 1, table)
    }
    assert.match(markdown, /^## Words, "quoted" & \\<tagged\\>$/m)
    assert.match(markdown, /^\| 2 \| 1\.250 \|/m)
    assert.match(markdown, /^- octave with 2 threads failed at the run: out of tune$/m)
    assert.doesNotMatch(markdown, /NaN|Infinity|undefined/)
  })

  it('roofline: the roof bends where memory and arithmetic are equal, points lie at their speed', () => {
    const svg = renderRoofline(sampleReport())
    assertWellFormed(svg)
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/)
    const roofs = [...svg.matchAll(/class="roof" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)H([\d.]+)"/g)].map(
      (match) => match.slice(1).map(Number) as [number, number, number, number, number],
    )
    // One thread and four; both bend at 40 / 10 = 4 flops a byte, and four times the speed is four times as high.
    assert.equal(roofs.length, 2)
    const [one, four] = roofs
    assert.ok(one && four)
    assert.ok(Math.abs(one[2] - four[2]) < 0.2)
    const [xs, ys] = [one[2] - one[0], one[1] - one[3]]
    const decade = (one[3] - four[3]) / Math.log10(4)
    // Half logarithmic of neither: on the slope one decade of intensity is one decade of speed.
    assert.ok(Math.abs(ys / decade / (xs / widthOfDecade(svg)) - 1) < 0.02, `${ys} ${xs} ${decade}`)
    const dots = [...svg.matchAll(/class="dot" cx="([\d.]+)" cy="([\d.]+)"/g)].map((match) => Number(match[2]))
    assert.equal(dots.length, 3)
    // 64 Gflop in 2 s and in 0.8 s: 32 and 80 Gflop/s.
    const apart = ((dots[0] as number) - (dots[2] as number)) / decade
    assert.ok(Math.abs(apart - Math.log10(80 / 32)) < 0.01, String(apart))
    const none = sampleReport()
    none.roofs = []
    assert.match(renderRoofline(none), /No task tells flops and bytes/)
  })

  it('every panel by itself is a document, and has a name of its own', async () => {
    const { renderPanels } = await internal('svg')
    const plots = renderPanels(sampleReport())
    assert.deepEqual(
      plots.map(({ name }) => name),
      [
        ...['inverse-time', 'inverse-speedup', 'inverse-efficiency', 'inverse-peers'],
        ...['acf-time', 'acf-speedup', 'acf-efficiency'],
      ],
    )
    for (const { svg } of plots) assertWellFormed(svg)
  })

  it('report gives every format, text without a format, and names the formats for another', () => {
    const measured = sampleReport()
    for (const format of reportFormats) assert.ok(render(measured, format).length > 100, format)
    assert.equal(render(measured), renderText(measured))
    assert.deepEqual(JSON.parse(render(measured, 'json')), measured)
    assert.throws(() => render(measured, 'pdf' as 'html'), /"markdown".*"html"/)
  })

  it('weak scaling: the ideal time is a level line, bits of other sizes are not compared', () => {
    const report = sampleReport()
    report.settings.scaling = 'weak'
    const [task] = report.tasks
    assert.ok(task)
    task.points.forEach((point, i) => {
      point.size = 10 * (i + 1)
      point.bits = String(i).repeat(16)
    })
    assert.equal(sameBits(task), undefined)
    const [, first, last] = /class="ideal" d="M[\d.]+,([\d.]+)L[\d.]+,([\d.]+)"/.exec(renderSvg(report)) ?? []
    assert.equal(first, last)
    assert.match(renderText(report), /^ +2 +20 +1\.250/m)
  })

  it('a report of nothing, of failures only, of one row, of one run', () => {
    const empty: Report = { ...sampleReport(), tasks: [], partial: true }
    const failed = sampleReport()
    for (const task of failed.tasks) Object.assign(task, { points: [], peers: [], baseline: null })
    const single = sampleReport()
    single.tasks = single.tasks.slice(1)
    const seconds = single.tasks[0]?.points[0]?.seconds
    if (seconds) Object.assign(seconds, { low: 1, median: 1, high: 1, min: 1, runs: [1] })
    for (const report of [empty, failed, single]) {
      assertWellFormed(renderHtml(report))
      assertWellFormed(renderSvg(report))
      assert.doesNotMatch(renderHtml(report) + renderSvg(report), /NaN|Infinity|undefined/)
      assert.ok(renderText(report).length > 0 && toCsv(report).length > 0)
    }
    assert.match(renderText(empty), /partial/)
    assert.match(renderHtml(empty), /Ended early/)
  })

  it('words: no difference, and slower, are said as such', async () => {
    const { outcome, notes } = await internal('words')
    const { machine, tasks } = sampleReport()
    const [task] = tasks
    assert.ok(task)
    task.points = task.points.slice(0, 2)
    const second = task.points[1]
    assert.ok(second)
    second.speedup = { median: 1.02, low: 0.97, high: 1.05 }
    assert.match(outcome(task), /^No difference between 1 thread and 2 threads can be told/)
    second.speedup = { median: 0.6, low: 0.55, high: 0.7 }
    assert.match(outcome(task), /^2 threads take longer than 1 thread: 0\.60 times the speed/)
    assert.equal(sameBits(task), true)
    second.bits = 'ffff'
    assert.equal(sameBits(task), false)
    assert.match(notes(task, machine).join(), /not the same to the last bit/)
    second.cpu.idle = 0.5
    assert.match(notes(task, machine).join(), /waited for their turn kept 50 % of a CPU busy/)
    // Eight CPUs: six others leave two threads alone, seven do not.
    second.cpu.others = 5.9
    assert.doesNotMatch(notes(task, machine).join(), /Other programs/)
    second.cpu.others = 7
    assert.match(notes(task, machine).join(), /Other programs kept up to 7\.0 CPUs busy/)
  })

  it('logarithmic ticks: enough of them, exact, inside', async () => {
    const { logTicks } = await internal('panel')
    assert.deepEqual(logTicks(0.09, 110), [0.1, 1, 10, 100])
    assert.deepEqual(logTicks(0.15, 2.2), [0.2, 0.5, 1, 2])
    for (const [low, high] of [
      [0.6, 1.3],
      [1.01, 1.09],
      [3e-7, 4e-7],
      [0.5, 400],
    ] as const) {
      const ticks = logTicks(low, high)
      assert.ok(ticks.length >= 2, `${low} to ${high}: ${ticks}`)
      assert.ok(ticks.every((tick) => tick >= low && tick <= high))
    }
  })

  it('numbers: one unit a column, ids of CPUs as ranges, control characters made harmless', async () => {
    const { timeFormat, idList, percent } = await internal('format')
    const [task] = sampleReport().tasks
    assert.ok(task)
    assert.equal(timeFormat(task).unit, 's')
    assert.equal(timeFormat(task).text(1.2345), '1.234')
    assert.equal(idList([0, 1, 2, 5, 7, 8]), '0-2,5,7-8')
    assert.equal(idList([3]), '3')
    assert.equal(percent(0.996), '100 %')
    assert.equal(percent(0.036), '3.6 %')
    const { escapeXml } = await internal('xml')
    assert.equal(escapeXml('a\u0001<b>\u{1f600}'), 'a\ufffd&lt;b&gt;\u{1f600}')
  })
})
