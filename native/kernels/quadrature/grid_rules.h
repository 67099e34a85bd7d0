// Midpoint, trapezoid, Simpson's and Gauss-Legendre rules on a fixed grid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/quadrature/block_kernel.h"
#include "kernels/quadrature/expression.h"
#include "kernels/quadrature/integral.h"
#include "runtime/job_context.h"

namespace numcore::quadrature {

enum class GridRule { midpoint, trapezoid, simpson, gauss };

// The range is cut into `bins` equal parts, h = (b - a) / bins, and the rule is applied to each:
//   midpoint: its middle; `bins` points
//   trapezoid: both ends of a bin; bins + 1 points
//   simpson: its ends and its middle; 2 bins + 1 points
//   gauss: the `order` nodes of the Gauss-Legendre rule, which is exact for polynomials to degree 2 order -
//   1;
//     order 1 is the midpoint rule
// a > b gives the exact negative of the integral from b to a. The ends are finite and so is their distance; 1
// <= bins <= most_bins. The ends a and b are evaluated exactly or not at all, no point lies outside.
//
// Points are exact to half a unit in the last place, sums are compensated in fixed lanes and combined in
// double-double in a fixed order: the result has the same bits for every number of threads and every
// instruction set, and is limited by the rounding of f alone. Memory does not grow with `bins`.
//
// `error`, an estimate from above:
//   midpoint and trapezoid: the rule's error is h^2/24 (h^2/12) times the change of f' for a smooth f, h/2
//     times the jump where f jumps. Both show in the second differences d[i] = f[i-1] - 2 f[i] + f[i+1],
//     whose absolute sum is h times the total change of f' and at least twice the jumps. So
//       error = h (sum |d| / 4 + 4 max |d|)
//     which is some six (three) times too much for a smooth f, covers jumps, and by its second part end
//     points where f is infinite, up to about |x|**(-3/4). Rounding errors of f are second differences too.
//   simpson: h (sum |d| / 6 + 2 max |d|), d the fourth differences: what Simpson's rule changes when the bins
//     are made twice as wide is h/6 times every other of them, and its error a fifteenth of that for a smooth
//     f.
//   gauss: h (sum |g| + 2 max |g| + 4 |c|), where g is how far the polynomials through the values of two
//     neighbouring bins miss each other at the end that they share, and c what the bins at a and b have of
//     the highest Legendre polynomial, which stands for f infinite at an end. That is as small as h^order
//     where the error is h^(2 order). Fewer than four bins: all their highest two coefficients, since a
//     symmetric f has no gaps.
// Each plus half a unit in the last place of the value (gauss: two) and the rounding of f. What lies between
// all points stays unseen, as with any rule. Infinite when too few points were evaluated to compare anything:
// fewer than 3 bins for midpoint and order 2, fewer than 2 for trapezoid and simpson.
//
// Throws Failure ERR_NOT_FINITE, with the index of the first point where f is not finite counted from the
// lower end, or -1 when only a sum overflows; Cancelled.
Integral integrate_grid(const Expression& f, double a, double b, std::uint64_t bins, GridRule rule, int order,
                        JobContext& context, const BlockKernel& kernel = *block_kernels().front());

// A rule that several processes share: each evaluates some of its chunks to parts, and one takes all of them
// in order, which gives the same bits as one process. `bytes` are for processes on the same kind of machine.
struct GridParts {
  std::vector<std::byte> bytes;
  int threads = 1;  // that had work
};

// The parts of the chunks from `first` to before `last` (see GridSession::chunks); a < b. Throws as
// integrate_grid does.
GridParts integrate_parts(const Expression& f, double a, double b, std::uint64_t bins, GridRule rule,
                          int order, std::uint64_t first, std::uint64_t last, JobContext& context);

// The same rules for an integrand that somebody else evaluates: as long as size() is not 0, points() says
// where and give() takes the values there. The same sums and bits as with an expression.
class GridSession {
 public:
  virtual ~GridSession() = default;
  [[nodiscard]] virtual std::size_t size() const = 0;
  virtual void points(std::span<double> out) = 0;
  virtual void give(std::span<const double> values) = 0;  // throws Failure as integrate_grid does
  [[nodiscard]] virtual Integral finish() const = 0;

  // For a rule that several processes share. `bins` that are neighbours are in one chunk, of some ten
  // thousand points.
  [[nodiscard]] virtual std::uint64_t chunks() const = 0;
  // From now on values are asked for in the chunks from `first` to before `last` only, and go into parts().
  virtual void select(std::uint64_t first, std::uint64_t last) = 0;
  [[nodiscard]] virtual std::vector<std::byte> parts() const = 0;
  // Adds the parts of the chunks that follow those added so far.
  virtual void take(std::span<const std::byte> parts) = 0;
};

// a < b
std::unique_ptr<GridSession> grid_session(double a, double b, std::uint64_t bins, GridRule rule, int order);

}  // namespace numcore::quadrature
