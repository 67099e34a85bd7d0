// LAPACK and BLAS for float, double and both complex types under the same names, work space included.
// Everything is column-major, as LAPACK is. Routines return LAPACK's info: 0, or where the algorithm stopped,
// counted from 1.
#pragma once

#include <complex>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "kernels/blas.h"

namespace numcore::linalg {

template <class T>
struct RealOf {
  using type = T;
};
template <class T>
struct RealOf<std::complex<T>> {
  using type = T;
};
template <class T>
using Real = typename RealOf<T>::type;
template <class T>
inline constexpr bool is_complex = !std::is_same_v<T, Real<T>>;

template <class T>
T conjugate(T x) {
  if constexpr (is_complex<T>) {
    return std::conj(x);
  } else {
    return x;
  }
}

// Instantiates a macro for the four element types.
#define NUMCORE_EVERY_TYPE(macro) \
  macro(double) macro(float) macro(std::complex<double>) macro(std::complex<float>)

// 'N', 'T' and 'C' as in LAPACK, and OpenBLAS's 'R': conjugated and not transposed.
inline CBLAS_TRANSPOSE transposition(char t) {
  return t == 'N' ? CblasNoTrans : t == 'T' ? CblasTrans : t == 'R' ? CblasConjNoTrans : CblasConjTrans;
}

namespace lapack {

#define NUMCORE_REAL_BLAS(T, x)                                                                              \
  inline void gemm(char ta, char tb, int m, int n, int k, T alpha, const T* a, int lda, const T* b, int ldb, \
                   T beta, T* c, int ldc) {                                                                  \
    cblas_##x##gemm(CblasColMajor, transposition(ta), transposition(tb), m, n, k, alpha, a, lda, b, ldb,     \
                    beta, c, ldc);                                                                           \
  }                                                                                                          \
  inline void symm(CBLAS_SIDE side, CBLAS_UPLO uplo, bool, int m, int n, T alpha, const T* a, int lda,       \
                   const T* b, int ldb, T beta, T* c, int ldc) {                                             \
    cblas_##x##symm(CblasColMajor, side, uplo, m, n, alpha, a, lda, b, ldb, beta, c, ldc);                   \
  }                                                                                                          \
  inline void trmm(CBLAS_SIDE side, CBLAS_UPLO uplo, char t, bool unit, int m, int n, T alpha, const T* a,   \
                   int lda, T* b, int ldb) {                                                                 \
    cblas_##x##trmm(CblasColMajor, side, uplo, transposition(t), unit ? CblasUnit : CblasNonUnit, m, n,      \
                    alpha, a, lda, b, ldb);                                                                  \
  }                                                                                                          \
  inline void trsm(CBLAS_SIDE side, CBLAS_UPLO uplo, char t, bool unit, int m, int n, const T* a, int lda,   \
                   T* b, int ldb) {                                                                          \
    cblas_##x##trsm(CblasColMajor, side, uplo, transposition(t), unit ? CblasUnit : CblasNonUnit, m, n,      \
                    T(1), a, lda, b, ldb);                                                                   \
  }                                                                                                          \
  inline void trsv(CBLAS_UPLO uplo, char t, bool unit, int n, const T* a, int lda, T* x, int step) {         \
    cblas_##x##trsv(CblasColMajor, uplo, transposition(t), unit ? CblasUnit : CblasNonUnit, n, a, lda, x,    \
                    step);                                                                                   \
  }                                                                                                          \
  inline void gemv(char t, int m, int n, T alpha, const T* a, int lda, const T* x, int incx, T beta, T* y,   \
                   int incy) {                                                                               \
    cblas_##x##gemv(CblasColMajor, transposition(t), m, n, alpha, a, lda, x, incx, beta, y, incy);           \
  }                                                                                                          \
  inline void rank_k(CBLAS_UPLO uplo, char t, int n, int k, const T* a, int lda, T* c, int ldc) {            \
    cblas_##x##syrk(CblasColMajor, uplo, transposition(t), n, k, T(1), a, lda, T(0), c, ldc);                \
  }                                                                                                          \
  inline T dot(int n, const T* a, int step_a, const T* b, int step_b, bool) {                                \
    return cblas_##x##dot(n, a, step_a, b, step_b);                                                          \
  }
NUMCORE_REAL_BLAS(double, d)
NUMCORE_REAL_BLAS(float, s)
#undef NUMCORE_REAL_BLAS

#define NUMCORE_COMPLEX_BLAS(T, x)                                                                           \
  inline void gemm(char ta, char tb, int m, int n, int k, T alpha, const T* a, int lda, const T* b, int ldb, \
                   T beta, T* c, int ldc) {                                                                  \
    cblas_##x##gemm(CblasColMajor, transposition(ta), transposition(tb), m, n, k, &alpha, a, lda, b, ldb,    \
                    &beta, c, ldc);                                                                          \
  }                                                                                                          \
  inline void symm(CBLAS_SIDE side, CBLAS_UPLO uplo, bool hermitian, int m, int n, T alpha, const T* a,      \
                   int lda, const T* b, int ldb, T beta, T* c, int ldc) {                                    \
    if (hermitian) {                                                                                         \
      cblas_##x##hemm(CblasColMajor, side, uplo, m, n, &alpha, a, lda, b, ldb, &beta, c, ldc);               \
    } else {                                                                                                 \
      cblas_##x##symm(CblasColMajor, side, uplo, m, n, &alpha, a, lda, b, ldb, &beta, c, ldc);               \
    }                                                                                                        \
  }                                                                                                          \
  inline void trmm(CBLAS_SIDE side, CBLAS_UPLO uplo, char t, bool unit, int m, int n, T alpha, const T* a,   \
                   int lda, T* b, int ldb) {                                                                 \
    cblas_##x##trmm(CblasColMajor, side, uplo, transposition(t), unit ? CblasUnit : CblasNonUnit, m, n,      \
                    &alpha, a, lda, b, ldb);                                                                 \
  }                                                                                                          \
  inline void trsm(CBLAS_SIDE side, CBLAS_UPLO uplo, char t, bool unit, int m, int n, const T* a, int lda,   \
                   T* b, int ldb) {                                                                          \
    const T one(1);                                                                                          \
    cblas_##x##trsm(CblasColMajor, side, uplo, transposition(t), unit ? CblasUnit : CblasNonUnit, m, n,      \
                    &one, a, lda, b, ldb);                                                                   \
  }                                                                                                          \
  inline void trsv(CBLAS_UPLO uplo, char t, bool unit, int n, const T* a, int lda, T* x, int step) {         \
    cblas_##x##trsv(CblasColMajor, uplo, transposition(t), unit ? CblasUnit : CblasNonUnit, n, a, lda, x,    \
                    step);                                                                                   \
  }                                                                                                          \
  inline void gemv(char t, int m, int n, T alpha, const T* a, int lda, const T* x, int incx, T beta, T* y,   \
                   int incy) {                                                                               \
    cblas_##x##gemv(CblasColMajor, transposition(t), m, n, &alpha, a, lda, x, incx, &beta, y, incy);         \
  }                                                                                                          \
  inline void rank_k(CBLAS_UPLO uplo, char t, int n, int k, const T* a, int lda, T* c, int ldc) {            \
    cblas_##x##herk(CblasColMajor, uplo, transposition(t), n, k, 1, a, lda, 0, c, ldc);                      \
  }                                                                                                          \
  inline T dot(int n, const T* a, int step_a, const T* b, int step_b, bool conjugated) {                     \
    T result;                                                                                                \
    if (conjugated) {                                                                                        \
      cblas_##x##dotc_sub(n, a, step_a, b, step_b, &result);                                                 \
    } else {                                                                                                 \
      cblas_##x##dotu_sub(n, a, step_a, b, step_b, &result);                                                 \
    }                                                                                                        \
    return result;                                                                                           \
  }
NUMCORE_COMPLEX_BLAS(std::complex<double>, z)
NUMCORE_COMPLEX_BLAS(std::complex<float>, c)
#undef NUMCORE_COMPLEX_BLAS

#define NUMCORE_LAPACK_FACE(T)                                                                             \
  /* P L U */                                                                                              \
  int getrf(int m, int n, T* a, int lda, int* pivots);                                                     \
  int getri(int n, T* a, int lda, const int* pivots);                                                      \
  /* Reciprocal condition in the 1-norm, of an LU (of `norm` = ||A||_1 when '1', ||A||_inf when 'I'). */   \
  int gecon(char norm, int n, const T* a, int lda, Real<T> anorm, Real<T>* rcond);                         \
  int trcon(char norm, char uplo, bool unit, int n, const T* a, int lda, Real<T>* rcond);                  \
  int potrf(char uplo, int n, T* a, int lda);                                                              \
  int potri(char uplo, int n, T* a, int lda);                                                              \
  int pocon(char uplo, int n, const T* a, int lda, Real<T> anorm, Real<T>* rcond);                         \
  /* L D L^T, or L D L^H when `hermitian`, then L and D (its off-diagonal in e) apart. */                  \
  int indefinite(bool hermitian, int n, T* a, int lda, int* pivots, T* e);                                 \
  int geqrf(int m, int n, T* a, int lda, T* tau);                                                          \
  int geqp3(int m, int n, T* a, int lda, int* pivots, T* tau);                                             \
  int orthogonal(int m, int n, int k, T* a, int lda, const T* tau);                                        \
  int gelsd(int m, int n, int nrhs, T* a, int lda, T* b, int ldb, Real<T>* s, Real<T> rcond, int* rank);   \
  /* Hermitian eigenproblem by divide and conquer; by relatively robust representations for a range. */    \
  int heevd(char job, char uplo, int n, T* a, int lda, Real<T>* w);                                        \
  int heevr(char job, char range, char uplo, int n, T* a, int lda, Real<T> vl, Real<T> vu, int il, int iu, \
            int* found, Real<T>* w, T* z, int ldz);                                                        \
  int geev(char job, int n, T* a, int lda, std::complex<Real<T>>* w, std::complex<Real<T>>* v);            \
  int gesdd(char job, int m, int n, T* a, int lda, Real<T>* s, T* u, int ldu, T* vt, int ldvt);            \
  int gees(int n, T* a, int lda, std::complex<Real<T>>* w, T* z, int ldz);                                 \
  int gbsv(int n, int below, int above, int nrhs, T* ab, int ldab, int* pivots, T* b, int ldb);            \
  int gtsv(int n, int nrhs, T* below, T* diagonal, T* above, T* b, int ldb);                               \
  /* A X + sign X B = scale C for quasi-triangular A and B. */                                             \
  int trsyl(int sign, int m, int n, const T* a, int lda, const T* b, int ldb, T* c, int ldc, Real<T>* scale);
NUMCORE_EVERY_TYPE(NUMCORE_LAPACK_FACE)
#undef NUMCORE_LAPACK_FACE

}  // namespace lapack
}  // namespace numcore::linalg
