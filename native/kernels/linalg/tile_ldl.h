// P A P^T = L D L^T of a real symmetric matrix, D of 1 x 1 and 2 x 2 blocks: n^3/3 operations, nearly all of
// them in the packed updates of kernels/inverse. It is the first third of that family's sweep, by itself: the
// same pivot blocks, the same judgement afterwards (a posteriori threshold pivoting, Duff, Hogg and Lopez
// 2020), but only rows that are not yet eliminated are updated.
//
// Columns that a block refuses begin the next block, where other pivots are at hand. A block that gets
// nowhere, or too many refusals, end the attempt: the pivots of such a matrix lie across blocks, and LAPACK's
// search finds them.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "kernels/inverse/graph.h"
#include "kernels/inverse/micro.h"
#include "kernels/inverse/packed.h"
#include "kernels/inverse/tile.h"
#include "runtime/job_context.h"

namespace numcore::linalg {

template <class T>
class TileLdl {
 public:
  // `x` is n x n, row-major, its lower triangle that of A; it becomes L, ones on the diagonal included. The
  // upper triangle is not touched. D has d on its diagonal and e[k] at (k + 1, k). `order` is the old place
  // of each new one.
  TileLdl(T* x, std::int64_t n, T* d, T* e, int* order, JobContext& context);
  // False when it could not be done: x is undefined then.
  bool run();
  // True when it could not be done because nothing but rounding error was left.
  bool singular() const { return singular_; }

 private:
  struct Step {
    inverse::Tile<T> tile;
    std::int64_t first = 0, size = 0, base = 0;  // the block, and the first row behind it
    int rank = 0;                                // accepted
    T* p = nullptr;                              // packed, rows counted from `base`
    T* v = nullptr;
    std::vector<T> peak;  // largest multiplier of each column, by chunk of rows
  };

  void begin(Step& step, std::int64_t first) const;
  std::int64_t chunks_of(const Step& step) const;
  void factor(Step& step);
  void panel(Step& step, std::int64_t chunk);
  bool decide(Step& step);
  void finish_block(Step& step);
  void store(const Step& step, std::int64_t chunk) const;
  void update(const Step& step, std::int64_t tile_row, std::int64_t tile_column) const;
  void advance(Step& step, Step& next);

  T* const x_;
  const std::int64_t n_;
  T* const d_;
  T* const e_;
  int* const order_;
  JobContext& context_;
  const inverse::Micro<T>& micro_;
  const std::int64_t width_, side_;
  inverse::Packed<T> packed_;
  Step steps_[2];
  std::vector<T> mass_;     // sums of absolute values behind each diagonal entry
  std::vector<T> refused_;  // V = L D of the columns that the present block refused, `width_` apart
  std::int64_t refusals_ = 0;
  bool singular_ = false;
  std::atomic<bool> stop_{false};
};

extern template class TileLdl<double>;
extern template class TileLdl<float>;

}  // namespace numcore::linalg
