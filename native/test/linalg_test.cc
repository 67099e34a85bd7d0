// The tile factorisation behind ldl and solve, on every instruction set of this machine: A in the order of
// the pivots is L D L^T, with the same bits for every number of threads.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <vector>

#include "kernels/inverse/micro.h"
#include "kernels/linalg/small.h"
#include "kernels/linalg/tile_ldl.h"
#include "runtime/job_context.h"
#include "test/check.h"

using namespace numcore;

namespace {

std::size_t place(std::int64_t n, std::int64_t i, std::int64_t j) {
  return static_cast<std::size_t>(i * n + j);
}

// Symmetric, entries from -1 to 1 times a scale that rises by `decades` from the first row to the last.
template <class T>
std::vector<T> indefinite(std::int64_t n, double decades) {
  std::mt19937 engine(static_cast<unsigned>(n));
  std::uniform_real_distribution<double> entry(-1, 1);
  std::vector<T> a(place(n, n, 0));
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j <= i; ++j) {
      const double scale = std::pow(10, decades * static_cast<double>(i + j) / static_cast<double>(n));
      a[place(n, i, j)] = a[place(n, j, i)] = static_cast<T>(scale * entry(engine));
    }
  }
  return a;
}

template <class T>
void hold(std::int64_t n, double decades, double tolerance) {
  const std::vector<T> a = indefinite<T>(n, decades);
  std::vector<T> first;
  for (const int threads : {1, 3}) {
    std::vector<T> l = a, d(static_cast<std::size_t>(n)), e(d);
    std::vector<int> order(static_cast<std::size_t>(n));
    JobContext context(threads);
    linalg::TileLdl<T> tiles(l.data(), n, d.data(), e.data(), order.data(), context);
    const bool done = tiles.run();
    CHECK(done);
    if (!done) return;
    if (first.empty()) first = l;
    CHECK(first == l);
    double error = 0, largest = 0;
    std::vector<double> ld(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i) {
      for (std::int64_t k = 0; k <= i; ++k) {  // row i of L D
        double sum =
            static_cast<double>(l[place(n, i, k)]) * static_cast<double>(d[static_cast<std::size_t>(k)]);
        if (k > 0)
          sum += static_cast<double>(l[place(n, i, k - 1)]) *
                 static_cast<double>(e[static_cast<std::size_t>(k - 1)]);
        if (k < i)
          sum += static_cast<double>(l[place(n, i, k + 1)]) *
                 static_cast<double>(e[static_cast<std::size_t>(k)]);
        ld[static_cast<std::size_t>(k)] = sum;
      }
      for (std::int64_t j = 0; j <= i; ++j) {
        double sum = 0;
        for (std::int64_t k = 0; k <= j; ++k)
          sum += ld[static_cast<std::size_t>(k)] * static_cast<double>(l[place(n, j, k)]);
        const T entry = a[place(n, order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(j)])];
        error = std::max(error, std::abs(sum - static_cast<double>(entry)));
        largest = std::max(largest, std::abs(static_cast<double>(entry)));
      }
    }
    CHECK(error <= tolerance * largest);
  }
}

}  // namespace

TEST("linalg: tiles give L D L^T on every instruction set, whatever the threads") {
  for (const char* name : {"plain", "avx2", "avx512"}) {
    if (!inverse::allow_micro(name)) continue;
    for (const std::int64_t n : {1, 2, 47, 48, 49, 97, 150, 300}) {
      hold<double>(n, 0, 1e-11);
      hold<float>(n, 0, 1e-2);
    }
    hold<double>(400, 0.4, 1e-10);
  }
  // As inverse_test.cc leaves it.
  const char* const asked = std::getenv("NUMCORE_TEST_KERNEL");
  inverse::allow_micro(asked ? asked : "avx512");
}

TEST("linalg: inverses in lanes, of full and of incomplete groups") {
  std::mt19937 engine(7);
  std::uniform_real_distribution<double> entry(-1, 1);
  for (int n = 1; n <= linalg::kLaneOrder; ++n) {
    for (const int count : {1, 5, linalg::kLanes}) {
      const auto area = static_cast<std::size_t>(n * n);
      std::vector<double> a(area * static_cast<std::size_t>(count)), x(a.size());
      for (double& each : a) each = entry(engine);
      double room[linalg::kLaneOrder * linalg::kLaneOrder * linalg::kLanes];
      int lost[linalg::kLanes];
      linalg::small_inverses(n, count, a.data(), x.data(), room, lost);
      for (int m = 0; m < count; ++m) {
        CHECK(lost[m] == -1);
        const double* one = &a[area * static_cast<std::size_t>(m)];
        const double* two = &x[area * static_cast<std::size_t>(m)];
        double error = 0, largest = 1;
        for (int i = 0; i < n; ++i) {
          for (int j = 0; j < n; ++j) {
            double sum = i == j ? -1 : 0;
            for (int k = 0; k < n; ++k) sum += one[i * n + k] * two[k * n + j];
            error = std::max(error, std::abs(sum));
            largest = std::max(largest, std::abs(two[i * n + j]));
          }
        }
        CHECK(error <= 1e-13 * largest);
      }
    }
  }
}
