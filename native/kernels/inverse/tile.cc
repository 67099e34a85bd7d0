#include "kernels/inverse/tile.h"

#include <algorithm>
#include <cmath>

#include "kernels/clones.h"
#include "kernels/inverse/routes.h"

namespace numcore::inverse {
namespace {

// The compiler's default judgement at -O2 leaves loops of unknown length alone: hence omp simd. Whole
// eliminations, because a call of a function with clones for each row costs as much as the row itself.
#define NUMCORE_ROWS(T)                                                                                     \
  NUMCORE_CLONES void take(T* row, const T* other, T factor, int from, int to) {                            \
    _Pragma("omp simd") for (int j = from; j < to; ++j) row[j] -= factor * other[j];                        \
  }                                                                                                         \
  NUMCORE_CLONES void take_two(T* row, const T* one, T f, const T* two, T g, int from, int to) {            \
    _Pragma("omp simd") for (int j = from; j < to; ++j) row[j] = (row[j] - f * one[j]) - g * two[j];        \
  }                                                                                                         \
  NUMCORE_CLONES void divide(const T* row, T pivot, T* factor, T* mass, int from, int to) {                 \
    _Pragma("omp simd") for (int j = from; j < to; ++j) {                                                   \
      factor[j] = row[j] / pivot;                                                                           \
      mass[j] += std::abs(factor[j] * row[j]);                                                              \
    }                                                                                                       \
  }                                                                                                         \
  /* Rows and columns from `from` on lose factor_i row_j; factor_i takes the place of what becomes zero. */ \
  NUMCORE_CLONES void eliminate_one(T* s, int stride, const T* row, const T* factor, T* diagonal, int from, \
                                    int to) {                                                               \
    for (int i = from; i < to; ++i) {                                                                       \
      T* other = s + i * stride;                                                                            \
      const T f = factor[i];                                                                                \
      _Pragma("omp simd") for (int j = from; j < to; ++j) other[j] -= f * row[j];                           \
      other[from - 1] = f;                                                                                  \
      diagonal[i] = other[i];                                                                               \
    }                                                                                                       \
  }                                                                                                         \
  NUMCORE_CLONES void eliminate_two(T* s, int stride, const T* one, const T* f, const T* two, const T* g,   \
                                    T* diagonal, int from, int to) {                                        \
    for (int i = from; i < to; ++i) {                                                                       \
      T* other = s + i * stride;                                                                            \
      const T p = f[i], q = g[i];                                                                           \
      _Pragma("omp simd") for (int j = from; j < to; ++j) other[j] = (other[j] - p * one[j]) - q * two[j];  \
      other[from - 2] = p;                                                                                  \
      other[from - 1] = q;                                                                                  \
      diagonal[i] = other[i];                                                                               \
    }                                                                                                       \
  }                                                                                                         \
  /* The same for the upper triangle alone, with the row itself for factors. */                             \
  NUMCORE_CLONES void eliminate_upper(T* s, int stride, const T* row, int from, int to) {                   \
    for (int i = from; i < to; ++i) {                                                                       \
      T* other = s + i * stride;                                                                            \
      const T f = row[i];                                                                                   \
      _Pragma("omp simd") for (int j = i; j < to; ++j) other[j] -= f * row[j];                              \
      other[from - 1] = f;                                                                                  \
    }                                                                                                       \
  }                                                                                                         \
  NUMCORE_CLONES T largest_of(const T* row, int from, int to) {                                             \
    T most = 0;                                                                                             \
    _Pragma("omp simd reduction(max : most)") for (int j = from; j < to; ++j) {                             \
      const T size = std::abs(row[j]);                                                                      \
      most = size > most ? size : most;                                                                     \
    }                                                                                                       \
    return most;                                                                                            \
  }
NUMCORE_ROWS(double)
NUMCORE_ROWS(float)
#undef NUMCORE_ROWS

}  // namespace

template <class T>
void Tile<T>::resize(int capacity) {
  stride = (capacity + 7) / 8 * 8;
  const auto area = static_cast<std::size_t>(stride) * static_cast<std::size_t>(stride);
  const auto side = static_cast<std::size_t>(stride);
  s.resize(area);
  inverse.resize(area);
  for (auto* each : {&reciprocal, &d, &e, &d_itself, &e_itself, &mass}) each->resize(side);
  pair.resize(side);
  order.resize(side);
}

template <class T>
void Tile<T>::cholesky(std::int64_t n) {
  definite = true;
  lost = false;
  rank = 0;
  for (int j = 0; j < size; ++j) {
    order[static_cast<std::size_t>(j)] = j;
    T* row = &s[static_cast<std::size_t>(j * stride)];
    const T pivot = row[j], whole = mass[static_cast<std::size_t>(j)];
    largest = std::max(largest, std::abs(pivot));
    if (vanished(pivot, whole, n)) {
      lost = true;
      return;
    }
    if (!(pivot > 0)) return;
    const T root = std::sqrt(pivot), back = 1 / root;
    row[j] = root;
    reciprocal[static_cast<std::size_t>(j)] = back;
    // The row right of the diagonal is column j of L, transposed; L itself goes below the diagonal.
    for (int i = j + 1; i < size; ++i) row[i] *= back;
    eliminate_upper(s.data(), stride, row, j + 1, size);
    ++rank;
  }
}

template <class T>
void Tile<T>::indefinite(std::int64_t n) {
  definite = false;
  lost = false;
  rank = 0;
  const auto at = [&](int i, int j) -> T& { return s[static_cast<std::size_t>(i * stride + j)]; };
  std::vector<T> one(static_cast<std::size_t>(size)), two(one), f(one), g(one), diagonal(one);
  for (int i = 0; i < size; ++i) diagonal[static_cast<std::size_t>(i)] = at(i, i);
  const auto exchange = [&](int i, int j, int done) {
    if (i == j) return;
    std::swap_ranges(&at(i, 0), &at(i, 0) + size, &at(j, 0));
    for (int r = done; r < size; ++r) std::swap(at(r, i), at(r, j));  // L's columns stay
    std::swap(diagonal[static_cast<std::size_t>(i)], diagonal[static_cast<std::size_t>(j)]);
    std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(j)]);
    std::swap(mass[static_cast<std::size_t>(i)], mass[static_cast<std::size_t>(j)]);
  };
  for (int j = 0; j < size; ++j) order[static_cast<std::size_t>(j)] = j;
  // Rows r and, for a 2x2 pivot, `partner` are to be the next.
  const auto search = [&](int k, int& r, int& partner) {
    // The largest entry of a row beside the diagonal, among the columns that are left. Not found by "==":
    // where an overflow has left a NaN, that one.
    const auto beside = [&](int i) {
      const T* row = &at(i, 0);
      const T most = std::max(largest_of(row, k, i), largest_of(row, i + 1, size));
      int j = k;
      while (j == i || std::abs(row[j]) < most) ++j;
      return j;
    };
    const T most = largest_of(diagonal.data(), k, size);
    while (std::abs(diagonal[static_cast<std::size_t>(r)]) < most) ++r;
    if (k + 1 == size) return;
    int q = beside(r);
    T height = std::abs(at(r, q));
    while (std::abs(at(r, r)) < static_cast<T>(kAlpha) * height) {
      const int next = beside(q);
      const T higher = std::abs(at(q, next));
      if (!(higher > height)) {  // the largest of its row and of its column
        partner = q;
        return;
      }
      r = q;
      q = next;
      height = higher;
    }
  };
  for (int k = 0; k < size;) {
    int r = k, partner = -1;
    if (!chosen) {
      search(k, r, partner);
    } else if (pair[static_cast<std::size_t>(k)] == 1) {
      partner = k + 1;
    }
    const auto place = static_cast<std::size_t>(k);
    if (partner < 0) {
      exchange(k, r, k);
      const T pivot = at(k, k);
      largest = std::max(largest, std::abs(pivot));
      if (vanished(pivot, mass[place], n)) {
        lost = true;
        return;
      }
      d_itself[place] = pivot;
      d[place] = 1 / pivot;
      e[place] = e_itself[place] = 0;
      pair[place] = 0;
      const T* row = &at(k, 0);
      divide(row, pivot, f.data(), mass.data(), k + 1, size);
      eliminate_one(s.data(), stride, row, f.data(), diagonal.data(), k + 1, size);
      ++k;
    } else {
      exchange(k, r, k);
      exchange(k + 1, partner == k ? r : partner, k);
      const T a = at(k, k), b = at(k + 1, k), c = at(k + 1, k + 1);
      largest = std::max(largest, std::abs(b));
      // The sums behind the two diagonal entries do not bound the one behind b: they are zero where all
      // pivots so far were pairs [0 b; b 0].
      T behind = std::abs(b) + std::sqrt(mass[place]) * std::sqrt(mass[place + 1]);
      for (int j = 0; j < k; ++j) {
        const auto p = static_cast<std::size_t>(j);
        T v = at(k + 1, j) * d_itself[p];
        if (pair[p] == 1) v += at(k + 1, j + 1) * e_itself[p];
        if (pair[p] == 2) v += at(k + 1, j - 1) * e_itself[p - 1];
        behind += std::abs(at(k, j) * v);
      }
      if (vanished(b, behind, n)) {
        lost = true;
        return;
      }
      const PairInverse<T> back(a, b, c);
      d_itself[place] = a;
      e_itself[place] = b;
      d_itself[place + 1] = c;
      d[place] = back.first;
      d[place + 1] = back.second;
      e[place] = back.beside;
      e[place + 1] = e_itself[place + 1] = 0;
      pair[place] = 1;
      pair[place + 1] = 2;
      std::copy_n(&at(k, 0), size, one.begin());
      std::copy_n(&at(k + 1, 0), size, two.begin());
      for (int i = k + 2; i < size; ++i) {
        const auto row = static_cast<std::size_t>(i);
        const T x = one[row], y = two[row];
        f[row] = x * d[place] + y * e[place];
        g[row] = x * e[place] + y * d[place + 1];
        mass[row] += std::abs(f[row] * x) + std::abs(g[row] * y);
      }
      eliminate_two(s.data(), stride, one.data(), f.data(), two.data(), g.data(), diagonal.data(), k + 2,
                    size);
      at(k + 1, k) = 0;  // L is unit lower triangular: the pair lives in D
      k += 2;
    }
    rank = k;
  }
}

template <class T>
void Tile<T>::invert_triangle() {
  for (int i = 0; i < rank; ++i) {
    T* to = &inverse[static_cast<std::size_t>(i * stride)];
    std::fill_n(to, stride, T(0));
    const T* l = &s[static_cast<std::size_t>(i * stride)];
    int p = 0;
    for (; p + 1 < i; p += 2) {
      take_two(to, &inverse[static_cast<std::size_t>(p * stride)], l[p],
               &inverse[static_cast<std::size_t>((p + 1) * stride)], l[p + 1], 0, p + 2);
    }
    if (p < i) take(to, &inverse[static_cast<std::size_t>(p * stride)], l[p], 0, p + 1);
    to[i] = 1;
    if (definite) {
      const T back = reciprocal[static_cast<std::size_t>(i)];
      for (int j = 0; j <= i; ++j) to[j] *= back;
    }
  }
}

template struct Tile<double>;
template struct Tile<float>;

}  // namespace numcore::inverse
