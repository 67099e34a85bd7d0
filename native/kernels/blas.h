// The one place that declares BLAS and LAPACK, for float and double under the same names.
//
// The thread-count rule. Our OpenBLAS is the OpenMP build: every call takes its thread count from the
// *calling thread's* OpenMP setting (omp_get_max_threads), not from any call made on another thread,
// and it drops to one thread where omp_in_parallel() is true. Two things follow.
//  - A kernel that lets BLAS work in parallel says so with a BlasThreads guard around the calls.
//  - Tile kernels call BLAS from inside their own region. In a region of one thread omp_in_parallel() is
//    false, and a worker thread's setting is its own: so every thread of the team holds BlasThreads(1).
#pragma once

#include <cblas.h>

#include <cstddef>
#include <cstdint>

#include "runtime/team_size.h"

namespace numcore {

// For its lifetime BLAS calls of this thread run on `count` threads. It belongs to one thread: never
// hand it to another.
using BlasThreads = TeamSize;

}  // namespace numcore

// gfortran's calling convention: every argument by address, the lengths of character arguments at the end.
extern "C" {
#define NUMCORE_LAPACK(type, letter)                                                                        \
  void letter##potrf_(const char* uplo, const int* n, type* a, const int* lda, int* info, std::size_t);     \
  void letter##potri_(const char* uplo, const int* n, type* a, const int* lda, int* info, std::size_t);     \
  void letter##getrf_(const int* m, const int* n, type* a, const int* lda, int* pivots, int* info);         \
  void letter##getri_(const int* n, type* a, const int* lda, const int* pivots, type* work,                 \
                      const int* lwork, int* info);                                                         \
  void letter##trtri_(const char* uplo, const char* diag, const int* n, type* a, const int* lda, int* info, \
                      std::size_t, std::size_t);                                                            \
  void letter##laswp_(const int* n, type* a, const int* lda, const int* k1, const int* k2,                  \
                      const int* pivots, const int* step);
NUMCORE_LAPACK(double, d)
NUMCORE_LAPACK(float, s)
#undef NUMCORE_LAPACK
}

// Column-major throughout, as LAPACK is: a row-major matrix is its own transpose, so its lower triangle
// is LAPACK's 'U'. LAPACK routines return info.
namespace numcore::blas {

#define NUMCORE_BLAS(type, letter)                                                                         \
  inline void gemm(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k, type alpha, const type* a, \
                   int lda, const type* b, int ldb, type beta, type* c, int ldc) {                         \
    cblas_##letter##gemm(CblasColMajor, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);             \
  }                                                                                                        \
  inline void syrk(CBLAS_UPLO uplo, CBLAS_TRANSPOSE t, int n, int k, type alpha, const type* a, int lda,   \
                   type beta, type* c, int ldc) {                                                          \
    cblas_##letter##syrk(CblasColMajor, uplo, t, n, k, alpha, a, lda, beta, c, ldc);                       \
  }                                                                                                        \
  inline void trsm(CBLAS_SIDE side, CBLAS_UPLO uplo, CBLAS_TRANSPOSE t, CBLAS_DIAG diag, int m, int n,     \
                   type alpha, const type* a, int lda, type* b, int ldb) {                                 \
    cblas_##letter##trsm(CblasColMajor, side, uplo, t, diag, m, n, alpha, a, lda, b, ldb);                 \
  }                                                                                                        \
  inline void trmm(CBLAS_SIDE side, CBLAS_UPLO uplo, CBLAS_TRANSPOSE t, CBLAS_DIAG diag, int m, int n,     \
                   type alpha, const type* a, int lda, type* b, int ldb) {                                 \
    cblas_##letter##trmm(CblasColMajor, side, uplo, t, diag, m, n, alpha, a, lda, b, ldb);                 \
  }                                                                                                        \
  inline int potrf(char uplo, int n, type* a, int lda) {                                                   \
    int info = 0;                                                                                          \
    letter##potrf_(&uplo, &n, a, &lda, &info, 1);                                                          \
    return info;                                                                                           \
  }                                                                                                        \
  inline int potri(char uplo, int n, type* a, int lda) {                                                   \
    int info = 0;                                                                                          \
    letter##potri_(&uplo, &n, a, &lda, &info, 1);                                                          \
    return info;                                                                                           \
  }                                                                                                        \
  inline int getrf(int m, int n, type* a, int lda, int* pivots) {                                          \
    int info = 0;                                                                                          \
    letter##getrf_(&m, &n, a, &lda, pivots, &info);                                                        \
    return info;                                                                                           \
  }                                                                                                        \
  inline int getri(int n, type* a, int lda, const int* pivots, type* work, int lwork) {                    \
    int info = 0;                                                                                          \
    letter##getri_(&n, a, &lda, pivots, work, &lwork, &info);                                              \
    return info;                                                                                           \
  }                                                                                                        \
  inline int trtri(char uplo, char diag, int n, type* a, int lda) {                                        \
    int info = 0;                                                                                          \
    letter##trtri_(&uplo, &diag, &n, a, &lda, &info, 1, 1);                                                \
    return info;                                                                                           \
  }                                                                                                        \
  inline void laswp(int n, type* a, int lda, int first, int last, const int* pivots, int step) {           \
    letter##laswp_(&n, a, &lda, &first, &last, pivots, &step);                                             \
  }
NUMCORE_BLAS(double, d)
NUMCORE_BLAS(float, s)
#undef NUMCORE_BLAS

}  // namespace numcore::blas
