// The inversion of matrices with known answers or known trouble, held against a plain long-double
// Gauss-Jordan and against LAPACK's LU inverse.
#include <cstdlib>

#include "kernels/inverse/micro.h"
#include "test/inverse_hold.h"

using namespace numcore;
using namespace numcore::test;

namespace {

// NUMCORE_TEST_KERNEL=plain or avx2 runs all that follows on that instruction set.
const char* asked() {
  const char* const name = std::getenv("NUMCORE_TEST_KERNEL");
  return name ? name : "avx512";
}
[[maybe_unused]] const bool chosen = allow_micro(asked());

}  // namespace

TEST("inverse: matrices from the books") {
  for (const int n : {1, 2, 3, 5, 8, 10}) hold_all("hilbert", hilbert(n), n, n <= 5);
  for (const int n : {1, 2, 7, 33, 100}) {
    hold_all("lehmer", lehmer(n), n);
    hold_all("minij", minij(n), n);
    hold_all("kms", kms(n), n);
    hold_all("wilkinson tridiagonal", wilkinson_tridiagonal(n + 1), n + 1, false);
    hold_all("arrow", arrow(n), n);
    hold_all("reversal", reversal(n), n);
    hold_all("permutation", permutation(n, 5), n);
  }
  for (const int n : {2, 7, 33, 100}) hold_all("fiedler", fiedler(n), n);
  for (const int n : {2, 5, 10, 14}) hold_all("pascal", pascal(n), n, n <= 5);
  for (const int n : {2, 5, 11}) hold_all("moler", moler(n), n, n <= 5);
  for (const int n : {2, 5, 10}) hold_all("frank", frank(n), n, n <= 5);
  for (const int n : {2, 10, 40}) hold_all("wilkinson", wilkinson(n), n, n <= 10);
  for (const int n : {2, 64, 128}) hold_all("hadamard", hadamard(n), n);
}

TEST("inverse: random matrices over many sizes") {
  for (const int n : {1, 2, 3, 4, 7, 9, 23, 25, 47, 48, 49, 64, 65, 95, 96, 97, 129, 193}) {
    hold_all("lesson", lesson(n, 1), n);
    hold_all("uniform", uniform(n, 2), n);
    hold_all("definite", prescribed(n, 100, 0, 3), n);
    hold_all("saddle", saddle(n, 4), n);
    hold_all("antidiagonal blocks", antidiagonal_blocks(n, 5), n);
  }
}

TEST("inverse: sizes around every tile edge") {
  for (const int n : {383, 384, 385, 768, 769}) {
    for (const auto& [name, m] : {std::pair{"lesson", lesson(n, 1)}, std::pair{"uniform", uniform(n, 2)},
                                  std::pair{"definite", prescribed(n, 100, 0, 3)},
                                  std::pair{"antidiagonal blocks", antidiagonal_blocks(n, 4)}}) {
      hold_large<double>(name, m, n, {2});
      hold_large<float>(name, m, n, {3});
    }
  }
  // Wider blocks, and larger tiles.
  for (const int n : {1000, 1001, 1537}) {
    hold_large<double>("lesson", lesson(n, 1), n, {2});
    hold_large<double>("uniform", uniform(n, 2), n, {2});
    hold_large<double>("antidiagonal blocks", antidiagonal_blocks(n, 4), n, {2});
  }
}

TEST("inverse: prescribed inertia and condition") {
  for (const double condition : {1e0, 1e3, 1e6, 1e9, 1e12, 1e15}) {
    for (const int n : {10, 90, 110}) {
      for (const int negative : {0, 3, n / 2}) {
        const Dense m = prescribed(n, condition, negative, 11);
        hold_all("prescribed", m, n, condition <= 1e3);
        if (condition > 1e12) continue;  // the smallest eigenvalues are then of the size of the rounding of A
        std::vector<double> x;
        const Answer answer = run(as<double>(m), x, n);
        CHECK(answer.report.negative == negative);
        CHECK(answer.report.positive == n - negative);
        CHECK(answer.report.inertia_known);
        CHECK((answer.report.method == Method::cholesky) == (negative == 0));
      }
    }
  }
}

TEST("inverse: graded and badly scaled") {
  for (const double decades : {1.0, 5.0, 75.0}) {
    for (const bool mixed : {false, true}) {
      for (const int n : {2, 20, 110}) {
        // Only a diagonal scaling stands between these and well-conditioned matrices.
        Dense diagonal = scaled(fill(n, [](int i, int j) { return i == j; }), n, decades, mixed);
        hold_all("diagonal", diagonal, n, decades < 10);
        hold_all("graded definite", scaled(kms(n), n, decades, mixed), n, false);
        hold_all("graded lesson", scaled(lesson(n, 8), n, decades, mixed), n, false);
      }
    }
  }
}

TEST("inverse: known values") {
  std::vector<double> x;
  // min(i, j): tridiagonal 2, -1 with a last 1. Exact in floating point by Cholesky, L being all ones.
  const int n = 50;
  CHECK(run(as<double>(minij(n)), x, n).report.method == Method::cholesky);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      CHECK_NEAR(x[static_cast<std::size_t>(i * n + j)],
                 i == j                 ? (i == n - 1 ? 1 : 2)
                 : std::abs(i - j) == 1 ? -1
                                        : 0,
                 0);
    }
  }
  CHECK_NEAR(run(as<double>({2.0L}), x, 1).report.rcond, 1, 0);
  CHECK_NEAR(x[0], 0.5, 0);
  const Answer flip = run(as<double>({0, 4, 4, 0}), x, 2);
  CHECK(x == (std::vector<double>{0, 0.25, 0.25, 0}));
  CHECK(flip.report.positive == 1 && flip.report.negative == 1);
  CHECK(run(as<double>({1, 2, 3, 4}), x, 2).report.method == Method::lu);
  CHECK_NEAR(x[0], -2, 1e-15);
  CHECK_NEAR(x[1], 1, 1e-15);
  CHECK_NEAR(x[2], 1.5, 1e-15);
  CHECK_NEAR(x[3], -0.5, 1e-15);
  JobContext context(1);
  CHECK(invert<double>({}, {}, 0, Assume::automatic, context).rcond == 1);
}

TEST("inverse: every instruction set that the machine has") {
  for (const char* const name : {"plain", "avx2", "avx512"}) {
    const bool there = allow_micro(name);
    if (!there) std::printf("      %s: not on this machine, skipped\n", name);
    for (const int n : {1, 23, 49, 97, 129}) {
      if (!there) break;
      hold_all(name, lesson(n, 1), n);
      hold_all(name, uniform(n, 2), n);
      hold_all(name, prescribed(n, 100, 0, 3), n);
      hold_all(name, saddle(n, 4), n);
    }
    const std::vector<double> a = as<double>(lesson(300, 6));
    std::vector<double> one, other;
    run(a, one, 300, Assume::automatic, 1);
    run(a, other, 300, Assume::automatic, 3);
    CHECK(one == other);
  }
  allow_micro(asked());
}
