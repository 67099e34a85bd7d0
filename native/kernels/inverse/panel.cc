// The part of a sweep's step that comes before its updates: the block's own factorisation, the panel
// V = S_:K L^-T and P = V D^-1 in packed form, and the judgement of the pivots.
#include <algorithm>
#include <cmath>

#include "kernels/inverse/group.h"
#include "kernels/inverse/sweep.h"

namespace numcore::inverse {
namespace {

// Largest multiplier that is accepted. Of the lesson's matrix of order 4000 five columns have to wait at
// 100, 16 at 16 and 49 at 8, and the residual is 3.1, 0.7 and 0.7 times that of LU.
constexpr double kBound = 16;

template <int rows, class T>
void fetch(const T* from, std::int64_t stride, T* to) {
  for (int r = 0; r < rows; ++r) to[r] = from[r * stride];
}

}  // namespace

template <class T>
void Sweep<T>::prepare(Step& step, std::int64_t first, std::int64_t count) {
  step.first = first;
  step.last = false;
  step.position.resize(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) step.position[static_cast<std::size_t>(i)] = first + i;
}

template <class T>
void Sweep<T>::factor(Step& step) {
  Tile<T>& tile = step.tile;
  tile.size = static_cast<int>(step.position.size());
  if (tile.stride < tile.size) tile.resize(tile.size);
  for (int i = 0; i < tile.size; ++i) {
    const std::int64_t row = step.position[static_cast<std::size_t>(i)];
    tile.mass[static_cast<std::size_t>(i)] = mass_[static_cast<std::size_t>(row)];
    for (int j = 0; j <= i; ++j) {
      const T entry = symmetric(row, step.position[static_cast<std::size_t>(j)]);
      tile.s[static_cast<std::size_t>(i * tile.stride + j)] = entry;
      tile.s[static_cast<std::size_t>(j * tile.stride + i)] = entry;
    }
  }
  step.peak.resize(static_cast<std::size_t>(tile.size * chunks_));
  if (definite_) {
    tile.cholesky(n_);
  } else {
    tile.indefinite(n_);
  }
  if (tile.rank < tile.size && (pivots_ != Pivots::inside || step.last)) {
    const auto place = static_cast<std::size_t>(tile.order[static_cast<std::size_t>(tile.rank)]);
    give_up(step.position[place], tile.lost);
  }
}

// Fetches S_:K for one group of rows, columns in pivot order, into the packed P.
template <class T>
void Sweep<T>::gather(const Step& step, std::int64_t group) const {
  const std::int64_t rows = micro_.rows, top = group * rows;
  const std::int64_t valid = std::clamp<std::int64_t>(n_ - top, 0, rows);
  const int w = step.tile.rank;
  const int* order = step.tile.order.data();
  T* to = step.p + top * step.capacity;
  if (valid < rows) std::fill_n(to, w * rows, T(0));
  if (step.first < 0) {
    for (int c = 0; c < w; ++c) {
      const std::int64_t at = step.position[static_cast<std::size_t>(order[c])];
      for (std::int64_t r = 0; r < valid; ++r) to[c * rows + r] = symmetric(top + r, at);
    }
  } else if (top < step.first) {
    for (int c = 0; c < w; ++c) {
      const T* from = x_ + (step.first + order[c]) * n_ + top;
      for (std::int64_t r = 0; r < valid; ++r) to[c * rows + r] = from[r];
    }
  } else {
    const T* from = x_ + top * n_ + step.first;
    if (valid == kMostRows) {
      for (int c = 0; c < w; ++c) fetch<kMostRows>(from + order[c], n_, to + c * kMostRows);
    } else {
      for (int c = 0; c < w; ++c) {
        for (std::int64_t r = 0; r < valid; ++r) to[c * rows + r] = from[r * n_ + order[c]];
      }
    }
  }
}

template <class T>
void Sweep<T>::panel(Step& step, std::int64_t chunk) {
  const Tile<T>& tile = step.tile;
  const int w = tile.rank;
  const std::int64_t rows = micro_.rows, columns = micro_.columns;
  const std::int64_t begin = chunk * side_ / rows, end = chunk_end(chunk) / rows;
  // The block's own rows, which decide() writes, begin and end with whole groups.
  const bool consecutive = step.first >= 0;
  const std::int64_t own_begin = consecutive ? std::clamp(step.first / rows, begin, end) : end;
  const std::int64_t own_end = consecutive ? std::clamp((step.first + tile.size) / rows, begin, end) : end;
  const std::ptrdiff_t stride = rows * step.capacity;
  // What is met in rows already eliminated is part of W, not of L, and says nothing about the pivots.
  struct Found {
    std::vector<T> peak;
    T top[kMostRows] = {};
  };
  const auto lanes = static_cast<std::size_t>(w * rows);
  Found judged{std::vector<T>(lanes)}, ignored{std::vector<T>(lanes)};
  const auto part = [&](std::int64_t from, std::int64_t to, Found& found, bool counts) {
    if (from >= to || w == 0) return;
    for (std::int64_t g = from; g < to; ++g) gather(step, g);
    micro_.solve(w, tile.s.data(), tile.stride, definite_ ? tile.reciprocal.data() : nullptr,
                 step.p + from * stride, stride, static_cast<int>(to - from));
    for (std::int64_t g = from; g < to; ++g) {
      T* p = step.p + g * stride;
      T* v = step.v + g * rows / columns * columns * step.capacity + g * rows % columns;
      pack_group(static_cast<int>(rows), p, w, v, static_cast<int>(columns));
      if (definite_) continue;
      T unused[kMostRows] = {};
      scale_group(static_cast<int>(rows), p, w, tile.d.data(), tile.e.data(), tile.pair.data(),
                  found.peak.data(), found.top, counts ? &mass_[static_cast<std::size_t>(g * rows)] : unused);
    }
  };
  part(begin, own_begin, ignored, false);
  part(own_end, end, consecutive ? judged : ignored, consecutive);
  if (definite_) return;
  T* peak = &step.peak[static_cast<std::size_t>(chunk * tile.size)];
  for (int c = 0; c < w; ++c) {
    const T* lane = &judged.peak[static_cast<std::size_t>(c) * static_cast<std::size_t>(rows)];
    peak[c] = *std::max_element(lane, lane + rows);
  }
  T& top = step.top[static_cast<std::size_t>(chunk)];
  top = std::max(top, *std::max_element(judged.top, judged.top + rows));
  // Rows that wait for the last block count as well. They are few, and lie above a consecutive one.
  for (const std::int64_t i : waiting_) {
    if (i / rows < begin || i / rows >= own_begin) continue;
    const T* p = step.p + i / rows * stride + i % rows;
    const T* v = step.v + i / columns * columns * step.capacity + i % columns;
    T sum = 0;
    for (int c = 0; c < w; ++c) {
      peak[c] = std::max(peak[c], std::abs(p[c * rows]));
      top = std::max(top, std::abs(v[c * columns]));
      sum += std::abs(p[c * rows] * v[c * columns]);
    }
    mass_[static_cast<std::size_t>(i)] += sum;
  }
}

template <class T>
void Sweep<T>::decide(Step& step) {
  Tile<T>& tile = step.tile;
  int rank = tile.rank;
  if (pivots_ == Pivots::inside && !step.last) {
    for (int c = 0; c < tile.rank && rank == tile.rank; ++c) {
      for (std::int64_t chunk = 0; chunk < chunks_; ++chunk) {
        const T peak = step.peak[static_cast<std::size_t>(chunk * tile.size + c)];
        if (!(peak <= static_cast<T>(kBound))) rank = c;
      }
    }
    if (rank < tile.rank && tile.pair[static_cast<std::size_t>(rank)] == 2) --rank;
  }
  step.rank = rank;
  step.whole = step.first >= 0 && rank == tile.size;
  for (int c = 0; c < rank; ++c) {
    const auto place = static_cast<std::size_t>(c);
    // A 2x2 pivot is taken only where its determinant is negative: one eigenvalue of each sign.
    const bool positive = definite_ || (tile.pair[place] ? tile.pair[place] == 1 : tile.d[place] > 0);
    ++(positive ? outcome_.positive : outcome_.negative);
  }
  const std::int64_t rows = micro_.rows, columns = micro_.columns;
  for (int c = 0; c < tile.size; ++c) {
    const std::int64_t i = step.position[static_cast<std::size_t>(tile.order[static_cast<std::size_t>(c)])];
    T* p = step.p + i / rows * rows * step.capacity + i % rows;
    T* v = step.v + i / columns * columns * step.capacity + i % columns;
    const T* l = &tile.s[static_cast<std::size_t>(c * tile.stride)];
    if (c >= rank) {  // a row like any other: V = L D
      waiting_.push_back(i);
      for (int q = 0; q < rank; ++q) {
        p[q * rows] = l[q];
        const auto place = static_cast<std::size_t>(q);
        T entry = l[q] * tile.d_itself[place];
        if (tile.pair[place] == 1) entry += l[q + 1] * tile.e_itself[place];
        if (tile.pair[place] == 2) entry += l[q - 1] * tile.e_itself[place - 1];
        v[q * columns] = entry;
      }
      // Its diagonal entry has been through these pivots, and no further ones of the block.
      T sum = 0;
      for (int q = 0; q < rank; ++q) sum += std::abs(p[q * rows] * v[q * columns]);
      mass_[static_cast<std::size_t>(i)] += sum;
      continue;
    }
    for (int q = 0; q < c; ++q) v[q * columns] = p[q * rows] = 0;
    for (int q = c; q < rank; ++q)
      v[q * columns] = -tile.inverse[static_cast<std::size_t>(q * tile.stride + c)];
    if (definite_) {
      for (int q = c; q < rank; ++q) p[q * rows] = v[q * columns];
      continue;
    }
    // From the first column of a pair, when c is the second: its entry of P is not zero.
    for (int q = tile.pair[static_cast<std::size_t>(c)] == 2 ? c - 1 : c; q < rank; ++q) {
      const auto place = static_cast<std::size_t>(q);
      T entry = v[q * columns] * tile.d[place];
      if (tile.pair[place] == 1) entry += v[(q + 1) * columns] * tile.e[place];
      if (tile.pair[place] == 2) entry += v[(q - 1) * columns] * tile.e[place - 1];
      p[q * rows] = entry;
    }
  }
  if (pivots_ != Pivots::inside) return;
  const bool stuck = step.first < 0 && rank == 0;
  if (stuck || static_cast<std::int64_t>(waiting_.size()) > 2 * width_ + n_ / 4)
    give_up(waiting_.front(), false);
}

template class Sweep<double>;
template class Sweep<float>;

}  // namespace numcore::inverse
