#include "kernels/linalg/tile_ldl.h"

#include <algorithm>
#include <cmath>

#include "kernels/inverse/chunks.h"
#include "kernels/inverse/group.h"

namespace numcore::linalg {
namespace {

using inverse::chunks;
using inverse::kAlign;
using inverse::kMostRows;

// Largest multiplier that is accepted, as in the sweep.
constexpr double kBound = 16;

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

}  // namespace

template <class T>
TileLdl<T>::TileLdl(T* x, std::int64_t n, T* d, T* e, int* order, JobContext& context)
    : x_(x),
      n_(n),
      d_(d),
      e_(e),
      order_(order),
      context_(context),
      micro_(inverse::micro<T>()),
      width_(n <= 1000 ? 48 : 96),
      side_(inverse::tile_side(n)),
      mass_(at(n)),
      refused_(at(width_ * width_)) {
  for (std::int64_t i = 0; i < n; ++i) {
    mass_[at(i)] = std::abs(x[i * n + i]);
    order_[i] = static_cast<int>(i);
  }
  if (n <= width_) return;
  const std::int64_t area = (n + kAlign - 1) / kAlign * kAlign * width_;
  packed_ = inverse::packed<T>(4 * area);
  for (int which = 0; which < 2; ++which) {
    steps_[which].p = packed_.get() + 2 * which * area;
    steps_[which].v = steps_[which].p + area;
  }
}

template <class T>
void TileLdl<T>::begin(Step& step, std::int64_t first) const {
  step.first = first;
  step.size = std::min(width_, n_ - first);
  step.base = first + step.size;
}

template <class T>
std::int64_t TileLdl<T>::chunks_of(const Step& step) const {
  return (n_ - step.base + side_ - 1) / side_;
}

template <class T>
bool TileLdl<T>::run() {
  if (n_ == 0) return true;
  Step* step = &steps_[0];
  begin(*step, 0);
  factor(*step);
  chunks(chunks_of(*step), context_, [&](std::int64_t chunk) { panel(*step, chunk); });
  for (int which = 1;; which ^= 1) {
    context_.check();
    if (!decide(*step)) return false;
    finish_block(*step);
    chunks(chunks_of(*step), context_, [&](std::int64_t chunk) { store(*step, chunk); });
    context_.check();
    if (step->first + step->rank == n_) break;
    advance(*step, steps_[which]);
    step = &steps_[which];
  }
  for (std::int64_t i = 0; i < n_; ++i) x_[i * n_ + i] = 1;
  return true;
}

// All updates of this step; the next block's factorisation as soon as its own tile is done, and its panel
// chunk by chunk, so that the serial part runs beside the rest of the updates.
template <class T>
void TileLdl<T>::advance(Step& step, Step& next) {
  using inverse::Graph;
  begin(next, step.first + step.rank);
  Graph graph;
  const std::int64_t tiles = chunks_of(step);
  const double side = static_cast<double>(side_), w = static_cast<double>(step.rank);
  std::vector<Graph::Id> column;  // tiles (i, 0)
  for (std::int64_t i = 0; i < tiles; ++i) {
    for (std::int64_t j = 0; j <= i; ++j) {
      const Graph::Id id = graph.add(j == 0 ? i : 2 * tiles, (i == j ? 1 : 2) * side * side * w,
                                     [this, &step, i, j] { update(step, i, j); });
      if (j == 0) column.push_back(id);
    }
  }
  const Graph::Id factored = graph.add(0, w * w * w, [this, &next] { factor(next); });
  if (!column.empty()) graph.after(factored, column[0]);
  for (std::int64_t chunk = 0; chunk < chunks_of(next); ++chunk) {
    const Graph::Id id = graph.add(1, side * w * w, [this, &next, chunk] { panel(next, chunk); });
    graph.after(id, factored);
    // Its rows, counted from this step's base.
    const std::int64_t top = next.base + chunk * side_ - step.base;
    const std::int64_t bottom = std::min(top + side_, n_ - step.base);
    for (std::int64_t i = top / side_; i <= (bottom - 1) / side_; ++i) graph.after(id, column[at(i)]);
  }
  const auto done = [&](std::int64_t first) {
    const double left = static_cast<double>(n_ - first) / static_cast<double>(n_);
    return 1 - left * left * left;
  };
  graph.run(context_, stop_, done(step.first), done(next.first));
}

template <class T>
void TileLdl<T>::factor(Step& step) {
  inverse::Tile<T>& tile = step.tile;
  tile.size = static_cast<int>(step.size);
  if (tile.stride < tile.size) tile.resize(tile.size);
  for (std::int64_t i = 0; i < step.size; ++i) {
    const T* row = x_ + (step.first + i) * n_ + step.first;
    tile.mass[at(i)] = mass_[at(step.first + i)];
    for (std::int64_t j = 0; j <= i; ++j) {
      tile.s[at(i * tile.stride + j)] = row[j];
      tile.s[at(j * tile.stride + i)] = row[j];
    }
  }
  tile.indefinite(n_);
  step.peak.assign(at(step.size * std::max<std::int64_t>(1, chunks_of(step))), T(0));
}

template <class T>
void TileLdl<T>::panel(Step& step, std::int64_t chunk) {
  const inverse::Tile<T>& tile = step.tile;
  const int w = tile.rank;
  if (w == 0) return;
  const std::int64_t rows = micro_.rows, columns = micro_.columns, height = n_ - step.base;
  const std::int64_t padded = (height + kAlign - 1) / kAlign * kAlign;
  const std::int64_t begin = chunk * side_ / rows, end = std::min(padded, (chunk + 1) * side_) / rows;
  const std::ptrdiff_t stride = rows * width_;
  const int* order = tile.order.data();
  for (std::int64_t g = begin; g < end; ++g) {
    const std::int64_t top = g * rows, valid = std::clamp<std::int64_t>(height - top, 0, rows);
    T* to = step.p + g * stride;
    const T* from = x_ + (step.base + top) * n_ + step.first;
    if (valid == kMostRows) {
      for (int c = 0; c < w; ++c) {
        for (int r = 0; r < kMostRows; ++r) to[c * kMostRows + r] = from[r * n_ + order[c]];
      }
      continue;
    }
    if (valid < rows) std::fill_n(to, w * rows, T(0));
    for (int c = 0; c < w; ++c) {
      for (std::int64_t r = 0; r < valid; ++r) to[c * rows + r] = from[r * n_ + order[c]];
    }
  }
  micro_.solve(w, tile.s.data(), tile.stride, nullptr, step.p + begin * stride, stride,
               static_cast<int>(end - begin));
  std::vector<T> peak(at(w * rows));
  for (std::int64_t g = begin; g < end; ++g) {
    T* p = step.p + g * stride;
    T* v = step.v + g * rows / columns * columns * width_ + g * rows % columns;
    inverse::pack_group(static_cast<int>(rows), p, w, v, static_cast<int>(columns));
    T top[kMostRows] = {}, mass[kMostRows] = {};
    inverse::scale_group(static_cast<int>(rows), p, w, tile.d.data(), tile.e.data(), tile.pair.data(),
                         peak.data(), top, mass);
    for (std::int64_t r = 0; r < std::min(rows, height - g * rows); ++r) {
      mass_[at(step.base + g * rows + r)] += mass[r];
    }
  }
  for (int c = 0; c < w; ++c) {
    const T* lane = &peak[at(c * rows)];
    step.peak[at(chunk * step.size + c)] = *std::max_element(lane, lane + rows);
  }
}

// How many pivots of the block are good enough. False when the attempt is to end.
template <class T>
bool TileLdl<T>::decide(Step& step) {
  const inverse::Tile<T>& tile = step.tile;
  int rank = tile.rank;
  for (int c = 0; c < tile.rank && rank == tile.rank; ++c) {
    for (std::int64_t chunk = 0; chunk < chunks_of(step); ++chunk) {
      if (!(step.peak[at(chunk * step.size + c)] <= static_cast<T>(kBound))) rank = c;
    }
  }
  if (rank < tile.rank && tile.pair[at(rank)] == 2) --rank;
  step.rank = rank;
  refusals_ += step.size - rank;
  const bool last = step.base == n_;
  if (last && rank < step.size) singular_ = tile.lost;
  return !(last && rank < step.size) && rank > 0 && refusals_ <= width_ + n_ / 4;
}

// Puts the block itself in place: its part of L and D, the rows of L to its left in the new order, and what
// is left of the columns that were refused.
template <class T>
void TileLdl<T>::finish_block(Step& step) {
  const inverse::Tile<T>& tile = step.tile;
  const std::int64_t first = step.first, w = step.size;
  const int rank = step.rank;
  constexpr std::int64_t kColumns = 512;
  chunks((first + kColumns - 1) / kColumns, context_, [&](std::int64_t piece) {
    const std::int64_t left = piece * kColumns, count = std::min(kColumns, first - left);
    std::vector<T> rows(at(w * count));
    for (std::int64_t i = 0; i < w; ++i) {
      std::copy_n(x_ + (first + tile.order[at(i)]) * n_ + left, count, &rows[at(i * count)]);
    }
    for (std::int64_t i = 0; i < w; ++i)
      std::copy_n(&rows[at(i * count)], count, x_ + (first + i) * n_ + left);
  });
  std::vector<int> order(at(w));
  std::vector<T> mass(at(w));
  for (std::int64_t i = 0; i < w; ++i) {
    order[at(i)] = order_[first + tile.order[at(i)]];
    mass[at(i)] = mass_[at(first + tile.order[at(i)])];
  }
  std::copy(order.begin(), order.end(), order_ + first);
  std::copy(mass.begin(), mass.end(), mass_.begin() + first);

  const auto entry = [&](std::int64_t i, std::int64_t j) {
    const std::int64_t a = tile.order[at(i)], b = tile.order[at(j)];
    return x_[(first + std::max(a, b)) * n_ + first + std::min(a, b)];
  };
  std::vector<T> rest(at((w - rank) * (w - rank)));
  for (std::int64_t i = rank; i < w; ++i) {
    const T* l = &tile.s[at(i * tile.stride)];
    T* v = &refused_[at((i - rank) * width_)];
    T sum = 0;
    for (int q = 0; q < rank; ++q) {
      v[q] = l[q] * tile.d_itself[at(q)];
      if (tile.pair[at(q)] == 1) v[q] += l[q + 1] * tile.e_itself[at(q)];
      if (tile.pair[at(q)] == 2) v[q] += l[q - 1] * tile.e_itself[at(q - 1)];
      sum += std::abs(l[q] * v[q]);
    }
    mass_[at(first + i)] += sum;
    for (std::int64_t j = rank; j <= i; ++j) {
      const T* u = &refused_[at((j - rank) * width_)];
      T left = entry(i, j);
      for (int q = 0; q < rank; ++q) left -= l[q] * u[q];
      rest[at((i - rank) * (w - rank) + j - rank)] = left;
    }
  }
  for (std::int64_t i = 0; i < w; ++i) {
    T* row = x_ + (first + i) * n_ + first;
    std::copy_n(&tile.s[at(i * tile.stride)], std::min<std::int64_t>(i, rank), row);
    for (std::int64_t j = rank; j <= i; ++j) row[j] = rest[at((i - rank) * (w - rank) + j - rank)];
  }
  std::copy_n(tile.d_itself.begin(), rank, d_ + first);
  for (int q = 0; q < rank; ++q) e_[first + q] = tile.pair[at(q)] == 1 ? tile.e_itself[at(q)] : T(0);
}

// Writes the multipliers where the columns of the block were, and brings the refused columns up to date.
template <class T>
void TileLdl<T>::store(const Step& step, std::int64_t chunk) const {
  const inverse::Tile<T>& tile = step.tile;
  const std::int64_t rows = micro_.rows, height = n_ - step.base, w = step.size;
  const std::int64_t bottom = std::min(height, (chunk + 1) * side_);
  const int rank = step.rank;
  std::vector<T> before(at(w - rank));
  for (std::int64_t i = chunk * side_; i < bottom; ++i) {
    T* row = x_ + (step.base + i) * n_ + step.first;
    const T* p = step.p + i / rows * rows * width_ + i % rows;
    for (std::int64_t q = rank; q < w; ++q) before[at(q - rank)] = row[tile.order[at(q)]];
    for (int c = 0; c < rank; ++c) row[c] = p[c * rows];
    for (std::int64_t q = rank; q < w; ++q) {
      T left = before[at(q - rank)];
      const T* v = &refused_[at((q - rank) * width_)];
      for (int c = 0; c < rank; ++c) left -= row[c] * v[c];
      row[q] = left;
    }
  }
}

template <class T>
void TileLdl<T>::update(const Step& step, std::int64_t tile_row, std::int64_t tile_column) const {
  const int k = step.rank;
  const std::int64_t rows = micro_.rows, columns = micro_.columns, height = n_ - step.base;
  const std::int64_t bottom = std::min(height, (tile_row + 1) * side_);
  const std::int64_t right = std::min(height, (tile_column + 1) * side_);
  alignas(64) T edge[kAlign * kAlign];
  for (std::int64_t i = tile_row * side_; i < bottom; i += rows) {
    const T* a = step.p + i * width_;
    const std::int64_t end = std::min(right, i + rows);  // the diagonal, when it is in this tile
    for (std::int64_t j = tile_column * side_; j < end; j += columns) {
      const T* b = step.v + j * width_;
      T* c = x_ + (step.base + i) * n_ + step.base + j;
      if (i + rows <= bottom && j + columns <= right && j + columns <= i + 1) {
        micro_.subtract(k, a, b, c, n_);
        continue;
      }
      micro_.product(k, a, b, edge, columns);
      for (std::int64_t r = 0; r < std::min(rows, bottom - i); ++r) {
        const std::int64_t count = std::min({columns, right - j, i + r + 1 - j});
        for (std::int64_t q = 0; q < count; ++q) c[r * n_ + q] -= edge[r * columns + q];
      }
    }
  }
}

template class TileLdl<double>;
template class TileLdl<float>;

}  // namespace numcore::linalg
