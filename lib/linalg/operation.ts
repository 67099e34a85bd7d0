/** One description of a function gives both of its forms: the promise and the synchronous twin. */
import {
  ConvergenceError,
  fromNative,
  isNativeFailure,
  type NativeFailure,
  NotFiniteError,
  SingularError,
  sentence,
} from '../errors.js'
import {
  type AsyncOptions,
  asyncKeys,
  type Control,
  reportFor,
  run,
  runSync,
  type SyncOptions,
  syncKeys,
} from '../job.js'
import { checkOptions } from '../options.js'
import type { Prepared } from './operands.js'

/** One call, checked and ready to start. */
export interface Task<R> {
  start: (control: Control, report: Float64Array) => unknown
  /** From the add-on's value, and what it may have written into the report, to what the caller gets. */
  finish: (value: never, report: Float64Array) => R
  /** The matrices the add-on reads, in its order: for the places in messages. */
  reads?: readonly Prepared[]
  /** An error of the operation's own instead of the add-on's failure; undefined for one that all have. */
  translate?: (error: NativeFailure) => unknown
  /** True when the caller's own `out` is being written. */
  lendsOutput?: boolean
}

const noReport: Float64Array = new Float64Array(0)

/** Turns the add-on's failures into sentences about the matrices of the call. */
function translator({ reads = [], translate }: Pick<Task<unknown>, 'reads' | 'translate'>) {
  return (error: unknown): unknown => {
    const first = reads[0]
    if (translate !== undefined && isNativeFailure(error)) {
      const own = translate(error)
      if (own !== undefined) return own
    }
    if (!isNativeFailure(error) || first === undefined)
      return error instanceof Error ? fromNative(error) : error
    const { where = 0 } = error
    const of = `for ${first.name} but received`
    switch (error.code) {
      case 'ERR_NOT_FINITE':
        return notFinite(reads, where)
      case 'ERR_SINGULAR':
        return new SingularError(
          `Expected an invertible matrix ${of} a singular one of type ${first.type}: ` +
            `elimination found no pivot in row ${where}`,
          where,
          'ERR_SINGULAR',
        )
      case 'ERR_NOT_POSITIVE_DEFINITE':
        return new SingularError(
          `Expected a positive definite matrix ${of} one of type ${first.type} ` +
            `whose leading minor of order ${where + 1} is not positive`,
          where,
          'ERR_NOT_POSITIVE_DEFINITE',
        )
      case 'ERR_NO_CONVERGENCE':
        return new ConvergenceError(
          `${error.message} (${first.name}, ${first.rows} x ${first.columns})`,
          where,
        )
      default:
        return fromNative(error)
    }
  }
}

function notFinite(reads: readonly Prepared[], where: number): NotFiniteError {
  let index = where
  for (const { name, rows, columns, data, leading, transposed, complex } of reads) {
    if (index >= rows * columns) {
      index -= rows * columns
      continue
    }
    const [i, j] = [Math.floor(index / columns), index % columns]
    const k = transposed ? j * leading + i : i * leading + j
    const value = complex
      ? [data[2 * k], data[2 * k + 1]].find((part) => !Number.isFinite(part))
      : data[k]
    return new NotFiniteError(sentence('a finite number', `${name}[${i}][${j}]`, value), index)
  }
  return new NotFiniteError(`Expected finite numbers but received one that is not`, where)
}

/** A function of linear algebra in its two forms. */
export interface Operation<A extends unknown[], O, R> {
  run: (options: (O & AsyncOptions) | undefined, ...args: A) => Promise<R>
  runSync: (options: (O & SyncOptions) | undefined, ...args: A) => R
}

/** `plan` checks the arguments and says what to start; `keys` are the options beside those of every function. */
export function operation<A extends unknown[], O extends object, R>(
  name: string,
  keys: readonly (keyof O & string)[],
  plan: (options: O, ...args: A) => Task<R>,
): Operation<A, O, R> {
  const [all, allSync] = [
    [...keys, ...asyncKeys],
    [...keys, ...syncKeys],
  ]
  const nameSync = `${name}Sync`
  return {
    async run(options, ...args) {
      const checked = checkOptions<O & AsyncOptions>(name, options, all) as O & AsyncOptions
      const task = plan(checked, ...args)
      const { lendsOutput = false } = task
      let report = noReport
      const start = (control: Control) => task.start(control, (report = reportFor(control)))
      const value = await run(start, checked, { translate: translator(task), lendsOutput })
      return task.finish(value as never, report)
    },
    runSync(options, ...args) {
      const checked = checkOptions<O & SyncOptions>(nameSync, options, allSync) as O & SyncOptions
      const task = plan(checked, ...args)
      let report = noReport
      const start = (control: Control) => task.start(control, (report = reportFor(control)))
      const value = runSync(start, checked, { translate: translator(task) })
      return task.finish(value as never, report)
    },
  }
}
