#include "kernels/inverse/sweep.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/inverse/search.h"

namespace numcore::inverse {
template <class T>
Sweep<T>::Sweep(T* x, std::int64_t n, Pivots pivots, JobContext& context)
    : x_(x),
      n_(n),
      pivots_(pivots),
      definite_(pivots == Pivots::positive),
      context_(context),
      micro_(micro<T>()),
      width_(n <= 1000 ? 48 : 96),
      side_(tile_side(n)),
      chunks_((n + side_ - 1) / side_),
      padded_((n + kAlign - 1) / kAlign * kAlign),
      packed_(packed<T>(padded_ * width_ * 4)),
      mass_(static_cast<std::size_t>(padded_)) {
  for (std::int64_t i = 0; i < n; ++i) mass_[static_cast<std::size_t>(i)] = std::abs(x[i * n + i]);
  for (Step& step : steps_) {
    const auto which = &step - steps_;
    step.capacity = width_;
    step.p = packed_.get() + 2 * which * padded_ * width_;
    step.v = step.p + padded_ * width_;
    step.top.resize(static_cast<std::size_t>(chunks_));
  }
}

template <class T>
std::int64_t Sweep<T>::chunk_end(std::int64_t chunk) const {
  return chunk + 1 == chunks_ ? padded_ : (chunk + 1) * side_;
}

template <class T>
void Sweep<T>::give_up(std::int64_t where, bool singular) {
  outcome_.where = where;
  outcome_.singular = singular;
  stop_ = true;
}

template <class T>
Outcome Sweep<T>::run() {
  if (pivots_ == Pivots::anywhere) {
    run_searched();
  } else {
    const std::int64_t steps = (n_ - 1) / width_;  // the last block is never empty
    if (steps > 0) run_main(steps);
    context_.check();
    if (!stop_) run_last(steps * width_);
  }
  context_.check();
  for (const Step& step : steps_) {
    outcome_.largest = std::max(outcome_.largest, static_cast<double>(step.tile.largest));
    for (const T top : step.top) outcome_.largest = std::max(outcome_.largest, static_cast<double>(top));
  }
  outcome_.done = !stop_;
  return outcome_;
}

// The order within a step: factor the block; then the panel, chunk by chunk of rows, beside the inverse of
// the triangle; then decide; then update every tile. The next block's factorisation waits only for its own
// tile, and its panel for the tiles of its own rows and columns, which are updated first: the serial part
// of a step runs beside the rest of the updates of the step before.
template <class T>
void Sweep<T>::run_main(std::int64_t steps) {
  Graph graph;
  graph.traces = traces;
  using Id = Graph::Id;
  const std::int64_t tiles = chunks_ * (chunks_ + 1) / 2;
  const auto tile_of = [](std::int64_t i, std::int64_t j) {
    return static_cast<std::size_t>(i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i);
  };
  std::vector<Id> before, now(static_cast<std::size_t>(tiles)), older;
  for (std::int64_t k = 0; k < steps; ++k) {
    const std::int64_t first = k * width_, home = first / side_, next = (first + width_) / side_;
    Step* const step = &steps_[k % 2];
    const double w = static_cast<double>(width_), rows = static_cast<double>(side_);
    const Id factor_id = graph.add(4 * k, w * w * w, [this, step, first] {
      prepare(*step, first, width_);
      factor(*step);
    });
    if (k > 0) graph.after(factor_id, before[tile_of(home, home)]);
    // The buffers of this step were those of the step before the last.
    for (const Id id : older) graph.after(factor_id, id);
    const Id inverse_id = graph.add(4 * k, w * w * w / 3, [step] { step->tile.invert_triangle(); });
    graph.after(inverse_id, factor_id);
    const Id decide_id = graph.add(4 * k, w * w, [this, step] { decide(*step); });
    graph.after(decide_id, inverse_id);
    for (std::int64_t chunk = 0; chunk < chunks_; ++chunk) {
      const Id id = graph.add(4 * k, rows * w * w, [this, step, chunk] { panel(*step, chunk); });
      graph.after(id, factor_id);
      if (k > 0) graph.after(id, before[tile_of(chunk, home)]);
      graph.after(decide_id, id);
    }
    for (std::int64_t i = 0; i < chunks_; ++i) {
      for (std::int64_t j = 0; j <= i; ++j) {
        const bool soon = i == next || j == next;
        const Id id = graph.add(4 * k + (soon ? 1 : 6), (i == j ? 1 : 2) * rows * rows * w,
                                [this, step, i, j] { update(*step, i, j); });
        graph.after(id, decide_id);
        if (k > 0) graph.after(id, before[tile_of(i, j)]);
        now[tile_of(i, j)] = id;
      }
    }
    older = before;
    before = now;
  }
  graph.run(context_, stop_, 0.05, 0.9);
}

// What is left: the columns from `first` on and those that were refused, in one block without anything
// outside it to judge by, or in several until one is enough.
template <class T>
void Sweep<T>::run_last(std::int64_t first) {
  std::vector<std::int64_t> left;
  for (std::int64_t i = first; i < n_; ++i) left.push_back(i);
  left.insert(left.end(), waiting_.begin(), waiting_.end());
  waiting_ = std::move(left);
  Step& step = steps_[0];
  step.capacity = 2 * width_;  // all the room there is, now that one step alone needs it
  step.p = packed_.get();
  step.v = step.p + padded_ * 2 * width_;
  while (!waiting_.empty() && !stop_ && !context_.cancelled()) {
    const auto count = static_cast<std::int64_t>(waiting_.size()),
               size = count <= 2 * width_ ? count : width_;
    step.last = size == count;
    step.position.assign(waiting_.begin(), waiting_.begin() + size);
    waiting_.erase(waiting_.begin(), waiting_.begin() + size);
    run_block(step, 0.9, step.last ? 0.93 : 0.9);
  }
}

// Block after block of pivots from anywhere. Its search needs the updates of the block before: the two do not
// overlap.
template <class T>
void Sweep<T>::run_searched() {
  Step& step = steps_[0];
  PivotSearch<T> search(x_, n_, width_, steps_[1].p, padded_, mass_, *original, context_);
  static_assert(PivotSearch<T>::columns(48) <= 2 * 48);  // what the other step's buffers have
  step.tile.chosen = true;
  double done = 0;
  while (search.any() && !stop_) {
    std::int64_t where = -1;
    if (!search.choose(step.position, step.tile.pair, where)) {
      give_up(where, true);
      break;
    }
    context_.check();
    step.last = !search.any();
    const double before = done;
    done += static_cast<double>(step.position.size()) / static_cast<double>(n_);
    run_block(step, 0.05 + 0.88 * before, 0.05 + 0.88 * done);
  }
  outcome_.largest = static_cast<double>(search.largest());
}

// One step with everything that belongs to it, for rows and columns from anywhere.
template <class T>
void Sweep<T>::run_block(Step& step, double from, double to) {
  step.first = -1;
  Graph graph;
  graph.traces = traces;
  const auto factor_id = graph.add(0, 0, [this, &step] {
    factor(step);
    step.tile.invert_triangle();
  });
  const auto decide_id = graph.add(0, 0, [this, &step] { decide(step); });
  graph.after(decide_id, factor_id);
  for (std::int64_t chunk = 0; chunk < chunks_; ++chunk) {
    const auto id = graph.add(0, 0, [this, &step, chunk] { panel(step, chunk); });
    graph.after(id, factor_id);
    graph.after(decide_id, id);
  }
  for (std::int64_t i = 0; i < chunks_; ++i) {
    for (std::int64_t j = 0; j <= i; ++j) {
      graph.after(graph.add(1, 1, [this, &step, i, j] { update(step, i, j); }), decide_id);
    }
  }
  graph.run(context_, stop_, from, to);
}

template <class T>
void Sweep<T>::update(const Step& step, std::int64_t tile_row, std::int64_t tile_column) const {
  const int k = step.rank;
  if (k == 0) return;
  if (!step.whole) clear(step, tile_row, tile_column);
  const std::int64_t rows = micro_.rows, columns = micro_.columns;
  const std::int64_t bottom = std::min(n_, (tile_row + 1) * side_);
  const std::int64_t right = std::min(n_, (tile_column + 1) * side_);
  // The block's own rows and columns count as zero; whole blocks begin and end with whole panels.
  const std::int64_t from = step.whole ? step.first : -1, to = step.whole ? step.first + width_ : -1;
  // The sweep ends with -A^-1: the last step turns the sign.
  const auto set = step.last ? micro_.product : micro_.negate;
  const auto change = step.last ? micro_.reverse : micro_.subtract;
  alignas(64) T edge[kAlign * kAlign];
  for (std::int64_t i = tile_row * side_; i < bottom; i += rows) {
    const T* a = step.p + i * step.capacity;
    const bool own_row = i >= from && i < to;
    const std::int64_t end = std::min(right, i + rows);  // the diagonal, when it is in this tile
    for (std::int64_t j = tile_column * side_; j < end; j += columns) {
      const T* b = step.v + j * step.capacity;
      const bool own = own_row || (j >= from && j < to);
      T* c = x_ + i * n_ + j;
      if (i + rows <= bottom && j + columns <= right && j + columns <= i + 1) {
        (own ? set : change)(k, a, b, c, n_);
        continue;
      }
      micro_.product(k, a, b, edge, columns);
      for (std::int64_t r = 0; r < std::min(rows, bottom - i); ++r) {
        const std::int64_t count = std::min({columns, right - j, i + r + 1 - j});
        const T* from_edge = edge + r * columns;
        T* row = c + r * n_;
        const T sign = step.last ? T(-1) : T(1);
        for (std::int64_t q = 0; q < count; ++q) row[q] = sign * ((own ? T(0) : row[q]) - from_edge[q]);
      }
    }
  }
}

// Zeroes the accepted rows and columns within one tile.
template <class T>
void Sweep<T>::clear(const Step& step, std::int64_t tile_row, std::int64_t tile_column) const {
  const std::int64_t top = tile_row * side_, bottom = std::min(n_, top + side_);
  const std::int64_t left = tile_column * side_, right = std::min(n_, left + side_);
  for (int c = 0; c < step.rank; ++c) {
    const std::int64_t at =
        step.position[static_cast<std::size_t>(step.tile.order[static_cast<std::size_t>(c)])];
    if (at >= top && at < bottom) {
      for (std::int64_t j = left; j < std::min(right, at + 1); ++j) x_[at * n_ + j] = 0;
    }
    if (at >= left && at < right) {
      for (std::int64_t i = std::max(top, at); i < bottom; ++i) x_[i * n_ + at] = 0;
    }
  }
}

template class Sweep<double>;
template class Sweep<float>;

}  // namespace numcore::inverse
