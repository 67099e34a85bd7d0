#include "kernels/inverse/search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "kernels/clones.h"
#include "kernels/inverse/tile.h"

namespace numcore::inverse {
namespace {

constexpr std::int64_t kRows = 256;  // that one thread takes at a time: a column of them stays in the cache

// The compiler's default judgement at -O2 leaves loops of unknown length alone: hence omp simd.
#define NUMCORE_COLUMNS(T)                                                                              \
  NUMCORE_CLONES void take_four(T* to, const T* a, const T* b, const T* c, const T* d, const T* factor, \
                                std::int64_t count) {                                                   \
    const T f = factor[0], g = factor[1], h = factor[2], k = factor[3];                                 \
    _Pragma("omp simd") for (std::int64_t i = 0; i < count; ++i) {                                      \
      to[i] = (((to[i] - a[i] * f) - b[i] * g) - c[i] * h) - d[i] * k;                                  \
    }                                                                                                   \
  }                                                                                                     \
  NUMCORE_CLONES void take_one_column(T* to, const T* a, T factor, std::int64_t count) {                \
    _Pragma("omp simd") for (std::int64_t i = 0; i < count; ++i) to[i] -= a[i] * factor;                \
  }                                                                                                     \
  NUMCORE_CLONES T settle_one(const T* v, T d, T* diagonal, T* behind, std::int64_t count) {            \
    T top = 0;                                                                                          \
    _Pragma("omp simd reduction(max : top)") for (std::int64_t i = 0; i < count; ++i) {                 \
      const T product = v[i] * (v[i] * d), size = std::abs(v[i]);                                       \
      diagonal[i] -= product;                                                                           \
      behind[i] += std::abs(product);                                                                   \
      top = size > top ? size : top;                                                                    \
    }                                                                                                   \
    return top;                                                                                         \
  }                                                                                                     \
  NUMCORE_CLONES T settle_two(const T* v, const T* u, T d, T e, T f, T* diagonal, T* behind,            \
                              std::int64_t count) {                                                     \
    T top = 0;                                                                                          \
    _Pragma("omp simd reduction(max : top)") for (std::int64_t i = 0; i < count; ++i) {                 \
      const T one = v[i] * (v[i] * d + u[i] * e), two = u[i] * (v[i] * e + u[i] * f);                   \
      diagonal[i] = (diagonal[i] - one) - two;                                                          \
      behind[i] += std::abs(one) + std::abs(two);                                                       \
      const T a = std::abs(v[i]), b = std::abs(u[i]), size = a > b ? a : b;                             \
      top = size > top ? size : top;                                                                    \
    }                                                                                                   \
    return top;                                                                                         \
  }                                                                                                     \
  NUMCORE_CLONES T largest_free(const T* v, const T* free, std::int64_t count) {                        \
    T most = 0;                                                                                         \
    _Pragma("omp simd reduction(max : most)") for (std::int64_t i = 0; i < count; ++i) {                \
      const T size = std::abs(v[i]) * free[i];                                                          \
      most = size > most ? size : most;                                                                 \
    }                                                                                                   \
    return most;                                                                                        \
  }
NUMCORE_COLUMNS(double)
NUMCORE_COLUMNS(float)
#undef NUMCORE_COLUMNS

}  // namespace

template <class T>
PivotSearch<T>::PivotSearch(const T* x, std::int64_t n, std::int64_t width, T* workspace, std::int64_t stride,
                            std::vector<T>& mass, const Original<T>& a, const JobContext& context)
    : x_(x),
      n_(n),
      width_(width),
      workspace_(workspace),
      stride_(stride),
      mass_(mass),
      a_(a),
      context_(context),
      open_(static_cast<std::size_t>(n)),
      slots_(static_cast<std::size_t>(columns(width))),
      factor_(static_cast<std::size_t>(width)) {
  std::iota(open_.begin(), open_.end(), 0);
}

template <class T>
bool PivotSearch<T>::choose(std::vector<std::int64_t>& position, std::vector<std::uint8_t>& pair,
                            std::int64_t& where) {
  const std::size_t rows = open_.size();
  std::iota(slots_.begin(), slots_.end(), 0);
  taken_.clear();
  pair_.clear();
  d_.clear();
  e_.clear();
  // Nothing may be allocated, and so nothing thrown, inside the parallel region.
  const auto most = static_cast<std::size_t>(width_);
  taken_.reserve(most);
  pair_.reserve(most);
  d_.reserve(most);
  e_.reserve(most);
  diagonal_.resize(rows);
  behind_.resize(rows);
  free_.assign(rows, T(1));
  for (std::size_t i = 0; i < rows; ++i) {
    diagonal_[i] = x_[open_[i] * n_ + open_[i]];
    behind_[i] = mass_[static_cast<std::size_t>(open_[i])];
  }
  const auto chunks = (static_cast<std::int64_t>(rows) + kRows - 1) / kRows;
  peaks_.resize(static_cast<std::size_t>(chunks));
  tops_.assign(static_cast<std::size_t>(chunks), T(0));
  rank_ = settled_ = 0;
  singular_ = false;
  task_ = Task::settle;
  const auto threads = static_cast<int>(std::min<std::int64_t>(context_.threads(), chunks));
  if (threads <= 1) {
    while (task_ != Task::done) {
      for (std::int64_t chunk = 0; chunk < chunks; ++chunk) work(chunk);
      advance();
    }
  } else {
#pragma omp parallel num_threads(threads)
    while (task_ != Task::done) {
#pragma omp for schedule(static, 1)
      for (std::int64_t chunk = 0; chunk < chunks; ++chunk) work(chunk);
#pragma omp single
      advance();
    }
  }
  for (const T top : tops_) largest_ = std::max(largest_, top);
  if (singular_) {
    where = open_[static_cast<std::size_t>(row_)];
    return false;
  }
  position.clear();
  for (const std::int64_t place : taken_) position.push_back(open_[static_cast<std::size_t>(place)]);
  pair = pair_;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    if (free_[i] == 0) continue;
    mass_[static_cast<std::size_t>(open_[i])] = behind_[i];
    open_[kept++] = open_[i];
  }
  open_.resize(kept);
  return true;
}

template <class T>
void PivotSearch<T>::work(std::int64_t chunk) {
  const std::int64_t first = chunk * kRows;
  const std::int64_t last = std::min(static_cast<std::int64_t>(open_.size()), first + kRows);
  const auto at = static_cast<std::size_t>(chunk);
  if (task_ == Task::settle) {
    settle(first, last);
    peaks_[at] = peak(diagonal_.data(), first, last);
  } else {
    fetch(first, last);
    peaks_[at] = peak(column(rank_ + second_), first, last);
  }
}

// Takes the pivots that are new off the diagonal.
template <class T>
void PivotSearch<T>::settle(std::int64_t first, std::int64_t last) {
  T& top = tops_[static_cast<std::size_t>(first / kRows)];
  for (std::int64_t c = settled_; c < rank_; ++c) {
    const auto place = static_cast<std::size_t>(c);
    const T* v = column(c) + first;
    T most;
    if (pair_[place] == 0) {
      most = settle_one(v, d_[place], &diagonal_[static_cast<std::size_t>(first)],
                        &behind_[static_cast<std::size_t>(first)], last - first);
    } else {
      ++c;
      most = settle_two(v, column(c) + first, d_[place], e_[place], d_[place + 1],
                        &diagonal_[static_cast<std::size_t>(first)],
                        &behind_[static_cast<std::size_t>(first)], last - first);
    }
    top = std::max(top, most);
  }
}

// The column that was asked for, as the pivots chosen so far leave it.
template <class T>
void PivotSearch<T>::fetch(std::int64_t first, std::int64_t last) {
  T* const to = column(rank_ + second_);
  const std::int64_t q = second_ ? partner_ : row_, at = open_[static_cast<std::size_t>(q)];
  const std::int64_t turn = std::clamp(q, first, last);
  for (std::int64_t i = first; i < turn; ++i) to[i] = x_[at * n_ + open_[static_cast<std::size_t>(i)]];
  for (std::int64_t i = turn; i < last; ++i) to[i] = x_[open_[static_cast<std::size_t>(i)] * n_ + at];
  std::int64_t c = 0;
  for (; c + 4 <= rank_; c += 4) {
    take_four(to + first, column(c) + first, column(c + 1) + first, column(c + 2) + first,
              column(c + 3) + first, &factor_[static_cast<std::size_t>(c)], last - first);
  }
  for (; c < rank_; ++c) {
    take_one_column(to + first, column(c) + first, factor_[static_cast<std::size_t>(c)], last - first);
  }
}

template <class T>
typename PivotSearch<T>::Peak PivotSearch<T>::peak(const T* values, std::int64_t first,
                                                   std::int64_t last) const {
  Peak found;
  found.size = largest_free(values + first, &free_[static_cast<std::size_t>(first)], last - first);
  for (std::int64_t i = first; i < last && found.place < 0; ++i) {
    // Not "==": where an overflow has left a NaN, that one.
    if (free_[static_cast<std::size_t>(i)] != 0 && !(std::abs(values[i]) < found.size)) found.place = i;
  }
  return found;
}

// What the chunks have found decides what they do next.
template <class T>
void PivotSearch<T>::advance() {
  Peak found;
  for (const Peak& each : peaks_) {
    if (each.place >= 0 && (found.place < 0 || each.size > found.size)) found = each;
  }
  if (context_.cancelled()) {
    task_ = Task::done;
  } else if (task_ == Task::settle) {
    settled_ = rank_;
    if (found.place < 0 || rank_ == width_) {
      task_ = Task::done;
    } else {
      request(found.place, false);
    }
  } else if (!second_) {
    free_[static_cast<std::size_t>(row_)] = 1;
    partner_ = found.place;
    height_ = found.size;
    judge();
  } else {
    free_[static_cast<std::size_t>(partner_)] = 1;
    if (!(found.size > height_)) {  // the largest of its row and of its column
      take_two();
    } else {
      row_ = partner_;
      partner_ = found.place;
      height_ = found.size;
      std::swap(slots_[static_cast<std::size_t>(rank_)], slots_[static_cast<std::size_t>(rank_ + 1)]);
      judge();
    }
  }
}

template <class T>
void PivotSearch<T>::request(std::int64_t place, bool second) {
  task_ = Task::fetch;
  second_ = second;
  (second ? partner_ : row_) = place;
  free_[static_cast<std::size_t>(place)] = 0;  // its diagonal entry is no candidate for the peak
  for (std::int64_t c = 0; c < rank_; ++c) {
    const auto at = static_cast<std::size_t>(c);
    T entry = column(c)[place] * d_[at];
    if (pair_[at] == 1) entry += column(c + 1)[place] * e_[at];
    if (pair_[at] == 2) entry += column(c - 1)[place] * e_[at - 1];
    factor_[at] = entry;
  }
}

template <class T>
void PivotSearch<T>::judge() {
  if (partner_ < 0 || !(std::abs(column(rank_)[row_]) < static_cast<T>(kAlpha) * height_)) {
    take_one();
  } else {
    request(partner_, true);
  }
}

template <class T>
void PivotSearch<T>::take_one() {
  const T pivot = column(rank_)[row_];
  if (vanished(pivot, behind_[static_cast<std::size_t>(row_)], n_)) {
    singular_ = true;
    task_ = Task::done;
    return;
  }
  chosen(row_, 0, 1 / pivot, T(0));
}

template <class T>
void PivotSearch<T>::take_two() {
  if (rank_ + 2 > width_) {  // no room: the first of the next block
    task_ = Task::done;
    return;
  }
  const T a = column(rank_)[row_], b = column(rank_)[partner_], c = column(rank_ + 1)[partner_];
  T largest = largest_;
  for (const T top : tops_) largest = std::max(largest, top);
  const bool suspicious = !(std::abs(b) > std::sqrt(std::numeric_limits<T>::epsilon()) * largest);
  if (suspicious && vanished(b, mass_of_pair(), n_)) {
    singular_ = true;
    task_ = Task::done;
    return;
  }
  const PairInverse<T> inverse(a, b, c);
  chosen(row_, 1, inverse.first, inverse.beside);
  chosen(partner_, 2, inverse.second, T(0));
}

// The sum of the absolute values behind the entry of row_ and partner_. The sums behind their diagonal
// entries do not bound it: those are zero where all pivots so far were pairs [0 b; b 0]. With K the rows
// eliminated before this block, S_rq = A_rq - A_rK (A_KK^-1 A_Kq), and what is in brackets is what the sweep
// has left in S_Kq.
template <class T>
T PivotSearch<T>::mass_of_pair() {
  const std::int64_t r = open_[static_cast<std::size_t>(row_)], q = open_[static_cast<std::size_t>(partner_)];
  T total = std::abs(a_(r, q));
  std::size_t next = 0;
  for (std::int64_t k = 0; k < n_; ++k) {
    if (next < open_.size() && open_[next] == k) {
      ++next;
    } else {
      total += std::abs(a_(r, k) * (q > k ? x_[q * n_ + k] : x_[k * n_ + q]));
    }
  }
  // factor_ is still the partner's, whose column was the last.
  for (std::int64_t c = 0; c < rank_; ++c) {
    total += std::abs(column(c)[row_] * factor_[static_cast<std::size_t>(c)]);
  }
  return total;
}

template <class T>
void PivotSearch<T>::chosen(std::int64_t place, std::uint8_t part, T d, T e) {
  free_[static_cast<std::size_t>(place)] = 0;
  taken_.push_back(place);
  pair_.push_back(part);
  d_.push_back(d);
  e_.push_back(e);
  ++rank_;
  task_ = Task::settle;
}

template class PivotSearch<double>;
template class PivotSearch<float>;

}  // namespace numcore::inverse
