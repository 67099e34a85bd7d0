// NUMCORE_CLONES before a function: the compiler makes it for AVX-512, for AVX2 and for the baseline, and the
// loader takes the widest that the processor has. It needs x86-64 and a C library with indirect functions
// (musl has none).
#pragma once

#include <cstddef>  // Any header of the library: __GLIBC__ comes from there.

#if defined(__x86_64__) && defined(__GLIBC__)
#define NUMCORE_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define NUMCORE_CLONES
#endif
