#include "kernels/inverse/scan.h"

#include <algorithm>
#include <cmath>

#include "kernels/clones.h"
#include "kernels/inverse/chunks.h"

namespace numcore::inverse {
namespace {

// Columns a piece of sums() covers. Each piece runs down all rows, so a sum is always taken from the top
// to the bottom, and its running sums stay in the first-level cache.
constexpr std::int64_t kColumns = 512;
constexpr std::int64_t kBlock = 64;  // two blocks of doubles fit the first-level cache

// Products are summed by blocks of rows: a single long sum that passes a large entry early would carry the
// rounding error of everything after it, and the residual of a good inverse is no larger than that.
constexpr std::int64_t kRowBlock = 64;

struct Running {
  double sum[kColumns], largest[kColumns], product[kProbes][kColumns], total[kProbes][kColumns];

  void clear(std::int64_t count) {
    std::fill_n(sum, count, 0.0);
    std::fill_n(largest, count, 0.0);
    for (int c = 0; c < kProbes; ++c) {
      std::fill_n(product[c], count, 0.0);
      std::fill_n(total[c], count, 0.0);
    }
  }
  void flush(std::int64_t at, std::int64_t count) {
    for (int c = 0; c < kProbes; ++c) {
#pragma omp simd
      for (std::int64_t j = at; j < at + count; ++j) {
        total[c][j] += product[c][j];
        product[c][j] = 0;
      }
    }
  }
};

// Four rows at a time: one load and store of the running sums then serves four matrix entries.
template <class T>
inline __attribute__((always_inline)) void add_rows(const T* r0, const T* r1, const T* r2, const T* r3,
                                                    const double (*w)[4], std::int64_t count, std::int64_t at,
                                                    Running& running) {
#pragma omp simd  // or the loop is left alone at -O2
  for (std::int64_t j = 0; j < count; ++j) {
    const double a0 = static_cast<double>(r0[j]), a1 = static_cast<double>(r1[j]);
    const double a2 = static_cast<double>(r2[j]), a3 = static_cast<double>(r3[j]);
    const double b0 = std::fabs(a0), b1 = std::fabs(a1), b2 = std::fabs(a2), b3 = std::fabs(a3);
    running.sum[at + j] = (((running.sum[at + j] + b0) + b1) + b2) + b3;
    const double m01 = b0 > b1 ? b0 : b1, m23 = b2 > b3 ? b2 : b3, m = m01 > m23 ? m01 : m23;
    running.largest[at + j] = running.largest[at + j] > m ? running.largest[at + j] : m;
    for (int c = 0; c < kProbes; ++c) {
      running.product[c][at + j] =
          (((running.product[c][at + j] + a0 * w[c][0]) + a1 * w[c][1]) + a2 * w[c][2]) + a3 * w[c][3];
    }
  }
}

#define NUMCORE_ADD_ROWS(T)                                                                             \
  NUMCORE_CLONES void add_four(const T* r0, const T* r1, const T* r2, const T* r3, const double(*w)[4], \
                               std::int64_t count, std::int64_t at, Running& running) {                 \
    add_rows(r0, r1, r2, r3, w, count, at, running);                                                    \
  }
NUMCORE_ADD_ROWS(double)
NUMCORE_ADD_ROWS(float)
#undef NUMCORE_ADD_ROWS

}  // namespace

Vectors signs(std::int64_t n) {
  Vectors v;
  for (auto& one : v) one.resize(static_cast<std::size_t>(n));
  std::uint64_t state = 0x9e3779b97f4a7c15u;  // SplitMix64
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    std::uint64_t bits = state += 0x9e3779b97f4a7c15u;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
    bits ^= bits >> 31;
    for (std::size_t c = 0; c < v.size(); ++c) v[c][i] = (bits >> c) & 1u ? 1.0 : -1.0;
  }
  return v;
}

namespace {

// Adds rows [from, to) of `count` columns from `first` on to the running sums from `at` on.
template <class T>
void add(const T* m, T* copy, std::int64_t n, const Vectors& v, std::int64_t first, std::int64_t count,
         std::int64_t from, std::int64_t to, std::int64_t at, Running& running) {
  static const T zeros[kColumns] = {};
  for (std::int64_t i = from; i < to; i += 4) {
    const T* rows[4];
    double w[kProbes][4];
    for (std::int64_t r = 0; r < 4; ++r) {
      rows[r] = i + r < to ? m + (i + r) * n + first : zeros;
      for (std::size_t c = 0; c < kProbes; ++c)
        w[c][r] = i + r < to ? v[c][static_cast<std::size_t>(i + r)] : 0;
    }
    add_four(rows[0], rows[1], rows[2], rows[3], w, count, at, running);
    for (std::int64_t r = i; copy && r < std::min(to, i + 4); ++r) {
      std::copy_n(m + r * n + first, count, copy + r * n + first);
    }
    if ((i - from) % kRowBlock == kRowBlock - 4) running.flush(at, count);
  }
  running.flush(at, count);
}

// Runs body(first, count, running) for every piece of columns and puts the pieces together.
template <class Body>
Sums collect(std::int64_t n, const JobContext& context, const Body& body) {
  Sums result;
  for (auto& one : result.product) one.resize(static_cast<std::size_t>(n));
  const std::int64_t pieces = (n + kColumns - 1) / kColumns;
  std::vector<double> norms(static_cast<std::size_t>(pieces)), largest(static_cast<std::size_t>(pieces));
  chunks(pieces, context, [&](std::int64_t piece) {
    const std::int64_t first = piece * kColumns, count = std::min(kColumns, n - first);
    Running running;
    running.clear(count);
    body(first, count, running);
    running.flush(0, count);
    double norm = 0, most = 0;
    for (std::int64_t j = 0; j < count; ++j) {
      // A NaN, once it is the norm, must not lose a comparison with a later sum.
      if (!std::isnan(norm) && !(running.sum[j] <= norm)) norm = running.sum[j];
      most = std::max(most, running.largest[j]);
    }
    norms[static_cast<std::size_t>(piece)] = norm;
    largest[static_cast<std::size_t>(piece)] = most;
    for (std::size_t c = 0; c < kProbes; ++c) {
      std::copy_n(running.total[c], count, result.product[c].begin() + first);
    }
  });
  for (std::size_t piece = 0; piece < norms.size(); ++piece) {
    // A sum of finite numbers may still overflow; the caller then looks at the entries themselves.
    if (!std::isfinite(norms[piece])) result.finite = false;
    result.norm = std::max(result.norm, norms[piece]);
    result.largest = std::max(result.largest, largest[piece]);
  }
  return result;
}

}  // namespace

template <class T>
Sums sums(const T* m, T* copy, std::int64_t n, const Vectors& v, const JobContext& context) {
  return collect(n, context, [&](std::int64_t first, std::int64_t count, Running& running) {
    for (std::int64_t i = 0; i < n && !context.cancelled(); i += kColumns) {
      add(m, copy, n, v, first, count, i, std::min(n, i + kColumns), 0, running);
    }
  });
}

namespace {

// body(first, last, left, end): square blocks that cover the lower triangle, rows first to last of columns
// left to end; the rows of one call of chunks() belong together.
template <class Body>
void lower_blocks(std::int64_t n, const JobContext& context, const Body& body) {
  chunks((n + kBlock - 1) / kBlock, context, [&](std::int64_t block) {
    const std::int64_t first = block * kBlock, last = std::min(n, first + kBlock);
    for (std::int64_t left = 0; left <= first; left += kBlock)
      body(first, last, left, std::min(n, left + kBlock));
  });
}

}  // namespace

template <class T>
void copy(const T* from, T* to, std::int64_t n, const JobContext& context) {
  chunks((n + kBlock - 1) / kBlock, context, [&](std::int64_t block) {
    const std::int64_t last = std::min(n, (block + 1) * kBlock);
    std::copy(from + block * kBlock * n, from + last * n, to + block * kBlock * n);
  });
}

template <class T>
void copy_lower(const T* from, T* to, std::int64_t n, const JobContext& context) {
  chunks((n + kBlock - 1) / kBlock, context, [&](std::int64_t block) {
    const std::int64_t last = std::min(n, (block + 1) * kBlock);
    for (std::int64_t i = block * kBlock; i < last; ++i) std::copy_n(from + i * n, i + 1, to + i * n);
  });
}

template <class T>
void mirror(T* m, std::int64_t n, const JobContext& context) {
  lower_blocks(n, context, [&](std::int64_t first, std::int64_t last, std::int64_t left, std::int64_t end) {
    for (std::int64_t j = left; j < end; ++j) {
      for (std::int64_t i = std::max(first, j + 1); i < last; ++i) m[j * n + i] = m[i * n + j];
    }
  });
}

template <class T>
void mirror_upper(T* m, std::int64_t n, const JobContext& context) {
  lower_blocks(n, context, [&](std::int64_t first, std::int64_t last, std::int64_t left, std::int64_t end) {
    for (std::int64_t i = first; i < last; ++i) {
      for (std::int64_t j = left; j < std::min(end, i); ++j) m[i * n + j] = m[j * n + i];
    }
  });
}

template <class T>
std::int64_t first_not_finite(const T* m, std::int64_t n, bool lower) {
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < (lower ? i + 1 : n); ++j) {
      if (!std::isfinite(m[i * n + j])) return i * n + j;
    }
  }
  return -1;
}

#define NUMCORE_INSTANTIATE(T)                                                          \
  template Sums sums<T>(const T*, T*, std::int64_t, const Vectors&, const JobContext&); \
  template void copy<T>(const T*, T*, std::int64_t, const JobContext&);                 \
  template void copy_lower<T>(const T*, T*, std::int64_t, const JobContext&);           \
  template void mirror<T>(T*, std::int64_t, const JobContext&);                         \
  template void mirror_upper<T>(T*, std::int64_t, const JobContext&);                   \
  template std::int64_t first_not_finite<T>(const T*, std::int64_t, bool);
NUMCORE_INSTANTIATE(double)
NUMCORE_INSTANTIATE(float)
#undef NUMCORE_INSTANTIATE

}  // namespace numcore::inverse
