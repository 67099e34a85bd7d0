// What each worker does, thread, process or MPI rank: loads task functions, calls them one chunk after another, and
// sends back what they give.
import { type Code, findCode, type Loop, newLoop, type Stop, withBound } from './code.js'
import { TaskError } from './errors.js'
import { encodeThrown } from './failure.js'
import type { Content, FromWorker, Start, ToWorker } from './messages.js'
import { betweenOf, Tray } from './tray.js'
import { closeKeep, type Items, type Keep, newKeep, type Values, Wire } from './wire.js'
import { enterWorker, type WorkerState } from './worker-state.js'

/** How a worker talks to its pool, and what only its kind does. */
export interface Port {
  post(message: FromWorker, transfer: object[]): void
  /** Before anything of the pool runs. */
  enter(message: Start): void | Promise<void>
  /** The pool needs it no more. */
  leave(): void
}

interface Defined {
  code: Code
  bound: unknown[]
  loop: Loop
}

let port: Port
let state: WorkerState
let wire: Wire
let tray: Tray
// In order: a definition may have to load a module before the run that needs it.
let before: Promise<unknown> = Promise.resolve()
const functions = new Map<number, Promise<Defined>>()
let lent: Keep | undefined

function post(message: FromWorker, keep: Keep): void {
  port.post(message, keep.transfer)
}

async function start(message: Start): Promise<void> {
  const { id, depth, mark, way, initializer } = message
  state = { id, depth, loading: 0, running: 0 }
  enterWorker(state)
  wire = new Wire(way, mark)
  tray = new Tray(betweenOf(way))
  await port.enter(message)
  if (initializer) {
    const code = await findCode(initializer.place)
    const args = (await wire.unpack(initializer.args)) as unknown[]
    await duringTask(async () => code(...args))
  }
}

async function duringTask<T>(action: () => Promise<T>): Promise<T> {
  state.running++
  try {
    return await action()
  } finally {
    state.running--
  }
}

async function define(message: ToWorker & { type: 'define' }): Promise<Defined> {
  const code = await findCode(message.place)
  return { code, bound: (await wire.unpack(message.bound)) as unknown[], loop: newLoop() }
}

async function run({ key, spread, items }: ToWorker & { type: 'run' }): Promise<void> {
  let results: Values = []
  let done = 0
  try {
    // First of all, whatever becomes of the task: where the tray is is told with the first numbers that lie in it.
    const laid = 'laid' in items ? tray.open(items.laid) : undefined
    const { code, bound, loop } = (await functions.get(key)) as Defined
    const inputs = laid ?? (await wire.unpackItems(items as Items))
    const call = withBound(code, bound, spread)
    // As long as all are numbers they go to where they are sent from; of numbers, each into the place of its input.
    const areNumbers = inputs instanceof Float64Array
    const numbers = areNumbers ? inputs : new Float64Array(inputs.length)
    results = numbers
    let stopped: Stop | undefined
    if (areNumbers) {
      stopped = loop(call, numbers)
      done = stopped.done
      if (stopped.thrown) throw stopped.thrown[0]
    }
    for (; done < inputs.length; done++) {
      const given = stopped ? stopped.value : call(inputs[done])
      stopped = undefined
      // Waiting costs a turn of the event loop, and most tasks do not wait for anything.
      const value = isThenable(given) ? await given : given
      if (results === numbers && typeof value === 'number') numbers[done] = value
      else {
        if (results === numbers) results = Array.from(numbers.subarray(0, done))
        ;(results as unknown[]).push(value)
      }
    }
    reply(results)
  } catch (error) {
    reply(results.slice(0, done), error)
  }
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}

function reply(results: Values, ...thrown: unknown[]): void {
  const keep = newKeep()
  let error = thrown.length > 0 ? { error: encodeThrown(thrown[0], sendable) } : {}
  try {
    const { length } = results
    send(tray.holds(results) ? { laid: { length } } : wire.packItems(results, keep), keep, error)
    return
  } catch (cause) {
    closeKeep(keep)
    const message = `Expected a result that can be sent back: ${(cause as Error).message}`
    error = { error: encodeThrown(new TaskError(message, { cause }), sendable) }
  }
  send({ packed: { value: [], marked: false } }, newKeep(), error)
}

function send(
  results: Content,
  keep: Keep,
  error: { error?: ReturnType<typeof encodeThrown> },
): void {
  const lends = keep.staged.length > 0 || keep.alive.length > 0
  post({ type: 'ran', results, lent: lends, ...error }, keep)
  if (lends) lent = keep
}

function sendable(value: unknown): boolean {
  try {
    structuredClone(value)
    return !('packed' in wire.packItems([value], newKeep())) || !wire.pack(value, newKeep()).marked
  } catch {
    return false
  }
}

function hear(message: ToWorker): void {
  switch (message.type) {
    case 'start':
      before = start(message).then(
        () => post({ type: 'ready' }, newKeep()),
        (error: unknown) =>
          post({ type: 'not-ready', error: encodeThrown(error, sendable) }, newKeep()),
      )
      break
    case 'define': {
      const defined = before.then(() => define(message))
      // Whoever runs it hears of it.
      defined.catch(() => {})
      functions.set(message.key, defined)
      break
    }
    case 'forget':
      functions.delete(message.key)
      break
    case 'run':
      void duringTask(() => run(message))
      break
    case 'received':
      if (lent) closeKeep(lent)
      lent = undefined
      break
    case 'end':
      port.leave()
      break
  }
}

/** Makes this thread, process or rank a worker; what it gives hears what the pool says. */
export function serve(through: Port): (message: ToWorker) => void {
  port = through
  return hear
}
