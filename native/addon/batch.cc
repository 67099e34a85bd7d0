// Stacks of small matrices: the edge of kernels/linalg/batch.h.
#include "kernels/linalg/batch.h"

#include <napi.h>

#include <string>

#include "addon/families.h"
#include "addon/job.h"
#include "addon/operands.h"

namespace numcore::addon {
namespace {

using linalg::Stack;

// Operations on a stack below which a second thread costs more than it saves.
constexpr double kSmallWork = 3e5;

Size size_of(double work) { return work <= kSmallWork ? Size::small : Size::wide; }

template <class T>
T* output(const Napi::Value& value) {
  return value.IsUndefined() ? nullptr : elements<T>(value).data();
}

// batch(name, a, count, rows, columns, out 1, out 2, out 3, pairs, control): name is one of inv, det,
// cholesky, eigh, svd, and its outputs are those of the kernel, in order.
Napi::Value batch(const Napi::CallbackInfo& call) {
  const std::string name = text(call[0]);
  const double side = number(call[3]), work = number(call[2]) * side * side * number(call[4]);
  std::vector<Napi::Value> kept{call[1]};
  for (std::size_t i = 5; i < 8; ++i) {
    if (!call[i].IsUndefined()) kept.push_back(call[i]);
  }
  return by_type(call[1], flag(call[8]), [&]<class T>() {
    using R = linalg::Real<T>;
    const T* a = output<T>(call[1]);
    const Stack shape{integer(call[2]), integer(call[3]), integer(call[4])};
    const auto run = [&](auto kernel) {
      return submit(call, call[9], size_of(work), kept, [=](JobContext& context) {
        kernel(context);
        return nothing();
      });
    };
    T *const x = output<T>(call[5]), *const y = output<T>(call[6]), *const z = output<T>(call[7]);
    if (name == "det") return run([=](JobContext& c) { linalg::batch_det(a, shape, x, c); });
    if (name == "cholesky") return run([=](JobContext& c) { linalg::batch_cholesky(a, shape, x, c); });
    if (name == "eigh") {
      return run(
          [=, values = output<R>(call[5])](JobContext& c) { linalg::batch_eigh(a, shape, values, y, c); });
    }
    if (name == "svd") {
      return run([=, s = output<R>(call[6])](JobContext& c) { linalg::batch_svd(a, shape, x, s, z, c); });
    }
    return run([=](JobContext& c) { linalg::batch_inv(a, shape, x, c); });
  });
}

// batchSolve(a, count, n, b, k, x, pairs, control)
Napi::Value batch_solve(const Napi::CallbackInfo& call) {
  const double n = number(call[2]), work = number(call[1]) * n * n * (n + number(call[4]));
  return by_type(call[0], flag(call[6]), [&]<class T>() {
    const Stack shape{integer(call[1]), integer(call[2]), integer(call[2])};
    return submit(call, call[7], size_of(work), {call[0], call[3], call[5]},
                  [a = output<T>(call[0]), shape, b = output<T>(call[3]), k = integer(call[4]),
                   x = output<T>(call[5])](JobContext& context) {
                    linalg::batch_solve<T>(a, shape, b, k, x, context);
                    return nothing();
                  });
  });
}

// batchMatmul(a, count, m, k, b, count, k, n, c, pairs, control)
Napi::Value batch_matmul(const Napi::CallbackInfo& call) {
  const double count = number(call[1]) > 1 ? number(call[1]) : number(call[5]);
  const double work = count * number(call[2]) * number(call[3]) * number(call[7]);
  return by_type(call[0], flag(call[9]), [&]<class T>() {
    const Stack left{integer(call[1]), integer(call[2]), integer(call[3])};
    const Stack right{integer(call[5]), integer(call[6]), integer(call[7])};
    return submit(call, call[10], size_of(work), {call[0], call[4], call[8]},
                  [a = output<T>(call[0]), left, b = output<T>(call[4]), right,
                   c = output<T>(call[8])](JobContext& context) {
                    linalg::batch_matmul<T>(a, left, b, right, c, context);
                    return nothing();
                  });
  });
}

}  // namespace

void init_batch(Napi::Env env, Napi::Object exports) {
  exports.Set("batch", Napi::Function::New(env, batch, "batch"));
  exports.Set("batchSolve", Napi::Function::New(env, batch_solve, "batchSolve"));
  exports.Set("batchMatmul", Napi::Function::New(env, batch_matmul, "batchMatmul"));
}

}  // namespace numcore::addon
