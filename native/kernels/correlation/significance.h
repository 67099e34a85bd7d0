// What chance alone would make of an autocorrelation.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace numcore::correlation {

// P(X > x) for the chi-square distribution with `freedom` > 0 degrees of freedom, by its finite sums
// (Abramowitz and Stegun 26.4.4 and 26.4.5), all terms positive. Relative error about 1e-13.
double chi_square_survival(double x, std::size_t freedom);

// The z with P(X <= z) = p for the standard normal distribution, 0 < p < 1.
double normal_quantile(double p);

// Half the width of the interval around each value of an autocorrelation of n values that holds the true one
// with the probability `level`, by Bartlett's formula (1946): lag t as if all lags from t on were without
// correlation.
std::vector<double> bartlett(std::span<const double> values, std::size_t n, double level);

struct LjungBox {
  std::vector<double> statistic, p;  // of lags 1 .. t together, at t - 1
};

// Ljung and Box (1978): n (n + 2) sum over k of values[k]^2 / (n - k), and the probability of as much or more
// without correlation. `fitted` degrees of freedom have been used up by a model; p is NaN where none are
// left.
LjungBox ljung_box(std::span<const double> values, std::size_t n, std::size_t fitted);

}  // namespace numcore::correlation
