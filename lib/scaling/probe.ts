// One child process as its parent sees it: started, asked, ended. Every way in which it can fail to
// answer (an error, a crash, no memory, no answer in time) becomes a ProbeError with a sentence.
import { type ChildProcess, fork } from 'node:child_process'
import type { FromChild, ToChild } from './messages.js'
import type { Failure } from './report.js'

type Stage = Failure['stage']
type Answer<T extends FromChild['type']> = FromChild & { type: T }

/** The child could not do what it was asked; the rest of the measurement is not touched. */
export class ProbeError extends Error {
  readonly stage: Stage
  constructor(stage: Stage, message: string) {
    super(message)
    this.stage = stage
  }
}

/** The caller's signal ended the waiting. */
export class Interrupted extends Error {}

export interface ProbeOptions {
  threads: number
  /** Seconds that one answer may take. */
  timeout: number
  signal: AbortSignal | undefined
}

const childProgram = new URL('./child.js', import.meta.url)
const longestTail = 2000

export class Probe {
  readonly #child: ChildProcess
  readonly #options: ProbeOptions
  /** Resolves to what became of it, when all that it said has been read. */
  readonly #gone: Promise<string>
  readonly #ended: Promise<void>
  #tail = ''

  constructor(options: ProbeOptions) {
    this.#options = options
    this.#child = fork(childProgram, [], {
      // The one variable of the experiment. Everything else is as the caller left it.
      env: { ...process.env, OMP_NUM_THREADS: String(options.threads) },
      // Not the caller's: an inspector's port, say, can be had once only.
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-longestTail)
    })
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', () => resolve())
      this.#child.once('exit', () => resolve())
    })
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve(`could not be started: ${error.message}`))
      this.#child.once('close', (code, signal) => resolve(this.#obituary(code, signal)))
    })
  }

  setUp(
    module: string,
    options: (ToChild & { type: 'set-up' })['options'],
  ): Promise<Answer<'set'>> {
    return this.#ask('set-up', { type: 'set-up', module, options }, 'set')
  }

  warmUp(shortest: number): Promise<Answer<'ready'>> {
    return this.#ask('warm-up', { type: 'warm-up', shortest }, 'ready')
  }

  run(): Promise<Answer<'ran'>> {
    return this.#ask('run', { type: 'run' }, 'ran')
  }

  /** Ends the child, whatever it is doing, and waits until it is gone and its memory is free. */
  async end(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  async #ask<T extends FromChild['type']>(
    stage: Stage,
    question: ToChild,
    wanted: T,
  ): Promise<Answer<T>> {
    const { signal, timeout } = this.#options
    if (signal?.aborted) throw new Interrupted()
    const done = new AbortController()
    try {
      return await new Promise<Answer<T>>((resolve, reject) => {
        const fail = (message: string) => reject(new ProbeError(stage, message))
        const hear = (answer: FromChild) => {
          if (answer.type === wanted) resolve(answer as Answer<T>)
          else fail(answer.type === 'failed' ? answer.message : `answered "${answer.type}"`)
        }
        this.#child.on('message', hear)
        const late = setTimeout(() => fail(`gave no answer within ${timeout} s`), timeout * 1e3)
        const interrupt = () => reject(new Interrupted())
        signal?.addEventListener('abort', interrupt)
        done.signal.addEventListener('abort', () => {
          this.#child.off('message', hear)
          clearTimeout(late)
          signal?.removeEventListener('abort', interrupt)
        })
        void this.#gone.then(fail)
        this.#child.send(question, (error) => {
          // A child that is gone says so itself, and better.
          if (error) void this.#gone.then(fail)
        })
      })
    } finally {
      done.abort()
    }
  }

  #obituary(code: number | null, signal: NodeJS.Signals | null): string {
    const last = lastWords(this.#tail)
    const said = last === '' ? '' : `: ${last}`
    if (/heap out of memory|std::bad_alloc/.test(this.#tail)) return `ran out of memory${said}`
    if (signal === 'SIGKILL') return 'was killed (SIGKILL): out of memory, as a rule'
    if (signal !== null) return `crashed (${signal})${said}`
    return `ended by itself with exit code ${code}${said}`
  }
}

// The line of a crash report that a reader wants: the error, not its stack or Node's version.
function lastWords(tail: string): string {
  const lines = tail.split('\n').map((line) => line.trim())
  const telling = lines.filter((line) => /error|fatal|terminate|what\(\)|assert/i.test(line))
  return (telling.at(-1) ?? lines.findLast((line) => line !== '') ?? '').slice(0, 200)
}
