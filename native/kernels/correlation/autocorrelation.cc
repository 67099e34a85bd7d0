#include "kernels/correlation/autocorrelation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "kernels/correlation/lagged_products.h"
#include "runtime/failure.h"

namespace numcore::correlation {
namespace {

constexpr std::size_t kCheckEvery = std::size_t{1} << 18;

// A series made ready: less its mean, brought to about 1 by a power of two, so that no sum or square
// overflows or vanishes. Powers of two change no digit.
struct Prepared {
  std::vector<double> values;
  // 1 where there is a value: only for Missing::conservative, and only when one is missing.
  std::vector<double> present;
  std::size_t count = 0;  // of values that are there
  int exponent = 0;
  bool varies = true, finite = true;
};

void prepare_values(Prepared& series, const SeriesOptions& options, JobContext& context) {
  std::vector<double>& y = series.values;
  const bool masked = !series.present.empty();
  const auto there = [&](std::size_t i) { return !masked || series.present[i] != 0; };
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (i % kCheckEvery == 0) context.check();
    if (!there(i)) continue;
    least = std::min(least, y[i]);
    most = std::max(most, y[i]);
  }
  // Asked of the values and not of the sum of squares, which rounding may leave just above zero.
  series.varies = least != most || (!options.demean && least != 0.0);
  const double largest = std::max(std::abs(most), std::abs(least));
  if (largest == 0) return;
  series.exponent = std::ilogb(largest);
  // Two factors reach what one cannot (2^1074 is no double).
  const int e = series.exponent;
  const double scale = std::ldexp(1.0, -e / 2), rest = std::ldexp(1.0, -e - -e / 2);
  CompensatedSum total;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (i % kCheckEvery == 0) context.check();
    y[i] = y[i] * scale * rest;
    if (there(i)) total.add(y[i]);
  }
  if (!options.demean) return;
  const double mean = total.value() / static_cast<double>(series.count);
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (there(i)) y[i] -= mean;
  }
}

Prepared prepare(std::span<const double> x, const SeriesOptions& options, JobContext& context) {
  Prepared series;
  if (x.empty())
    throw Failure{"ERR_INVALID_ARGUMENT",
                  "Expected a series of at least one value but received an empty one"};
  series.values.reserve(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (i % kCheckEvery == 0) context.check();
    if (std::isfinite(x[i])) {
      series.values.push_back(x[i]);
      continue;
    }
    if (options.missing == Missing::none) {
      series.finite = false;
      series.values.push_back(0);
    } else if (options.missing == Missing::raise || !std::isnan(x[i])) {
      throw Failure{"ERR_NOT_FINITE",
                    "Expected finite values but received NaN or infinity at index " + std::to_string(i),
                    static_cast<std::int64_t>(i)};
    } else if (options.missing == Missing::conservative) {
      if (series.present.empty()) series.present.assign(x.size(), 1);
      series.present[i] = 0;
      series.values.push_back(0);
    }
  }
  series.count = series.values.size() -
                 static_cast<std::size_t>(std::count(series.present.begin(), series.present.end(), 0.0));
  if (series.count == 0) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected a series of at least one value but received only NaN"};
  }
  if (options.lags >= series.values.size()) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected fewer lags than the series has values, " +
                                              std::to_string(series.values.size()) + ", but received " +
                                              std::to_string(options.lags)};
  }
  if (series.finite) prepare_values(series, options, context);
  return series;
}

std::vector<double> products(std::span<const double> a, std::span<const double> b,
                             const SeriesOptions& options, JobContext& context) {
  const Method method =
      options.method == Method::automatic ? choose_method(a.size(), options.lags) : options.method;
  return method == Method::fft ? fft_products(a, b, options.lags, context)
                               : direct_products(a, b, options.lags, context);
}

std::vector<double> nothing(std::size_t lags) {
  return std::vector<double>(lags + 1, std::numeric_limits<double>::quiet_NaN());
}

// c[t] of the prepared series.
std::vector<double> covariance(const Prepared& series, const SeriesOptions& options, JobContext& context) {
  std::vector<double> c = products(series.values, series.values, options, context);
  const std::size_t n = series.values.size();
  if (!options.adjusted) {
    for (double& value : c) value /= static_cast<double>(series.count);
  } else if (series.present.empty()) {
    for (std::size_t t = 0; t < c.size(); ++t) c[t] /= static_cast<double>(n - t);
  } else {
    // How many pairs there are at each lag: whole numbers, whichever way they are computed.
    const std::vector<double> pairs = products(series.present, series.present, options, context);
    for (std::size_t t = 0; t < c.size(); ++t) c[t] /= std::max(1.0, std::round(pairs[t]));
  }
  return c;
}

void check_varies(const Prepared& series) {
  if (series.varies) return;
  throw Failure{
      "ERR_INVALID_ARGUMENT",
      "Expected a series whose values vary but received a constant one, whose correlation is undefined"};
}

double deviation(const Prepared& series, JobContext& context) {
  const std::vector<double> square = direct_products(series.values, series.values, 0, context);
  return std::sqrt(square[0] / static_cast<double>(series.count));
}

}  // namespace

Method choose_method(std::size_t n, std::size_t lags) {
  // Measured on a Zen 5 with AVX-512, one thread, n = 10^6: nanoseconds a product, and a point of the
  // transforms for each doubling of their length. They break even at about 150 lags.
  const auto size = static_cast<double>(n), points = size + static_cast<double>(lags);
  const double direct = 0.062 * size * static_cast<double>(lags + 1);
  const double transforms = 8000 + 0.5 * points * std::log2(points);
  return transforms < direct ? Method::fft : Method::direct;
}

std::vector<double> autocovariance(std::span<const double> x, const SeriesOptions& options,
                                   JobContext& context) {
  const Prepared series = prepare(x, options, context);
  if (!series.finite) return nothing(options.lags);
  if (!series.varies) return std::vector<double>(options.lags + 1, 0.0);
  std::vector<double> c = covariance(series, options, context);
  for (double& value : c) value = std::ldexp(value, 2 * series.exponent);
  return c;
}

std::vector<double> autocorrelation(std::span<const double> x, const SeriesOptions& options,
                                    JobContext& context) {
  const Prepared series = prepare(x, options, context);
  if (!series.finite) return nothing(options.lags);
  check_varies(series);
  std::vector<double> values = covariance(series, options, context);
  const double variance = values[0];
  for (double& value : values) value /= variance;
  return values;
}

std::vector<double> cross_correlation(std::span<const double> x, std::span<const double> y,
                                      const SeriesOptions& options, JobContext& context) {
  if (x.size() != y.size()) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected two series of the same length"};
  }
  const Prepared a = prepare(x, options, context), b = prepare(y, options, context);
  if (!a.finite || !b.finite) return nothing(options.lags);
  check_varies(a);
  check_varies(b);
  std::vector<double> values = products(b.values, a.values, options, context);
  const double deviations = deviation(a, context) * deviation(b, context);
  for (std::size_t t = 0; t < values.size(); ++t) {
    values[t] /= static_cast<double>(options.adjusted ? x.size() - t : x.size()) * deviations;
  }
  return values;
}

}  // namespace numcore::correlation
