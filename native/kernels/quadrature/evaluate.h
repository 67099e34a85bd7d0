// The values of an expression at given points.
#pragma once

#include <span>

#include "kernels/quadrature/expression.h"
#include "runtime/job_context.h"

namespace numcore::quadrature {

// out[i] = f(variables[0][i], variables[1][i], ...), one array for each variable of `f`, all as long as
// `out`, which may be one of them but may not overlap one otherwise. Every value depends on its own point
// alone, so the bits are the same for every number of threads. Throws Cancelled.
void evaluate(const Expression& f, std::span<const double* const> variables, std::span<double> out,
              JobContext& context);

}  // namespace numcore::quadrature
