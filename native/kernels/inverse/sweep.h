// Inversion of a symmetric matrix in one sweep: n^3 operations, all but O(n^2 w) of them in one kind of
// update, with the same parallelism from the first step to the last.
//
// In every step a block K of w rows and columns is eliminated, not from the rows below it alone but from
// all of them. With S the matrix as it then stands and S_KK = L D L^T,
//     V = S_:K L^-T,  P = V D^-1,      V_K = -L^-T,  P_K = V_K D^-1,
//     S <- S - P V^T                   with the old rows and columns K taken as zero,
// and after the last block S = -A^-1, whose sign the last step turns. Written out by parts this is the LDL^T
// factorisation (rows not yet eliminated), the inversion W = L^-1 by forward substitution, and the product
// W^T D^-1 W, done at the same time: the one-sweep algorithm of Bientinesi, Gunter and van de Geijn (2008)
// carried over to indefinite matrices. Only the lower triangle is touched.
//
// Pivots are chosen inside the diagonal block and judged afterwards: a column whose multipliers P exceed
// a bound is left where it is, with all after it in its block, and joins the last block (a posteriori
// threshold pivoting, Duff, Hogg and Lopez 2020). As a column that waits is just one more row to update,
// no row or column ever moves. For the same reason a block need not be consecutive, and where pivots inside
// blocks do not serve, those of each block are searched among all rows first (search.h).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/inverse/graph.h"
#include "kernels/inverse/micro.h"
#include "kernels/inverse/packed.h"
#include "kernels/inverse/routes.h"
#include "kernels/inverse/tile.h"
#include "runtime/job_context.h"

namespace numcore::inverse {

enum class Pivots {
  positive,  // the matrix is taken to be positive definite
  inside,    // searched inside the blocks, and judged afterwards
  anywhere   // searched among all rows: slower, and never refused
};

template <class T>
class Sweep {
 public:
  Sweep(T* x, std::int64_t n, Pivots pivots, JobContext& context);
  // On success the lower triangle holds A^-1.
  Outcome run();

  const Original<T>* original = nullptr;        // needed for pivots from anywhere
  std::vector<Graph::Trace>* traces = nullptr;  // of its graphs, one after another

 private:
  struct Step {
    Tile<T> tile;
    std::vector<std::int64_t> position;  // in the matrix, of the rows and columns of the block
    std::int64_t first = -1;             // when they are consecutive
    bool last = false;                   // no row is left outside: nothing to judge
    bool whole = false;                  // consecutive, and all accepted
    int rank = 0;                        // accepted
    T* p = nullptr;                      // packed, `capacity` columns to a group or panel
    T* v = nullptr;
    std::ptrdiff_t capacity = 0;
    std::vector<T> peak;  // largest multiplier of each column, by chunk of rows
    std::vector<T> top;   // largest entry met, by chunk of rows
  };

  T symmetric(std::int64_t i, std::int64_t j) const { return i >= j ? x_[i * n_ + j] : x_[j * n_ + i]; }
  std::int64_t chunk_end(std::int64_t chunk) const;

  void prepare(Step& step, std::int64_t first, std::int64_t count);
  void factor(Step& step);
  void panel(Step& step, std::int64_t chunk);
  void gather(const Step& step, std::int64_t group) const;
  void decide(Step& step);
  void update(const Step& step, std::int64_t tile_row, std::int64_t tile_column) const;
  void clear(const Step& step, std::int64_t tile_row, std::int64_t tile_column) const;
  void give_up(std::int64_t where, bool singular);
  void run_main(std::int64_t steps);
  void run_last(std::int64_t first);
  void run_searched();
  void run_block(Step& step, double from, double to);

  T* const x_;
  const std::int64_t n_;
  const Pivots pivots_;
  const bool definite_;
  JobContext& context_;
  const Micro<T>& micro_;
  // Of a pivot block: the k of every update. Wider blocks move less memory, narrower ones do less outside the
  // updates. The last block takes up to twice as many columns, to have room for those that were refused.
  const std::int64_t width_;
  const std::int64_t side_;    // of the square tiles that one update task covers
  const std::int64_t chunks_;  // = tiles along one side
  const std::int64_t padded_;  // n rounded up to whole groups and panels

  Packed<T> packed_;
  Step steps_[2];
  std::vector<T> mass_;                // behind each diagonal entry
  std::vector<std::int64_t> waiting_;  // columns refused so far
  std::atomic<bool> stop_{false};
  Outcome outcome_;
};

extern template class Sweep<double>;
extern template class Sweep<float>;

}  // namespace numcore::inverse
