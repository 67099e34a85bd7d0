#include "kernels/roof/roof.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "runtime/job_context.h"
#include "test/check.h"

namespace {

using numcore::JobContext;
using namespace numcore::roof;

TEST("roof: every thread multiplies its own matrices") {
  constexpr std::size_t n = 5;
  for (const int threads : {1, 3}) {
    JobContext context(threads);
    std::vector<double> work(static_cast<std::size_t>(threads) * 3 * n * n);
    for (std::size_t i = 0; i < work.size(); ++i) work[i] = std::cos(static_cast<double>(i));
    const std::vector<double> before = work;
    multiply(work, n, 2, context);
    for (std::size_t thread = 0; thread < static_cast<std::size_t>(threads); ++thread) {
      const double *a = before.data() + thread * 3 * n * n, *b = a + n * n;
      const double* c = work.data() + thread * 3 * n * n + 2 * n * n;
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
          double expected = 0;
          for (std::size_t k = 0; k < n; ++k) expected += a[k * n + i] * b[j * n + k];
          CHECK_NEAR(c[j * n + i], expected, 1e-12);
        }
      }
    }
  }
}

TEST("roof: square roots: at least as many as asked for, less than a pass more on each thread") {
  for (const int width : widths()) {
    for (const int threads : {1, 4}) {
      JobContext context(threads);
      for (const std::int64_t count : {std::int64_t{1}, std::int64_t{1000}, std::int64_t{200'000}}) {
        const std::int64_t taken = square_roots(count, width, context);
        CHECK(taken >= count);
        CHECK(taken < count + threads * 8 * width);
      }
    }
  }
}

TEST("roof: copy copies everything, whatever the threads") {
  std::vector<double> from(10'007);
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<double>(i);
  for (const int threads : {1, 2, 7}) {
    JobContext context(threads);
    std::vector<double> to(from.size(), -1.0);
    numcore::roof::copy(from, to, context);
    CHECK(to == from);
  }
}

TEST("roof: a cancelled job ends") {
  JobContext context(2);
  context.cancel();
  std::vector<double> work(2 * 3 * 4), other(4);
  CHECK_THROWS(multiply(work, 2, INT64_C(1) << 60, context), numcore::Cancelled);
  CHECK_THROWS(square_roots(INT64_C(1) << 60, 1, context), numcore::Cancelled);
  CHECK_THROWS(numcore::roof::copy(std::vector<double>(4), other, context), numcore::Cancelled);
}

}  // namespace
