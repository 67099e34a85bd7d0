#include "kernels/correlation/significance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace numcore::correlation {

double chi_square_survival(double x, std::size_t freedom) {
  if (std::isnan(x)) return x;
  if (x <= 0) return 1;
  if (std::isinf(x)) return 0;
  const double y = x / 2, shift = freedom % 2 == 0 ? 0 : 0.5;
  const std::size_t terms = freedom / 2;
  double sum = shift == 0 ? 0 : std::erfc(std::sqrt(y));
  if (terms > 0) {
    // Terms y^j exp(-y) / Gamma(j + 1) for j = shift, shift + 1, ...; from the largest one to both sides,
    // until they no longer matter: only about sqrt(terms) do.
    const auto top = static_cast<std::size_t>(std::min(y, static_cast<double>(terms - 1)));
    const double j = static_cast<double>(top) + shift;
    const double largest = std::exp(j * std::log(y) - y - std::lgamma(j + 1));
    constexpr double negligible = 1e-18;
    double tail = 0, term = 1;
    for (std::size_t i = top; i > 0; --i) {
      term *= (static_cast<double>(i) + shift) / y;
      tail += term;
      if (term < negligible * tail) break;
    }
    term = 1;
    for (std::size_t i = top + 1; i < terms; ++i) {
      term *= y / (static_cast<double>(i) + shift);
      tail += term;
      if (term < negligible * tail) break;
    }
    sum += largest * (1 + tail);
  }
  return std::min(sum, 1.0);
}

double normal_quantile(double p) {
  if (p == 0.5) return 0;
  // The tail below p, or above it: the small one, where nothing cancels. Newton's method on the logarithm of
  // the tail, which is concave, so that it converges from the left of the root wherever it starts.
  const double tail = std::min(p, 1 - p);
  double z = 0;
  for (int i = 0; i < 64; ++i) {
    const double above = 0.5 * std::erfc(z * std::numbers::sqrt2 / 2);
    const double density = std::exp(-0.5 * z * z) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
    const double step = std::log(above / tail) * above / density;
    z += step;
    if (std::abs(step) < 1e-15 * std::abs(z)) break;
  }
  return p < 0.5 ? -z : z;
}

std::vector<double> bartlett(std::span<const double> values, std::size_t n, double level) {
  const double z = normal_quantile(0.5 + level / 2);
  std::vector<double> widths(values.size());
  double squares = 0;
  for (std::size_t t = 1; t < values.size(); ++t) {
    widths[t] = z * std::sqrt((1 + 2 * squares) / static_cast<double>(n));
    squares += values[t] * values[t];
  }
  return widths;
}

LjungBox ljung_box(std::span<const double> values, std::size_t n, std::size_t fitted) {
  LjungBox result;
  const auto count = static_cast<double>(n);
  double sum = 0;
  for (std::size_t t = 1; t < values.size(); ++t) {
    sum += values[t] * values[t] / (count - static_cast<double>(t));
    const double statistic = count * (count + 2) * sum;
    result.statistic.push_back(statistic);
    result.p.push_back(t > fitted ? chi_square_survival(statistic, t - fitted)
                                  : std::numeric_limits<double>::quiet_NaN());
  }
  return result;
}

}  // namespace numcore::correlation
