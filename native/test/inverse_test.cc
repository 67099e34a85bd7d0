// The inversion, held against a plain long-double Gauss-Jordan and against LAPACK's LU inverse.
#include "kernels/inverse/inverse.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "kernels/blas.h"
#include "kernels/inverse/micro.h"
#include "runtime/failure.h"
#include "test/check.h"
#include "test/inverse_matrices.h"

using namespace numcore;
using namespace numcore::inverse;
using namespace numcore::test;

namespace {

// NUMCORE_TEST_KERNEL=plain or avx2 runs all that follows on that instruction set.
const char* asked() {
  const char* const name = std::getenv("NUMCORE_TEST_KERNEL");
  return name ? name : "avx512";
}
[[maybe_unused]] const bool chosen = allow_micro(asked());

template <class T>
std::vector<T> as(const Dense& m) {
  return {m.begin(), m.end()};
}

template <class T>
Real norm1(const std::vector<T>& m, int n) {
  Real most = 0;
  for (int j = 0; j < n; ++j) {
    Real sum = 0;
    for (int i = 0; i < n; ++i) sum += std::abs(static_cast<Real>(m[static_cast<std::size_t>(i * n + j)]));
    most = std::max(most, sum);
  }
  return most;
}

// ||A X - I||_F / (||A||_1 ||X||_1 n eps), in long double.
template <class T>
double backward_error(const std::vector<T>& a, const std::vector<T>& x, int n) {
  Real square = 0;
  std::vector<Real> row(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    std::fill(row.begin(), row.end(), 0.0L);
    for (int k = 0; k < n; ++k) {
      const Real factor = static_cast<Real>(a[static_cast<std::size_t>(i * n + k)]);
      for (int j = 0; j < n; ++j)
        row[static_cast<std::size_t>(j)] +=
            factor * static_cast<Real>(x[static_cast<std::size_t>(k * n + j)]);
    }
    row[static_cast<std::size_t>(i)] -= 1;
    for (const Real entry : row) square += entry * entry;
  }
  return static_cast<double>(std::sqrt(square) / norm1(a, n) / norm1(x, n) / n /
                             static_cast<Real>(std::numeric_limits<T>::epsilon()));
}

template <class T>
double lu_error(const std::vector<T>& a, int n) {
  std::vector<T> x = a, work(static_cast<std::size_t>(n) * 64);
  std::vector<int> pivots(static_cast<std::size_t>(n));
  if (blas::getrf(n, n, x.data(), n, pivots.data()) != 0) return 0;
  blas::getri(n, x.data(), n, pivots.data(), work.data(), static_cast<int>(work.size()));
  return backward_error(a, x, n);
}

struct Answer {
  Report report;
  std::string code;  // of the failure, empty when there was none
  std::int64_t where = -1;
};

template <class T>
Answer run(const std::vector<T>& a, std::vector<T>& x, int n, Assume assume = Assume::automatic,
           int threads = 2) {
  JobContext context(threads);
  Answer answer;
  x.assign(a.size(), T(-7));
  try {
    answer.report = invert<T>(a, x, n, assume, context);
  } catch (const Failure& failure) {
    answer.code = failure.code();
    answer.where = failure.where();
  }
  return answer;
}

bool is_symmetric(const Dense& m, int n) {
  for (int i = 0; i < n * n; ++i) {
    if (m[static_cast<std::size_t>(i)] != m[static_cast<std::size_t>(i % n * n + i / n)]) return false;
  }
  return true;
}

// What every inverse must satisfy, whatever the route.
template <class T>
void hold(const char* name, const Dense& matrix, int n, Assume assume) {
  const int before = failures();
  const std::vector<T> a = as<T>(matrix);
  std::vector<T> x;
  const Answer answer = run(a, x, n, assume);
  CHECK(answer.code.empty());
  if (answer.code.empty()) {
    const double error = backward_error(a, x, n), lu = lu_error(a, n);
    CHECK_NEAR(error, 0, std::max(10 * lu, 1.0 / n));
    CHECK_NEAR(std::log10(answer.report.rcond),
               static_cast<double>(-std::log10(norm1(a, n)) - std::log10(norm1(x, n))), 0.01);
    // The probe has seen the same matrix: within its spread, and its own rounding, of the full product.
    CHECK(answer.report.residual <= 4 * error + 1.0 / n);
    CHECK(answer.report.residual >= error / 4 - 1.0 / n);
    CHECK(answer.report.growth >= 1);
    if (answer.report.method != Method::lu) {
      bool mirrored = true;
      for (int i = 0; i < n; ++i) {
        for (int j = 0; j < i; ++j)
          mirrored &= x[static_cast<std::size_t>(i * n + j)] == x[static_cast<std::size_t>(j * n + i)];
      }
      CHECK(mirrored);
      CHECK(answer.report.inertia_known);
      CHECK(answer.report.positive + answer.report.negative + answer.report.zero == n);
    }
    // The plain inverse in long double takes its time: for sizes up to the first tile edges.
    const Dense exact = n <= 100 ? reference_inverse(Dense(a.begin(), a.end()), n) : Dense();
    Real difference = 0, size = n <= 100 ? 0 : 1;
    for (std::size_t i = 0; i < exact.size(); ++i) {
      difference = std::max(difference, std::abs(exact[i] - static_cast<Real>(x[i])));
      size = std::max(size, std::abs(exact[i]));
    }
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    CHECK_NEAR(static_cast<double>(difference / size), 0, n * eps / answer.report.rcond + eps);
  }
  if (failures() != before) {
    std::printf("      in %s, n = %d, %s, assume %d, method %d (%s)\n", name, n,
                sizeof(T) == 8 ? "double" : "float", static_cast<int>(assume),
                static_cast<int>(answer.report.method), answer.code.c_str());
  }
}

void hold_all(const char* name, const Dense& m, int n, bool also_float = true) {
  hold<double>(name, m, n, Assume::automatic);
  hold<double>(name, m, n, Assume::general);
  if (is_symmetric(m, n)) hold<double>(name, m, n, Assume::symmetric);
  if (also_float) hold<float>(name, m, n, Assume::automatic);
}

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

TEST("inverse: an ulp off is not symmetric, a negative zero is") {
  const int n = 130;
  std::vector<double> x, a = as<double>(lesson(n, 3));
  CHECK(run(a, x, n).report.method != Method::lu);
  // In a block at the edge, in a whole one, and in one on the diagonal.
  for (const int place : {129 * n + 1, 100 * n + 20, 70 * n + 66}) {
    double& entry = a[static_cast<std::size_t>(place)];
    const double kept = entry;
    entry = std::nextafter(entry, 2.0);
    const Answer answer = run(a, x, n);
    CHECK(answer.report.method == Method::lu);
    CHECK(!answer.report.inertia_known);
    entry = kept;
  }
  std::vector<double> zero{1, 0.0, -0.0, -3};
  CHECK(run(zero, x, 2).report.method != Method::lu);
}

TEST("inverse: one triangle is read when told so") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const int n : {1, 2, 40, 150, 270}) {
    for (const int negative : {0, n / 3}) {
      const std::vector<double> whole = as<double>(prescribed(n, 50, negative, 4));
      std::vector<double> a = whole, expected, x;
      for (int i = 0; i < n; ++i) {
        for (int j = i + 1; j < n; ++j) a[static_cast<std::size_t>(i * n + j)] = nan;
      }
      run(whole, expected, n, Assume::symmetric);
      CHECK(run(a, x, n, Assume::symmetric).code.empty());
      CHECK(x == expected);
      CHECK_NEAR(backward_error(whole, x, n), 0, 1);
      const Answer definite = run(a, x, n, Assume::positive_definite);
      if (negative == 0) {
        CHECK(definite.code.empty() && definite.report.method == Method::cholesky);
        CHECK_NEAR(backward_error(whole, x, n), 0, 1);
      } else {
        CHECK(definite.code == "ERR_NOT_POSITIVE_DEFINITE");
        CHECK(definite.where >= 0 && definite.where < n);
      }
      if (n > 1) CHECK(run(a, x, n).code == "ERR_NOT_FINITE");
    }
  }
}

TEST("inverse: overwriting gives the same") {
  for (const int n : {1, 3, 100, 300}) {
    for (const Dense& m : {lesson(n, 6), uniform(n, 7), prescribed(n, 10, 0, 8)}) {
      for (const Assume assume : {Assume::automatic, Assume::general, Assume::symmetric}) {
        std::vector<double> a = as<double>(m), x;
        const Answer answer = run(a, x, n, assume);
        JobContext context(2);
        const Report over = invert<double>(a, a, n, assume, context);
        CHECK(a == x);
        CHECK(over.residual == answer.report.residual && over.rcond == answer.report.rcond);
      }
    }
  }
}

TEST("inverse: what is not finite is named") {
  const double inf = std::numeric_limits<double>::infinity(), nan = inf - inf;
  for (const int n : {1, 4, 150, 300}) {
    for (const double bad : {nan, inf, -inf}) {
      std::vector<double> a = as<double>(lesson(n, 2)), x;
      const int first = n * n / 3, second = n * n - 1;
      a[static_cast<std::size_t>(first)] = bad;
      a[static_cast<std::size_t>(second)] = nan;
      const Answer answer = run(a, x, n);
      CHECK(answer.code == "ERR_NOT_FINITE");
      CHECK(answer.where == first);
    }
  }
  // Sums that overflow are no reason to refuse entries that are finite.
  std::vector<double> x, a{1.5e308, 1e308, 1e308, -1.5e308};
  CHECK(run(a, x, 2).code != "ERR_NOT_FINITE");
}

TEST("inverse: singular from every route") {
  std::vector<double> x;
  for (const int n : {1, 2, 5, 100, 200, 300}) {
    const std::size_t size = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
    for (const Assume assume :
         {Assume::automatic, Assume::general, Assume::symmetric, Assume::positive_definite}) {
      CHECK(run(std::vector<double>(size, 0.0), x, n, assume).code == "ERR_SINGULAR");
      if (n == 1) continue;
      CHECK(run(std::vector<double>(size, 1.0), x, n, assume).code == "ERR_SINGULAR");
    }
    if (n < 5) continue;
    // A zero row and column, and a row that repeats another one, each inside well-behaved surroundings.
    for (const unsigned seed : {1u, 2u, 3u}) {
      Dense m = lesson(n, seed), definite = prescribed(n, 10, 0, seed), general = uniform(n, seed);
      for (int i = 0; i < n; ++i) {
        for (Dense* each : {&m, &definite}) {
          at(*each, n, i, n - 2) = at(*each, n, i, 1);
        }
        at(general, n, i, 3) = 0;
      }
      for (int i = 0; i < n; ++i) {
        for (Dense* each : {&m, &definite}) at(*each, n, n - 2, i) = at(*each, n, 1, i);
      }
      for (const Assume assume : {Assume::automatic, Assume::general, Assume::symmetric}) {
        CHECK(run(as<double>(m), x, n, assume).code == "ERR_SINGULAR");
        CHECK(run(as<double>(definite), x, n, assume).code == "ERR_SINGULAR");
      }
      const Answer answer = run(as<double>(general), x, n);
      CHECK(answer.code == "ERR_SINGULAR");
      CHECK(answer.where >= 0 && answer.where < n);
    }
  }
  CHECK(run(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9}, x, 3).code == "ERR_SINGULAR");
}

TEST("inverse: the same bits on every number of threads, and from the same call again") {
  for (const int n : {50, 257, 600, 1100}) {
    for (const Dense& m : {lesson(n, 6), scaled(kms(n), n, 1, true), uniform(n, 7)}) {
      const std::vector<double> a = as<double>(m);
      std::vector<double> one, other;
      const Report first = run(a, one, n, Assume::automatic, 1).report;
      CHECK(first.method != Method::bunch_kaufman && !first.repaired);
      for (const int threads : {1, 2, 3, 5}) {
        const Report again = run(a, other, n, Assume::automatic, threads).report;
        CHECK(one == other);
        CHECK(first.residual == again.residual && first.rcond == again.rcond && first.growth == again.growth);
      }
    }
  }
}

TEST("inverse: the safe route is taken, and told, where pivots lie across blocks") {
  const int n = 300;
  std::vector<double> x;
  const std::vector<double> a = as<double>(antidiagonal_blocks(n, 3));
  CHECK(run(a, x, n).report.method == Method::bunch_kaufman);
  CHECK(run(as<double>(lesson(n, 3)), x, n).report.method == Method::ldlt);
  // Over A itself as well: the triangle that is kept brings it back.
  std::vector<double> over = a;
  JobContext context(2);
  CHECK(invert<double>(over, over, n, Assume::automatic, context).method == Method::bunch_kaufman);
  CHECK_NEAR(backward_error(a, over, n), 0, 0.1);
  over = a;
  CHECK(invert<double>(over, over, n, Assume::symmetric, context).method == Method::bunch_kaufman);
  CHECK_NEAR(backward_error(a, over, n), 0, 0.1);
}

TEST("inverse: a cancelled job ends with Cancelled, and progress only rises") {
  const int n = 400;
  const std::vector<double> a = as<double>(lesson(n, 6));
  std::vector<double> x(a.size());
  JobContext context(2);
  context.cancel();
  CHECK_THROWS(invert<double>(a, x, n, Assume::automatic, context), Cancelled);
  // And in the middle of every route, at one of its own checkpoints: soon after, however many threads.
  for (const Assume assume : {Assume::automatic, Assume::general, Assume::symmetric}) {
    for (const int threads : {1, 2, 4}) {
      double seen = 0;
      JobContext* running = nullptr;
      JobContext stopped(threads, [&](double fraction) {
        seen = fraction;
        if (fraction > 0.1) running->cancel();
      });
      running = &stopped;
      CHECK_THROWS(invert<double>(a, x, n, assume, stopped), Cancelled);
      CHECK(seen > 0.1 && seen < 1);
    }
  }
  double last = 0;
  bool rises = true;
  JobContext watched(1, [&](double fraction) {
    rises &= fraction >= last && fraction <= 1;
    last = fraction;
  });
  invert<double>(a, x, n, Assume::automatic, watched);
  CHECK(rises);
  CHECK_NEAR(last, 1, 0);
  // Positive on the diagonal but for what the elimination finds at its end: Cholesky gives way late, and the
  // next route begins again.
  std::vector<double> late = as<double>(kms(n));
  late[static_cast<std::size_t>((n - 60) * n + n - 60)] = 1e-3;
  last = 0;
  rises = true;
  int told = 0;
  JobContext second(1, [&](double fraction) {
    rises &= fraction >= last && fraction <= 1;
    last = fraction;
    ++told;
  });
  CHECK(invert<double>(late, x, n, Assume::automatic, second).method == Method::ldlt);
  CHECK(rises && told > 10);
  CHECK_NEAR(last, 1, 0);
}

TEST("inverse: a result that fails its check is repaired from A, and that is told") {
  for (const int n : {40, 130, 300}) {
    for (const Dense& m : {lesson(n, 6), prescribed(n, 10, 0, 8), uniform(n, 7)}) {
      const std::vector<double> a = as<double>(m);
      std::vector<double> x, over = a;
      const Method first = run(a, x, n).report.method;
      const double lu = lu_error(a, n);
      distrust(true);
      const Report report = run(a, x, n).report;
      JobContext context(2);
      const Report overwritten = invert<double>(over, over, n, Assume::automatic, context);
      distrust(false);
      CHECK(report.repaired);
      CHECK(report.method == (first == Method::lu ? Method::lu : Method::bunch_kaufman));
      CHECK_NEAR(backward_error(a, x, n), 0, std::max(10 * lu, 1.0 / n));
      // Over A itself: the symmetric routes bring it back from the other triangle, LU cannot.
      CHECK(overwritten.repaired == (first != Method::lu));
      CHECK_NEAR(backward_error(a, over, n), 0, std::max(10 * lu, 1.0 / n));
      if (first != Method::lu) CHECK(over == x);
    }
  }
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
