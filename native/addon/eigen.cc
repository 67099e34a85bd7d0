// Eigenvalues, singular values, matrix functions and norms: the edge of kernels/linalg/eigen.h and
// functions.h.
#include "kernels/linalg/eigen.h"

#include <napi.h>

#include <string>

#include "addon/families.h"
#include "addon/job.h"
#include "addon/operands.h"
#include "kernels/linalg/functions.h"

namespace numcore::addon {
namespace {

// Below this order a second thread costs more than it saves.
constexpr double kSmallOrder = 64;

Size size_of(const Napi::CallbackInfo& call) {
  return number(call[1]) <= kSmallOrder && number(call[2]) <= kSmallOrder ? Size::small : Size::wide;
}

// Null for an argument that is left out.
template <class T>
T* output(const Napi::Value& value) {
  return value.IsUndefined() ? nullptr : elements<T>(value).data();
}

std::vector<Napi::Value> given(std::initializer_list<Napi::Value> values) {
  std::vector<Napi::Value> result;
  for (const Napi::Value& value : values) {
    if (!value.IsUndefined()) result.push_back(value);
  }
  return result;
}

Finish number_of(double value) {
  return [value](Napi::Env env) -> Napi::Value { return Napi::Number::New(env, value); };
}

// eigh(A, kind, low, high, values, vectors or undefined, pairs, control) -> how many
Napi::Value eigh(const Napi::CallbackInfo& call) {
  const linalg::Range range{text(call[5])[0], number(call[6]), number(call[7])};
  Work job = by_type(call[0], flag(call[10]), [&]<class T>() -> Work {
    return [a = operand<T>(call, 0), range, values = output<linalg::Real<T>>(call[8]),
            vectors = output<T>(call[9])](JobContext& context) {
      return number_of(static_cast<double>(linalg::eigh(a, range, values, vectors, context)));
    };
  });
  return submit(call, call[11], size_of(call), given({call[0], call[8], call[9]}), std::move(job));
}

// eig(A, values, vectors or undefined, pairs, control)
Napi::Value eig(const Napi::CallbackInfo& call) {
  Work job = by_type(call[0], flag(call[7]), [&]<class T>() -> Work {
    using Z = std::complex<linalg::Real<T>>;
    return [a = operand<T>(call, 0), values = output<Z>(call[5]),
            vectors = output<Z>(call[6])](JobContext& context) {
      linalg::eig(a, values, vectors, context);
      return nothing();
    };
  });
  return submit(call, call[8], size_of(call), given({call[0], call[5], call[6]}), std::move(job));
}

// svd(A, full, u or undefined, s, vt or undefined, pairs, control)
Napi::Value svd(const Napi::CallbackInfo& call) {
  const bool full = flag(call[5]);
  Work job = by_type(call[0], flag(call[9]), [&]<class T>() -> Work {
    return [a = operand<T>(call, 0), full, u = output<T>(call[6]), s = output<linalg::Real<T>>(call[7]),
            vt = output<T>(call[8])](JobContext& context) {
      linalg::svd(a, full, u, s, vt, context);
      return nothing();
    };
  });
  return submit(call, call[10], size_of(call), given({call[0], call[6], call[7], call[8]}), std::move(job));
}

// schur(A, t, z, values, pairs, control)
Napi::Value schur(const Napi::CallbackInfo& call) {
  Work job = by_type(call[0], flag(call[8]), [&]<class T>() -> Work {
    return [a = operand<T>(call, 0), t = output<T>(call[5]), z = output<T>(call[6]),
            values = output<std::complex<linalg::Real<T>>>(call[7])](JobContext& context) {
      linalg::schur(a, t, z, values, context);
      return nothing();
    };
  });
  return submit(call, call[9], size_of(call), given({call[0], call[5], call[6], call[7]}), std::move(job));
}

// pinv(A, x, rcond, pairs, control) -> rank
Napi::Value pinv(const Napi::CallbackInfo& call) {
  const double rcond = number(call[6]);
  Work job = by_type(call[0], flag(call[7]), [&]<class T>() -> Work {
    return [a = operand<T>(call, 0), x = output<T>(call[5]), rcond](JobContext& context) {
      const auto rank = linalg::pinv(a, static_cast<linalg::Real<T>>(rcond), x, context);
      return number_of(static_cast<double>(rank));
    };
  });
  return submit(call, call[8], size_of(call), given({call[0], call[5]}), std::move(job));
}

// matrixFunction(A, name, x, pairs, control)
Napi::Value matrix_function(const Napi::CallbackInfo& call) {
  const bool exponential = text(call[5]) == "expm";
  Work job = by_type(call[0], flag(call[7]), [&]<class T>() -> Work {
    return [a = operand<T>(call, 0), exponential, x = output<T>(call[6])](JobContext& context) {
      exponential ? linalg::expm(a, x, context) : linalg::sqrtm(a, x, context);
      return nothing();
    };
  });
  return submit(call, call[8], size_of(call), given({call[0], call[6]}), std::move(job));
}

// matrixNorm(A, kind, pairs, control)
Napi::Value matrix_norm(const Napi::CallbackInfo& call) {
  const std::string kind = text(call[5]);
  const linalg::Norm norm = kind == "fro"   ? linalg::Norm::frobenius
                            : kind == "1"   ? linalg::Norm::one
                            : kind == "-1"  ? linalg::Norm::minus_one
                            : kind == "inf" ? linalg::Norm::infinity
                                            : linalg::Norm::minus_infinity;
  Work job = by_type(call[0], flag(call[6]), [&]<class T>() -> Work {
    return [a = operand<T>(call, 0), norm](JobContext& context) {
      return number_of(linalg::matrix_norm(a, norm, context));
    };
  });
  return submit(call, call[7], Size::small, {call[0]}, std::move(job));
}

// vectorNorm(x, p, pairs, control)
Napi::Value vector_norm(const Napi::CallbackInfo& call) {
  const double p = number(call[1]);
  Work job = by_type(call[0], flag(call[2]), [&]<class T>() -> Work {
    return
        [x = elements<const T>(call[0]), p](JobContext&) { return number_of(linalg::vector_norm<T>(x, p)); };
  });
  return submit(call, call[3], Size::small, {call[0]}, std::move(job));
}

}  // namespace

void init_eigen(Napi::Env env, Napi::Object exports) {
  exports.Set("eigh", Napi::Function::New(env, eigh, "eigh"));
  exports.Set("eig", Napi::Function::New(env, eig, "eig"));
  exports.Set("svd", Napi::Function::New(env, svd, "svd"));
  exports.Set("schur", Napi::Function::New(env, schur, "schur"));
  exports.Set("pinv", Napi::Function::New(env, pinv, "pinv"));
  exports.Set("matrixFunction", Napi::Function::New(env, matrix_function, "matrixFunction"));
  exports.Set("matrixNorm", Napi::Function::New(env, matrix_norm, "matrixNorm"));
  exports.Set("vectorNorm", Napi::Function::New(env, vector_norm, "vectorNorm"));
}

}  // namespace numcore::addon
