// Factorisations and what their objects do: the edge of kernels/linalg/factor.h.
#include "kernels/linalg/factor.h"

#include <napi.h>

#include "addon/families.h"
#include "addon/job.h"
#include "addon/operands.h"

namespace numcore::addon {
namespace {

using linalg::Operand;
using linalg::Order;
using linalg::Part;

// Below this order a second thread costs more than it saves.
constexpr double kSmallOrder = 96;

Size size_of(const Napi::CallbackInfo& call) {
  return number(call[1]) <= kSmallOrder && number(call[2]) <= kSmallOrder ? Size::small : Size::wide;
}

template <class T>
T* output(const Napi::Value& value) {
  return elements<T>(value).data();
}
Finish value_of(double x) {
  return [x](Napi::Env env) -> Napi::Value { return Napi::Number::New(env, x); };
}
int* integers(const Napi::Value& value) { return view<int>(value).data(); }

// cholesky(A, l, pairs, control) -> ||A||_1
Napi::Value cholesky(const Napi::CallbackInfo& call) {
  return by_type(call[0], flag(call[6]), [&]<class T>() {
    return submit(call, call[7], size_of(call), {call[0], call[5]},
                  [a = operand<T>(call, 0), l = output<T>(call[5])](JobContext& context) -> Finish {
                    linalg::cholesky(a, l, context);
                    return value_of(static_cast<double>(linalg::norm_one(a, true, context)));
                  });
  });
}

// ldl(A, hermitian, l, d, e, order, pairs, report, control): the report is that of LdlReport, and ||A||_1.
Napi::Value ldl(const Napi::CallbackInfo& call) {
  const bool hermitian = flag(call[5]);
  double* const report = view<double>(call[11]).data();
  return by_type(call[0], flag(call[10]), [&]<class T>() {
    return submit(call, call[12], size_of(call), {call[0], call[6], call[7], call[8], call[9], call[11]},
                  [a = operand<T>(call, 0), hermitian, l = output<T>(call[6]), d = output<T>(call[7]),
                   e = output<T>(call[8]), order = integers(call[9]), report](JobContext& context) {
                    const linalg::LdlReport r = linalg::ldl(a, hermitian, false, l, d, e, order, context);
                    write_report(report, r.tiles, r.lost, r.positive, r.negative, r.zero,
                                 linalg::norm_one(a, true, context));
                    return nothing();
                  });
  });
}

// lu(A, factors, permutation, pairs, report, control): the report is the pivot that is lost, or -1, and
// ||A||_1.
Napi::Value lu(const Napi::CallbackInfo& call) {
  double* const report = view<double>(call[8]).data();
  return by_type(call[0], flag(call[7]), [&]<class T>() {
    return submit(call, call[9], size_of(call), {call[0], call[5], call[6], call[8]},
                  [a = operand<T>(call, 0), factors = output<T>(call[5]), permutation = integers(call[6]),
                   report](JobContext& context) {
                    const std::int64_t lost = linalg::lu(a, Order::row_major, factors, permutation, context);
                    write_report(report, lost, linalg::norm_one(a, false, context));
                    return nothing();
                  });
  });
}

// determinant(A, logarithm, pairs, report, control): real and imaginary part of the determinant, or of its
// sign, and then the logarithm of its absolute value.
Napi::Value determinant(const Napi::CallbackInfo& call) {
  const bool logarithm = flag(call[5]);
  double* const report = view<double>(call[7]).data();
  return by_type(call[0], flag(call[6]), [&]<class T>() {
    return submit(call, call[8], size_of(call), {call[0], call[7]},
                  [a = operand<T>(call, 0), logarithm, report](JobContext& context) {
                    const linalg::Determinant d = linalg::determinant(a, logarithm, context);
                    write_report(report, d.value.real(), d.value.imag(), d.log);
                    return nothing();
                  });
  });
}

// qr(A, width, q, r, pivots or undefined, pairs, report, control): the report is det Q, real and imaginary.
Napi::Value qr(const Napi::CallbackInfo& call) {
  const std::int64_t width = integer(call[5]);
  int* const pivots = call[8].IsUndefined() ? nullptr : integers(call[8]);
  double* const report = view<double>(call[10]).data();
  std::vector<Napi::Value> kept{call[0], call[6], call[7], call[10]};
  if (pivots != nullptr) kept.push_back(call[8]);
  return by_type(call[0], flag(call[9]), [&]<class T>() {
    return submit(call, call[11], size_of(call), kept,
                  [a = operand<T>(call, 0), width, q = output<T>(call[6]), r = output<T>(call[7]), pivots,
                   report](JobContext& context) {
                    const T determinant = linalg::qr(a, width, q, r, pivots, context);
                    write_report(report, std::real(determinant), std::imag(determinant));
                    return nothing();
                  });
  });
}

// What a factor object holds: `kind` and its arrays, of which some are undefined.
//   (kind, factors, d, e, order, hermitian, pairs, ...)
constexpr std::size_t kFactorArguments = 7;
std::vector<Napi::Value> lent(const Napi::CallbackInfo& call) {
  std::vector<Napi::Value> arrays;
  for (std::size_t i = 1; i <= 4; ++i) {
    if (!call[i].IsUndefined()) arrays.push_back(call[i]);
  }
  return arrays;
}

template <class T>
struct Held {
  char kind;  // 'c'holesky, 'd' of LDL, 'l' of LU
  const T* factors;
  const T* d = nullptr;
  const T* e = nullptr;
  const int* order = nullptr;
  bool hermitian;

  explicit Held(const Napi::CallbackInfo& call)
      : kind(text(call[0])[0]), factors(output<T>(call[1])), hermitian(flag(call[5])) {
    if (!call[2].IsUndefined()) d = output<T>(call[2]);
    if (!call[3].IsUndefined()) e = output<T>(call[3]);
    if (!call[4].IsUndefined()) order = integers(call[4]);
  }
  void solve(std::int64_t n, T* x, std::int64_t k) const {
    if (kind == 'c') return linalg::solve_cholesky(factors, n, x, k);
    if (kind == 'd') return linalg::solve_ldl(factors, d, e, order, hermitian, n, x, k);
    linalg::solve_lu(factors, Order::row_major, order, n, x, k);
  }
  auto rcond(std::int64_t n, linalg::Real<T> norm) const {
    if (kind == 'c') return linalg::rcond_cholesky(factors, n, norm);
    if (kind == 'd') return linalg::rcond_ldl(factors, d, e, order, hermitian, n, norm);
    return linalg::rcond_lu(factors, Order::row_major, order, n, norm);
  }
};

// factorSolve(...held, B, x, control)
Napi::Value factor_solve(const Napi::CallbackInfo& call) {
  const double n = number(call[8]), k = number(call[9]);
  Work job = by_type(call[1], flag(call[6]), [&]<class T>() -> Work {
    return [held = Held<T>(call), b = operand<T>(call, kFactorArguments),
            x = output<T>(call[12])](JobContext& context) {
      linalg::load(b, x, Order::row_major, Part::all, context);
      held.solve(b.rows, x, b.columns);
      context.check();
      return nothing();
    };
  });
  std::vector<Napi::Value> kept = lent(call);
  kept.push_back(call[7]);
  kept.push_back(call[12]);
  return submit(call, call[13], n * n * k <= 3e5 ? Size::small : Size::wide, std::move(kept), std::move(job));
}

// factorRcond(...held, n, norm, control)
Napi::Value factor_rcond(const Napi::CallbackInfo& call) {
  const std::int64_t n = integer(call[7]);
  const double norm = number(call[8]);
  Work job = by_type(call[1], flag(call[6]), [&]<class T>() -> Work {
    return [held = Held<T>(call), n, norm](JobContext&) {
      const auto rcond = static_cast<double>(held.rcond(n, static_cast<linalg::Real<T>>(norm)));
      return value_of(rcond);
    };
  });
  return submit(call, call[9], static_cast<double>(n) <= kSmallOrder ? Size::small : Size::wide, lent(call),
                std::move(job));
}

}  // namespace

void init_factor(Napi::Env env, Napi::Object exports) {
  exports.Set("cholesky", Napi::Function::New(env, cholesky, "cholesky"));
  exports.Set("ldl", Napi::Function::New(env, ldl, "ldl"));
  exports.Set("lu", Napi::Function::New(env, lu, "lu"));
  exports.Set("determinant", Napi::Function::New(env, determinant, "determinant"));
  exports.Set("qr", Napi::Function::New(env, qr, "qr"));
  exports.Set("factorSolve", Napi::Function::New(env, factor_solve, "factorSolve"));
  exports.Set("factorRcond", Napi::Function::New(env, factor_rcond, "factorRcond"));
}

}  // namespace numcore::addon
