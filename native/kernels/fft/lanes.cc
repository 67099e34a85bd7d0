#include "kernels/fft/lanes.h"

#include <array>

namespace numcore::fft {

#define NUMCORE_WIDTH 2
namespace baseline {
#include "kernels/fft/lanes.inc"
}  // namespace baseline
#undef NUMCORE_WIDTH

#if defined(__x86_64__)

#define NUMCORE_WIDTH 4
namespace avx2 {
#pragma GCC push_options
#pragma GCC target("avx2")
#include "kernels/fft/lanes.inc"
#pragma GCC pop_options
}  // namespace avx2
#undef NUMCORE_WIDTH

#define NUMCORE_WIDTH 8
namespace avx512 {
#pragma GCC push_options
#pragma GCC target("avx512f,avx512dq,avx512vl,prefer-vector-width=512")
#include "kernels/fft/lanes.inc"
#pragma GCC pop_options
}  // namespace avx512
#undef NUMCORE_WIDTH

#endif

namespace {

#define NUMCORE_KERNEL(name)                                                                       \
  {                                                                                                \
#name, name::load_columns, name::load_rows, name::store_columns, name::store_rows, name::pass, \
        name::twiddle, name::multiply                                                              \
  }

constexpr LaneKernel baseline_kernel NUMCORE_KERNEL(baseline);

#if defined(__x86_64__)
constexpr LaneKernel avx2_kernel NUMCORE_KERNEL(avx2);
constexpr LaneKernel avx512_kernel NUMCORE_KERNEL(avx512);
constexpr std::array<const LaneKernel*, 3> all{&avx512_kernel, &avx2_kernel, &baseline_kernel};

std::size_t unusable() {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return 0;
  }
  return __builtin_cpu_supports("avx2") ? 1 : 2;
}
#else
constexpr std::array<const LaneKernel*, 1> all{&baseline_kernel};
std::size_t unusable() { return 0; }
#endif

#undef NUMCORE_KERNEL

}  // namespace

std::span<const LaneKernel* const> lane_kernels() {
  static const std::size_t first = unusable();
  return std::span<const LaneKernel* const>(all).subspan(first);
}

}  // namespace numcore::fft
