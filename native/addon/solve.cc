// Linear systems and least squares: the edge of kernels/linalg/solve.h.
#include "kernels/linalg/solve.h"

#include <napi.h>

#include <string>

#include "addon/families.h"
#include "addon/job.h"
#include "addon/operands.h"

namespace numcore::addon {
namespace {

using linalg::Assume;

constexpr double kSmallOrder = 96;

Size size_of(const Napi::CallbackInfo& call) {
  const double right = number(call[1]) * number(call[1]) * number(call[kOperandArguments + 2]);
  return number(call[1]) <= kSmallOrder && number(call[2]) <= kSmallOrder && right <= 3e5 ? Size::small
                                                                                          : Size::wide;
}

template <class T>
T* output(const Napi::Value& value) {
  return elements<T>(value).data();
}

// solve(A, B, x, pairs, assume, report or undefined, control): `assume` is Assume as a number, and `report`
// gets the numbers of SolveReport, which take some work.
Napi::Value solve(const Napi::CallbackInfo& call) {
  const auto assume = static_cast<Assume>(integer(call[12]));
  double* const report = call[13].IsUndefined() ? nullptr : view<double>(call[13]).data();
  std::vector<Napi::Value> kept{call[0], call[5], call[10]};
  if (report != nullptr) kept.push_back(call[13]);
  return by_type(call[0], flag(call[11]), [&]<class T>() {
    return submit(call, call[14], size_of(call), kept,
                  [a = operand<T>(call, 0), b = operand<T>(call, 5), x = output<T>(call[10]), assume,
                   report](JobContext& context) {
                    const linalg::SolveReport r = linalg::solve(a, b, assume, report != nullptr, x, context);
                    if (report != nullptr) {
                      write_report(report, r.method, r.rcond, r.residual, r.positive, r.negative, r.zero,
                                   r.inertia_known, r.repaired);
                    }
                    return nothing();
                  });
  });
}

// solveTriangular(A, B, x, pairs, lower, transposition, unit, control)
Napi::Value solve_triangular(const Napi::CallbackInfo& call) {
  const bool lower = flag(call[12]), unit = flag(call[14]);
  const char t = text(call[13])[0];
  Work job = by_type(call[0], flag(call[11]), [&]<class T>() -> Work {
    return [a = operand<T>(call, 0), b = operand<T>(call, 5), x = output<T>(call[10]), lower, t,
            unit](JobContext& context) {
      linalg::solve_triangular(a, lower, t, unit, b, x, context);
      return nothing();
    };
  });
  return submit(call, call[15], size_of(call), {call[0], call[5], call[10]}, std::move(job));
}

// solveBanded(bands, B, x, pairs, below, above, control)
Napi::Value solve_banded(const Napi::CallbackInfo& call) {
  const std::int64_t below = integer(call[12]), above = integer(call[13]);
  const double work = number(call[2]) * number(call[1]) * (number(call[7]) + number(call[1]));
  Work job = by_type(call[0], flag(call[11]), [&]<class T>() -> Work {
    return [bands = operand<T>(call, 0), b = operand<T>(call, 5), x = output<T>(call[10]), below,
            above](JobContext& context) {
      linalg::solve_banded(bands, below, above, b, x, context);
      return nothing();
    };
  });
  return submit(call, call[14], work <= 3e5 ? Size::small : Size::wide, {call[0], call[5], call[10]},
                std::move(job));
}

// solveTridiagonal(below, diagonal, above, B, x, pairs, control)
Napi::Value solve_tridiagonal(const Napi::CallbackInfo& call) {
  Work job = by_type(call[1], flag(call[9]), [&]<class T>() -> Work {
    return [below = output<T>(call[0]), diagonal = output<T>(call[1]), above = output<T>(call[2]),
            b = operand<T>(call, 3), x = output<T>(call[8])](JobContext& context) {
      linalg::solve_tridiagonal<T>(below, diagonal, above, b, x, context);
      return nothing();
    };
  });
  // One after another whatever the threads.
  return submit(call, call[10], Size::small, {call[0], call[1], call[2], call[3], call[8]}, std::move(job));
}

// lstsq(A, B, x, residuals, singular values, pairs, rcond, control) -> rank
Napi::Value lstsq(const Napi::CallbackInfo& call) {
  const double rcond = number(call[14]);
  Work job = by_type(call[0], flag(call[13]), [&]<class T>() -> Work {
    using R = linalg::Real<T>;
    return [a = operand<T>(call, 0), b = operand<T>(call, 5), x = output<T>(call[10]),
            residuals = output<R>(call[11]), s = output<R>(call[12]), rcond](JobContext& context) {
      const auto rank = linalg::least_squares(a, b, static_cast<R>(rcond), x, residuals, s, context);
      return
          [rank](Napi::Env env) -> Napi::Value { return Napi::Number::New(env, static_cast<double>(rank)); };
    };
  });
  return submit(call, call[15], size_of(call), {call[0], call[5], call[10], call[11], call[12]},
                std::move(job));
}

}  // namespace

void init_solve(Napi::Env env, Napi::Object exports) {
  exports.Set("solve", Napi::Function::New(env, solve, "solve"));
  exports.Set("solveTriangular", Napi::Function::New(env, solve_triangular, "solveTriangular"));
  exports.Set("solveBanded", Napi::Function::New(env, solve_banded, "solveBanded"));
  exports.Set("solveTridiagonal", Napi::Function::New(env, solve_tridiagonal, "solveTridiagonal"));
  exports.Set("lstsq", Napi::Function::New(env, lstsq, "lstsq"));
}

}  // namespace numcore::addon
