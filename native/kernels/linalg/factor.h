// Factorisations of square matrices into row-major factors, and what can be done with the factors. Right-hand
// sides are row-major, n x k, and overwritten by the solution: BLAS sees their transpose, so that every
// triangular solve is one from the right and nothing is copied.
//
// Failures: ERR_NOT_FINITE (where = flat index), ERR_NOT_POSITIVE_DEFINITE and ERR_SINGULAR (where = pivot).
#pragma once

#include <cstdint>
#include <functional>

#include "kernels/linalg/operand.h"

namespace numcore::linalg {

[[noreturn]] void fail_singular(std::int64_t where);
[[noreturn]] void fail_not_positive_definite(std::int64_t where);

// A = L L^H, of the lower triangle of A; the rest of `l` becomes zero. LAPACK's potrf.
template <class T>
void cholesky(const Operand<T>& a, T* l, JobContext& context);
template <class T>
void solve_cholesky(const T* l, std::int64_t n, T* x, std::int64_t k);

// P A P^T = L D L^H (or L D L^T when not `hermitian`), of the lower triangle of A. Real matrices by tiles,
// complex ones and those whose pivots lie across blocks by LAPACK's sytrf or hetrf.
struct LdlReport {
  bool tiles = false;
  std::int64_t lost = -1;                             // a pivot that is zero, or nothing but rounding error
  std::int64_t positive = 0, negative = 0, zero = 0;  // of D's eigenvalues; not known when complex symmetric
};
template <class T>
LdlReport ldl(const Operand<T>& a, bool hermitian, bool safe, T* l, T* d, T* e, int* order,
              JobContext& context);
template <class T>
void solve_ldl(const T* l, const T* d, const T* e, const int* order, bool hermitian, std::int64_t n, T* x,
               std::int64_t k);

// P A = L U in one matrix of A's dimensions, in row or column order; row i of P A is row order[i] of A.
// LAPACK's getrf. Returns `lost` as above, of square matrices.
template <class T>
std::int64_t lu(const Operand<T>& a, Order order, T* factors, int* permutation, JobContext& context);
template <class T>
void solve_lu(const T* factors, Order order, const int* permutation, std::int64_t n, T* x, std::int64_t k);

// The determinant, multiplied out in double precision; with `logarithm` its sign, of absolute value 1 or 0,
// and the logarithm of its size, which neither overflow nor underflow. LU.
struct Determinant {
  std::complex<double> value{1};
  double log = 0;
};
template <class T>
Determinant determinant(const Operand<T>& a, bool logarithm, JobContext& context);

// Estimate of ||A^-1||_1 from a few solves with A and with A^H (Hager 1984, Higham 1988; LAPACK's lacn2).
// Each call overwrites a vector of n numbers.
template <class T>
Real<T> inverse_norm(std::int64_t n, const std::function<void(T*)>& solve,
                     const std::function<void(T*)>& solve_adjoint);

template <class T>
Real<T> rcond_cholesky(const T* l, std::int64_t n, Real<T> norm);
template <class T>
Real<T> rcond_ldl(const T* l, const T* d, const T* e, const int* order, bool hermitian, std::int64_t n,
                  Real<T> norm);
template <class T>
Real<T> rcond_lu(const T* factors, Order order, const int* permutation, std::int64_t n, Real<T> norm);

// A = Q R, or A P = Q R when `pivots` is given: column i of A P is column pivots[i] of A. Q is m x width, R
// width x n, both row-major. LAPACK's geqrf or geqp3, and orgqr. Returns det Q (1 unless square: Q of a full
// factorisation).
template <class T>
T qr(const Operand<T>& a, std::int64_t width, T* q, T* r, int* pivots, JobContext& context);

}  // namespace numcore::linalg
