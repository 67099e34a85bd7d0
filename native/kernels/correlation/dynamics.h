// How a word's recurrence fades with the distance: two models fitted to its autocorrelation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/correlation/word_correlation.h"
#include "runtime/job_context.h"

namespace numcore::correlation {

// Stretched exponential (Kohlrausch, Williams, Watts): alpha exp(-(t / tau)^beta) + 1 - alpha.
struct StretchedFit {
  double alpha, tau, beta;
  double rss;  // sum of squared differences
  double bic;  // n ln(rss / n) + 3 ln n
};

// The same value at every t > 0.
struct StepFit {
  double level, rss, bic;  // n ln(rss / n) + ln n
};

struct DynamicsFit {
  StretchedFit stretched;
  StepFit step;
};

// Both models by least squares at t = 1 .. acf.size() - 1; acf[0] is 1 in both. The stretched exponential by
// Levenberg and Marquardt's method from six starting points, of which the best result counts: alpha stays
// between 0 and 1, tau and beta stay positive. At least two values; NaN where the acf has one. O(n) a step,
// at most 300 steps a start.
DynamicsFit fit_dynamics(std::span<const double> acf);

struct WordDynamics {
  std::uint32_t word;
  double sentences;         // in how many it is
  std::vector<double> acf;  // Phi(0) .. Phi(timesteps)
  DynamicsFit fit;
};

// For each of the words, with m[s] = 1 where sentence s of n has it and K the sum of m:
//   Phi(t) = (sum of m[s] m[s + t] / (n - t)) / (K / n), t = 0 .. timesteps < n
// and the fits. Words in no sentence give NaN. The same for every thread count.
std::vector<WordDynamics> word_dynamics(const Axis& axis, std::size_t vocabulary,
                                        std::span<const std::uint32_t> words, std::size_t timesteps,
                                        JobContext& context);

}  // namespace numcore::correlation
