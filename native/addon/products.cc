// Products of matrices and vectors: the edge of kernels/linalg/products.h.
#include "kernels/linalg/products.h"

#include <napi.h>

#include <string>

#include "addon/families.h"
#include "addon/job.h"
#include "addon/operands.h"

namespace numcore::addon {
namespace {

using linalg::dense;
using linalg::Operand;
using linalg::Structure;

// Multiplications below which a second thread costs more than it saves.
constexpr double kSmallWork = 3e5;

Size size_of(double work) { return work <= kSmallWork ? Size::small : Size::wide; }

Structure to_structure(const Napi::Value& value) {
  const std::string name = text(value);
  if (name == "symmetric") return Structure::symmetric;
  if (name == "hermitian") return Structure::hermitian;
  if (name == "lower") return Structure::lower;
  if (name == "upper") return Structure::upper;
  if (name == "unit-lower") return Structure::unit_lower;
  if (name == "unit-upper") return Structure::unit_upper;
  return Structure::general;
}

// matmul(A, conjugateA, B, conjugateB, c, pairs, structureA, structureB, alpha re, im, beta re, im, control)
Napi::Value matmul(const Napi::CallbackInfo& call) {
  const double work = number(call[1]) * number(call[2]) * number(call[8]);
  return by_type(call[0], flag(call[13]), [&]<class T>() {
    linalg::Product<T> product{operand<T>(call, 0), operand<T>(call, 6), flag(call[5]), flag(call[11])};
    if (call[14].IsString()) {
      product.structure_a = to_structure(call[14]);
      product.structure_b = to_structure(call[15]);
    }
    product.alpha = scalar<T>(number(call[16]), number(call[17]));
    product.beta = scalar<T>(number(call[18]), number(call[19]));
    product.c = elements<T>(call[12]).data();
    return submit(call, call[20], size_of(work), {call[0], call[6], call[12]},
                  [product](JobContext& context) {
                    linalg::multiply(product, context);
                    return nothing();
                  });
  });
}

// multiply(a, b, c, m, k, n, pairs, control): c = a b, all dense and row-major. What most products are, for a
// third of the time that it takes to read the arguments of matmul().
Napi::Value multiply(const Napi::CallbackInfo& call) {
  const std::int64_t m = integer(call[3]), k = integer(call[4]), n = integer(call[5]);
  const double work = static_cast<double>(m) * static_cast<double>(k) * static_cast<double>(n);
  return by_type(call[0], flag(call[6]), [&]<class T>() {
    linalg::Product<T> product{dense(elements<const T>(call[0]).data(), m, k),
                               dense(elements<const T>(call[1]).data(), k, n)};
    product.c = elements<T>(call[2]).data();
    return submit(call, call[7], size_of(work), {call[0], call[1], call[2]}, [product](JobContext& context) {
      linalg::multiply(product, context);
      return nothing();
    });
  });
}

// gram(A, outer, c, pairs, control)
Napi::Value gram(const Napi::CallbackInfo& call) {
  const bool outer = flag(call[5]);
  const double side = number(call[outer ? 1 : 2]), work = number(call[1]) * number(call[2]) * side / 2;
  Work job = by_type(call[0], flag(call[7]), [&]<class T>() -> Work {
    return [a = operand<T>(call, 0), outer, c = elements<T>(call[6]).data()](JobContext& context) {
      linalg::gram(a, outer, c, context);
      return nothing();
    };
  });
  return submit(call, call[8], size_of(work), {call[0], call[6]}, std::move(job));
}

// matvec(A, conjugated, x, y, pairs, alpha re, im, beta re, im, control)
Napi::Value matvec(const Napi::CallbackInfo& call) {
  const double work = number(call[1]) * number(call[2]);
  Work job = by_type(call[0], flag(call[8]), [&]<class T>() -> Work {
    const auto a = operand<T>(call, 0);
    const bool conjugated = flag(call[5]);
    const T* x = elements<const T>(call[6]).data();
    T* y = elements<T>(call[7]).data();
    const T alpha = scalar<T>(number(call[9]), number(call[10])),
            beta = scalar<T>(number(call[11]), number(call[12]));
    return [=](JobContext& context) {
      linalg::multiply_vector(a, conjugated, alpha, x, beta, y, context);
      return nothing();
    };
  });
  return submit(call, call[13], size_of(work), {call[0], call[6], call[7]}, std::move(job));
}

// dot(x, y, pairs, conjugated, control) -> number or [re, im]
Napi::Value dot(const Napi::CallbackInfo& call) {
  const bool pairs = flag(call[2]), conjugated = flag(call[3]);
  const double work = static_cast<double>(call[0].As<Napi::TypedArray>().ElementLength());
  Work job = by_type(call[0], pairs, [&]<class T>() -> Work {
    return [x = elements<const T>(call[0]), y = elements<const T>(call[1]), conjugated](JobContext& context) {
      const T sum = linalg::dot<T>(x, y, conjugated, context);
      return [sum](Napi::Env env) -> Napi::Value {
        const auto re = Napi::Number::New(env, static_cast<double>(std::real(sum)));
        if constexpr (!linalg::is_complex<T>) return re;
        Napi::Object result = Napi::Object::New(env);
        result.Set("re", re);
        result.Set("im", static_cast<double>(std::imag(sum)));
        return result;
      };
    };
  });
  return submit(call, call[4], size_of(work), {call[0], call[1]}, std::move(job));
}

// outer(x, y, c, pairs, conjugated, control)
Napi::Value outer(const Napi::CallbackInfo& call) {
  const bool conjugated = flag(call[4]);
  const double work = static_cast<double>(call[2].As<Napi::TypedArray>().ElementLength());
  Work job = by_type(call[0], flag(call[3]), [&]<class T>() -> Work {
    return [x = elements<const T>(call[0]), y = elements<const T>(call[1]), c = elements<T>(call[2]).data(),
            conjugated](JobContext& context) {
      linalg::outer<T>(x, y, conjugated, c, context);
      return nothing();
    };
  });
  return submit(call, call[5], size_of(work), {call[0], call[1], call[2]}, std::move(job));
}

// kron(A, B, c, pairs, control)
Napi::Value kron(const Napi::CallbackInfo& call) {
  const double work = static_cast<double>(call[10].As<Napi::TypedArray>().ElementLength());
  Work job = by_type(call[0], flag(call[11]), [&]<class T>() -> Work {
    return [a = operand<T>(call, 0), b = operand<T>(call, 5),
            c = elements<T>(call[10]).data()](JobContext& context) {
      linalg::kronecker(a, b, c, context);
      return nothing();
    };
  });
  return submit(call, call[12], size_of(work), {call[0], call[5], call[10]}, std::move(job));
}

}  // namespace

void init_products(Napi::Env env, Napi::Object exports) {
  exports.Set("matmul", Napi::Function::New(env, matmul, "matmul"));
  exports.Set("multiply", Napi::Function::New(env, multiply, "multiply"));
  exports.Set("gram", Napi::Function::New(env, gram, "gram"));
  exports.Set("matvec", Napi::Function::New(env, matvec, "matvec"));
  exports.Set("dot", Napi::Function::New(env, dot, "dot"));
  exports.Set("outer", Napi::Function::New(env, outer, "outer"));
  exports.Set("kron", Napi::Function::New(env, kron, "kron"));
}

}  // namespace numcore::addon
