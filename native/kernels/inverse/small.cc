#include "kernels/inverse/small.h"

#include <cmath>
#include <limits>

#include "kernels/clones.h"
#include "kernels/inverse/routes.h"
#include "kernels/inverse/scan.h"

#define NUMCORE_INLINE inline __attribute__((always_inline))

namespace numcore::inverse {
namespace {

template <class T>
NUMCORE_INLINE T size_of(T x) {
  return x < 0 ? -x : x;
}

// Rows of `stride` elements, a whole number of vectors, of which n count and the others are zero.
template <int stride, class T>
struct Rows {
  alignas(64) T m[stride * stride];
  NUMCORE_INLINE T* operator[](int i) { return m + i * stride; }
  NUMCORE_INLINE const T* operator[](int i) const { return m + i * stride; }
  NUMCORE_INLINE void take(const Rows& from, int n) {
    for (int j = 0; j < n * stride; ++j) m[j] = from.m[j];
  }
};

// Probes of the residual, as signs() in scan.cc makes them, and M^T times each.
template <int stride>
struct Probes {
  alignas(64) double v[kProbes][stride];
};

template <int stride, class T>
NUMCORE_INLINE double look(const Rows<stride, T>& rows, int n, const Probes<stride>& z,
                           Probes<stride>& product) {
  alignas(64) double sum[stride] = {};
  for (int c = 0; c < kProbes; ++c) {
    for (int j = 0; j < stride; ++j) product.v[c][j] = 0;
  }
  for (int i = 0; i < n; ++i) {
    const T* row = rows[i];
    const double first = z.v[0][i], second = z.v[1][i];
#pragma omp simd
    for (int j = 0; j < stride; ++j) {
      const auto entry = static_cast<double>(row[j]);
      sum[j] += std::fabs(entry);
      product.v[0][j] += entry * first;
      product.v[1][j] += entry * second;
    }
  }
  double norm = 0, trouble = 0;
  for (int j = 0; j < n; ++j) {
    norm = sum[j] > norm ? sum[j] : norm;
    trouble += sum[j] * 0;  // NaN for what is not finite
  }
  return trouble == 0 ? norm : std::numeric_limits<double>::infinity();
}

template <int stride, class T>
NUMCORE_INLINE void swap_rows(Rows<stride, T>& rows, int i, int j) {
#pragma omp simd
  for (int k = 0; k < stride; ++k) {
    const T keep = rows[i][k];
    rows[i][k] = rows[j][k];
    rows[j][k] = keep;
  }
}

// Exchanges unknown k for right-hand side k: after all of them the matrix is its own inverse.
template <int stride, class T>
NUMCORE_INLINE void exchange(Rows<stride, T>& rows, int n, int k) {
  T* row = rows[k];
  const T back = 1 / row[k];
  row[k] = 1;
#pragma omp simd
  for (int j = 0; j < stride; ++j) row[j] *= back;
  for (int i = 0; i < n; ++i) {
    if (i == k) continue;
    T* other = rows[i];
    const T factor = other[k];
    other[k] = 0;
#pragma omp simd
    for (int j = 0; j < stride; ++j) other[j] -= factor * row[j];
  }
}

// The same for two at once, p < q, of a symmetric matrix: the block (a b; b c) is the pivot, and b dominates.
template <int stride, class T>
NUMCORE_INLINE void exchange_two(Rows<stride, T>& rows, int n, int p, int q) {
  T *first = rows[p], *second = rows[q];
  const T b = first[q], a = first[p] / b, c = second[q] / b, scale = 1 / ((a * c - 1) * b);
  first[p] = second[q] = 1;
  first[q] = second[p] = 0;
#pragma omp simd
  for (int j = 0; j < stride; ++j) {
    const T u = first[j], v = second[j];
    first[j] = (c * u - v) * scale;
    second[j] = (a * v - u) * scale;
  }
  for (int i = 0; i < n; ++i) {
    if (i == p || i == q) continue;
    T* other = rows[i];
    const T x = other[p], y = other[q];
    other[p] = other[q] = 0;
#pragma omp simd
    for (int j = 0; j < stride; ++j) other[j] -= x * first[j] + y * second[j];
  }
}

// The routes give the largest entry of a pivot's row met on the way, or -1 when a pivot is smaller than
// `least`.
template <int stride, class T>
NUMCORE_INLINE T general(Rows<stride, T>& rows, int n, T least) {
  int order[stride];
  T largest = 0;
  for (int k = 0; k < n; ++k) {
    int pivot = k;
    for (int i = k + 1; i < n; ++i) {
      if (size_of(rows[i][k]) > size_of(rows[pivot][k])) pivot = i;
    }
    order[k] = pivot;
    if (pivot != k) swap_rows(rows, k, pivot);
    if (!(size_of(rows[k][k]) > least)) return -1;
    for (int j = k; j < n; ++j) largest = size_of(rows[k][j]) > largest ? size_of(rows[k][j]) : largest;
    exchange(rows, n, k);
  }
  for (int k = n - 1; k >= 0; --k) {
    if (order[k] == k) continue;
    for (int i = 0; i < n; ++i) {
      const T keep = rows[i][k];
      rows[i][k] = rows[i][order[k]];
      rows[i][order[k]] = keep;
    }
  }
  return largest;
}

template <int stride, class T>
NUMCORE_INLINE bool definite(Rows<stride, T>& rows, int n, T least) {
  for (int k = 0; k < n; ++k) {
    if (!(rows[k][k] > least)) return false;
    exchange(rows, n, k);
  }
  return true;
}

template <int stride, class T>
NUMCORE_INLINE T indefinite(Rows<stride, T>& rows, int n, T least, Report& report) {
  bool done[stride] = {};
  T most = 0;
  for (int left = n; left > 0;) {
    int diagonal = -1, p = 0, q = 0;
    T size = 0, across = 0;
    for (int i = 0; i < n; ++i) {
      if (done[i]) continue;
      const T* row = rows[i];
      if (diagonal < 0 || size_of(row[i]) > size) {
        diagonal = i;
        size = size_of(row[i]);
      }
      for (int j = 0; j < i; ++j) {
        if (done[j] || !(size_of(row[j]) > across)) continue;
        across = size_of(row[j]);
        p = j;
        q = i;
      }
    }
    most = size > most ? size : most;
    most = across > most ? across : most;
    // (1 + sqrt(17)) / 8 bounds the growth of one step with a pair by that of two steps with single pivots.
    if (size >= static_cast<T>(0.6403882032022076) * across) {
      if (!(size > least)) return -1;
      ++(rows[diagonal][diagonal] > 0 ? report.positive : report.negative);
      done[diagonal] = true;
      exchange(rows, n, diagonal);
      left -= 1;
    } else {
      if (!(across > least)) return -1;
      ++report.positive;
      ++report.negative;
      done[p] = done[q] = true;
      // One triangle was looked at, and rounding has told the two apart.
      rows[p][q] = rows[q][p];
      exchange_two(rows, n, p, q);
      left -= 2;
    }
  }
  return most;
}

template <int stride, class T>
NUMCORE_INLINE bool invert(const T* a, T* x, int n, Assume assume, Report& report) {
  const bool lower = assume == Assume::symmetric || assume == Assume::positive_definite;
  Rows<stride, T> given;
  T largest = 0;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const T entry = lower && j > i ? a[j * n + i] : a[i * n + j];
      given[i][j] = entry;
      largest = size_of(entry) > largest ? size_of(entry) : largest;
    }
    for (int j = n; j < stride; ++j) given[i][j] = 0;
  }
  Probes<stride> z, before, after;
  // Signs from a fixed seed, as the general routes take them.
  constexpr unsigned kSigns[kProbes] = {0x9e37, 0x79b9};
  for (int c = 0; c < kProbes; ++c) {
    for (int j = 0; j < stride; ++j) z.v[c][j] = kSigns[c] >> j & 1 ? 1 : -1;
  }
  const double norm = look(given, n, z, before);
  if (!(norm < std::numeric_limits<double>::infinity())) return false;

  bool symmetric = assume != Assume::general, positive = symmetric && assume != Assume::symmetric;
  for (int i = 0; symmetric && !lower && i < n; ++i) {
    for (int j = 0; j < i; ++j) symmetric = symmetric && given[i][j] == given[j][i];
  }
  for (int i = 0; i < n; ++i) positive = positive && given[i][i] > 0;

  Report found;
  const T least = largest * std::sqrt(std::numeric_limits<T>::epsilon());
  Rows<stride, T> rows;
  rows.take(given, n);
  T most = largest;
  if (!symmetric) {
    most = general(rows, n, least);
  } else if (positive && definite(rows, n, least)) {
    found.method = Method::cholesky;
    found.positive = n;
  } else {
    if (assume == Assume::positive_definite) return false;
    found.method = Method::ldlt;
    if (positive) rows.take(given, n);
    most = indefinite(rows, n, least, found);
  }
  if (most < 0) return false;
  found.inertia_known = symmetric;
  found.growth = most > largest ? static_cast<double>(most) / static_cast<double>(largest) : 1;
  for (int i = 0; symmetric && i < n; ++i) {
    for (int j = 0; j < i; ++j) rows[j][i] = rows[i][j];
  }

  const double norm_after = look(rows, n, before, after);
  if (!(norm_after < std::numeric_limits<double>::infinity())) return false;
  double square = 0;
  for (int c = 0; c < kProbes; ++c) {
    for (int j = 0; j < n; ++j) {
      const double r = after.v[c][j] - z.v[c][j];
      square += r * r;
    }
  }
  judge(norm, norm_after, square, n, static_cast<double>(std::numeric_limits<T>::epsilon()), found);
  if (!acceptable(n, found)) return false;
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) x[i * n + j] = rows[i][j];
  }
  report = found;
  return true;
}

}  // namespace

#define NUMCORE_SMALL_INVERSE(T)                                                                      \
  NUMCORE_CLONES bool invert_small(const T* a, T* x, std::int64_t n, Assume assume, Report& report) { \
    const int order = static_cast<int>(n);                                                            \
    return n <= 8 ? invert<8>(a, x, order, assume, report) : invert<16>(a, x, order, assume, report); \
  }
NUMCORE_SMALL_INVERSE(double)
NUMCORE_SMALL_INVERSE(float)
#undef NUMCORE_SMALL_INVERSE

}  // namespace numcore::inverse
