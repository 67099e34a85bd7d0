// What the static libraries of a shipped binary want from a newer C library than the oldest we promise
// (2.28). Debian 12's libstdc++.a was compiled on glibc 2.36 and calls for two things that older ones lack;
// and a link against 2.31 takes the versions that 2.29 gave to five functions, although the ones before
// compute the same.
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>

extern "C" {

// 2.32: whether the process has one thread only, so that reference counts need no atomic operations. Ours has
// more.
char __libc_single_threaded = 0;

// 2.36: what std::random_device reads.
std::uint32_t arc4random() {
  std::uint32_t value = 0;
  while (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) {
    if (errno != EINTR) std::abort();
  }
  return value;
}

// The version of everything that was in the first C library for the processor.
#if defined(__x86_64__)
#define NUMCORE_FIRST "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define NUMCORE_FIRST "GLIBC_2.17"
#else
#error "Expected x86-64 or 64-bit ARM"
#endif

// The linker sends every call of `name` in any object here (--wrap, see CMakeLists.txt).
#define NUMCORE_ONE(name)                                   \
  double first_##name(double);                              \
  asm(".symver first_" #name ", " #name "@" NUMCORE_FIRST); \
  double __wrap_##name(double x) { return first_##name(x); }
#define NUMCORE_TWO(name)                                   \
  double first_##name(double, double);                      \
  asm(".symver first_" #name ", " #name "@" NUMCORE_FIRST); \
  double __wrap_##name(double x, double y) { return first_##name(x, y); }
NUMCORE_ONE(exp)
NUMCORE_ONE(exp2)
NUMCORE_ONE(log)
NUMCORE_ONE(log2)
NUMCORE_TWO(pow)
}
