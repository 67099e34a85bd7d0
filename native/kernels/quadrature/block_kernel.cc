#include "kernels/quadrature/block_kernel.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "kernels/quadrature/functions.h"

#if defined(__x86_64__)
// GCC 12 takes the undefined halves in its own AVX-512 header for mistakes (its bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace numcore::quadrature {

namespace {

// Square roots by estimate are exact for numbers whose residuals are not subnormal, and where nothing
// on the way overflows; this is well inside. As bits, so that one unsigned comparison leaves out zeros,
// negative numbers and NaN too.
// The range of floats serves both AVX2, whose estimate is one of floats, and AVX-512.
constexpr std::int64_t smallest_estimated = std::int64_t{1023 - 120} << 52;
constexpr std::int64_t largest_estimated = std::int64_t{1023 + 120} << 52;

constexpr std::int64_t sign_bit = std::numeric_limits<std::int64_t>::min();

}  // namespace

// block_kernel.inc is included once for each instruction set, within its pragmas. No standard template may
// be instantiated in it: its one copy could be one that the baseline processor cannot run. Each variant
// brings the few operations that have no common form.

#define NUMCORE_WIDTH 2
namespace baseline {
typedef double Vector __attribute__((vector_size(16)));
typedef std::int64_t Mask __attribute__((vector_size(16)));
static inline bool any(Mask mask) { return (mask[0] | mask[1]) != 0; }
static inline Vector larger_of(Vector a, Vector b) { return a > b ? a : b; }
static inline Vector one_back(Vector before, Vector here) { return Vector{before[1], here[0]}; }
static inline Vector two_back(Vector before, Vector) { return before; }
#if defined(__x86_64__)
using Native = __m128d;
#define NUMCORE_SLEEF(name) Sleef_cinz_##name##d2_u10sse2
#elif defined(__aarch64__)
using Native = float64x2_t;
#define NUMCORE_SLEEF(name) Sleef_finz_##name##d2_u10advsimd
#else
#define NUMCORE_NO_SLEEF
using Native = Vector;
#define NUMCORE_SLEEF(name) each_##name
#define NUMCORE_EACH(name) \
  static inline Vector each_##name(Vector v) { return Vector{std::name(v[0]), std::name(v[1])}; }
NUMCORE_EACH(exp)
NUMCORE_EACH(log)
NUMCORE_EACH(log10)
NUMCORE_EACH(log2)
NUMCORE_EACH(sin)
NUMCORE_EACH(cos)
NUMCORE_EACH(tan)
NUMCORE_EACH(asin)
NUMCORE_EACH(acos)
NUMCORE_EACH(atan)
NUMCORE_EACH(sinh)
NUMCORE_EACH(cosh)
NUMCORE_EACH(tanh)
#undef NUMCORE_EACH
static inline Vector each_pow(Vector a, Vector b) {
  return Vector{std::pow(a[0], b[0]), std::pow(a[1], b[1])};
}
#endif
#include "kernels/quadrature/block_kernel.inc"
#undef NUMCORE_SLEEF
#undef NUMCORE_NO_SLEEF
}  // namespace baseline
#undef NUMCORE_WIDTH

#if defined(__x86_64__)

#define NUMCORE_WIDTH 4
#define NUMCORE_SLEEF(name) Sleef_finz_##name##d4_u10avx2
#define NUMCORE_FMA
namespace avx2 {
#pragma GCC push_options
#pragma GCC target("avx2,fma")
typedef double Vector __attribute__((vector_size(32)));
typedef std::int64_t Mask __attribute__((vector_size(32)));
using Native = __m256d;
static inline bool any(Mask mask) { return _mm256_movemask_pd(__m256d(mask)) != 0; }
static inline Vector larger_of(Vector a, Vector b) { return Vector(_mm256_max_pd(Native(a), Native(b))); }
static inline Vector two_back(Vector before, Vector here) {
  return Vector(_mm256_permute2f128_pd(Native(before), Native(here), 0x21));
}
static inline Vector one_back(Vector before, Vector here) {
  return Vector(_mm256_shuffle_pd(Native(two_back(before, here)), Native(here), 0b0101));
}
static inline Native divider_root(Native v) { return _mm256_sqrt_pd(v); }
static inline Native minus_product(Native a, Native b, Native c) { return _mm256_fnmadd_pd(a, b, c); }
static inline Native plus_product(Native a, Native b, Native c) { return _mm256_fmadd_pd(a, b, c); }
// The root and half its reciprocal to some 34 bits: 11 bits by way of floats, whose range is the narrower,
// and a cubic step.
static inline void estimate(Native v, Native& root, Native& h) {
  const Native half = _mm256_set1_pd(0.5);
  const Native y = _mm256_cvtps_pd(_mm_rsqrt_ps(_mm256_cvtpd_ps(v)));
  root = _mm256_mul_pd(v, y);
  h = _mm256_mul_pd(y, half);
  const Native miss = minus_product(root, y, _mm256_set1_pd(1.0));
  const Native step = _mm256_mul_pd(miss, plus_product(miss, _mm256_set1_pd(0.375), half));
  root = plus_product(root, step, root);
  h = plus_product(h, step, h);
}
static inline bool within(const Vector* x, Mask low, Mask range) {
  const Native top = Native(low + range);
  Native bad = _mm256_setzero_pd();
  for (std::size_t k = 0; k < 8; ++k) {
    // Signed comparison: negative numbers are below `low`.
    const __m256i v = __m256i(x[k]);
    bad = _mm256_or_pd(bad, Native(_mm256_or_si256(_mm256_cmpgt_epi64(__m256i(low), v),
                                                   _mm256_cmpgt_epi64(v, __m256i(top)))));
  }
  return _mm256_movemask_pd(bad) == 0;
}
#include "kernels/quadrature/block_kernel.inc"
#pragma GCC pop_options
}  // namespace avx2
#undef NUMCORE_WIDTH
#undef NUMCORE_SLEEF
#undef NUMCORE_FMA

#define NUMCORE_WIDTH 8
#define NUMCORE_SLEEF(name) Sleef_finz_##name##d8_u10avx512f
#define NUMCORE_FMA
namespace avx512 {
#pragma GCC push_options
#pragma GCC target("avx2,fma,avx512f,avx512dq,avx512vl,prefer-vector-width=512")
typedef double Vector __attribute__((vector_size(64)));
typedef std::int64_t Mask __attribute__((vector_size(64)));
using Native = __m512d;
static inline bool any(Mask mask) { return _mm512_test_epi64_mask(__m512i(mask), __m512i(mask)) != 0; }
static inline Vector larger_of(Vector a, Vector b) { return Vector(_mm512_max_pd(Native(a), Native(b))); }
static inline Vector one_back(Vector before, Vector here) {
  return Vector(_mm512_alignr_epi64(__m512i(here), __m512i(before), 7));
}
static inline Vector two_back(Vector before, Vector here) {
  return Vector(_mm512_alignr_epi64(__m512i(here), __m512i(before), 6));
}
static inline Native divider_root(Native v) { return _mm512_sqrt_pd(v); }
static inline Native minus_product(Native a, Native b, Native c) { return _mm512_fnmadd_pd(a, b, c); }
static inline Native plus_product(Native a, Native b, Native c) { return _mm512_fmadd_pd(a, b, c); }
// The root and half its reciprocal to some 27 bits: 14 bits and a step of Goldschmidt's.
static inline void estimate(Native v, Native& root, Native& h) {
  const Native half = _mm512_set1_pd(0.5);
  const Native y = _mm512_rsqrt14_pd(v);
  root = _mm512_mul_pd(v, y);
  h = _mm512_mul_pd(y, half);
  const Native miss = minus_product(root, h, half);
  root = plus_product(root, miss, root);
  h = plus_product(h, miss, h);
}
static inline bool within(const Vector* x, Mask low, Mask range) {
  __m512i furthest = _mm512_setzero_si512();
  for (std::size_t k = 0; k < 8; ++k) {
    furthest = _mm512_max_epu64(furthest, _mm512_sub_epi64(__m512i(x[k]), __m512i(low)));
  }
  return _mm512_cmpgt_epu64_mask(furthest, __m512i(range)) == 0;
}
#include "kernels/quadrature/block_kernel.inc"
#pragma GCC pop_options
}  // namespace avx512
#undef NUMCORE_WIDTH
#undef NUMCORE_SLEEF
#undef NUMCORE_FMA

#endif

namespace {

constexpr BlockKernel baseline_kernel{"baseline",       baseline::grid, baseline::run<0>,
                                      baseline::add,    nullptr,        baseline::bend,
                                      baseline::extend, baseline::gap,  baseline::function};

#if defined(__x86_64__)
// How many of eight vectors the divider makes while the multipliers make the others: with 64 bytes it takes
// some 20 cycles a vector on Intel's processors and 7.5 on AMD's Zen 5.
constexpr unsigned half_mix = 0x55, quarter_mix = 0x11;

template <unsigned mix>
constexpr BlockKernel avx512_kernel{mix == half_mix ? "avx512 half" : "avx512",
                                    avx512::grid,
                                    avx512::run<mix>,
                                    avx512::add,
                                    avx512::add_roots<mix>,
                                    avx512::bend,
                                    avx512::extend,
                                    avx512::gap,
                                    avx512::function};
constexpr BlockKernel avx2_kernel{
    "avx2",     avx2::grid,   avx2::run<half_mix>, avx2::add,     avx2::add_roots<half_mix>,
    avx2::bend, avx2::extend, avx2::gap,           avx2::function};

std::vector<const BlockKernel*> usable() {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return {&baseline_kernel};
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512vl")) {
    return {&avx2_kernel, &baseline_kernel};
  }
  std::vector<const BlockKernel*> all{&avx512_kernel<quarter_mix>, &avx512_kernel<half_mix>, &avx2_kernel,
                                      &baseline_kernel};
  if (__builtin_cpu_is("amd")) std::swap(all[0], all[1]);
  return all;
}
#else
std::vector<const BlockKernel*> usable() { return {&baseline_kernel}; }
#endif

}  // namespace

std::span<const BlockKernel* const> block_kernels() {
  static const std::vector<const BlockKernel*> kernels = usable();
  return kernels;
}

}  // namespace numcore::quadrature
