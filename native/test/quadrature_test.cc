#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <numbers>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "kernels/quadrature/expression.h"
#include "kernels/quadrature/grid_rules.h"
#include "kernels/quadrature/legendre.h"
#include "runtime/failure.h"
#include "test/check.h"

namespace {

using namespace numcore::quadrature;
using numcore::Cancelled;
using numcore::Failure;
using numcore::JobContext;

constexpr double inf = std::numeric_limits<double>::infinity();

bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) ||
         std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

Integral integrate(const std::string& source, double a, double b, std::uint64_t bins, int threads = 2,
                   const BlockKernel& kernel = *block_kernels().front()) {
  JobContext context(threads);
  return integrate_grid(Expression(source), a, b, bins, GridRule::midpoint, 1, context, kernel);
}

TEST("grid rules: shared by several processes, the bits are those of one") {
  const Expression f("exp(-x*x)*log(x+3)");
  for (const GridRule rule : {GridRule::midpoint, GridRule::trapezoid, GridRule::simpson, GridRule::gauss}) {
    for (const std::uint64_t bins : {1, 2, 3, 20'000, 100'003}) {
      const int order = rule == GridRule::gauss ? 5 : 1;
      JobContext context(2);
      const Integral alone = integrate_grid(f, -1.5, 2, bins, rule, order, context);
      const auto adding = grid_session(-1.5, 2, bins, rule, order);
      // Uneven shares, and one of nothing.
      const std::uint64_t chunks = adding->chunks();
      const std::uint64_t cuts[] = {0, chunks / 3, chunks / 3,
                                    std::min<std::uint64_t>(chunks, chunks / 3 + 1), chunks};
      for (std::size_t i = 0; i + 1 < std::size(cuts); ++i) {
        adding->take(integrate_parts(f, -1.5, 2, bins, rule, order, cuts[i], cuts[i + 1], context).bytes);
      }
      const Integral shared = adding->finish();
      CHECK(same(shared.value, alone.value));
      CHECK(same(shared.error, alone.error));
      CHECK(same(shared.l1, alone.l1));
      CHECK(shared.evaluations == alone.evaluations);
    }
  }
}

TEST("midpoint: the lesson's integral, and others that are known") {
  // 2/5 to 2 units in the last place.
  CHECK_NEAR(integrate("x**(3/2)", 0, 1, 100000000).value, 0.4, 2 * 0x1p-54);
  CHECK(integrate("1", 0, 1, 7).value == 1);
  CHECK(integrate("x", 0, 1, 1000003).value == 0.5);
  CHECK_NEAR(integrate("x", -3, 5, 12345).value, 8, 2e-15);
  CHECK_NEAR(integrate("exp(x)", 0, 1, 3000000).value, std::numbers::e - 1, 1e-13);
  CHECK(integrate("x", 0, 1, 4).evaluations == 4);
  // By hand: h = 1/4, points 1/8 3/8 5/8 7/8, squares sum 84/64.
  CHECK(integrate("x**2", 0, 1, 4).value == 0.328125);
  for (const double c : {0.0, 1.0, -2.25, 0.3125, 1e10})
    CHECK(integrate("x", c - 0.5, c + 0.5, 1).value == c);
}

TEST("midpoint: a > b is the exact negative, a == b is nothing") {
  const Integral forward = integrate("exp(x)/(1+x)", 0.1, 2.3, 123457);
  const Integral backward = integrate("exp(x)/(1+x)", 2.3, 0.1, 123457);
  CHECK(same(forward.value, -backward.value));
  CHECK(forward.error == backward.error);
  const Integral none = integrate("1/x", 0, 0, 1000);
  CHECK(same(none.value, 0));
  CHECK(none.error == 0);
  CHECK(none.evaluations == 0);
}

TEST("midpoint: the same bits for every thread count and instruction set") {
  for (const std::string source : {"exp(-x*x)*cos(3*x)/(1+x**4)", "min(x,0.5)+max(x,-0.1)*floor(7*x)-ceil(x)",
                                   "abs(x-0.3)**1.5", "abs(x-0.3)**7.5-x**9/(2-x)", "3", "x"}) {
    for (const std::uint64_t bins :
         {1ULL, 2ULL, 15ULL, 17ULL, 511ULL, 513ULL, 16384ULL, 16385ULL, 16386ULL, 300007ULL}) {
      const Integral first = integrate(source, -0.25, 1.75, bins, 1);
      for (const BlockKernel* kernel : block_kernels()) {
        for (const int threads : {1, 2, 3, 4, 8}) {
          const Integral other = integrate(source, -0.25, 1.75, bins, threads, *kernel);
          // The vector functions have bits of their own where there is no fused multiply-add.
          if (source.starts_with("exp") && kernel->name == std::string_view("baseline")) {
            CHECK_NEAR(first.value, other.value, 4e-16);
            continue;
          }
          CHECK(same(first.value, other.value));
          CHECK(same(first.error, other.error));
          CHECK(same(first.l1, other.l1));
        }
      }
    }
  }
}

TEST("trapezoid, Simpson and Gauss: the same bits for every thread count and instruction set") {
  struct Case {
    GridRule rule;
    int order;
  };
  for (const auto& [rule, order] : {Case{GridRule::trapezoid, 1}, Case{GridRule::simpson, 1},
                                    Case{GridRule::gauss, 2}, Case{GridRule::gauss, 7}}) {
    for (const std::string source : {"x**(3/2)", "sqrt(x)", "x-x**3/2", "min(x,0.5)*floor(7*x)"}) {
      for (const std::uint64_t bins : {1ULL, 2ULL, 17ULL, 511ULL, 512ULL, 513ULL, 1024ULL, 100003ULL}) {
        const Expression f(source);
        JobContext single(1);
        const Integral first = integrate_grid(f, 0, 1.75, bins, rule, order, single);
        for (const BlockKernel* kernel : block_kernels()) {
          for (const int threads : {1, 2, 3}) {
            JobContext context(threads);
            const Integral other = integrate_grid(f, 0, 1.75, bins, rule, order, context, *kernel);
            CHECK(same(first.value, other.value));
            CHECK(same(first.error, other.error));
            CHECK(same(first.l1, other.l1));
          }
        }
      }
    }
  }
}

TEST("every rule: the first point that is not finite is named") {
  struct Case {
    GridRule rule;
    int order;
    std::int64_t where;
    const char* text;
  };
  // The root has no value above 0.5, which every rule has as a point but Gauss of order 2, whose first node
  // beyond it is in bin 500000.
  const std::vector<Case> cases{{GridRule::midpoint, 1, 500000, "received NaN"},
                                {GridRule::trapezoid, 1, 500001, "received NaN"},
                                {GridRule::simpson, 1, 1000001, "received NaN"},
                                {GridRule::gauss, 2, 1000000, "received NaN"},
                                {GridRule::gauss, 5, 2500000, "received NaN"}};
  for (const auto& [rule, order, where, text] : cases) {
    for (const int threads : {1, 2, 8}) {
      JobContext context(threads);
      try {
        (void)integrate_grid(Expression("sqrt(0.5-x)"), 0, 1, 1000000, rule, order, context);
        CHECK(false);
      } catch (const Failure& failure) {
        CHECK(failure.where() == where);
        CHECK(std::string_view(failure.what()).find(text) != std::string_view::npos);
        CHECK(std::string_view(failure.what()).find("at x = 0.50000") != std::string_view::npos);
      }
    }
  }
}

TEST("midpoint: sums are compensated") {
  // In each lane 4e17, then ones, then -4e17: a plain sum loses every one.
  const std::string parts = std::to_string(3 * 128);
  const std::uint64_t bins = 64 * (3 * 128 + 1);
  const double n = static_cast<double>(bins);
  const std::string source = "min(max(1, 1e17*(1-floor(x/64))), 1e17*(2*(" + parts + "-floor(x/64))-1))";
  CHECK(integrate(source, 0, n, bins).value == n - 128);
  // The plain sum of ten million times 0.1 is off by 1.6e-4.
  CHECK(integrate("0.1+0*x", 0, 1e7, 10000000).value == 1e6);
}

TEST("midpoint: the first point that is not finite is named, whatever the threads do") {
  for (const int threads : {1, 2, 8}) {
    for (const std::uint64_t bins : {3ULL, 101ULL, 1000001ULL}) {
      try {
        (void)integrate("1/(x-0.5)+0*sqrt(0.9-x)", 0, 1, bins, threads);
        CHECK(false);
      } catch (const Failure& failure) {
        CHECK(std::string_view(failure.code()) == "ERR_NOT_FINITE");
        CHECK(failure.where() == static_cast<std::int64_t>(bins / 2));
        CHECK(std::string_view(failure.what()) ==
              "Expected a finite value for the integrand at x = 0.5 but received Infinity");
      }
    }
  }
  CHECK_THROWS(integrate("1e308", 0, 1, 1000), Failure);
  CHECK_THROWS(integrate("1e308", 0, 1e10, 1), Failure);
  CHECK_THROWS(integrate("0/0", 0, 1, 1), Failure);
}

TEST("midpoint: the error covers the true one") {
  struct Known {
    const char* source;
    double a, b, value;
  };
  const double pi = std::numbers::pi;
  const std::vector<Known> integrals{
      {"x**(3/2)", 0, 1, 0.4},
      {"exp(x)", 0, 1, std::numbers::e - 1},
      {"sin(x)", 0, pi, 2},
      {"sin(x)", -pi, pi, 0},
      {"cos(x)**2", 0, 2 * pi, pi},
      {"sqrt(x)", 0, 1, 2.0 / 3},
      {"log(x)", 0, 1, -1},
      {"1/sqrt(x)", 0, 1, 2},
      {"x**(-3/4)", 0, 1, 4},
      {"1/(1+x*x)", -5, 5, 2 * std::atan(5.0)},
      {"abs(x-1/3)", 0, 1, 5.0 / 18},
      {"floor(x)", 0, 2.5, 2},
      {"floor(3*x+0.2)", 0, 1, 1.2},
      {"sqrt(1-x*x)", -1, 1, pi / 2},
      {"exp(-x*x)", -6, 6, std::sqrt(pi) * std::erf(6.0)},
      {"x**25", 0, 1, 1.0 / 26},
      {"1/(x*x+1e-4)", -1, 1, 200 * std::atan(100.0)},
      {"cos(100*x)", 0, 1, std::sin(100.0) / 100},
      {"0.1", 0, 0.3, 0.03},
  };
  for (const Known& known : integrals) {
    for (const std::uint64_t bins : {100ULL, 1000ULL, 1001ULL, 12345ULL, 1000000ULL}) {
      const Integral result = integrate(known.source, known.a, known.b, bins);
      // The known values are rounded too.
      const double off =
          std::abs(result.value - known.value) - 0x1p-53 * std::abs(known.value) - 2e-16 * (known.value == 0);
      if (off > result.error) {
        numcore::test::fail(__FILE__, __LINE__,
                            std::string(known.source) + ", " + std::to_string(bins) + " bins: off by " +
                                std::to_string(off * 1e9) + "e-9, error " +
                                std::to_string(result.error * 1e9) + "e-9");
      }
    }
  }
  // And does not cry wolf where f' is monotone, so that nothing cancels in the true error.
  for (const Known& known : {integrals[1], integrals[2], integrals[15]}) {
    const Integral result = integrate(known.source, known.a, known.b, 1000);
    CHECK(result.error <= 12 * std::abs(result.value - known.value));
  }
  CHECK(integrate("x", 0, 1, 2).error == inf);
  // A jump is seen wherever it falls among blocks and chunks, of which 16384 points make one.
  for (const double jump : {2.0, 511.0, 512.0, 513.0, 16383.0, 16384.0, 16385.0, 32768.0, 32769.0}) {
    const Integral step = integrate("min(1, max(0, 1e3*(x-" + std::to_string(jump) + ")))", 0, 32770, 32770);
    // Two second differences of 1; the last point has none after it.
    CHECK_NEAR(step.error, jump == 32769 ? 4.25 : 4.5, 0.01);
  }
}

TEST("midpoint: cancelling stops it, progress rises") {
  const Expression cheap("x");
  JobContext context(2);
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    context.cancel();
  });
  CHECK_THROWS(integrate_grid(cheap, 0, 1, std::uint64_t{1} << 53, GridRule::midpoint, 1, context),
               Cancelled);
  canceller.join();

  // One block of this takes seconds.
  std::string heavy = "x";
  for (int i = 0; i < 50000; ++i) heavy += "+x**" + std::to_string(i) + ".3";
  const Expression expensive(heavy);
  JobContext second(1);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    second.cancel();
  });
  CHECK_THROWS(integrate_grid(expensive, 0, 1, 1000000, GridRule::midpoint, 1, second), Cancelled);
  other.join();

  // With several threads the one that reports may get few chunks, or none: only alone it is sure of many.
  for (const int threads : {1, 2}) {
    std::vector<double> fractions;
    JobContext third(threads, [&fractions](double fraction) { fractions.push_back(fraction); });
    (void)integrate_grid(cheap, 0, 1, 50000000, GridRule::midpoint, 1, third);
    CHECK(threads > 1 || fractions.size() > 10);
    CHECK(std::is_sorted(fractions.begin(), fractions.end()));
    CHECK(fractions.empty() || (fractions.front() > 0 && fractions.back() <= 1));
  }
}

TEST("the Gauss-Legendre rule of order 5 is that of the closed form, and weights sum to 2 in every order") {
  const GaussRule five = gauss_legendre(5);
  const double root = std::sqrt(10.0 / 7.0);
  CHECK_NEAR(five.nodes[4].high, std::sqrt(5 + 2 * root) / 3, 2e-16);
  CHECK_NEAR(five.nodes[3].high, std::sqrt(5 - 2 * root) / 3, 2e-16);
  CHECK(five.nodes[2].high == 0 && five.nodes[0].high == -five.nodes[4].high);
  CHECK_NEAR(five.weights[2].high, 128.0 / 225, 1e-16);
  CHECK_NEAR(five.weights[3].high, (322 + 13 * std::sqrt(70.0)) / 900, 2e-16);
  for (const int order : {1, 2, 3, 10, 64, 999, most_order}) {
    const GaussRule rule = gauss_legendre(order);
    DoubleDouble sum;
    DoubleDouble squares;
    double at_one = 0;
    for (std::size_t k = 0; k < rule.nodes.size(); ++k) {
      sum = sum + rule.weights[k];
      squares = squares + rule.weights[k] * (rule.nodes[k] * rule.nodes[k]);
      at_one += rule.ends[k] * (1 + 2 * rule.nodes[k].high);
      if (k > 0) CHECK(rule.nodes[k - 1].high < rule.nodes[k].high);
    }
    CHECK_NEAR((sum.high - 2) + sum.low, 0, 1e-27);
    if (order > 1) CHECK_NEAR((squares.high - 2.0 / 3) + squares.low, 2.0 / 3 - 0.66666666666666663, 1e-16);
    if (order > 1) CHECK_NEAR(at_one, 3, 1e-11);
  }
}

}  // namespace
