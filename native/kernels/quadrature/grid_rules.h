// Trapezoid, Simpson and Gauss-Legendre rules on a fixed grid. The midpoint rule, which is the one that has
// to run at the rate of the hardware, has its own file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "kernels/quadrature/block_kernel.h"
#include "kernels/quadrature/expression.h"
#include "kernels/quadrature/midpoint.h"
#include "runtime/job_context.h"

namespace numcore::quadrature {

enum class GridRule { midpoint, trapezoid, simpson, gauss };

// The range is cut into `bins` equal parts, h = (b - a) / bins, and the rule is applied to each:
//   trapezoid: both ends of a bin; bins + 1 points
//   simpson: its ends and its middle; 2 bins + 1 points
//   gauss: the `order` nodes of the Gauss-Legendre rule, which is exact for polynomials to degree 2 order - 1
// The ends a and b are evaluated exactly, no point lies outside. Sums, bits, cancelling and failures are
// those of midpoint(); `where` counts points from the lower end.
//
// `error`, an estimate from above as that of midpoint():
//   trapezoid: h (sum |d| / 4 + 4 max |d|), d the second differences of the values: three times too much
//   where
//     f' is monotone
//   simpson: h (sum |d| / 6 + 2 max |d|), d the fourth differences: what Simpson's rule changes when the bins
//   are
//     made twice as wide is h/6 times every other of them, and its error a fifteenth of that for a smooth f
//   gauss: h (sum |g| + 2 max |g| + 4 |c|), where g is how far the polynomials through the values of two
//   neighbouring
//     bins miss each other at the end that they share, and c what the bins at a and b have of the highest
//     Legendre polynomial, which stands for f infinite at an end. That is as small as h^order where the error
//     is h^(2 order). Fewer than four bins: all their highest two coefficients, since a symmetric f has no
//     gaps. Order 1 is midpoint().
// Each plus half a unit in the last place of the value and the rounding of f. Infinite when too few points
// were evaluated to compare anything: fewer than 2 bins for trapezoid and simpson, fewer than 3 for order 2.
Integral integrate_grid(const Expression& f, double a, double b, std::uint64_t bins, GridRule rule, int order,
                        JobContext& context, const BlockKernel& kernel = *block_kernels().front());

// The same rules for an integrand that somebody else evaluates: as long as size() is not 0, points() says
// where and give() takes the values there. The same sums and bits as with an expression, but for the midpoint
// rule.
class GridSession {
 public:
  virtual ~GridSession() = default;
  [[nodiscard]] virtual std::size_t size() const = 0;
  virtual void points(std::span<double> out) = 0;
  virtual void give(std::span<const double> values) = 0;  // throws Failure as integrate_grid does
  [[nodiscard]] virtual Integral finish() const = 0;
};

// a < b
std::unique_ptr<GridSession> grid_session(double a, double b, std::uint64_t bins, GridRule rule, int order);

}  // namespace numcore::quadrature
