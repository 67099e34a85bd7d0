// The safe symmetric route: LAPACK's Bunch-Kaufman factorisation, whose pivot search sees whole columns,
// and the blocked inverse sytri2x.
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/blas.h"
#include "kernels/inverse/routes.h"

namespace numcore::inverse {
namespace {

constexpr int kPanel = 96;  // of the factorisation's workspace and of the blocked inverse

// LAPACK's 'U' form, A = U D U^T, column-major: column j of U reaches from row 0 to j - 1, and the
// factorisation runs from the last pivot to the first. The sum of the absolute values that made diagonal
// entry k of D, itself included. An interchange is not carried into the columns that were done before it,
// so the row is followed back through the interchanges while j moves right.
template <class T>
T mass(const T* x, std::int64_t n, const std::vector<int>& pivots, std::int64_t k) {
  T total = std::abs(x[k * n + k]);
  std::int64_t row = k;
  const auto back = [&](std::int64_t step) {  // where `row` was before this step
    const int pivot = pivots[static_cast<std::size_t>(step)];
    const std::int64_t one = pivot > 0 ? step : step - 1, other = std::abs(pivot) - 1;
    if (row == one) {
      row = other;
    } else if (row == other) {
      row = one;
    }
  };
  // k is the upper row of a 2x2 block when an odd number of negative entries starts there.
  std::int64_t step = k;
  if (pivots[static_cast<std::size_t>(k)] < 0) {
    std::int64_t run = k;
    while (run < n && pivots[static_cast<std::size_t>(run)] < 0) ++run;
    if ((run - k) % 2 == 0) step = k + 1;
  }
  back(step);
  for (std::int64_t j = step + 1; j < n; ++j) {
    const T u = x[j * n + row];
    if (pivots[static_cast<std::size_t>(j)] > 0) {
      total += std::abs(u * u * x[j * n + j]);
      back(j);
    } else {
      const T v = x[(j + 1) * n + row];
      total += std::abs(u * u * x[j * n + j]) + std::abs(v * v * x[(j + 1) * n + j + 1]) +
               2 * std::abs(u * v * x[(j + 1) * n + j]);
      back(++j);
    }
  }
  return total;
}

}  // namespace

template <class T>
Outcome bunch_kaufman(T* x, std::int64_t n, JobContext& context) {
  Outcome outcome;
  const int order = static_cast<int>(n);
  const auto size = static_cast<std::size_t>(n);
  std::vector<int> pivots(size);
  std::vector<T> work((size + kPanel + 1) * (kPanel + 3));
  // Small ones on one thread: nothing is to be gained, and the bits do not depend on the number.
  const BlasThreads threads(n < 512 ? 1 : context.threads());
  int info = blas::sytrf('U', order, x, order, pivots.data(), work.data(),
                         static_cast<int>(std::min(work.size(), size * kPanel)));
  context.check();
  if (info != 0) {
    outcome.singular = true;
    outcome.where = info - 1;
    return outcome;
  }
  // The sums behind the pivots run across the columns, far apart in memory: only on suspicion.
  T largest = 0;
  const T small = std::sqrt(std::numeric_limits<T>::epsilon());
  for (std::int64_t k = n - 1; k >= 0; --k) {
    const bool single = pivots[static_cast<std::size_t>(k)] > 0;
    const std::int64_t other = single ? k : k - 1;
    const T d = x[k * n + other];  // a 2x2 block is chosen because its off-diagonal entry dominates
    largest = std::max({largest, std::abs(d), std::abs(x[k * n + k]), std::abs(x[other * n + other])});
    if (std::abs(d) <= small * largest &&
        vanished(d,
                 single ? mass(x, n, pivots, k)
                        : std::sqrt(mass(x, n, pivots, k)) * std::sqrt(mass(x, n, pivots, other)),
                 n)) {
      outcome.singular = true;
      outcome.where = k;
      return outcome;
    }
    if (single) {
      ++(d > 0 ? outcome.positive : outcome.negative);
    } else {  // for the same reason one eigenvalue of each sign
      ++outcome.positive;
      ++outcome.negative;
      --k;
    }
  }
  outcome.largest = static_cast<double>(largest);
  info = n < 64 ? blas::sytri('U', order, x, order, pivots.data(), work.data())
                : blas::sytri2x('U', order, x, order, pivots.data(), work.data(), kPanel);
  if (info != 0) {
    outcome.singular = true;
    outcome.where = info - 1;
    return outcome;
  }
  outcome.done = true;
  return outcome;
}

template Outcome bunch_kaufman<double>(double*, std::int64_t, JobContext&);
template Outcome bunch_kaufman<float>(float*, std::int64_t, JobContext&);

}  // namespace numcore::inverse
