// The pivots of one block of a sweep, chosen among all rows that are left: bounded Bunch-Kaufman ("rook")
// pivoting (Ashcraft, Grimes and Lewis, SIAM J. Matrix Anal. 20, 1998), which keeps every multiplier below
// 2.8. It is what a sweep falls back to when the pivots inside its blocks do not serve.
//
// Columns are brought up to date one at a time, V_:q = S_:q - V P_q^T over the pivots chosen so far, as in
// LAPACK's lasyf_rook; S itself stays as it is until the block is complete. That is O(n w) a column, bound by
// memory, so the rows are shared among the threads in pieces that do not depend on their number.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/inverse/routes.h"
#include "runtime/job_context.h"

namespace numcore::inverse {

template <class T>
class PivotSearch {
 public:
  // Columns of workspace, each of n rows rounded up by the caller, for blocks of `width`.
  static constexpr std::int64_t columns(std::int64_t width) { return width + 1; }

  // `x` is the matrix as it stands (its lower triangle), `a` as it was; `mass` holds the sums behind its
  // diagonal entries, and is brought up to date for the rows that stay.
  PivotSearch(const T* x, std::int64_t n, std::int64_t width, T* workspace, std::int64_t stride,
              std::vector<T>& mass, const Original<T>& a, const JobContext& context);

  [[nodiscard]] bool any() const { return !open_.empty(); }  // rows left
  [[nodiscard]] T largest() const { return largest_; }       // entry met

  // The rows of the next block in the order of their elimination, and where its 2x2 pivots are (1 and 2 at
  // their two columns). False when the matrix is singular; `where` is then the row of the pivot. What a
  // cancelled job chooses is of no use.
  bool choose(std::vector<std::int64_t>& position, std::vector<std::uint8_t>& pair, std::int64_t& where);

 private:
  enum class Task { settle, fetch, done };
  struct Peak {
    T size = 0;
    std::int64_t place = -1;
  };

  // Rows are numbered by their place in open_.
  T* column(std::int64_t c) { return workspace_ + slots_[static_cast<std::size_t>(c)] * stride_; }
  void work(std::int64_t chunk);
  void settle(std::int64_t first, std::int64_t last);
  void fetch(std::int64_t first, std::int64_t last);
  [[nodiscard]] Peak peak(const T* values, std::int64_t first, std::int64_t last) const;
  void advance();
  void request(std::int64_t place, bool second);
  void judge();
  void take_one();
  void take_two();
  [[nodiscard]] T mass_of_pair();
  void chosen(std::int64_t place, std::uint8_t part, T d, T e);

  const T* const x_;
  const std::int64_t n_, width_;
  T* const workspace_;
  const std::int64_t stride_;
  std::vector<T>& mass_;
  const Original<T>& a_;
  const JobContext& context_;

  std::vector<std::int64_t> open_;
  T largest_ = 0;
  // Of the block that is being chosen.
  std::int64_t rank_ = 0, settled_ = 0;
  std::vector<std::int64_t> slots_;  // where column c is; beyond `rank_` the two that are being looked at
  std::vector<std::int64_t> taken_;
  std::vector<std::uint8_t> pair_;
  std::vector<T> d_, e_, factor_;            // D^-1, and the row of P that fetch() needs
  std::vector<T> diagonal_, behind_, free_;  // by row: S_ii now, the sum behind it, 1 while not chosen
  std::vector<Peak> peaks_;                  // by chunk
  std::vector<T> tops_;
  Task task_ = Task::done;
  bool second_ = false, singular_ = false;
  std::int64_t row_ = -1, partner_ = -1;  // the candidate, and the largest entry beside its diagonal
  T height_ = 0;
};

extern template class PivotSearch<double>;
extern template class PivotSearch<float>;

}  // namespace numcore::inverse
