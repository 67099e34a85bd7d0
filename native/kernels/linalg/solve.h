// Linear systems: the factorisation is chosen as the inverse chooses it, and the result of the quick
// symmetric route is checked. The quick route is tile_ldl.h.
#pragma once

#include <cstdint>

#include "kernels/linalg/operand.h"

namespace numcore::linalg {

enum class Assume { automatic, general, symmetric, hermitian, positive_definite };
enum class Method { cholesky, ldlt, bunch_kaufman, lu };

struct SolveReport {
  Method method = Method::lu;
  double rcond = -1;     // estimate, when asked for
  double residual = -1;  // ||B - A X||_1 / ((||A||_1 ||X||_1 + ||B||_1) n eps), when asked for or needed
  bool repaired = false;
  std::int64_t positive = 0, negative = 0, zero = 0;
  bool inertia_known = false;
};

// X = A^-1 B, row-major, n x k. Failures: as in factor.h; those of B count from n * n on.
template <class T>
SolveReport solve(const Operand<T>& a, const Operand<T>& b, Assume assume, bool inform, T* x,
                  JobContext& context);

// op(A) X = B of a triangular A, `t` being 'N', 'T' or 'C'. ERR_SINGULAR for a zero on the diagonal.
template <class T>
void solve_triangular(const Operand<T>& a, bool lower, char t, bool unit, const Operand<T>& b, T* x,
                      JobContext& context);

// A banded matrix as SciPy's solve_banded has it: `bands` is (above + below + 1) x n, bands(above + i - j, j)
// = A(i, j).
template <class T>
void solve_banded(const Operand<T>& bands, std::int64_t below, std::int64_t above, const Operand<T>& b, T* x,
                  JobContext& context);

// Three diagonals of n - 1, n and n - 1 numbers. O(n).
template <class T>
void solve_tridiagonal(const T* below, const T* diagonal, const T* above, const Operand<T>& b, T* x,
                       JobContext& context);

// Least squares by singular values (LAPACK's gelsd): x is n x k, of the least norm; `residuals` the k sums of
// squares of B - A X. Singular values up to rcond times the largest count as zero; rcond < 0 means machine
// precision.
template <class T>
std::int64_t least_squares(const Operand<T>& a, const Operand<T>& b, Real<T> rcond, T* x, Real<T>* residuals,
                           Real<T>* singular_values, JobContext& context);

}  // namespace numcore::linalg
