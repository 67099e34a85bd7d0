// One child process as its parent sees it: started, asked, ended. Every way in which it can fail to
// answer (an error, a crash, no memory, no answer in time) becomes a ProbeError with a sentence.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { mpiCommand } from '../mpi/launch.js'
import type { Patience } from './clock.js'
import type { FromChild, Ran, Set, ToChild } from './messages.js'
import type { Failure } from './report.js'

type Stage = Failure['stage']

/** The child could not do what it was asked; the rest of the measurement is not touched. */
export class ProbeError extends Error {
  readonly stage: Stage
  /**
   * `answered`: the child said so itself and can be asked again. `absent`: it has nothing to offer here, a peer
   * that is not installed or has no such task. `lost`: it is gone, or must be ended. `late`: so must it, but because
   * the budget was spent.
   */
  readonly kind: 'answered' | 'absent' | 'lost' | 'late'
  constructor(stage: Stage, message: string, kind: ProbeError['kind'] = 'answered') {
    super(message)
    this.stage = stage
    this.kind = kind
  }
}

/** The caller's signal ended the waiting. */
export class Interrupted extends Error {}

/** A process to start. */
export interface Launch {
  program: string
  args: readonly string[]
  /** Added to the environment. Everything else is as the caller left it. */
  variables: Readonly<Record<string, string>>
  /** Whether `variables` are all that the child has, and not beside ours. */
  isWhole?: true
  /** How it is spoken to: Node's own channel, or lines of JSON on its standard streams. */
  talk: 'ipc' | 'lines'
  /** Asked to end before it is made to: mpirun, say, ends its ranks only when it is asked. */
  gentle: boolean
}

const childProgram = new URL('./child.js', import.meta.url).pathname

/** Our own program for a task, with the one variable of the experiment, or without it for an in-process sweep. */
export function launchNode(threads: number | undefined, gentle = false): Launch {
  const inProcess = threads === undefined
  return {
    program: process.execPath,
    // Not the caller's arguments: an inspector's port, say, can be had once only.
    args: ['--expose-gc', childProgram, ...(inProcess ? ['--in-process'] : [])],
    variables: inProcess ? {} : { OMP_NUM_THREADS: String(threads) },
    talk: 'ipc',
    gentle,
  }
}

const rankProgram = new URL('./rank-child.js', import.meta.url).pathname

/** Our own program for a task on the ranks of a job, each with so many threads. */
export function launchRanks(ranks: number, threads: number): Launch {
  const { command, args, env } = mpiCommand({ ranks, threads })
  const variables = Object.entries(env).filter((each): each is [string, string] => each[1] !== undefined)
  return {
    program: command,
    args: [...args, process.execPath, '--expose-gc', rankProgram],
    variables: Object.fromEntries(variables),
    // Without what says where a job is that we are a rank of ourselves.
    isWhole: true,
    talk: 'lines',
    gentle: true,
  }
}

const longestTail = 2000
/** Milliseconds that programs have between being asked to end and being made to. */
const grace = 1500

export class Probe {
  readonly #child: ChildProcess
  readonly #launch: Launch
  readonly #signal: AbortSignal | undefined
  /** Resolves to what became of it, when all that it said has been read. */
  readonly #gone: Promise<string>
  readonly #ended: Promise<void>
  #hear: (answer: FromChild) => void = () => {}
  #tail = ''

  constructor(launch: Launch, signal: AbortSignal | undefined) {
    this.#launch = launch
    this.#signal = signal
    const { program, args, variables, talk } = launch
    this.#child = spawn(program, args, {
      env: launch.isWhole ? variables : { ...process.env, ...variables },
      // A process group of its own: what it starts ends with it, and a Ctrl-C of the terminal goes to us alone.
      detached: true,
      stdio: talk === 'ipc' ? ['ignore', 'ignore', 'pipe', 'ipc'] : ['pipe', 'pipe', 'pipe'],
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#said(text))
    if (talk === 'ipc') this.#child.on('message', (answer: FromChild) => this.#hear(answer))
    else this.#readLines()
    this.#ended = new Promise((resolve) => {
      this.#child.on('error', () => resolve())
      this.#child.once('exit', () => resolve())
    })
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve(`could not be started: ${error.message}`))
      this.#child.once('close', (code, signal) => resolve(this.#obituary(code, signal)))
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  setUp(question: ToChild & { type: 'set-up' }, patience: Patience): Promise<Set> {
    return this.#ask('set-up', question, 'set', patience) as Promise<Set>
  }

  run(threads: number, batch: number, stage: Stage, patience: Patience): Promise<Ran> {
    return this.#ask(stage, { type: 'run', threads, batch }, 'ran', patience) as Promise<Ran>
  }

  /** Ends the child and all it has started, whatever they are doing, and waits until they are gone. */
  async end(): Promise<void> {
    const { pid } = this.#child
    if (pid === undefined) return
    if (this.#launch.gentle) {
      const asked = signalGroup(pid, 'SIGTERM')
      const deadline = Date.now() + grace
      while (asked && Date.now() < deadline && signalGroup(pid, 0)) await pause(10)
    }
    signalGroup(pid, 'SIGKILL')
    await this.#ended
  }

  async #ask(
    stage: Stage,
    question: ToChild,
    wanted: 'set' | 'ran',
    { seconds, words, late }: Patience,
  ): Promise<FromChild> {
    const signal = this.#signal
    if (signal?.aborted) throw new Interrupted()
    const done = new AbortController()
    try {
      return await new Promise<FromChild>((resolve, reject) => {
        const fail = (message: string, kind: ProbeError['kind']) =>
          reject(new ProbeError(stage, message, kind))
        this.#hear = (answer) => {
          if (answer.type === wanted) resolve(answer)
          else if ('message' in answer) {
            fail(answer.message, answer.type === 'absent' ? 'absent' : 'answered')
          } else fail(`answered "${answer.type}"`, 'lost')
        }
        const timer = setTimeout(() => fail(words, late ? 'late' : 'lost'), seconds * 1e3)
        const interrupt = () => reject(new Interrupted())
        signal?.addEventListener('abort', interrupt)
        done.signal.addEventListener('abort', () => {
          this.#hear = () => {}
          clearTimeout(timer)
          signal?.removeEventListener('abort', interrupt)
        })
        // A child that is gone says so itself, and better than a failure to write to it.
        void this.#gone.then((message) => fail(message, 'lost'))
        this.#send(question)
      })
    } finally {
      done.abort()
    }
  }

  #send(question: ToChild): void {
    if (this.#launch.talk === 'ipc') this.#child.send(question, () => {})
    // The empty line after it is for Octave, whose fgetl waits for a character beyond the end of its line.
    else this.#child.stdin?.write(`${JSON.stringify(question)}\n\n`, () => {})
  }

  #readLines(): void {
    this.#child.stdin?.on('error', () => {})
    if (!this.#child.stdout) return
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      // Programs greet, warn and chat; an answer is an object with a type.
      if (!line.startsWith('{"type"')) return this.#said(`${line}\n`)
      try {
        this.#hear(JSON.parse(line) as FromChild)
      } catch {
        this.#said(`${line}\n`)
      }
    })
  }

  #said(text: string): void {
    this.#tail = (this.#tail + text).slice(-longestTail)
  }

  #obituary(code: number | null, signal: NodeJS.Signals | null): string {
    const last = lastWords(this.#tail)
    const said = last === '' ? '' : `: ${last}`
    if (/heap out of memory|std::bad_alloc|MemoryError/.test(this.#tail)) return `ran out of memory${said}`
    if (signal === 'SIGKILL') return 'was killed (SIGKILL): out of memory, as a rule'
    if (signal !== null) return `crashed (${signal})${said}`
    return `ended by itself with exit code ${code}${said}`
  }
}

/** False when nobody of the group is left. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

// The line of a crash report that a reader wants: the error, not its stack or Node's version.
function lastWords(tail: string): string {
  const lines = tail.split('\n').map((line) => line.trim())
  const telling = lines.filter((line) => /error|fatal|terminate|what\(\)|assert/i.test(line))
  return (telling.at(-1) ?? lines.findLast((line) => line !== '') ?? '').slice(0, 200)
}
