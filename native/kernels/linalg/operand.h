// Matrices as callers hand them over, and the passes over them that every function begins with: is everything
// finite, is it symmetric, and the copy that LAPACK may destroy, in the order that it wants.
#pragma once

#include <cstdint>

#include "kernels/linalg/lapack.h"
#include "runtime/job_context.h"

namespace numcore::linalg {

// Element (i, j) is data[i * leading + j], or data[j * leading + i] when transposed.
template <class T>
struct Operand {
  const T* data;
  std::int64_t rows, columns, leading;
  bool transposed;

  const T& operator()(std::int64_t i, std::int64_t j) const {
    return data[transposed ? j * leading + i : i * leading + j];
  }
};

template <class T>
Operand<T> dense(const T* data, std::int64_t rows, std::int64_t columns) {
  return {data, rows, columns, columns > 0 ? columns : 1, false};
}

enum class Order { row_major, column_major };
enum class Part { all, lower };

// Copies the matrix, densely. Throws Failure ERR_NOT_FINITE, where = row * columns + column of the first such
// entry. `lower` reads entries (i, j) with j <= i only, and writes zeros for the others. `base` is added to
// `where`, so that a function of several matrices can tell which of them it was.
template <class T>
void load(const Operand<T>& a, T* to, Order order, Part part, const JobContext& context,
          std::int64_t base = 0);

// to = from^T, both dense and row-major; `from` is rows x columns.
template <class T>
void transpose(const T* from, std::int64_t rows, std::int64_t columns, T* to, const JobContext& context);
template <class T>
void transpose_in_place(T* a, std::int64_t n, const JobContext& context);

// a_ij == conj(a_ji) for all i, j, compared as numbers; a NaN makes it false.
template <class T>
bool is_hermitian(const Operand<T>& a, const JobContext& context);

// Largest sum of absolute values in a column (of the whole matrix that the lower triangle stands for, when
// `hermitian`), and in a row.
template <class T>
Real<T> norm_one(const Operand<T>& a, bool hermitian, const JobContext& context);
template <class T>
Real<T> norm_infinity(const Operand<T>& a, const JobContext& context);
template <class T>
Real<T> largest(const Operand<T>& a, const JobContext& context);

}  // namespace numcore::linalg
