// What `npm run prebuild` makes, and of what. Another add-on, processor or library is a line here.

/**
 * The systems. `packages` come from Debian's archive into a folder that looks like an old system: its C library and
 * the libraries that lie beside the add-on from an old release, because they ask for no newer glibc than that; what
 * goes into the add-on from the release whose compiler is used.
 */
export const targets = {
  'linux-x64': { processor: 'x86_64', debian: 'amd64' },
  'linux-arm64': { processor: 'aarch64', debian: 'arm64' },
}

export const packages = {
  bullseye: [
    // Node itself needs it where tests run in this folder under emulation.
    'libstdc++6',
    'libc6',
    'libc6-dev',
    'linux-libc-dev',
    'libgcc-s1',
    'gcc-10-base',
    'libgomp1',
    'libsleef3',
  ],
  bookworm: [
    'libgcc-12-dev',
    'libstdc++-12-dev',
    'gcc-12-base',
    'libopenblas-openmp-dev',
    // Debian's LAPACK is inside its OpenBLAS; this has its licence.
    'liblapack3',
    'libutf8proc-dev',
    'libsleef-dev',
    // Headers of MPI: its add-ons are linked against none.
    'libopenmpi-dev',
    'libmpich-dev',
  ],
}

/** The add-ons: CMake's target, the file it makes, and the undefined symbols that a system library will define. */
export const addons = [
  { target: 'numcore', file: 'numcore.node', outside: [] },
  // MPI is opened before them, and defines these.
  {
    target: 'numcore-mpi-openmpi',
    file: 'mpi/numcore-mpi-openmpi.node',
    outside: [/^P?MPI_/, /^ompi_/],
  },
  { target: 'numcore-mpi-mpich', file: 'mpi/numcore-mpi-mpich.node', outside: [/^P?MPIX?_/] },
]

/** What lies beside them: one OpenMP a process, and SLEEF, of which Debian has no static library. */
export const beside = ['libgomp.so.1', 'libsleef.so.3']

/** The newest version of each kind that a binary may ask the system for: those of Node's own binaries. */
export const floors = { GLIBC: '2.28', GCC: '7.0.0' }

/** Of the system, and on every one on which Node runs. */
export const system = [
  /^lib(c|m|pthread|dl|rt)\.so\.\d+$/,
  /^libgcc_s\.so\.1$/,
  /^ld-linux-[\w-]+\.so\.\d+$/,
]

/** Where the licences of what ships are found: name in prebuilds/licenses, package of Debian. */
export const licences = {
  openblas: 'libopenblas-openmp-dev',
  lapack: 'liblapack3',
  libgomp: 'libgomp1',
  'libstdc++': 'libstdc++-12-dev',
  utf8proc: 'libutf8proc-dev',
  sleef: 'libsleef3',
}
