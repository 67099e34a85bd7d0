// Functions of square matrices, and norms.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/linalg/operand.h"

namespace numcore::linalg {

// e^A by scaling and squaring with Pade approximants (Higham 2005).
template <class T>
void expm(const Operand<T>& a, T* x, JobContext& context);

// The principal square root by the Schur method (Bjorck and Hammarling 1983). A real matrix whose root is not
// real fails with ERR_INVALID_ARGUMENT, one that has no root with ERR_SINGULAR.
template <class T>
void sqrtm(const Operand<T>& a, T* x, JobContext& context);

enum class Norm { frobenius, one, minus_one, infinity, minus_infinity };
// NaN and infinity pass through.
template <class T>
double matrix_norm(const Operand<T>& a, Norm norm, const JobContext& context);
// (sum |x_i|^p)^(1/p); the largest and the smallest |x_i| for p = +-infinity, the number of nonzeros for p =
// 0.
template <class T>
double vector_norm(std::span<const T> x, double p);

}  // namespace numcore::linalg
