// How the peers of a task compare: a band for each peer with a line for each thread count, on a logarithmic axis where twice as long
// and half as long are equally far from the line that is us.
import { scaleLog } from 'd3-scale'
import { range, threadsOf, times } from './format.js'
import { at, bottom, drawDot, frame, left, logTicks, type Panel, plain, right, top, xAxis } from './panel.js'
import type { Peer, TaskReport } from './report.js'
import { same } from './words.js'
import { escapeXml } from './xml.js'

type Compared = Peer & { ratio: NonNullable<Peer['ratio']> }

/** Undefined when no peer was measured beside a row of ours. */
export function peersPanel(task: TaskReport): Panel | undefined {
  const peers = task.peers.filter((peer): peer is Compared => peer.ratio !== null)
  if (peers.length === 0) return undefined
  const low = Math.min(1, ...peers.map(({ ratio }) => ratio.low))
  const high = Math.max(1, ...peers.map(({ ratio }) => ratio.high))
  const room = Math.max((high / low) ** 0.08, 1.1)
  // Names stand at the left of the lines, and are longer than the numbers of an axis.
  const begin = left + 34
  const x = scaleLog()
    .domain([low / room, high * room])
    .range([begin, right])
  // A band for each peer, its thread counts below each other in it.
  const bands = [...new Set(peers.map(({ name }) => name))]
  const height = (bottom - top) / bands.length
  const rows = Math.max(...bands.map((band) => peers.filter(({ name }) => name === band).length))
  const step = Math.min(18, (height - 6) / rows)
  const middle = (band: number) => top + height * (band + 0.5)
  const y = ({ name, threads }: Compared) => {
    const inBand = peers.filter((each) => each.name === name)
    const place = inBand.findIndex((each) => each.threads === threads)
    return middle(bands.indexOf(name)) + (place - (inBand.length - 1) / 2) * step
  }
  const names = bands.map((name, i) => {
    const line = i === 0 ? '' : `<path class="grid" d="M0 ${at(middle(i) - height / 2)}H${right}"/>`
    return `${line}<text class="tick" x="0" y="${at(middle(i) + 4)}">${escapeXml(name)}</text>`
  })
  const us = `<path class="ideal" d="M${at(x(1))} ${top - 6}V${bottom}"/>`
  const ticks = logTicks(low / room, high * room).map((value) => ({ value, text: `${plain(value)}×` }))
  const dots = peers.map((peer, i) => {
    const { name, threads, ratio } = peer
    const what = same(ratio) ? 'no difference' : ratio.median > 1 ? 'slower' : 'faster'
    const tell = `${name}, ${threadsOf(threads)}: ${times(ratio.median)}×, ${range(ratio, times)}, ${what}`
    return drawDot(
      {
        x: x(ratio.median),
        y: y(peer),
        low: x(ratio.low),
        high: x(ratio.high),
        along: 'x',
        runs: [],
        tell: escapeXml(tell),
        kind: same(ratio) ? 'unsure' : '',
      },
      i === peers.length - 1,
    )
  })
  const parts = [...names, xAxis(ticks, x, 'times as long as numcore', 34), us]
  return {
    name: 'peers',
    label: `${task.title}: time of other implementations over ours`,
    svg: frame('Peers', 'their time over ours, few threads above many', parts) + dots.join(''),
  }
}

