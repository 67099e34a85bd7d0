// Nodes and weights of Gauss-Legendre rules of any order.
#pragma once

#include <vector>

#include "kernels/quadrature/double_double.h"

namespace numcore::quadrature {

constexpr int most_order = 1000;

struct GaussRule {
  std::vector<DoubleDouble> nodes;  // rising, in (-1, 1)
  std::vector<DoubleDouble> weights;
  // The polynomial through the values at the nodes has at 1 the value sum of ends[k] * values[k], and at
  // -1 the same with the values in reverse.
  std::vector<double> ends;
};

// Newton's method on the recurrence of P_n (Press et al., Numerical Recipes, gauleg), in double-double from
// the third step on, so that nodes and weights are right to the last bit of a double and beyond. 1 <= order
// <= most_order.
GaussRule gauss_legendre(int order);

// (2k+1)/2 * integral of P_k times the polynomial through `values` at the nodes: how much of P_k is in it.
double legendre_part(const GaussRule& rule, int k, const double* values);

}  // namespace numcore::quadrature
