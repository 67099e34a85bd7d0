#include "mpi/scalapack.h"

#include <dlfcn.h>

namespace numcore::mpi {
namespace {

// nullptr until a library has been opened; stays open, as its MPI does.
Scalapack* opened = nullptr;

// Looks for routines in a library and in those that it needs, and remembers the first that is not there.
class Symbols {
 public:
  explicit Symbols(void* library) : library_(library) {}

  template <class F>
  void require(F& function, const std::string& name) {
    find(function, name);
    if (function == nullptr && missing_.empty()) missing_ = name;
  }
  template <class F>
  void find(F& function, const std::string& name) {
    function = reinterpret_cast<F>(dlsym(library_, name.c_str()));
  }
  const std::string& missing() const { return missing_; }

 private:
  void* library_;
  std::string missing_;
};

template <class T>
void require_routines(Symbols& symbols, Routines<T>& routines, const std::string& prefix) {
  symbols.require(routines.potrf, prefix + "potrf_");
  symbols.require(routines.potri, prefix + "potri_");
  symbols.require(routines.getrf, prefix + "getrf_");
  symbols.require(routines.getri, prefix + "getri_");
  symbols.require(routines.geadd, prefix + "geadd_");
  symbols.require(routines.tradd, prefix + "tradd_");
}

std::string path_of(void* symbol) {
  Dl_info found{};
  return symbol != nullptr && dladdr(symbol, &found) != 0 && found.dli_fname != nullptr ? found.dli_fname
                                                                                        : "";
}

std::string reason() {
  const char* const text = dlerror();
  return text != nullptr ? text : "unknown reason";
}

}  // namespace

std::string open_scalapack(const std::string& file) {
  if (opened != nullptr) return "";
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return reason();
  const auto refuse = [&](const std::string& why) {
    dlclose(library);
    return file + ": " + why;
  };
  // The one that the library needs, and the one that was opened for all.
  if (dlsym(library, "MPI_Init") != dlsym(RTLD_DEFAULT, "MPI_Init")) {
    return refuse("belongs to another MPI than the one at work");
  }
  auto found = Scalapack();
  Symbols symbols(library);
  symbols.require(found.handle_of, "Csys2blacs_handle");
  symbols.require(found.free_handle, "Cfree_blacs_system_handle");
  symbols.require(found.grid_init, "Cblacs_gridinit");
  symbols.require(found.grid_exit, "Cblacs_gridexit");
  require_routines(symbols, found.doubles, "pd");
  require_routines(symbols, found.floats, "ps");
  if (!symbols.missing().empty()) return refuse("has no " + symbols.missing());
  symbols.find(found.omp_threads, "omp_get_max_threads");
  symbols.find(found.set_omp_threads, "omp_set_num_threads");
  symbols.find(found.blas_threads, "openblas_get_num_threads");
  symbols.find(found.set_blas_threads, "openblas_set_num_threads");
  // OpenBLAS built on OpenMP asks that, and has no threads of its own.
  constexpr int kOpenMp = 2;
  int (*parallel)() = nullptr;
  symbols.find(parallel, "openblas_get_parallel");
  if (parallel != nullptr && parallel() == kOpenMp) found.set_blas_threads = nullptr;
  found.file = path_of(reinterpret_cast<void*>(found.grid_init));
  found.blas = path_of(dlsym(library, parallel != nullptr ? "openblas_get_parallel" : "dgemm_"));
  opened = new Scalapack(found);
  return "";
}

const Scalapack& scalapack() {
  if (opened == nullptr) throw Refused("Expected ScaLAPACK to be open");
  return *opened;
}

BlasThreads::BlasThreads(const Scalapack& library, int threads) : library_(library) {
  if (library.omp_threads != nullptr && library.set_omp_threads != nullptr) {
    omp_before_ = library.omp_threads();
    library.set_omp_threads(threads);
  }
  if (library.blas_threads != nullptr && library.set_blas_threads != nullptr) {
    blas_before_ = library.blas_threads();
    library.set_blas_threads(threads);
  }
}

BlasThreads::~BlasThreads() {
  if (omp_before_ > 0) library_.set_omp_threads(omp_before_);
  if (blas_before_ > 0) library_.set_blas_threads(blas_before_);
}

}  // namespace numcore::mpi
