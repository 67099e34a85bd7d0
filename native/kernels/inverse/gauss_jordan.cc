#include "kernels/inverse/gauss_jordan.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "kernels/blas.h"
#include "kernels/inverse/chunks.h"

namespace numcore::inverse {

template <class T>
GaussJordan<T>::GaussJordan(T* x, std::int64_t n, JobContext& context)
    : x_(x),
      n_(n),
      context_(context),
      micro_(micro<T>()),
      width_(n <= 1000 ? 48 : kMostWidth),
      side_(tile_side(n)),
      chunks_((n + side_ - 1) / side_),
      padded_((n + kAlign - 1) / kAlign * kAlign),
      packed_(packed<T>(padded_ * width_ * 5)),
      panel_(packed_.get() + padded_ * width_ * 4),
      highest_(static_cast<std::size_t>(padded_)),
      source_(static_cast<std::size_t>(n)) {
  std::iota(source_.begin(), source_.end(), 0);
  for (Step& step : steps_) {
    step.q = packed_.get() + 2 * (&step - steps_) * padded_ * width_;
    step.r = step.q + padded_ * width_;
    step.pivots.resize(static_cast<std::size_t>(width_));
    step.reciprocal.resize(static_cast<std::size_t>(width_));
    for (auto* each : {&step.lower, &step.upper, &step.lower_inverse, &step.upper_inverse}) {
      each->resize(static_cast<std::size_t>(width_ * width_));
    }
  }
}

// Within a step: factor the block column; pack Q by chunks of rows and, after interchanging its rows, R by
// strips of columns; update the tiles. The next block column goes first.
template <class T>
Outcome GaussJordan<T>::run() {
  Graph graph;
  graph.traces = traces;
  using Id = Graph::Id;
  const auto tile_of = [this](std::int64_t i, std::int64_t j) {
    return static_cast<std::size_t>(i * chunks_ + j);
  };
  std::vector<Id> before, now(static_cast<std::size_t>(chunks_ * chunks_)), older;
  std::vector<Id> rows(static_cast<std::size_t>(chunks_)), strips(static_cast<std::size_t>(chunks_));
  for (std::int64_t k = 0; k * width_ < n_; ++k) {
    const std::int64_t first = k * width_, home = first / side_, next = (first + width_) / side_;
    Step* const step = &steps_[k % 2];
    const double w = width_, side = static_cast<double>(side_);
    const Id factor_id = graph.add(4 * k, w * w * static_cast<double>(n_ - first), [this, step, first] {
      step->first = first;
      step->size = static_cast<int>(std::min<std::int64_t>(width_, n_ - first));
      factor(*step);
    });
    for (const Id id : older) graph.after(factor_id, id);  // they used the same buffers
    for (std::int64_t i = 0; i < chunks_; ++i) {
      if (k > 0) graph.after(factor_id, before[tile_of(i, home)]);
      const Id row = graph.add(4 * k, side * w * w, [this, step, i] { pack_rows(*step, i); });
      graph.after(row, factor_id);
      rows[static_cast<std::size_t>(i)] = row;
      const Id column =
          graph.add(4 * k + (i == next ? 0 : 2), side * w * w, [this, step, i] { strip(*step, i); });
      graph.after(column, factor_id);
      for (std::int64_t r = 0; k > 0 && r < chunks_; ++r) graph.after(column, before[tile_of(r, i)]);
      strips[static_cast<std::size_t>(i)] = column;
    }
    for (std::int64_t j = 0; j < chunks_; ++j) {
      for (std::int64_t i = 0; i < chunks_; ++i) {
        const Id id = graph.add(4 * k + (j == next ? 1 : 3), 2 * side * side * w,
                                [this, step, i, j] { update(*step, i, j); });
        graph.after(id, rows[static_cast<std::size_t>(i)]);
        graph.after(id, strips[static_cast<std::size_t>(j)]);
        now[tile_of(i, j)] = id;
      }
    }
    older = before;
    before = now;
  }
  graph.run(context_, stop_, 0.05, 0.9);
  context_.check();
  if (stop_) return outcome_;
  order_columns();
  outcome_.largest = static_cast<double>(*std::max_element(highest_.begin(), highest_.end()));
  outcome_.done = true;
  return outcome_;
}

template <class T>
void GaussJordan<T>::factor(Step& step) {
  const int w = step.size;
  const auto below = static_cast<int>(n_ - step.first);
  constexpr std::int64_t kBlock = 32;
  for (std::int64_t i = 0; i < below; i += kBlock) {
    const std::int64_t end = std::min<std::int64_t>(below, i + kBlock);
    for (int c = 0; c < w; ++c) {
      const T* from = x_ + step.first * n_ + step.first + c;
      for (std::int64_t r = i; r < end; ++r) panel_[c * below + r] = from[r * n_];
    }
  }
  const BlasThreads one(1);
  const int info = blas::getrf(below, w, panel_, below, step.pivots.data());
  for (int c = 0; c < w; ++c) {
    const T pivot = panel_[c * below + c];
    T& high = highest_[static_cast<std::size_t>(step.first + c)];
    for (int p = 0; p <= c; ++p) high = std::max(high, std::abs(panel_[c * below + p]));
    // The sum behind a pivot is spread over all steps; the largest entry of its column of U and the order
    // bound it well enough.
    const T noise = static_cast<T>(n_ + 4) * std::numeric_limits<T>::epsilon();
    if (!(std::abs(pivot) > noise * high) || info == c + 1) {
      outcome_.singular = true;
      outcome_.where = step.first + c;
      stop_ = true;
      return;
    }
    step.reciprocal[static_cast<std::size_t>(c)] = 1 / pivot;
    std::swap(source_[static_cast<std::size_t>(step.first + c)],
              source_[static_cast<std::size_t>(step.first + step.pivots[static_cast<std::size_t>(c)] - 1)]);
  }
  const auto at = [this](std::vector<T>& m, int i, int j) -> T& {
    return m[static_cast<std::size_t>(i * width_ + j)];
  };
  for (int i = 0; i < w; ++i) {
    for (int j = 0; j <= i; ++j) {
      at(step.lower, i, j) = i == j ? T(1) : panel_[j * below + i];
      at(step.upper, i, j) = panel_[i * below + j];
    }
  }
  // Inverses of two lower triangles: L, and U transposed.
  for (const bool unit : {true, false}) {
    std::vector<T>& from = unit ? step.lower : step.upper;
    std::vector<T>& to = unit ? step.lower_inverse : step.upper_inverse;
    std::fill(to.begin(), to.end(), T(0));
    for (int i = 0; i < w; ++i) {
      T* row = &at(to, i, 0);
      for (int p = 0; p < i; ++p) {
        const T factor = at(from, i, p);
        const T* other = &at(to, p, 0);
        for (int j = 0; j <= p; ++j) row[j] -= factor * other[j];
      }
      row[i] = 1;
      if (unit) continue;
      for (int j = 0; j <= i; ++j) row[j] *= step.reciprocal[static_cast<std::size_t>(i)];
    }
  }
}

// Q for a chunk of rows: above the block S_:K U^-1, in it -U^-1, below it L as the factorisation left it.
template <class T>
void GaussJordan<T>::pack_rows(const Step& step, std::int64_t chunk) {
  const std::int64_t rows = micro_.rows, stride = rows * width_;
  const std::int64_t begin = chunk * side_, end = chunk + 1 == chunks_ ? padded_ : begin + side_;
  const std::int64_t below = n_ - step.first, last = step.first + step.size;
  const int w = step.size;
  for (std::int64_t top = begin; top < end; top += rows) {
    T* to = step.q + top * width_;
    for (std::int64_t r = 0; r < rows; ++r) {
      const std::int64_t i = top + r;
      if (i < step.first) {
        const T* from = x_ + i * n_ + step.first;
        for (int c = 0; c < w; ++c) to[c * rows + r] = from[c];
      } else if (i < last) {
        for (int c = 0; c < w; ++c) {
          to[c * rows + r] = -step.upper_inverse[static_cast<std::size_t>(c * width_ + i - step.first)];
        }
      } else if (i >= n_) {
        for (int c = 0; c < w; ++c) to[c * rows + r] = 0;
      }
    }
    if (top < last) continue;
    const std::int64_t valid = std::clamp<std::int64_t>(n_ - top, 0, rows);
    for (int c = 0; c < w; ++c) {
      const T* from = panel_ + c * below + top - step.first;
      for (std::int64_t r = 0; r < valid; ++r) to[c * rows + r] = from[r];
    }
  }
  const std::int64_t above = std::clamp(step.first, begin, end);
  if (above > begin) {
    micro_.solve(w, step.upper.data(), width_, step.reciprocal.data(), step.q + begin * width_, stride,
                 static_cast<int>((above - begin) / rows));
  }
}

// Interchanges rows within a strip of columns, and R = L^-1 S_K: for it. Columns of the block itself are
// about to be replaced, and R_K = L^-1.
template <class T>
void GaussJordan<T>::strip(const Step& step, std::int64_t chunk) {
  const std::int64_t rows = micro_.rows, columns = micro_.columns, last = step.first + step.size;
  const std::int64_t begin = chunk * side_, end = std::min(n_, begin + side_);
  const std::int64_t padded = chunk + 1 == chunks_ ? padded_ : end;
  const int w = step.size;
  for (int c = 0; c < w; ++c) {
    const std::int64_t one = step.first + c,
                       other = step.first + step.pivots[static_cast<std::size_t>(c)] - 1;
    if (one != other) std::swap_ranges(x_ + one * n_ + begin, x_ + one * n_ + end, x_ + other * n_ + begin);
  }
  constexpr int kGroups = 4, kMostRows = 8;
  alignas(64) T groups[kGroups * kMostRows * kMostWidth];
  const std::ptrdiff_t stride = rows * width_;
  for (std::int64_t left = begin; left < padded; left += kGroups * rows) {
    const auto count = static_cast<int>(std::min<std::int64_t>(kGroups, (padded - left) / rows));
    for (int g = 0; g < count; ++g) {
      const std::int64_t j = left + g * rows, valid = std::clamp<std::int64_t>(n_ - j, 0, rows);
      for (int p = 0; p < w; ++p) {
        T* to = groups + g * stride + p * rows;
        const T* from = x_ + (step.first + p) * n_ + j;
        for (std::int64_t c = 0; c < valid; ++c) to[c] = from[c];
        for (std::int64_t c = valid; c < rows; ++c) to[c] = 0;
      }
    }
    micro_.solve(w, step.lower.data(), width_, nullptr, groups, stride, count);
    for (int g = 0; g < count; ++g) {
      const std::int64_t j = left + g * rows;
      T* to = step.r + j / columns * columns * width_ + j % columns;
      const bool own = j >= step.first && j < last;
      for (int p = 0; p < w; ++p) {
        const T* from = groups + g * stride + p * rows;
        for (std::int64_t c = 0; c < rows; ++c) {
          const std::int64_t at = j + c - step.first;
          to[p * columns + c] = !own     ? from[c]
                                : at < w ? step.lower_inverse[static_cast<std::size_t>(p * width_ + at)]
                                         : T(0);
        }
      }
      if (j < last) continue;
      T* high = &highest_[static_cast<std::size_t>(j)];
      for (int p = 0; p < w; ++p) {
        for (std::int64_t c = 0; c < rows; ++c)
          high[c] = std::max(high[c], std::abs(groups[g * stride + p * rows + c]));
      }
    }
  }
}

template <class T>
void GaussJordan<T>::update(const Step& step, std::int64_t tile_row, std::int64_t tile_column) const {
  const std::int64_t rows = micro_.rows, columns = micro_.columns;
  const std::int64_t bottom = std::min(n_, (tile_row + 1) * side_);
  const std::int64_t right = std::min(n_, (tile_column + 1) * side_);
  const std::int64_t from = step.first, to = step.first + step.size;
  alignas(64) T edge[kAlign * kAlign];
  for (std::int64_t i = tile_row * side_; i < bottom; i += rows) {
    const T* a = step.q + i * width_;
    const bool own_row = i >= from && i < to;
    for (std::int64_t j = tile_column * side_; j < right; j += columns) {
      const T* b = step.r + j * width_;
      const bool own = own_row || (j >= from && j < to);
      T* c = x_ + i * n_ + j;
      if (i + rows <= bottom && j + columns <= right) {
        (own ? micro_.negate : micro_.subtract)(step.size, a, b, c, n_);
        continue;
      }
      micro_.product(step.size, a, b, edge, columns);
      for (std::int64_t r = 0; r < std::min(rows, bottom - i); ++r) {
        for (std::int64_t q = 0; q < std::min(columns, right - j); ++q) {
          T& entry = c[r * n_ + q];
          entry = (own ? T(0) : entry) - edge[r * columns + q];
        }
      }
    }
  }
}

// (P A)^-1 = A^-1 P^T: column j of the result belongs where row j of P A came from.
template <class T>
void GaussJordan<T>::order_columns() {
  constexpr std::int64_t kRows = 16;
  chunks((n_ + kRows - 1) / kRows, context_, [&](std::int64_t piece) {
    std::vector<T> row(static_cast<std::size_t>(n_));
    for (std::int64_t i = piece * kRows; i < std::min(n_, (piece + 1) * kRows); ++i) {
      T* x = x_ + i * n_;
      for (std::int64_t j = 0; j < n_; ++j)
        row[static_cast<std::size_t>(source_[static_cast<std::size_t>(j)])] = x[j];
      std::copy(row.begin(), row.end(), x);
    }
  });
}

template class GaussJordan<double>;
template class GaussJordan<float>;

}  // namespace numcore::inverse
