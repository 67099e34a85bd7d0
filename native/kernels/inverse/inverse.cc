// The policy: look, choose a route, invert in place, and never trust the result without having checked it.
#include "kernels/inverse/inverse.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/inverse/pairs.h"
#include "kernels/inverse/routes.h"
#include "kernels/inverse/scan.h"
#include "kernels/inverse/small.h"
#include "runtime/failure.h"
#include "runtime/huge_pages.h"

namespace numcore::inverse {
namespace {

[[noreturn]] void not_finite(std::int64_t where) {
  throw Failure("ERR_NOT_FINITE", "the matrix has an entry that is not a finite number", where);
}
[[noreturn]] void singular(std::int64_t where) {
  throw Failure("ERR_SINGULAR", "the matrix is singular: nothing is left of pivot " + std::to_string(where),
                where);
}
[[noreturn]] void not_positive_definite(std::int64_t where) {
  throw Failure("ERR_NOT_POSITIVE_DEFINITE",
                "the matrix is not positive definite: pivot " + std::to_string(where) + " is not positive",
                where);
}

template <class T>
bool positive_diagonal(const T* m, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    if (!(m[i * n + i] > 0)) return false;
  }
  return true;
}

// The right residual transposed: (A X - I)^T z = X^T (A^T z) - z, whose first half was taken before the
// inversion. The mean of its square over random signs z is ||A X - I||_F^2.
double square_of_rest(const Sums& after, const Vectors& z, std::int64_t n) {
  double square = 0;
  for (std::size_t c = 0; c < kProbes; ++c) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      const double r = after.product[c][i] - z[c][i];
      square += r * r;
    }
  }
  return square;
}

std::atomic<bool> distrusted{false};

}  // namespace

void judge(double norm, double norm_of_inverse, double square, std::int64_t n, double epsilon,
           Report& report) {
  // One division where the product is in range, so that the rcond of a number is exactly 1.
  const double product = norm * norm_of_inverse;
  report.rcond = std::isnormal(product) ? 1 / product : 1 / norm / norm_of_inverse;
  report.residual = std::sqrt(square / kProbes) / norm / norm_of_inverse / static_cast<double>(n) / epsilon;
}

// LU leaves about 0.05 / sqrt(n) on ill-conditioned matrices of all kinds (docs/inversion.md), and nothing
// can leave less than rcond / sqrt(n), as the ones on the diagonal of A X are rounded. Ten times that is a
// warning.
bool acceptable(std::int64_t n, const Report& report) {
  return report.residual <= (0.5 + 10 * report.rcond) / std::sqrt(static_cast<double>(n)) &&
         !distrusted.load(std::memory_order_relaxed);
}

namespace {

// One inversion from the first look to the last; what its parts share.
template <class T>
class Inversion {
 public:
  Inversion(const T* a, T* x, std::int64_t n, Assume assume, JobContext& context)
      : a_(a),
        x_(x),
        n_(n),
        assume_(assume),
        lower_(assume == Assume::symmetric || assume == Assume::positive_definite),
        context_(context),
        signs_(signs(n)) {}

  Report run() {
    look();
    context_.progress(0.02);
    if (n_ == 1) {
      single();
    } else if (symmetric_) {
      invert_symmetric();
    } else {
      invert_general();
    }
    context_.progress(1);
    return report_;
  }

 private:
  // A copy is made in the same pass over A.
  void look() {
    T* const copy = a_ == x_ ? nullptr : x_;
    symmetric_ = assume_ != Assume::general;
    if (symmetric_) {
      before_ = sums(Pairs<T>{.a = a_, .compare = !lower_, .copy = copy}, n_, signs_, context_);
      context_.check();
      symmetric_ = before_.symmetric;
    }
    if (!symmetric_) before_ = sums(a_, copy, n_, signs_, context_);
    context_.check();
    if (!before_.finite) {
      const std::int64_t where = first_not_finite(a_, n_, lower_);
      if (where >= 0) not_finite(where);
    }
    if (before_.largest == 0) singular(0);
  }

  void single() {
    const T only = a_[0];
    report_.method = symmetric_ ? (only > 0 ? Method::cholesky : Method::ldlt) : Method::lu;
    if (only < 0 && assume_ == Assume::positive_definite) not_positive_definite(0);
    x_[0] = 1 / only;
    report_.inertia_known = symmetric_;
    report_.positive = symmetric_ && only > 0;
    report_.negative = symmetric_ && only < 0;
    check(whole());
  }

  // The other half of the check. The triangle is turned over in the same pass, unless the upper one is needed
  // to begin again.
  Sums whole() {
    return sums(static_cast<const T*>(x_), static_cast<T*>(nullptr), n_, before_.product, context_);
  }
  Sums triangle() {
    return sums(Pairs<T>{.a = x_, .mirror = a_ == x_ ? nullptr : x_}, n_, before_.product, context_);
  }

  // The routes work in the lower triangle. When A is overwritten its upper triangle and its diagonal,
  // kept apart, are what a second route starts from.
  void prepare() {
    if (a_ != x_) return;
    if (lower_) mirror(x_, n_, context_);
    diagonal_.resize(static_cast<std::size_t>(n_));
    for (std::int64_t i = 0; i < n_; ++i) diagonal_[static_cast<std::size_t>(i)] = x_[i * n_ + i];
  }
  void restore() {
    if (a_ != x_) {
      copy_lower(a_, x_, n_, context_);
      return;
    }
    mirror_upper(x_, n_, context_);
    for (std::int64_t i = 0; i < n_; ++i) x_[i * n_ + i] = diagonal_[static_cast<std::size_t>(i)];
  }

  void invert_general() {
    report_.method = Method::lu;
    accept(lu(x_, n_, false, context_));
    check(whole());
    // Without A there is nothing to start again from: the report then says how good the result is.
    if (good() || a_ == x_) return;
    copy(a_, x_, n_, context_);
    accept(lu(x_, n_, true, context_));
    check(whole());
    report_.repaired = true;
  }

  void invert_symmetric() {
    const bool definite = assume_ == Assume::positive_definite;
    prepare();
    Outcome outcome;
    if (definite || (assume_ == Assume::automatic && positive_diagonal(x_, n_))) {
      report_.method = Method::cholesky;
      outcome = cholesky(x_, n_, context_);
      if (outcome.singular) singular(outcome.where);
      if (!outcome.done) {
        if (definite) not_positive_definite(outcome.where);
        restore();
      }
    }
    if (!outcome.done) {
      report_.method = Method::ldlt;
      outcome = ldlt(x_, n_, context_);
    }
    if (outcome.done) {
      accept(outcome);
      check(triangle());
    }
    if (!outcome.done || !good()) {
      const bool failed = outcome.done;
      if (outcome.singular) singular(outcome.where);
      restore();
      report_.method = Method::bunch_kaufman;
      // Over A itself, A is what the other triangle still holds.
      const Original<T> original = a_ == x_ ? Original<T>{x_, 1, n_} : Original<T>{a_, n_, 1};
      outcome = bunch_kaufman(x_, n_, original, context_);
      accept(outcome);
      check(triangle());
      report_.repaired = failed;
    }
    if (a_ == x_) mirror(x_, n_, context_);
    context_.check();
  }

  void accept(const Outcome& outcome) {
    context_.check();
    if (!outcome.done) singular(outcome.where);
    report_.growth = std::max(1.0, outcome.largest / before_.largest);
    report_.inertia_known = symmetric_;
    report_.positive = outcome.positive;
    report_.negative = outcome.negative;
    context_.progress(0.95);
  }

  void check(const Sums& after) {
    context_.check();
    if (!after.finite && first_not_finite(x_, n_, symmetric_) >= 0) singular(n_ - 1);
    judge(before_.norm, after.norm, square_of_rest(after, signs_, n_), n_,
          static_cast<double>(std::numeric_limits<T>::epsilon()), report_);
  }

  [[nodiscard]] bool good() const { return acceptable(n_, report_); }

  const T* const a_;
  T* const x_;
  const std::int64_t n_;
  const Assume assume_;
  const bool lower_;
  JobContext& context_;
  const Vectors signs_;
  Sums before_;
  bool symmetric_ = false;
  std::vector<T> diagonal_;
  Report report_;
};

}  // namespace

void distrust(bool first_results) { distrusted = first_results; }

template <class T>
Report invert(std::span<const T> a, std::span<T> x, std::int64_t n, Assume assume, JobContext& context) {
  if (n == 0) {
    Report report;
    report.rcond = 1;
    report.inertia_known = true;
    return report;
  }
  const auto entries = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
  if (n < 0 || n > std::numeric_limits<int>::max() || a.size() < entries || x.size() < entries) {
    throw Failure("ERR_SHAPE", "the spans do not hold n x n entries");
  }
  if (Report report; n <= kSmallOrder && invert_small(a.data(), x.data(), n, assume, report)) {
    context.progress(1);
    return report;
  }
  prefer_huge_pages(x.data(), entries * sizeof(T));
  return Inversion<T>(a.data(), x.data(), n, assume, context).run();
}

template Report invert<double>(std::span<const double>, std::span<double>, std::int64_t, Assume, JobContext&);
template Report invert<float>(std::span<const float>, std::span<float>, std::int64_t, Assume, JobContext&);

}  // namespace numcore::inverse
