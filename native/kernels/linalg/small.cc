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
    for (int j = 0; j < n; ++j) room[i * stride + j] = a[i * n + j];
    for (int j = n; j < stride; ++j) room[i * stride + j] = 0;
  }
  const int lost = gauss_jordan<stride>(n, room);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) x[i * n + j] = room[i * stride + j];
  }
  return lost;
}

// Elimination below the diagonal, of right-hand sides as well; the sign of the interchanges in `sign`.
template <class T>
NUMCORE_INLINE int eliminate(int n, T* a, int k, T* b, T& sign) {
  for (int c = 0; c < n; ++c) {
    int pivot = c;
    for (int i = c + 1; i < n; ++i) {
      if (size_of(a[i * n + c]) > size_of(a[pivot * n + c])) pivot = i;
    }
    if (a[pivot * n + c] == 0) return c;
    if (pivot != c) {
      sign = -sign;
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
  T sign = 1;
  const int lost = eliminate(n, a, k, b, sign);
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
  T product = 1;
  if (eliminate<T>(n, a, 0, nullptr, product) >= 0) return 0;
  for (int i = 0; i < n; ++i) product *= a[i * n + i];
  return product;
}

template <class T>
NUMCORE_INLINE int factor_cholesky(int n, const T* a, T* l) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j <= i; ++j) {
      T sum = a[i * n + j];
      for (int p = 0; p < j; ++p) sum -= l[i * n + p] * l[j * n + p];
      if (i == j) {
        if (!(sum > 0)) return i;
        l[i * n + i] = std::sqrt(sum);
      } else {
        l[i * n + j] = sum / l[j * n + j];
      }
    }
    for (int j = i + 1; j < n; ++j) l[i * n + j] = 0;
  }
  return -1;
}

template <class T>
NUMCORE_INLINE void product(int m, int n, int k, const T* a, const T* b, T* c) {
  for (int i = 0; i < m; ++i) {
    T* row = c + i * n;
    for (int j = 0; j < n; ++j) row[j] = 0;
    for (int p = 0; p < k; ++p) {
      const T factor = a[i * k + p];
      const T* other = b + p * n;
#pragma omp simd
      for (int j = 0; j < n; ++j) row[j] += factor * other[j];
    }
  }
}

}  // namespace

#define NUMCORE_SMALL(T)                                                                          \
  NUMCORE_CLONES int small_inv(int n, const T* a, T* x, T* room) {                                \
    if (n <= 8) return inverse<8>(n, a, x, room);                                                 \
    return n <= 16 ? inverse<16>(n, a, x, room) : inverse<32>(n, a, x, room);                     \
  }                                                                                               \
  NUMCORE_CLONES int small_solve(int n, T* a, int k, T* b) { return solution(n, a, k, b); }       \
  NUMCORE_CLONES T small_det(int n, T* a) { return determinant(n, a); }                           \
  NUMCORE_CLONES int small_cholesky(int n, const T* a, T* l) { return factor_cholesky(n, a, l); } \
  NUMCORE_CLONES void small_product(int m, int n, int k, const T* a, const T* b, T* c) {          \
    product(m, n, k, a, b, c);                                                                    \
  }
NUMCORE_SMALL(double)
NUMCORE_SMALL(float)
#undef NUMCORE_SMALL

}  // namespace numcore::linalg
