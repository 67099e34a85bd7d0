/** Buffers as callers give them, and what the add-on gets of them. */
import { invalidArgument, ShapeError } from '../errors.js'
import type { NativeArea, TypedArray } from '../native/mpi.js'
import { checkOptions, expectInteger } from '../options.js'
import { BYTE, Datatype, typeOfArray } from './datatype.js'

/** The result is where the contribution was: give it in place of one of the two buffers. */
export const IN_PLACE: unique symbol = Symbol('IN_PLACE')
export type InPlace = typeof IN_PLACE

export type BufferData = TypedArray | DataView | ArrayBuffer | SharedArrayBuffer

/** A part of an array, or elements of a type other than the array's. A `Matrix` is one too. */
export interface BufferPart {
  data: BufferData
  /** Elements of `type`. Default: as many as there are from `offset` on. */
  count?: number | undefined
  /** Where they start, in elements of `data` (bytes for those that have none). Default 0. */
  offset?: number | undefined
  /** Default: that of the array's elements. */
  type?: Datatype | undefined
}

/** What an upper-case function sends or fills: memory is used where it is, nothing is copied. */
export type BufferLike = BufferData | BufferPart

/** A buffer with a part for each rank. */
export interface VectorPart {
  data: BufferData
  /** Elements for each rank. */
  counts: readonly number[] | TypedArray
  /** Where each rank's part starts, in elements. Default: one after another. */
  displs?: readonly number[] | TypedArray | undefined
  type?: Datatype | undefined
}

/** As the add-on takes it. */
export interface Area {
  data: NativeArea
  count: number
  type: Datatype
}

export interface VectorArea {
  data: NativeArea
  counts: Int32Array | null
  places: Int32Array | null
  type: Datatype
}

const partKeys = ['data', 'count', 'offset', 'type'] as const
const vectorKeys = ['data', 'counts', 'displs', 'type'] as const
const largest = 2 ** 31 - 1

export const nothing: Area = { data: null, count: 0, type: BYTE }
export const noVector: VectorArea = { data: null, counts: null, places: null, type: BYTE }
export const inPlace: Area = { data: true, count: 0, type: BYTE }
export const inPlaceVector: VectorArea = { data: true, counts: null, places: null, type: BYTE }

/** The memory as a typed array, and the type that goes without saying. */
function memory(name: string, data: unknown): { array: TypedArray; type: Datatype } {
  if (ArrayBuffer.isView(data)) {
    if (data instanceof DataView) {
      return { array: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), type: BYTE }
    }
    return { array: data as TypedArray, type: typeOfArray(data as TypedArray) }
  }
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) {
    return { array: new Uint8Array(data), type: BYTE }
  }
  throw invalidArgument('a typed array, or { data } with one,', name, data)
}

function expectType(name: string, type: unknown): Datatype {
  if (type instanceof Datatype) return type
  throw invalidArgument('a Datatype', `${name}.type`, type)
}

/** A Matrix has more than `data`, and all of it is meant. */
function isOwn(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** @internal */
export function areaOf(name: string, given: BufferLike): Area {
  if (ArrayBuffer.isView(given) && !(given instanceof DataView)) {
    return {
      data: given as TypedArray,
      count: given.length,
      type: typeOfArray(given as TypedArray),
    }
  }
  const isPart = typeof given === 'object' && given !== null && 'data' in given
  if (!isPart) {
    const { array, type } = memory(name, given)
    return { data: array, count: array.length, type }
  }
  const part = isOwn(given) ? checkOptions<BufferPart>(name, given, partKeys) : given
  const { array, type: natural } = memory(`${name}.data`, part.data)
  if (!isOwn(given)) return { data: array, count: array.length, type: natural }
  const { offset = 0, type = natural } = part as BufferPart
  const at = expectInteger(`${name}.offset`, offset, 0, array.length)
  const data = at === 0 ? array : (array.subarray(at) as TypedArray)
  const element = expectType(name, type)
  const room = element.extent === 0 ? 0 : Math.floor(data.byteLength / element.extent)
  const count = expectInteger(`${name}.count`, part.count ?? room)
  return { data, count, type: element }
}

/** A buffer with an equal part for each of `ranks`; the count is one rank's. @internal */
export function sharedAreaOf(name: string, given: BufferLike, ranks: number): Area {
  const area = areaOf(name, given)
  if (area.count % ranks !== 0) {
    throw new ShapeError(
      `Expected an equal part for each of ${ranks} ranks in ${name} but received ${area.count} elements of type ` +
        `${(area.data as TypedArray).constructor.name}`,
    )
  }
  return { ...area, count: area.count / ranks }
}

function toIntegers(name: string, given: unknown, length: number): Int32Array {
  const isList = Array.isArray(given) || ArrayBuffer.isView(given)
  if (!isList || (given as ArrayLike<unknown>).length !== length) {
    throw invalidArgument(`${length} integers, one for each rank,`, name, given)
  }
  return Int32Array.from(given as ArrayLike<number>, (value, i) =>
    expectInteger(`${name}[${i}]`, Number(value), 0, largest),
  )
}

/** @internal */
export function vectorOf(name: string, given: VectorPart, ranks: number): VectorArea {
  const part = checkOptions<VectorPart>(name, given, vectorKeys) as VectorPart
  const { array, type: natural } = memory(`${name}.data`, part.data)
  const counts = toIntegers(`${name}.counts`, part.counts, ranks)
  let places: Int32Array
  if (part.displs === undefined) {
    places = new Int32Array(ranks)
    let sum = 0
    counts.forEach((count, i) => {
      places[i] = expectInteger(`the sum of ${name}.counts`, sum, 0, largest)
      sum += count
    })
  } else {
    places = toIntegers(`${name}.displs`, part.displs, ranks)
  }
  return { data: array, counts, places, type: expectType(name, part.type ?? natural) }
}
