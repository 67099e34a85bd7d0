// The innermost loops of the tile kernels, once per instruction set, chosen when first asked for.
//
// Operands are packed once per elimination step and then used by every tile: the rows of P in groups of
// `rows` (a[p * rows + r]), the rows of V in panels of `columns` (b[p * columns + c]). OpenBLAS packs its
// operands anew in every call, which costs a quarter of the time at the shapes that occur here.
#pragma once

#include <cstddef>

namespace numcore::inverse {

template <class T>
struct Micro {
  int rows, columns;  // of one block of C; `columns` is a multiple of `rows`, and both divide kAlign

  // C[rows x columns] (row-major) = C - A B^T over k packed columns.
  void (*subtract)(int k, const T* a, const T* b, T* c, std::ptrdiff_t stride);
  // C = -A B^T: what was in C does not matter.
  void (*negate)(int k, const T* a, const T* b, T* c, std::ptrdiff_t stride);
  // C = A B^T - C: the last step of a sweep, whose result is the negative of what is wanted.
  void (*reverse)(int k, const T* a, const T* b, T* c, std::ptrdiff_t stride);
  // C = A B^T
  void (*product)(int k, const T* a, const T* b, T* c, std::ptrdiff_t stride);
  // V <- V L^-T for `groups` packed groups `stride` apart, w columns, L row-major lower; `inverse` holds the
  // reciprocals of its diagonal, or is null when that is all ones.
  void (*solve)(int w, const T* l, int ldl, const T* inverse, T* v, std::ptrdiff_t stride, int groups);

  const char* name;
};

// Every blocking in rows or columns is a multiple of this, for every instruction set and type.
inline constexpr int kAlign = 48;

template <class T>
const Micro<T>& micro();

// For tests alone: from now on no wider instruction set than this one ("plain", "avx2", "avx512"). Says
// whether the machine has it.
bool allow_micro(const char* name);

}  // namespace numcore::inverse
