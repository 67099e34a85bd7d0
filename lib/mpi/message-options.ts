/** Options of messages. They are looked at in every call, so what is right has to pass quickly. */
import { invalidArgument } from '../errors.js'
import { checkOptions } from '../options.js'
import { Status } from './status.js'

export interface SendOptions {
  /** The rank that gets it. */
  dest: number
  /** Told apart by the receiver; from 0. Default 0. */
  tag?: number | undefined
}

export interface RecvOptions {
  /** The rank that it comes from. Default `ANY_SOURCE`. */
  source?: number | undefined
  /** Default `ANY_TAG`. */
  tag?: number | undefined
  /** Gets what is known of the message. */
  status?: Status | undefined
}

export interface AwaitedRecvOptions extends Omit<RecvOptions, 'status'> {
  /** Cancels the receive; who awaits it gets the signal's reason. */
  signal?: AbortSignal | undefined
}

export interface ProbeOptions {
  source?: number | undefined
  tag?: number | undefined
  status?: Status | undefined
}

export interface SendrecvOptions {
  dest: number
  source?: number | undefined
  /** Default 0. */
  sendtag?: number | undefined
  /** Default `ANY_TAG`. */
  recvtag?: number | undefined
  status?: Status | undefined
}

export interface RootOptions {
  /** The rank that gives or gets. Default 0. */
  root?: number | undefined
}

export interface Chosen {
  status?: Status | undefined
  signal?: AbortSignal | undefined
}

const sendKeys = ['dest', 'tag'] as const
const recvKeys = ['source', 'tag', 'status'] as const
const awaitedKeys = ['source', 'tag', 'signal'] as const
const sendrecvKeys = ['dest', 'source', 'sendtag', 'recvtag', 'status'] as const

const isInteger = (value: unknown): value is number =>
  typeof value === 'number' && (value | 0) === value

/** @internal */
export function expectRank(name: string, value: unknown): number {
  if (isInteger(value)) return value
  throw invalidArgument('a rank', name, value)
}

function expectTag(name: string, value: unknown): void {
  if (value !== undefined && !isInteger(value)) throw invalidArgument('an integer', name, value)
}

function expectStatus(value: unknown): void {
  if (value !== undefined && !(value instanceof Status)) {
    throw invalidArgument('a Status', 'status', value)
  }
}

/** @internal */
export function checkSend(name: string, options: SendOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument('{ dest }', `options of ${name}`, options)
  }
  for (const key in options) {
    if (key !== 'dest' && key !== 'tag') checkOptions(name, options, sendKeys)
  }
  if (!isInteger(options.dest)) throw invalidArgument('a rank', 'dest', options.dest)
  expectTag('tag', options.tag)
}

const anything: RecvOptions = {}

function checkReceive(
  name: string,
  options: { source?: number | undefined; tag?: number | undefined },
  keys: readonly string[],
): void {
  for (const key in options) if (!keys.includes(key)) checkOptions(name, options, keys)
  if (options.source !== undefined) expectRank('source', options.source)
  expectTag('tag', options.tag)
}

/** @internal */
export function checkRecv(name: string, options: RecvOptions = anything): RecvOptions {
  if (typeof options !== 'object' || options === null) checkOptions(name, options, recvKeys)
  checkReceive(name, options, recvKeys)
  expectStatus(options.status)
  return options
}

/** @internal */
export function checkAwaited(name: string, options: AwaitedRecvOptions = {}): AwaitedRecvOptions {
  checkOptions(name, options, awaitedKeys)
  checkReceive(name, options, awaitedKeys)
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw invalidArgument('an AbortSignal', 'signal', options.signal)
  }
  return options
}

/** @internal */
export function checkSendrecv(name: string, options: SendrecvOptions): void {
  checkOptions(name, options, sendrecvKeys)
  expectRank('dest', options?.dest)
  if (options.source !== undefined) expectRank('source', options.source)
  expectTag('sendtag', options.sendtag)
  expectTag('recvtag', options.recvtag)
  expectStatus(options.status)
}

/** The root, which must be a rank: MPI would only notice where it matters. @internal */
export function rootOf(
  name: string,
  options: RootOptions | undefined,
  size: number,
  keys: readonly string[] = rootKeys,
): number {
  if (options === undefined) return 0
  for (const key in options) if (!keys.includes(key)) checkOptions(name, options, keys)
  const root = expectRank('root', options.root ?? 0)
  if (root < 0 || root >= size) throw invalidArgument(`a rank from 0 to ${size - 1}`, 'root', root)
  return root
}

const rootKeys = ['root'] as const
