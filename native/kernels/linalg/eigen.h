// Eigenvalues, singular values and Schur forms, by LAPACK, which gets the arrays in the order that it wants
// and whose vectors come back row-major. Failures: ERR_NOT_FINITE, and ERR_NO_CONVERGENCE with where =
// LAPACK's place.
#pragma once

#include <complex>
#include <cstdint>

#include "kernels/linalg/operand.h"

namespace numcore::linalg {

// All eigenvalues, those with index low to high (counted from 0, rising), or those in (low, high].
struct Range {
  char kind = 'A';  // 'A', 'I' or 'V', as in LAPACK
  double low = 0, high = 0;
};

// Of a symmetric or Hermitian matrix, whose lower triangle is read: rising values and, unless `vectors` is
// null, as many orthonormal columns (n x found; room for n x n is needed). Returns their number. syevd for
// all, syevr for a range.
template <class T>
std::int64_t eigh(const Operand<T>& a, Range range, Real<T>* values, T* vectors, JobContext& context);

// Of a general matrix: values in LAPACK's order and, unless null, columns of length 1. geev.
template <class T>
void eig(const Operand<T>& a, std::complex<Real<T>>* values, std::complex<Real<T>>* vectors,
         JobContext& context);

// A = U S V^H with falling S; u and vt are null when only values are wanted. Thin, or square ones when
// `full`. gesdd.
template <class T>
void svd(const Operand<T>& a, bool full, T* u, Real<T>* s, T* vt, JobContext& context);

// A = Z T Z^H; T is upper triangular, and quasi-triangular (2 x 2 blocks for conjugate pairs) of a real
// matrix. gees.
template <class T>
void schur(const Operand<T>& a, T* t, T* z, std::complex<Real<T>>* values, JobContext& context);

// The pseudoinverse, n x m, by singular values; those up to rcond times the largest count as zero. Returns
// the rank.
template <class T>
std::int64_t pinv(const Operand<T>& a, Real<T> rcond, T* x, JobContext& context);

}  // namespace numcore::linalg
