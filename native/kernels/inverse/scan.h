// One look at the matrix before any work: finite? symmetric? how large? And the half of the residual
// probe that needs A, taken now because an overwriting inversion has no A left afterwards.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/job_context.h"

namespace numcore::inverse {

// Number of random probes. The estimate of ||I - A X||_F has a relative spread of about 1 / sqrt(2 probes).
inline constexpr int kProbes = 2;

// Column sums of a square matrix M and its transposed product with the vectors V: what both halves of the
// check need, gathered in one pass. Sums are kept in double whatever T is.
struct Sums {
  double norm = 0;     // ||M||_1
  double largest = 0;  // max |m_ij|
  bool finite = true;
  bool symmetric = true;                             // false when that was looked at and is not so
  std::array<std::vector<double>, kProbes> product;  // product[c] = M^T v[c]
};

using Vectors = std::array<std::vector<double>, kProbes>;

// Entries +-1 from a fixed seed: the same probes in every run.
Vectors signs(std::int64_t n);

// Also copies the matrix, unless `copy` is null.
template <class T>
Sums sums(const T* m, T* copy, std::int64_t n, const Vectors& v, const JobContext& context);

// Copies a matrix, or its lower triangle.
template <class T>
void copy(const T* from, T* to, std::int64_t n, const JobContext& context);
template <class T>
void copy_lower(const T* from, T* to, std::int64_t n, const JobContext& context);

// Turns the lower triangle over onto the upper one.
template <class T>
void mirror(T* m, std::int64_t n, const JobContext& context);
// The upper triangle, without the diagonal, over onto the lower one.
template <class T>
void mirror_upper(T* m, std::int64_t n, const JobContext& context);

// Flat index of the first entry that is NaN or infinite (of the lower triangle when `lower`), or -1.
template <class T>
std::int64_t first_not_finite(const T* m, std::int64_t n, bool lower);

}  // namespace numcore::inverse
