// Products of matrices and vectors. BLAS does the work; here its arguments are found, long ones are cut into
// pieces between which a job can be cancelled, and what is limited by memory is spread over threads. NaN and
// infinity pass through, as IEEE arithmetic has it.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/linalg/operand.h"

namespace numcore::linalg {

enum class Structure { general, symmetric, hermitian, lower, upper, unit_lower, unit_upper };

// C = alpha A B + beta C, C dense and row-major; with beta = 0 what was in C does not matter. At most one of
// the operands is other than general; symmetric and Hermitian ones are read in their lower triangle.
template <class T>
struct Product {
  Operand<T> a, b;
  bool conjugate_a = false,
       conjugate_b = false;  // A and B stand for their conjugates
  Structure structure_a = Structure::general, structure_b = Structure::general;
  T alpha = 1, beta = 0;
  T* c = nullptr;
};
template <class T>
void multiply(const Product<T>& product, JobContext& context);

// A^H A (or A A^H when `outer`): both triangles, the diagonal of a complex one real.
template <class T>
void gram(const Operand<T>& a, bool outer, T* c, JobContext& context);

// y = alpha A x + beta y. The same bits for every number of threads.
template <class T>
void multiply_vector(const Operand<T>& a, bool conjugated, T alpha, const T* x, T beta, T* y,
                     JobContext& context);

// Sum of x_i y_i, or conj(x_i) y_i. The same bits for every number of threads.
template <class T>
T dot(std::span<const T> x, std::span<const T> y, bool conjugated, JobContext& context);

// x y^T, or x y^H when `conjugated`.
template <class T>
void outer(std::span<const T> x, std::span<const T> y, bool conjugated, T* c, JobContext& context);
template <class T>
void kronecker(const Operand<T>& a, const Operand<T>& b, T* c, JobContext& context);

}  // namespace numcore::linalg
