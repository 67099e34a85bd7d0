#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "kernels/correlation/autocorrelation.h"
#include "kernels/correlation/lagged_products.h"
#include "kernels/correlation/significance.h"
#include "kernels/correlation/word_correlation.h"
#include "runtime/failure.h"
#include "runtime/job_context.h"
#include "test/check.h"

namespace {

using numcore::Failure;
using numcore::JobContext;
using namespace numcore::correlation;

struct Result {
  std::vector<double> counts, values, occurrences;
  bool operator==(const Result&) const = default;
};

Result correlate(const std::vector<std::uint32_t>& ids, std::size_t vocabulary,
                 const std::vector<std::uint32_t>& words, std::size_t timesteps, std::size_t first,
                 int threads) {
  const std::size_t size = words.size() * timesteps;
  Result result{std::vector<double>(size), std::vector<double>(size), std::vector<double>(words.size())};
  JobContext context(threads);
  correlate_words({ids, {}}, vocabulary, words, timesteps, first,
                  {result.counts, result.values, result.occurrences}, context);
  return result;
}

// The definition, term by term.
Result by_definition(const std::vector<std::uint32_t>& ids, const std::vector<std::uint32_t>& words,
                     std::size_t timesteps, std::size_t first) {
  Result result;
  for (const std::uint32_t word : words) {
    double occurs = 0;
    for (const std::uint32_t id : ids) occurs += id == word;
    result.occurrences.push_back(occurs);
    for (std::size_t t = 0; t < timesteps; ++t) {
      double count = 0;
      for (std::size_t i = first; i + t < ids.size(); ++i) count += ids[i] == word && ids[i + t] == word;
      result.counts.push_back(count);
      result.values.push_back(count / occurs);
    }
  }
  return result;
}

TEST("word correlation: by hand") {
  // a b a b a
  const std::vector<std::uint32_t> ids{0, 1, 0, 1, 0};
  CHECK((correlate(ids, 2, {0}, 6, 0, 1).counts == std::vector<double>{3, 0, 2, 0, 1, 0}));
  // The first token is no starting point any more, but can still be an end.
  CHECK((correlate(ids, 2, {0}, 6, 1, 1).counts == std::vector<double>{2, 0, 1, 0, 0, 0}));
  CHECK((correlate(ids, 2, {0}, 2, 99, 1).counts == std::vector<double>{0, 0}));
  CHECK((correlate(ids, 2, {1, 0, 1}, 3, 0, 1).counts == std::vector<double>{2, 0, 1, 3, 0, 2, 2, 0, 1}));
}

TEST("word correlation: the definition, for rare and frequent words, at every number of threads") {
  std::mt19937 random(7);
  // Word 0 fills more than half of the text (bits), the others are ever rarer (positions); 9 does not occur.
  std::vector<std::uint32_t> ids(70'000);
  for (std::uint32_t& id : ids) {
    const auto draw = random() % 100;
    id = draw < 55   ? 0
         : draw < 75 ? 1
         : draw < 85 ? 2
         : draw < 90 ? 3
                     : 4 + static_cast<std::uint32_t>(random() % 5);
  }
  const std::vector<std::uint32_t> words{3, 0, 1, 2, 8, 0};
  for (const std::size_t first : {0u, 1u, 40'000u}) {
    const Result expected = by_definition(ids, words, 130, first);
    for (const int threads : {1, 2, 3, 4, 8})
      CHECK(correlate(ids, 10, words, 130, first, threads) == expected);
  }
}

TEST("word correlation: one word all over, and lags as long as the text") {
  const std::vector<std::uint32_t> ids(3'000, 0);
  const Result result = correlate(ids, 1, {0}, 3'010, 0, 2);
  bool right = true;
  for (std::size_t t = 0; t < 3'010; ++t)
    right &= result.counts[t] == (t < 3'000 ? 3'000.0 - static_cast<double>(t) : 0);
  CHECK(right);
}

TEST("word correlation: a text without tokens, and ids that nobody knows") {
  CHECK((correlate({}, 1, {0}, 2, 0, 1).counts == std::vector<double>{0, 0}));
  CHECK((correlate({7, 0, 4'000'000'000u, 0}, 1, {0}, 3, 0, 1).counts == std::vector<double>{2, 0, 1}));
}

TEST("word correlation: a cancelled job stops") {
  const std::vector<std::uint32_t> ids(100, 0);
  std::vector<double> counts(5), values(5), occurrences(1);
  JobContext context(1);
  context.cancel();
  CHECK_THROWS((correlate_words({ids, {}}, 1, std::vector<std::uint32_t>{0}, 5, 0,
                                {counts, values, occurrences}, context),
                0),
               numcore::Cancelled);
}

std::vector<double> acf(const std::vector<double>& x, std::size_t lags, bool adjusted = false,
                        bool demean = true, int threads = 1, Method method = Method::direct) {
  JobContext context(threads);
  return autocorrelation(x, {lags, adjusted, demean, method}, context);
}

TEST("autocorrelation: by hand") {
  // 1 2 3 4 less its mean is -1.5 -0.5 0.5 1.5: c = 5, 1.25, -1.5, -2.25.
  const std::vector<double> x{1, 2, 3, 4};
  const std::vector<double> values = acf(x, 3);
  CHECK(values.size() == 4);
  CHECK(values[0] == 1);
  CHECK_NEAR(values[1], 0.25, 1e-15);
  CHECK_NEAR(values[2], -0.3, 1e-15);
  CHECK_NEAR(values[3], -0.45, 1e-15);
  const std::vector<double> adjusted = acf(x, 3, true);
  CHECK_NEAR(adjusted[1], 0.25 * 4 / 3, 1e-15);
  CHECK_NEAR(adjusted[3], -0.45 * 4, 1e-15);
  // Not demeaned: 30, 20, 11, 4.
  CHECK_NEAR(acf(x, 1, false, false)[1], 20.0 / 30, 1e-15);
}

TEST("autocorrelation: the definition in long doubles, and the same bits at every number of threads") {
  std::mt19937 random(3);
  std::normal_distribution<double> normal(100, 1);
  // Longer than a segment, with an end that fills neither a run nor the lanes.
  std::vector<double> x(600'013);
  for (double& value : x) value = normal(random);
  const std::vector<double> values = acf(x, 40);
  for (const int threads : {2, 3, 4, 8}) CHECK(acf(x, 40, false, true, threads) == values);

  long double mean = 0;
  for (const double value : x) mean += value;
  mean /= static_cast<long double>(x.size());
  std::vector<long double> c(41, 0);
  for (std::size_t t = 0; t < c.size(); ++t) {
    for (std::size_t i = 0; i + t < x.size(); ++i) c[t] += (x[i] - mean) * (x[i + t] - mean);
  }
  for (std::size_t t = 0; t < c.size(); ++t) CHECK_NEAR(values[t], c[t] / c[0], 1e-15);
}

TEST("autocorrelation: small terms are not lost beside a large one") {
  std::vector<double> x(1 << 20, 1e-8);
  x[0] = 1;
  long double c0 = 0, c1 = 0;
  for (std::size_t i = x.size(); i-- > 0;) {
    c0 += static_cast<long double>(x[i]) * x[i];
    if (i + 1 < x.size()) c1 += static_cast<long double>(x[i]) * x[i + 1];
  }
  CHECK_NEAR(acf(x, 1, false, false)[1] / static_cast<double>(c1 / c0), 1, 5e-15);
}

TEST("autocorrelation: neither huge nor tiny values overflow or vanish") {
  const std::vector<double> plain = acf({1, -1, 0.5, 1, -0.25}, 4);
  for (const int exponent : {1023, 700, -700, -1072}) {
    std::vector<double> x{1, -1, 0.5, 1, -0.25};
    for (double& value : x) value = std::ldexp(value, exponent);
    CHECK(acf(x, 4) == plain);
  }
}

TEST("autocorrelation: what it refuses") {
  CHECK_THROWS(acf({}, 0), Failure);
  CHECK_THROWS(acf({1, 2}, 2), Failure);
  CHECK_THROWS(acf({0.1, 0.1, 0.1}, 1), Failure);
  CHECK_THROWS(acf({0, 0}, 1, false, false), Failure);
  CHECK(acf({0.1, 0.1}, 1, false, false)[1] == 0.5);
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    try {
      acf({1, 2, bad, 3}, 1);
      CHECK(false);
    } catch (const Failure& failure) {
      CHECK(failure.where() == 2);
    }
  }
}

TEST("lagged products: transforms agree with the definition, in the same bits at every number of threads") {
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  for (const std::size_t n : {1u, 2u, 3u, 50u, 997u, 40'000u}) {
    std::vector<double> a(n), b(n);
    for (double& value : a) value = normal(random);
    for (double& value : b) value = normal(random);
    for (const std::size_t lags : {std::size_t{0}, n / 2, n - 1}) {
      if (n > 1000 && lags > 0 && lags < n - 1) continue;
      JobContext one(1);
      const std::vector<double> direct = direct_products(a, b, std::min<std::size_t>(lags, 2000), one);
      const std::vector<double> fast = fft_products(a, b, lags, one);
      const std::vector<double> own = fft_products(a, a, lags, one);
      const std::vector<double> square = direct_products(a, a, std::min<std::size_t>(lags, 2000), one);
      const double tolerance = 1e-14 * static_cast<double>(n + 10);
      for (std::size_t t = 0; t < direct.size(); ++t) {
        CHECK_NEAR(fast[t], direct[t], tolerance);
        CHECK_NEAR(own[t], square[t], tolerance);
      }
      for (const int threads : {2, 3, 4, 8}) {
        JobContext many(threads);
        CHECK(fft_products(a, b, lags, many) == fast);
        CHECK(direct_products(a, b, std::min<std::size_t>(lags, 2000), many) == direct);
      }
    }
  }
}

TEST("autocorrelation: many lags of a long series go by transforms, few directly") {
  CHECK(choose_method(1'000'000, 1000) == Method::fft);
  CHECK(choose_method(1'000'000, 10) == Method::direct);
  CHECK(choose_method(100, 20) == Method::direct);
  std::mt19937 random(6);
  std::vector<double> x(5000);
  for (double& value : x) value = static_cast<double>(random() % 1000);
  CHECK(acf(x, 900, true, true, 2, Method::automatic) == acf(x, 900, true, true, 1, Method::fft));
  CHECK(acf(x, 9, true, true, 2, Method::automatic) == acf(x, 9, true, true, 1, Method::direct));
}

TEST("chi-square: closed forms, and values of SciPy 1.10") {
  for (const double x : {1e-3, 0.5, 1.0, 7.0, 100.0, 1000.0}) {
    CHECK_NEAR(chi_square_survival(x, 2) / std::exp(-x / 2), 1, 1e-12);
    CHECK_NEAR(chi_square_survival(x, 4) / (std::exp(-x / 2) * (1 + x / 2)), 1, 1e-12);
    CHECK_NEAR(chi_square_survival(x, 1) / std::erfc(std::sqrt(x / 2)), 1, 1e-12);
  }
  struct Known {
    double x;
    std::size_t freedom;
    double p;
  };
  for (const Known& known :
       {Known{3.5, 1, 0.0613688291394023}, Known{18.3, 10, 0.050109061411462506},
        Known{1100.0, 1000, 0.014614408126295192}, Known{900.0, 1000, 0.9892827619087102},
        Known{400.0, 101, 3.4052257139217733e-37}, Known{0.01, 3, 0.9997348349413444},
        Known{50.0, 5, 1.3857973367009573e-09}}) {
    CHECK_NEAR(chi_square_survival(known.x, known.freedom) / known.p, 1, 1e-11);
  }
  CHECK(chi_square_survival(0, 3) == 1);
  CHECK(chi_square_survival(-1, 3) == 1);
  CHECK(chi_square_survival(std::numeric_limits<double>::infinity(), 3) == 0);
  CHECK(std::isnan(chi_square_survival(std::numeric_limits<double>::quiet_NaN(), 3)));
}

TEST("normal quantile: values of SciPy 1.10") {
  CHECK_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-14);
  CHECK_NEAR(normal_quantile(0.025), -1.959963984540054, 1e-14);
  CHECK_NEAR(normal_quantile(0.999), 3.090232306167813, 1e-13);
  CHECK_NEAR(normal_quantile(1e-10), -6.361340902404056, 1e-13);
  CHECK(normal_quantile(0.5) == 0);
  for (double p = 0.001; p < 1; p += 0.0371) {
    CHECK_NEAR(0.5 * std::erfc(-normal_quantile(p) / std::sqrt(2.0)), p, 1e-15);
  }
}

}  // namespace
