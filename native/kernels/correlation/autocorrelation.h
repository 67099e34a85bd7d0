// Autocovariance, autocorrelation and cross-correlation of real series: by the definition or by transforms.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "runtime/job_context.h"

namespace numcore::correlation {

enum class Method { automatic, direct, fft };

// What to do with NaN, named as in statsmodels.
enum class Missing {
  none,          // reckon with it: every result is NaN
  raise,         // refuse it, and infinity too
  conservative,  // leave out the products in which it takes part
  drop,          // take it out and close the gap
};

struct SeriesOptions {
  std::size_t lags;       // the last lag; below the length of the series
  bool adjusted = false;  // divide lag t's sum by the number of its terms instead of by n
  bool demean = true;     // take the mean away first
  Method method = Method::automatic;
  Missing missing = Missing::raise;
};

// c[t] = sum of (x[i] - mean) * (x[i + t] - mean) over i, divided by n or n - t, for t = 0 .. lags: the
// definition of statsmodels.tsa.stattools.acovf.
//
// direct: O(n * lags). Sums are cut into pieces of fixed size and combined in fixed order with compensation
// (Neumaier 1974): an error of at most about 40 eps of the sum of the products' magnitudes, whatever n.
// fft: O(n log n); an error of a few eps of c[0] at every lag. Each gives the same bits for every thread
// count. automatic: what should be faster, by n and lags alone.
//
// Throws Failure ERR_NOT_FINITE (where: index), and ERR_INVALID_ARGUMENT for a series that is empty, or has
// too few values for the lags.
std::vector<double> autocovariance(std::span<const double> x, const SeriesOptions& options,
                                   JobContext& context);

// c[t] / c[0]: statsmodels.tsa.stattools.acf. Throws also for a series without variance (constant, or all
// zeros when not demeaned), whose correlation would be 0/0.
std::vector<double> autocorrelation(std::span<const double> x, const SeriesOptions& options,
                                    JobContext& context);

// Sum over i of (x[i + t] - mean of x) * (y[i] - mean of y), divided by n or n - t and by both standard
// deviations: statsmodels.tsa.stattools.ccf. Series of the same length.
std::vector<double> cross_correlation(std::span<const double> x, std::span<const double> y,
                                      const SeriesOptions& options, JobContext& context);

// The method that `automatic` stands for.
Method choose_method(std::size_t n, std::size_t lags);

}  // namespace numcore::correlation
