// What is known about a length before the data come: how it factors, and the roots of unity that it needs.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/fft/buffer.h"
#include "kernels/fft/lanes.h"
#include "kernels/fft/roots.h"
#include "runtime/job_context.h"

namespace numcore::fft {

// Eight transforms side by side, of a length without prime factors above largest_radix.
class Line {
 public:
  Line() = default;
  explicit Line(std::size_t length);

  [[nodiscard]] std::size_t length() const noexcept { return length_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return roots_.size() * sizeof(double); }

  // Scratch that run() needs, in doubles; the cells are its first ones.
  [[nodiscard]] std::size_t scratch() const noexcept { return 2 * length_ * cell_size + gap; }
  // Transforms the cells in `scratch` and returns where the result is, within it.
  double* run(const LaneKernel& kernel, double* scratch) const;

 private:
  // Between the two halves, so that a cell and its image do not lie a multiple of 4096 bytes apart.
  static constexpr std::size_t gap = 72;

  std::size_t length_ = 0;
  std::vector<Pass> passes_;
  std::vector<double> roots_;
};

struct Plan {
  enum class Kind {
    line,   // all at once, in one lane
    grid,   // length = columns x rows: Bailey's four steps (1990), each within the second-level cache
    chirp,  // Bluestein's convolution (1970), for lengths with a large prime factor
  };
  Kind kind = Kind::line;
  std::size_t length = 0;

  Line columns, rows;  // line: columns only
  // grid: exp(-2 pi i k / length), and with k < rows' number and lane l exp(-2 pi i k l / length)
  std::optional<RootTable<double>> roots;
  std::vector<double> lane_roots;
  // chirp: exp(-pi i k^2 / length), and the transform of its conjugate, divided by inner's length
  Buffer chirp, filter;
  std::shared_ptr<const Plan> inner;

  std::size_t bytes = 0;
};

// Whether the length has no prime factor above largest_radix.
bool is_smooth(std::size_t length);

// The least length of at least `least` that transforms fast: a product of small primes, and of 64 if not
// tiny.
std::size_t good_length(std::size_t least);

// A plan for a length of at least 1, newly made or from those made before: the last used are kept, 64 MiB of
// them at most for the whole process. Safe from every thread. With `as_line` the kind is line, if the length
// is smooth.
std::shared_ptr<const Plan> find_plan(std::size_t length, bool as_line, JobContext& context);

}  // namespace numcore::fft
