#include "mpi/inverse.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <new>
#include <string>

namespace numcore::mpi {
namespace {

constexpr int kOne = 1;

void all_reduce(void* values, int count, MPI_Datatype type, MPI_Op op, MPI_Comm comm) {
  check(MPI_Allreduce(MPI_IN_PLACE, values, count, type, op, comm), "MPI_Allreduce");
}

// A random sign for each row, the same on every rank (SplitMix64; Steele, Lea and Flood 2014).
double sign(int probe, int row) {
  std::uint64_t z = (static_cast<std::uint64_t>(probe) << 32U) + static_cast<std::uint64_t>(row);
  z = (z + 1) * 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return ((z ^ (z >> 31U)) & 1U) != 0 ? 1.0 : -1.0;
}

template <class T>
class Inverter {
 public:
  Inverter(const InverseTask& task, const Scalapack& library)
      : task_(task),
        layout_(task.layout),
        n_(task.layout.n),
        routines_(library.routines<T>()),
        library_(library),
        part_(static_cast<T*>(task.part)) {}

  InverseReport run() {
    if (n_ == 0) {
      report_.rcond = 1;
      agree_on_arguments(true);
      return report_;
    }
    if (!agree_on_arguments(allocate())) return report_;
    if (look().verdict != Verdict::done) return report_;
    // The transpose, on the transposed grid: see block_cyclic.h.
    const Grid grid(library_, task_.comm, layout_.grid_columns, layout_.grid_rows);
    description_ = layout_.description(grid.context());
    if (!allocate_for_elimination()) return report_;
    bool symmetric = task_.assume != Assume::general;
    if (task_.assume == Assume::automatic) {
      symmetric = is_symmetric();
    } else if (symmetric) {
      mirror();
    }
    const double norm = norm_of_part();
    apply(false);
    const BlasThreads width(library_, task_.threads);
    if (!invert(symmetric)) return report_;
    verify(norm);
    return report_;
  }

 private:
  static constexpr int kProbes = 4;

  bool fail(Verdict verdict, std::int64_t where = -1) {
    report_.verdict = verdict;
    report_.where = where;
    return false;
  }

  bool allocate() {
    if (part_ == nullptr) return false;
    const auto n = static_cast<std::size_t>(n_);
    sums_.reset(new (std::nothrow) double[n]);
    probed_.reset(new (std::nothrow) double[n * kProbes]);
    pivots_.reset(new (std::nothrow) int[static_cast<std::size_t>(layout_.columns() + layout_.block)]);
    bool enough = sums_ != nullptr && probed_ != nullptr && pivots_ != nullptr;
    if (task_.assume != Assume::general) {
      other_.reset(new (std::nothrow) T[std::max<std::size_t>(1, layout_.size())]);
      enough = enough && other_ != nullptr;
    }
    return enough;
  }

  // Whether all ranks mean the same, and have the memory for it.
  bool agree_on_arguments(bool enough) {
    const std::int64_t mine[] = {n_,
                                 layout_.block,
                                 layout_.grid_rows,
                                 layout_.grid_columns,
                                 static_cast<std::int64_t>(task_.assume),
                                 static_cast<std::int64_t>(sizeof(T))};
    std::int64_t all[13];
    for (std::size_t i = 0; i < 6; ++i) {
      all[i] = mine[i];
      all[6 + i] = -mine[i];
    }
    all[12] = enough ? 1 : 0;
    all_reduce(all, 13, MPI_INT64_T, MPI_MIN, task_.comm);
    for (std::size_t i = 0; i < 6; ++i) {
      if (all[i] != -all[6 + i]) return fail(Verdict::different_arguments);
    }
    return all[12] != 0 || fail(Verdict::out_of_memory);
  }

  // Refuses NaN and infinity where they are read.
  const InverseReport& look() {
    constexpr std::int64_t kNowhere = std::numeric_limits<std::int64_t>::max();
    const bool lower = task_.assume == Assume::symmetric || task_.assume == Assume::positive_definite;
    std::int64_t first = kNowhere;
    T bad = 0;
    layout_.each(part_, [&](int row, int column, T value) {
      if (std::isfinite(value) || (lower && column > row)) return;
      const std::int64_t index = static_cast<std::int64_t>(row) * n_ + column;
      if (index >= first) return;
      first = index;
      bad = value;
    });
    std::int64_t lowest = first;
    all_reduce(&lowest, 1, MPI_INT64_T, MPI_MIN, task_.comm);
    if (lowest == kNowhere) return report_;
    int kind = 0;
    if (first == lowest) kind = std::isnan(bad) ? 1 : bad > 0 ? 2 : 3;
    all_reduce(&kind, 1, MPI_INT, MPI_MAX, task_.comm);
    constexpr double inf = std::numeric_limits<double>::infinity();
    report_.value = kind == 1 ? std::numeric_limits<double>::quiet_NaN() : kind == 2 ? inf : -inf;
    fail(Verdict::not_finite, lowest);
    return report_;
  }

  // The work space of getri, as large as it asks for; and a little more, since its own formula for integers
  // has been wrong on grids that are not square.
  bool allocate_for_elimination() {
    T work = 0;
    int iwork = 0;
    int info = 0;
    const int ask = -1;
    routines_.getri(&n_, part_, &kOne, &kOne, description_.data(), pivots_.get(), &work, &ask, &iwork, &ask,
                    &info);
    // As a float it may have been rounded down.
    const T asked = std::nextafter(work, std::numeric_limits<T>::infinity());
    work_size_ = std::max(1, static_cast<int>(std::ceil(static_cast<double>(asked))));
    integers_size_ = std::max(1, iwork) + layout_.rows() + layout_.columns() + 2 * layout_.block;
    work_.reset(new (std::nothrow) T[static_cast<std::size_t>(work_size_)]);
    integers_.reset(new (std::nothrow) int[static_cast<std::size_t>(integers_size_)]);
    int enough = work_ != nullptr && integers_ != nullptr ? 1 : 0;
    all_reduce(&enough, 1, MPI_INT, MPI_MIN, task_.comm);
    return enough != 0 || fail(Verdict::out_of_memory);
  }

  void keep_copy() { std::copy_n(part_, layout_.size(), other_.get()); }

  // The lower triangle's mirror image above it.
  void mirror() {
    keep_copy();
    const T one = 1;
    const T zero = 0;
    routines_.tradd("L", "T", &n_, &n_, &one, other_.get(), &kOne, &kOne, description_.data(), &zero, part_,
                    &kOne, &kOne, description_.data(), 1, 1);
  }

  // Leaves the transpose in the other part.
  bool is_symmetric() {
    const T one = 1;
    const T zero = 0;
    std::fill_n(other_.get(), layout_.size(), zero);
    routines_.geadd("T", &n_, &n_, &one, part_, &kOne, &kOne, description_.data(), &zero, other_.get(), &kOne,
                    &kOne, description_.data(), 1);
    int same = std::equal(part_, part_ + layout_.size(), other_.get()) ? 1 : 0;
    all_reduce(&same, 1, MPI_INT, MPI_MIN, task_.comm);
    return same != 0;
  }

  // The largest sum of magnitudes in a column; NaN and infinity are passed on.
  double norm_of_part() {
    std::fill_n(sums_.get(), n_, 0.0);
    layout_.each(part_,
                 [&](int, int column, T value) { sums_[column] += std::abs(static_cast<double>(value)); });
    all_reduce(sums_.get(), n_, MPI_DOUBLE, MPI_SUM, task_.comm);
    double largest = 0;
    for (int j = 0; j < n_; ++j) {
      if (!(sums_[j] <= largest)) largest = sums_[j];
      if (std::isnan(largest)) break;
    }
    return largest;
  }

  // The probes times A; or what came of them times the inverse, minus the probes, whose squares are returned.
  double apply(bool back) {
    double squares = 0;
    for (int k = 0; k < kProbes; ++k) {
      double* const probed = probed_.get() + static_cast<std::size_t>(k) * static_cast<std::size_t>(n_);
      std::fill_n(sums_.get(), n_, 0.0);
      if (back) {
        layout_.each(part_, [&](int row, int column, T value) {
          sums_[row] += static_cast<double>(value) * probed[column];
        });
      } else {
        layout_.each(part_, [&](int row, int column, T value) {
          sums_[row] += static_cast<double>(value) * sign(k, column);
        });
      }
      all_reduce(sums_.get(), n_, MPI_DOUBLE, MPI_SUM, task_.comm);
      for (int i = 0; i < n_; ++i) {
        const double miss = sums_[i] - sign(k, i);
        squares += miss * miss;
      }
      std::copy_n(sums_.get(), n_, probed);
    }
    return squares / kProbes;
  }

  // ScaLAPACK tells some of the ranks; less than 0 is an argument that it does not take.
  int agreed(int info) {
    int both[2] = {info, -info};
    all_reduce(both, 2, MPI_INT, MPI_MAX, task_.comm);
    if (both[1] > 0) throw Refused("ScaLAPACK did not take argument " + std::to_string(both[1]));
    return both[0];
  }

  bool invert(bool symmetric) {
    if (symmetric && task_.assume != Assume::symmetric) {
      if (task_.assume == Assume::automatic) keep_copy();
      int info = 0;
      routines_.potrf("U", &n_, part_, &kOne, &kOne, description_.data(), &info, 1);
      info = agreed(info);
      if (info == 0) {
        routines_.potri("U", &n_, part_, &kOne, &kOne, description_.data(), &info, 1);
        info = agreed(info);
        if (info > 0) return fail(Verdict::singular, info - 1);
        mirror();
        report_.cholesky = true;
        return true;
      }
      if (task_.assume == Assume::positive_definite) return fail(Verdict::not_positive_definite, info - 1);
      std::copy_n(other_.get(), layout_.size(), part_);
    }
    return eliminate(symmetric);
  }

  bool eliminate(bool symmetric) {
    int info = 0;
    routines_.getrf(&n_, &n_, part_, &kOne, &kOne, description_.data(), pivots_.get(), &info);
    info = agreed(info);
    if (info > 0) return fail(Verdict::singular, info - 1);
    routines_.getri(&n_, part_, &kOne, &kOne, description_.data(), pivots_.get(), work_.get(), &work_size_,
                    integers_.get(), &integers_size_, &info);
    info = agreed(info);
    if (info > 0) return fail(Verdict::singular, info - 1);
    if (!symmetric) return true;
    keep_copy();
    const T half = 0.5;
    routines_.geadd("T", &n_, &n_, &half, other_.get(), &kOne, &kOne, description_.data(), &half, part_,
                    &kOne, &kOne, description_.data(), 1);
    return true;
  }

  void verify(double norm) {
    const double of_inverse = norm_of_part();
    const double condition = norm * of_inverse;
    report_.rcond = condition > 0 && std::isfinite(condition) ? std::min(1.0, 1 / condition) : 0;
    const double epsilon = std::numeric_limits<T>::epsilon();
    report_.residual = std::sqrt(apply(true)) / (condition * n_ * epsilon);
  }

  const InverseTask& task_;
  const Layout layout_;
  const int n_;
  const Routines<T>& routines_;
  const Scalapack& library_;
  T* const part_;
  std::array<int, 9> description_{};
  std::unique_ptr<T[]> other_;
  std::unique_ptr<T[]> work_;
  std::unique_ptr<int[]> pivots_;
  std::unique_ptr<int[]> integers_;
  std::unique_ptr<double[]> sums_;
  std::unique_ptr<double[]> probed_;
  int work_size_ = 0;
  int integers_size_ = 0;
  InverseReport report_;
};

}  // namespace

InverseReport invert(const InverseTask& task, const Scalapack& library) {
  return task.single ? Inverter<float>(task, library).run() : Inverter<double>(task, library).run();
}

}  // namespace numcore::mpi
