#include "kernels/inverse/group.h"

#include <cmath>

#include "kernels/clones.h"

namespace numcore::inverse {
namespace {

template <class T, int rows>
inline __attribute__((always_inline)) void scale(T* a, int w, const T* d, const T* e,
                                                 const std::uint8_t* pair, T* peak, T* top, T* mass) {
  T most[rows], sum[rows];
  for (int r = 0; r < rows; ++r) {
    most[r] = top[r];
    sum[r] = 0;
  }
  const auto note = [&](int c, int r, T v, T p) {
    const T size = std::abs(p), height = std::abs(v);
    peak[c * rows + r] = size > peak[c * rows + r] ? size : peak[c * rows + r];
    most[r] = height > most[r] ? height : most[r];
    sum[r] += size * height;
  };
  for (int c = 0; c < w; ++c) {
    T* one = a + c * rows;
    if (!pair[c]) {
#pragma omp simd
      for (int r = 0; r < rows; ++r) {
        const T v = one[r], p = v * d[c];
        one[r] = p;
        note(c, r, v, p);
      }
      continue;
    }
    T* two = one + rows;
#pragma omp simd
    for (int r = 0; r < rows; ++r) {
      const T v = one[r], u = two[r], p = v * d[c] + u * e[c], q = v * e[c] + u * d[c + 1];
      one[r] = p;
      two[r] = q;
      note(c, r, v, p);
      note(c + 1, r, u, q);
    }
    ++c;
  }
  for (int r = 0; r < rows; ++r) {
    top[r] = most[r];
    mass[r] += sum[r];
  }
}

}  // namespace

#define NUMCORE_SCALE(T)                                                                                   \
  NUMCORE_CLONES void scale_group(int rows, T* a, int w, const T* d, const T* e, const std::uint8_t* pair, \
                                  T* peak, T* top, T* mass) {                                              \
    if (rows == 8) {                                                                                       \
      scale<T, 8>(a, w, d, e, pair, peak, top, mass);                                                      \
    } else if (rows == 4) {                                                                                \
      scale<T, 4>(a, w, d, e, pair, peak, top, mass);                                                      \
    } else {                                                                                               \
      scale<T, 2>(a, w, d, e, pair, peak, top, mass);                                                      \
    }                                                                                                      \
  }
NUMCORE_SCALE(double)
NUMCORE_SCALE(float)
#undef NUMCORE_SCALE

}  // namespace numcore::inverse
