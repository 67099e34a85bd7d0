// What the inversion promises beside the numbers: which route it takes and tells, what it reads and refuses,
// the same bits, cancelling, and repairing what fails its check.
#include "kernels/inverse/routes.h"
#include "kernels/inverse/search.h"
#include "test/inverse_hold.h"

using namespace numcore;
using namespace numcore::test;

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
  // And what overflows on the way, in blocks of any kind, ends in an answer or in ERR_SINGULAR.
  for (const int n : {3, 60, 150}) {
    for (const Dense& m : {lesson(n, 3), antidiagonal_blocks(n, 4), uniform(n, 5)}) {
      std::vector<double> huge = as<double>(m);
      for (double& entry : huge) entry = std::clamp(entry, -0.9, 0.9) * 1.7e308;
      const Answer answer = run(huge, x, n);
      CHECK(answer.code.empty() || answer.code == "ERR_SINGULAR");
    }
  }
}

TEST("inverse: singular from every route") {
  std::vector<double> x;
  for (const int n : {1, 2, 5, 40, 100, 200, 300}) {
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
      // The safe route as well, which finds it after many blocks whose sums it has to remember.
      Dense across = antidiagonal_blocks(n, seed);
      for (int i = 0; i < n; ++i) at(across, n, i, n - 2) = at(across, n, i, n - 3);
      for (int i = 0; i < n; ++i) at(across, n, n - 2, i) = at(across, n, n - 3, i);
      for (const Assume assume : {Assume::automatic, Assume::general, Assume::symmetric}) {
        CHECK(run(as<double>(across), x, n, assume).code == "ERR_SINGULAR");
      }
      for (const Dense* each : {&m, &definite, &across}) {
        JobContext context(2);
        x = as<double>(*each);
        const std::vector<double> a = x;
        const Outcome outcome = bunch_kaufman<double>(x.data(), n, {a.data(), n, 1}, context);
        CHECK(!outcome.done && outcome.singular);
        CHECK(outcome.where >= 0 && outcome.where < n);
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
    for (const Dense& m :
         {lesson(n, 6), scaled(kms(n), n, 1, true), uniform(n, 7), antidiagonal_blocks(n, 3)}) {
      const std::vector<double> a = as<double>(m);
      std::vector<double> one, other;
      const Report first = run(a, one, n, Assume::automatic, 1).report;
      CHECK(!first.repaired);
      for (const int threads : {1, 2, 3, 4, 5, 6, 7, 8}) {
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
  const std::vector<double> a = as<double>(lesson(n, 6)), across = as<double>(antidiagonal_blocks(n, 6));
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
  // The safe route, which nothing but a failure of the others leads to, by itself.
  for (const int threads : {1, 2, 4}) {
    double seen = 0;
    JobContext* running = nullptr;
    JobContext stopped(threads, [&](double fraction) {
      seen = fraction;
      if (fraction > 0.3) running->cancel();
    });
    running = &stopped;
    x = across;
    CHECK_THROWS(bunch_kaufman<double>(x.data(), n, {across.data(), n, 1}, stopped), Cancelled);
    CHECK(seen > 0.3 && seen < 0.6);
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

TEST("inverse: pivots searched everywhere leave no multiplier above 2.8, on any number of threads") {
  const int n = 700, width = 48;
  for (const Dense& m :
       {antidiagonal_blocks(n, 3), lesson(n, 3), saddle(n, 3), scaled(lesson(n, 8), n, 5, true)}) {
    std::vector<double> a = as<double>(m);
    std::vector<std::int64_t> expected;
    for (const int threads : {1, 2, 3, 8}) {
      std::vector<double> workspace(static_cast<std::size_t>(n * PivotSearch<double>::columns(width))),
          mass(n);
      for (int i = 0; i < n; ++i)
        mass[static_cast<std::size_t>(i)] = std::abs(a[static_cast<std::size_t>(i * n + i)]);
      const JobContext context(threads);
      const Original<double> original{a.data(), n, 1};
      PivotSearch<double> search(a.data(), n, width, workspace.data(), n, mass, original, context);
      std::vector<std::int64_t> position;
      std::vector<std::uint8_t> pair;
      std::int64_t where = -1;
      CHECK(search.choose(position, pair, where));
      if (threads == 1) expected = position;
      CHECK(position == expected);
      CHECK(position.size() == width || position.size() == width - 1);
      // Elimination as in a textbook, with those pivots in that order.
      Dense s = m;
      Real most = 0;
      for (std::size_t k = 0; k < position.size(); ++k) {
        const int p = static_cast<int>(position[k]),
                  q = pair[k] == 1 ? static_cast<int>(position[k + 1]) : -1;
        std::vector<Real> one(static_cast<std::size_t>(n)), two = one, f = one, g = one;
        const Real c = at(s, n, p, p), b = q < 0 ? 0 : at(s, n, p, q), d = q < 0 ? 1 : at(s, n, q, q);
        for (int i = 0; i < n; ++i) {
          const auto r = static_cast<std::size_t>(i);
          const auto done = position.begin() + static_cast<std::ptrdiff_t>(k) + (q < 0 ? 1 : 2);
          if (std::find(position.begin(), done, i) != done) continue;
          one[r] = at(s, n, i, p);
          two[r] = q < 0 ? 0 : at(s, n, i, q);
          f[r] = (one[r] * d - two[r] * b) / (c * d - b * b);
          g[r] = (two[r] * c - one[r] * b) / (c * d - b * b);
          most = std::max({most, std::abs(f[r]), std::abs(g[r])});
        }
        for (int i = 0; i < n; ++i) {
          for (int j = 0; j < n; ++j) {
            const auto r = static_cast<std::size_t>(i), t = static_cast<std::size_t>(j);
            at(s, n, i, j) -= f[r] * one[t] + g[r] * two[t];
          }
        }
        if (q >= 0) ++k;
      }
      CHECK(most > 0 && most <= 2.8L);
    }
  }
}

TEST("inverse: a search for pivots stops when its job is cancelled") {
  const int n = 300, width = 48;
  const std::vector<double> a = as<double>(lesson(n, 3));
  for (const int threads : {1, 2}) {
    std::vector<double> workspace(static_cast<std::size_t>(n * PivotSearch<double>::columns(width))), mass(n);
    JobContext context(threads);
    context.cancel();
    const Original<double> original{a.data(), n, 1};
    PivotSearch<double> search(a.data(), n, width, workspace.data(), n, mass, original, context);
    std::vector<std::int64_t> position;
    std::vector<std::uint8_t> pair;
    std::int64_t where = -1;
    CHECK(search.choose(position, pair, where));
    CHECK(position.empty());
  }
}

TEST("inverse: the safe route holds for every kind of symmetric matrix") {
  distrust(true);
  for (const int n : {2, 7, 47, 49, 97, 150}) {
    for (const auto& [name, m] :
         {std::pair{"lesson", lesson(n, 1)}, std::pair{"saddle", saddle(n, 4)}, std::pair{"arrow", arrow(n)},
          std::pair{"antidiagonal blocks", antidiagonal_blocks(n, 5)}, std::pair{"reversal", reversal(n)},
          std::pair{"fiedler", fiedler(n)}, std::pair{"minij", minij(n)}, std::pair{"lehmer", lehmer(n)},
          std::pair{"definite", prescribed(n, 100, 0, 3)},
          std::pair{"indefinite", prescribed(n, 1e3, n / 3, 3)}}) {
      hold_all(name, m, n);
    }
    hold<double>("ill-conditioned", prescribed(n, 1e12, n / 3, 3), n, Assume::automatic);
    for (const double decades : {5.0, 75.0}) {
      for (const bool mixed : {false, true}) {
        hold<double>("graded lesson", scaled(lesson(n, 8), n, decades, mixed), n, Assume::automatic);
        hold<double>("graded blocks", scaled(antidiagonal_blocks(n, 8), n, decades, mixed), n,
                     Assume::automatic);
      }
    }
  }
  distrust(false);
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
