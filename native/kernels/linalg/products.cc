#include "kernels/linalg/products.h"

#include <algorithm>
#include <vector>

#include "kernels/inverse/chunks.h"
#include "kernels/linalg/small.h"

namespace numcore::linalg {
namespace {

using inverse::chunks;

// A piece of a product is about this many multiplications: some tenths of a second on the slowest machine,
// and long enough that packing the other operand anew for each piece does not show.
constexpr double kPiece = 8e9;
constexpr std::int64_t kLeastRows = 512;

constexpr std::int64_t kVectorPiece = 8192;
constexpr std::int64_t kRows = 128, kColumns = 512;  // of the pieces of a matrix by vector

int to_int(std::int64_t x) { return static_cast<int>(x); }

// The letter with which column-major BLAS reads the operand: it sees the transpose of what is row-major.
template <class T>
char letter(const Operand<T>& a, bool conjugated) {
  if (!a.transposed) return is_complex<T> && conjugated ? 'R' : 'N';
  return conjugated ? 'C' : 'T';
}

// Rows top to top + count.
template <class T>
Operand<T> some_rows(const Operand<T>& a, std::int64_t top, std::int64_t count) {
  return {&a(top, 0), count, a.columns, a.leading, a.transposed};
}

template <class T>
void scale(T* c, std::int64_t count, T beta) {
  if (beta == T(1)) return;
  for (std::int64_t i = 0; i < count; ++i) c[i] = beta == T(0) ? T(0) : beta * c[i];
}

template <class T>
void general(const Product<T>& p, JobContext& context) {
  const std::int64_t m = p.a.rows, n = p.b.columns, k = p.a.columns;
  const double each = static_cast<double>(n) * static_cast<double>(k);
  if constexpr (!is_complex<T>) {
    const bool plain = !p.a.transposed && !p.b.transposed && p.alpha == T(1) && p.beta == T(0);
    if (plain && is_small_product(m, n, k)) {
      return small_product(to_int(m), to_int(n), to_int(k), p.a.data, p.a.leading, p.b.data, p.b.leading,
                           p.c);
    }
  }
  const std::int64_t step = std::max(kLeastRows, static_cast<std::int64_t>(kPiece / std::max(each, 1.0)));
  for (std::int64_t top = 0; top < m; top += step) {
    context.check();
    const std::int64_t count = std::min(step, m - top);
    const Operand<T> a = some_rows(p.a, top, count);
    // C^T = B^T A^T
    lapack::gemm(letter(p.b, p.conjugate_b), letter(a, p.conjugate_a), to_int(n), to_int(count), to_int(k),
                 p.alpha, p.b.data, to_int(p.b.leading), a.data, to_int(a.leading), p.beta, p.c + top * n,
                 to_int(n));
    context.progress(static_cast<double>(top + count) / static_cast<double>(m));
  }
}

// The structured operand in full. BLAS has routines for complex ones too, but they read it only as it lies;
// these are few, and their products cost as much as general ones.
template <class T>
std::vector<T> expanded(const Operand<T>& s, Structure structure, bool conjugated) {
  const std::int64_t n = s.rows;
  const bool upper = structure == Structure::upper || structure == Structure::unit_upper;
  const bool unit = structure == Structure::unit_lower || structure == Structure::unit_upper;
  const bool mirrored = structure == Structure::symmetric || structure == Structure::hermitian;
  std::vector<T> full(static_cast<std::size_t>(n * n));
  const auto at = [&](std::int64_t i, std::int64_t j) -> T& {
    return full[static_cast<std::size_t>(i * n + j)];
  };
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j <= i; ++j) {
      const T given = upper ? s(j, i) : s(i, j), entry = conjugated ? conjugate(given) : given;
      (upper ? at(j, i) : at(i, j)) = unit && i == j ? T(1) : entry;
      if (mirrored) at(j, i) = structure == Structure::hermitian ? conjugate(entry) : entry;
      if (structure == Structure::hermitian && i == j) at(i, i) = std::real(entry);
    }
  }
  return full;
}

// The structured operand, when it is the left one of C = A B, is the right one of C^T = B^T A^T, which is
// what BLAS sees. Its lower triangle then lies in the upper one, unless it is transposed itself.
template <class T>
void structured(const Product<T>& p, JobContext& context) {
  const bool left = p.structure_a != Structure::general;
  const Operand<T>& s = left ? p.a : p.b;
  const Operand<T>& other = left ? p.b : p.a;
  const Structure structure = left ? p.structure_a : p.structure_b;
  const bool mirrored = structure == Structure::symmetric || structure == Structure::hermitian;
  const int m = to_int(p.a.rows), n = to_int(p.b.columns);
  context.check();
  if (is_complex<T> || (mirrored && other.transposed)) {
    const std::vector<T> full = expanded(s, structure, left ? p.conjugate_a : p.conjugate_b);
    Product<T> plain = p;
    (left ? plain.a : plain.b) = Operand<T>{full.data(), s.rows, s.columns, s.rows, false};
    (left ? plain.conjugate_a : plain.conjugate_b) = false;
    return general(plain, context);
  }
  const CBLAS_SIDE side = left ? CblasRight : CblasLeft;
  const bool upper = structure == Structure::upper || structure == Structure::unit_upper;
  const CBLAS_UPLO uplo = upper != s.transposed ? CblasLower : CblasUpper;
  if (mirrored) {
    return lapack::symm(side, uplo, false, n, m, p.alpha, s.data, to_int(s.leading), other.data,
                        to_int(other.leading), p.beta, p.c, n);
  }
  // trmm works in place, and the other operand is the caller's.
  std::vector<T> result(static_cast<std::size_t>(p.a.rows * p.b.columns));
  for (std::int64_t i = 0; i < other.rows; ++i) {
    for (std::int64_t j = 0; j < other.columns; ++j) {
      result[static_cast<std::size_t>(i * other.columns + j)] = other(i, j);
    }
  }
  const bool unit = structure == Structure::unit_lower || structure == Structure::unit_upper;
  lapack::trmm(side, uplo, letter(s, false), unit, n, m, p.alpha, s.data, to_int(s.leading), result.data(),
               n);
  scale(p.c, p.a.rows * p.b.columns, p.beta);
  for (std::size_t i = 0; i < result.size(); ++i) p.c[i] += result[i];
}

}  // namespace

template <class T>
void multiply(const Product<T>& product, JobContext& context) {
  const std::int64_t m = product.a.rows, n = product.b.columns;
  if (m == 0 || n == 0) return;
  if (product.a.columns == 0) return scale(product.c, m * n, product.beta);
  if (product.structure_a == Structure::general && product.structure_b == Structure::general) {
    general(product, context);
  } else {
    structured(product, context);
  }
}

template <class T>
void gram(const Operand<T>& a, bool outer, T* c, JobContext& context) {
  const std::int64_t n = outer ? a.rows : a.columns, k = outer ? a.columns : a.rows;
  if (n == 0) return;
  if (k == 0) return scale(c, n * n, T(0));
  context.check();
  // BLAS sees A^T where A is row-major: A A^H of ours is (conj) A^T's, and so on. The bits of a real result
  // do not care; a complex one comes as its conjugate where BLAS saw the transpose, which is its other
  // triangle.
  const bool along_rows = outer != a.transposed;
  const char t = along_rows ? (is_complex<T> ? 'C' : 'T') : 'N';
  lapack::rank_k(CblasLower, t, to_int(n), to_int(k), a.data, to_int(a.leading), c, to_int(n));
  context.check();
  // Column-major lower: entry (i, j), i >= j, is c[j * n + i], and of the conjugate when A was not
  // transposed.
  const bool flipped = !a.transposed;
  chunks((n + 31) / 32, context, [&](std::int64_t block) {
    for (std::int64_t j = block * 32; j < std::min(n, block * 32 + 32); ++j) {
      for (std::int64_t i = j + 1; i < n; ++i) {
        const T entry = c[j * n + i];
        c[i * n + j] = flipped ? conjugate(entry) : entry;
        c[j * n + i] = flipped ? entry : conjugate(entry);
      }
    }
  });
  context.check();
}

template <class T>
void multiply_vector(const Operand<T>& a, bool conjugated, T alpha, const T* x, T beta, T* y,
                     JobContext& context) {
  if (a.rows == 0) return;
  if (a.columns == 0) return scale(y, a.rows, beta);
  // Rows of what lies in rows, columns of what lies in columns: every element of y is one piece's alone.
  const std::int64_t step = a.transposed ? kColumns : kRows;
  // BLAS conjugates only what it transposes: conj(A) x is the conjugate of A conj(x). (A product of vectors
  // for each row would do as well, but OpenBLAS's reads beyond the end of what lies in strides.)
  std::vector<T> mirror;
  if (is_complex<T> && conjugated && a.transposed) {
    mirror.assign(x, x + a.columns);
    std::transform(mirror.begin(), mirror.end(), mirror.begin(), conjugate<T>);
  }
  const auto piece = [&](std::int64_t index) {
    const BlasThreads one(1);
    const std::int64_t top = index * step, count = std::min(step, a.rows - top);
    const T* from = &a(top, 0);
    if (!a.transposed) {
      lapack::gemv(conjugated ? 'C' : 'T', to_int(a.columns), to_int(count), alpha, from, to_int(a.leading),
                   x, 1, beta, y + top, 1);
      return;
    }
    if (is_complex<T> && conjugated) {
      std::vector<T> sums(static_cast<std::size_t>(count));
      lapack::gemv('N', to_int(count), to_int(a.columns), T(1), from, to_int(a.leading), mirror.data(), 1,
                   T(0), sums.data(), 1);
      for (std::int64_t i = 0; i < count; ++i) {
        T& to = y[top + i];
        to = (beta == T(0) ? T(0) : beta * to) + alpha * conjugate(sums[static_cast<std::size_t>(i)]);
      }
      return;
    }
    lapack::gemv('N', to_int(count), to_int(a.columns), alpha, from, to_int(a.leading), x, 1, beta, y + top,
                 1);
  };
  const std::int64_t pieces = (a.rows + step - 1) / step;
  if (a.rows * a.columns <= kVectorPiece) {
    for (std::int64_t index = 0; index < pieces; ++index) piece(index);
  } else {
    chunks(pieces, context, piece);
  }
  context.check();
}

template <class T>
T dot(std::span<const T> x, std::span<const T> y, bool conjugated, JobContext& context) {
  const auto size = static_cast<std::int64_t>(x.size());
  const std::int64_t pieces = (size + kVectorPiece - 1) / kVectorPiece;
  std::vector<T> sums(static_cast<std::size_t>(pieces));
  chunks(pieces, context, [&](std::int64_t index) {
    const BlasThreads one(1);
    const std::int64_t first = index * kVectorPiece, count = std::min(kVectorPiece, size - first);
    sums[static_cast<std::size_t>(index)] =
        lapack::dot(to_int(count), x.data() + first, 1, y.data() + first, 1, conjugated);
  });
  context.check();
  T sum = 0;
  for (const T each : sums) sum += each;
  return sum;
}

template <class T>
void outer(std::span<const T> x, std::span<const T> y, bool conjugated, T* c, JobContext& context) {
  const auto n = static_cast<std::int64_t>(y.size());
  std::vector<T> right(y.begin(), y.end());
  if (conjugated) std::transform(right.begin(), right.end(), right.begin(), conjugate<T>);
  chunks((static_cast<std::int64_t>(x.size()) + 15) / 16, context, [&](std::int64_t block) {
    const auto end = std::min(static_cast<std::int64_t>(x.size()), block * 16 + 16);
    for (std::int64_t i = block * 16; i < end; ++i) {
      const T factor = x[static_cast<std::size_t>(i)];
      T* row = c + i * n;
      for (std::int64_t j = 0; j < n; ++j) row[j] = factor * right[static_cast<std::size_t>(j)];
    }
  });
  context.check();
}

template <class T>
void kronecker(const Operand<T>& a, const Operand<T>& b, T* c, JobContext& context) {
  const std::int64_t width = a.columns * b.columns;
  chunks(a.rows * b.rows, context, [&](std::int64_t row) {
    const std::int64_t i = row / b.rows, k = row % b.rows;
    T* to = c + row * width;
    for (std::int64_t j = 0; j < a.columns; ++j) {
      const T factor = a(i, j);
      for (std::int64_t l = 0; l < b.columns; ++l) to[j * b.columns + l] = factor * b(k, l);
    }
  });
  context.check();
}

#define NUMCORE_INSTANTIATE(T)                                                                \
  template void multiply<T>(const Product<T>&, JobContext&);                                  \
  template void gram<T>(const Operand<T>&, bool, T*, JobContext&);                            \
  template void multiply_vector<T>(const Operand<T>&, bool, T, const T*, T, T*, JobContext&); \
  template T dot<T>(std::span<const T>, std::span<const T>, bool, JobContext&);               \
  template void outer<T>(std::span<const T>, std::span<const T>, bool, T*, JobContext&);      \
  template void kronecker<T>(const Operand<T>&, const Operand<T>&, T*, JobContext&);
NUMCORE_EVERY_TYPE(NUMCORE_INSTANTIATE)
#undef NUMCORE_INSTANTIATE

}  // namespace numcore::linalg
