// Inverse of a dense n x n matrix: the public face of the family. Which route is taken, and how far the
// result is to be trusted, comes back in the Report; docs/inversion.md explains both.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/job_context.h"

namespace numcore::inverse {

enum class Assume {
  automatic,         // look: positive definite, symmetric or general
  general,           // LU, whatever it looks like
  symmetric,         // reads the lower triangle only (j <= i of a row-major matrix)
  positive_definite  // the same, and a failure when it is not
};

enum class Method { cholesky, ldlt, bunch_kaufman, lu };

struct Report {
  Method method = Method::lu;
  double rcond = 0;     // exact: 1 / (||A||_1 ||X||_1); 0 when that underflows
  double residual = 0;  // estimate of ||I - A X||_F / (||A||_1 ||X||_1 n eps)
  double growth = 1;    // largest entry met while eliminating / largest entry of A
  // Eigenvalues by sign; known for the symmetric routes.
  std::int64_t positive = 0, negative = 0, zero = 0;
  bool inertia_known = false;
  bool repaired = false;  // the first result failed its own check, and this is the second
};

// Writes the inverse of the row-major `a` to `x`. All O(n^3) work happens inside `x`, and no further
// n x n buffer is taken; x.data() == a.data() overwrites. What is in `x` after a failure is undefined.
//
// Throws Failure: ERR_NOT_FINITE (where = flat index of the first such entry that is read),
// ERR_SINGULAR (where = 0-based position of the pivot), ERR_NOT_POSITIVE_DEFINITE (likewise);
// Cancelled, and std::bad_alloc.
template <class T>
Report invert(std::span<const T> a, std::span<T> x, std::int64_t n, Assume assume, JobContext& context);

// For tests alone: while true, no first result passes its check, as no matrix is known that makes the tile
// routes fail it on every machine.
void distrust(bool first_results);

extern template Report invert<double>(std::span<const double>, std::span<double>, std::int64_t, Assume,
                                      JobContext&);
extern template Report invert<float>(std::span<const float>, std::span<float>, std::int64_t, Assume,
                                     JobContext&);

}  // namespace numcore::inverse
