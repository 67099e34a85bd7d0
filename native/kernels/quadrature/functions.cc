#include "kernels/quadrature/functions.h"

#include <cmath>

namespace numcore::quadrature {

namespace {

// exp(x) / 2 for 709 < x, without the overflow of exp(x): exp(x - 1) times e / 2, whose last digits are
// e_low. x - 1 is exact.
double half_exp(double x) {
  constexpr double e_high = 0x1.5bf0a8b145769p+0;
  constexpr double e_low = 0x1.4d57ee2b1013ap-54;
  const double t = std::exp(x - 1);
  return std::fma(t, e_high, t * e_low);
}

}  // namespace

double repaired(Op op, double a, double b, double result) {
  switch (op) {
    case Op::exp:
      return a > 709 ? std::exp(a) : result;
    case Op::sinh:
      return std::abs(a) > 709 ? std::copysign(half_exp(std::abs(a)), a) : result;
    case Op::cosh:
      return std::abs(a) > 709 ? half_exp(std::abs(a)) : result;
    case Op::power:
      // C has pow(1, NaN) = 1 and pow(+-1, +-Infinity) = 1. An infinite result of finite numbers may be one
      // that is just below.
      if (std::isnan(b) || (std::isinf(b) && std::abs(a) == 1))
        return std::numeric_limits<double>::quiet_NaN();
      return std::isinf(result) && std::isfinite(a) && std::isfinite(b) ? std::pow(a, b) : result;
    default:
      return result;
  }
}

}  // namespace numcore::quadrature
