// Stacks of small matrices, [count, rows, columns], one after the other in memory: each matrix is one
// thread's alone, and the same bits come out for every number of threads. Real ones up to order 32 by loops
// of our own, as calling LAPACK costs more than the work; the others by LAPACK on one thread each.
//
// Failures: ERR_NOT_FINITE, where = index of the element in the whole stack; ERR_SINGULAR,
// ERR_NOT_POSITIVE_DEFINITE and ERR_NO_CONVERGENCE, where = matrix * n + pivot, of the first matrix
// concerned.
#pragma once

#include <cstdint>

#include "kernels/linalg/lapack.h"
#include "runtime/job_context.h"

namespace numcore::linalg {

struct Stack {
  std::int64_t count, rows, columns;
};

// Singular here means a pivot that is exactly zero.
template <class T>
void batch_inv(const T* a, Stack shape, T* x, JobContext& context);
// b and x are [count, n, k].
template <class T>
void batch_solve(const T* a, Stack shape, const T* b, std::int64_t k, T* x, JobContext& context);
template <class T>
void batch_det(const T* a, Stack shape, T* determinants, JobContext& context);
// Of the lower triangles; the rest of `l` becomes zero.
template <class T>
void batch_cholesky(const T* a, Stack shape, T* l, JobContext& context);
// values [count, n], vectors [count, n, n] with the eigenvectors as columns.
template <class T>
void batch_eigh(const T* a, Stack shape, Real<T>* values, T* vectors, JobContext& context);
// Thin: u [count, m, k], s [count, k], vt [count, k, n].
template <class T>
void batch_svd(const T* a, Stack shape, T* u, Real<T>* s, T* vt, JobContext& context);
// [count, m, k] times [count, k, n]; a stack of one is used for all.
template <class T>
void batch_matmul(const T* a, Stack left, const T* b, Stack right, T* c, JobContext& context);

}  // namespace numcore::linalg
