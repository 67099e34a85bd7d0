// Tasks as workers know them: each gets a number, which they are told once.
import { Partial, resolveTask, type TaskFunction, type TaskPlace } from './task.js'
import { closeKeep, type Keep, keepForGood, type Packed, type Wire } from './wire.js'

/** A task by its number, and what a worker is told of it. */
export interface Defined {
  key: number
  place: TaskPlace
  bound: Packed
  keep: Keep
}

export class Definitions {
  readonly #wire: Wire
  readonly #forget: (key: number) => void
  #nextKey = 1
  readonly #byPlace = new Map<string, Defined>()
  readonly #byPartial = new WeakMap<Partial, Defined>()
  readonly #collected = new FinalizationRegistry<Defined>(({ key, keep }) => {
    this.#forget(key)
    closeKeep(keep)
  })

  /** @param forget Hears the number of a partial() that nobody has any more, with its arguments. */
  constructor(wire: Wire, forget: (key: number) => void) {
    this.#wire = wire
    this.#forget = forget
  }

  /** @throws TaskError when workers could not find the task. */
  define(task: TaskFunction): Defined {
    if (task instanceof Partial) {
      const found = this.#byPartial.get(task)
      if (found !== undefined) return found
      const { place, bound } = resolveTask(task)
      const defined = this.#add(place, bound)
      this.#byPartial.set(task, defined)
      this.#collected.register(task, defined)
      return defined
    }
    const { place } = resolveTask(task)
    const name = JSON.stringify(place)
    const found = this.#byPlace.get(name) ?? this.#add(place, [])
    this.#byPlace.set(name, found)
    return found
  }

  #add(place: TaskPlace, bound: readonly unknown[]): Defined {
    const keep = keepForGood()
    return { key: this.#nextKey++, place, bound: this.#wire.pack(bound, keep), keep }
  }
}
