// Transforms of eight lines side by side, one in each lane, compiled once for each instruction set; the
// processor decides at run time. With a line in every lane no butterfly ever shuffles, whatever its radix.
// Nothing is fused and every lane is treated alike, so that all variants give the same bits, and so does
// every way of gathering lines into eights.
#pragma once

#include <cstddef>
#include <span>

namespace numcore::fft {

constexpr std::size_t lane_count = 8;
// One point of eight lines: eight real parts, then eight imaginary ones.
constexpr std::size_t cell_size = 2 * lane_count;
// Primes above this are no radix: a butterfly of a prime p costs about 2 p operations a point.
constexpr std::size_t largest_radix = 97;

// One pass of Stockham's autosort algorithm, decimating in frequency: see pass() in lanes.inc.
struct Pass {
  std::size_t radix, m, s;
  // exp(-2 pi i p k / (radix m)), k = 1 .. radix - 1 for each p = 0 .. m - 1
  const double* roots;
  // exp(-2 pi i k / radix), k = 0 .. radix - 1
  const double* unit;
};

// exp(-2 pi i k / n) for k < n as coarse[k >> shift] * fine[k & mask].
struct RootPair {
  const double *coarse, *fine;
  unsigned shift;
};

// `count` lines of at most lane_count are moved, the lanes beyond are set to zero. Strides count complex
// numbers. With `swap` real and imaginary parts change places, on the way in and on the way out, which turns
// a forward transform into a backward one.
struct LaneKernel {
  const char* name;

  // Point j of line l is from[j stride + l] or, for rows, from[l stride + j].
  void (*load_columns)(double* cells, const double* from, std::size_t stride, std::size_t length,
                       std::size_t count, bool swap);
  void (*load_rows)(double* cells, const double* from, std::size_t stride, std::size_t length,
                    std::size_t count, bool swap);

  // The same places; every part is multiplied by `scale`.
  void (*store_columns)(const double* cells, double* to, std::size_t stride, std::size_t length,
                        std::size_t count, bool swap, double scale);
  void (*store_rows)(const double* cells, double* to, std::size_t stride, std::size_t length,
                     std::size_t count, bool swap, double scale);

  void (*pass)(const double* x, double* y, const Pass& pass);

  // Multiplies point k of line l by exp(-2 pi i k (first + l) / n); lane_roots holds exp(-2 pi i k l / n) as
  // cells.
  void (*twiddle)(double* cells, std::size_t length, std::size_t first, const RootPair& roots,
                  const double* lane_roots);

  // z[k] *= w[k] for `length` complex numbers.
  void (*multiply)(double* z, const double* w, std::size_t length);
};

// The variants that this processor can run, the fastest first; there is always one.
std::span<const LaneKernel* const> lane_kernels();

}  // namespace numcore::fft
