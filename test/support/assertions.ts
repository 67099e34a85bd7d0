import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type ErrorCode, NumcoreError } from 'numcore'

/** Asserts that the call throws (or its promise rejects) with this code and a message that matches. */
export async function assertFails(
  action: () => unknown,
  code: ErrorCode,
  message: RegExp,
): Promise<NumcoreError> {
  let error: unknown
  try {
    await action()
  } catch (thrown) {
    error = thrown
  }
  assert.ok(error instanceof NumcoreError, `expected a NumcoreError, got ${String(error)}`)
  assert.equal(error.code, code, error.message)
  assert.match(error.message, message)
  return error
}

/** A hash of an array's bytes, for comparing results to the last bit. */
export function bits(data: ArrayBufferView): string {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * Options with which a job aborts itself when it first tells its progress: it has begun by then, and its promise has
 * not settled, however fast or slow the machine is. A timer could come too late.
 */
export function abortsItself(reason: unknown = new Error('enough')) {
  const controller = new AbortController()
  return { signal: controller.signal, onProgress: () => controller.abort(reason) }
}

export const sleep = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
