/** Element types, which of them holds two others, and the memory for elements. */
import os from 'node:os'
import { OutOfMemoryError } from '../errors.js'

/** Arrays that hold the elements of a matrix. */
export type Reals = Float64Array | Float32Array

/** `'float64'` or `'float32'`. */
export type RealType = 'float64' | 'float32'

/** `'complex128'` (two doubles a number) or `'complex64'` (two floats). */
export type ComplexType = 'complex128' | 'complex64'

/** NumPy's names of the element types. */
export type ElementType = RealType | ComplexType

export const realTypes = ['float64', 'float32'] as const
export const complexTypes = ['complex128', 'complex64'] as const

export function typeOf(data: Reals): RealType {
  return data instanceof Float64Array ? 'float64' : 'float32'
}

export function isReals(value: unknown): value is Reals {
  return value instanceof Float64Array || value instanceof Float32Array
}

/** The type of the parts of complex numbers, and of real numbers the type itself. */
export function partType(type: ElementType): RealType {
  return type === 'float64' || type === 'complex128' ? 'float64' : 'float32'
}

export function isComplexType(type: ElementType): type is ComplexType {
  return type === 'complex128' || type === 'complex64'
}

/**
 * The smallest type that holds all of the given ones without loss, as NumPy's `result_type` chooses it: float32 and
 * float64 give float64, real and complex give complex, and either of its parts asking for doubles gives doubles.
 *
 * @example
 * ```ts
 * import { resultType } from 'numcore'
 * console.log(resultType('float32', 'float64')) // float64
 * console.log(resultType('float64', 'complex64')) // complex128
 * ```
 */
export function resultType(...types: readonly [ElementType, ...ElementType[]]): ElementType {
  const doubles = types.some((type) => partType(type) === 'float64')
  if (types.some(isComplexType)) return doubles ? 'complex128' : 'complex64'
  return doubles ? 'float64' : 'float32'
}

/** Memory that this process could ever have: the machine's, or what its cgroup grants. */
function memoryLimit(): number {
  const constrained = process.constrainedMemory()
  const total = os.totalmem()
  return constrained > 0 && constrained < total ? constrained : total
}

// Below this many elements nobody need ask how much memory there is, which costs more than a small matrix does.
const little = 2 ** 20

/**
 * A zeroed array of `length` elements, or ERR_OUT_OF_MEMORY: never the kernel's out-of-memory killer.
 *
 * @param name What it is for, in the message: a function where it would have to be put together.
 */
export function allocate(type: RealType, length: number, name: string | (() => string)): Reals {
  if (length <= little)
    return type === 'float64' ? new Float64Array(length) : new Float32Array(length)
  const bytes = length * (type === 'float64' ? 8 : 4)
  const refuse = (cause?: unknown) =>
    new OutOfMemoryError(
      `Not enough memory for ${typeof name === 'string' ? name : name()}: it needs ${(bytes / 2 ** 30).toFixed(1)} GiB, ` +
        `and this process can have ${(memoryLimit() / 2 ** 30).toFixed(1)} GiB in all`,
      { cause },
    )
  // Linux grants more than there is and kills whoever uses it, so the sum is done beforehand.
  if (bytes + process.memoryUsage.rss() > memoryLimit()) throw refuse()
  try {
    return type === 'float64' ? new Float64Array(length) : new Float32Array(length)
  } catch (error) {
    throw refuse(error)
  }
}
