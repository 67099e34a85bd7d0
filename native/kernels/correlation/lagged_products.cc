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

double combine(const double (&lanes)[kLanes]) noexcept {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

double dot(const double* a, const double* b, std::size_t length) noexcept {
  double lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= length; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += a[i + lane] * b[i + lane];
  }
  for (std::size_t lane = 0; i < length; ++i, ++lane) lanes[lane] += a[i] * b[i];
  return combine(lanes);
}

}  // namespace

std::vector<double> direct_products(std::span<const double> a, std::span<const double> b, std::size_t last,
                                    JobContext& context) {
  const std::size_t n = a.size(), segment = std::max(kSegment, (n + kMaxSegments - 1) / kMaxSegments);
  const std::size_t segments = (n + segment - 1) / segment;
  const std::size_t lags = last + 1, groups = (lags + kGroupLags - 1) / kGroupLags;
  std::vector<double> partial(lags * segments);
  std::atomic<std::size_t> finished{0};
  const std::size_t tasks = groups * segments;

#pragma omp parallel for num_threads(context.threads()) schedule(dynamic, 1)
  for (std::size_t task = 0; task < tasks; ++task) {
    const std::size_t group = task / segments, s = task % segments;
    const std::size_t first_lag = group * kGroupLags, group_lags = std::min(kGroupLags, lags - first_lag);
    const std::size_t end = std::min(n, (s + 1) * segment);
    CompensatedSum sums[kGroupLags];
    for (std::size_t begin = s * segment; begin < end && !context.cancelled(); begin += kRun) {
      for (std::size_t g = 0; g < group_lags; ++g) {
        const std::size_t lag = first_lag + g;
        if (begin + lag >= n) break;
        const std::size_t length = std::min({kRun, end - begin, n - lag - begin});
        sums[g].add(dot(a.data() + begin, b.data() + begin + lag, length));
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
