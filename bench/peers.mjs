// What the benchmarks share: long-lived child processes of ours and of the peers, asked in turn so that a noisy
// minute hits all alike, and the statistics. A peer that is not installed is left out and named.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { info } from 'numcore'

// Where OpenBLAS does not know the processor, peers would run kernels of 2004 and lose for a reason of no interest.
const { coreType, coreTypeSource } = info().openblas
const sameKernels = coreTypeSource === 'numcore' ? { OPENBLAS_CORETYPE: coreType } : {}

/** A process that answers each line we send (a JSON value) with one line (a JSON value). */
export class Peer {
  #child
  #lines
  constructor(name, command, args, variables = {}) {
    this.name = name
    this.#child = spawn(command, args, {
      env: { ...process.env, ...sameKernels, ...variables },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#child.on('error', () => {})
    this.#child.stdin.on('error', () => {})
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }
  /** The answer, or undefined when the process is gone. */
  async ask(request) {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`)
    const { value, done } = await this.#lines.next()
    return done ? undefined : JSON.parse(value)
  }
  close() {
    this.#child.kill()
  }
}

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Asks every peer, `{ name, ask }`, once a round, in an order shuffled by the round's number; all seconds by name. */
export async function rounds(peers, count, request) {
  const seconds = new Map(peers.map(({ name }) => [name, []]))
  for (let round = 0; round <= count; round++) {
    const order = [...peers].sort((a, b) => hash(a.name, round) - hash(b.name, round))
    for (const peer of order) {
      const answer = await peer.ask(request)
      if (answer === undefined) throw new Error(`${peer.name} ended in the middle of a round`)
      // Round 0 is the warm-up.
      if (round > 0) seconds.get(peer.name).push(answer.seconds)
    }
  }
  return seconds
}

function hash(text, seed) {
  let h = seed + 1
  for (const letter of text) h = Math.imul(h ^ letter.charCodeAt(0), 0x9e3779b1) >>> 0
  return h
}

export const spread = (values) =>
  `${Math.min(...values).toPrecision(3)}–${Math.max(...values).toPrecision(3)}`
