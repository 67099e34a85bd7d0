#include "kernels/linalg/small.h"

#include <cmath>

#include "kernels/clones.h"

#define NUMCORE_INLINE inline __attribute__((always_inline))

namespace numcore::linalg {
namespace {

template <class T>
NUMCORE_INLINE T size_of(T x) {
  return x < 0 ? -x : x;
}

// Gauss-Jordan with partial pivoting in rows of `stride` elements, a whole number of vectors, of which n
// count.
template <int stride, class T>
NUMCORE_INLINE int gauss_jordan(int n, T* a) {
  int order[kSmallOrder];
  for (int k = 0; k < n; ++k) {
    int pivot = k;
    for (int i = k + 1; i < n; ++i) {
      if (size_of(a[i * stride + k]) > size_of(a[pivot * stride + k])) pivot = i;
    }
    order[k] = pivot;
    T* row = a + k * stride;
    if (pivot != k) {
      T* other = a + pivot * stride;
#pragma omp simd
      for (int j = 0; j < stride; ++j) {
        const T keep = row[j];
        row[j] = other[j];
        other[j] = keep;
      }
    }
    if (row[k] == 0) return k;
    const T back = 1 / row[k];
    row[k] = 1;
#pragma omp simd
    for (int j = 0; j < stride; ++j) row[j] *= back;
    for (int i = 0; i < n; ++i) {
      if (i == k) continue;
      T* other = a + i * stride;
      const T factor = other[k];
      other[k] = 0;
#pragma omp simd
      for (int j = 0; j < stride; ++j) other[j] -= factor * row[j];
    }
  }
  for (int k = n - 1; k >= 0; --k) {
    if (order[k] == k) continue;
    for (int i = 0; i < n; ++i) {
      const T keep = a[i * stride + k];
      a[i * stride + k] = a[i * stride + order[k]];
      a[i * stride + order[k]] = keep;
    }
  }
  return -1;
}

template <int stride, class T>
NUMCORE_INLINE int inverse(int n, const T* a, T* x, T* room) {
  for (int i = 0; i < n; ++i) {
#pragma omp simd
    for (int j = 0; j < n; ++j) room[i * stride + j] = a[i * n + j];
    for (int j = n; j < stride; ++j) room[i * stride + j] = 0;
  }
  const int lost = gauss_jordan<stride>(n, room);
  for (int i = 0; i < n; ++i) {
#pragma omp simd
    for (int j = 0; j < n; ++j) x[i * n + j] = room[i * stride + j];
  }
  return lost;
}

// Gauss-Jordan of several matrices at once, one a lane: element (i, j) of matrix l is a[(i * n + j) * kLanes
// + l]. Each lane chooses its own pivots, and interchanges are selections, so that there is nothing to
// predict. `lost` becomes the pivot that was zero, or stays what it was.
template <class T>
NUMCORE_INLINE void gauss_jordan_lanes(const int n, T* a, T* lost) {
  T order[kLaneOrder * kLanes], best[kLanes], back[kLanes];
  const auto at = [&](int i, int j) { return a + (i * n + j) * kLanes; };
  for (int k = 0; k < n; ++k) {
    T* index = order + k * kLanes;
#pragma omp simd
    for (int l = 0; l < kLanes; ++l) {
      best[l] = size_of(at(k, k)[l]);
      index[l] = static_cast<T>(k);
    }
    for (int i = k + 1; i < n; ++i) {
      const T* column = at(i, k);
#pragma omp simd
      for (int l = 0; l < kLanes; ++l) {
        const T size = size_of(column[l]);
        index[l] = size > best[l] ? static_cast<T>(i) : index[l];
        best[l] = size > best[l] ? size : best[l];
      }
    }
    for (int i = k + 1; i < n; ++i) {
      for (int j = 0; j < n; ++j) {
        T *x = at(k, j), *y = at(i, j);
#pragma omp simd
        for (int l = 0; l < kLanes; ++l) {
          const T one = x[l], two = y[l];
          x[l] = index[l] == static_cast<T>(i) ? two : one;
          y[l] = index[l] == static_cast<T>(i) ? one : two;
        }
      }
    }
    T* pivot = at(k, k);
#pragma omp simd
    for (int l = 0; l < kLanes; ++l) {
      lost[l] = pivot[l] == 0 && lost[l] < 0 ? static_cast<T>(k) : lost[l];
      back[l] = 1 / pivot[l];
      pivot[l] = 1;
    }
    for (int j = 0; j < n; ++j) {
      T* x = at(k, j);
#pragma omp simd
      for (int l = 0; l < kLanes; ++l) x[l] *= back[l];
    }
    for (int i = 0; i < n; ++i) {
      if (i == k) continue;
      T factor[kLanes], *first = at(i, k);
#pragma omp simd
      for (int l = 0; l < kLanes; ++l) {
        factor[l] = first[l];
        first[l] = 0;
      }
      for (int j = 0; j < n; ++j) {
        T* y = at(i, j);
        const T* x = at(k, j);
#pragma omp simd
        for (int l = 0; l < kLanes; ++l) y[l] -= factor[l] * x[l];
      }
    }
  }
  for (int k = n - 1; k >= 0; --k) {
    const T* index = order + k * kLanes;
    for (int j = k + 1; j < n; ++j) {
      for (int i = 0; i < n; ++i) {
        T *x = at(i, k), *y = at(i, j);
#pragma omp simd
        for (int l = 0; l < kLanes; ++l) {
          const T one = x[l], two = y[l];
          x[l] = index[l] == static_cast<T>(j) ? two : one;
          y[l] = index[l] == static_cast<T>(j) ? one : two;
        }
      }
    }
  }
}

// `count` matrices, at most kLanes; the lanes without one hold the identity.
template <class T>
NUMCORE_INLINE void inverse_lanes(const int n, int count, const T* a, T* x, T* room, int* lost) {
  T zero[kLanes];
  const int area = n * n;
  for (int l = 0; l < kLanes; ++l) {
    zero[l] = -1;
    for (int j = 0; j < area; ++j) {
      room[j * kLanes + l] = l < count ? a[l * area + j] : static_cast<T>(j % (n + 1) == 0);
    }
  }
  gauss_jordan_lanes(n, room, zero);
  for (int l = 0; l < count; ++l) {
    for (int j = 0; j < area; ++j) x[l * area + j] = room[j * kLanes + l];
    lost[l] = static_cast<int>(zero[l]);
  }
}

// Elimination below the diagonal, of right-hand sides as well.
template <class T>
NUMCORE_INLINE int eliminate(int n, T* a, int k, T* b, bool& odd) {
  for (int c = 0; c < n; ++c) {
    int pivot = c;
    for (int i = c + 1; i < n; ++i) {
      if (size_of(a[i * n + c]) > size_of(a[pivot * n + c])) pivot = i;
    }
    if (a[pivot * n + c] == 0) return c;
    if (pivot != c) {
      odd = !odd;
      for (int j = c; j < n; ++j) {
        const T keep = a[c * n + j];
        a[c * n + j] = a[pivot * n + j];
        a[pivot * n + j] = keep;
      }
      for (int j = 0; j < k; ++j) {
        const T keep = b[c * k + j];
        b[c * k + j] = b[pivot * k + j];
        b[pivot * k + j] = keep;
      }
    }
    const T* row = a + c * n;
    for (int i = c + 1; i < n; ++i) {
      T* other = a + i * n;
      const T factor = other[c] / row[c];
#pragma omp simd
      for (int j = c + 1; j < n; ++j) other[j] -= factor * row[j];
#pragma omp simd
      for (int j = 0; j < k; ++j) b[i * k + j] -= factor * b[c * k + j];
    }
  }
  return -1;
}

template <class T>
NUMCORE_INLINE int solution(int n, T* a, int k, T* b) {
  bool odd = false;
  const int lost = eliminate(n, a, k, b, odd);
  if (lost >= 0) return lost;
  for (int c = n - 1; c >= 0; --c) {
    T* row = b + c * k;
    for (int j = 0; j < k; ++j) row[j] /= a[c * n + c];
    for (int i = 0; i < c; ++i) {
      const T factor = a[i * n + c];
#pragma omp simd
      for (int j = 0; j < k; ++j) b[i * k + j] -= factor * row[j];
    }
  }
  return -1;
}

template <class T>
NUMCORE_INLINE T determinant(int n, T* a) {
  bool odd = false;
  if (eliminate<T>(n, a, 0, nullptr, odd) >= 0) return 0;
  T product = odd ? -1 : 1;
  for (int i = 0; i < n; ++i) product *= a[i * n + i];
  return product;
}

// The lower triangle of A turned over into rows of U, which are eliminated whole, and U^T = L.
template <class T>
NUMCORE_INLINE int factor_cholesky(const int n, const T* a, T* l, T* room) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) room[i * n + j] = j < i ? 0 : a[j * n + i];
  }
  for (int k = 0; k < n; ++k) {
    T* row = room + k * n;
    if (!(row[k] > 0)) return k;
    const T back = 1 / std::sqrt(row[k]);
#pragma omp simd
    for (int j = 0; j < n; ++j) row[j] *= back;
    for (int i = k + 1; i < n; ++i) {
      T* other = room + i * n;
      const T factor = row[i];
#pragma omp simd
      for (int j = 0; j < n; ++j) other[j] -= factor * row[j];
    }
  }
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) l[i * n + j] = j > i ? 0 : room[j * n + i];
  }
  return -1;
}

template <class T>
NUMCORE_INLINE void product(int m, const int n, int k, const T* a, std::ptrdiff_t lda, const T* b,
                            std::ptrdiff_t ldb, T* c) {
  for (int i = 0; i < m; ++i) {
    T* row = c + i * n;
    for (int j = 0; j < n; ++j) row[j] = 0;
    for (int p = 0; p < k; ++p) {
      const T factor = a[i * lda + p];
      const T* other = b + p * ldb;
#pragma omp simd
      for (int j = 0; j < n; ++j) row[j] += factor * other[j];
    }
  }
}

}  // namespace

#define NUMCORE_SMALL(T)                                                                                     \
  NUMCORE_CLONES int small_inv(int n, const T* a, T* x, T* room) {                                           \
    return n <= 16 ? inverse<16>(n, a, x, room) : inverse<32>(n, a, x, room);                                \
  }                                                                                                          \
  NUMCORE_CLONES void small_inverses(int n, int count, const T* a, T* x, T* room, int* lost) {               \
    if (n == 8) return inverse_lanes(8, count, a, x, room, lost);                                            \
    if (n == 4) return inverse_lanes(4, count, a, x, room, lost);                                            \
    if (n == 3) return inverse_lanes(3, count, a, x, room, lost);                                            \
    inverse_lanes(n, count, a, x, room, lost);                                                               \
  }                                                                                                          \
  NUMCORE_CLONES int small_solve(int n, T* a, int k, T* b) { return solution(n, a, k, b); }                  \
  NUMCORE_CLONES bool all_finite(std::ptrdiff_t count, const T* a) {                                         \
    T trouble = 0;                                                                                           \
    _Pragma("omp simd reduction(+ : trouble)") for (std::ptrdiff_t i = 0; i < count; ++i) trouble +=         \
        a[i] * 0;                                                                                            \
    return trouble == 0;                                                                                     \
  }                                                                                                          \
  NUMCORE_CLONES int small_eliminate(int n, T* a, bool& odd) { return eliminate<T>(n, a, 0, nullptr, odd); } \
  NUMCORE_CLONES T small_det(int n, T* a) { return determinant(n, a); }                                      \
  NUMCORE_CLONES int small_cholesky(int n, const T* a, T* l, T* room) {                                      \
    return n == 8 ? factor_cholesky(8, a, l, room) : factor_cholesky(n, a, l, room);                         \
  }                                                                                                          \
  NUMCORE_CLONES void small_product(int m, int n, int k, const T* a, std::ptrdiff_t lda, const T* b,         \
                                    std::ptrdiff_t ldb, T* c) {                                              \
    if (n == 4) return product(m, 4, k, a, lda, b, ldb, c);                                                  \
    if (n == 8) return product(m, 8, k, a, lda, b, ldb, c);                                                  \
    if (n == 3) return product(m, 3, k, a, lda, b, ldb, c);                                                  \
    product(m, n, k, a, lda, b, ldb, c);                                                                     \
  }
NUMCORE_SMALL(double)
NUMCORE_SMALL(float)
#undef NUMCORE_SMALL

}  // namespace numcore::linalg
