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

template <class T>
T* output(const Napi::Value& value) {
  return value.IsUndefined() ? nullptr : view<T>(value).data();
}

// batch(name, a, count, rows, columns, out 1, out 2, out 3, control): name is one of inv, det, cholesky,
// eigh, svd, and its outputs are those of the kernel, in order.
template <class T>
Work unary(const Napi::CallbackInfo& call) {
  const std::string name = text(call[0]);
  const T* a = output<T>(call[1]);
  const Stack shape{integer(call[2]), integer(call[3]), integer(call[4])};
  T* const x = output<T>(call[5]);
  T* const y = output<T>(call[6]);
  T* const z = output<T>(call[7]);
  return [=](JobContext& context) {
    if (name == "inv") linalg::batch_inv(a, shape, x, context);
    if (name == "det") linalg::batch_det(a, shape, x, context);
    if (name == "cholesky") linalg::batch_cholesky(a, shape, x, context);
    if (name == "eigh") linalg::batch_eigh(a, shape, x, y, context);
    if (name == "svd") linalg::batch_svd(a, shape, x, y, z, context);
    return nothing();
  };
}

Napi::Value batch(const Napi::CallbackInfo& call) {
  const double side = number(call[3]), work = number(call[2]) * side * side * number(call[4]);
  std::vector<Napi::Value> kept{call[1]};
  for (std::size_t i = 5; i < 8; ++i) {
    if (!call[i].IsUndefined()) kept.push_back(call[i]);
  }
  return submit(call, call[8], work <= kSmallWork ? Size::small : Size::wide, std::move(kept),
                is_float32(call[1]) ? unary<float>(call) : unary<double>(call));
}

// batchSolve(a, count, n, b, k, x, control)
template <class T>
Work solve(const Napi::CallbackInfo& call) {
  const Stack shape{integer(call[1]), integer(call[2]), integer(call[2])};
  return [a = output<T>(call[0]), shape, b = output<T>(call[3]), k = integer(call[4]),
          x = output<T>(call[5])](JobContext& context) {
    linalg::batch_solve<T>(a, shape, b, k, x, context);
    return nothing();
  };
}

Napi::Value batch_solve(const Napi::CallbackInfo& call) {
  const double n = number(call[2]), work = number(call[1]) * n * n * (n + number(call[4]));
  return submit(call, call[6], work <= kSmallWork ? Size::small : Size::wide, {call[0], call[3], call[5]},
                is_float32(call[0]) ? solve<float>(call) : solve<double>(call));
}

// batchMatmul(a, count, m, k, b, count, k, n, c, control)
template <class T>
Work multiply(const Napi::CallbackInfo& call) {
  const Stack left{integer(call[1]), integer(call[2]), integer(call[3])};
  const Stack right{integer(call[5]), integer(call[6]), integer(call[7])};
  return [a = output<T>(call[0]), left, b = output<T>(call[4]), right,
          c = output<T>(call[8])](JobContext& context) {
    linalg::batch_matmul<T>(a, left, b, right, c, context);
    return nothing();
  };
}

Napi::Value batch_matmul(const Napi::CallbackInfo& call) {
  const double count = number(call[1]) > 1 ? number(call[1]) : number(call[5]);
  const double work = count * number(call[2]) * number(call[3]) * number(call[7]);
  return submit(call, call[9], work <= kSmallWork ? Size::small : Size::wide, {call[0], call[4], call[8]},
                is_float32(call[0]) ? multiply<float>(call) : multiply<double>(call));
}

}  // namespace

void init_batch(Napi::Env env, Napi::Object exports) {
  exports.Set("batch", Napi::Function::New(env, batch, "batch"));
  exports.Set("batchSolve", Napi::Function::New(env, batch_solve, "batchSolve"));
  exports.Set("batchMatmul", Napi::Function::New(env, batch_matmul, "batchMatmul"));
}

}  // namespace numcore::addon
