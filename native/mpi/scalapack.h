// ScaLAPACK and the BLACS below it: opened at run time when they are first wanted, never linked against.
#pragma once

#include "mpi/state.h"

namespace numcore::mpi {

// A character argument of Fortran is followed, behind all others, by its length.
using Length = std::size_t;

// The routines for one type of elements. ScaLAPACK counts in ints: so many elements at most in the part of
// one rank, and so many rows.
template <class T>
struct Routines {
  void (*potrf)(const char* uplo, const int* n, T* a, const int* ia, const int* ja, const int* desc,
                int* info, Length);
  void (*potri)(const char* uplo, const int* n, T* a, const int* ia, const int* ja, const int* desc,
                int* info, Length);
  void (*getrf)(const int* m, const int* n, T* a, const int* ia, const int* ja, const int* desc, int* pivots,
                int* info);
  void (*getri)(const int* n, T* a, const int* ia, const int* ja, const int* desc, const int* pivots, T* work,
                const int* lwork, int* iwork, const int* liwork, int* info);
  // C = beta C + alpha A or A^T; tradd: one triangle of C only.
  void (*geadd)(const char* trans, const int* m, const int* n, const T* alpha, const T* a, const int* ia,
                const int* ja, const int* desc_a, const T* beta, T* c, const int* ic, const int* jc,
                const int* desc_c, Length);
  void (*tradd)(const char* uplo, const char* trans, const int* m, const int* n, const T* alpha, const T* a,
                const int* ia, const int* ja, const int* desc_a, const T* beta, T* c, const int* ic,
                const int* jc, const int* desc_c, Length, Length);
};

struct Scalapack {
  int (*handle_of)(MPI_Comm comm) = nullptr;
  void (*free_handle)(int handle) = nullptr;
  void (*grid_init)(int* context, const char* order, int rows, int columns) = nullptr;
  void (*grid_exit)(int context) = nullptr;
  Routines<double> doubles{};
  Routines<float> floats{};

  // How wide its BLAS works; null where that BLAS has no such function.
  int (*omp_threads)() = nullptr;
  void (*set_omp_threads)(int) = nullptr;
  int (*blas_threads)() = nullptr;
  void (*set_blas_threads)(int) = nullptr;

  std::string file;  // paths of the libraries
  std::string blas;

  template <class T>
  const Routines<T>& routines() const {
    if constexpr (sizeof(T) == sizeof(double)) {
      return doubles;
    } else {
      return floats;
    }
  }
};

// Opens a library of this name; why not, or nothing when it can be used. One that belongs to another MPI than
// the one at work cannot.
std::string open_scalapack(const std::string& file);

// What has been opened; throws Refused when nothing has.
const Scalapack& scalapack();

// A process grid of the BLACS on all ranks of a communicator, column by column. Collective.
class Grid {
 public:
  Grid(const Scalapack& library, MPI_Comm comm, int rows, int columns)
      : library_(library), handle_(library.handle_of(comm)), context_(handle_) {
    library.grid_init(&context_, "C", rows, columns);
  }
  Grid(const Grid&) = delete;
  Grid& operator=(const Grid&) = delete;
  ~Grid() {
    library_.grid_exit(context_);
    library_.free_handle(handle_);
  }
  int context() const { return context_; }

 private:
  const Scalapack& library_;
  int handle_;
  int context_;
};

// So many threads for BLAS calls of the calling thread, until the end of the block. With a BLAS that has
// threads of its own instead of OpenMP's, of the whole process.
class BlasThreads {
 public:
  BlasThreads(const Scalapack& library, int threads);
  BlasThreads(const BlasThreads&) = delete;
  BlasThreads& operator=(const BlasThreads&) = delete;
  ~BlasThreads();

 private:
  const Scalapack& library_;
  int omp_before_ = 0;
  int blas_before_ = 0;
};

}  // namespace numcore::mpi
