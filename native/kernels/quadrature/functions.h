// Single points of the functions, for what a vector library leaves to be done; and JavaScript's pow.
#pragma once

#include <limits>

#include "kernels/quadrature/graph.h"

namespace numcore::quadrature {

constexpr double largest = std::numeric_limits<double>::max();

// What op(a, b) is where the vector library's `result` may not be: exp, sinh and cosh within a hair of
// overflow, and the powers that C and JavaScript see differently.
double repaired(Op op, double a, double b, double result);

}  // namespace numcore::quadrature
