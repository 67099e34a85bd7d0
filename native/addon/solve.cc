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
using linalg::Method;

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

Assume to_assume(const std::string& name) {
  if (name == "general") return Assume::general;
  if (name == "symmetric") return Assume::symmetric;
  if (name == "hermitian") return Assume::hermitian;
  if (name == "positive-definite") return Assume::positive_definite;
  return Assume::automatic;
}

const char* name_of(Method method) {
  switch (method) {
    case Method::cholesky:
      return "cholesky";
    case Method::ldlt:
      return "ldlt";
    case Method::bunch_kaufman:
      return "bunch-kaufman";
    case Method::lu:
      return "lu";
  }
  return "unknown";
}

Finish finish(const linalg::SolveReport& report, bool inform) {
  if (!inform) return nothing();
  return [report](Napi::Env env) -> Napi::Value {
    Napi::Object result = Napi::Object::New(env);
    result.Set("method", name_of(report.method));
    result.Set("rcond", report.rcond);
    result.Set("residual", report.residual);
    result.Set("repaired", report.repaired);
    result.Set("positive", static_cast<double>(report.positive));
    result.Set("negative", static_cast<double>(report.negative));
    result.Set("zero", static_cast<double>(report.zero));
    result.Set("inertiaKnown", report.inertia_known);
    return result;
  };
}

// solve(A, B, x, pairs, assume, inform, control)
Napi::Value solve(const Napi::CallbackInfo& call) {
  const Assume assume = to_assume(text(call[12]));
  const bool inform = flag(call[13]);
  Work job = by_type(call[0], flag(call[11]), [&]<class T>() -> Work {
    return [a = operand<T>(call, 0), b = operand<T>(call, 5), x = output<T>(call[10]), assume,
            inform](JobContext& context) {
      return finish(linalg::solve(a, b, assume, inform, x, context), inform);
    };
  });
  return submit(call, call[14].As<Napi::Object>(), size_of(call), {call[0], call[5], call[10]},
                std::move(job));
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
  return submit(call, call[15].As<Napi::Object>(), size_of(call), {call[0], call[5], call[10]},
                std::move(job));
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
  return submit(call, call[14].As<Napi::Object>(), work <= 3e5 ? Size::small : Size::wide,
                {call[0], call[5], call[10]}, std::move(job));
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
  return submit(call, call[10].As<Napi::Object>(), Size::small, {call[0], call[1], call[2], call[3], call[8]},
                std::move(job));
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
  return submit(call, call[15].As<Napi::Object>(), size_of(call),
                {call[0], call[5], call[10], call[11], call[12]}, std::move(job));
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
