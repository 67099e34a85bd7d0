// The inverse of a block-cyclic matrix, computed by all ranks of a communicator with ScaLAPACK.
#pragma once

#include "mpi/block_cyclic.h"
#include "mpi/scalapack.h"

namespace numcore::mpi {

enum class Assume { automatic, general, symmetric, positive_definite };

struct InverseTask {
  MPI_Comm comm;  // for this task only
  Layout layout;
  Assume assume;
  int threads;
  bool single;  // floats instead of doubles
  void* part;   // this rank's part of the matrix, which becomes that of the inverse; null: no memory for it
};

enum class Verdict {
  done,
  different_arguments,  // ranks have not called with the same
  out_of_memory,
  not_finite,             // where: row * n + column, and `value`
  singular,               // where: the row that has no pivot
  not_positive_definite,  // where: the order of the leading minor, from 0
};

// The same on all ranks.
struct InverseReport {
  Verdict verdict = Verdict::done;
  std::int64_t where = -1;
  double value = 0;
  bool cholesky = false;
  double rcond = 0;     // 1 / (||A||_1 ||X||_1)
  double residual = 0;  // ||I - X A||_F / (||A||_1 ||X||_1 n eps), estimated
};

// Symmetric matrices are read from their lower triangle (row >= column) when that is assumed, and compared
// with their transposes when nothing is. Cholesky first (potrf, potri), elimination (getrf, getri) for what
// is not positive definite; ScaLAPACK has no factorisation of symmetric indefinite matrices. The inverse of a
// symmetric one is symmetric to the last bit: from elimination, the mean of X and X^T.
// Throws Failed when MPI does.
InverseReport invert(const InverseTask& task, const Scalapack& library);

}  // namespace numcore::mpi
