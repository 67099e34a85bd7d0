// Numbers of some 106 bits as the unevaluated sum of two doubles (Dekker 1971; Hida, Li and Bailey 2001).
// For what is done once a block or once a job; std::fma is exact on every machine.
#pragma once

#include <cmath>

namespace numcore::quadrature {

struct DoubleDouble {
  double high = 0;
  double low = 0;
};

// Exactly a + b.
inline DoubleDouble two_sum(double a, double b) {
  const double sum = a + b;
  const double added = sum - a;
  return {sum, (a - (sum - added)) + (b - added)};
}

// Exactly a + b where |a| >= |b|.
inline DoubleDouble quick_two_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

// Exactly a * b.
inline DoubleDouble two_product(double a, double b) {
  const double product = a * b;
  return {product, std::fma(a, b, -product)};
}

inline DoubleDouble operator+(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble high = two_sum(a.high, b.high);
  const DoubleDouble low = two_sum(a.low, b.low);
  const DoubleDouble sum = quick_two_sum(high.high, high.low + low.high);
  return quick_two_sum(sum.high, sum.low + low.low);
}

inline DoubleDouble operator*(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble product = two_product(a.high, b.high);
  return quick_two_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

inline DoubleDouble operator/(DoubleDouble a, double b) {
  const double quotient = a.high / b;
  const DoubleDouble product = two_product(quotient, b);
  return quick_two_sum(quotient, ((a.high - product.high) - product.low + a.low) / b);
}

}  // namespace numcore::quadrature
