// The routes the policy in inverse.cc chooses from. Each inverts in place the n x n matrix `x` that holds a
// copy of A, and says what it met on the way. Symmetric routes read the lower triangle (row-major) and
// leave the inverse in the lower triangle; the upper one is theirs to use, and is undefined afterwards.
#pragma once

#include <cstdint>
#include <limits>

#include "kernels/inverse/inverse.h"
#include "runtime/job_context.h"

namespace numcore::inverse {

// The check that every result goes through. Fills in rcond and residual of the report, from ||A||_1, ||X||_1
// and the sum of the squares of what A X - I leaves of the probes of scan.h.
void judge(double norm, double norm_of_inverse, double square, std::int64_t n, double epsilon,
           Report& report);
// Whether that is as good as LU would have been.
bool acceptable(std::int64_t n, const Report& report);

struct Outcome {
  bool done = false;      // false: this route cannot do it, and `where` is the pivot it stopped at
  bool singular = false;  // ... because the matrix is singular to working precision
  std::int64_t where = -1;
  double largest = 0;  // largest entry met while eliminating
  std::int64_t positive = 0, negative = 0;
};

// A pivot that came about by subtracting: `mass` is the sum of the absolute values that went into it. Within
// the rounding error of that sum nothing of it is left, whatever the scale of its row and column. Measured
// in units of eps * mass: what is left of a repeated row stays below 1 at n = 5 and 25 at n = 600, while
// matrices of condition 1e15 stay above 9 at n = 2, 50 at n = 5 and 1000 at n = 300.
template <class T>
bool vanished(T pivot, T mass, std::int64_t n) {
  const T size = pivot < 0 ? -pivot : pivot;
  const T noise = n < 26 ? static_cast<T>(n + 4) : T(30);
  return !(size > noise * std::numeric_limits<T>::epsilon() * mass);
}

// A itself, of which x is a copy: entry (i, j) with i > j is at entries[i * row + j * column]. The diagonal
// may be something else by now.
template <class T>
struct Original {
  const T* entries;
  std::int64_t row, column;
  T operator()(std::int64_t i, std::int64_t j) const {
    return i > j ? entries[i * row + j * column] : entries[j * row + i * column];
  }
};

template <class T>
Outcome cholesky(T* x, std::int64_t n, JobContext& context);
template <class T>
Outcome ldlt(T* x, std::int64_t n, JobContext& context);
template <class T>
Outcome bunch_kaufman(T* x, std::int64_t n, const Original<T>& a, JobContext& context);
// The whole of x, no triangle. `safe`: by LAPACK, whose result has the smaller error bound.
template <class T>
Outcome lu(T* x, std::int64_t n, bool safe, JobContext& context);

}  // namespace numcore::inverse
