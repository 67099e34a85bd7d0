/** Whether JSON keeps a value as it is. */

/** Objects and arrays that are looked into; more of them, and the look costs as much as it saves. */
const mostObjects = 16
const longestArray = 64

const seen: object[] = []

function isPlainValue(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      // JSON has no NaN, no infinity, and one zero.
      return Number.isFinite(value) && (value !== 0 || 1 / value > 0)
    case 'object':
      return value === null || isPlainObject(value)
    default:
      return false
  }
}

function isPlainObject(value: object): boolean {
  // Twice the same object, or a cycle: JSON would make two of it, or none.
  if (seen.length === mostObjects || seen.includes(value)) return false
  seen.push(value)
  if (Array.isArray(value)) {
    if (Object.getPrototypeOf(value) !== Array.prototype) return false
    // Holes, and properties that are no elements, are lost in JSON.
    if (value.length > longestArray || Object.keys(value).length !== value.length) return false
    return value.every(isPlainValue)
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  for (const key in value) {
    if (!isPlainValue((value as Record<string, unknown>)[key])) return false
  }
  return true
}

/** Whether `JSON.parse(JSON.stringify(value))` is the same as a structured clone of it; false for what is large. @internal */
export function isPlain(value: object): boolean {
  const plain = isPlainObject(value)
  seen.length = 0
  return plain
}
