// The midpoint rule on a fixed grid.
#pragma once

#include <cstdint>

#include "kernels/quadrature/block_kernel.h"
#include "kernels/quadrature/expression.h"
#include "runtime/job_context.h"

namespace numcore::quadrature {

struct Integral {
  double value = 0;
  double error = 0;  // an estimate from above; infinite when there are too few points to say
  std::uint64_t evaluations = 0;
  int threads = 1;  // that had work
};

constexpr std::uint64_t most_bins = std::uint64_t{1} << 53;

// h * sum of f(a + (i + 1/2) h) for i < bins, h = (b - a) / bins; a > b gives the exact negative of the
// integral from b to a. The ends are finite and so is their distance; 1 <= bins <= most_bins.
//
// Points are exact to half a unit in the last place, sums are compensated in fixed lanes and combined in
// double-double in a fixed order: the result has the same bits for every number of threads and every
// instruction set, and is limited by the rounding of f alone. Memory does not grow with `bins`.
//
// `error`: the rule's error is h^2/24 times the change of f' for a smooth f, h/2 times the jump where f
// jumps. Both show in the second differences d[i] = f[i-1] - 2 f[i] + f[i+1], whose absolute sum is h times
// the total change of f' and at least twice the jumps. So
//   error = h * (sum |d| * n/(n-2) / 4 + 4 max |d|) + half a unit in the last place of the value
// which is some six times too much for a smooth f, covers jumps, and by its second part end points
// where f is infinite, up to about |x|**(-3/4). Rounding errors of f are second differences too. What lies
// between all points stays unseen, as with any rule.
//
// Throws Failure ERR_NOT_FINITE, with the index of the first point where f is not finite counted from
// the lower end, or -1 when only a sum overflows; Cancelled.
Integral midpoint(const Expression& f, double a, double b, std::uint64_t bins, JobContext& context,
                  const BlockKernel& kernel = *block_kernels().front());

}  // namespace numcore::quadrature
