// A queue from whose middle things are taken as well. Not a Set: V8 walks over all that was deleted to find the first.
export class Queue<T> {
  #entries: (T | undefined)[] = []
  #head = 0
  readonly #places = new Map<T, number>()

  get size(): number {
    return this.#places.size
  }

  add(each: T): void {
    this.#places.set(each, this.#entries.length)
    this.#entries.push(each)
  }

  /** The one that waits longest; undefined when there is none. */
  take(): T | undefined {
    while (this.#head < this.#entries.length) {
      const first = this.#entries[this.#head]
      this.#entries[this.#head++] = undefined
      if (first === undefined) continue
      this.#places.delete(first)
      return first
    }
    this.#entries = []
    this.#head = 0
    return undefined
  }

  /** Whether it was in the queue. */
  remove(each: T): boolean {
    const place = this.#places.get(each)
    if (place === undefined) return false
    this.#places.delete(each)
    this.#entries[place] = undefined
    return true
  }

  /** All of them, in order; the queue is empty afterwards. */
  takeAll(): T[] {
    const all = [...this.#places.keys()]
    this.#places.clear()
    this.#entries = []
    this.#head = 0
    return all
  }
}
