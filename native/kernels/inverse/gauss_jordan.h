// Inversion of a general matrix in one sweep: 2 n^3 operations in one kind of update. The twin of Sweep.
//
// In every step w columns K are eliminated from all other rows. With S the matrix as it then stands, its
// rows interchanged by partial pivoting among those not yet used, and S_KK = L U,
//     Q = S_:K U^-1,  R = L^-1 S_K:,      Q_K = -U^-1,  R_K = L^-1,
//     S <- S - Q R                        with the old rows and columns K taken as zero,
// and after the last block S = A^-1 but for the order of its columns. By parts this is LU with partial
// pivoting, the inversions of U and of L, and the product U^-1 L^-1 (method D of Du Croz and Higham 1992).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/inverse/graph.h"
#include "kernels/inverse/micro.h"
#include "kernels/inverse/packed.h"
#include "kernels/inverse/routes.h"
#include "runtime/job_context.h"

namespace numcore::inverse {

template <class T>
class GaussJordan {
 public:
  GaussJordan(T* x, std::int64_t n, JobContext& context);
  Outcome run();

  std::vector<Graph::Trace>* traces = nullptr;  // of its only graph

 private:
  static constexpr int kMostWidth = 96;

  struct Step {
    std::int64_t first = 0;
    int size = 0;
    std::vector<int> pivots;       // of the rows from `first` on, counted from 1, as LAPACK does
    std::vector<T> lower;          // L of the block, row-major
    std::vector<T> upper;          // U transposed, row-major
    std::vector<T> reciprocal;     // of U's diagonal
    std::vector<T> lower_inverse;  // L^-1, row-major
    std::vector<T> upper_inverse;  // U^-1 transposed, row-major
    T* q = nullptr;
    T* r = nullptr;
  };

  void factor(Step& step);
  void pack_rows(const Step& step, std::int64_t chunk);
  void strip(const Step& step, std::int64_t chunk);
  void update(const Step& step, std::int64_t tile_row, std::int64_t tile_column) const;
  void order_columns();

  T* const x_;
  const std::int64_t n_;
  JobContext& context_;
  const Micro<T>& micro_;
  const int width_;  // of a block: the k of every update, as in Sweep
  const std::int64_t side_, chunks_, padded_;
  Packed<T> packed_;
  T* panel_;  // S_:K from row `first` on, column-major, factored
  Step steps_[2];
  std::vector<T> highest_;            // |U| by column
  std::vector<std::int64_t> source_;  // row of A that came to each place
  std::atomic<bool> stop_{false};
  Outcome outcome_;
};

extern template class GaussJordan<double>;
extern template class GaussJordan<float>;

}  // namespace numcore::inverse
