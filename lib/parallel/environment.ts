// What a worker inherits from the program, and what it must not.

/**
 * Set by the launchers of MPI for the processes that they start. A child of such a process that loads
 * MPI itself would take itself for that rank, and fail or hang.
 */
const ofLaunchers = /^(OMPI_|PMIX_|PMI_|PRTE_|HYDI_|HYDRA_|MPI_LOCAL|MPIR_CVAR_CH3|PALS_)/

export function workerEnvironment(
  extra: NodeJS.ProcessEnv,
  variables: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !ofLaunchers.test(name))
  return { ...Object.fromEntries(inherited), ...variables, ...extra }
}

// They say what the program itself is, or open a port that only one process can have.
const ofTheProgram =
  /^(-e|-p|-pe|-c|-i|--eval|--print|--check|--interactive|--input-type|--inspect|--watch|--test|--prof|--cpu-prof|--heap-prof)/

/** Node's options for a worker process: those of the program, without those that mean the program only. */
export function workerArguments(): string[] {
  const kept: string[] = []
  const { execArgv } = process
  for (let i = 0; i < execArgv.length; i++) {
    const argument = execArgv[i] as string
    if (!ofTheProgram.test(argument)) kept.push(argument)
    // The code or value that follows belongs to it.
    else if (/^(-e|-p|-pe|--eval|--print|--input-type)$/.test(argument)) i++
  }
  return kept
}

// What a thread may be given: what is loaded before the program, and how names are found.
const ofThreads = /^(--import|-r|--require|-C|--conditions|--enable-source-maps)(=|$)/

/** Node's options for a worker thread. */
export function threadArguments(): string[] {
  const kept: string[] = []
  const { execArgv } = process
  for (let i = 0; i < execArgv.length; i++) {
    const argument = execArgv[i] as string
    const takesValue = !argument.includes('=') && argument !== '--enable-source-maps'
    if (!ofThreads.test(argument)) continue
    kept.push(argument)
    if (takesValue) kept.push(execArgv[++i] as string)
  }
  return kept
}
