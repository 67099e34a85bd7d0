/** Which MPI library is used: what the user says, what the launcher needs, what the machine has. */
import { NoMpiError } from '../errors.js'
import type { MpiFlavour } from '../native/mpi.js'
import { type Launcher, launcherOf } from './launcher.js'

export interface MpiLibrary {
  flavour: MpiFlavour
  /** As it was given to the dynamic loader. */
  file: string
  launcher: Launcher | undefined
}

interface Loader {
  /** Opens a shared library; the reason when that fails. */
  openLibrary(file: string): string | undefined
  hasSymbol(name: string): boolean
}

/** The names by which programs ask for MPI; Debian's MPICH has one of its own. */
const files: readonly { file: string; flavour: MpiFlavour }[] = [
  { file: 'libmpi.so.40', flavour: 'openmpi' },
  { file: 'libmpi.so.12', flavour: 'mpich' },
  { file: 'libmpich.so.12', flavour: 'mpich' },
]

const names: Readonly<Record<MpiFlavour, string>> = { openmpi: 'Open MPI', mpich: 'MPICH' }

const advice =
  'On Debian and Ubuntu: apt-get install openmpi-bin, or mpich. On a cluster: load its MPI module. ' +
  'Elsewhere name the library: NUMCORE_MPI=/path/to/libmpi.so. Everything else of numcore works without MPI'

function expectLauncher(flavour: MpiFlavour, launcher: Launcher | undefined, why: string): void {
  if (launcher?.flavour === undefined || launcher.flavour === flavour) return
  const other = names[launcher.flavour]
  throw new NoMpiError(
    `Expected the MPI of the launcher but ${why} is ${names[flavour]}, and this is rank ${launcher.rank} of ` +
      `${launcher.size} of ${launcher.name}: every rank would be alone. Start the program with ${names[flavour]}'s ` +
      `mpirun, or let it use ${other} (NUMCORE_MPI=${launcher.flavour})`,
  )
}

/**
 * Opens the MPI library: the one that `NUMCORE_MPI` names (`openmpi`, `mpich` or a path), else that of the launcher, else
 * the first that the machine has.
 *
 * @throws ERR_NO_MPI when there is none, or when it is not the one that the launcher needs.
 */
export function openMpi(
  environment: Readonly<Record<string, string | undefined>>,
  loader: Loader,
): MpiLibrary {
  const launcher = launcherOf(environment)
  const wanted = environment.NUMCORE_MPI?.trim() ?? ''
  if (wanted.includes('/')) {
    const reason = loader.openLibrary(wanted)
    if (reason !== undefined) throw new NoMpiError(`NUMCORE_MPI could not be loaded: ${reason}`)
    const flavour = loader.hasSymbol('ompi_mpi_comm_world') ? 'openmpi' : 'mpich'
    if (!loader.hasSymbol('MPI_Init_thread')) {
      throw new NoMpiError(`Expected an MPI library in NUMCORE_MPI but '${wanted}' is none`)
    }
    expectLauncher(flavour, launcher, `'${wanted}' (from NUMCORE_MPI)`)
    return { flavour, file: wanted, launcher }
  }
  if (wanted !== '' && wanted !== 'openmpi' && wanted !== 'mpich') {
    throw new NoMpiError(
      `Expected "openmpi", "mpich" or a path with a / in NUMCORE_MPI but received ${JSON.stringify(wanted)}`,
    )
  }
  if (wanted !== '') expectLauncher(wanted, launcher, 'what NUMCORE_MPI asks for')
  const flavour = wanted === '' ? launcher?.flavour : wanted
  const candidates = files.filter((each) => flavour === undefined || each.flavour === flavour)
  const reasons: string[] = []
  for (const { file, flavour: found } of candidates) {
    const reason = loader.openLibrary(file)
    if (reason === undefined) return { flavour: found, file, launcher }
    reasons.push(reason)
  }
  const what = flavour === undefined ? 'an MPI library' : `the library of ${names[flavour]}`
  throw new NoMpiError(`Could not find ${what}. Tried: ${reasons.join('; ')}. ${advice}.`)
}

/**
 * Refuses a rank that has lost the way to its launcher: MPICH hands it on as an open file, and would end the program in a
 * heap of messages.
 *
 * @param isSocket Whether the open file of this number is one.
 */
export function expectConnection(
  { launcher }: MpiLibrary,
  environment: Readonly<Record<string, string | undefined>>,
  isSocket: (file: number) => boolean,
): void {
  const { PMI_FD } = environment
  if (launcher === undefined || PMI_FD === undefined || isSocket(Number(PMI_FD))) return
  throw new NoMpiError(
    `Expected an open connection to ${launcher.name} (PMI_FD) but a program between it and this one has closed it, as npx ` +
      'does. Start node or node_modules/.bin/numcore itself, or add -pmi-port to the arguments of mpirun',
  )
}

/** Refuses a job whose ranks do not see each other. */
export function expectJob(
  { launcher, flavour }: MpiLibrary,
  size: number,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  if (launcher === undefined || launcher.size === size) return
  const hint =
    environment.SLURM_STEP_NUM_TASKS === undefined
      ? 'the launcher belongs to another installation of MPI'
      : 'srun needs the plugin of this MPI (srun --mpi=pmix or --mpi=pmi2; srun --mpi=list names them)'
  throw new NoMpiError(
    `Expected ${launcher.size} ranks as ${launcher.name} started but ${names[flavour]} sees ${size}: ${hint}`,
  )
}
