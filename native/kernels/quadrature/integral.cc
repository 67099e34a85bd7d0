#include "kernels/quadrature/integral.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <string>

#include "runtime/failure.h"

namespace numcore::quadrature {

namespace {

struct Halves {
  DoubleDouble even;
  DoubleDouble odd;
};

// Lanes in a fixed tree. The low parts are errors already and need no care.
Halves combine(const double* high_lanes, const double* low_lanes) {
  std::array<double, lane_count> high{};
  std::array<double, lane_count> low{};
  std::copy_n(high_lanes, lane_count, high.begin());
  std::copy_n(low_lanes, lane_count, low.begin());
  for (std::size_t half = lane_count / 2; half > 1; half /= 2) {
    for (std::size_t k = 0; k < half; ++k) {
      const DoubleDouble pair = two_sum(high[k], high[k + half]);
      high[k] = pair.high;
      low[k] += low[k + half] + pair.low;
    }
  }
  return {two_sum(high[0], low[0]), two_sum(high[1], low[1])};
}

// |f| is f, and twice as much to the other side where f is below zero.
DoubleDouble magnitude(DoubleDouble sum, DoubleDouble negative) {
  return sum + DoubleDouble{-2 * negative.high, -2 * negative.low};
}

// What BlockKernel::add_roots does.
bool is_root_of_point(const Program& program) {
  if (program.instructions.size() != 1) return false;
  const Instruction& only = program.instructions[0];
  return only.a == 0 && (only.op == Op::sqrt || (only.op == Op::half_power && only.exponent <= 1));
}

}  // namespace

std::string shortest(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

void report_point(double x, double value, std::uint64_t index) {
  throw Failure(
      "ERR_NOT_FINITE",
      "Expected a finite value for the integrand at x = " + shortest(x) + " but received " + shortest(value),
      static_cast<std::int64_t>(index));
}

void report_overflow() {
  throw Failure("ERR_NOT_FINITE",
                "Expected an integral within the range of doubles but the sum of the integrand's values "
                "overflows");
}

Sums::Sums(const LaneSums& lanes) {
  const Halves all = combine(lanes.high, lanes.low);
  const Halves negative = combine(lanes.negative_high, lanes.negative_low);
  even = all.even;
  odd = all.odd;
  even_l1 = magnitude(all.even, negative.even);
  odd_l1 = magnitude(all.odd, negative.odd);
}

void Sums::add(const Sums& other) {
  even = even + other.even;
  odd = odd + other.odd;
  even_l1 = even_l1 + other.even_l1;
  odd_l1 = odd_l1 + other.odd_l1;
}

bool Sums::finite() const { return std::isfinite(even.high + even.low + odd.high + odd.low); }

Bends::Bends(const LaneBends& lanes) {
  for (std::size_t k = 0; k < lane_count; ++k) {
    sum += lanes.sum[k];
    peak = std::max(peak, lanes.peak[k]);
  }
}

Sampler::Sampler(const Expression& f, DoubleDouble step, double start, const JobContext& context,
                 const BlockKernel& kernel)
    : program_(f.program()), context_(context), kernel_(kernel), root_(is_root_of_point(f.program())) {
  for (std::size_t i = 0; i < block_size; ++i) {
    const double index = static_cast<double>(i) + start;
    offsets_[i] = std::fma(index, step.high, index * step.low);
  }
}

}  // namespace numcore::quadrature
