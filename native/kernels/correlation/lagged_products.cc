#include "kernels/correlation/lagged_products.h"

#include <algorithm>
#include <atomic>

#include "kernels/fft/buffer.h"
#include "kernels/fft/tasks.h"
#include "kernels/fft/transform.h"

namespace numcore::correlation {
namespace {

// Summed plainly, 32 terms a lane, so that at most about 32 eps are lost; the sums of the runs are added up
// with compensation. Short enough to stay in the first-level cache, where all lags of a group read it.
constexpr std::size_t kRun = 256;
// Independent partial sums, so that the loop vectorises without reordering.
constexpr std::size_t kLanes = 8;
// A task is one group of lags over one segment of the series; at most kMaxSegments of them, so that the table
// of partial sums stays small against the work.
constexpr std::size_t kGroupLags = 16;
constexpr std::size_t kSegment = std::size_t{1} << 18;
constexpr std::size_t kMaxSegments = 64;

// Lags that are summed side by side: a lane's additions wait for each other.
constexpr std::size_t kBeside = 4;

typedef double Lanes __attribute__((vector_size(kLanes * sizeof(double))));
typedef double UnalignedLanes __attribute__((vector_size(kLanes * sizeof(double)), aligned(8)));

// out[k] = sum of a[i] * b[i + k] over `length` terms, for k < count. The same additions in the same order
// for every instruction set and every count.
template <std::size_t count>
[[gnu::always_inline]] inline void dots(const double* a, const double* b, std::size_t length, double* out) {
  Lanes sums[count] = {};
  std::size_t i = 0;
  for (; i + kLanes <= length; i += kLanes) {
    const Lanes x = *reinterpret_cast<const UnalignedLanes*>(a + i);
    for (std::size_t k = 0; k < count; ++k) {
      sums[k] += x * *reinterpret_cast<const UnalignedLanes*>(b + i + k);
    }
  }
  for (std::size_t k = 0; k < count; ++k) {
    Lanes& s = sums[k];
    for (std::size_t rest = i; rest < length; ++rest) s[rest - i] += a[rest] * b[rest + k];
    out[k] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
  }
}

using Dots = void (*)(const double*, const double*, std::size_t, double*);
struct DotKernel {
  Dots one, several;  // several: kBeside lags
};

template <std::size_t count>
void dots_baseline(const double* a, const double* b, std::size_t length, double* out) {
  dots<count>(a, b, length, out);
}
#if defined(__x86_64__)
template <std::size_t count>
[[gnu::target("avx2")]] void dots_avx2(const double* a, const double* b, std::size_t length, double* out) {
  dots<count>(a, b, length, out);
}
template <std::size_t count>
[[gnu::target("avx512f,prefer-vector-width=512")]] void dots_avx512(const double* a, const double* b,
                                                                    std::size_t length, double* out) {
  dots<count>(a, b, length, out);
}
DotKernel choose_dots() {
  if (__builtin_cpu_supports("avx512f")) return {dots_avx512<1>, dots_avx512<kBeside>};
  if (__builtin_cpu_supports("avx2")) return {dots_avx2<1>, dots_avx2<kBeside>};
  return {dots_baseline<1>, dots_baseline<kBeside>};
}
#else
DotKernel choose_dots() { return {dots_baseline<1>, dots_baseline<kBeside>}; }
#endif

}  // namespace

std::vector<double> direct_products(std::span<const double> a, std::span<const double> b, std::size_t last,
                                    JobContext& context) {
  const std::size_t n = a.size(), segment = std::max(kSegment, (n + kMaxSegments - 1) / kMaxSegments);
  const std::size_t segments = (n + segment - 1) / segment;
  const std::size_t lags = last + 1, groups = (lags + kGroupLags - 1) / kGroupLags;
  std::vector<double> partial(lags * segments);
  std::atomic<std::size_t> finished{0};
  const std::size_t tasks = groups * segments;
  const DotKernel kernel = choose_dots();

#pragma omp parallel for num_threads(context.threads()) schedule(dynamic, 1)
  for (std::size_t task = 0; task < tasks; ++task) {
    const std::size_t group = task / segments, s = task % segments;
    const std::size_t first_lag = group * kGroupLags, group_lags = std::min(kGroupLags, lags - first_lag);
    const std::size_t end = std::min(n, (s + 1) * segment);
    CompensatedSum sums[kGroupLags];
    for (std::size_t begin = s * segment; begin < end && !context.cancelled(); begin += kRun) {
      const std::size_t run = std::min(kRun, end - begin);
      for (std::size_t g = 0; g < group_lags;) {
        const std::size_t lag = first_lag + g, from = begin + lag;
        if (from >= n) break;
        const bool beside = g + kBeside <= group_lags && from + kBeside - 1 + run <= n;
        double values[kBeside];
        (beside ? kernel.several : kernel.one)(a.data() + begin, b.data() + from, std::min(run, n - from),
                                               values);
        for (std::size_t k = 0; k < (beside ? kBeside : 1); ++k) sums[g++].add(values[k]);
      }
    }
    for (std::size_t g = 0; g < group_lags; ++g) partial[(first_lag + g) * segments + s] = sums[g].value();
    context.progress(static_cast<double>(++finished) / static_cast<double>(tasks));
  }
  context.check();

  std::vector<double> products(lags);
  for (std::size_t lag = 0; lag < lags; ++lag) {
    CompensatedSum sum;
    for (std::size_t s = 0; s < segments; ++s) sum.add(partial[lag * segments + s]);
    products[lag] = sum.value();
  }
  return products;
}

// The transform of the products by lag is conj(A) B.
std::vector<double> fft_products(std::span<const double> a, std::span<const double> b, std::size_t lags,
                                 JobContext& context) {
  const std::size_t n = a.size(), half = fft::good_length((n + lags + 1) / 2), m = 2 * half;
  const bool same = a.data() == b.data();
  const auto spectrum = [&](std::span<const double> x, double begin, double end) {
    fft::Buffer z = fft::make_buffer(m + 2);
    std::copy(x.begin(), x.end(), z.get());
    std::fill(z.get() + n, z.get() + m + 2, 0.0);
    fft::transform_real(z.get(), z.get(), m, {.begin = begin, .end = end}, context);
    return z;
  };
  const fft::Buffer first = spectrum(a, 0, same ? 0.5 : 0.33);
  const fft::Buffer other = same ? nullptr : spectrum(b, 0.33, 0.66);
  double* const z = first.get();
  const double* const w = same ? z : other.get();
  fft::run_pieces(half + 1, {.begin = 0.66, .end = 0.66}, context, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin; k < end; ++k) {
      // A square has no imaginary part; computed as one it could be left with a rounding error.
      const double re = z[2 * k] * w[2 * k] + z[2 * k + 1] * w[2 * k + 1];
      const double im = same ? 0 : z[2 * k] * w[2 * k + 1] - z[2 * k + 1] * w[2 * k];
      z[2 * k] = re;
      z[2 * k + 1] = im;
    }
  });
  fft::transform_to_real(z, z, m, {.scale = 1 / static_cast<double>(m), .begin = 0.66, .end = 1}, context);
  return {z, z + lags + 1};
}

}  // namespace numcore::correlation
