#include "kernels/quadrature/legendre.h"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace numcore::quadrature {

namespace {

DoubleDouble negate(DoubleDouble a) { return {-a.high, -a.low}; }

DoubleDouble divide(DoubleDouble a, DoubleDouble b) {
  const double first = a.high / b.high;
  const DoubleDouble rest = a + negate(b * DoubleDouble{first, 0});
  return quick_two_sum(first, rest.high / b.high);
}

struct Values {
  DoubleDouble here;    // P_n
  DoubleDouble before;  // P_(n-1)
};

Values legendre(int n, DoubleDouble x) {
  Values p{{1, 0}, {0, 0}};
  for (int k = 0; k < n; ++k) {
    const DoubleDouble next =
        (x * p.here * DoubleDouble{2.0 * k + 1, 0} + negate(p.before * DoubleDouble{1.0 * k, 0})) / (k + 1.0);
    p.before = p.here;
    p.here = next;
  }
  return p;
}

}  // namespace

GaussRule gauss_legendre(int order) {
  const auto size = static_cast<std::size_t>(order);
  GaussRule rule{std::vector<DoubleDouble>(size), std::vector<DoubleDouble>(size), std::vector<double>(size)};
  const DoubleDouble n{1.0 * order, 0};
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t mirror = size - 1 - i;
    if (mirror < i) break;
    DoubleDouble x{-std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (order + 0.5)), 0};
    if (mirror == i) x = {0, 0};
    // The start is good to O(n^-4) and convergence is quadratic: six steps are three more than needed.
    for (int step = 0; step < 6; ++step) {
      const Values p = legendre(order, x);
      const DoubleDouble slope = divide(n * (x * p.here + negate(p.before)), x * x + DoubleDouble{-1, 0});
      x = x + negate(divide(p.here, slope));
    }
    if (mirror == i) x = {0, 0};
    const DoubleDouble scaled = n * legendre(order, x).before;
    const DoubleDouble one_minus = DoubleDouble{1, 0} + negate(x * x);
    rule.nodes[i] = x;
    rule.nodes[mirror] = negate(x);
    rule.weights[i] = rule.weights[mirror] = divide(one_minus * DoubleDouble{2, 0}, scaled * scaled);
  }
  for (std::size_t k = 0; k < size; ++k) {
    // Lagrange's basis at 1 is P_n(1) / ((1 - x) P_n'(x)), and P_n'(x) = n P_(n-1)(x) / (1 - x^2).
    const double x = rule.nodes[k].high;
    rule.ends[k] = (1 + x) / (order * legendre(order, rule.nodes[k]).before.high);
  }
  return rule;
}

double legendre_part(const GaussRule& rule, int k, const double* values) {
  double sum = 0;
  for (std::size_t i = 0; i < rule.nodes.size(); ++i) {
    sum += rule.weights[i].high * legendre(k, rule.nodes[i]).here.high * values[i];
  }
  return (k + 0.5) * sum;
}

}  // namespace numcore::quadrature
