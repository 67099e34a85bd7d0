#include "kernels/roof/roof.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include "kernels/blas.h"

namespace numcore::roof {
namespace {

// Between two looks at whether the job was cancelled: well under a millisecond.
constexpr std::int64_t kChunk = 1 << 16;
// Independent roots in flight: the unit is pipelined, and one after another would show its latency.
constexpr int kChains = 8;

// The statement in the middle of each loop tells the compiler nothing but that the register changes, so that
// it can neither drop a root nor take it twice. The roots are of the root before and run towards 1, a normal
// number.
std::int64_t roots_scalar(std::int64_t count) {
  double v[kChains];
  std::fill(v, v + kChains, 0.7);
  std::int64_t done = 0;
  for (; done < count; done += kChains) {
    for (double& each : v) each = std::sqrt(each);
  }
  volatile double sink = v[0];
  for (const double each : v) sink = sink + each;
  return done;
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] std::int64_t roots_avx2(std::int64_t count) {
  __m256d v[kChains];
  for (auto& each : v) each = _mm256_set1_pd(0.7);
  std::int64_t done = 0;
  for (; done < count; done += 4 * kChains) {
    for (auto& each : v) asm volatile("vsqrtpd %0, %0" : "+x"(each));
  }
  return done;
}

[[gnu::target("avx512f")]] std::int64_t roots_avx512(std::int64_t count) {
  __m512d v[kChains];
  for (auto& each : v) each = _mm512_set1_pd(0.7);
  std::int64_t done = 0;
  for (; done < count; done += 8 * kChains) {
    for (auto& each : v) asm volatile("vsqrtpd %0, %0" : "+v"(each));
  }
  return done;
}
#endif

std::int64_t roots(std::int64_t count, int width) {
#if defined(__x86_64__)
  if (width == 8) return roots_avx512(count);
  if (width == 4) return roots_avx2(count);
#endif
  (void)width;
  return roots_scalar(count);
}

}  // namespace

void multiply(std::span<double> workspace, std::size_t n, std::int64_t times, JobContext& context) {
  const int order = static_cast<int>(n);
#pragma omp parallel num_threads(context.threads())
  {
    const BlasThreads sequential(1);
    double* a = workspace.data() + static_cast<std::size_t>(omp_get_thread_num()) * 3 * n * n;
    double *b = a + n * n, *c = b + n * n;
    for (std::int64_t i = 0; i < times && !context.cancelled(); ++i) {
      blas::gemm(CblasNoTrans, CblasNoTrans, order, order, order, 1.0, a, order, b, order, 0.0, c, order);
    }
  }
  context.check();
}

std::int64_t square_roots(std::int64_t count, int width, JobContext& context) {
  std::int64_t total = 0;
#pragma omp parallel num_threads(context.threads()) reduction(+ : total)
  {
    const std::int64_t threads = omp_get_num_threads();
    const std::int64_t mine = count / threads + (omp_get_thread_num() < count % threads ? 1 : 0);
    for (std::int64_t done = 0; done < mine && !context.cancelled();) {
      const std::int64_t taken = roots(std::min(kChunk, mine - done), width);
      done += taken;
      total += taken;
    }
  }
  context.check();
  return total;
}

std::span<const int> widths() {
#if defined(__x86_64__)
  static constexpr std::array<int, 3> all{1, 4, 8};
  const std::size_t known = __builtin_cpu_supports("avx512f") ? 3 : __builtin_cpu_supports("avx2") ? 2 : 1;
  return std::span(all).first(known);
#else
  static constexpr std::array<int, 1> all{1};
  return all;
#endif
}

void copy(std::span<const double> from, std::span<double> to, JobContext& context) {
#pragma omp parallel num_threads(context.threads())
  {
    const auto threads = static_cast<std::size_t>(omp_get_num_threads());
    const auto me = static_cast<std::size_t>(omp_get_thread_num());
    const std::size_t begin = from.size() * me / threads, end = from.size() * (me + 1) / threads;
    for (std::size_t at = begin; at < end && !context.cancelled();) {
      // Long enough for the C library to write past the caches, which is the faster way for what does not
      // fit.
      const std::size_t length = std::min(end - at, std::size_t{1} << 22);
      std::memcpy(to.data() + at, from.data() + at, length * sizeof(double));
      at += length;
    }
  }
  context.check();
}

}  // namespace numcore::roof
