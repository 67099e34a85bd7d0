// Rules on points at equal distances: midpoint, trapezoid and Simpson's.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/quadrature/grid_rules.h"
#include "kernels/quadrature/integral.h"

namespace numcore::quadrature {

class UniformGrid {
 public:
  // Differences take up to this many values before the one that they end at.
  static constexpr std::size_t most_reach = 4;

  struct Part {
    Sums sums;
    Bends bends;
    std::size_t count = 0;
    // Differences across chunks need the values at both ends.
    double first[most_reach] = {};
    double last[most_reach] = {};
  };
  struct Scratch {
    Registers registers;
    std::span<const double> given{};  // the values of a chunk, when there is no expression to ask
  };

  // low < high
  UniformGrid(const Expression& f, double low, double high, std::uint64_t bins, GridRule rule,
              JobContext& context, const BlockKernel& kernel);

  Integral run();
  [[nodiscard]] Scratch scratch() const { return {Registers(f_.program()), {}}; }
  [[nodiscard]] std::uint64_t chunks() const { return chunks_; }
  [[nodiscard]] std::size_t size(std::uint64_t chunk) const { return points_in(chunk); }
  // The points of a chunk in the order in which their values are wanted.
  void points(std::uint64_t chunk, Scratch& scratch, std::span<double> out) const;

  [[nodiscard]] Part evaluate(std::uint64_t chunk, Scratch& scratch) const;
  [[nodiscard]] static bool finite(const Part& part) { return part.sums.finite(); }
  void add(const Part& part, std::uint64_t chunk);
  // Values that finish() needs beside the parts: none.
  [[nodiscard]] static std::span<const double> ends() { return {}; }
  static void take_ends(std::uint64_t, std::uint64_t, std::span<const double>) {}
  void explain(std::uint64_t chunk, Scratch& scratch) const;
  [[nodiscard]] Integral finish() const;

 private:
  [[nodiscard]] std::uint64_t points_in(std::uint64_t chunk) const {
    return std::min(chunk_size, points_ - chunk * chunk_size);
  }
  [[nodiscard]] DoubleDouble base_of(std::uint64_t first) const;
  double* place(std::uint64_t first, const Scratch& scratch) const;
  double* values(std::uint64_t first, std::size_t count, const Scratch& scratch) const;
  [[nodiscard]] DoubleDouble weighted(DoubleDouble even, DoubleDouble odd, double first, double last) const;
  [[nodiscard]] double error_of(double value) const;
  [[nodiscard]] double difference(const double* end) const;

  const Expression& f_;
  const double low_;
  const double high_;
  const bool simpson_;
  const bool closed_;  // both ends are points
  const std::size_t reach_;
  const std::uint64_t bins_;
  const std::uint64_t intervals_;
  const std::uint64_t points_;
  const DoubleDouble step_;
  const std::uint64_t chunks_;
  JobContext& context_;
  const BlockKernel& kernel_;
  const Sampler sampler_;
  Sums sums_;
  Bends bends_;
  double tail_[most_reach] = {};
  double first_ = 0;
};

}  // namespace numcore::quadrature
