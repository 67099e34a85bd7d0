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
  run,
  runSync,
  type SyncOptions,
  syncKeys,
} from '../job.js'
import { checkOptions } from '../options.js'
import type { Prepared } from './operands.js'

/** One call, checked and ready to start. */
export interface Task<R> {
  start: (control: Control) => unknown
  /** From what the add-on reports to what the caller gets. */
  finish: (report: never) => R
  /** The matrices the add-on reads, in its order: for the places in messages. */
  reads?: readonly Prepared[]
  /** An error of the operation's own instead of the add-on's failure; undefined for one that all have. */
  translate?: (error: NativeFailure) => unknown
  /** True when the caller's own `out` is being written. */
  lendsOutput?: boolean
}

/** Turns the add-on's failures into sentences about the matrices of the call. */
function translator(reads: readonly Prepared[], own?: (error: NativeFailure) => unknown) {
  return (error: unknown): unknown => {
    const first = reads[0]
    if (own !== undefined && isNativeFailure(error)) {
      const mine = own(error)
      if (mine !== undefined) return mine
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
  return {
    async run(options, ...args) {
      const checked = checkOptions<O & AsyncOptions>(name, options, all) as O & AsyncOptions
      const { start, finish, reads = [], translate, lendsOutput = false } = plan(checked, ...args)
      const report = await run(start, checked, {
        translate: translator(reads, translate),
        lendsOutput,
      })
      return finish(report as never)
    },
    runSync(options, ...args) {
      const checked = checkOptions<O & SyncOptions>(`${name}Sync`, options, allSync) as O &
        SyncOptions
      const { start, finish, reads = [], translate } = plan(checked, ...args)
      return finish(runSync(start, checked, { translate: translator(reads, translate) }) as never)
    },
  }
}
