/** Debian's Python with NumPy and SciPy, as the reference of tests that skip without it. */
import { spawnSync } from 'node:child_process'

// Debian's own interpreter first: another python3 on the PATH may have no NumPy.
const interpreters = ['/usr/bin/python3', 'python3']
const minute = 60_000

/** An interpreter that can import all of the modules. */
export function pythonWith(...modules: readonly string[]): string | undefined {
  const script = `import ${modules.join(', ')}`
  return interpreters.find(
    (each) => spawnSync(each, ['-c', script], { timeout: minute }).status === 0,
  )
}

/** Runs the script in a folder; what it prints. */
export function runPython(python: string, script: string, cwd: string): string {
  const run = spawnSync(python, ['-c', script], { cwd, encoding: 'utf8', timeout: minute })
  if (run.status !== 0) throw new Error(`${python}: ${run.stderr}${run.error ?? ''}`)
  return run.stdout
}
