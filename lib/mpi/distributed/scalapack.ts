/** Which ScaLAPACK is used: what the user says, or what the machine has for the MPI at work. */
import { NoScalapackError } from '../../errors.js'
import { mpi, mpiInfo } from '../runtime.js'

/** The names that it may have; Debian has one for each MPI. */
const files: readonly string[] = ['2.2', '2.1']
  .map((version) => `libscalapack-${mpiInfo().flavour}.so.${version}`)
  .concat(['libscalapack.so.2.2', 'libscalapack.so.2.1', 'libscalapack.so.2', 'libscalapack.so'])

const names = { openmpi: 'Open MPI', mpich: 'MPICH' }

/** Opens it, once; why it cannot be had, or nothing. @internal */
export function reasonAgainst(): string | undefined {
  const wanted = process.env.NUMCORE_SCALAPACK?.trim() ?? ''
  if (wanted !== '') {
    const reason = mpi.scalapackOpen(wanted)
    return reason && `NUMCORE_SCALAPACK could not be loaded: ${reason}`
  }
  const reasons: string[] = []
  for (const file of files) {
    const reason = mpi.scalapackOpen(file)
    if (reason === undefined) return undefined
    reasons.push(reason)
  }
  const { flavour } = mpiInfo()
  return (
    `Could not find ScaLAPACK for ${names[flavour]}. Tried: ${reasons.join('; ')}. On Debian and Ubuntu: ` +
    `apt-get install libscalapack-${flavour}2.2. On a cluster: load its module. Elsewhere name the library: ` +
    'NUMCORE_SCALAPACK=/path/to/libscalapack.so'
  )
}

export interface ScalapackInfo {
  /** Path of the library. */
  scalapack: string
  /** Path of the BLAS that it calls, which decides about its speed. */
  blas: string
}

/**
 * Which ScaLAPACK is used, and which BLAS: `NUMCORE_SCALAPACK` names the library, else Debian's for the MPI at work or
 * `libscalapack.so` is taken. It is not part of numcore, and is opened when it is first wanted.
 *
 * @throws {NoScalapackError} `ERR_NO_SCALAPACK` when there is none for this MPI, naming the package.
 */
export function scalapackInfo(): ScalapackInfo {
  const reason = reasonAgainst()
  if (reason !== undefined) throw new NoScalapackError(reason)
  return mpi.scalapackFiles()
}
