#include "kernels/linalg/solve.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/inverse/packed.h"
#include "kernels/linalg/factor.h"
#include "kernels/linalg/products.h"
#include "kernels/linalg/small.h"
#include "runtime/failure.h"
#include "runtime/huge_pages.h"

namespace numcore::linalg {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
int to_int(std::int64_t x) { return static_cast<int>(x); }

// What is left of B, and how large it is for the data of the problem in units of n eps: the normwise backward
// error.
template <class T>
double residual(const Operand<T>& a, Structure structure, const Operand<T>& b, const T* x, Real<T> norm,
                std::vector<T>& left, JobContext& context) {
  const std::int64_t n = a.rows, k = b.columns;
  left.resize(at(n * k));
  load(b, left.data(), Order::row_major, Part::all, context);
  if (k == 1 && structure == Structure::general) {
    multiply_vector(a, false, T(-1), x, T(1), left.data(), context);
  } else {
    Product<T> product{a, dense(x, n, k)};
    product.structure_a = structure;
    product.alpha = -1;
    product.beta = 1;
    product.c = left.data();
    multiply(product, context);
  }
  const double scale =
      static_cast<double>(norm) * static_cast<double>(norm_one(dense(x, n, k), false, context)) +
      static_cast<double>(norm_one(b, false, context));
  if (!(scale > 0)) return 0;
  const double rest = static_cast<double>(norm_one(dense(left.data(), n, k), false, context));
  return rest / scale / static_cast<double>(n) / static_cast<double>(std::numeric_limits<Real<T>>::epsilon());
}

// A backward stable method leaves far less than n eps; more than a tenth of it is not for this to stand.
constexpr double kAcceptable = 0.1;

template <class T>
class Solution {
 public:
  Solution(const Operand<T>& a, const Operand<T>& b, Assume assume, bool inform, T* x, JobContext& context)
      : a_(a), b_(b), n_(a.rows), k_(b.columns), assume_(assume), inform_(inform), x_(x), context_(context) {}

  SolveReport run() {
    load(b_, x_, Order::row_major, Part::all, context_, n_ * n_);
    bool symmetric = assume_ != Assume::general;
    if (assume_ == Assume::automatic) symmetric = is_hermitian(a_, context_);
    hermitian_ = assume_ != Assume::symmetric || !is_complex<T>;
    one_triangle_ = symmetric && assume_ != Assume::automatic;
    if constexpr (!is_complex<T>) {
      if (!symmetric && !inform_ && n_ <= kSmallOrder && by_elimination()) return report_;
    }
    factors_ = inverse::Packed<T>(inverse::packed<T>(std::max<std::int64_t>(1, n_ * n_)));
    if (!symmetric) {
      by_lu();
    } else if (!(wants_cholesky() && by_cholesky())) {
      by_ldl();
    }
    return report_;
  }

 private:
  Real<T> norm() {
    if (norm_ < 0) norm_ = norm_one(a_, one_triangle_, context_);
    return norm_;
  }
  Structure structure() const {
    if (!one_triangle_) return Structure::general;
    return hermitian_ ? Structure::hermitian : Structure::symmetric;
  }
  double check(std::vector<T>& left) { return residual(a_, structure(), b_, x_, norm(), left, context_); }
  void inform() {
    std::vector<T> left;
    if (report_.residual < 0) report_.residual = check(left);
  }

  bool wants_cholesky() const {
    if (assume_ == Assume::positive_definite) return true;
    if (assume_ == Assume::symmetric && is_complex<T>) return false;
    for (std::int64_t i = 0; i < n_; ++i) {
      if (!(std::real(a_(i, i)) > 0) || std::imag(a_(i, i)) != 0) return false;
    }
    return assume_ == Assume::automatic;
  }

  bool by_cholesky() {
    try {
      cholesky(a_, factors_.get(), context_);
    } catch (const Failure& failure) {
      const bool negative = std::string(failure.code()) == "ERR_NOT_POSITIVE_DEFINITE";
      if (assume_ == Assume::positive_definite || !negative) throw;
      return false;
    }
    report_.method = Method::cholesky;
    report_.positive = n_;
    report_.inertia_known = true;
    solve_cholesky(factors_.get(), n_, x_, k_);
    context_.check();
    if (inform_) {
      report_.rcond = static_cast<double>(rcond_cholesky(factors_.get(), n_, norm()));
      inform();
    }
    return true;
  }

  void by_ldl() {
    if (try_ldl(false)) return;
    load(b_, x_, Order::row_major, Part::all, context_, n_ * n_);
    try_ldl(true);
    report_.repaired = true;
  }

  // `safe`: by LAPACK. False when the result of the tiles was not good enough.
  bool try_ldl(bool safe) {
    std::vector<T> d(at(n_)), e(at(n_));
    std::vector<int> order(at(n_));
    T* l = factors_.get();
    const LdlReport found = ldl(a_, hermitian_, safe, l, d.data(), e.data(), order.data(), context_);
    if (found.lost >= 0) fail_singular(order[at(found.lost)]);
    const auto apply = [&](T* y, std::int64_t k) {
      solve_ldl(l, d.data(), e.data(), order.data(), hermitian_, n_, y, k);
    };
    apply(x_, k_);
    context_.check();
    report_.method = found.tiles ? Method::ldlt : Method::bunch_kaufman;
    if (found.tiles && !safe) {
      std::vector<T> left;
      report_.residual = check(left);
      if (report_.residual > kAcceptable) {  // one step of refinement
        apply(left.data(), k_);
        for (std::int64_t i = 0; i < n_ * k_; ++i) x_[i] += left[at(i)];
        report_.residual = check(left);
        report_.repaired = true;
        if (!(report_.residual <= kAcceptable)) return false;
      }
    }
    report_.positive = found.positive;
    report_.negative = found.negative;
    report_.zero = found.zero;
    report_.inertia_known = hermitian_;
    if (inform_) {
      report_.rcond =
          static_cast<double>(rcond_ldl(l, d.data(), e.data(), order.data(), hermitian_, n_, norm()));
      inform();
    }
    return true;
  }

  // Without a call of LAPACK. False, and X as it was, where a pivot leaves doubts.
  bool by_elimination() {
    T room[kSmallOrder * kSmallOrder];
    load(a_, room, Order::row_major, Part::all, context_);
    T largest = 0;
    for (std::int64_t i = 0; i < n_ * n_; ++i) largest = std::max(largest, std::abs(room[i]));
    bool safe = small_solve(to_int(n_), room, to_int(k_), x_) < 0;
    // Rounding errors are of the size of the largest of A and of all that elimination made of it.
    for (std::int64_t i = 0; i < n_; ++i) {
      for (std::int64_t j = i; j < n_; ++j) largest = std::max(largest, std::abs(room[i * n_ + j]));
    }
    const T bound = largest * std::sqrt(std::numeric_limits<T>::epsilon());
    // No pivot is larger than infinity, so what overflowed is not safe either.
    for (std::int64_t i = 0; i < n_; ++i) safe = safe && std::abs(room[i * n_ + i]) > bound;
    if (safe) return true;
    load(b_, x_, Order::row_major, Part::all, context_, n_ * n_);
    return false;
  }

  void by_lu() {
    std::vector<int> permutation(at(n_));
    const std::int64_t lost = lu(a_, Order::column_major, factors_.get(), permutation.data(), context_);
    if (lost >= 0) fail_singular(lost);
    solve_lu(factors_.get(), Order::column_major, permutation.data(), n_, x_, k_);
    context_.check();
    if (!inform_) return;
    report_.rcond =
        static_cast<double>(rcond_lu(factors_.get(), Order::column_major, permutation.data(), n_, norm()));
    inform();
  }

  const Operand<T> a_, b_;
  const std::int64_t n_, k_;
  const Assume assume_;
  const bool inform_;
  T* const x_;
  JobContext& context_;
  bool hermitian_ = true, one_triangle_ = false;
  inverse::Packed<T> factors_;
  Real<T> norm_ = -1;
  SolveReport report_;
};

}  // namespace

template <class T>
SolveReport solve(const Operand<T>& a, const Operand<T>& b, Assume assume, bool inform, T* x,
                  JobContext& context) {
  return Solution<T>(a, b, assume, inform, x, context).run();
}

template <class T>
void solve_triangular(const Operand<T>& a, bool lower, char t, bool unit, const Operand<T>& b, T* x,
                      JobContext& context) {
  const std::int64_t n = a.rows, k = b.columns;
  for (std::int64_t i = 0; i < n; ++i) {
    if (i % 64 == 0) context.check();
    for (std::int64_t j = lower ? 0 : i; j < (lower ? i + 1 : n); ++j) {
      if (unit && i == j) continue;
      const T entry = a(i, j);
      if (!std::isfinite(std::real(entry)) || !std::isfinite(std::imag(entry))) {
        throw Failure("ERR_NOT_FINITE", "the matrix has an entry that is not a finite number", i * n + j);
      }
    }
    if (!unit && a(i, i) == T(0)) fail_singular(i);
  }
  load(b, x, Order::row_major, Part::all, context, n * n);
  if (n == 0 || k == 0) return;
  // BLAS sees the transpose of what is row-major, on both sides: X^T op(A)^T = B^T.
  const CBLAS_UPLO uplo = lower != a.transposed ? CblasUpper : CblasLower;
  std::vector<T> conjugated;
  const T* data = a.data;
  std::int64_t leading = a.leading;
  char seen = (t == 'N') == a.transposed ? 'T' : 'N';
  if (is_complex<T> && t == 'C') {
    if (a.transposed) {
      seen = 'N';
      conjugated.resize(at(n * n));
      for (std::int64_t j = 0; j < n; ++j) {
        for (std::int64_t i = 0; i < n; ++i) conjugated[at(j * n + i)] = conjugate(a(i, j));
      }
      data = conjugated.data();
      leading = n;
    } else {
      // conj(A) on the transposed side: solve with A for the conjugates.
      for (std::int64_t i = 0; i < n * k; ++i) x[i] = conjugate(x[i]);
      seen = 'T';
    }
  }
  lapack::trsm(CblasRight, uplo, seen, unit, to_int(k), to_int(n), data, to_int(leading), x, to_int(k));
  if (is_complex<T> && t == 'C' && !a.transposed) {
    for (std::int64_t i = 0; i < n * k; ++i) x[i] = conjugate(x[i]);
  }
}

template <class T>
void solve_banded(const Operand<T>& bands, std::int64_t below, std::int64_t above, const Operand<T>& b, T* x,
                  JobContext& context) {
  const std::int64_t n = bands.columns, k = b.columns, height = 2 * below + above + 1;
  std::vector<T> given(at(bands.rows * n)), band(at(height * n)), right(at(n * k));
  load(bands, given.data(), Order::row_major, Part::all, context);
  load(b, right.data(), Order::column_major, Part::all, context, bands.rows * n);
  if (n == 0 || k == 0) return;
  for (std::int64_t r = 0; r < bands.rows; ++r) {
    for (std::int64_t j = 0; j < n; ++j) band[at(j * height + below + r)] = given[at(r * n + j)];
  }
  std::vector<int> pivots(at(n));
  const int info = lapack::gbsv(to_int(n), to_int(below), to_int(above), to_int(k), band.data(),
                                to_int(height), pivots.data(), right.data(), to_int(n));
  if (info > 0) fail_singular(info - 1);
  transpose(right.data(), k, n, x, context);
  context.check();
}

template <class T>
void solve_tridiagonal(const T* below, const T* diagonal, const T* above, const Operand<T>& b, T* x,
                       JobContext& context) {
  const std::int64_t n = b.rows, k = b.columns;
  const std::int64_t sides = std::max<std::int64_t>(0, n - 1);
  std::vector<T> low(at(sides + 1)), middle(at(n + 1)), high(at(sides + 1)), right(at(n * k));
  const auto row = [](const T* data, std::int64_t count) {
    return Operand<T>{data, 1, count, count + 1, false};
  };
  load(row(below, sides), low.data(), Order::row_major, Part::all, context, 0);
  load(row(diagonal, n), middle.data(), Order::row_major, Part::all, context, sides);
  load(row(above, sides), high.data(), Order::row_major, Part::all, context, sides + n);
  load(b, right.data(), Order::column_major, Part::all, context, 2 * sides + n);
  if (n == 0 || k == 0) return;
  const int info =
      lapack::gtsv(to_int(n), to_int(k), low.data(), middle.data(), high.data(), right.data(), to_int(n));
  if (info > 0) fail_singular(info - 1);
  transpose(right.data(), k, n, x, context);
  context.check();
}

template <class T>
std::int64_t least_squares(const Operand<T>& a, const Operand<T>& b, Real<T> rcond, T* x, Real<T>* residuals,
                           Real<T>* singular_values, JobContext& context) {
  const std::int64_t m = a.rows, n = a.columns, k = b.columns, height = std::max(m, n);
  std::vector<T> work(at(m * n)), given(at(m * k)), right(at(height * k));
  load(a, work.data(), Order::column_major, Part::all, context);
  load(b, given.data(), Order::column_major, Part::all, context, m * n);
  std::fill_n(x, n * k, T(0));
  std::fill_n(residuals, k, Real<T>(0));
  int rank = 0;
  if (m > 0 && n > 0) {
    for (std::int64_t c = 0; c < k; ++c) std::copy_n(&given[at(c * m)], m, &right[at(c * height)]);
    const int info = lapack::gelsd(to_int(m), to_int(n), to_int(k), work.data(), to_int(m), right.data(),
                                   to_int(height), singular_values, rcond, &rank);
    context.check();
    if (info > 0)
      throw Failure("ERR_NO_CONVERGENCE", "The singular value iteration did not converge", info - 1);
    for (std::int64_t c = 0; c < k; ++c) {
      for (std::int64_t i = 0; i < n; ++i) x[i * k + c] = right[at(c * height + i)];
    }
  }
  for (std::int64_t c = 0; c < k; ++c) {
    for (std::int64_t i = 0; i < m; ++i) {
      T left = given[at(c * m + i)];
      for (std::int64_t j = 0; j < n; ++j) left -= a(i, j) * x[j * k + c];
      residuals[c] += std::norm(left);
    }
  }
  return rank;
}

#define NUMCORE_INSTANTIATE(T)                                                                          \
  template SolveReport solve<T>(const Operand<T>&, const Operand<T>&, Assume, bool, T*, JobContext&);   \
  template void solve_triangular<T>(const Operand<T>&, bool, char, bool, const Operand<T>&, T*,         \
                                    JobContext&);                                                       \
  template void solve_banded<T>(const Operand<T>&, std::int64_t, std::int64_t, const Operand<T>&, T*,   \
                                JobContext&);                                                           \
  template void solve_tridiagonal<T>(const T*, const T*, const T*, const Operand<T>&, T*, JobContext&); \
  template std::int64_t least_squares<T>(const Operand<T>&, const Operand<T>&, Real<T>, T*, Real<T>*,   \
                                         Real<T>*, JobContext&);
NUMCORE_EVERY_TYPE(NUMCORE_INSTANTIATE)
#undef NUMCORE_INSTANTIATE

}  // namespace numcore::linalg
