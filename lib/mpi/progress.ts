/**
 * The engine behind awaited requests. MPI has no thread that works by itself, so somebody has to call it: here the
 * event loop does, on the JavaScript thread, while something is awaited. It looks for a few microseconds at a time,
 * between everything else that the loop has to do, and after some idle milliseconds once a millisecond only.
 */
import { lastStatus, mpi } from './runtime.js'

/** A request as the engine sees it. @internal */
export interface Pending {
  readonly done: boolean
  /** Whether its slot is all that it waits for. */
  readonly hasOneStep: boolean
  /** Of its buffer. */
  readonly bytes: number
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
/**
 * Bytes in a millisecond, by which is reckoned how long a message may be on its way: as long the engine looks all the time,
 * because most transports move bytes only while both sides look. The slowest ones that are worth it, and no more: who
 * receives may be at something else.
 */
const slowest = 200_000
/** Milliseconds in which awaits may go on without a turn of the event loop. */
const longestRun = 1
/** So many are looked at together. However many there are, a turn costs no more than what ends in it. */
const together = 64

/** Those of one step that somebody awaits, the oldest first. */
const awaited = new Set<Pending>()
/** How many are awaited, those of several steps too: as long as there are any, the program lives. */
let expected = 0
/** What has ended and has not been told. */
let ended: Pending[] = []
/** Those that take several steps: someone has to start the next one, awaited or not. */
const stepped = new Set<Pending>()
/** Those with receives that wait for a message. */
const sources = new Set<Source>()

let scheduled = false
/** When the engine begins to look less often. */
let eagerUntil = 0
let runSince = 0
/** Where the last look beyond the oldest ended. */
let cursor = awaited.values()

const slots = new Int32Array(together)
const done = new Int32Array(together)
const codes = new Int32Array(together)
const statuses = new Float64Array(4 * together)

/** Takes part from now on, until {@link leave}. @internal */
export const join = (pending: Pending): void => void stepped.add(pending)
/** @internal */
export const leave = (pending: Pending): void => void stepped.delete(pending)
/** @internal */
export const open = (source: Source): void => void sources.add(source)
/** @internal */
export const close = (source: Source): void => void sources.delete(source)

/** Whether something is under way that needs more than MPI to go on: then nothing may block in MPI. @internal */
export function isBusy(): boolean {
  return stepped.size > 0 || sources.size > 0
}

/** Goes on with everything that has steps to take. @internal */
export function takeSteps(): void {
  for (const source of sources) source.match()
  for (const each of stepped) each.poll()
}

/** Looks at some requests at once; how many of them have ended. */
function pollSome(some: readonly Pending[]): number {
  if (some.length === 0) return 0
  some.forEach((each, i) => {
    slots[i] = each.slot
  })
  const count = mpi.testSome(slots, some.length, done, statuses, codes)
  for (let i = 0; i < count; i++) {
    lastStatus.set(statuses.subarray(4 * i, 4 * i + 4))
    const each = some[done[i] as number] as Pending
    awaited.delete(each)
    each.slotEnded(codes[i] as number)
  }
  return count
}

function take(from: Iterator<Pending>): Pending[] {
  const some: Pending[] = []
  while (some.length < together) {
    const next = from.next()
    if (next.done) break
    if (!next.value.done) some.push(next.value)
  }
  return some
}

/** Looks at the oldest, as long as all of them have ended; then at some others, in turn. */
function pollAwaited(): void {
  const oldest = awaited.values()
  while (pollSome(take(oldest)) === together);
  if (awaited.size <= together) return
  const some = take(cursor)
  if (some.length < together) cursor = awaited.values()
  pollSome(some)
}

/** It has ended, and somebody awaits it. @internal */
export function noteEnd(pending: Pending): void {
  ended.push(pending)
}

/** Tells what has ended; true when there was any. */
function tellEnds(): boolean {
  if (ended.length === 0) return false
  const list = ended
  ended = []
  expected -= list.length
  for (const each of list) {
    awaited.delete(each)
    each.tell()
  }
  return true
}

function tick(): void {
  scheduled = false
  runSince = 0
  takeSteps()
  pollAwaited()
  let news = tellEnds()
  if (!news && performance.now() < eagerUntil) {
    const [first] = awaited.size > 0 ? awaited : stepped
    first?.spin(spinTime)
    news = tellEnds()
  }
  if (news) lookFor(eager)
  schedule()
}

function schedule(): void {
  if (scheduled || expected === 0) return
  scheduled = true
  if (performance.now() < eagerUntil) setImmediate(tick)
  else setTimeout(tick, 1)
}

function lookFor(milliseconds: number): void {
  eagerUntil = Math.max(eagerUntil, performance.now() + milliseconds)
}

/** So many bytes are on their way, or soon will be. @internal */
export function noteMoving(bytes: number): void {
  if (bytes > 0) lookFor(bytes / slowest)
}

/** Tells `pending` when it has ended. @internal */
export function watch(pending: Pending): void {
  // Whoever awaits something new expects it soon.
  if (expected === 0) lookFor(eager)
  noteMoving(pending.bytes)
  expected++
  if (pending.done) ended.push(pending)
  else if (pending.hasOneStep) awaited.add(pending)
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
  return pending.poll() || (expected === 0 && pending.spin(spinTime))
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
