// Sobol's points: a sequence that fills a cube evenly, however much of it is taken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/quadrature/program.h"

namespace numcore::quadrature {

class Sobol {
 public:
  static constexpr int most_dimensions = 21;

  explicit Sobol(int dimensions);

  // Coordinate `dimension` of the points first ... first + count - 1 as whole numbers of 2^-32, combined with
  // `shift` by exclusive or, which moves the sequence and keeps its evenness. Each is taken to the middle of
  // its 2^-32, so that no point is on a side of the cube, and then to low + width * it. count is at most
  // block_size, and `first` a multiple of the power of two that count is, or is below.
  void place(int dimension, std::uint64_t first, std::size_t count, std::uint32_t shift, double low,
             double width, double* out) const;

  // Points before they repeat.
  static constexpr std::uint64_t length = std::uint64_t{1} << 32;

 private:
  struct Axis {
    std::uint32_t directions[32];
    std::uint32_t block[block_size];  // the first points
  };
  std::vector<Axis> axes_;
};

}  // namespace numcore::quadrature
