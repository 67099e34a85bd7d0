/** One number that several workers see. */
import { invalidArgument } from '../errors.js'
import { expectOneOf } from '../options.js'
import { createMemory, type Memory, releaseMemory } from './memory.js'
import { type Referable, type Reference, reference } from './reference.js'
import {
  checkBetween,
  type ElementOf,
  expectPresent,
  Revived,
  type SharedArrays,
  type SharedOptions,
  type SharedType,
  sharedTypes,
  viewConstructors,
} from './shared-array.js'

/**
 * A number in memory that tasks in other threads and processes see; the scalar beside
 * {@link SharedArray}, sent and freed as that one is.
 *
 * `value` is read and written without protection: `counter.value += 1` reads, adds and writes, and what
 * others wrote in between is lost. `add` is atomic.
 *
 * @example
 * ```ts
 * import { ProcessPoolExecutor, SharedValue } from 'numcore/parallel'
 * const counter = new SharedValue('int32', 100)
 * const pool = new ProcessPoolExecutor({ maxWorkers: 2 })
 * await pool.starmap((count, by) => { count.add(by) }, [[counter, 1], [counter, 2], [counter, 3]])
 * console.log(counter.value) // 106
 * await pool.close()
 * ```
 */
export class SharedValue<T extends SharedType = 'float64'> implements Referable, Disposable {
  readonly type: T
  readonly #view: SharedArrays[T]
  readonly #memory: Memory

  constructor(type: T, value?: ElementOf<T>, options?: SharedOptions) {
    const between = checkBetween('SharedValue', options)
    this.type = expectOneOf('type', type, sharedTypes) as T
    const given = value as unknown
    // Eight bytes whatever the type: `add` to a float exchanges whole words.
    this.#memory = given instanceof Revived ? given.memory : createMemory(8, between)
    this.#view = new viewConstructors[this.type](this.#memory.buffer, 0, 1) as SharedArrays[T]
    if (!(given instanceof Revived) && value !== undefined) this.value = value
  }

  get value(): ElementOf<T> {
    return this.#view[0] as ElementOf<T>
  }

  set value(value: ElementOf<T>) {
    this.#view[0] = this.#expect('value', value) as never
  }

  /** Adds in one step that nobody can come between, and returns the sum. */
  add(amount: ElementOf<T>): ElementOf<T> {
    this.#expect('amount', amount)
    const view = this.#view
    if (!(view instanceof Float64Array || view instanceof Float32Array)) {
      const before = Atomics.add(view as Int32Array, 0, amount as number)
      // As the memory has it: wrapped around where the type ends.
      return wrap(view, (before as number) + (amount as number)) as ElementOf<T>
    }
    const words =
      view instanceof Float64Array
        ? new BigInt64Array(view.buffer, 0, 1)
        : new Int32Array(view.buffer, 0, 1)
    const scratch = view instanceof Float64Array ? new Float64Array(1) : new Float32Array(1)
    const bits = new (words.constructor as Int32ArrayConstructor)(scratch.buffer, 0, 1)
    for (;;) {
      const before = Atomics.load(words as Int32Array, 0)
      bits[0] = before
      scratch[0] = (scratch[0] as number) + (amount as number)
      const after = bits[0] as number
      if (Atomics.compareExchange(words as Int32Array, 0, before, after) === before) {
        return scratch[0] as ElementOf<T>
      }
    }
  }

  /** Frees this thread's part of the memory now. Others keep theirs. */
  [Symbol.dispose](): void {
    releaseMemory(this.#memory)
  }

  [reference](): Reference {
    expectPresent(this.#memory, 'SharedValue')
    return { kind: 'SharedValue', memory: this.#memory, details: [this.type] }
  }

  #expect(name: string, value: unknown): unknown {
    const wanted = this.type === 'bigint64' || this.type === 'biguint64' ? 'bigint' : 'number'
    if (typeof value === wanted) return value
    throw invalidArgument(`a ${wanted}`, name, value)
  }
}

function wrap(view: SharedArrays[SharedType], sum: number): unknown {
  const scratch = new (view.constructor as Int32ArrayConstructor)(1)
  scratch[0] = sum
  return scratch[0]
}
