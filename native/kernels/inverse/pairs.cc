#include "kernels/inverse/pairs.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <vector>

#include "kernels/clones.h"
#include "kernels/inverse/chunks.h"

namespace numcore::inverse {
namespace {

constexpr int kBlock = 64;                  // two blocks of doubles fit the first-level cache
constexpr std::int64_t kBand = 2 * kBlock;  // rows that one thread takes at a time
constexpr int kLanes = 8;                   // of every sum along a row, on every machine: the same bits
constexpr int kSums = 1 + kProbes;

// Sums of one block: those down its columns, and those along its rows still in lanes.
struct BlockSums {
  alignas(64) double column[kSums][kBlock];
};
struct Along {
  alignas(64) double lanes[kBlock][kSums][kLanes];
};

#define NUMCORE_INLINE inline __attribute__((always_inline))
using Wide __attribute__((vector_size(kLanes * sizeof(double)))) = double;

using Bits __attribute__((vector_size(kLanes * sizeof(double)))) = long long;

// Vectors go by reference: by value they would have a calling convention that the baseline lacks.
NUMCORE_INLINE void load(Wide& v, const double* p) { __builtin_memcpy(&v, p, sizeof v); }
NUMCORE_INLINE void load(Wide& v, const float* p) {
  using Half __attribute__((vector_size(kLanes * sizeof(float)))) = float;
  Half half;
  __builtin_memcpy(&half, p, sizeof half);
  v = __builtin_convertvector(half, Wide);
}
NUMCORE_INLINE void store(double* p, const Wide& v) { __builtin_memcpy(p, &v, sizeof v); }

// Every entry counts twice, for its column with the weight of its row and for its row with that of its
// column. Four rows at a time: a load and a store of the sums down then serve four entries.
template <class T>
NUMCORE_INLINE void add_block(const T* a, std::ptrdiff_t stride, const double* const* down,
                              const double* const* across, BlockSums& sums, Along& along, double* largest) {
  Wide most;
  load(most, largest);
  for (int i = 0; i < kBlock; i += 4) {
    Wide r[4][kSums];
#pragma GCC unroll 4
    for (int s = 0; s < 4; ++s) {
#pragma GCC unroll 3
      for (int c = 0; c < kSums; ++c) load(r[s][c], along.lanes[i + s][c]);
    }
    const T* row = a + i * stride;
    for (int j = 0; j < kBlock; j += kLanes) {
      Wide column[kSums];
#pragma GCC unroll 3
      for (int c = 0; c < kSums; ++c) load(column[c], sums.column[c] + j);
#pragma GCC unroll 4
      for (int s = 0; s < 4; ++s) {
        Wide x;
        load(x, row + s * stride + j);
        const Wide size = (Wide)((Bits)x & 0x7fffffffffffffffLL);
        most = size > most ? size : most;
        column[0] += size;
        r[s][0] += size;
#pragma GCC unroll 2
        for (int c = 0; c < kProbes; ++c) {
          column[1 + c] += x * (down[c][i + s] - Wide{});
          Wide weight;
          load(weight, across[c] + j);
          r[s][1 + c] += x * weight;
        }
      }
#pragma GCC unroll 3
      for (int c = 0; c < kSums; ++c) store(sums.column[c] + j, column[c]);
    }
#pragma GCC unroll 4
    for (int s = 0; s < 4; ++s) {
#pragma GCC unroll 3
      for (int c = 0; c < kSums; ++c) store(along.lanes[i + s][c], r[s][c]);
    }
  }
  store(largest, most);
}

template <class T>
struct Square {  // 4 x 4
  using Four __attribute__((vector_size(4 * sizeof(T)))) = T;
  Four row[4];

  NUMCORE_INLINE void take(const T* from, std::ptrdiff_t stride) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) __builtin_memcpy(&row[i], from + i * stride, sizeof(Four));
  }
  NUMCORE_INLINE void put(T* to, std::ptrdiff_t stride) const {
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) __builtin_memcpy(to + i * stride, &row[i], sizeof(Four));
  }
  NUMCORE_INLINE void transpose() {
    const Four a = __builtin_shufflevector(row[0], row[1], 0, 4, 2, 6);
    const Four b = __builtin_shufflevector(row[0], row[1], 1, 5, 3, 7);
    const Four c = __builtin_shufflevector(row[2], row[3], 0, 4, 2, 6);
    const Four d = __builtin_shufflevector(row[2], row[3], 1, 5, 3, 7);
    row[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    row[1] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    row[2] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    row[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
  }
};

// Is block `a` the transpose of `b`?
template <class T>
NUMCORE_INLINE bool same_block(const T* a, const T* b, std::ptrdiff_t stride) {
  using Four = typename Square<T>::Four;
  decltype(Four{} != Four{}) different = {};
  for (int i = 0; i < kBlock; i += 4) {
    for (int j = 0; j < kBlock; j += 4) {
      Square<T> one, other;
      one.take(a + i * stride + j, stride);
      other.take(b + j * stride + i, stride);
      other.transpose();
#pragma GCC unroll 4
      for (int r = 0; r < 4; ++r) different |= one.row[r] != other.row[r];
    }
  }
  return !(different[0] | different[1] | different[2] | different[3]);
}

template <class T>
NUMCORE_INLINE void turn_block(const T* from, T* to, std::ptrdiff_t stride) {
  for (int j = 0; j < kBlock; j += 4) {
    for (int i = 0; i < kBlock; i += 4) {
      Square<T> square;
      square.take(from + i * stride + j, stride);
      square.transpose();
      square.put(to + j * stride + i, stride);
    }
  }
}

#define NUMCORE_BLOCKS(T)                                                                                \
  NUMCORE_CLONES void add(const T* a, std::ptrdiff_t stride, const double* const* down,                  \
                          const double* const* across, BlockSums& sums, Along& along, double* largest) { \
    add_block(a, stride, down, across, sums, along, largest);                                            \
  }                                                                                                      \
  NUMCORE_CLONES bool same(const T* a, const T* b, std::ptrdiff_t stride) {                              \
    return same_block(a, b, stride);                                                                     \
  }                                                                                                      \
  NUMCORE_CLONES void turn(const T* from, T* to, std::ptrdiff_t stride) { turn_block(from, to, stride); }
NUMCORE_BLOCKS(double)
NUMCORE_BLOCKS(float)
#undef NUMCORE_BLOCKS

}  // namespace

template <class T>
Sums sums(const Pairs<T>& pairs, std::int64_t n, const Vectors& v, const JobContext& context) {
  const T* const a = pairs.a;
  const std::int64_t bands = (n + kBand - 1) / kBand, padded = bands * kBand;
  // Beyond the last row everything counts as zero.
  std::vector<double> weights(static_cast<std::size_t>(kProbes * padded));
  for (std::size_t c = 0; c < kProbes; ++c) {
    std::copy(v[c].begin(), v[c].end(), weights.begin() + static_cast<std::int64_t>(c) * padded);
  }
  const double* const weight[] = {weights.data(), weights.data() + padded};
  static_assert(kProbes == 2);
  // What each band adds to each column, down to its own last: put together at the end, in order.
  const auto part = [&](std::int64_t band) { return kSums * kBand * (band * (band + 1) / 2); };
  std::vector<double> parts(static_cast<std::size_t>(part(bands)));
  std::vector<double> largest(static_cast<std::size_t>(bands * kLanes));
  std::atomic<bool> differs{false};

  chunks(bands, context, [&](std::int64_t turn_of) {
    const std::int64_t band = bands - 1 - turn_of;  // the longest first
    const std::int64_t length = (band + 1) * kBand;
    double* const to = parts.data() + part(band);
    double* const most = largest.data() + band * kLanes;
    Along along[kBand / kBlock] = {};
    for (std::int64_t left = 0; left < length && !context.cancelled(); left += kBlock) {
      for (std::int64_t top = std::max(band * kBand, left); top < std::min(n, length); top += kBlock) {
        if (differs.load(std::memory_order_relaxed)) return;
        const bool whole = top != left && top + kBlock <= n;
        const T* block = a + top * n + left;
        std::ptrdiff_t stride = n;
        T edge[kBlock * kBlock];
        bool different = false;
        if (whole) {
          if (pairs.compare) different = !same(block, a + left * n + top, n);
          if (pairs.copy) {
            for (std::int64_t i = 0; i < kBlock; ++i) {
              std::copy_n(block + i * n, kBlock, pairs.copy + (top + i) * n + left);
            }
          }
          if (pairs.mirror) turn(block, pairs.mirror + left * n + top, n);
        } else {
          // On the diagonal, or the last rows: a block of its own, zero where it does not count.
          std::fill_n(edge, kBlock * kBlock, T(0));
          for (std::int64_t i = top; i < std::min(n, top + kBlock); ++i) {
            for (std::int64_t j = left; j < std::min(i, left + kBlock); ++j) {
              const T entry = a[i * n + j];
              edge[(i - top) * kBlock + j - left] = entry;
              if (pairs.compare) different |= entry != a[j * n + i];
              if (pairs.copy) pairs.copy[i * n + j] = entry;
              if (pairs.mirror) pairs.mirror[j * n + i] = entry;
            }
            if (top != left) continue;
            const double entry = static_cast<double>(a[i * n + i]), size = std::fabs(entry);
            if (pairs.compare) different |= entry != entry;
            if (pairs.copy) pairs.copy[i * n + i] = a[i * n + i];
            to[i] += size;
            for (int c = 0; c < kProbes; ++c) to[(1 + c) * length + i] += entry * weight[c][i];
            most[0] = size > most[0] ? size : most[0];
          }
          block = edge;
          stride = kBlock;
        }
        if (different) {
          differs.store(true, std::memory_order_relaxed);
          return;
        }
        BlockSums down = {};
        const double* const rows[] = {weight[0] + top, weight[1] + top};
        const double* const columns[] = {weight[0] + left, weight[1] + left};
        add(block, stride, rows, columns, down, along[(top - band * kBand) / kBlock], most);
        for (int c = 0; c < kSums; ++c) {
          double* const column = to + c * length + left;
          for (int j = 0; j < kBlock; ++j) column[j] += down.column[c][j];
        }
      }
    }
    for (std::int64_t i = 0; i < kBand; ++i) {
      for (int c = 0; c < kSums; ++c) {
        const double* const lane = along[i / kBlock].lanes[i % kBlock][c];
        double total = 0;
        for (int each = 0; each < kLanes; ++each) total += lane[each];
        to[c * length + band * kBand + i] += total;
      }
    }
  });

  Sums result;
  result.symmetric = !differs;
  for (auto& one : result.product) one.resize(static_cast<std::size_t>(n));
  std::vector<double> norms(static_cast<std::size_t>(n));
  for (std::int64_t band = 0; band < bands; ++band) {
    const std::int64_t length = (band + 1) * kBand, count = std::min(n, length);
    const double* const from = parts.data() + part(band);
    for (std::int64_t j = 0; j < count; ++j) norms[static_cast<std::size_t>(j)] += from[j];
    for (std::int64_t c = 0; c < kProbes; ++c) {
      double* const product = result.product[static_cast<std::size_t>(c)].data();
      for (std::int64_t j = 0; j < count; ++j) product[j] += from[(1 + c) * length + j];
    }
  }
  for (const double norm : norms) {
    if (!std::isfinite(norm)) result.finite = false;
    result.norm = std::max(result.norm, norm);
  }
  for (const double each : largest) result.largest = std::max(result.largest, each);
  return result;
}

template Sums sums<double>(const Pairs<double>&, std::int64_t, const Vectors&, const JobContext&);
template Sums sums<float>(const Pairs<float>&, std::int64_t, const Vectors&, const JobContext&);

}  // namespace numcore::inverse
