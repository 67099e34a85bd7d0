#include "kernels/linalg/operand.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <vector>

#include "kernels/inverse/chunks.h"
#include "runtime/failure.h"

namespace numcore::linalg {
namespace {

using inverse::chunks;

constexpr std::int64_t kTile = 32;     // two of them fit the first-level cache, complex ones too
constexpr std::int64_t kSmall = 4096;  // entries below which a second thread costs more than it saves

// 0 * x is 0 for every finite x and NaN for all others.
template <class T>
Real<T> trace_of_trouble(const T* row, std::int64_t count) {
  const Real<T>* values = reinterpret_cast<const Real<T>*>(row);
  const std::int64_t all = is_complex<T> ? 2 * count : count;
  Real<T> sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t j = 0; j < all; ++j) sum += values[j] * 0;
  return sum;
}

template <class T>
void copy_rows(const T* from, std::int64_t leading, std::int64_t top, std::int64_t bottom,
               std::int64_t columns, T* to, Real<T>& trouble) {
  for (std::int64_t i = top; i < bottom; ++i) {
    trouble += trace_of_trouble(from + i * leading, columns);
    std::copy_n(from + i * leading, columns, to + i * columns);
  }
}

// Rows top to bottom of `from` become columns of `to`, whose rows are `stride` apart.
template <class T>
void copy_columns(const T* from, std::int64_t leading, std::int64_t top, std::int64_t bottom,
                  std::int64_t columns, T* to, std::int64_t stride, Real<T>& trouble) {
  for (std::int64_t left = 0; left < columns; left += kTile) {
    const std::int64_t right = std::min(columns, left + kTile);
    for (std::int64_t i = top; i < bottom; ++i) {
      trouble += trace_of_trouble(from + i * leading + left, right - left);
    }
    for (std::int64_t j = left; j < right; ++j) {
      for (std::int64_t i = top; i < bottom; ++i) to[j * stride + i] = from[i * leading + j];
    }
  }
}

template <class T>
bool finite(T x) {
  return std::isfinite(std::real(x)) && std::isfinite(std::imag(x));
}

template <class T>
[[noreturn]] void not_finite(const Operand<T>& a, Part part, std::int64_t base) {
  for (std::int64_t i = 0; i < a.rows; ++i) {
    const std::int64_t end = part == Part::lower ? std::min(i + 1, a.columns) : a.columns;
    for (std::int64_t j = 0; j < end; ++j) {
      if (finite(a(i, j))) continue;
      throw Failure("ERR_NOT_FINITE", "the matrix has an entry that is not a finite number",
                    base + i * a.columns + j);
    }
  }
  throw Failure("ERR_INTERNAL", "an entry was not finite and now is: the matrix changed while it was read");
}

// Runs body(top, bottom) for blocks of rows, on several threads when there is enough to do.
template <class Body>
void row_blocks(std::int64_t rows, std::int64_t columns, const JobContext& context, const Body& body) {
  const std::int64_t count = (rows + kTile - 1) / kTile;
  const auto one = [&](std::int64_t block) { body(block * kTile, std::min(rows, (block + 1) * kTile)); };
  if (rows * columns <= kSmall) {
    for (std::int64_t block = 0; block < count; ++block) one(block);
  } else {
    chunks(count, context, one);
    context.check();
  }
}

}  // namespace

template <class T>
void load(const Operand<T>& a, T* to, Order order, Part part, const JobContext& context, std::int64_t base) {
  std::atomic<bool> bad{false};
  const bool straight = a.transposed == (order == Order::column_major);
  if (part == Part::lower) {
    row_blocks(a.rows, a.columns, context, [&](std::int64_t top, std::int64_t bottom) {
      Real<T> trouble = 0;
      for (std::int64_t i = top; i < bottom; ++i) {
        if (straight && !a.transposed) {
          const std::int64_t count = std::min(i + 1, a.columns);
          copy_rows(a.data + i * a.leading, a.leading, 0, 1, count, to + i * a.columns, trouble);
          std::fill(to + i * a.columns + count, to + (i + 1) * a.columns, T(0));
          continue;
        }
        for (std::int64_t j = 0; j < a.columns; ++j) {
          T& entry = order == Order::row_major ? to[i * a.columns + j] : to[j * a.rows + i];
          entry = j <= i ? a(i, j) : T(0);
          trouble += std::abs(std::real(entry) * 0) + std::abs(std::imag(entry) * 0);
        }
      }
      if (!(trouble == 0)) bad = true;
    });
  } else {
    // Of the array as it lies.
    const std::int64_t rows = a.transposed ? a.columns : a.rows;
    const std::int64_t columns = a.transposed ? a.rows : a.columns;
    row_blocks(rows, columns, context, [&](std::int64_t top, std::int64_t bottom) {
      Real<T> trouble = 0;
      if (straight) {
        copy_rows(a.data, a.leading, top, bottom, columns, to, trouble);
      } else {
        copy_columns(a.data, a.leading, top, bottom, columns, to, rows, trouble);
      }
      if (!(trouble == 0)) bad = true;
    });
  }
  if (bad) not_finite(a, part, base);
}

template <class T>
void transpose(const T* from, std::int64_t rows, std::int64_t columns, T* to, const JobContext& context) {
  row_blocks(rows, columns, context, [&](std::int64_t top, std::int64_t bottom) {
    Real<T> unused = 0;
    copy_columns(from, columns, top, bottom, columns, to, rows, unused);
  });
}

template <class T>
void transpose_in_place(T* a, std::int64_t n, const JobContext& context) {
  row_blocks(n, n, context, [&](std::int64_t top, std::int64_t bottom) {
    for (std::int64_t left = 0; left <= top; left += kTile) {
      for (std::int64_t i = top; i < bottom; ++i) {
        for (std::int64_t j = left; j < std::min(left + kTile, i); ++j) std::swap(a[i * n + j], a[j * n + i]);
      }
    }
  });
}

template <class T>
bool is_hermitian(const Operand<T>& a, const JobContext& context) {
  std::atomic<bool> same{true};
  row_blocks(a.rows, a.columns, context, [&](std::int64_t top, std::int64_t bottom) {
    for (std::int64_t left = 0; left <= top; left += kTile) {
      if (!same.load(std::memory_order_relaxed)) return;
      bool equal = true;
      for (std::int64_t i = top; i < bottom; ++i) {
        const std::int64_t end = std::min(left + kTile, i + 1);
        for (std::int64_t j = left; j < end; ++j) equal &= a(i, j) == conjugate(a(j, i));
      }
      if (!equal) same = false;
    }
  });
  return same;
}

template <class T>
Real<T> norm_one(const Operand<T>& a, bool hermitian, const JobContext& context) {
  std::vector<Real<T>> sums(static_cast<std::size_t>(a.columns));
  constexpr std::int64_t kColumns = 256;  // one piece's alone: the same sums whatever the threads
  const auto piece = [&](std::int64_t index) {
    const std::int64_t left = index * kColumns, right = std::min(a.columns, left + kColumns);
    for (std::int64_t i = 0; i < a.rows; ++i) {
      const std::int64_t end = hermitian ? std::min(i + 1, right) : right;
      for (std::int64_t j = left; j < end; ++j) sums[static_cast<std::size_t>(j)] += std::abs(a(i, j));
    }
    // The mirror image of the lower triangle: row j left of the diagonal.
    if (!hermitian) return;
    for (std::int64_t j = left; j < right; ++j) {
      for (std::int64_t i = 0; i < j; ++i) sums[static_cast<std::size_t>(j)] += std::abs(a(j, i));
    }
  };
  const std::int64_t pieces = (a.columns + kColumns - 1) / kColumns;
  if (a.rows * a.columns <= kSmall) {
    for (std::int64_t index = 0; index < pieces; ++index) piece(index);
  } else {
    chunks(pieces, context, piece);
    context.check();
  }
  return sums.empty() ? 0 : *std::max_element(sums.begin(), sums.end());
}

template <class T>
Real<T> norm_infinity(const Operand<T>& a, const JobContext& context) {
  return norm_one(Operand<T>{a.data, a.columns, a.rows, a.leading, !a.transposed}, false, context);
}

template <class T>
Real<T> largest(const Operand<T>& a, const JobContext& context) {
  Real<T> most = 0;
  for (std::int64_t i = 0; i < a.rows; ++i) {
    if (i % kTile == 0) context.check();
    for (std::int64_t j = 0; j < a.columns; ++j) most = std::max(most, std::abs(a(i, j)));
  }
  return most;
}

#define NUMCORE_INSTANTIATE(T)                                                                \
  template void load<T>(const Operand<T>&, T*, Order, Part, const JobContext&, std::int64_t); \
  template void transpose<T>(const T*, std::int64_t, std::int64_t, T*, const JobContext&);    \
  template void transpose_in_place<T>(T*, std::int64_t, const JobContext&);                   \
  template bool is_hermitian<T>(const Operand<T>&, const JobContext&);                        \
  template Real<T> norm_one<T>(const Operand<T>&, bool, const JobContext&);                   \
  template Real<T> norm_infinity<T>(const Operand<T>&, const JobContext&);                    \
  template Real<T> largest<T>(const Operand<T>&, const JobContext&);
NUMCORE_EVERY_TYPE(NUMCORE_INSTANTIATE)
#undef NUMCORE_INSTANTIATE

}  // namespace numcore::linalg
