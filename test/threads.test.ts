import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { getThreads, type Info, info, setThreads } from 'numcore'
import { assertFails, sleep } from './support/assertions.js'

/** Runs a program in a process of its own, because OMP_NUM_THREADS is read when the add-on is loaded. */
function child(script: string, variables: Record<string, string> = {}, prefix: string[] = []) {
  const env: NodeJS.ProcessEnv = { ...process.env, ...variables }
  for (const name of Object.keys(process.env)) {
    if (/^(OMP|GOMP|OPENBLAS|GOTO)_/.test(name) && !(name in variables)) delete env[name]
  }
  const [command = '', ...args] = [...prefix, process.execPath, '--input-type=module', '-e', script]
  const { stdout, stderr, status } = spawnSync(command, args, { env, encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return { stdout, stderr }
}

function infoOf(variables: Record<string, string>, before = '', prefix: string[] = []): Info {
  const script = `import { info, setThreads } from 'numcore'; ${before}; console.log(JSON.stringify(info()))`
  return JSON.parse(child(script, variables, prefix).stdout) as Info
}

describe('threads', () => {
  afterEach(() => setThreads('default'))

  it('are as many as there are CPUs when nothing is said', () => {
    const { threads, available, affinity, cgroupQuota } = infoOf({})
    assert.equal(threads.count, available)
    if (cgroupQuota === null) {
      assert.equal(threads.source, 'affinity')
      assert.equal(available, affinity.length)
      // libuv counts the CPUs of the affinity mask too, by its own means.
      assert.equal(available, availableParallelism())
    }
  })

  it('are fewer when the affinity mask is narrower', function () {
    if (spawnSync('taskset', ['--version']).status !== 0) return this.skip()
    const narrowed = infoOf({}, '', ['taskset', '-c', String(info().affinity[0])])
    assert.deepEqual(narrowed.threads, { count: 1, source: 'affinity' })
    assert.deepEqual(narrowed.affinity, [info().affinity[0]])
  })

  it('are what OMP_NUM_THREADS says, the first number of its list', () => {
    assert.deepEqual(infoOf({ OMP_NUM_THREADS: '3' }).threads, {
      count: 3,
      source: 'OMP_NUM_THREADS',
    })
    assert.deepEqual(infoOf({ OMP_NUM_THREADS: '5,2' }).threads, {
      count: 5,
      source: 'OMP_NUM_THREADS',
    })
  })

  it('pass over an OMP_NUM_THREADS that is no positive integer, and say so', () => {
    for (const value of ['0', '-1', 'many', '1e3', '2000']) {
      const { stdout, stderr } = child(
        `import { info } from 'numcore'; console.log(JSON.stringify(info()))`,
        { OMP_NUM_THREADS: value },
      )
      const { threads, variables } = JSON.parse(stdout) as Info
      assert.notEqual(threads.source, 'OMP_NUM_THREADS')
      assert.match(
        stderr,
        /OMP_NUM_THREADS is ".*", not an integer from 1 to 1024; it is passed over/,
      )
      assert.match(variables[0]?.note ?? '', /passed over/)
      assert.equal(variables[0]?.hasSay, false)
    }
  })

  it('are what setThreads says, before OMP_NUM_THREADS', () => {
    const { threads, variables } = infoOf({ OMP_NUM_THREADS: '3' }, 'setThreads(2)')
    assert.deepEqual(threads, { count: 2, source: 'setThreads' })
    assert.equal(variables[0]?.hasSay, false)
    const back = infoOf({ OMP_NUM_THREADS: '3' }, "setThreads(2); setThreads('default')")
    assert.deepEqual(back.threads, { count: 3, source: 'OMP_NUM_THREADS' })
  })

  it('are what the call says, before everything else', () => {
    const { stdout } = child(
      `import { invInfo, Matrix, setThreads } from 'numcore'
       setThreads(2)
       const A = Matrix.random(120, 120)
       console.log((await invInfo(A, { threads: 1 })).threads, (await invInfo(A)).threads)`,
      { OMP_NUM_THREADS: '3' },
    )
    assert.equal(stdout, '1 2\n')
  })

  it('are not what OpenBLAS’s variables say, and info() tells', () => {
    const { threads, variables } = infoOf({
      OPENBLAS_NUM_THREADS: '7',
      GOTO_NUM_THREADS: '6',
      OMP_WAIT_POLICY: 'passive',
    })
    assert.notEqual(threads.count, 7)
    assert.deepEqual(
      variables.map(({ name, hasSay }) => [name, hasSay]),
      [
        ['GOTO_NUM_THREADS', false],
        ['OMP_WAIT_POLICY', true],
        ['OPENBLAS_NUM_THREADS', false],
      ],
    )
  })

  it('are set for the workers of the process too', () => {
    const { stdout } = child(
      `import { Worker } from 'node:worker_threads'
       import { setThreads } from 'numcore'
       setThreads(5)
       const code = "import('numcore').then(({ getThreads }) => console.log(getThreads()))"
       new Worker(code, { eval: true })`,
    )
    assert.equal(stdout, '5\n')
  })

  it('above the CPUs available are obeyed, and warned of once', () => {
    const { stdout, stderr } = child(
      `import { info, invInfo, Matrix } from 'numcore'
       const A = Matrix.random(120, 120)
       for (const more of [1, 2]) {
         const { threads } = await invInfo(A, { threads: info().available + more })
         console.log(threads - info().available)
       }`,
    )
    assert.equal(stdout, '1\n2\n')
    assert.equal(stderr.match(/NUMCORE_OVERSUBSCRIBED/g)?.length, 1, stderr)
  })

  it('are refused when they are no count', async () => {
    for (const count of [0, -1, 2.5, 1025, Number.NaN, '2', null, undefined]) {
      await assertFails(
        () => setThreads(count as never),
        'ERR_INVALID_ARGUMENT',
        /^Expected an integer from 1 to 1024 for count/,
      )
    }
    assert.equal(getThreads(), info().threads.count)
  })
})

describe('info', () => {
  before(async () => {
    // Jobs that earlier tests have aborted may still be on their way to the next checkpoint.
    while (info().queue.running > 0) await sleep(1)
  })

  it('tells the versions, the kernels and the threading layer', () => {
    const facts = info()
    assert.match(facts.numcore, /^\d+\.\d+\.\d+/)
    assert.equal(facts.node, process.versions.node)
    assert.match(facts.openblas.version, /^0\.3\.\d+/)
    assert.ok(facts.openblas.config.includes(facts.openblas.version))
    assert.notEqual(facts.openblas.coreType, '')
    assert.match(facts.openblas.coreTypeSource, /^(OpenBLAS|OPENBLAS_CORETYPE|numcore)$/)
    assert.equal(facts.openblas.threadingLayer, 'OpenMP')
    assert.ok(facts.cpus >= facts.affinity.length && facts.affinity.length >= facts.available)
    assert.deepEqual(facts.queue, { queued: 0, running: 0 })
  })

  it('tells who chose the kernels of OpenBLAS, and never leaves the variable behind', () => {
    const named = infoOf({ OPENBLAS_CORETYPE: 'Haswell' })
    assert.equal(named.openblas.coreTypeSource, 'OPENBLAS_CORETYPE')
    const { stdout } = child(
      `import { spawnSync } from 'node:child_process'
       import { info } from 'numcore'
       const child = spawnSync(process.execPath, ['-p', 'process.env.OPENBLAS_CORETYPE'])
       console.log(info().openblas.coreTypeSource !== 'OPENBLAS_CORETYPE', String(child.stdout).trim())`,
    )
    assert.equal(stdout, 'true undefined\n')
  })
})
