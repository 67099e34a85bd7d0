/**
 * The engine behind awaited requests. MPI has no thread that works by itself, so somebody has to call it: here the
 * event loop does, on the JavaScript thread, while something is awaited. It looks for a few microseconds at a time,
 * between everything else that the loop has to do, and after some idle milliseconds once a millisecond only.
 */
import { lastStatus, mpi } from './runtime.js'

/** A request as the engine sees it. @internal */
export interface Pending {
  readonly done: boolean
  /** The add-on's request that it waits for, or one of the values below. */
  readonly slot: number
  /** Looks, and goes on as far as it can; true when it has ended, well or badly. */
  poll(): boolean
  /** What it waited for has ended, with `lastStatus`; or failed, with a code. */
  slotEnded(code: number): void
  /** Looks again and again, for some microseconds. */
  spin(microseconds: number): boolean
  /** It has ended: whoever awaits it is told. */
  tell(): void
}

/** Nothing to test: only looking again will tell. @internal */
export const lookAgain = -1
/** It is woken by its mailbox. @internal */
export const asleep = -2

/** Something that hands arrived messages to those who wait for them. @internal */
export interface Source {
  match(): void
}

/** How long one look may last, in microseconds: the answer of a neighbour comes within it. */
const spinTime = 20
/** Milliseconds without anything new after which the engine looks less often. */
const eager = 5
/** Milliseconds in which awaits may go on without a turn of the event loop. */
const longestRun = 1
/** More than this many are looked at together. */
const few = 8

/** Those that somebody awaits; they keep the program alive. */
let awaited: Pending[] = []
/** Those that take several steps: someone has to start the next one, awaited or not. @internal */
export const stepped = new Set<Pending>()
/** Those with receives that wait for a message. @internal */
export const sources = new Set<Source>()

let scheduled = false
let lastNews = 0
let runSince = 0

let slots = new Int32Array(64)
let done = new Int32Array(64)
let codes = new Int32Array(64)
let statuses = new Float64Array(4 * 64)

function reserve(count: number): void {
  if (slots.length >= count) return
  const length = Math.max(count, 2 * slots.length)
  slots = new Int32Array(length)
  done = new Int32Array(length)
  codes = new Int32Array(length)
  statuses = new Float64Array(4 * length)
}

/** Goes on with everything that has steps to take. @internal */
export function takeSteps(): void {
  for (const source of sources) source.match()
  for (const each of stepped) if (each.slot !== asleep) each.poll()
}

function pollTogether(): void {
  const waiting = awaited.filter((each) => !each.done && each.slot >= 0)
  reserve(waiting.length)
  waiting.forEach((each, i) => {
    slots[i] = each.slot
  })
  const count = mpi.testSome(slots, waiting.length, done, statuses, codes)
  for (let i = 0; i < count; i++) {
    lastStatus.set(statuses.subarray(4 * i, 4 * i + 4))
    waiting[done[i] as number]?.slotEnded(codes[i] as number)
  }
}

function pollOneByOne(): void {
  for (const each of awaited) if (!each.done && each.slot >= 0) each.poll()
}

/** Takes out what has ended, in the order in which it was awaited; true when there was any. */
function sweep(): boolean {
  const ended = awaited.filter((each) => each.done)
  if (ended.length === 0) return false
  awaited = awaited.filter((each) => !each.done)
  for (const each of ended) each.tell()
  return true
}

function tick(): void {
  scheduled = false
  runSince = 0
  takeSteps()
  if (awaited.length > few) pollTogether()
  else pollOneByOne()
  let news = sweep()
  const isIdle = performance.now() - lastNews > eager
  if (!news && !isIdle) {
    awaited[0]?.spin(spinTime)
    news = sweep()
  }
  if (news) lastNews = performance.now()
  schedule()
}

function schedule(): void {
  if (scheduled || awaited.length === 0) return
  scheduled = true
  if (performance.now() - lastNews < eager) setImmediate(tick)
  else setTimeout(tick, 1)
}

/** Tells `pending` when it has ended. @internal */
export function watch(pending: Pending): void {
  // Whoever awaits something new expects it soon.
  if (awaited.length === 0) lastNews = performance.now()
  awaited.push(pending)
  schedule()
}

/**
 * Whether an await may end without a turn of the event loop: timers and sockets want theirs as well, however many
 * messages come. @internal
 */
export function mayEndAtOnce(): boolean {
  const now = performance.now()
  if (runSince === 0) runSince = now
  return now - runSince < longestRun
}

/** Looks for a moment at one that is awaited from now on; true when it has ended. @internal */
export function look(pending: Pending): boolean {
  return pending.poll() || (awaited.length === 0 && pending.spin(spinTime))
}

/** Waits for one while others go on. @internal */
export function waitFor(pending: Pending): void {
  for (let looks = 1; !pending.poll(); looks++) {
    takeSteps()
    if (looks % 16 === 0) mpi.yieldCore()
  }
}

/**
 * Lets MPI and everything that was started go on for a moment. For programs that compute for long between starting a
 * request and waiting for it: most implementations of MPI move large messages only while somebody calls them.
 */
export function progress(): void {
  takeSteps()
  // Any call will do: this one looks whether there is a message to ourselves.
  mpi.iprobe(1, 0, 0)
}
