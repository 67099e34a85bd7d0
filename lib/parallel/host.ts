// One worker as the pool sees it, thread or process: start, send, hear, end, and what it died of.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { BrokenWorkerError } from './errors.js'
import { threadArguments, workerArguments, workerEnvironment } from './environment.js'
import type { FromWorker, Start, ToWorker } from './messages.js'

export interface HostOptions {
  start: Start
  env: NodeJS.ProcessEnv
  /** MiB for the JavaScript heap of the worker. */
  heapLimit: number | undefined
}

export interface HostEvents {
  message(message: FromWorker): void
  /** Once, after the last message. */
  exit(reason: BrokenWorkerError): void
}

export interface Host {
  /** For messages to people: "process 1234". */
  readonly name: string
  /** @throws what cannot be cloned. */
  post(message: ToWorker, transfer: object[]): void
  /** Whether the program waits for it. */
  ref(): void
  unref(): void
  /** At once, whatever it does. */
  kill(): void
}

/** Starts a worker. */
export type NewHost = (options: HostOptions, events: HostEvents) => Host

// Beside this file, in dist/ as in a bundle of it.
const program = fileURLToPath(new URL('./worker-program.js', import.meta.url))

export class ThreadHost implements Host {
  readonly name: string
  readonly #thread: Worker

  constructor({ start, env, heapLimit }: HostOptions, events: HostEvents) {
    const limits = heapLimit === undefined ? {} : { maxOldGenerationSizeMb: heapLimit }
    const thread = new Worker(program, {
      workerData: start,
      env: workerEnvironment(env, {}),
      resourceLimits: limits,
      execArgv: threadArguments(),
    })
    this.#thread = thread
    this.name = `thread ${thread.threadId}`
    let failure: Error | undefined
    thread.on('message', (message: FromWorker) => events.message(message))
    thread.on('error', (error) => {
      failure = error instanceof Error ? error : new Error(String(error))
    })
    thread.on('exit', (code) => {
      const { code: reason } = (failure ?? {}) as NodeJS.ErrnoException
      const memory = reason === 'ERR_WORKER_OUT_OF_MEMORY'
      const why = memory
        ? 'ran out of memory'
        : failure
          ? `failed outside of its task: ${failure.message}`
          : `exited with code ${code}`
      events.exit(
        new BrokenWorkerError(`The worker (${this.name}) ${why}`, code, null, {
          ...(failure ? { cause: failure } : {}),
        }),
      )
    })
  }

  post(message: ToWorker, transfer: object[]): void {
    this.#thread.postMessage(message, transfer as ArrayBuffer[])
  }
  ref(): void {
    this.#thread.ref()
  }
  unref(): void {
    this.#thread.unref()
  }
  kill(): void {
    void this.#thread.terminate()
  }
}

// After a process is gone its last messages are still in the pipe; longer than this nothing can take.
const drainMilliseconds = 5000

export class ProcessHost implements Host {
  readonly name: string
  readonly #child: ChildProcess

  constructor({ start, env, heapLimit }: HostOptions, events: HostEvents) {
    const variables = { OMP_NUM_THREADS: String(start.threads) }
    const limit = heapLimit === undefined ? [] : [`--max-old-space-size=${heapLimit}`]
    const child = fork(program, [], {
      env: workerEnvironment(env, variables),
      execArgv: [...workerArguments(), ...limit],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#child = child
    this.name = `process ${child.pid ?? 'that did not start'}`
    child.on('message', (message) => events.message(message as FromWorker))
    let told = false
    const tell = (reason: BrokenWorkerError) => {
      if (told) return
      told = true
      events.exit(reason)
    }
    child.on('error', (cause) => {
      // It could not be started; what goes wrong later is followed by its exit.
      if (child.pid !== undefined) return
      tell(
        new BrokenWorkerError(
          `A worker process could not be started: ${cause.message}`,
          null,
          null,
          {
            cause,
          },
        ),
      )
    })
    child.on('exit', (code, signal) => {
      const why =
        signal === null
          ? `exited with code ${code}`
          : `was killed by ${signal}${signal === 'SIGABRT' ? ' (as when it runs out of memory)' : ''}`
      const reason = new BrokenWorkerError(`The worker (${this.name}) ${why}`, code, signal)
      if (!child.connected) return tell(reason)
      child.once('disconnect', () => tell(reason))
      setTimeout(() => tell(reason), drainMilliseconds).unref()
    })
    try {
      this.post(start, [])
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
  }

  post(message: ToWorker, _transfer: object[]): void {
    if (!this.#child.connected) return
    // When it has gone meanwhile, its exit says so.
    this.#child.send(message, undefined, {}, () => {})
  }
  ref(): void {
    this.#child.ref()
    this.#child.channel?.ref()
  }
  unref(): void {
    this.#child.unref()
    this.#child.channel?.unref()
  }
  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
