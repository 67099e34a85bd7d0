// Gauss-Legendre rules on a fixed grid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/quadrature/integral.h"
#include "kernels/quadrature/legendre.h"

namespace numcore::quadrature {

// A block is block_size bins; node by node, so that points of a block are at equal distances.
class GaussGrid {
 public:
  struct Part {
    DoubleDouble sum;
    DoubleDouble l1;
    Bends gaps;
    double left = 0;   // the first bin's polynomial at its left end
    double right = 0;  // the last bin's at its right end
  };
  struct Scratch {
    Registers registers;
    std::vector<LaneSums> sums;  // of each node
    // Of each bin of a block, its polynomial's value at the left and at the right end.
    Row left;
    Row right;
    std::span<const double> given{};  // values of a chunk: block after block, node after node
  };

  // low < high
  GaussGrid(const Expression& f, double low, double high, std::uint64_t bins, int order, JobContext& context,
            const BlockKernel& kernel);

  Integral run();
  [[nodiscard]] Scratch scratch() const;
  [[nodiscard]] std::uint64_t chunks() const { return chunks_; }
  [[nodiscard]] std::size_t size(std::uint64_t chunk) const { return bins_in(chunk) * order_; }
  // The points of a chunk in the order in which their values are wanted.
  void points(std::uint64_t chunk, Scratch& scratch, std::span<double> out) const;

  // Threads may run this for different chunks at the same time.
  Part evaluate(std::uint64_t chunk, Scratch& scratch);
  [[nodiscard]] static bool finite(const Part& part) { return std::isfinite(part.sum.high + part.sum.low); }
  void add(const Part& part, std::uint64_t chunk);
  // Values that finish() needs beside the parts, as far as they are in chunks that have been evaluated here.
  [[nodiscard]] std::span<const double> ends() const { return kept_; }
  // Those of a rule that has evaluated the chunks from `first` to before `last`.
  void take_ends(std::uint64_t first, std::uint64_t last, std::span<const double> ends);
  void explain(std::uint64_t chunk, Scratch& scratch) const;
  [[nodiscard]] Integral finish() const;

 private:
  [[nodiscard]] std::uint64_t bins_in(std::uint64_t chunk) const {
    return std::min(chunk_bins_, bins_ - chunk * chunk_bins_);
  }
  [[nodiscard]] DoubleDouble base_of(std::uint64_t first, std::size_t node) const;
  double* place(std::uint64_t first, std::size_t node, const Scratch& scratch) const;
  double* values(std::uint64_t first, std::size_t node, const Scratch& scratch) const;
  double* add_node(std::uint64_t first, std::size_t node, std::size_t count, Scratch& scratch) const;
  void keep(std::uint64_t first, std::size_t node, const double* values, std::size_t count);
  [[nodiscard]] double top(std::size_t kept, int degrees) const;
  [[nodiscard]] double error_of(double value) const;

  const Expression& f_;
  const std::size_t order_;
  const GaussRule rule_;
  const std::uint64_t bins_;
  const DoubleDouble width_;
  const std::uint64_t chunk_bins_;
  const std::uint64_t chunks_;
  const double low_;
  const double high_;
  JobContext& context_;
  const BlockKernel& kernel_;
  const Sampler sampler_;
  std::vector<DoubleDouble> shift_;  // of each node from the left end of its bin
  std::vector<double> kept_;         // the values of the first three bins and of the last
  DoubleDouble sum_;
  DoubleDouble l1_;
  Bends gaps_;
  double right_ = 0;
};

}  // namespace numcore::quadrature
