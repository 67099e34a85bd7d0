#include "kernels/inverse/micro.h"

#include <atomic>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define NUMCORE_INLINE inline __attribute__((always_inline))

namespace numcore::inverse {
namespace {

// Any machine: vectors of 16 bytes in the compiler's own notation, which every 64-bit target has.
#define NUMCORE_BYTES 16
#define NUMCORE_ROWS(T) (16 / static_cast<int>(sizeof(T)))
#define NUMCORE_GROUPS 2
#define NUMCORE_NAME "plain"
namespace plain {
#include "kernels/inverse/micro.inc"
}  // namespace plain
#undef NUMCORE_BYTES
#undef NUMCORE_ROWS
#undef NUMCORE_GROUPS
#undef NUMCORE_NAME

#if defined(__x86_64__)

// 16 registers of 32 bytes: blocks of 4 x 3 vectors.
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define NUMCORE_BYTES 32
#define NUMCORE_ROWS(T) 4
#define NUMCORE_GROUPS 2
#define NUMCORE_NAME "avx2"
namespace avx2 {
#include "kernels/inverse/micro.inc"
}  // namespace avx2
#undef NUMCORE_BYTES
#undef NUMCORE_ROWS
#undef NUMCORE_GROUPS
#undef NUMCORE_NAME
#pragma GCC pop_options

// 32 registers of 64 bytes: blocks of 8 x 3 vectors.
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512vl")
#define NUMCORE_BYTES 64
#define NUMCORE_ROWS(T) 8
#define NUMCORE_GROUPS 4
#define NUMCORE_NAME "avx512"
namespace avx512 {
#include "kernels/inverse/micro.inc"
}  // namespace avx512
#undef NUMCORE_BYTES
#undef NUMCORE_ROWS
#undef NUMCORE_GROUPS
#undef NUMCORE_NAME
#pragma GCC pop_options

#endif

enum Level { plain_level, avx2_level, avx512_level };

Level best() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("fma") && __builtin_cpu_supports("avx2")) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") ? avx512_level
                                                                                   : avx2_level;
  }
#endif
  return plain_level;
}

std::atomic<int> allowed{avx512_level};

}  // namespace

template <class T>
const Micro<T>& micro() {
#if defined(__x86_64__)
  static const Level most = best();
  const int level = most < allowed ? static_cast<int>(most) : allowed.load();
  if (level == avx512_level) return avx512::all<T>;
  if (level == avx2_level) return avx2::all<T>;
#endif
  return plain::all<T>;
}

template const Micro<double>& micro<double>();
template const Micro<float>& micro<float>();

bool allow_micro(const char* name) {
  const char* const names[] = {"plain", "avx2", "avx512"};
  for (int level = plain_level; level <= avx512_level; ++level) {
    if (std::strcmp(name, names[level]) != 0) continue;
    allowed = level;
    return level <= best();
  }
  return false;
}

}  // namespace numcore::inverse
