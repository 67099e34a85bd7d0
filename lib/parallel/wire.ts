// Values on their way between the program and a worker. Structured clone does most of it; what it cannot do is found
// beforehand and replaced by marks: shared memory goes by reference, and between processes so do large arrays, whose
// bytes are then copied once into shared memory instead of through a pipe.
import { types } from 'node:util'
import { TaskError } from './errors.js'
import { type Address, adopt, createMemory, type Memory, memoryOf, openMemory } from './memory.js'
import { isReferable, reference } from './reference.js'
import { type Staged, stageForGood, Staging, takeCopy, takeView } from './staging.js'
import { copyNumbers } from './tray.js'

/**
 * Arrays of at least so many bytes go to and from processes by shared memory. Measured with
 * `node bench/parallel.mjs --only threshold`: docs/performance.md has the figures.
 */
export const sharedAbove = 256 * 1024

/**
 * How it is from the program to its worker: a thread; a process of this machine; a rank of an MPI job that sees this
 * machine's shared memory, or one that does not. Ranks get large arrays by MPI, straight from where they lie.
 */
export type Way = 'threads' | 'processes' | 'ranks' | 'distant ranks'

/** A value as it is sent. `marked`: there are marks in it. */
export interface Packed {
  value: unknown
  marked: boolean
}

type Numbers = Float64Array<ArrayBuffer>

/** Values one after another: numbers alone as one array, which is an order of magnitude cheaper to send. */
export type Values = readonly unknown[] | Numbers

/** The same as it is sent. */
export type Items = { numbers: Numbers } | { packed: Packed }

/** Bytes that are staged at this moment, by their buffer and place in it, with how many senders need them. */
export type Copies = Map<ArrayBufferLike, Map<string, { staged: Staged; users: number }>>

/** What a sender has to keep until the other side has the values. */
export interface Keep {
  /** Given back in the end. */
  staged: (() => void)[]
  /** Holds shared memory, so that it is still there when the other side opens it. */
  alive: unknown[]
  copies: Copies
  /** What may be moved instead of copied. */
  transfer: object[]
  /** Kept as long as the pool: all workers may see the same memory. */
  isForGood: boolean
}

/** With the `copies` of a call, an array that several of its tasks get at the same time is staged once. */
export function newKeep(copies: Copies = new Map()): Keep {
  return { staged: [], alive: [], copies, transfer: [], isForGood: false }
}

/** For what every worker gets, those that replace others as well. */
export function keepForGood(): Keep {
  return { ...newKeep(), isForGood: true }
}

export function closeKeep(keep: Keep): void {
  for (const release of keep.staged) release()
  keep.staged = []
  keep.alive = []
}

/** A value whose memory is given away; see {@link move}. */
export class Moved<T = unknown> {
  readonly value: T
  constructor(value: T) {
    this.value = value
  }
}

/**
 * Gives an array's memory away instead of copying it, as an argument of a task or as its result: the
 * sender's array has no elements afterwards. Between threads only; to a process it is copied as ever.
 *
 * @example
 * ```ts
 * import { move, ThreadPoolExecutor } from 'numcore/parallel'
 * const pool = new ThreadPoolExecutor({ maxWorkers: 1 })
 * const data = new Float64Array([3, 4])
 * console.log(await pool.submit((x) => Math.hypot(...x), move(data)), data.length) // 5 0
 * await pool.close()
 * ```
 */
export function move<T extends ArrayBufferView | ArrayBuffer>(value: T): T {
  return new Moved(value) as unknown as T
}

type Mark =
  | ['reference', string, Address | SharedArrayBuffer, readonly unknown[]]
  | ['view', string, Address, number, number]
  | ['copy' | 'for good', string, Address, number]
  | ['content', string, Uint8Array, readonly unknown[]]

const fewChildren = 8
const fewLevels = 4

export class Wire {
  readonly #way: Way
  // Nobody's data has a key that was invented for this pool.
  readonly #mark: string
  readonly #staging = new Staging()

  constructor(way: Way, mark: string) {
    this.#way = way
    this.#mark = mark
  }

  /** Gives back what is kept for the next arrays. */
  close(): void {
    this.#staging.close()
  }

  packItems(values: Values, keep: Keep): Items {
    const numbers = values instanceof Float64Array ? values : toNumbers(values)
    if (numbers !== undefined) {
      const isLarge = this.#way === 'processes' && numbers.byteLength >= sharedAbove
      if (isLarge) return { packed: this.pack(numbers, keep) }
      keep.transfer.push(numbers.buffer)
      return { numbers }
    }
    return { packed: this.pack(values, keep) }
  }

  /** The values, at once when nothing has to be loaded for them. */
  unpackItems(items: Items): Values | Promise<Values> {
    if ('numbers' in items) return items.numbers
    const { value, marked } = items.packed
    return marked ? (this.unpack(items.packed) as Promise<Values>) : (value as Values)
  }

  /** @throws TaskError for what cannot be sent: functions, symbols, and memory between threads to a process. */
  pack(value: unknown, keep: Keep): Packed {
    if (!this.#needsMarks(value, new Set(), 0)) return { value, marked: false }
    return { value: this.#replace(value, keep, new Map()), marked: true }
  }

  async unpack({ value, marked }: Packed): Promise<unknown> {
    if (!marked) return value
    // The classes are loaded where they are used: most workers never see one.
    const { revive } = await import('./revivers.js')
    return this.#restore(value, new Set(), revive)
  }

  #isSpecial(value: object): boolean {
    if (isReferable(value) || value instanceof Moved) return true
    const buffer = ArrayBuffer.isView(value) ? value.buffer : value
    if (!types.isAnyArrayBuffer(buffer)) return false
    if (this.#way === 'threads') return memoryOf(buffer)?.address !== undefined
    if (types.isSharedArrayBuffer(buffer)) {
      throw new TaskError(
        'Expected memory that processes can share but received a SharedArrayBuffer, which is between threads: ' +
          "use a SharedArray with between: 'processes', or a ThreadPoolExecutor",
      )
    }
    // Its bytes travel as those of any array.
    if (this.#way === 'distant ranks') return false
    if (memoryOf(buffer) !== undefined) return true
    return this.#way === 'processes' && (value as { byteLength: number }).byteLength >= sharedAbove
  }

  // Looks at everything that structured clone would send. Of many tiny inputs this is a good part of what sending costs:
  // so small containers are looked at again rather than remembered, as long as they are not deep inside.
  #needsMarks(value: unknown, seen: Set<object>, depth: number): boolean {
    if (typeof value === 'function' || typeof value === 'symbol') {
      throw new TaskError(
        `Expected data that can be sent to a worker but received a ${typeof value}` +
          (typeof value === 'function' ? `, '${value.name}'` : ''),
      )
    }
    if (typeof value !== 'object' || value === null) return false
    if (!isPlain(value) && this.#isSpecial(value)) return true
    const children = childrenOf(value)
    if (depth > fewLevels || children.length > fewChildren) {
      if (seen.has(value)) return false
      seen.add(value)
    }
    for (let i = 0; i < children.length; i++) {
      const child = children[i]
      if (typeof child === 'number' || typeof child === 'string') continue
      if (this.#needsMarks(child, seen, depth + 1)) return true
    }
    return false
  }

  // A copy of the containers, with marks in the place of what is special.
  #replace(value: unknown, keep: Keep, copies: Map<object, unknown>): unknown {
    if (typeof value !== 'object' || value === null) return value
    const made = copies.get(value)
    if (made !== undefined) return made
    if (this.#isSpecial(value)) {
      const mark = this.#toMark(value, keep)
      copies.set(value, mark)
      return mark
    }
    return copyContainer(value, copies, (child) => this.#replace(child, keep, copies))
  }

  #toMark(value: object, keep: Keep): unknown {
    if (value instanceof Moved) return this.#move(value.value as object, keep)
    const mark = (...content: Mark) => ({ [this.#mark]: content })
    if (isReferable(value)) {
      const { kind, memory, details, copyable = false } = value[reference]()
      const address = this.#addressOf(memory)
      if (this.#way === 'distant ranks') {
        if (!copyable) throw new TaskError(notHere(kind))
        return mark('content', kind, new Uint8Array(memory.buffer), details)
      }
      keep.alive.push(memory)
      return mark('reference', kind, address, details)
    }
    const { buffer, byteOffset, byteLength } = bytesOf(value)
    const memory = memoryOf(buffer)
    const type = value.constructor.name
    if (memory?.address !== undefined) {
      keep.alive.push(memory)
      const length = 'length' in value ? (value.length as number) : byteLength
      return mark('view', type, memory.address, byteOffset, length)
    }
    const staged = this.#stage(buffer, byteOffset, byteLength, keep)
    if (staged === undefined) return value
    return mark(keep.isForGood ? 'for good' : 'copy', type, staged.address, byteLength)
  }

  #move(value: object, keep: Keep): unknown {
    if (this.#way !== 'threads') return this.#replace(value, keep, new Map())
    const { buffer } = bytesOf(value)
    if (buffer instanceof ArrayBuffer && memoryOf(buffer) === undefined) keep.transfer.push(buffer)
    return value
  }

  #addressOf(memory: Memory): Address | SharedArrayBuffer {
    if (memory.address !== undefined) return memory.address
    if (this.#way === 'threads') return memory.buffer as SharedArrayBuffer
    throw new TaskError(
      "Expected shared memory made with between: 'processes' but received one between threads, which no other " +
        'process can see',
    )
  }

  #stage(buffer: ArrayBufferLike, offset: number, length: number, keep: Keep): Staged | undefined {
    const { copies } = keep
    const known = copies.get(buffer) ?? new Map<string, { staged: Staged; users: number }>()
    const place = `${offset}+${length}`
    let entry = known.get(place)
    if (entry === undefined) {
      const bytes = new Uint8Array(buffer, offset, length)
      const staged = keep.isForGood ? stageForGood(bytes) : this.#staging.put(bytes)
      if (staged === undefined) return undefined
      entry = { staged, users: 0 }
      copies.set(buffer, known.set(place, entry))
    }
    const used = entry
    used.users++
    keep.staged.push(() => {
      if (--used.users > 0) return
      used.staged.close()
      known.delete(place)
      if (known.size === 0) copies.delete(buffer)
    })
    return used.staged
  }

  // In place: what was received is ours.
  #restore(value: unknown, seen: Set<object>, revive: Revive): unknown {
    if (typeof value !== 'object' || value === null || seen.has(value)) return value
    const mark = (value as Record<string, unknown>)[this.#mark] as Mark | undefined
    if (mark !== undefined) return fromMark(mark, revive)
    seen.add(value)
    const again = (child: unknown) => this.#restore(child, seen, revive)
    if (value instanceof Map) {
      const entries = [...value]
      value.clear()
      for (const [key, each] of entries) value.set(again(key), again(each))
    } else if (value instanceof Set) {
      const members = [...value]
      value.clear()
      for (const each of members) value.add(again(each))
    } else if (isContainer(value)) {
      const record = value as Record<string, unknown>
      for (const key of Object.keys(record)) {
        const child = record[key]
        if (typeof child === 'object') record[key] = again(child)
      }
    }
    return value
  }
}

const notHere = (kind: string) =>
  `Expected data that can be sent to a rank that does not see this machine's memory but received a ${kind}`

type Revive = (kind: string, memory: Memory, details: readonly unknown[]) => object

function toNumbers(values: readonly unknown[]): Numbers | undefined {
  if (typeof values[0] !== 'number') return undefined
  const numbers = new Float64Array(values.length)
  return copyNumbers(values, 0, values.length, numbers) ? numbers : undefined
}

type ViewConstructor = new (buffer: ArrayBufferLike, offset: number, length: number) => object

// A Buffer is made by a function that has its own idea of lengths.
function viewOf(type: string, buffer: ArrayBufferLike, offset: number, length: number): object {
  if (type === 'Buffer') return Buffer.from(buffer as ArrayBuffer, offset, length)
  const View = (globalThis as unknown as Record<string, ViewConstructor>)[type]
  return View === undefined
    ? new Uint8Array(buffer, offset, length)
    : new View(buffer, offset, length)
}

function fromMark(mark: Mark, revive: Revive): object {
  if (mark[0] === 'reference') {
    const [, kind, where, details] = mark
    const memory = where instanceof SharedArrayBuffer ? adopt(where) : openMemory(where)
    return revive(kind, memory, details)
  }
  if (mark[0] === 'content') {
    const [, kind, bytes, details] = mark
    const memory = createMemory(bytes.length, 'processes')
    new Uint8Array(memory.buffer).set(bytes)
    return revive(kind, memory, details)
  }
  if (mark[0] === 'view') {
    const [, type, address, offset, length] = mark
    const { buffer } = openMemory(address)
    return type === 'ArrayBuffer' ? buffer : viewOf(type, buffer, offset, length)
  }
  const [kind, type, address, byteLength] = mark
  const buffer = kind === 'copy' ? takeCopy(address) : takeView(address)
  if (type === 'ArrayBuffer') return buffer
  const { BYTES_PER_ELEMENT: size = 1 } =
    (globalThis as unknown as Record<string, { BYTES_PER_ELEMENT?: number }>)[type] ?? {}
  return viewOf(type, buffer, 0, byteLength / size)
}

function bytesOf(value: object): {
  buffer: ArrayBufferLike
  byteOffset: number
  byteLength: number
} {
  if (ArrayBuffer.isView(value)) return value
  const buffer = value as ArrayBuffer
  return { buffer, byteOffset: 0, byteLength: buffer.byteLength }
}

// Structured clone looks into arrays, maps, sets and objects of no built-in class; of others it knows what they are.
function isContainer(value: object): boolean {
  if (Array.isArray(value)) return true
  if (ArrayBuffer.isView(value)) return false
  return isPlain(value) || (!types.isExternal(value) && !isBuiltIn(value))
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}

function isBuiltIn(value: object): boolean {
  return (
    types.isAnyArrayBuffer(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isNativeError(value) ||
    types.isBoxedPrimitive(value) ||
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value)
  )
}

function childrenOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value instanceof Map) return [...value.keys(), ...value.values()]
  if (value instanceof Set) return [...value]
  return isContainer(value) ? Object.values(value) : []
}

/** The memory of all arrays in a value, for who gives all of it away. */
export function buffersOf(value: unknown): ArrayBuffer[] {
  const seen = new Set<object>()
  const found: ArrayBuffer[] = []
  const look = (each: unknown) => {
    if (typeof each !== 'object' || each === null || seen.has(each)) return
    seen.add(each)
    if (ArrayBuffer.isView(each)) look(each.buffer)
    else if (types.isArrayBuffer(each)) found.push(each)
    else for (const child of childrenOf(each)) look(child)
  }
  look(value)
  return found
}

function copyContainer(
  value: object,
  copies: Map<object, unknown>,
  again: (child: unknown) => unknown,
): unknown {
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    copies.set(value, copy)
    for (const child of value as unknown[]) copy.push(again(child))
    return copy
  }
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>()
    copies.set(value, copy)
    for (const [key, child] of value) copy.set(again(key), again(child))
    return copy
  }
  if (value instanceof Set) {
    const copy = new Set<unknown>()
    copies.set(value, copy)
    for (const child of value) copy.add(again(child))
    return copy
  }
  if (!isContainer(value)) return value
  const copy: Record<string, unknown> = {}
  copies.set(value, copy)
  for (const [key, child] of Object.entries(value)) copy[key] = again(child)
  return copy
}
