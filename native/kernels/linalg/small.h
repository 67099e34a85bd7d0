// Elimination of small matrices without a call of BLAS, compiled once for each instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace numcore::linalg {

inline constexpr int kSmallOrder = 32;
// Up to this order inverses are computed several at once, one a lane of the vectors.
inline constexpr int kLaneOrder = 8;
inline constexpr int kLanes = 8;

// All return the pivot that was zero, or -1. `room` is for 32 x 32 elements.
int small_inv(int n, const double* a, double* x, double* room);
int small_inv(int n, const float* a, float* x, float* room);
// `count` matrices, at most kLanes, one after the other; lost[m] is the pivot of matrix m that was zero, or
// -1.
void small_inverses(int n, int count, const double* a, double* x, double* room, int* lost);
void small_inverses(int n, int count, const float* a, float* x, float* room, int* lost);
// `b` (n x k) is overwritten by the solution, and `a` by its factors.
int small_solve(int n, double* a, int k, double* b);
int small_solve(int n, float* a, int k, float* b);
// Leaves U in the upper triangle; `odd` is turned round by each interchange of rows.
int small_eliminate(int n, double* a, bool& odd);
int small_eliminate(int n, float* a, bool& odd);
// `a` is overwritten.
double small_det(int n, double* a);
float small_det(int n, float* a);
int small_cholesky(int n, const double* a, double* l, double* room);
int small_cholesky(int n, const float* a, float* l, float* room);
// 0 * x is 0 for finite numbers alone.
bool all_finite(std::ptrdiff_t count, const double* a);
bool all_finite(std::ptrdiff_t count, const float* a);
// c (m x n, dense) = a b, whose rows are lda and ldb apart. Faster than BLAS where rows are whole vectors or
// very short, and there are few.
inline bool is_small_product(std::int64_t m, std::int64_t n, std::int64_t k) {
  return (n <= 4 || n == 8) && k <= 16 && m * n * k <= 4096;
}
void small_product(int m, int n, int k, const double* a, std::ptrdiff_t lda, const double* b,
                   std::ptrdiff_t ldb, double* c);
void small_product(int m, int n, int k, const float* a, std::ptrdiff_t lda, const float* b,
                   std::ptrdiff_t ldb, float* c);

}  // namespace numcore::linalg
