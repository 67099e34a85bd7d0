// What a function uses from around it, and where it was written: asked of V8 through Node's inspector, in this thread
// and without opening a port. V8's own parser so decides what a closure is.
import inspector from 'node:inspector'
import vm from 'node:vm'

export interface FunctionPlace {
  /** Address of its module; undefined for code without one (eval, REPL). */
  url: string | undefined
  isModule: boolean
}

interface Property {
  name: string
  value?: { objectId?: string; value?: unknown; description?: string }
}

const key = Symbol.for('numcore.inspected')
const expression = "globalThis[Symbol.for('numcore.inspected')]"

class Inspection implements Disposable {
  readonly #session = new inspector.Session()
  constructor() {
    this.#session.connect()
  }

  post<T>(method: string, parameters: object = {}): T {
    let answer: T | undefined
    let failure: Error | null = null
    // With a session of the same thread the callback comes before post() returns.
    this.#session.post(method, parameters, (error: Error | null, result?: object) => {
      failure = error
      answer = result as T
    })
    if (failure !== null) throw failure as Error
    return answer as T
  }

  on(event: string, hear: (message: { params: never }) => void): void {
    this.#session.on(event, hear)
  }

  internals(value: unknown): Property[] {
    const place = globalThis as { [key]?: unknown }
    place[key] = value
    try {
      const { result } = this.post<{ result: { objectId: string } }>('Runtime.evaluate', {
        expression,
      })
      return this.post<{ internalProperties?: Property[] }>('Runtime.getProperties', {
        objectId: result.objectId,
        ownProperties: true,
      }).internalProperties as Property[]
    } finally {
      delete place[key]
    }
  }

  properties(objectId: string): Property[] {
    const parameters = { objectId, ownProperties: true }
    return this.post<{ result: Property[] }>('Runtime.getProperties', parameters).result
  }

  [Symbol.dispose](): void {
    this.#session.disconnect()
  }
}

type Code = (...parameters: never[]) => unknown

function scopesOf(inspection: Inspection, code: Code): { kind: string; names: string[] }[] {
  const internal = inspection.internals(code)
  const scopes = internal.find(({ name }) => name === '[[Scopes]]')?.value?.objectId
  if (scopes === undefined) return []
  return inspection
    .properties(scopes)
    .filter(({ name }) => /^\d+$/.test(name))
    .map(({ value }) => ({ kind: value?.description ?? '', id: value?.objectId ?? '' }))
    .filter(({ kind }) => !kind.startsWith('Global'))
    .map(({ kind, id }) => ({ kind, names: inspection.properties(id).map(({ name }) => name) }))
}

// What cannot be the name of a variable in strict code; and async, which V8 takes for one until it sees the arrow.
const reserved = new Set(
  (
    'arguments async await break case catch class const continue debugger default delete do else enum eval export extends ' +
    'false finally for function if implements import in instanceof interface let new null package private protected ' +
    'public return static super switch this throw true try typeof var void while with yield'
  ).split(' '),
)

/** The names that a function's code uses and does not declare; undefined when it does not stand alone as an expression. */
function freeNames(inspection: Inspection, source: string): string[] | undefined {
  const names = [...new Set(source.match(/[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu))]
  const candidates = names.filter((name) => !reserved.has(name))
  const declared = candidates.length > 0 ? `let ${candidates.join(',')};` : ''
  // V8 keeps, for a function that might be called later, exactly those variables around it that its code names.
  try {
    const code = `"use strict";(() => { ${declared} return (${source}\n) })()`
    const copy = new vm.Script(code).runInThisContext() as Code
    return scopesOf(inspection, copy).flatMap((scope) => scope.names)
  } catch {
    return undefined
  }
}

export interface Inspected {
  place: FunctionPlace
  /** Names from an enclosing function: what makes it a closure. */
  closed: string[]
  /** Names from its module, or from nowhere. */
  outer: string[]
  /** False for methods, `import.meta`, `import()`: code that means nothing elsewhere. */
  alone: boolean
}

/** Looks into a function; undefined where there is no inspector, or nothing to see (a bound or a native function). */
export function inspectFunction(code: Code): Inspected | undefined {
  const source = Function.prototype.toString.call(code)
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) return undefined
  let inspection: Inspection
  try {
    inspection = new Inspection()
  } catch {
    return undefined
  }
  using session = inspection
  const scripts = new Map<string, { url: string; isModule?: boolean }>()
  session.on('Debugger.scriptParsed', ({ params }: { params: never }) => {
    const { scriptId, url, isModule } = params as {
      scriptId: string
      url: string
      isModule: boolean
    }
    scripts.set(scriptId, { url, isModule })
  })
  session.post('Debugger.enable')
  const location = session
    .internals(code)
    .find(({ name }) => name === '[[FunctionLocation]]')?.value
  const script = scripts.get((location?.value as { scriptId: string } | undefined)?.scriptId ?? '')
  session.post('Debugger.disable')
  const isModule = script?.isModule === true
  const place = { url: script?.url === '' ? undefined : script?.url, isModule }

  const scopes = scopesOf(session, code)
  // Of a CommonJS module the outermost closure is the function that Node wraps it in.
  const inner = scopes.filter(({ kind }) => /^(Closure|Block|Catch|With)/.test(kind))
  if (!isModule && place.url !== undefined) inner.pop()
  const free = freeNames(session, source)
  if (free === undefined) return { place, closed: [], outer: [], alone: false }
  const enclosed = new Set(inner.flatMap(({ names }) => names))
  const around = new Set(scopes.flatMap(({ names }) => names))
  const closed = free.filter((name) => enclosed.has(name))
  const outer = free.filter(
    (name) => !enclosed.has(name) && (around.has(name) || !(name in globalThis)),
  )
  // Its specifiers are relative to a module that the worker would not know.
  const alone = !/\bimport\s*[.(]/.test(source)
  return { place, closed, outer, alone }
}
