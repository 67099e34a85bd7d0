#include "kernels/correlation/dynamics.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>

namespace numcore::correlation {
namespace {

// Searched in a = logit alpha, b = ln tau, c = ln beta, which keeps all three where they have a meaning.
constexpr std::size_t kParameters = 3;

// Part of the work, for those who watch.
constexpr double kCorrelationShare = 0.1;

using Parameters = std::array<double, kParameters>;

struct Curve {
  double value;
  Parameters slope;
};

Curve stretched(double log_t, const Parameters& p) {
  const double alpha = 1 / (1 + std::exp(-p[0])), beta = std::exp(p[2]);
  const double logarithm = log_t - p[1], power = std::exp(beta * logarithm), decay = std::exp(-power);
  // decay * power is 0 by then; infinity times 0 would not be.
  const double fading = power > 700 ? 0 : alpha * decay * power * beta;
  return {alpha * decay + 1 - alpha,
          {(decay - 1) * alpha * (1 - alpha), fading, fading == 0 ? 0 : -fading * logarithm}};
}

struct System {
  std::array<Parameters, kParameters> matrix{};
  Parameters right{};
  double rss = 0;
};

// J'J and J'r of the linearised problem.
System normal_equations(std::span<const double> logs, std::span<const double> y, const Parameters& p) {
  System system;
  for (std::size_t k = 0; k < y.size(); ++k) {
    const Curve curve = stretched(logs[k], p);
    const double residual = y[k] - curve.value;
    system.rss += residual * residual;
    for (std::size_t i = 0; i < kParameters; ++i) {
      system.right[i] += curve.slope[i] * residual;
      for (std::size_t j = 0; j < kParameters; ++j) system.matrix[i][j] += curve.slope[i] * curve.slope[j];
    }
  }
  if (!std::isfinite(system.rss)) system.rss = std::numeric_limits<double>::infinity();
  return system;
}

// (A + damping diag A) x = b by elimination: A is positive semidefinite, and damped it is definite.
Parameters solve_damped(const System& system, double damping) {
  auto m = system.matrix;
  Parameters x = system.right;
  for (std::size_t i = 0; i < kParameters; ++i) {
    m[i][i] = m[i][i] * (1 + damping) + 1e-30;
  }
  for (std::size_t i = 0; i < kParameters; ++i) {
    for (std::size_t row = i + 1; row < kParameters; ++row) {
      const double factor = m[row][i] / m[i][i];
      for (std::size_t j = i; j < kParameters; ++j) m[row][j] -= factor * m[i][j];
      x[row] -= factor * x[i];
    }
  }
  for (std::size_t i = kParameters; i-- > 0;) {
    for (std::size_t j = i + 1; j < kParameters; ++j) x[i] -= m[i][j] * x[j];
    x[i] /= m[i][i];
  }
  return x;
}

struct Found {
  Parameters parameters;
  double rss;
};

// Levenberg (1944), Marquardt (1963).
Found search(std::span<const double> logs, std::span<const double> y, Parameters parameters) {
  constexpr int kMostSteps = 300;
  constexpr double kMostDamping = 1e12, kSettled = 1e-14;
  System system = normal_equations(logs, y, parameters);
  double damping = 1e-3;
  for (int step = 0; step < kMostSteps && damping < kMostDamping; ++step) {
    const Parameters move = solve_damped(system, damping);
    Parameters next = parameters;
    for (std::size_t i = 0; i < kParameters; ++i) next[i] += move[i];
    const System tried = normal_equations(logs, y, next);
    if (!(tried.rss < system.rss)) {
      damping *= 10;
      continue;
    }
    const bool settled = system.rss - tried.rss <= kSettled * system.rss;
    parameters = next;
    system = tried;
    damping = std::max(damping / 10, 1e-12);
    if (settled) break;
  }
  return {parameters, system.rss};
}

// What is less than rounding counts as rounding: the logarithm of 0 would rank a word by nothing.
double bic(double rss, double n, double parameters) {
  const double mean = rss / n;
  return n * std::log(mean < 1e-30 ? 1e-30 : mean) + parameters * std::log(n);
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Of t = 1, 2, ...
std::vector<double> logarithms(std::size_t count) {
  std::vector<double> logs(count);
  for (std::size_t k = 0; k < count; ++k) logs[k] = std::log(static_cast<double>(k + 1));
  return logs;
}

// Allocates nothing, so that it may be called where nothing may be thrown.
DynamicsFit fit(std::span<const double> y, std::span<const double> logs) {
  const auto n = static_cast<double>(y.size());
  const double level = mean_of(y);
  double rss = 0;
  for (const double value : y) rss += (value - level) * (value - level);
  const StepFit step{level, rss, bic(rss, n, 1)};
  if (!std::isfinite(rss)) {
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    return {{kNaN, kNaN, kNaN, kNaN, kNaN}, {level, rss, kNaN}};
  }

  const double end = mean_of(y.subspan(y.size() / 2));
  const double alpha = std::clamp(1 - end, 0.001, 0.999);
  Found best{{}, std::numeric_limits<double>::infinity()};
  // The surface has more than one hollow.
  for (const double tau : {0.5, 3.0, 20.0}) {
    for (const double beta : {0.4, 1.0}) {
      const Parameters start{std::log(alpha / (1 - alpha)), std::log(tau), std::log(beta)};
      const Found found = search(logs, y, start);
      if (found.rss < best.rss) best = found;
    }
  }
  const auto [a, b, c] = best.parameters;
  return {{1 / (1 + std::exp(-a)), std::exp(b), std::exp(c), best.rss, bic(best.rss, n, 3)}, step};
}

}  // namespace

DynamicsFit fit_dynamics(std::span<const double> acf) {
  return fit(acf.subspan(1), logarithms(acf.size() - 1));
}

std::vector<WordDynamics> word_dynamics(const Axis& axis, std::size_t vocabulary,
                                        std::span<const std::uint32_t> words, std::size_t timesteps,
                                        JobContext& context) {
  const std::size_t lags = timesteps + 1;
  std::vector<double> counts(words.size() * lags), values(words.size() * lags), occurrences(words.size());
  correlate_words(axis, vocabulary, words, lags, 0, {counts, values, occurrences}, context,
                  kCorrelationShare);

  std::vector<WordDynamics> result(words.size());
  const auto n = static_cast<double>(axis.length());
  for (std::size_t w = 0; w < words.size(); ++w) {
    WordDynamics& each = result[w];
    each.word = words[w];
    each.sentences = occurrences[w];
    each.acf.resize(lags);
    for (std::size_t t = 0; t < lags; ++t) {
      each.acf[t] = counts[w * lags + t] / (n - static_cast<double>(t)) / (occurrences[w] / n);
    }
  }
  const std::vector<double> logs = logarithms(timesteps);
  std::atomic<std::size_t> finished{0};
#pragma omp parallel for num_threads(context.threads()) schedule(dynamic, 1)
  for (std::size_t w = 0; w < words.size(); ++w) {
    if (context.cancelled()) continue;
    result[w].fit = fit(std::span(result[w].acf).subspan(1), logs);
    const double part = static_cast<double>(++finished) / static_cast<double>(words.size());
    context.progress(kCorrelationShare + (1 - kCorrelationShare) * part);
  }
  context.check();
  return result;
}

}  // namespace numcore::correlation
