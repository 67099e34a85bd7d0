// The general route: scaling where it is needed, then one sweep with partial pivoting, or LAPACK. LAPACK
// sees the transpose of the row-major matrix, and gives back the transpose of the inverse: nothing is to
// be turned.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "kernels/blas.h"
#include "kernels/inverse/gauss_jordan.h"
#include "kernels/inverse/routes.h"

namespace numcore::inverse {

namespace {

// Below this LAPACK is faster, and there is nothing to share among threads.
constexpr std::int64_t kSmall = 96;

// Partial pivoting chooses by size, so it goes astray on rows of very different scales. Such a matrix is
// brought to rows and columns near 1 by powers of two, which round nothing.
template <class T>
struct Scales {
  std::vector<T> row, column;  // empty: not needed
};

template <class T>
T power_near(T size) {  // of two, to multiply with
  int exponent = 0;
  std::frexp(size, &exponent);
  return std::ldexp(T(1), -std::clamp(exponent, std::numeric_limits<T>::min_exponent + 2,
                                      std::numeric_limits<T>::max_exponent - 2));
}

template <class T>
Scales<T> equilibrate(T* x, std::int64_t n) {
  Scales<T> scales;
  const auto size = static_cast<std::size_t>(n);
  std::vector<T> row(size), column(size);
  T least = std::numeric_limits<T>::max(), most = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const T* r = x + i * size;
    T largest = 0;
    for (std::size_t j = 0; j < size; ++j) largest = std::max(largest, std::abs(r[j]));
    if (largest == 0) return scales;
    row[i] = largest;
    least = std::min(least, largest);
    most = std::max(most, largest);
  }
  if (least > most * std::sqrt(std::numeric_limits<T>::epsilon())) return scales;
  for (auto& one : row) one = power_near(one);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) {
      T& entry = x[i * size + j];
      entry *= row[i];
      column[j] = std::max(column[j], std::abs(entry));
    }
  }
  for (auto& one : column) one = one > 0 ? power_near(one) : T(1);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < size; ++j) x[i * size + j] *= column[j];
  }
  scales.row = std::move(row);
  scales.column = std::move(column);
  return scales;
}

// (R A C)^-1 = C^-1 A^-1 R^-1
template <class T>
void undo(T* x, std::int64_t n, const Scales<T>& scales) {
  const auto size = static_cast<std::size_t>(n);
  for (std::size_t i = 0; i < size && !scales.row.empty(); ++i) {
    for (std::size_t j = 0; j < size; ++j)
      x[i * size + j] = x[i * size + j] * scales.column[i] * scales.row[j];
  }
}

// The same by LAPACK: for small matrices, and where the sweep's result fails its check.
template <class T>
Outcome by_lapack(T* x, std::int64_t n, JobContext& context) {
  Outcome outcome;
  const int order = static_cast<int>(n);
  std::vector<int> pivots(static_cast<std::size_t>(n));
  // Small ones on one thread: nothing is to be gained, and the bits do not depend on the number.
  const BlasThreads threads(n < 512 ? 1 : context.threads());
  const int info = blas::getrf(order, order, x, order, pivots.data());
  context.check();
  if (info != 0) {
    outcome.singular = true;
    outcome.where = info - 1;
    return outcome;
  }
  for (std::int64_t k = 0; k < n; ++k) {
    T column = 0;  // of U
    for (std::int64_t i = 0; i <= k; ++i) column = std::max(column, std::abs(x[k * n + i]));
    outcome.largest = std::max(outcome.largest, static_cast<double>(column));
    // The sum behind a pivot runs along a row of L, which is far apart in memory: only on suspicion.
    const T pivot = std::abs(x[k * n + k]);
    if (pivot > column * std::sqrt(std::numeric_limits<T>::epsilon())) continue;
    T mass = pivot;
    for (std::int64_t i = 0; i < k; ++i) mass += std::abs(x[i * n + k] * x[k * n + i]);
    if (vanished(pivot, mass, n)) {
      outcome.singular = true;
      outcome.where = k;
      return outcome;
    }
  }
  std::vector<T> work(static_cast<std::size_t>(n) * 64);
  blas::getri(order, x, order, pivots.data(), work.data(), static_cast<int>(work.size()));
  outcome.done = true;
  return outcome;
}

}  // namespace

template <class T>
Outcome lu(T* x, std::int64_t n, bool safe, JobContext& context) {
  const Scales<T> scales = equilibrate(x, n);
  Outcome outcome = safe || n < kSmall ? by_lapack(x, n, context) : GaussJordan<T>(x, n, context).run();
  if (!outcome.done) return outcome;
  undo(x, n, scales);
  // The largest entry of U says nothing about A's own scale any more.
  if (!scales.row.empty()) outcome.largest = 0;
  return outcome;
}

template Outcome lu<double>(double*, std::int64_t, bool, JobContext&);
template Outcome lu<float>(float*, std::int64_t, bool, JobContext&);

}  // namespace numcore::inverse
